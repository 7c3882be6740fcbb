"""Where the rows about a record may stand: tables, segments of logs, kept plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from src.attachments import biography as of_files
from src.attachments import records as attachments
from src.config import ROOT, Settings
from src.customers import biography as of_customers
from src.customers import records as customers
from src.kit import cells, judgements, plans, receipts, runlog
from src.kit.book import Intent
from src.kit.receipts import Receipt
from src.kit.searching import Source
from src.kit.stories import Teller
from src.kit.tables import APPEND_ONLY, GIVEN, Table, encoded_header, header
from src.mis import biography as of_people
from src.mis import records as mis
from src.office import pipelines
from src.office.pipelines import Pipeline
from src.salespro import biography as of_appointments
from src.salespro import records as salespro
from src.wms import biography as of_goods
from src.wms import records as wms

# Views repeat what their log says, and these tables say nothing of single records.
_LEFT_OUT = {
    attachments.ERRORS.name,
    attachments.DUPS.name,
    attachments.TOTALS.name,
    customers.ERRORS.name,
    salespro.ERRORS.name,
    *(wms.ERRORS.name, wms.SESSIONS.name),
    *(mis.ERRORS.name, mis.COVERAGE.name, mis.BUDGET.name, mis.SESSIONS.name),
}
# The rows of exports as they were given, and which pipeline takes them.
_EXPORTS = {
    "customers": Table("DATA_DIR", of_customers.EXPORT, customers.Export, GIVEN, ""),
    "salespro": Table(
        "DATA_DIR", of_appointments.EXPORT, salespro.Appointment, GIVEN, ""
    ),
}
_KEPT = {
    "attachments": (attachments.PLAN, attachments.FINDINGS),
    "customers": (customers.PLAN,),
    "wms": (wms.PLAN,),
    "mis": (mis.PLAN,),
}


class Shelf(NamedTuple):
    """One pipeline's files, and who tells of their rows."""

    pipeline: str
    teller: Teller
    sources: Sequence[Source]


def shelves(settings: Settings) -> Iterator[Shelf]:
    """Yield the pipelines with all the files in which a record may be met."""
    tellers = {
        "attachments": of_files.teller(settings.legacy_id_prefixes),
        "customers": of_customers.TELLER,
        "salespro": of_appointments.TELLER,
        "wms": of_goods.TELLER,
        "mis": of_people.TELLER,
    }
    known = list(receipts.read(settings.log_dir))
    for pipeline in pipelines.ALL:
        found = list(_sources(settings, pipeline, known))
        yield Shelf(pipeline.name, tellers[pipeline.name], found)


def spellings(settings: Settings, key: str) -> list[str]:
    """Return a key, what a cell means that is spelled so, and the path that it may be."""
    cell = key.strip()
    plain = cells.unguard(cell)
    texts = list(dict.fromkeys([key, plain, cells.unescape(cell), cells.unescape(plain)]))
    path = Path(cell)
    if path.is_absolute() and path.is_relative_to(settings.files_dir):
        texts.append(path.relative_to(settings.files_dir).as_posix())
    parts = cell.replace("\\", "/").split("/")
    if len(parts) > 1:
        texts.append("/".join(parts))
    if parts[0] in (".", settings.files_dir.name) and len(parts) > 1:
        texts.append("/".join(parts[1:]).removeprefix(f"{settings.files_dir.name}/"))
    return texts


def _sources(
    settings: Settings, pipeline: Pipeline, known: Sequence[Receipt]
) -> Iterator[Source]:
    written = {one.subject: one for one in known if one.kind == receipts.FILE}
    yield from _exports(settings, pipeline, known)
    yield from _kept(settings, pipeline)
    for table in (*_of_sides(pipeline), *pipeline.tables):
        if table.name not in _LEFT_OUT:
            yield from _files(settings, table, written)
    if pipeline.journal:
        journal = Table("LOG_DIR", pipeline.journal, Intent, APPEND_ONLY, "")
        yield from _files(settings, journal)
    yield from _files(settings, judgements.TABLE)


def _files(
    settings: Settings, table: Table, known: Mapping[str, Receipt] = {}
) -> Iterator[Source]:
    path = pipelines.path_of(settings, table)
    if table.kind != APPEND_ONLY:
        said = known.get(table.place)
        of, made = (receipts.source(said), said.ts) if said else ("", "")
        yield Source(path, table.place, _as_it_stands(path, table), of, made)
        return
    folder = table.place.rpartition("/")[0]
    for segment in runlog.segments(path):
        yield Source(segment, f"{folder}/{segment.name}", table)


def _of_sides(pipeline: Pipeline) -> Iterator[Table]:
    if pipeline is pipelines.WMS:
        for side in (wms.STORED, wms.MIRROR, wms.BASE):
            yield from side.values()


def _kept(settings: Settings, pipeline: Pipeline) -> Iterator[Source]:
    """Yield the plans that were applied, oldest first."""
    tables = {encoded_header(t.row): t for t in _KEPT.get(pipeline.name, ())}
    folder = settings.data_dir / plans.KEPT
    for path in sorted(folder.glob("*.csv")):
        with open(path, "rb") as file:
            table = tables.get(file.readline())
        if table:
            yield Source(path, f"data/{plans.KEPT}/{path.name}", table)


def _logged(settings: Settings, pipeline: Pipeline) -> Iterator[str]:
    """Yield the given files that the rows of an importer's log name."""
    at = header(pipeline.log.row).index("file")
    for row in runlog.rows(pipelines.path_of(settings, pipeline.log), pipeline.log.row):
        if row:
            yield runlog.text(row[at])


def _as_it_stands(path: Path, table: Table) -> Table:
    """Return the table, or its reverse where a plan that takes back stands there."""
    if table is attachments.PLAN and path.exists():
        with open(path, "rb") as file:
            if file.readline() == encoded_header(attachments.REVERSE.row):
                return attachments.REVERSE
    return table


def _exports(
    settings: Settings, pipeline: Pipeline, known: Sequence[Receipt]
) -> Iterator[Source]:
    """Yield the given files that the pipeline has taken, those that are still there."""
    table = _EXPORTS.get(pipeline.name)
    if table:
        said = [receipts.source(one) for one in known if one.door in pipeline.doors]
        for given in filter(None, dict.fromkeys([*said, *_logged(settings, pipeline)])):
            places = (Path(given), ROOT / given, settings.data_dir.parent / given)
            path = next((one for one in places if one.is_file()), None)
            if path:
                yield Source(path, given, table, given)
