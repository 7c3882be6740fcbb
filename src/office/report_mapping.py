"""What the attachments' plan says, read once: who is mapped, what is left, what came true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import repeat
from typing import Any, NamedTuple

from src.attachments import records
from src.attachments.records import PLAN
from src.config import Settings
from src.kit import plans
from src.kit.errors import Refused
from src.office.overview import Watch
from src.office.pipelines import ATTACHMENTS, path_of
from src.office.report_predictions import LEFT, LEFT_OUT, Comparison, Prediction
from src.office.report_reasons import Reason, columns_of, rows_of
from src.office.tallies import Books

MAPPED, AMBIGUOUS, NOT_MAPPED = "mapped", "ambiguous", "not mapped"
_COVERAGE = {
    records.AMBIGUOUS_MAPPING: AMBIGUOUS,
    records.MISSING_MAPPING: NOT_MAPPED,
    records.BLANK_ID: NOT_MAPPED,
}
_UPLOAD = "upload"
_NOWHERE = "no target, below {}"  # the type that a file would have is not known


class Mapped(NamedTuple):
    """What the plan says."""

    by_type: Mapping[str, Counter[str]]
    by_year: Mapping[str, Counter[str]]
    left: list[Reason]  # why files are not sent, most of them first
    prediction: Prediction | None  # None: there is no plan


# What is looked at of a row, in this order.
_LOOKED_AT = (
    *("status", "decision", "reason", "legacy_entity_type", "modified_at"),
    *("qbo_entity_type", "qbo_entity_id", "file_path", "size_bytes"),
)
Looked = NamedTuple("Looked", [(name, str) for name in _LOOKED_AT])  # type: ignore
_Cells = tuple[str, ...]


class _Plan:
    """The rows of the plan, taken in one after the other."""

    def __init__(self, settings: Settings, books: Books) -> None:
        self.counts: Counter[tuple[str, str, str]] = Counter()  # type, year, status
        self.left: dict[str, Reason] = {}
        self.compared = Comparison()
        self._realm, self._done = settings.qbo_realm_id, books.done()
        self._now = {
            (row.qbo_entity_id, row.file_path): f"{row.now}: {row.error or row.outcome}"
            for row in rows_of(settings, records.ERRORS)
        }

    def take(self, columns: Sequence[Sequence[str]]) -> None:
        """Take rows column by column; nearly all of very many are done."""
        status, decision, _, folder, modified, *same = columns
        kind, number, path, size = same
        places = [one or _NOWHERE.format(folder[n]) for n, one in enumerate(kind)]
        self.counts.update(zip(places, [stamp[:4] for stamp in modified], status))
        looks = repeat(self._realm), kind, number, path, size, modified
        done = self._done(looks)
        sent = records.SENT_WITHOUT_DECISION
        rest = [
            n
            for n, (is_done, word, said) in enumerate(zip(done, status, decision))
            if not is_done or said or word not in sent
        ]
        self.compared.take_done(_UPLOAD, len(done) - len(rest))
        for n in rest:
            self._take_one(tuple(column[n] for column in columns), done[n])

    def _take_one(self, row: _Cells, is_done: bool) -> None:
        status, decision, _, _, _, _, number, path, _ = row
        is_sent = status in records.SENT_WITHOUT_DECISION
        if not is_sent or decision.strip().lower() in LEFT_OUT:
            self._leave(status, row)
        elif is_done:
            self.compared.take_done(_UPLOAD, 1)
        else:
            result = self._now.get((number, path), "not sent yet")
            self.compared.take(path, _UPLOAD, result)

    def _leave(self, status: str, row: _Cells) -> None:
        path = row[_LOOKED_AT.index("file_path")]
        reason = row[_LOOKED_AT.index("reason")]
        self.compared.take(path, LEFT, "")
        why = status.replace("_", " ")
        known = self.left.get(status)
        if known is None:
            known = Reason("not sent", why, 0, f"{path}: {reason or why}")
        self.left[status] = known._replace(count=known.count + 1)

    def by(self, place: int) -> dict[str, Counter[str]]:
        """Return how many are covered by what stands at a place of the counts."""
        found: dict[str, Counter[str]] = {}
        for key, count in self.counts.items():
            coverage = _COVERAGE.get(key[-1], MAPPED)
            found.setdefault(key[place], Counter())[coverage] += count
        return found


def read(settings: Settings, watch: Watch) -> Mapped:
    """Return what the plan says; the watch keeps what was sent.

    A plan that takes a run back is looked through: it maps nothing.
    """
    table = PLAN
    with suppress(Refused):  # the door that needs the plan says so
        table = PLAN._replace(name=plans.forward(path_of(settings, PLAN), PLAN).name)

    def taken(books: Books) -> _Plan:
        plan = _Plan(settings, books)
        for columns in columns_of(settings, table._replace(row=Looked)):
            plan.take(columns)
        return plan

    plan: Any = watch.ask(ATTACHMENTS.name, taken)
    is_there = path_of(settings, table).exists()
    prediction = plan.compared.ended(ATTACHMENTS.name, table.place) if is_there else None
    left = sorted(plan.left.values(), key=lambda reason: -reason.count)
    return Mapped(plan.by(0), plan.by(1), left, prediction)
