"""One import of a plan: sorted, written in batches, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from src.customers.applying import Batch, Sorted, Task, Wording, batches, judgement
from src.customers.records import CREATE, PIPELINE, UPDATE, Planned
from src.kit import importing
from src.kit.clock import Clock
from src.kit.database import Database
from src.kit.importing import Import, Problem, Span
from src.kit.reading import Reject
from src.kit.stage import Balance


class Importer:
    """Writes a plan's rows; `judgements` are answers that are to be remembered."""

    def __init__(
        self, database: Database, imported: Import, sorter: Sorted, clock: Clock
    ) -> None:
        self.judgements: list[tuple[str, str, str]] = []  # subject, verdict, question
        self._database, self._imported = database, imported
        self._sorted, self._clock = sorter, clock
        self._not_attempted = 0

    def write(self, plan: Iterable[Planned], batch_size: int) -> None:
        """Write what the plan says; stopped early, the rest is read and counted."""
        for tasks in batches(self._tasks(plan), batch_size):
            allowed = self._imported.allowed(len(tasks))
            self._not_attempted += len(tasks) - allowed
            if allowed:
                self._write(tasks[:allowed])

    def _tasks(self, plan: Iterable[Planned]) -> Iterator[Task]:
        for row in plan:
            found = self._sorted.sort(row)
            if isinstance(found, Task):
                yield found
            elif isinstance(found, Wording):
                where = (row.line, row.quickbooks_id or row.name)
                self._imported.report(Problem(*where, importing.HELD, *found))
            else:
                self._remember(row)

    def _write(self, tasks: Sequence[Task]) -> None:
        batch = Batch(self._database, tasks, self._clock.timestamp())
        self._imported.store(batch.work, Span(1, len(tasks)))
        for problem in batch.held.values():
            self._imported.report(problem)
        for position in sorted(batch.stored - batch.held.keys()):
            self._remember(tasks[position - 1].row)

    def _remember(self, row: Planned) -> None:
        if found := judgement(row):
            self.judgements.append(found)

    def reject(self, rejects: Iterable[Reject]) -> None:
        """Report the plan's rows that could not be read."""
        for found in rejects:
            error = f"{found.column} {found.reason}".lstrip()
            self._imported.report(
                Problem(found.line, "", importing.REJECTED, "unreadable", error)
            )

    def balance(self, read: int, missing: int) -> Balance:
        """Return where the plan's rows went; `missing` ones are on hold."""
        found = self._imported.balance(
            read + missing, self._sorted.skipped, self._not_attempted
        )
        return found._replace(held=found.held + missing)

    def notes(self, is_dry_run: bool) -> list[str]:
        """Return what a person should read after the import, in sentences."""
        counts, planned = self._imported.counts, self._sorted.counts
        would = "would have been " if is_dry_run else ""
        notes = [
            f"planned: {planned[CREATE]:,} to create, {planned[UPDATE]:,} to update; "
            f"{would}{counts['created']:,} created, {counts['updated']:,} updated, "
            f"{counts['unchanged']:,} were so already"
        ]
        if self._imported.categories:
            told = ", ".join(
                f"{n:,} {word}" for word, n in self._imported.categories.most_common()
            )
            notes.append(f"held or failed: {told}")
        if self._imported.stopped_by:
            notes.append(f"stopped early by {self._imported.stopped_by}")
        if self.judgements and not is_dry_run:
            notes.append(
                f"remembered {len(self.judgements):,} {PIPELINE} judgement(s) in "
                "data/judgements.csv"
            )
        return notes
