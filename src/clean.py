"""Remove what the simulated company and the demo made, and nothing else."""

from __future__ import annotations

import glob
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from src import config
from src.adapters.fakes.ledger import created_ids
from src.attachments import demo, records
from src.config import Settings
from src.customers import demo as customers
from src.kit import runlog, stage
from src.kit.errors import Refused
from src.kit.locks import Lock
from src.kit.memory import SUCCESSES
from src.office import demo_database, demo_mis, demo_warehouse, pipelines
from src.salespro import demo as salespro

MADE_FROM_THE_TREE = (
    records.MAPPING,
    records.INVENTORY,
    records.PLAN,
    records.SKIPS,
    records.REJECTS,
)
MADE_BY_IMPORTS = (*pipelines.CUSTOMERS.tables, *pipelines.SALESPRO.tables)
MADE_BY_UPLOADS = (
    records.RUNLOG,
    records.ERRORS,
    records.DUPS,
    records.FINDINGS,
    records.TOTALS,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Remove the simulated company and its logs; a demo tree; the demo's imports."""
    run = stage.start("clean", __doc__, argv)
    settings = config.load(run.environ)
    if settings.qbo_api == "http":
        raise Refused(
            "QBO_API=http: the logs are those of a real company and keep files from being "
            "sent twice; nothing was removed, move them away yourself if you want that"
        )
    settings.fake_qbo_dir.mkdir(parents=True, exist_ok=True)
    settings.fake_conductor_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for lock in _locks(settings):
            stack.enter_context(lock)
        _refuse_real_successes(settings)
        guards = (demo_database.kept, demo_warehouse.kept, demo_mis.kept)
        kept = [guard(settings) for guard in guards]
        removed = list(_remove(settings, *map(bool, kept)))
    print(f"clean: removed {len(removed)} files and folders")
    for reason in filter(None, kept):
        print(f"  kept {reason}")
    for path in removed:
        print(stage.printable(f"  {path}"))
    return stage.OK


def _locks(settings: Settings) -> Iterator[Lock]:
    """Yield the locks of everything that may be at work on what is removed."""
    for folder in (settings.fake_qbo_dir, settings.fake_conductor_dir):
        yield Lock(folder / "server.lock")
    for log in (records.RUNLOG, pipelines.WMS.log, pipelines.MIS.log):
        yield Lock(pipelines.path_of(settings, log).with_suffix(".lock"))
    for conductor in ("wms_sync", "mis_sync"):  # between two doors they alone are held
        yield Lock(settings.log_dir / f"{conductor}.lock")


def _refuse_real_successes(settings: Settings) -> None:
    """Raise Refused where the log has a success that the simulated company lacks."""
    names = ("outcome", "attachable_id", "realm_id")
    places = [records.Attempt._fields.index(name) for name in names]
    known = created_ids(settings.fake_qbo_dir)
    path = pipelines.path_of(settings, records.RUNLOG)
    for row in filter(None, runlog.rows(path, records.Attempt)):
        outcome, attachable_id, realm = (runlog.text(row[place]) for place in places)
        if outcome in SUCCESSES and attachable_id not in known:
            raise Refused(
                f"{records.RUNLOG.place}: attachable {attachable_id} is in the real "
                f"company {realm}, and this log keeps it from being sent twice; nothing "
                "was removed, move the log away yourself if that is what you want"
            )


def _remove(
    settings: Settings, keeps_imports: bool, keeps_warehouse: bool, keeps_mis: bool
) -> Iterator[Path]:
    is_demo = (settings.files_dir / demo.MARKER).exists() and not any(
        demo.strangers(settings.files_dir)
    )
    for folder, name in pipelines.halves(settings):  # of no use to anybody
        yield from _unlink(folder, name)
    tables = [*MADE_BY_UPLOADS, *(MADE_FROM_THE_TREE if is_demo else ())]
    patterns = ["qbo_attach_inflight.*"]
    folders = [settings.files_dir / "Attach"] * is_demo
    if not keeps_imports:
        tables += MADE_BY_IMPORTS
        yield from _unlink(settings.data_dir, f"{settings.database_file.name}*")
        yield from _remove_exports(settings)
    if not keeps_warehouse:
        patterns.append("wms_*")
        folders += [settings.fake_conductor_dir]
        for pattern in ("qbd_*.csv", "wms_*.csv", f"{settings.wms_database_file.name}*"):
            yield from _unlink(settings.data_dir, pattern)
    if not keeps_mis:
        patterns.append("mis_*")
        folders += [settings.fake_qbo_dir]
        for pattern in ("mis_*.csv", "qbo_names.csv", f"{settings.mis_database_file.name}*"):
            yield from _unlink(settings.data_dir, pattern)
    if not (keeps_warehouse or keeps_mis):
        folders += [settings.data_dir / "plans"]
    if not (keeps_imports or keeps_warehouse or keeps_mis):  # what all pipelines share
        patterns += ["receipts.*", "realm-*.lock"]
        yield from _unlink(settings.data_dir, "judgements.*")
    for table in tables:
        path = pipelines.path_of(settings, table)
        yield from _unlink(path.parent, f"{path.stem}.*")
    for pattern in patterns:
        yield from _unlink(settings.log_dir, pattern)
    for folder in filter(Path.is_dir, folders):
        shutil.rmtree(folder)
        yield folder
    yield from _unlink(settings.files_dir, demo.MARKER)


def _remove_exports(settings: Settings) -> Iterator[Path]:
    """Remove the demo's exports, and their folder unless something else is in it."""
    folder = settings.data_dir / "demo"
    for name in (*customers.FILES, *salespro.FILES.values(), salespro.LATER):
        yield from _unlink(folder, glob.escape(name))
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        yield folder


def _unlink(folder: Path, pattern: str) -> Iterator[Path]:
    for path in sorted(folder.glob(pattern)):
        path.unlink()
        yield path


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
