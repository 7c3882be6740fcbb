"""Fetch everybody of the MIS, and every name that QuickBooks has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from src import config
from src.adapters import qbo
from src.config import Settings
from src.kit import importing, stage, tables
from src.kit.clock import REAL, Clock
from src.kit.database import Database
from src.kit.progress import Progress
from src.mis.enriching import Tally
from src.mis.fetching import Names, People
from src.mis.listing import EVERY_ONE
from src.mis.records import COVERAGE, NAMES, PEOPLE, PLAN_IT, RUNLOG
from src.mis.store import Store
from src.office import connect, connect_mis, pipelines

Open = Callable[[Settings], AbstractContextManager[Database]]
Connect = Callable[[Settings, Clock], qbo.Company]
_TABLES = (PEOPLE, NAMES, COVERAGE)


def main(
    argv: Sequence[str] | None = None,
    opened: Open = connect_mis.database,
    connected: Connect = connect.ready,
    clock: Clock = REAL,
) -> int:
    """Write what both sides have; where either fails, every file stays as it was."""
    run = stage.start("mis_fetch", __doc__, argv)
    settings = config.load(run.environ)
    people, names, coverage = (pipelines.path_of(settings, one) for one in _TABLES)
    with importing.pipeline_lock(pipelines.log_place(settings, RUNLOG)):
        company = connected(settings, clock)  # before the MIS is read, and added to
        with (
            stage.uncollected(),
            tables.writing(people, PEOPLE.row, is_private=True) as person,
            tables.writing(names, NAMES.row, is_private=True) as name,
        ):
            with opened(settings) as database:
                everybody, added = _people(database, settings)
                _write(everybody.read(), person, run.progress("people"))
            pages = _pages(company, settings, run)
            listed = Names(pages, connect.reads_custom_fields(settings))
            _write(listed.read(), name, run.progress("names"))
        tables.write(coverage, COVERAGE.row, everybody.tally.rows())
        report = _report(everybody, listed, (person.count, name.count))
        report = report._replace(source=settings.qbo_realm_id)
        return run.finish(_with(report, added), settings.log_dir)


def _with(report: stage.Report, added: Iterable[str]) -> stage.Report:
    """Return the report with what was added to the MIS; what was not is a warning."""
    told: dict[bool, list[str]] = {False: [], True: []}
    for one in added:
        told["; " in one].append(one)
    return report._replace(
        notes=[*told[False], *report.notes], warnings=[*told[True], *report.warnings]
    )


def _people(database: Database, settings: Settings) -> tuple[People, list[str]]:
    """Return everybody, to be read, and what was added to the MIS."""
    store = Store(database, settings.mis_pushed_by)
    store.check()
    added = store.prepare()
    return People(store, Tally(store.missing())), added


def _write(
    rows: Iterable[tuple[str, ...]], append: tables.writing, progress: Progress
) -> None:
    for row in progress.over(rows):
        append(tables.escaped(row))
    progress.close()


def _pages(
    company: qbo.Company, settings: Settings, run: stage.Run
) -> Callable[[str], Iterator[dict[str, Any]]]:
    ask = connect.query(company, connect.courtesy(settings, run.run_id, run.clock))
    return lambda entity: qbo.pages(ask, entity, EVERY_ONE)


def _report(people: People, names: Names, written: tuple[int, int]) -> stage.Report:
    read, rows = people.count + names.count, people.tally.rows()
    counts = {_word(word, count): count for word, count in people.counts.items()}
    counts[f"{_word('names', written[1])} in QuickBooks"] = written[1]
    return stage.Report(
        {**counts, "repeated on a later page": names.repeated},
        stage.Balance(read, sum(written), skipped=names.repeated),
        list(zip((one.place for one in _TABLES), (*written, len(rows)))),
        [*people.notes(), *names.notes()],
        PLAN_IT,
        warnings=list(people.tally.warnings()),
    )


def _word(plural: str, count: int) -> str:
    return plural[:-1] if count == 1 else plural


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
