"""What the plans said would happen, beside what the run logs say did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from src.config import Settings
from src.customers import records as customers
from src.kit import plans, receipts
from src.kit.memory import SUCCESSES
from src.kit.runlog import RawRow, text
from src.kit.tables import Table
from src.mis import records as mis
from src.office.overview import Watch
from src.office.pipelines import CUSTOMERS, MIS, SALESPRO, WMS, Pipeline, path_of
from src.office.report_reasons import rows_in, rows_of
from src.salespro import records as salespro
from src.wms import records as wms

NAMED = 20  # rows that differ and are named
DONE = SUCCESSES | {"removed", "unchanged", "inactivated", "marked_deleted"}
LEFT = "left to a person"
NO_ROW = "no row in the run log"
LEFT_OUT = ("skip", "hold")


class Line(NamedTuple):
    """One kind of change: how many were planned, and how many came true."""

    what: str
    planned: int
    done: int


class Differs(NamedTuple):
    """A row that did not come out as planned."""

    name: str
    planned: str
    result: str


class Prediction(NamedTuple):
    """A plan beside its result."""

    pipeline: str
    plan: str  # which one, and whose run
    lines: tuple[Line, ...] = ()
    differing: tuple[Differs, ...] = ()  # the first of them
    differ: int = 0  # how many
    note: str = ""


class Comparison:
    """Rows compared one after the other."""

    def __init__(self) -> None:
        self.planned: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.differing: list[Differs] = []
        self.differ = 0

    def take(self, name: str, action: str, result: str) -> None:
        """Take one row; no result means that it came out as planned."""
        self.planned[action] += 1
        if not result:
            self.done[action] += 1
            return
        self.differ += 1
        if len(self.differing) < NAMED:
            self.differing.append(Differs(name, action, result))

    def take_done(self, action: str, count: int) -> None:
        """Take rows that came out as planned."""
        if count:
            self.planned[action] += count
            self.done[action] += count

    def ended(self, pipeline: str, plan: str, note: str = "") -> Prediction:
        """Return what came of it."""
        lines = tuple(Line(w, n, self.done[w]) for w, n in self.planned.most_common())
        return Prediction(
            pipeline, plan, lines, tuple(self.differing), self.differ, note
        )


def predictions(settings: Settings, watch: Watch) -> Iterator[Prediction]:
    """Yield a comparison for every pipeline that has a plan, except the attachments'.

    Theirs is read once for all that a report says of it, by `report_mapping`.
    """
    for compare in (_customers, _salespro, _wms, _mis):
        found = compare(settings, watch)
        if found:
            yield found


# --- rows beside rows -----------------------------------------------------------------


def _wms(settings: Settings, watch: Watch) -> Prediction | None:
    def about(row: Any) -> list[tuple[str, ...]]:
        """Return what a record is known by: a new one has the id of one side only."""
        return [(row.kind, name, i) for name, i in (("w", row.wms_id), ("q", row.id)) if i]

    return _applied(settings, watch, (WMS, wms.PLAN, wms.Attempt, about))


def _mis(settings: Settings, watch: Watch) -> Prediction | None:
    def about(row: Any) -> list[tuple[str, ...]]:
        return [(row.type, row.mis_id)]

    return _applied(settings, watch, (MIS, mis.PLAN, mis.Pushed, about))


_Kind = tuple[Pipeline, Table, Any, Callable[[Any], list[tuple[str, ...]]]]


def _applied(settings: Settings, watch: Watch, kind: _Kind) -> Prediction | None:
    """Compare the newest plan that was applied with the rows of the run that did it."""
    pipeline, table, row_type, about = kind
    folder = settings.data_dir / plans.KEPT
    folder = settings.data_dir
    runs = watch.tally(pipeline.name).runs
    applied = [run for run in runs if plans.of_run(folder, run).exists()]
    if not applied:
        return None
    run_id = max(applied)
    rows = watch.rows_of_run(pipeline.name, run_id)
    last = {key: row for row in _meant(rows, row_type) for key in about(row)}
    kept = plans.of_run(folder, run_id)
    # A record may have several cards, one for each field.
    cards = {tuple(about(row)): row for row in rows_in(kept, table)}
    found = Comparison()
    for keys, card in cards.items():
        _compare(found, card, next((last[key] for key in keys if key in last), None))
    return found.ended(pipeline.name, f"data/{plans.KEPT}/{kept.name}")


def _meant(rows: Iterable[RawRow], row_type: Any) -> Iterator[Any]:
    return (row_type(*map(text, row)) for row in rows)


def _compare(found: Comparison, card: Any, row: Any) -> None:
    name = " ".join(filter(None, (card.type, card.name or card.row)))
    decision = card.decision.strip().lower()
    is_left = card.action == "hold" and not decision or decision in LEFT_OUT
    if is_left:
        found.take(name, LEFT, "")
    elif row is None:
        found.take(name, card.action, NO_ROW)
    elif row.outcome in DONE:
        found.take(name, card.action, "")
    else:
        found.take(name, card.action, f"{row.outcome}: {row.error}".rstrip(": "))


# --- counts beside counts: an importer's log has a row per batch -------------------------


def _customers(settings: Settings, watch: Watch) -> Prediction | None:
    run_id = _last_run(watch, CUSTOMERS, customers.PLAN)
    if not run_id:
        return _waiting(settings, CUSTOMERS, customers.PLAN)
    rows = _meant(watch.rows_of_run(CUSTOMERS.name, run_id), customers.RUNLOG.row)
    stopped = {row.line: row for row in rows if row.outcome in ("held", "failed")}
    found = Comparison()
    for card in rows_of(settings, customers.PLAN):
        row = stopped.get(card.line)
        is_left = card.action == customers.HOLD
        result = f"{row.outcome}: {row.error}" if row and not is_left else ""
        found.take(card.name, LEFT if is_left else card.action, result)
    return found.ended(CUSTOMERS.name, customers.PLAN.place)


def _salespro(settings: Settings, watch: Watch) -> Prediction | None:
    run_id = _last_run(watch, SALESPRO, salespro.PLAN)
    if not run_id:
        return _waiting(settings, SALESPRO, salespro.PLAN)
    actions = {row.id: row.action for row in rows_of(settings, salespro.PLAN)}
    planned, did = Counter(actions.values()), watch.tally(SALESPRO.name).runs[run_id].outcomes
    words = [word for word in ("created", "updated") if planned[word] or did[word]]
    lines = tuple(Line(word, planned[word], did[word]) for word in words)
    differ = sum(abs(line.planned - line.done) for line in lines)
    return Prediction(SALESPRO.name, salespro.PLAN.place, lines, differ=differ)


def _last_run(watch: Watch, pipeline: Pipeline, plan: Table) -> str:
    """Return the last run in a log, nothing if the plan was made after it."""
    runs = list(watch.tally(pipeline.name).runs.values())
    made = [
        one.ts
        for one in watch.receipts()
        if one.kind == receipts.FILE and one.subject == plan.place
    ]
    newest = max(runs, key=lambda run: run.last, default=None)
    is_after = newest is not None and bool(made) and newest.last >= made[-1]
    return newest.run_id if newest and is_after else ""


def _waiting(settings: Settings, pipeline: Pipeline, plan: Table) -> Prediction | None:
    if not path_of(settings, plan).exists():
        return None
    return Prediction(pipeline.name, plan.place, note="this plan was not applied yet")
