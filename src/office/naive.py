"""The control: an uploader that logs successes only, without intents, ids or look-ups.

It must fail every proof of exactly-once, so that the proof is known to bite.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from src import config
from src.attachments.outgoing import Outgoing
from src.attachments.records import PLAN
from src.kit import reading, stage
from src.office import connect, pipelines


def main(argv: Sequence[str] | None = None) -> int:
    """Send every file of the plan that the log does not know as a success."""
    run = stage.start("naive", __doc__, argv)
    settings = config.load(run.environ)
    log = settings.log_dir / "naive.csv"
    done = _successes(log)
    company = connect.company(settings)
    failed = 0
    with open(log, "a", newline="") as file:
        for row in reading.table(pipelines.path_of(settings, PLAN), PLAN):
            if (row.qbo_entity_id, row.file_name) in done:
                continue
            cargo = Outgoing(f"{settings.files_dir}/{row.file_path}")
            cargo.key = cargo.name = row.file_name
            cargo.entity_type, cargo.entity_id = row.qbo_entity_type, row.qbo_entity_id
            if company.upload([cargo], "")[0].remote_id:
                csv.writer(file).writerow([row.qbo_entity_id, row.file_name])
                file.flush()
            else:
                failed += 1
    return 1 if failed else 0


def _successes(log: Path) -> set[tuple[str, ...]]:
    if not log.exists():
        return set()
    with open(log, newline="") as file:
        return {tuple(row) for row in csv.reader(file)}


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
