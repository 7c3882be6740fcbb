"""Download the mapping from desktop records to QuickBooks Online records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from src import config
from src.adapters import qbo
from src.attachments import demo
from src.attachments.records import MAPPING, Mapping
from src.kit import stage, tables
from src.kit.progress import Progress
from src.office import connect, pipelines


def main(argv: Sequence[str] | None = None) -> int:
    """Write data/mapping_export.csv from the company's QbdtEntityIdMapping."""
    run = stage.start("download_mapping_demo", __doc__, argv)
    settings = config.load(run.environ)
    notes = []
    if settings.qbo_api == "fake":
        notes = demo.make_if_missing(settings.files_dir, settings.fake_qbo_dir)
    courtesy = connect.courtesy(settings, run.run_id, run.clock)
    query = connect.query(connect.company(settings, run.clock), courtesy)
    rows = _mapping(query, settings, run.progress("mapping"))
    path = pipelines.path_of(settings, MAPPING)
    first = next(rows, None)
    if first is None:
        notes = [*notes, _nothing_there(path)]
    keeps = first is None and path.exists()
    count = 0
    if not keeps:
        count = tables.write(path, Mapping, chain([first], rows) if first else ())
    report = stage.Report(
        {"mapping rows": count},
        stage.Balance(count, count),
        [] if keeps else [(MAPPING.place, count)],
        notes,
        "make inventory",
    )
    return run.finish(report, settings.log_dir)


def _nothing_there(path: Path) -> str:
    kept = "; the one that is there is left as it is" if path.exists() else ""
    return (
        "the company has no QbdtEntityIdMapping, which only companies that Intuit converted "
        f"from Desktop have; put your own into {MAPPING.place}{kept}"
    )


def _mapping(
    query: qbo.Query, settings: config.Settings, progress: Progress
) -> Iterator[Mapping]:
    for record in qbo.pages(query, "QbdtEntityIdMapping"):
        yield Mapping(
            config.normalize_legacy_id(
                record["QbdtExportableId"], settings.legacy_id_prefixes
            ),
            record["QbdtEntityType"],
            config.normalize_entity_type(record["QboEntityType"]),
            record["QboEntityId"],
        )
        progress.advance()
    progress.close()


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
