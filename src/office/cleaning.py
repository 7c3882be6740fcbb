"""What is removed again: what the simulated companies and the demos made.

Somebody's own import, warehouse or MIS stays, with all that is needed to go on with it.
"""

from __future__ import annotations

import glob
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from src.attachments import demo, records
from src.config import Settings
from src.customers import demo as customers
from src.kit import plans
from src.kit.tables import Table
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


class Kept(NamedTuple):
    """What stays, and why; empty = it goes."""

    imports: str
    warehouse: str
    mis: str


def kept(settings: Settings) -> Kept:
    """Return what is somebody's own."""
    guards = (demo_database.kept, demo_warehouse.kept, demo_mis.kept)
    return Kept(*[guard(settings) for guard in guards])


def removed(settings: Settings, kept: Kept) -> Iterator[Path]:
    """Remove all else; yield what was removed."""
    yield from _halves(settings)
    yield from _attachments(settings)
    if not kept.imports:
        yield from _tables(settings, MADE_BY_IMPORTS)
        yield from _unlink(settings.data_dir, f"{settings.database_file.name}*")
        yield from _exports(settings)
    if not kept.warehouse:
        names = ("qbd_*.csv", "wms_*.csv", f"{settings.wms_database_file.name}*")
        yield from _unlink(settings.data_dir, *names)
        yield from _unlink(settings.log_dir, "wms_*")
        yield from _folder(settings.fake_conductor_dir)
    if not kept.mis:
        names = ("mis_*.csv", "qbo_names.csv", f"{settings.mis_database_file.name}*")
        yield from _unlink(settings.data_dir, *names)
        yield from _unlink(settings.log_dir, "mis_*")
        yield from _folder(settings.fake_qbo_dir)
    if not (kept.warehouse or kept.mis):
        yield from _folder(settings.data_dir / plans.KEPT)
    if not any(kept):  # what all pipelines share
        yield from _unlink(settings.data_dir, "judgements.*")
        yield from _unlink(settings.log_dir, "receipts.*", "realm-*.lock", "report.html")


def _halves(settings: Settings) -> Iterator[Path]:
    """Remove what killed runs left half-written, whoever's it is: nothing reads it."""
    known = (pipelines.path_of(settings, t) for one in pipelines.ALL for t in one.tables)
    for path in known:
        yield from _unlink(path.parent, f"{glob.escape(path.name)}.tmp")
    yield from _unlink(settings.data_dir, "qbd_*.csv.tmp")
    yield from _unlink(settings.data_dir / plans.KEPT, "*.csv.tmp")


def _attachments(settings: Settings) -> Iterator[Path]:
    marker = settings.files_dir / demo.MARKER
    if marker.exists() and not any(demo.strangers(settings.files_dir)):
        yield from _tables(settings, MADE_FROM_THE_TREE)
        yield from _folder(settings.files_dir / "Attach")
    yield from _tables(settings, MADE_BY_UPLOADS)
    yield from _unlink(settings.log_dir, "qbo_attach_inflight.*")
    yield from _folder(settings.log_dir / plans.KEPT)
    yield from _unlink(settings.files_dir, demo.MARKER)


def _exports(settings: Settings) -> Iterator[Path]:
    """Remove the demo's exports, and their folder unless something else is in it."""
    folder = settings.data_dir / "demo"
    names = (*customers.FILES, *salespro.FILES.values(), salespro.LATER)
    yield from _unlink(folder, *map(glob.escape, names))
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        yield folder


def _tables(settings: Settings, tables: tuple[Table, ...]) -> Iterator[Path]:
    for table in tables:
        path = pipelines.path_of(settings, table)
        yield from _unlink(path.parent, f"{path.stem}.*")


def _folder(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        shutil.rmtree(folder)
        yield folder


def _unlink(folder: Path, *patterns: str) -> Iterator[Path]:
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            path.unlink()
            yield path
