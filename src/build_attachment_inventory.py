"""Take stock of the legacy attachment tree: one row per file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from src import config
from src.attachments import demo, inventory
from src.attachments.records import INVENTORY, Attachment
from src.kit import stage, tables
from src.office import pipelines


def main(argv: Sequence[str] | None = None) -> int:
    """Write data/attachments_inventory.csv."""
    run = stage.start("build_attachment_inventory", __doc__, argv)
    settings = config.load(run.environ)
    layout = inventory.parse_layout(settings.attach_layout)
    notes = demo.make_if_missing(settings.files_dir, settings.fake_qbo_dir)
    normalize = partial(
        config.normalize_legacy_id, prefixes=settings.legacy_id_prefixes
    )
    counts: Counter[str] = Counter()
    progress = run.progress("inventory")
    with tables.writing(pipelines.path_of(settings, INVENTORY), Attachment) as append:
        for row in inventory.walk(str(settings.files_dir), layout, normalize):
            append(tables.escaped(row))
            counts["without an owner" if row.note else "with an owner"] += 1
            progress.advance()
    progress.close()
    report = stage.Report(
        counts,
        stage.Balance(append.count, append.count),
        [(INVENTORY.place, append.count)],
        notes,
        "make verify",
    )
    return run.finish(report, settings.log_dir)


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
