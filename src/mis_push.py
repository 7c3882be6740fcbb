"""Push the planned customers into QuickBooks, each exactly once, and tell the MIS."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Sequence

from src import config
from src.config import Settings
from src.kit import acting, receipts, stage
from src.kit.clock import REAL, Clock
from src.kit.errors import AUTHORIZE_AGAIN, IN_DOUBT, NOTHING_DONE, OK, SOME_ROWS_FAILED
from src.kit.errors import STOPPED_EARLY, Refused
from src.kit.memory import HELD
from src.mis import pushed, realms, views
from src.mis.entries import ADOPTED
from src.mis.records import ERRORS, FETCH, PLAN, PLAN_IT, PUSH, RUNLOG, TYPES
from src.office import mis_application, pipelines
from src.office.mis_application import Job, Side, Work

_UNSENT = (HELD, ADOPTED)  # outcomes of whom nothing was sent
MOST = 100  # persons in hand at once (the specification's batches)


def main(
    argv: Sequence[str] | None = None, sides: Side = Side(), clock: Clock = REAL
) -> int:
    """Carry out the plan; append the run log, write its errors view, keep the plan."""
    run = stage.start("mis_push", __doc__, argv, _options)
    settings = config.load(run.environ)
    made = receipts.of_plan(settings.log_dir, pipelines.path_of(settings, PLAN), PLAN)
    _check_realm(settings)
    job = Job(run, settings, clock, made)
    with run.stopping_gently(), stage.uncollected():
        work = mis_application.push(job, sides)
    return run.finish(_report(job, work), settings.log_dir)


def _options(parser: ArgumentParser) -> None:
    stage.acting_options(parser)
    parser.add_argument(
        "--batch-size",
        type=_batch_size,
        default=50,
        metavar="N",
        help=f"customers in hand at once, 1 to {MOST}; at most 30 travel together",
    )
    parser.add_argument(
        "types", nargs="*", type=_type, metavar="TYPE", help=", ".join(TYPES)
    )


def _batch_size(text: str) -> int:
    number = stage.whole_number(text)
    if number > MOST:
        raise ArgumentTypeError(f"{number} is more than {MOST}")
    return number


def _type(word: str) -> str:
    if word not in TYPES:
        raise ArgumentTypeError(f"{word!r} is none of {', '.join(TYPES)}")
    return word


def _check_realm(settings: Settings) -> None:
    """Raise Refused where the plan is of another company."""
    planned = realms.of(settings.log_dir, PLAN.place)
    if planned not in ("", settings.qbo_realm_id):
        raise Refused(
            f"{PLAN.place}: is of company {planned}, QBO_REALM_ID names "
            f'{settings.qbo_realm_id}; set it back, or run "{FETCH}" and "{PLAN_IT}" again'
        )


def _report(job: Job, work: Work) -> stage.Report:
    pushes, is_dry_run = work.pushes, job.run.args.dry_run
    missing = max(0, int(job.made.rows) - pushes.known - len(work.plan.rejects))
    balance = pushes.balance(len(work.plan.rejects), missing)
    notes = [*work.notes, *pushed.notes(work.survey, pushes)]
    if is_dry_run:
        notes.append("a dry run: nothing was sent or written")
    return stage.Report(
        work.survey.would if is_dry_run else work.desk.told,
        balance,
        [] if is_dry_run else [_write_view(job, work)],
        notes,
        _next_step(work, balance, is_dry_run),
        OK if is_dry_run else _exit_code(work, balance),
        ("", 0) if is_dry_run else (RUNLOG.place, sum(work.desk.rows.values())),
        warnings=list(_warnings(work, missing)),
    )


def _warnings(work: Work, missing: int) -> Iterator[str]:
    yield from work.delivery.warnings
    yield from pushed.warnings(work.pushes, missing)
    yield from pushed.rejected(work.plan.rejects)
    yield from pushed.untold(work.problem)


def _next_step(work: Work, balance: stage.Balance, is_dry_run: bool) -> str:
    if is_dry_run or balance.not_attempted or work.problem:
        return PUSH
    is_to_decide = balance.held > work.pushes.outrun
    return f"decide in {PLAN.place}, then {PUSH}" if is_to_decide else FETCH


def _exit_code(work: Work, balance: stage.Balance) -> int:
    if work.pushes.is_of_another_plan and not work.delivery.has_doubt:
        return NOTHING_DONE
    code = acting.exit_code(balance, work.delivery)
    if work.problem and code != AUTHORIZE_AGAIN:
        return _code_of(work.problem, work)
    is_all_well = not (balance.held or work.pushes.otherwise)
    return SOME_ROWS_FAILED if code == OK and not is_all_well else code


def _code_of(problem: Refused, work: Work) -> int:
    """Return the exit code where the MIS could not be told."""
    if not any(count for word, count in work.desk.rows.items() if word not in _UNSENT):
        return problem.exit_code
    return IN_DOUBT if work.delivery.has_doubt else STOPPED_EARLY


def _write_view(job: Job, work: Work) -> tuple[str, int]:
    log, errors = (pipelines.path_of(job.settings, table) for table in (RUNLOG, ERRORS))
    return ERRORS.place, views.write(log, errors, work.survey.people)


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
