"""An import of a SalesPro export, plugged in: file, database, log, history, summary."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import tzinfo
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from src.config import Settings
from src.kit import files, importing, reading, stage
from src.kit.clock import zone
from src.kit.database import Database
from src.kit.errors import Refused, sentence
from src.kit.files import Look
from src.kit.importing import Desk
from src.kit.logbook import Author, Logbook
from src.kit.reading import Reading
from src.kit.stage import Report, Run
from src.office import connect_database, demo_database, pipelines
from src.salespro import demo, history, summary
from src.salespro.history import Earlier, Ending, History, Start
from src.salespro.importer import Importer, Order
from src.salespro.records import ERRORS, PLAN, REJECTS, RUNLOG
from src.salespro.shapes import Shape

Connect = Callable[..., AbstractContextManager[Database]]
_CHUNK = 1 << 20


class _Given(NamedTuple):
    """The file to import, and what there is to say about it."""

    path: Path
    shown: str
    seen: Look | None  # before it was hashed; None = it is no file
    notes: list[str]


def options(parser: ArgumentParser) -> None:
    """Add the options of a door that imports a file."""
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="the export; without it the demo's"
    )
    importing.options(parser)


def carry_out(
    run: Run,
    settings: Settings,
    shape: Shape,
    connect: Connect = connect_database.database,
) -> int:
    """Import the file that the command line names; return the exit code."""
    limits = importing.limits_of(run.args, settings.batch_size)
    given = _given(run, settings, shape)
    with ExitStack() as held:
        database = held.enter_context(connect(settings, clock=run.clock))
        held.enter_context(database.lock())
        held.enter_context(run.stopping_gently())
        held.enter_context(stage.uncollected())
        record = History(database, run.clock)
        start = _start(run, settings, shape, given)
        earlier = record.begin(start)
        with _recorded(record) as counted:
            order = Order(shape, _open(given, shape), _zone(settings), limits)
            with _log(run, settings) as log:
                desk = Desk(
                    database, log, given.shown, run.clock, lambda: bool(run.signal)
                )
                importer = Importer(order, desk)
                counted.append(importer.imported.counts)
                _import(run, settings, importer, record)
                record.end(importer.ending())
    return _finish(run, settings, importer, (given, earlier))


def _import(run: Run, settings: Settings, importer: Importer, record: History) -> None:
    importer.read(pipelines.path_of(settings, REJECTS), run.progress("read"))
    importer.compare()
    if importer.order.limits.is_dry_run:
        importer.write_plan(pipelines.path_of(settings, PLAN))
    importer.keep_copy(run.run_id)
    importer.apply(record, lambda total: run.progress("store", total))


def _finish(
    run: Run, settings: Settings, done: Importer, known: tuple[_Given, Earlier | None]
) -> int:
    given, earlier = known
    files = [(REJECTS.place, done.rejects)] if done.rejects else []
    if done.order.limits.is_dry_run:
        files.insert(0, (PLAN.place, done.previewed))
    else:
        paths = (pipelines.path_of(settings, table) for table in (ERRORS, RUNLOG))
        files.insert(0, (ERRORS.place, importing.write_errors(*paths, run.run_id)))
    balance = done.balance()
    code = importing.exit_code(balance)
    report = Report(
        summary.counts(done),
        balance,
        files,
        [*given.notes, *summary.notes(done, earlier)],
        _next_step(run, code),
        code,
        (RUNLOG.place, done.imported.logged),
    )
    return run.finish(report._replace(source=given.shown), settings.log_dir)


def _next_step(run: Run, code: int) -> str:
    if run.args.dry_run:
        return f"look at {PLAN.place}, then the same command without --dry-run"
    if code:
        return f"look at {ERRORS.place}"
    return "python -m src.salespro_history analyze"


# --- the file -------------------------------------------------------------------------


def _given(run: Run, settings: Settings, shape: Shape) -> _Given:
    if run.args.file:
        path = Path(run.args.file)
        return _Given(path, run.args.file, files.look(path), [])
    demo_database.expect_only_demo(settings)
    folder = settings.data_dir / "demo"
    made = demo.make_if_missing(folder)
    path = folder / demo.FILES[shape.sync_type]
    said = ["made the demo exports in data/demo first"] if made else []
    return _Given(path, f"data/demo/{path.name}", files.look(path), said)


def _open(given: _Given, shape: Shape) -> Reading:
    try:
        return reading.given(given.path, shape.row, given.shown, given.seen)
    except OSError as error:
        raise Refused(sentence(error)) from None


def _digest(given: _Given) -> str | None:
    """Return the SHA-256 of the file, None where it cannot be read."""
    if given.seen is None:  # a pipe gives its content once, a device for ever
        return None
    found = sha256()
    try:
        with open(given.path, "rb") as file:
            while chunk := file.read(_CHUNK):
                found.update(chunk)
    except OSError:
        return None
    return found.hexdigest()


# --- history and log ------------------------------------------------------------------


def _start(run: Run, settings: Settings, shape: Shape, given: _Given) -> Start:
    shown = given.shown.encode("utf-8", "backslashreplace").decode()
    is_dry_run, size = run.args.dry_run, settings.batch_size
    return Start(
        run.run_id, shape.sync_type, is_dry_run, shown, _digest(given), size
    )


@contextmanager
def _recorded(record: History) -> Iterator[list[Counter[str]]]:
    """Let the history know what ended the block; yields where its counts are put."""
    counted: list[Counter[str]] = []
    try:
        yield counted
    except (Refused, OSError) as error:
        counts = counted[0] if counted else Counter()
        well = counts["created"] + counts["updated"]
        said = sentence(error) if isinstance(error, OSError) else str(error)
        status = history.PARTIAL if well else history.FAILED
        _end_if_possible(record, Ending(status, said, counts))
        raise


def _end_if_possible(record: History, ending: Ending) -> None:
    try:
        record.end(ending)
    except Refused:  # the next start finds the row in progress and marks it
        pass


def _log(run: Run, settings: Settings) -> AbstractContextManager[Logbook | None]:
    if run.args.dry_run:
        return nullcontext()
    author = Author(run.run_id, run.door, run.clock)
    return importing.open_log(pipelines.log_place(settings, RUNLOG), author)


def _zone(settings: Settings) -> tzinfo | None:
    return zone(settings.salespro_timezone) if settings.salespro_timezone else None
