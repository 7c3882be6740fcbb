"""What the attachments' plan says, read once: who is mapped, what is left, what came true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from src.attachments import records
from src.attachments.records import PLAN, Verified
from src.config import Settings
from src.office.overview import Watch
from src.office.pipelines import ATTACHMENTS, path_of
from src.office.report_predictions import LEFT, LEFT_OUT, Comparison, Prediction
from src.office.report_reasons import Reason, rows_of
from src.office.tallies import Books

MAPPED, AMBIGUOUS, NOT_MAPPED = "mapped", "ambiguous", "not mapped"
_COVERAGE = {
    records.AMBIGUOUS_MAPPING: AMBIGUOUS,
    records.MISSING_MAPPING: NOT_MAPPED,
    records.BLANK_ID: NOT_MAPPED,
}
_NOWHERE = "no target, below {}"  # the type that a file would have is not known


class Mapped(NamedTuple):
    """What the plan says."""

    by_type: Mapping[str, Counter[str]]
    by_year: Mapping[str, Counter[str]]
    left: list[Reason]  # why files are not sent, most of them first
    prediction: Prediction | None  # None: there is no plan


class _Plan:
    """The rows of the plan, taken in one after the other."""

    def __init__(self, settings: Settings, books: Books) -> None:
        self.by_type: dict[str, Counter[str]] = {}
        self.by_year: dict[str, Counter[str]] = {}
        self.left: dict[str, Reason] = {}
        self.compared = Comparison()
        self._realm, self._books = settings.qbo_realm_id, books
        self._now = {
            (row.qbo_entity_id, row.file_path): f"{row.now}: {row.error or row.outcome}"
            for row in rows_of(settings, records.ERRORS)
        }

    def take(self, row: Verified) -> None:
        """Take one row."""
        coverage = _COVERAGE.get(row.status, MAPPED)
        kind = row.qbo_entity_type or _NOWHERE.format(row.legacy_entity_type)
        self.by_type.setdefault(kind, Counter())[coverage] += 1
        self.by_year.setdefault(row.modified_at[:4], Counter())[coverage] += 1
        is_left = row.decision.strip().lower() in LEFT_OUT
        if is_left or row.status not in records.SENT_WITHOUT_DECISION:
            self._leave(row)
        else:
            self.compared.take(row.file_path, "upload", self._result(row))

    def _leave(self, row: Verified) -> None:
        self.compared.take(row.file_path, LEFT, "")
        example = f"{row.file_path}: {row.reason or row.status}"
        why = row.status.replace("_", " ")
        known = self.left.get(row.status, Reason("not sent", why, 0, example))
        self.left[row.status] = known._replace(count=known.count + 1)

    def _result(self, row: Verified) -> str:
        """Return what is wrong with a file that was to be sent, nothing if it is there."""
        where = row.qbo_entity_type, row.qbo_entity_id, row.file_path
        if self._books.is_done((self._realm, *where, row.size_bytes, row.modified_at)):
            return ""
        return self._now.get(where[1:], "not sent yet")


def read(settings: Settings, watch: Watch) -> Mapped:
    """Return what the plan says; the watch is one that remembers."""

    def taken(books: Books) -> _Plan:
        plan = _Plan(settings, books)
        for row in rows_of(settings, PLAN):
            plan.take(row)
        return plan

    plan: Any = watch.ask(ATTACHMENTS.name, taken)
    is_there = path_of(settings, PLAN).exists()
    prediction = plan.compared.ended(ATTACHMENTS.name, PLAN.place) if is_there else None
    left = sorted(plan.left.values(), key=lambda reason: -reason.count)
    return Mapped(plan.by_type, plan.by_year, left, prediction)
