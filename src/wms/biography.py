"""One record's biography on both sides: what each has, and which value won."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from src.kit import judgements, stories
from src.kit.memory import IN_DOUBT, SUCCESSES
from src.kit.stories import Chapter, Found, Story, Teller, Token, quoted
from src.wms.fields import KINDS
from src.wms.records import (
    CREATE,
    DECIDED,
    HOLD,
    LINK,
    PLAN,
    REJECTS,
    RUNLOG,
    SENT,
    SYNC,
    UNDO,
    UPDATE,
)

_LOGGED = {
    "action": "",
    "target": "in",
    "fields": "",
    "attempt": "attempt",
    "request_id": "request",
    "status_code": "status",
    "revision": "revision",
    "duration_ms": "ms",
}
_KINDS = {
    f"{side}_{kind.name}.csv": (side, kind)
    for side in ("wms", "qbd", "wms_base")
    for kind in KINDS.values()
}
_IDS = ("wms_id", "id")
_TYPED = ("type+wms_id", "type+id")
_NAMES = ("name", "ref_number", "full_name")
_HANDLES = {
    **{table: (*_IDS, "name", "full_name", "ref_number") for table in _KINDS},
    PLAN.name: ("row", *_IDS, *_TYPED, "name"),
    DECIDED.name: ("row", *_IDS, *_TYPED, "name"),
    RUNLOG.name: ("key", "request_id", *_IDS, *_TYPED, "name"),
    REJECTS.name: _IDS,
    SENT.name: ("key",),
    "wms_inflight.csv": ("key", "request_id"),
}
_SIDES = {"wms": "the warehouse", "qbd": "QuickBooks", "wms_base": "the base"}
_TITLES = {"wms": "Warehouse", "qbd": "QuickBooks", "wms_base": "Both agreed"}
_COLUMNS = frozenset("wms_id id key subject".split())


def _tokens(row: Found) -> Iterator[Token]:
    if row.table == judgements.TABLE.name:
        return
    kind = row["kind"] or (_KINDS[row.table][1].name if row.table in _KINDS else "")
    for name in _IDS:
        if row[name] and kind:
            yield f"{kind} {name}", row[name]
    if row["key"]:
        yield "key", row["key"]


def _ties(row: Found) -> Iterator[Token]:
    if row.table == judgements.TABLE.name:
        for word in row["subject"].split("|"):
            if word:
                yield "judged", word
    else:
        yield from (("judged", row[name]) for name in _IDS if row[name])


def _tell(rows: Sequence[Found], _: Mapping[str, str]) -> Story:
    log = stories.of_table(rows, RUNLOG.name)
    plan = stories.of_table(rows, PLAN.name, DECIDED.name)
    wms_id, id_ = (stories.first(reversed(rows), name) for name in _IDS)
    name = stories.first(rows, *_NAMES)
    said = [wms_id and f"warehouse {wms_id}", id_ and f"QuickBooks {id_}"]
    sides = ", ".join(filter(None, said)) or "known by its key alone"
    chapters = [
        *_sides(rows),
        *_plan(plan),
        *_decisions(plan, rows),
        *stories.attempts(log, _LOGGED),
        *_rejected(rows),
    ]
    typed = wms_id or id_ or stories.first(rows, "key")
    called = [_kind(rows).replace("_", " "), name and quoted(name), f"({sides})"]
    title = " ".join(filter(None, called))
    return Story(typed, title, chapters, *_present(plan, log, rows))


def _kind(rows: Sequence[Found]) -> str:
    of_sides = (_KINDS[row.table][1].name for row in rows if row.table in _KINDS)
    return stories.first(rows, "kind") or next(of_sides, "record")


def _sides(rows: Sequence[Found]) -> Iterator[Chapter]:
    """Yield what each side has, and when it was last changed there."""
    first: Found | None = None
    for side, said in _TITLES.items():
        for row in rows:
            if row.table in _KINDS and _KINDS[row.table][0] == side:
                yield from stories.chapter(said, _side(row, first))
                first = first or row


def _side(row: Found, first: Found | None) -> Iterator[str]:
    times = {"created_at": "created", "updated_at": "changed", "agreed_at": "agreed"}
    told = [
        f"{said} {stories.when(row[name])}" for name, said in times.items() if row[name]
    ]
    revision = row["revision_number"] and f"revision {row['revision_number']}"
    yield ", ".join(filter(None, [*told, revision]))
    if row["deleted_at"]:
        yield f"deleted in QuickBooks on {stories.when(row['deleted_at'])}"
    names = [field.name for field in _KINDS[row.table][1].fields]
    if first:
        other = [f"{name}={quoted(row[name])}" for name in names if row[name] != first[name]]
        yield f"has {', '.join(other)}" if other else "has the same values"
    else:
        yield ", ".join(f"{name}={quoted(row[name])}" for name in names if row[name])
    yield f"as fetched: {row.where}"


def _plan(plan: Sequence[Found]) -> Iterator[Chapter]:
    """Yield the cards: applied ones by their run, then those that wait."""
    told, _ = stories.applied(plan)
    for place in dict.fromkeys(row.place for row in told):
        cards = [row for row in told if row.place == place]
        lines = [line for row in cards for line in _card(row)]
        run = stories.run_of(cards[0])
        lines.append(f"{place}, applied by run {run}" if run else place)
        yield from stories.chapter("Plan", lines)


def _card(row: Found) -> Iterator[str]:
    to = f" in {_SIDES[row['target']]}" if row["target"] in _SIDES else ""
    why = f": {row['reason']}" if row["reason"] else ""
    what = f"{row['action']} {row['field']}".rstrip()
    yield f"{what}{to}{why} (row {row['row']})"
    if row["field"]:
        base, here, there = (row[name] for name in ("base", "wms", "qbd"))
        yield f"  base {quoted(base)}, warehouse {quoted(here)}, QuickBooks {quoted(there)}"
    winner = _SIDES.get(row["winner"], "")
    lost = f", and {quoted(row['discarded'])} is lost" if row["discarded"] else ""
    if winner:
        yield f"  {winner} wins by the rule {row['rule']}{lost}"


def _decisions(plan: Sequence[Found], rows: Sequence[Found]) -> Iterator[Chapter]:
    lines = [
        f"{row['decision']} (row {row['row']}, {row.place})"
        for row in plan
        if row["decision"]
    ]
    for row in stories.of_table(rows, judgements.TABLE.name):
        asked = f"asked because {row['question']}"
        lines.append(f"{stories.when(row['ts'])}  {row['verdict']}, {asked}")
    yield from stories.chapter("Decision", lines)


def _rejected(rows: Sequence[Found]) -> Iterator[Chapter]:
    for row in stories.of_table(rows, REJECTS.name):
        yield from stories.chapter("Rejected", [row["reason"], row.where])


def _present(
    plan: Sequence[Found], log: Sequence[Found], rows: Sequence[Found]
) -> tuple[str, str]:
    last = log[-1] if log else None
    if last and last["outcome"] == IN_DOUBT:
        return (
            f"nobody knows how its last attempt ended: {last['error']}",
            RUNLOG.made_by,
        )
    if found := _planned(plan, log):
        return found
    if stories.of_table(rows, REJECTS.name):
        return (
            "it cannot be read in the warehouse",
            f"mend it there, then {REJECTS.made_by}",
        )
    is_fetched = not last or _is_fetched(rows, last)
    is_done = bool(last) and last["outcome"] in SUCCESSES
    if last and is_done and not is_fetched:
        return _carried_out(last)
    differing = _differing(rows)
    if last and not is_done and (not is_fetched or differing != "" or _has_lines(last)):
        said = f"last: {last['outcome']}, {last['error']}".rstrip(", ")
        return f"{said}; {PLAN.place} has no row of it", PLAN.made_by
    if differing:
        return f"the two sides differ in {differing}, and nothing is planned", SYNC
    return _at_rest(rows, last)


def _carried_out(last: Found) -> tuple[str, str]:
    """Return the present of a record that nobody has fetched since it was written."""
    on = stories.when(last["ts"])
    if last["action"] == UNDO:
        which = f" in {last['fields']}" if last["fields"] else ""
        said = f"QuickBooks was put back by run {last['run_id']} on {on}{which}"
        return f"{said}; the warehouse was not yet", SYNC
    side = f" in {_SIDES[last['target']]}" if last["target"] in _SIDES else ""
    since = f"nothing is planned since it was {last['outcome']}{side} on {on}"
    if last["action"] in (CREATE, UPDATE, LINK):
        return f"both sides have it, and {since}", "nothing to do"
    return f"{last['action']}{side} is done, and {since}", "nothing to do"


def _has_lines(row: Found) -> bool:
    return row["kind"] in KINDS and bool(KINDS[row["kind"]].lines)


def _planned(
    plan: Sequence[Found], log: Sequence[Found]
) -> tuple[str, str] | None:
    """Return what waits in the present plan, nothing if it is carried out or has none."""
    present = [row for row in plan if row.place == PLAN.place]
    for row in present:
        word = stories.decision(row)
        if word == HOLD or (row["action"] == HOLD and not word):
            step = f"decide row {row['row']} in {PLAN.place}, then {RUNLOG.made_by}"
            return f"it waits for a person: {row['reason'] or 'as decided'}", step
    _, waiting = stories.applied(plan, log)
    waiting = [row for row in waiting if row.place == PLAN.place]
    goes = [row for row in waiting if stories.decision(row) != stories.SKIP]
    if goes:
        return f"{len(goes)} change(s) are planned and not applied", RUNLOG.made_by
    if left := [row["row"] for row in present if stories.decision(row) == stories.SKIP]:
        return f"left as it is, as decided in row {', '.join(left)}", "nothing to do"
    if other := [row for row in plan if row.place == DECIDED.place]:
        said = f"decided ({other[-1]['decision']}) in {DECIDED.place}"
        return f"{said}; the present plan is of other types", PLAN.made_by
    return None


def _of_side(rows: Sequence[Found], side: str) -> Found | None:
    found = [row for row in rows if row.table in _KINDS and _KINDS[row.table][0] == side]
    return found[-1] if found else None


def _differing(rows: Sequence[Found]) -> str | None:
    """Return the fields in which the two sides differ; none where one has no record."""
    here, there = (_of_side(rows, side) for side in ("wms", "qbd"))
    if not here or not there or there["deleted_at"]:
        return None
    names = [field.name for field in _KINDS[here.table][1].fields]
    return ", ".join(name for name in names if here[name] != there[name])


def _is_fetched(rows: Sequence[Found], last: Found) -> bool:
    """Return whether a side was fetched after the last row of the log was written."""
    made = [row.made for row in rows if row.table in _KINDS and row.made]
    return not made or min(made) > last["ts"]


def _at_rest(rows: Sequence[Found], last: Found | None) -> tuple[str, str]:
    """Return the present of a record about which nothing waits."""
    here, there = (_of_side(rows, side) for side in ("wms", "qbd"))
    done, gone = "nothing to do", there["deleted_at"] if there else ""
    if here and gone:
        inactive = ", inactive" if here["is_active"] == "no" else ""
        said = f"QuickBooks has deleted it on {stories.when(gone)}"
        return f"{said}; the warehouse keeps it{inactive}", done
    if here and there:
        return "both sides have it, and nothing is planned", done
    agreed = _of_side(rows, "wms_base")
    if there and agreed and last:
        inactive = ", inactive" if there["is_active"] == "no" else ""
        said = f"the warehouse has deleted it; QuickBooks keeps it{inactive}"
        return f"{said}, {last['outcome']} on {stories.when(last['ts'])}", done
    if last:
        return f"{last['outcome']} on {stories.when(last['ts'])}", done
    has = [_SIDES[side] for side in ("qbd", "wms") if _of_side(rows, side)]
    return f"{' and '.join(has) or 'neither side'} has it", PLAN.made_by


TELLER = Teller(_HANDLES, (stories.fold,), _tokens, _ties, _COLUMNS, _tell)
