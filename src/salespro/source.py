"""What an export says in columns without a home, beside what is stored of them."""

from __future__ import annotations

import json
from collections.abc import Set
from functools import lru_cache


@lru_cache(maxsize=4096)  # rows mostly say one of a few things there
def blended(stored: str, read: str, header: Set[str]) -> tuple[str, bool]:
    """Return what is stored once the row counts, and whether the two contradict.

    `header` has the columns of the file: one that it lacks keeps what is stored, one
    that a row leaves blank becomes blank. Both texts are JSON objects, blanks left out.

    >>> blended('{"a": "1", "b": "2"}', '{"c": "3"}', frozenset("bc"))
    ('{"a": "1", "c": "3"}', True)
    """
    old, new = json.loads(stored), json.loads(read)
    known = {name: cell for name, cell in old.items() if name in header}
    kept = {name: cell for name, cell in old.items() if name not in header}
    contradicts = any(new.get(name) != cell for name, cell in known.items())
    return json.dumps({**kept, **new}, ensure_ascii=False, sort_keys=True), contradicts
