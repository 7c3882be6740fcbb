"""Verify which files may be uploaded, and where to: the plan, before anything is sent."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from typing import NamedTuple

from src import config
from src.attachments import bill, history, outgoing, planning, records, verify
from src.attachments.renewing import Renewal
from src.attachments.mapping import Targets
from src.attachments.undone import Digest
from src.config import Settings
from src.kit import plans, reading, stage, tables
from src.kit.errors import SOME_ROWS_FAILED
from src.office import pipelines


class Written(NamedTuple):
    """What the plan came to."""

    counts: Counter[str]
    skipped: int
    bill: bill.Bill
    sent: int

    def notes(self, now: datetime) -> list[str]:
        """Return what sending this will cost."""
        there = f"already there: {self.sent:,} files"
        return [*([there] if self.sent else []), self.bill.sentence(now)]


def main(argv: Sequence[str] | None = None) -> int:
    """Write the verification log (the plan), the skips and the rejects."""
    run = stage.start("mapping_verifier", __doc__, argv)
    settings = config.load(run.environ)
    paths = partial(pipelines.path_of, settings)
    normalize = partial(
        config.normalize_legacy_id, prefixes=settings.legacy_id_prefixes
    )
    mapping = reading.table(paths(records.MAPPING), records.MAPPING)
    inventory = reading.table(paths(records.INVENTORY), records.INVENTORY)
    targets = Targets(mapping, normalize)
    past = history.read(pipelines.attachments_shelf(settings), _digest(settings))
    planner = planning.Planner(targets, _scope(settings), _look(settings, past))
    is_after_undo = plans.is_reverse(paths(records.PLAN), records.PLAN)
    decisions = plans.earlier(paths(records.PLAN), records.PLAN)
    renewal = Renewal(decisions, past, is_after_undo)
    scattered = planning.scattered(paths(records.INVENTORY))
    written = _write(
        run, settings, planner.plan(inventory, scattered), (renewal, past)
    )
    rejects = [*mapping.rejects, *inventory.rejects]
    tables.write(paths(records.REJECTS), reading.Reject, rejects)
    notes = [*mapping.notes, *inventory.notes, *targets.notes(planner.used)]
    notes += [*renewal.notes(settings.qbo_realm_id), *written.notes(run.clock.now())]
    return run.finish(_report(written, inventory, rejects, notes), settings.log_dir)


def _report(
    written: Written,
    inventory: reading.Reading,
    rejects: list[reading.Reject],
    notes: list[str],
) -> stage.Report:
    planned = sum(written.counts.values())
    rejected = len(inventory.rejects)
    files = ((records.PLAN, planned), (records.SKIPS, written.skipped))
    return stage.Report(
        written.counts,
        stage.Balance(inventory.count, planned, rejected, written.skipped),
        [(t.place, rows) for t, rows in (*files, (records.REJECTS, len(rejects)))],
        notes,
        "make attach",
        SOME_ROWS_FAILED if rejects else stage.OK,
    )


def _write(
    run: stage.Run,
    settings: Settings,
    planned: planning.Planned,
    known: tuple[Renewal, history.History],
) -> Written:
    """Write the plan and the skips; return what they came to."""
    renewal, past = known
    costs = bill.Bill(settings.qbo_files_per_request, settings.qbo_requests_per_minute)
    counts: Counter[str] = Counter()
    sent = 0
    progress = run.progress("verify")
    with ExitStack() as both:
        plan, skips = (
            both.enter_context(tables.writing(pipelines.path_of(settings, t), t.row))
            for t in (records.PLAN, records.SKIPS)
        )
        for row in planned:
            progress.advance()
            if isinstance(row, records.Skipped):
                skips(tables.escaped(row))
                continue
            row = renewal.take_over(row)
            plan(plans.signed(row, planning.DECISION_AT, run.run_id))
            counts[row.status] += 1
            is_sent = past.is_sent(settings.qbo_realm_id, row)
            sent += is_sent
            if row.status in records.SENT_WITHOUT_DECISION and not is_sent:
                costs.add(int(row.size_bytes))
    progress.close()
    return Written(counts, skips.count, costs, sent)


def _scope(settings: Settings) -> verify.Scope:
    return verify.Scope(
        settings.scope_types,
        settings.scope_clients,
        settings.scope_extensions,
        settings.scope_since,
        settings.scope_max_bytes,
    )


def _look(settings: Settings, past: history.History) -> planning.Look:
    below = f"{settings.files_dir}/"
    return planning.Look(
        lambda path: os.path.lexists(below + path),
        _digest(settings),
        past.in_doubt,
        past.undone.run_of,
    )


def _digest(settings: Settings) -> Digest:
    below = f"{settings.files_dir}/"
    return lambda path: outgoing.digest_of(below + path)


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
