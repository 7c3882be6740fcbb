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
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|/\*.*?\*/|\w+|\S""", re.DOTALL
)
_UPDATE = re.compile(r"\s*UPDATE\b", re.IGNORECASE)
_INTEGER = re.compile(r"\bAS\s+(?:BIGINT|INTEGER)(?=\s*\))", re.IGNORECASE)
_DISTINCT = re.compile(r"\bIS\s+(NOT\s+)?DISTINCT\s+FROM\b", re.IGNORECASE)
# What ends the right side of a comparison, where no parenthesis does.
_ENDS = set(
    "AND OR THEN ELSE END WHEN WHERE ORDER GROUP HAVING LIMIT UNION FROM AS FOR , ;".split()
)
_DEFINITION = re.compile(
    r"\s*(?:ALTER|RENAME|TRUNCATE|CREATE(?!(?:\s+OR\s+REPLACE)?\s+TEMP)|DROP(?!\s+TEMP))",
    re.IGNORECASE,
)


def kind(sql_type: str) -> str:
    """Return the type of a staging table's column."""
    return _KINDS.get(sql_type.lower(), sql_type)


def is_definition(statement: str) -> bool:
    """Return whether a statement defines a table, which ends the open transaction."""
    return bool(_DEFINITION.match(statement))


def translated(statement: str) -> str:
    """Return a statement in which what MySQL says in its own way is said so.

    That is `IS [NOT] DISTINCT FROM`, `CAST(… AS BIGINT)` and `UPDATE … FROM`.
    """
    while found := _DISTINCT.search(statement):
        statement = _compared(statement, found)
    statement = _INTEGER.sub("AS SIGNED", statement)
    update = _UPDATE.match(statement)
    return _joined(statement, update.end()) if update else statement


def _compared(statement: str, found: re.Match) -> str:
    """Return `a IS DISTINCT FROM b` as `a <=> b = 0`, which means `(a <=> b) = 0`."""
    before, after = statement[: found.start()], statement[found.end() :]
    if found[1]:
        return f"{before}<=>{after}"
    ends = (
        at for at, token, depth in _tokens(after) if depth < 0 or _ends(token, depth)
    )
    end = next(ends, len(after))
    return f"{before}<=>{after[:end].rstrip()} = 0 {after[end:]}"


def _ends(token: str, depth: int) -> bool:
    return not depth and token.upper() in _ENDS


def _joined(statement: str, start: int) -> str:
    """Return `UPDATE t SET a = … FROM s WHERE …` as `UPDATE t, s SET t.a = … WHERE …`."""
    marks = [
        (at, token.upper()) for at, token, depth in _tokens(statement) if not depth
    ]
    places = {token: at for at, token in reversed(marks)}
    if not 0 < places.get("SET", 0) < places.get("FROM", 0):
        return statement
    set_, from_ = places["SET"], places["FROM"]
    where = places.get("WHERE", len(statement))
    target = statement[start:set_].strip()
    name = [token for _, token, _ in _tokens(target)][-1]
    commas = [at for at, token in marks if token == "," and set_ < at < from_]
    edges = zip([set_ + 3, *(at + 1 for at in commas)], [*commas, from_])
    changes = ", ".join(f"{name}.{statement[a:b].strip()}" for a, b in edges)
    sources = statement[from_ + 4 : where].strip()
    return f"UPDATE {target}, {sources}\nSET {changes}\n{statement[where:]}"


def _tokens(statement: str) -> Iterator[tuple[int, str, int]]:
    """Yield each token: where it begins, and in how many parentheses it stands."""
    depth = 0
    for token in _TOKEN.finditer(statement):
        depth -= token[0] == ")"
        yield token.start(), token[0], depth
        depth += token[0] == "("
