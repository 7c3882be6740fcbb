"""Verify which files may be uploaded, and where to: the plan, before anything is sent."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

from src import config
from src.attachments import bill, history, outgoing, planning, records, verify
from src.attachments.mapping import Targets
from src.config import Settings
from src.kit import plans, reading, stage, tables
from src.office import pipelines


class Written(NamedTuple):
    """What the plan came to."""

    counts: Counter[str]
    skipped: int
    bill: bill.Bill
    sent: int


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
    past = history.read(pipelines.attachments_shelf(settings))
    planner = planning.Planner(targets, _scope(settings), _look(settings, past))
    decisions = plans.Decisions(_decided(settings), records.Verified)
    scattered = planning.scattered(paths(records.INVENTORY))
    planned = planner.plan(inventory, scattered)
    written = _write(run, settings, planned, (decisions, past))
    rejects = [*mapping.rejects, *inventory.rejects]
    tables.write(paths(records.REJECTS), reading.Reject, rejects)
    balance = stage.Balance(
        inventory.count,
        sum(written.counts.values()),
        len(inventory.rejects),
        written.skipped,
    )
    report = stage.Report(
        written.counts,
        balance,
        [
            (records.PLAN.place, balance.out),
            (records.SKIPS.place, written.skipped),
            (records.REJECTS.place, len(rejects)),
        ],
        [
            *_notes(mapping, inventory, targets, planner),
            *_told(decisions),
            f"already there: {written.sent:,} files",
            written.bill.sentence(run.clock.now()),
        ],
        "make attach",
        stage.SOME_ROWS_FAILED if rejects else stage.OK,
    )
    return run.finish(report, settings.log_dir)


def _write(
    run: stage.Run,
    settings: Settings,
    planned: planning.Planned,
    known: tuple[plans.Decisions, history.History],
) -> Written:
    """Write the plan and the skips; return what they came to."""
    decisions, past = known
    costs = bill.Bill(settings.qbo_files_per_request, settings.qbo_requests_per_minute)
    counts: Counter[str] = Counter()
    sent, at = 0, planning.DECISION_AT
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
            row = decisions.take_over(row)
            plan(plans.signed(row, at, run.run_id))
            counts[row.status] += 1
            if row.status in records.SENT_WITHOUT_DECISION:
                if past.is_sent(settings.qbo_realm_id, row):
                    sent += 1
                else:
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
        lambda path: outgoing.digest_of(below + path),
        past.in_doubt,
    )


def _decided(settings: Settings) -> list[records.Verified]:
    """Return the rows of the present plan that people decided."""
    path = pipelines.path_of(settings, records.PLAN)
    if not path.exists():
        return []
    return [row for row in reading.table(path, records.PLAN) if row.decision]


def _told(decisions: plans.Decisions) -> list[str]:
    told = [f"took over {decisions.taken} decision(s)"] if decisions.taken else []
    if decisions.lost:
        told.append(
            f"{len(decisions.lost)} decision(s) not taken over, because the row is gone "
            f"or says something else now: {', '.join(decisions.lost[:5])}"
        )
    return told


def _notes(
    mapping: reading.Reading[records.Mapping],
    inventory: reading.Reading[records.Attachment],
    targets: Targets,
    planner: planning.Planner,
) -> list[str]:
    notes = [f"{r.place}: {note}" for r in (mapping, inventory) for note in r.dialect.notes]
    unused = targets.unused_by_type(planner.used)
    if unused:
        by_type = ", ".join(f"{count:,} {name}" for name, count in unused.most_common())
        notes.append(f"mapping rows without a file: {by_type}")
    if targets.repeated:
        notes.append(f"mapping rows that repeat another: {targets.repeated:,}")
    if targets.blank:
        notes.append(f"mapping rows without an id: {targets.blank:,}")
    return notes


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
