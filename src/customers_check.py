"""Check a customer export of QuickBooks: every row a customer, a reject or left out."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from src import config
from src.config import Settings
from src.customers import check, demo
from src.customers.records import CHECKED, ERRORS, REJECTS, RUNLOG, Checked, Export
from src.kit import importing, reading, stage, tables
from src.kit.errors import SOME_ROWS_FAILED
from src.kit.logbook import Author
from src.kit.reading import Reject
from src.office import demo_database, pipelines


class Counts(NamedTuple):
    """Where the export's rows went."""

    customers: int
    footers: int  # lines of a report that are no rows
    warned: int


def main(argv: Sequence[str] | None = None) -> int:
    """Write the checked customers and the rejects; log the rejects."""
    run = stage.start("customers_check", __doc__, argv, _options)
    settings = config.load(run.environ)
    path, shown = _given(settings, run.args.file or "")
    export = reading.given(path, Export, shown)
    check.refuse_foreign(shown, export.dialect.names)
    author = Author(run.run_id, run.door, run.clock)
    place = pipelines.log_place(settings, RUNLOG)
    with importing.open_log(place, author) as log, stage.uncollected():
        rejects: list[Reject] = []
        keys: dict[str, str] = {}  # of the rejects, by line
        counts = _write(run, settings, export, (rejects, keys))
        rejects = sorted(rejects, key=lambda reject: int(reject.line))
        tables.write(pipelines.path_of(settings, REJECTS), Reject, rejects)
        importing.log_rejects(log, shown, rejects, keys)
        log.commit()
        errors, runlog = (pipelines.path_of(settings, t) for t in (ERRORS, RUNLOG))
        importing.write_errors(errors, runlog, run.run_id)
        return run.finish(_report(export, counts, rejects), settings.log_dir)


def _given(settings: Settings, typed: str) -> tuple[Path, str]:
    """Return the file to check, and how messages name it: the demo's where none is."""
    if typed:
        return Path(typed).expanduser(), typed
    demo_database.expect_only_demo(settings)
    demo.make_if_missing(settings.data_dir / "demo")
    return settings.data_dir / "demo" / demo.FIRST, f"data/demo/{demo.FIRST}"


def _write(
    run: stage.Run,
    settings: Settings,
    export: reading.Reading,
    refused: tuple[list[Reject], dict[str, str]],
) -> Counts:
    rejects, keys = refused
    footers = warned = 0
    is_windows = export.dialect.spelling.encoding == "cp1252"
    misread = check.misread if is_windows else lambda *_: None
    progress = run.progress("check")
    with tables.writing(pipelines.path_of(settings, CHECKED), Checked) as append:
        for row in progress.over(export):
            if check.is_footer(row):
                footers += 1
                continue
            found = misread(row, export.place) or check.checked(row, export.place)
            if isinstance(found, Reject):
                rejects.append(found)
                keys[found.line] = row.quickbooks_id or row.name
                continue
            warned += bool(found.warnings)
            append(tables.checked(found[:-1]))
    progress.close()
    unread = [r for r in export.rejects if not check.is_footer_line(r.original)]
    rejects += unread
    footers += len(export.rejects) - len(unread)
    return Counts(append.count, footers, warned)


def _report(
    export: reading.Reading, counts: Counts, rejects: list[Reject]
) -> stage.Report:
    notes = list(export.notes)
    if counts.footers:
        notes.append(f"left out {counts.footers} line(s): empty, or when the report was made")
    if counts.warned:
        notes.append(
            f"{counts.warned:,} customer(s) with contacts that are none; see `warnings`"
        )
    for r in rejects[:5]:
        notes.append(f"{r.file}: line {r.line}: " + f"{r.column} {r.reason}".lstrip())
    if len(rejects) > 5:
        notes.append(f"and {len(rejects) - 5:,} more rejected row(s)")
    balance = stage.Balance(export.count, counts.customers, len(rejects), counts.footers)
    files = [(CHECKED.place, counts.customers), (REJECTS.place, len(rejects))]
    code = SOME_ROWS_FAILED if rejects else stage.OK
    said = {"customers": counts.customers, "rejected": len(rejects)}
    return stage.Report(
        said,
        balance,
        files,
        notes,
        "make customers-match",
        code,
        (RUNLOG.place, len(rejects)),
        export.place,
    )


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="the export; without it the demo's")


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
