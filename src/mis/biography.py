"""One person's biography: what the MIS says, which name was taken, what was sent.

National ids are never told, wherever they stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from src.config import normalize_display_name
from src.kit import stories
from src.kit.memory import IN_DOUBT, REMOVED, SUCCESSES
from src.kit.stories import Chapter, Found, Story, Teller, Token, quoted
from src.mis import hiding
from src.mis.records import (
    BACKWARD,
    HOLD,
    NAMES,
    PEOPLE,
    PLAN,
    RESTORE,
    RUNLOG,
    SYNC,
    UNLINK,
)

_PERSON = ("mis_id", "identifier", "type+identifier", "quickbooks_id")
_HANDLES = {
    PEOPLE.name: (
        *_PERSON,
        *("tracking_id", "email", "phone"),
        *("first_name+last_name", "last_name+first_name"),
    ),
    NAMES.name: ("id", "list+id", "name", "key"),
    PLAN.name: ("row", "key", *_PERSON, "name", "display_name"),
    RUNLOG.name: ("key", "request_id", "trace_id", *_PERSON, "display_name"),
    "mis_inflight.csv": ("key", "request_id"),
}
_LOGGED = {
    "action": "",
    "attempt": "attempt",
    "request_id": "request",
    "trace_id": "tid",
    "status_code": "status",
    "quickbooks_id": "customer",
    "sync_token": "SyncToken",
    "duration_ms": "ms",
}
# Of a person, what is shown; the national id is not among it.
_SHOWN = (
    "first_name last_name phone email tracking_id gender birth_country campus intake "
    "program program_mode level program_type registrations"
).split()
_STATUS = {
    "0": "not synchronized",
    "1": "synchronized",
    "2": "failed",
    "3": "in progress",
}
_LINES = ("Notes", "CustomField")  # hold the national id among much else: only named
_COLUMNS = frozenset("mis_id id quickbooks_id key".split())


def _tokens(row: Found) -> Iterator[Token]:
    if row["type"] and row["mis_id"]:
        yield f"{row['type']} of the MIS", row["mis_id"]
    if row.table == NAMES.name and row["list"] == "Customer":
        yield "customer", row["id"]
    elif row["quickbooks_id"]:
        yield "customer", row["quickbooks_id"]
    elif row.table == NAMES.name:
        yield row["list"], row["id"]
    if row["key"]:
        yield "key", row["key"]


def _ties(row: Found) -> Iterator[Token]:
    return iter(())


def _tell(rows: Sequence[Found], _: Mapping[str, str]) -> Story:
    plan = stories.of_table(rows, PLAN.name)
    log = stories.of_table(rows, RUNLOG.name)
    person = next((row for row in rows if row["mis_id"]), rows[0])
    name = next((_name(row) for row in rows if _name(row)), "")
    chapters = [
        *_source(rows),
        *_company(rows),
        *_plan(plan),
        *_decisions(plan),
        *stories.attempts(log, _LOGGED),
    ]
    title = f"{person['type'] or person['list'] or 'customer'} "
    title += f"{person['identifier'] or person['id'] or person['quickbooks_id']} {name}"
    typed = stories.first(rows, "row", "key", "tracking_id", "identifier", "id")
    story = Story(typed, title.strip(), chapters, *_present(rows, plan, log))
    return _clean(story, _secrets(rows))


def _name(row: Found) -> str:
    whole = f"{row['first_name']} {row['last_name']}".strip()
    return row["display_name"] or row["name"] or whole


def _secrets(rows: Sequence[Found]) -> set[str]:
    """Return the national ids that any of the rows holds."""
    found = {row["national_id"] for row in rows if row["national_id"]}
    for row in rows:
        for cell in ("payload", "before", "content"):
            found |= hiding.secrets_in(_json(row[cell]))
    return found


def _clean(story: Story, secrets: set[str]) -> Story:
    def said(text: str) -> str:
        return hiding.cleaned(text, secrets)

    chapters = [
        c._replace(lines=[said(line) for line in c.lines]) for c in story.chapters
    ]
    name, title, _, state, step = story
    return Story(name, said(title), chapters, said(state), said(step))


def _source(rows: Sequence[Found]) -> Iterator[Chapter]:
    for row in stories.of_table(rows, PEOPLE.name):
        lines = [f"{name}: {row[name]}" for name in _SHOWN if row[name]]
        lines.append(f"national_id: {hiding.HIDDEN}" if row["national_id"] else "")
        known = row["quickbooks_id"] and f", as customer {row['quickbooks_id']}"
        lines.append(
            f"the MIS says: {_STATUS.get(row['status'], row['status'])}{known}"
        )
        lease = row["leased_by"] and f"in the hands of {row['leased_by']}"
        yield from stories.chapter("Source", [*lines, lease, row.where])


def _company(rows: Sequence[Found]) -> Iterator[Chapter]:
    for row in stories.of_table(rows, NAMES.name):
        active = "" if row["active"] == "yes" else ", inactive"
        said = f"{row['list']} {row['id']} {quoted(row['name'])}{active}"
        mark = (
            f"carries our mark {row['key']}"
            if row["key"]
            else "carries no mark of ours"
        )
        joined = f"names are compared as {quoted(normalize_display_name(row['name']))}"
        yield from stories.chapter("In QuickBooks", [said, mark, joined, row.where])


def _plan(plan: Sequence[Found]) -> Iterator[Chapter]:
    for row in stories.applied(plan)[0]:
        renamed = (
            f"the name {quoted(row['display_name'])}, {row['rule']}" if row["rule"] else ""
        )
        taken = (
            f"{quoted(row['name'])} is taken by {row['taken_by']}" if row["taken_by"] else ""
        )
        place = f"row {row['row']}, {row.where}"
        if run := stories.run_of(row):
            place += f", applied by run {run}"
        lines = [
            row["action"],
            row["reason"] and f"because {row['reason']}",
            renamed,
            taken,
        ]
        yield from stories.chapter(
            "Plan", [*lines, *_changes(row), row["notes"], place]
        )


def _changes(row: Found) -> Iterator[str]:
    before, after = _json(row["before"]), _json(row["payload"])
    for name in row["fields"].split():
        if name in _LINES or name not in after:
            yield (
                f"{name}: sent, not shown"
                if name in after
                else f"{name}: sent in Notes"
            )
        else:
            was = f"{_plain(before[name])} → " if name in before else ""
            yield f"{name}: {was}{_plain(after[name])}"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(str(one) for one in value.values())
    return str(value)


def _json(text: str) -> dict[str, object]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _decisions(plan: Sequence[Found]) -> Iterator[Chapter]:
    lines = [f"{row['decision']} (row {row['row']})" for row in plan if row["decision"]]
    yield from stories.chapter("Decision", lines)


def _present(
    rows: Sequence[Found], plan: Sequence[Found], log: Sequence[Found]
) -> tuple[str, str]:
    last = stories.last_outcome(log)
    row = next((row for row in reversed(plan) if row.place == PLAN.place), None)
    word = stories.decision(row) if row else ""
    if last and last["outcome"] == IN_DOUBT:
        return (
            f"nobody knows how its last attempt ended: {last['error']}",
            RUNLOG.made_by,
        )
    if row and (word == HOLD or (row["action"] == HOLD and not word)):
        step = f"decide row {row['row']} in {PLAN.place}, then {RUNLOG.made_by}"
        return f"it waits for a person: {row['reason'] or 'as decided'}", step
    said, step = _became(rows, plan, last, RUNLOG.made_by if row else PLAN.made_by)
    if row and word == stories.SKIP:
        return f"{said}; left as it is, as decided in row {row['row']}", "nothing to do"
    if row and row in stories.applied(plan, log)[1]:
        if not last:
            return f"planned ({row['action']}) and never sent", RUNLOG.made_by
        if last["outcome"] in (*SUCCESSES, REMOVED):
            return f"{said}; planned since and not sent: {row['action']}", RUNLOG.made_by
    return said, step


def _became(
    rows: Sequence[Found], plan: Sequence[Found], last: Found | None, again: str
) -> tuple[str, str]:
    """Return what has become of a person so far; `again` is what is next if it failed."""
    if last and last["outcome"] == REMOVED:
        known = f"customer {last['quickbooks_id']}"
        became = "carries no mark of ours" if last["action"] == UNLINK else "is inactive"
        said = f"taken back by run {last['run_id']} on {stories.when(last['ts'])}"
        return f"{said}: {known} {became}", SYNC
    if last and last["outcome"] in SUCCESSES:
        on = stories.when(last["ts"])
        said = f"{last['outcome']} as customer {last['quickbooks_id']} on {on}"
        if differing := _put_back(plan, last):
            said = f"put back by run {last['run_id']} on {on}, differs from the MIS in "
            return said + differing, f"edit it in the MIS if that is to be sent, then {SYNC}"
        note = f"; {last['error']}" if last["error"] else ""
        return f"{said}{note}", "nothing to do"
    if last:
        return f"{last['outcome']}: {last['error']}".rstrip(": "), again
    if stories.of_table(rows, PEOPLE.name):
        return "the MIS has it, and nothing is planned", PLAN.made_by
    return "only QuickBooks has it", "nothing to do"


def _put_back(plan: Sequence[Found], last: Found) -> str:
    """Return the fields that an undo has given another value than the MIS's."""
    back = [row for row in plan if row["key"] == last["key"]]
    if last["action"] != RESTORE or not back:
        return ""
    meant: dict[str, object] = {}
    for row in plan:
        if row["action"] not in BACKWARD:
            meant.update(_json(row["payload"]))
    sent = _json(back[-1]["payload"])
    return ", ".join(name for name in sent if sent[name] != meant.get(name))


TELLER = Teller(
    _HANDLES, (stories.fold, stories.bare, normalize_display_name), _tokens, _ties, _COLUMNS, _tell
)
