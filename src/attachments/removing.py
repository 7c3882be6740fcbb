"""What happens to each row of a reverse plan: deleted there, kept, left out.

A deletion is an effect with a key of its own, so that its intent, its doubt and its failure
say nothing of the upload. Deleting twice is deleting once: what is not there is removed.
Two rows of the log tell of one: first the file's, which is removed from then on, then that
of the attempt, which is closed by it and counts as nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from src.attachments.records import ERRORS, UNDONE, TakenBack, Verified
from src.attachments.source import Source
from src.attachments.undoing import AFTERWARDS, edited, named, removal_key
from src.attachments.upload import NOT_ATTEMPTED, SKIPPED, TAKEN, Uploads
from src.kit import plans
from src.kit.answers import APPLIED, NOT_APPLIED, PERMANENT, RETRY, Answer, Found, Unanswered
from src.kit.memory import CLOSED, FAILED, HELD, IN_DOUBT, REMOVED, Index
from src.kit.reading import Reject
from src.kit.requests import RECOVERED, UPLOADED, Desk, Item, Outcome, Outside

DECISION_AT = TakenBack._fields.index("decision")
SHOWN = 5  # that are named
KEPT = "kept"  # the code of an answer: it is not as the plan saw it
NOT_FOUND, STALE = "610", "5010"  # codes of QuickBooks
_CHANGED = "it was edited there since it was planned; run undo again"


class There(NamedTuple):
    """An attachable as it is there."""

    found: Found
    record: Mapping[str, Any]  # as QuickBooks gives it, and takes it to be deleted


class Port(NamedTuple):
    """The company's attachables, as functions; questions raise Unanswered."""

    read: Callable[[str], There]  # one, by its id
    among: Callable[[Sequence[str]], Iterable[Found]]  # those of some ids that are there
    delete: Callable[[Mapping[str, Any], str], Answer]  # the record, request id
    has_marks: bool = True


def item_of(row: TakenBack, is_sent: bool = True) -> Item:
    """Return what delivery carries; not `is_sent`: it is only looked for."""
    key = removal_key(row.key, row.attachable_id)
    source = Source(row, row.sha256)  # type: ignore[arg-type]
    return Item(key, cargo=row if is_sent else None, source=source)


def is_removal(item: Item) -> bool:
    """Return whether an item is a deletion."""
    return item.source is not None and isinstance(item.source.row, TakenBack)


class Remover:
    """Deletes, and finds out what was deleted; safe for several threads."""

    def __init__(self, port: Port) -> None:
        self._port = port

    def delete(self, row: TakenBack, request_id: str) -> Answer:
        """Delete an attachable that is as the plan saw it."""
        try:
            there = self._port.read(row.attachable_id)
        except Unanswered as unanswered:
            answer = unanswered.answer
            if answer.code == NOT_FOUND:
                return _gone(row, answer)
            # Nothing was asked for yet.
            advice = answer.advice if answer.is_unauthorized else RETRY
            return answer._replace(kind=NOT_APPLIED, advice=advice)
        if why := edited(row, there.found, self._port.has_marks):
            return Answer(NOT_APPLIED, 200, error=why, code=KEPT, advice=PERMANENT)
        answer = self._port.delete(there.record, request_id)
        if answer.kind == NOT_APPLIED and answer.code == NOT_FOUND:
            return _gone(row, answer)
        if answer.kind == NOT_APPLIED and answer.code == STALE:
            return answer._replace(error=_CHANGED, code=KEPT, advice=PERMANENT)
        return answer._replace(size=-1)

    def gone(self, items: Iterable[Item]) -> dict[str, list[Found]]:
        """Return which of these deletions have had their effect, by key."""
        rows = {item.source.row.attachable_id: item.key for item in items}
        there = {found.remote_id for found in self._port.among(list(rows))} if rows else ()
        return {
            key: [] if found in there else [Found(found, key=key)]
            for found, key in rows.items()
        }


def _gone(row: TakenBack, answer: Answer) -> Answer:
    return answer._replace(kind=APPLIED, remote_id=row.attachable_id, error="", advice="")


def beside(
    uploads: Outside, remover: Remover, doubtful: Callable[[], Iterable[Item]]
) -> Outside:
    """Return a company that takes uploads and deletions.

    `doubtful` are the deletions of earlier runs whose end nobody knows.
    """

    def send(cargos: Sequence[object], request_id: str) -> list[Answer]:
        first = cargos[0]
        if isinstance(first, TakenBack):  # a deletion travels alone
            return [remover.delete(first, request_id)]
        return uploads.send(cargos, request_id)

    def find(items: Sequence[Item]) -> Mapping[str, list[Found] | None]:
        files = [item for item in items if not is_removal(item)]
        found = dict(uploads.find(files)) if files else {}
        return {**found, **remover.gone(filter(is_removal, items))}

    def list_all(had_history: bool) -> Mapping[str, list[Found] | None]:
        gone = remover.gone(doubtful())
        return {**uploads.list_all(had_history), **{k: v for k, v in gone.items() if v}}

    def label(item: Item) -> str:
        return item.key if is_removal(item) else uploads.label(item)

    return uploads._replace(send=send, find=find, list_all=list_all, label=label)


class Doubts:
    """The deletions of earlier runs whose end nobody knows, found again in their plans."""

    def __init__(self, index: Index, plan: Iterable, applied: Iterable) -> None:
        """`plan` has the rows that are to go, `applied` those of plans that went."""
        self._index, self._plan, self._applied = index, plan, applied
        self._items: dict[str, Item] | None = None

    def items(self) -> Mapping[str, Item]:
        """Return them by key; what the present plan says goes again."""
        if self._items is None:
            wanted = {attempt.key for attempt in self._index.doubtful}
            self._items = {}
            for item in self._all() if wanted else ():
                if item.key in wanted:
                    self._items.setdefault(item.key, item)
        return self._items

    def _all(self) -> Iterator[Item]:
        yield from map(item_of, self._plan)
        yield from (item_of(row, is_sent=False) for row in self._applied)


class RemovalDesk(Desk):
    """A desk that calls it removed where a deletion has had its effect."""

    def write(self, outcome: Outcome) -> None:
        """Write one row; before that of a deletion, the row of its file. See Desk."""
        if not is_removal(outcome.item):
            return super().write(outcome)
        if outcome.word in (UPLOADED, RECOVERED):
            super().write(_of_file(outcome))
            outcome = outcome._replace(word=CLOSED)
        elif outcome.word == FAILED and outcome.answer.code == KEPT:
            outcome = outcome._replace(word=HELD)
        return super().write(outcome)


def _of_file(outcome: Outcome) -> Outcome:
    """Return what a deletion says of its file."""
    source = outcome.item.source
    row, item = source.row, Item(source.row.key, source=source)
    found = Found(row.attachable_id)
    return Outcome(item, REMOVED, found=found, error=UNDONE + row.reason)


class Removals(Uploads):
    """The reverse plan's rows, one after the other; see Uploads."""

    decisions = "skip, hold"
    again = "undo again"

    def _planned(self, row: Verified) -> Verified | None:
        if not plans.is_intact(row, DECISION_AT, self._context.plan_run_id):
            self.damaged.append(row.row)
            return self._count(HELD)
        word = row.decision.strip().casefold()
        if word in ("", "approve"):
            return row
        if word == "skip":
            return self._count(SKIPPED)
        if word != "hold":
            self.decided_badly.append(row.row)
        return self._count(HELD)

    def _item(self, row: Verified) -> Item | None:
        item = item_of(row)  # type: ignore[arg-type]
        index, desk = self._desk.book.index, self._desk
        state = desk.unfinished.get(item.key) or index.tried(item.key).state
        if desk.is_taken(item.key) or item.key in self._early:
            return self._take(item)
        if state == CLOSED or item.key in self._met:
            return self._count(SKIPPED)
        if self.is_stopped():
            return self._count(NOT_ATTEMPTED)
        if state in (HELD, IN_DOUBT):
            return self._count(HELD)  # the log says already what it waits for
        self._met.add(item.key)
        if not index.is_done(row.key):  # type: ignore[attr-defined]
            self._delivery.is_there(Item(row.key, source=item.source))  # type: ignore
        self._take(item)
        return item

    def going(self, rows: Iterable[TakenBack]) -> Iterator[TakenBack]:
        """Yield the rows that people let go; nothing is counted."""
        for row in rows:
            word = row.decision.strip().casefold()
            run_id = self._context.plan_run_id
            if word in ("", "approve") and plans.is_intact(row, DECISION_AT, run_id):
                yield row

    @property
    def notes(self) -> list[str]:
        """Return what was planned, and what came of it."""
        taken = self.counts[TAKEN]
        said = [f"planned to delete {taken:,}, deleted {self.arrived:,}"] if taken else []
        return [*said, AFTERWARDS] if self.arrived else said

    def warnings(self, missing: int, rejects: Sequence[Reject]) -> Iterator[str]:
        """Yield what is wrong with the plan, and what was kept because it was edited."""
        yield from super().warnings(missing, rejects)
        for sentence in self.kept[:SHOWN]:
            yield f"kept: {sentence}"
        if len(self.kept) > SHOWN:
            yield f"kept: {len(self.kept) - SHOWN:,} more; see {ERRORS.place}"

    def to_row(self, outcome: Outcome) -> Sequence[str]:
        """Return the log row of an outcome; note what was kept because it was edited."""
        if outcome.word == HELD:
            row = outcome.item.source.row
            self.kept.append(f"{row.file_name} ({named(row)}): {outcome.error}")
        return super().to_row(outcome)

    def bind(self, rows: Iterable[Verified], keys: set[str]) -> Mapping[str, Item]:
        """Return no uploads: a reverse plan knows of none that is to be sent."""
        return {}
