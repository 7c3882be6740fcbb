"""The SQL that SQLite and PostgreSQL share, as MySQL says it."""

from __future__ import annotations

import re
from collections.abc import Iterator

_KINDS = {
    "text": "LONGTEXT",  # MySQL's TEXT ends at 64 kB
    "json": "JSON",
    "jsonb": "JSON",
    "datetime": "DATETIME(6)",
    "timestamp": "DATETIME(6)",
    "timestamptz": "DATETIME(6)",
}
_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|/\*.*?\*/|\w+|\S""", re.S
)
_UPDATE = re.compile(r"\s*UPDATE\b", re.IGNORECASE)
_DEFINITION = re.compile(
    r"\s*(?:ALTER|RENAME|TRUNCATE|(?:CREATE|DROP)(?!.{0,20}?\bTEMP))\b", re.I | re.S
)


def kind(sql_type: str) -> str:
    """Return the type of a staging table's column."""
    return _KINDS.get(sql_type.lower(), sql_type)


def is_definition(statement: str) -> bool:
    """Return whether a statement ends the open transaction, as MySQL's do."""
    return bool(_DEFINITION.match(statement))


def translated(statement: str) -> str:
    """Return `UPDATE t SET a = … FROM s WHERE …` as MySQL's `UPDATE t, s SET t.a = …`."""
    update = _UPDATE.match(statement)
    if not update:
        return statement
    marks = list(_top_level(statement))
    set_ = next((m for m in marks if _is(m, "SET")), None)
    from_ = next(
        (m for m in marks if set_ and m.start() > set_.end() and _is(m, "FROM")), None
    )
    if not set_ or not from_:
        return statement
    target = statement[update.end() : set_.start()].strip()
    where = next(
        (m for m in marks if m.start() > from_.end() and _is(m, "WHERE")), None
    )
    end = where.start() if where else len(statement)
    commas = [
        m.start()
        for m in marks
        if m[0] == "," and set_.end() < m.start() < from_.start()
    ]
    edges = [set_.end(), *(at + 1 for at in commas)], [*commas, from_.start()]
    name = list(_TOKEN.finditer(target))[-1][0]
    parts = [f"{name}.{statement[a:b].strip()}" for a, b in zip(*edges)]
    sources = statement[from_.end() : end].strip()
    return f"UPDATE {target}, {sources}\nSET {', '.join(parts)}\n{statement[end:]}"


def _is(token: re.Match, word: str) -> bool:
    return token[0].upper() == word


def _top_level(statement: str) -> Iterator[re.Match]:
    """Yield the tokens that stand in no parentheses."""
    depth = 0
    for token in _TOKEN.finditer(statement):
        depth -= token[0] == ")"
        if not depth:
            yield token
        depth += token[0] == "("
