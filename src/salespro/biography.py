"""One appointment's biography: its lines of the exports, and what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from src.kit import stories
from src.kit.database import Database, Staging
from src.kit.importing import BATCH, FLAGGED
from src.kit.stories import Chapter, Found, Story, Teller, Token, quoted
from src.salespro.records import PLAN, REJECTS, RUNLOG
from src.salespro.shapes import APPOINTMENTS

EXPORT = "export of appointments"
_HANDLES = {
    EXPORT: ("_id", "customer.estimateName", "customer.nameFirst+customer.nameLast"),
    PLAN.name: ("id",),
    RUNLOG.name: ("key",),
    REJECTS.name: ("original",),
}
_LOGGED = {"category": "", "line": "line", "file": "of"}
_SHOWN = (
    "_created_at _updated_at isSale resultFullString saleAmount salesrep.email".split()
)
_WANTED = Staging("wanted", (("id", "varchar(50) PRIMARY KEY"),))
_COLUMNS = frozenset("id key line file".split())


def _tokens(row: Found) -> Iterator[Token]:
    if row["outcome"] == BATCH:
        return
    if appointment := row["_id"] or row["id"] or row["key"]:
        yield "appointment", appointment
    file = row["file"] or row.of
    if row["line"].isdigit() and file:
        yield f"line of {file}", row["line"]


def _ties(row: Found) -> Iterator[Token]:
    if row["file"] or row.of:
        yield "file", row["file"] or row.of


def stored(database: Database, rows: Sequence[Found]) -> Mapping[str, str]:
    """Return the stored fields of the appointment that some rows are of."""
    ids = {text for row in rows for kind, text in _tokens(row) if kind == "appointment"}
    fields = (APPOINTMENTS.key, *APPOINTMENTS.fields)
    columns = ", ".join(f"a.{field.name}" for field in fields)
    database.stage(_WANTED)
    database.load(_WANTED, [(one,) for one in sorted(ids)])
    query = (
        f"SELECT {columns} FROM wanted JOIN {APPOINTMENTS.table} a ON a.id = wanted.id"
    )
    found = list(database.rows(query, "".join(field.letter for field in fields)))
    values = found[0] if found else ()
    return {f.name: str(v) for f, v in zip(fields, values) if v is not None}


def _tell(rows: Sequence[Found], known: Mapping[str, str]) -> Story:
    texts = [
        text for row in rows for kind, text in _tokens(row) if kind == "appointment"
    ]
    name = texts[0] if texts else rows[0].where
    exports = stories.of_table(rows, EXPORT)
    lines = {(row.of, row["line"]) for row in exports}
    log = stories.imported(stories.of_table(rows, RUNLOG.name), lines)
    plan = stories.of_table(rows, PLAN.name)
    said = [f"{field}: {value}" for field, value in known.items()]
    chapters = [
        *_source(rows),
        *_plan(plan),
        *stories.attempts(log, _LOGGED),
        *stories.chapter("Stored now", said),
    ]
    estimate = next((row["customer.estimateName"] for row in exports), "")
    title = f"appointment {name}{f', {estimate}' if estimate else ''}"
    return Story(name, title, chapters, *_present(plan, log, known))


def _source(rows: Sequence[Found]) -> Iterator[Chapter]:
    for row in stories.of_table(rows, EXPORT):
        said = [f"{name}: {row[name]}" for name in _SHOWN if row[name]]
        yield from stories.chapter("Source", [row.where, *said], row["_updated_at"])
    for row in stories.of_table(rows, REJECTS.name):
        place = f"{row['file']} line {row['line']}"
        said = f"rejected: {row['column']} {row['reason']}"
        yield from stories.chapter("Source", [said, row["original"][:200], place])


def _plan(plan: Sequence[Found]) -> Iterator[Chapter]:
    lines = []
    for row in plan:
        change = (
            f" {row['field']}: {quoted(row['before'])} → {quoted(row['after'])}"
            if row["field"]
            else ""
        )
        why = f" ({row['reason']})" if row["reason"] else ""
        lines.append(f"{row['action']}{change}{why}")
    yield from stories.chapter("Preview", [*lines, *(row.where for row in plan[:1])])


def _present(
    plan: Sequence[Found], log: Sequence[Found], known: Mapping[str, str]
) -> tuple[str, str]:
    last = max(log, key=lambda row: row["ts"], default=None)
    if last and last["outcome"] not in (BATCH, FLAGGED, "stale"):
        said = f"{last['outcome']}: {last['error']}"
        there = "an earlier state is stored" if known.get("id") else _missing(known)
        return (
            f"{there}; {said}",
            f"mend it in SalesPro and export again: {RUNLOG.made_by}",
        )
    if known.get("id"):
        changed = stories.when(known.get("updated_at", ""))
        return f"it is stored, as of {changed or 'an unknown time'}", "nothing to do"
    return _missing(known), RUNLOG.made_by


def _missing(known: Mapping[str, str]) -> str:
    if stories.NO_ANSWER in known:
        return "nobody knows whether it is stored: the database does not answer"
    return "it is not stored"


TELLER = Teller(_HANDLES, (stories.fold, str.strip), _tokens, _ties, _COLUMNS, _tell)
