"""One import of a plan: sorted, written in batches, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from src.customers.applying import Batch, Sorted, Task, Wording, batches, judgement
from src.customers.records import CREATE, PIPELINE, UPDATE, Planned
from src.kit import importing
from src.kit.importing import Desk, Import, Problem, Span
from src.kit.reading import Reject
from src.kit.stage import Balance


class Importer:
    """Writes a plan's rows; `judgements` are answers that are to be remembered."""

    def __init__(
        self, desk: Desk, imported: Import, sorter: Sorted, run_id: str
    ) -> None:
        self.judgements: list[tuple[str, str, str]] = []  # subject, verdict, question
        self._desk, self._imported, self._run_id = desk, imported, run_id
        self._sorted = sorter
        self._is_dry_run = desk.log is None
        self._not_attempted = 0
        self._copy: str | None = None  # of the database as it was

    def write(self, plan: Iterable[Planned], batch_size: int) -> None:
        """Write what the plan says; stopped early, the rest is read and counted."""
        for tasks in batches(self._tasks(plan), batch_size):
            allowed = self._imported.allowed(len(tasks))
            self._not_attempted += len(tasks) - allowed
            if allowed:
                self._keep_copy()
                self._write(tasks[:allowed])

    def _keep_copy(self) -> None:
        """Keep a copy of the database before the first batch."""
        if self._copy is None and not self._is_dry_run:
            self._copy = self._desk.database.keep_copy(self._run_id)

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
        batch = Batch(self._desk.database, tasks, self._desk.clock.timestamp())
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

    def notes(self, missing: int) -> list[str]:
        """Return what a person should read after the import, in sentences."""
        counts, planned = self._imported.counts, self._sorted.counts
        would = "would have been " if self._is_dry_run else ""
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
        if missing:
            notes.append(f"held: {missing:,} row(s) of the plan are missing")
        if self._is_dry_run:
            return [*notes, "a dry run: nothing was stored or logged"]
        if self.judgements:
            notes.append(
                f"remembered {len(self.judgements):,} {PIPELINE} judgement(s) in "
                "data/judgements.csv"
            )
        return notes + ([f"the database as it was: {self._copy}"] if self._copy else [])
