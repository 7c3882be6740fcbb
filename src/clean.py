"""Remove what the simulated company and the demo made, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from src import config
from src.adapters.fakes.ledger import created_ids
from src.attachments import demo, records
from src.config import Settings
from src.kit import runlog, stage
from src.kit.errors import Refused
from src.kit.locks import Lock
from src.kit.memory import SUCCESSES
from src.office import pipelines

MADE_FROM_THE_TREE = (
    records.MAPPING,
    records.INVENTORY,
    records.PLAN,
    records.SKIPS,
    records.REJECTS,
)
MADE_BY_UPLOADS = (
    records.RUNLOG,
    records.ERRORS,
    records.DUPS,
    records.FINDINGS,
    records.TOTALS,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Remove the simulated company and its logs; a demo tree with its stage files."""
    run = stage.start("clean", __doc__, argv)
    settings = config.load(run.environ)
    if settings.qbo_api == "http":
        raise Refused(
            "QBO_API=http: the logs are those of a real company and keep files from being "
            "sent twice; nothing was removed, move them away yourself if you want that"
        )
    settings.fake_qbo_dir.mkdir(parents=True, exist_ok=True)
    with Lock(settings.fake_qbo_dir / "server.lock"), Lock(pipelines.path_of(settings, records.RUNLOG).with_suffix(".lock")):
        _refuse_real_successes(settings)
        removed = list(_remove(settings))
    print(f"clean: removed {len(removed)} files and folders")
    for path in removed:
        print(stage.printable(f"  {path}"))
    return stage.OK


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


def _remove(settings: Settings) -> Iterator[Path]:
    is_demo = (settings.files_dir / demo.MARKER).exists() and not any(
        demo.strangers(settings.files_dir)
    )
    for table in (*MADE_BY_UPLOADS, *(MADE_FROM_THE_TREE if is_demo else ())):
        path = pipelines.path_of(settings, table)
        yield from _unlink(path.parent, f"{path.stem}.*")
    for pattern in ("qbo_attach_inflight.*", "receipts.*", "realm-*.lock"):
        yield from _unlink(settings.log_dir, pattern)
    folders = [settings.fake_qbo_dir, *([settings.files_dir / "Attach"] * is_demo)]
    for folder in filter(Path.is_dir, folders):
        shutil.rmtree(folder)
        yield folder
    yield from _unlink(settings.files_dir, demo.MARKER)


def _unlink(folder: Path, pattern: str) -> Iterator[Path]:
    for path in sorted(folder.glob(pattern)):
        path.unlink()
        yield path


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
