"""Remove what the simulated company and the demo made, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from src import config
from src.adapters.fakes.ledger import created_ids
from src.attachments import records
from src.config import Settings
from src.kit import runlog, stage
from src.kit.errors import Refused
from src.kit.locks import Lock
from src.kit.memory import SUCCESSES
from src.office import cleaning, pipelines


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
        kept = cleaning.kept(settings)
        removed = list(cleaning.removed(settings, kept))
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


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
