"""What happens to each row of the plan: sent, skipped, held; and its line in the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from src.attachments.planning import DECISION_AT
from src.attachments.records import (
    IN_DOUBT,
    SKIPPED_ALREADY,
    SKIPPED_REPEATED,
    SKIPPED_SAME_CONTENT,
    Verified,
)
from src.attachments.source import (
    GOES,
    LEFT_OUT,
    REPEATS,
    UNCLEAR,
    Source,
    about,
    about_found,
    decided,
    read,
    same,
)
from src.kit import plans
from src.kit.answers import Found
from src.kit.delivery import Delivery
from src.kit.memory import ABSENT, CLOSED, HELD, REMOVED, SUCCESSES
from src.kit.reading import Reject
from src.kit.requests import FILE_CHANGED, UPLOADED, Desk, Item, Outcome
from src.kit.stage import Balance

FILE_MISSING = "file_missing"
ADOPTED = "adopted"
SKIPPED = "skipped"
NOT_ATTEMPTED = "not_attempted"
FAILED = "failed"
TAKEN = "taken"  # in this run's hands; its log rows say how it ended


class Context(NamedTuple):
    """What every row has in common."""

    realm_id: str
    files_dir: str
    plan_run_id: str
    log_skips: bool  # one line per skip


class Uploads:
    """The plan's rows, one after the other; `counts` says where each of them went."""

    decisions = "send, skip, hold, link:<type>:<id>, adopt:<id>"
    again = "make verify"  # what makes the plan anew

    def __init__(self, context: Context) -> None:
        self.counts: Counter[str] = Counter()
        self.damaged: list[str] = []  # ids of rows that were changed in other cells
        self.decided_badly: list[str] = []
        self.kept: list[str] = []  # sentences about what was to be deleted, and stays
        self.outrun: list[str] = []  # ids of rows whose files this run found taken back
        self._context = context
        self._met: set[str] = set()
        self._taken: set[str] = set()
        self._early: set[str] = set()  # arrived before their row of the plan was met
        self._taken_back: set[str] = set()
        self._unlogged: Counter[str] = Counter()
        self._arrived = 0
        self.is_stopped: Callable[[], bool] = lambda: False
        self._desk: Desk
        self._delivery: Delivery

    def work_at(self, desk: Desk, delivery: Delivery) -> None:
        """Take the desk that writes for this plan, and the delivery that sends."""
        self._desk, self._delivery = desk, delivery

    def items(self, rows: Iterable[Verified]) -> Iterator[Item]:
        """Yield what is to be sent; write a log line for what needs none."""
        for row in rows:
            planned = self._planned(row)
            if planned is None:
                continue
            item = self._item(planned)
            if item is not None:
                yield item

    def _planned(self, row: Verified) -> Verified | None:
        """Return the row with its entity as decided, or nothing if it is not sent."""
        if not plans.is_intact(row, DECISION_AT, self._context.plan_run_id):
            self.damaged.append(row.row)
            return self._count(HELD)
        where, row = decided(row)
        if where == GOES:
            return row
        if where == REPEATS:
            return self._skip(Item("", source=Source(row)), SKIPPED_SAME_CONTENT)
        if where == UNCLEAR:
            self.decided_badly.append(row.row)
        return self._count(SKIPPED if where == LEFT_OUT else HELD)

    # --- one file ---------------------------------------------------------------------

    def _item(self, row: Verified) -> Item | None:
        """Return a row's file if it is to be sent."""
        key = self._desk.book.index.unchanged(same(self._context.realm_id, row))
        if key in self._taken_back:
            return self._hold(row)
        if key:
            return self._already(Item(key, source=Source(row)))
        if self.is_stopped():
            return self._count(NOT_ATTEMPTED)
        item = read(*self._context[:2], row)
        if item.cargo is None:
            return self._without(item)
        if item.key in self._met:
            return self._skip(item, SKIPPED_REPEATED)
        self._met.add(item.key)
        return self._fresh(item, row)

    def _without(self, item: Item) -> None:
        """Write why there is nothing to send."""
        note = item.source.note
        word = FILE_CHANGED if note else FILE_MISSING
        self._desk.write(Outcome(item, word, error=note or "the file is gone"))
        return self._count(FAILED)

    def _fresh(self, item: Item, row: Verified) -> Item | None:
        """Return an item if it is to be sent; else it is done, found, held or in hand."""
        index, desk = self._desk.book.index, self._desk
        if item.key in self._taken_back:
            return self._hold(row)
        if index.is_done(item.key):
            return self._already(item)
        verb, _, what = row.decision.strip().partition(":")
        state = desk.unfinished.get(item.key) or index.tried(item.key).state
        if desk.is_taken(item.key) or item.key in self._early:
            return self._take(item)
        if verb.casefold() == "adopt":
            desk.write(Outcome(item, ADOPTED, found=Found(what.strip())))
            return self._take(item)
        if state in (HELD, IN_DOUBT) and verb.casefold() != "send":
            return self._count(HELD)
        if state in (HELD, IN_DOUBT):
            desk.write(Outcome(item, ABSENT, error="a person decided to send it"))
        elif self._delivery.is_there(item):
            return self._take(item)
        self._take(item)
        return item

    def _hold(self, row: Verified) -> None:
        """Leave a file whose upload is gone since it was planned to the next plan."""
        self.outrun.append(row.row)
        return self._count(HELD)

    def _take(self, item: Item) -> None:
        self._taken.add(item.key)
        self._arrived += item.key in self._early
        return self._count(TAKEN)

    def _already(self, item: Item) -> None:
        return self._skip(item, SKIPPED_ALREADY)

    def _skip(self, item: Item, word: str) -> None:
        if self._context.log_skips:
            self._desk.write(Outcome(item, word))
        else:
            self._unlogged[word] += 1
        return self._count(SKIPPED)

    def _count(self, where: str) -> None:
        self.counts[where] += 1

    def balance(self, rejected: int, missing: int) -> Balance:
        """Return where the plan's rows went, once the delivery is over.

        `missing` rows were in the plan when it was made and are not there now.
        """
        counts = self.counts
        ended = Counter(
            word for key, word in self._desk.unfinished.items() if key in self._taken
        )
        in_doubt = ended[IN_DOUBT] + ended[HELD]
        unsent = counts[TAKEN] - self._arrived - sum(ended.values())
        return Balance(
            read=sum(counts.values()) + rejected + missing,
            out=self._arrived,
            rejected=rejected,
            skipped=counts[SKIPPED],
            held=counts[HELD] + in_doubt + missing,
            failed=counts[FAILED] + sum(ended.values()) - in_doubt,
            not_attempted=counts[NOT_ATTEMPTED] + unsent,
        )

    def left_out(self) -> Iterator[tuple[str, int]]:
        """Yield outcomes that are logged as one line: word, number of rows."""
        if not self._context.log_skips:
            yield from self._unlogged.items()
        count = self.balance(0, 0).not_attempted
        if count:
            yield NOT_ATTEMPTED, count

    @property
    def arrived(self) -> int:
        """Return how many of those that were taken in hand have had their effect."""
        return self._arrived

    @property
    def is_of_another_plan(self) -> bool:
        """Return whether no row at all is as the last plan wrote it."""
        return bool(self.damaged) and len(self.damaged) == sum(self.counts.values())

    @property
    def notes(self) -> list[str]:
        """Return what was planned, and what came of it."""
        if not self.counts[TAKEN]:
            return []
        return [f"planned to send {self.counts[TAKEN]:,}, arrived {self.arrived:,}"]

    def warnings(self, missing: int, rejects: Sequence[Reject]) -> Iterator[str]:
        """Yield what is wrong with the plan, and kept rows of it from being sent."""
        if missing:
            yield f"held: {missing:,} row(s) of the plan are missing"
        for reject in rejects[:5]:
            yield f"{reject.file}: line {reject.line}: {reject.reason}"
        if self.is_of_another_plan:
            yield f"held: this is another plan than the last; run {self.again}"
        elif self.damaged:
            yield (
                f"held: {len(self.damaged):,} row(s) changed elsewhere than in decision: "
                + ", ".join(self.damaged[:5])
            )
        if self.outrun:
            yield (
                f"held: {len(self.outrun):,} file(s) taken back since they were planned; "
                f"run {self.again}"
            )
        if self.decided_badly:
            yield (
                f"held: {len(self.decided_badly):,} decision(s) not understood "
                f"({self.decisions}): " + ", ".join(self.decided_badly[:5])
            )

    def to_row(self, outcome: Outcome) -> Sequence[str]:
        """Return the log row of an outcome, without its check."""
        item, word, request_id, attempt, answer, found, error = outcome
        book, source = self._desk.book, item.source
        if word in SUCCESSES or word == CLOSED:
            self._arrived += item.key in self._taken
            if item.key not in self._taken:
                self._early.add(item.key)
        elif word == REMOVED:
            self._taken_back.add(item.key)
            self._delivery.forget(item.key)
        remote_id = answer.remote_id or found.remote_id
        return (
            book.next_seq(),
            *book.stamp(),
            self._context.realm_id,
            *(about(source) if source else about_found(found)),
            item.key,
            request_id,
            str(attempt or ""),
            str(answer.status_code or ""),
            remote_id,
            answer.trace_id,
            str(answer.duration_ms) if answer.status_code else "",
            word,
            error or (source.note if source and word == UPLOADED else ""),
        )

    # --- keys in doubt ----------------------------------------------------------------

    def bind(self, rows: Iterable[Verified], keys: set[str]) -> Mapping[str, Item]:
        """Return the plan's files that have these keys now; stop when all are found."""
        found: dict[str, Item] = {}
        index = self._desk.book.index
        for row in rows:
            may_be = row.qbo_entity_id and not index.unchanged(same(self._context.realm_id, row))
            item = read(*self._context[:2], row) if may_be else Item("")
            if item.key in keys:
                found[item.key] = item
            if len(found) == len(keys):
                break
        return found
