"""One customer's biography: its line of the export, the rungs tried, its end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from src.config import normalize_customer_name
from src.customers.ladder import RUNGS, new_id
from src.customers.records import (
    BY_ID,
    CHECKED,
    HOLD,
    IN_FILE,
    NOWHERE,
    PLAN,
    REJECTS,
    REPEATED,
    RUNLOG,
    SKIP,
    STALE,
    UNCHANGED,
)
from src.kit import judgements, stories
from src.kit.importing import BATCH, REJECTED
from src.kit.stories import Chapter, Found, Story, Teller, Token, quoted

EXPORT = "export of customers"
_HANDLES = {
    EXPORT: ("customer name", "Customer Name", "QuickBooks Internal Id"),
    CHECKED.name: ("quickbooks_id", "name"),
    PLAN.name: ("row", "quickbooks_id", "name", "customer_id"),
    RUNLOG.name: ("key",),
    REJECTS.name: ("original",),
    judgements.TABLE.name: (),
}
_LOGGED = {"category": "", "key": "", "line": "line", "file": "of"}
_COLUMNS = frozenset("key quickbooks_id name customer_id line file subject".split())


def _tokens(row: Found) -> Iterator[Token]:
    """Yield what a row is of: a QuickBooks id, else a name; and a line of a file."""
    if row.table == judgements.TABLE.name:
        return
    quickbooks_id = row["quickbooks_id"] or row["QuickBooks Internal Id"]
    name = row["name"] or row["Customer Name"]
    if row.table == RUNLOG.name:
        if row["outcome"] == BATCH:
            return
        if row["key"]:
            yield _customer(row["key"])
    elif quickbooks_id:
        yield "customer", quickbooks_id
    elif name:
        yield _customer(name)
        yield "customer", new_id("", name.strip(" "))
    if row["customer_id"]:
        yield "customer", row["customer_id"]
    file = row["file"] or row.of
    if row["line"].isdigit() and file:
        yield f"line of {file}", row["line"]


def _customer(name: str) -> Token:
    """Return what stands for a name, or for an id that may stand where names do."""
    if name[:1].isdigit() and " " not in name:
        return "customer", name
    return "named", normalize_customer_name(name) or name


def _ties(row: Found) -> Iterator[Token]:
    if row.table == judgements.TABLE.name:
        quickbooks_id, _, rest = row["subject"].partition("|")
        yield "judged", quickbooks_id or rest.partition("|")[0]
        return
    quickbooks_id = row["quickbooks_id"] or row["QuickBooks Internal Id"]
    if judged := quickbooks_id or row["name"] or row["Customer Name"]:
        yield "judged", judged
    if row["file"] or row.of:
        yield "file", row["file"] or row.of


def stored_ids(rows: Sequence[Found]) -> list[str]:
    """Return under which ids the customer may be stored, the likeliest first."""
    planned = [row["customer_id"] for row in rows]
    known = [text for row in rows for kind, text in _tokens(row) if kind == "customer"]
    return list(dict.fromkeys(filter(None, [*planned, *known])))


def _tell(rows: Sequence[Found], stored: Mapping[str, str]) -> Story:
    plan = stories.of_table(rows, PLAN.name)
    lines = {(row.of, row["line"]) for row in rows if row.table != RUNLOG.name}
    log = stories.imported(stories.of_table(rows, RUNLOG.name), lines)
    told = [*plan, *rows]
    name = stories.first(told, "name", "Customer Name", "key") or rows[0].where
    quickbooks_id = stories.first(told, "quickbooks_id", "QuickBooks Internal Id")
    chapters = [
        *_source(rows),
        *_normalization(rows),
        *_ladder(plan),
        *_plan(plan),
        *_decisions(plan, rows),
        *stories.attempts(log, _LOGGED),
        *_stored(stored),
    ]
    title = f"{name}{f', QuickBooks id {quickbooks_id}' if quickbooks_id else ''}"
    typed = stories.first(plan, "row") or quickbooks_id or name
    return Story(typed, title, chapters, *_present(plan, log, stored))


def _source(rows: Sequence[Found]) -> Iterator[Chapter]:
    for row in stories.of_table(rows, EXPORT):
        said = (
            f"{quoted(row['Customer Name'])}, id {row['QuickBooks Internal Id'] or '(none)'}"
        )
        modified = f"modified {row['Modified Date']}" if row["Modified Date"] else ""
        yield from stories.chapter("Source", [said, modified, row.where])
    for row in stories.of_table(rows, REJECTS.name):
        said = f"rejected: {row['column']} {row['reason']}"
        place = f"{row['file']} line {row['line']}"
        yield from stories.chapter("Source", [said, row["original"][:200], place])


def _normalization(rows: Sequence[Found]) -> Iterator[Chapter]:
    for row in stories.of_table(rows, CHECKED.name):
        joined_by = normalize_customer_name(row["name"])
        lines = [f"the name {quoted(row['name'])} is joined by {quoted(joined_by)}"]
        names = ("emails", "phones", "billing_state", "status", "terms", "credit_limit")
        lines += [f"{name}: {row[name]}" for name in names if row[name]]
        lines += [row["warnings"] and f"warned: {row['warnings']}", row.where]
        yield from stories.chapter("Normalization", lines)


def _ladder(plan: Sequence[Found]) -> Iterator[Chapter]:
    """Yield each rung, and why it did or did not match."""
    for row in plan:
        rung, found = row["rung"], row["customer_id"] or row["candidates"]
        if rung == IN_FILE:
            said = [f"decided among the rows of the file: {row['reason']}"]
            yield from stories.chapter("Rungs tried", said)
            continue
        stop = RUNGS.index(rung) if rung in RUNGS else len(RUNGS)
        lines = []
        for number, one in enumerate(RUNGS):
            if number > stop:
                lines.append(f"{one}: not needed")
            elif number == stop:
                match = f" {quoted(row['matched_name'])}" if row["matched_name"] else ""
                lines.append(f"{one}: found {found}{match}")
            else:
                lines.append(f"{one}: {_why_not(one, row)}")
        if rung == NOWHERE:
            lines.append("so it is a new customer")
        yield from stories.chapter("Rungs tried", lines)


def _why_not(rung: str, row: Found) -> str:
    if rung == RUNGS[0]:
        return "nobody has decided about it"
    if rung == BY_ID:
        known = row["quickbooks_id"]
        return (
            f"no stored customer has {known}"
            if known
            else "the row has no QuickBooks id"
        )
    return "no stored customer has it"


def _plan(plan: Sequence[Found]) -> Iterator[Chapter]:
    for row in plan:
        why = f"because {row['reason']}" if row["reason"] else ""
        candidates = row["candidates"] and f"candidates: {row['candidates']}"
        lines = [
            row["action"],
            why,
            candidates,
            *_changes(row),
            f"row {row['row']}, {row.where}",
        ]
        yield from stories.chapter("Plan", lines)


def _changes(row: Found) -> Iterator[str]:
    before, after = (_json(row[name]) for name in ("before", "after"))
    for name, value in after.items():
        was = f"{quoted(before[name])} → " if name in before else ""
        yield f"{name}: {was}{quoted(value)}"


def _json(text: str) -> dict[str, object]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _decisions(plan: Sequence[Found], rows: Sequence[Found]) -> Iterator[Chapter]:
    lines = [f"{row['decision']} (row {row['row']})" for row in plan if row["decision"]]
    for row in stories.of_table(rows, judgements.TABLE.name):
        asked = f", asked because {row['question']}" if row["question"] else ""
        lines.append(
            f"{stories.when(row['ts'])}  {row['verdict']}{asked} ({row.where})"
        )
    yield from stories.chapter("Decision", lines)


def _stored(stored: Mapping[str, str]) -> Iterator[Chapter]:
    lines = [
        f"{name}: {value}" for name, value in stored.items() if name != "source_data"
    ]
    yield from stories.chapter("Stored now", lines)


def _present(
    plan: Sequence[Found], log: Sequence[Found], stored: Mapping[str, str]
) -> tuple[str, str]:
    there = f"stored as {stored['id']}" if stored.get("id") else "not stored"
    if stories.NO_ANSWER in stored:
        there = "nobody knows whether it is stored: the database does not answer"
    said, step = _planned(plan[-1], log) if plan else _unplanned(log)
    return f"{there}; {said}", step


def _planned(row: Found, log: Sequence[Found]) -> tuple[str, str]:
    """Return what the present plan makes of a customer, and whether that is done."""
    last = log[-1] if log else None
    action, word = row["action"], stories.decision(row)
    if word == SKIP:
        return "it is left out, as decided", "nothing to do"
    if word == HOLD or (action == HOLD and not word):
        step = f"decide row {row['row']} in {PLAN.place}, then {RUNLOG.made_by}"
        return f"it waits for a person: {row['reason'] or 'as decided'}", step
    if action in (UNCHANGED, REPEATED, STALE, SKIP) and not word:
        return f"{action}, so nothing changes", "nothing to do"
    if last and last["outcome"] == BATCH and row.of in ("", last["file"]):
        return f"{action} in a batch on {stories.when(last['ts'])}", "nothing to do"
    decided = f", decided {word}" if word else ""
    return f"planned: {action}{decided}", RUNLOG.made_by


def _unplanned(log: Sequence[Found]) -> tuple[str, str]:
    """Return what became of a customer of which the present plan has no row."""
    last = log[-1] if log else None
    mend = f"mend the export, then {CHECKED.made_by}"
    if last and last["outcome"] == REJECTED:
        return f"its line was rejected: {last['category']} {last['error']}", mend
    if last and last["outcome"] == BATCH:
        return f"stored in a batch on {stories.when(last['ts'])}", "nothing to do"
    if last:
        said = f"{last['outcome']} on {stories.when(last['ts'])}: {last['error']}"
        return f"{said}; the present plan has no row of it", mend
    return "no plan has it", CHECKED.made_by


TELLER = Teller(
    _HANDLES, (stories.fold, normalize_customer_name), _tokens, _ties, _COLUMNS, _tell
)
