"""What importers share: batches, limits, what is logged and counted, exit codes."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from src.kit import errors, importing, receipts, runlog
from src.kit.clock import REAL, Clock
from src.kit.database import BadData, ConnectionLost
from src.kit.errors import Refused
from src.kit.importing import (
    Changes,
    Desk,
    ErrorRow,
    Import,
    Limits,
    LogRow,
    Problem,
    Span,
    Work,
)
from src.kit.locks import Lock
from src.kit.logbook import Author, LogPlace
from src.kit.reading import Reject
from src.kit.stage import Balance
from src.kit.tables import header

PLACE = "logs/x_runlog.csv"


@pytest.fixture
def opened(tmp_path):
    """Return what opens the log of a run."""
    place = LogPlace(tmp_path / "x_runlog.csv", PLACE, LogRow)
    return lambda: importing.open_log(place, Author("r1", "door", REAL))


def noted(log, key: str) -> None:
    blanks = [""] * (len(header(LogRow)) - 6)
    log.note((log.next_seq(), *log.stamp(), "x.csv", "2", key, *blanks[:-1]))


def keys(tmp_path) -> list[str]:
    place = header(LogRow).index("key")
    rows = runlog.rows(tmp_path / "x_runlog.csv", LogRow)
    return [runlog.text(row[place]) for row in rows]


def last_kind(tmp_path) -> str:
    return receipts.last(tmp_path, PLACE, receipts.OPEN, receipts.SEAL).kind


def test_a_log_is_sealed_at_a_clean_end(tmp_path, opened):
    with opened() as log:
        noted(log, "a")

    assert keys(tmp_path) == ["a"]
    assert last_kind(tmp_path) == receipts.SEAL


@pytest.mark.parametrize(
    "error", [Refused("gone"), OSError("full"), KeyboardInterrupt()]
)
def test_what_was_noted_before_a_failure_is_written_and_not_sealed(
    tmp_path, opened, error
):
    with pytest.raises(type(error)), opened() as log:
        noted(log, "a")
        raise error

    assert keys(tmp_path) == ["a"]
    assert last_kind(tmp_path) == receipts.OPEN
    with opened() as log:
        assert log.doubts == ["the last run was not ended cleanly"]


def test_a_log_that_another_run_writes_is_left_alone(tmp_path, opened):
    with Lock(tmp_path / "x_runlog.lock"):
        with pytest.raises(errors.Locked), opened():
            pass

    assert not (tmp_path / "x_runlog.csv").exists()


@pytest.mark.parametrize(
    ("balance", "code"),
    [
        (Balance(2, out=1, skipped=1), errors.OK),
        (Balance(2, out=1, rejected=1), errors.SOME_ROWS_FAILED),
        (Balance(2, out=1, failed=1), errors.SOME_ROWS_FAILED),
        (Balance(2, out=1, held=1), errors.SOME_ROWS_FAILED),
        (Balance(3, held=1, failed=1, not_attempted=1), errors.STOPPED_EARLY),
    ],
)
def test_the_exit_code_says_what_a_person_has_to_know_first(balance, code):
    assert importing.exit_code(balance) == code


def limits(*argv: str) -> Limits:
    parser = ArgumentParser()
    importing.options(parser)
    return importing.limits_of(parser.parse_args(argv), 500)


def test_without_an_option_nothing_but_the_batches_is_limited():
    assert limits() == Limits(500, 0, 0.0, 0, False)


def test_every_option_is_a_limit():
    argv = "--limit 7 --max-errors 3 --max-minutes 1.5 --dry-run".split()

    assert limits(*argv) == Limits(500, 3, 90.0, 7, True)


@pytest.mark.parametrize("minutes", ["nan", "-1.0", "inf"])
def test_a_time_that_is_none_is_refused(minutes):
    with pytest.raises(Refused, match="expected a number above 0"):
        limits(f"--max-minutes={minutes}")


# --- batches --------------------------------------------------------------------------


class Shelf:
    """A database that keeps numbers, refuses some, and can be lost in the middle."""

    label = "shelf"

    def __init__(self, bad: Iterable[int] = (), bad_pair: Iterable[int] = ()) -> None:
        self.kept: list[int] = []
        self.begun = 0  # transactions
        self._bad, self._pair = set(bad), set(bad_pair)

    def put(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            if number in self._bad:
                raise BadData(f"shelf: {number} does not fit")
            self.kept.append(number)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = list(self.kept)
        self.begun += 1
        try:
            yield
            if self._pair and self._pair <= set(self.kept):  # seen at the commit alone
                raise BadData("shelf: both")
        except BaseException:
            self.kept = before
            raise


class Seconds:
    """A clock that goes on by some seconds whenever it is looked at."""

    def __init__(self, step: float) -> None:
        self.step, self.now = step, 0.0

    def monotonic(self) -> float:
        self.now += self.step
        return self.now


def work(shelf: Shelf, total: int) -> Work:
    """Return the numbers 1 … total as work; number n stands on line n + 1."""

    def store(span: Span) -> Changes:
        shelf.put(range(span.first, span.last + 1))
        return Changes(created=span.last - span.first + 1)

    return Work(total, store, lambda number: (str(number + 1), f"k{number}"))


def desk(shelf: Shelf, log=None, is_stopped=lambda: False, step: float = 0.0) -> Desk:
    clock = Clock(monotonic=Seconds(step).monotonic)
    return Desk(shelf, log, "x.csv", clock, is_stopped)


def apply(shelf: Shelf, total: int, limits: Limits, **more) -> tuple[Import, int]:
    """Import the numbers 1 … total; return the import and what was not attempted."""
    imported = Import(desk(shelf, **more), limits)
    return imported, imported.apply(work(shelf, total), lambda count: None)


def logged(tmp_path) -> list[LogRow]:
    rows = runlog.rows(tmp_path / "x_runlog.csv", LogRow)
    return [LogRow(*map(runlog.text, row)) for row in rows]


@pytest.mark.parametrize(
    ("total", "transactions"), [(0, 0), (1, 1), (9, 1), (10, 1), (11, 2), (35, 4)]
)
def test_a_batch_is_a_transaction(total, transactions):
    shelf = Shelf()

    imported, left = apply(shelf, total, Limits(batch_size=10))

    assert (len(shelf.kept), shelf.begun, left) == (total, transactions, 0)
    assert imported.counts["created"] == total


def test_progress_is_told_after_each_batch():
    shelf, steps = Shelf(), []

    Import(desk(shelf), Limits(batch_size=10)).apply(work(shelf, 25), steps.append)

    assert steps == [10, 10, 5]


def test_a_batch_that_is_stored_is_a_row_of_the_log(tmp_path, opened):
    with opened() as log:
        apply(Shelf(), 15, Limits(batch_size=10), log=log, step=0.25)

    first, second = logged(tmp_path)
    assert (first.line, second.line) == ("2 to 11", "12 to 16")
    assert (first.outcome, first.file, first.run_id) == ("batch", "x.csv", "r1")
    assert (second.created, second.updated, second.unchanged) == ("5", "0", "0")
    assert (second.duration_ms, second.key, second.error) == ("250", "", "")


def test_a_batch_is_in_the_log_before_the_next_is_begun(tmp_path, opened):
    shelf, seen = Shelf(), []

    with opened() as log:
        imported = Import(desk(shelf, log), Limits(batch_size=10))
        imported.apply(
            work(shelf, 30), lambda count: seen.append(len(logged(tmp_path)))
        )

    assert seen == [1, 2, 3]


@pytest.mark.parametrize("bad", [{1}, {10}, {4, 5}, {3, 8, 20}, set(range(1, 26))])
def test_all_but_the_records_that_are_refused_are_stored(tmp_path, opened, bad):
    shelf = Shelf(bad)

    with opened() as log:
        imported, left = apply(shelf, 25, Limits(batch_size=10), log=log)

    assert shelf.kept == [n for n in range(1, 26) if n not in bad]
    assert (imported.counts["failed"], left) == (len(bad), 0)
    failed = [row for row in logged(tmp_path) if row.outcome == "failed"]
    assert [(row.line, row.key) for row in failed] == [
        (str(n + 1), f"k{n}") for n in sorted(bad)
    ]


def test_a_refused_record_is_logged_in_the_words_of_the_database(tmp_path, opened):
    with opened() as log:
        apply(Shelf({3}), 3, Limits(), log=log)

    row = next(row for row in logged(tmp_path) if row.outcome == "failed")
    assert (row.category, row.error) == ("database", "shelf: 3 does not fit")


def test_parts_of_a_refused_batch_are_rows_of_their_own(tmp_path, opened):
    with opened() as log:
        apply(Shelf({4}), 4, Limits(), log=log)

    told = [(row.line, row.outcome, row.created) for row in logged(tmp_path)]
    assert told == [
        ("2 to 3", "batch", "2"),
        ("4 to 4", "batch", "1"),
        ("5", "failed", ""),
    ]


def test_what_is_refused_at_the_commit_is_halved_too():
    shelf = Shelf(bad_pair={2, 7})

    imported, _ = apply(shelf, 8, Limits())

    assert shelf.kept == [1, 2, 3, 4, 5, 6, 8]
    assert (imported.counts["created"], imported.counts["failed"]) == (7, 1)


def test_one_bad_record_costs_few_transactions():
    shelf = Shelf({777})

    apply(shelf, 1000, Limits(batch_size=1000))

    assert shelf.begun <= 2 * 10 + 1  # halved ten times


@pytest.mark.parametrize(
    "error", [ConnectionLost("gone"), OSError("full"), KeyboardInterrupt()]
)
def test_what_is_no_bad_data_ends_the_import_and_keeps_whole_batches(error):
    shelf = Shelf()
    usual = work(shelf, 30)

    def store(span: Span) -> Changes:
        changes = usual.store(span)
        if span.first > 10:
            raise error
        return changes

    with pytest.raises(type(error)):
        Import(desk(shelf), Limits(batch_size=10)).apply(
            usual._replace(store=store), lambda count: None
        )
    assert shelf.kept == list(range(1, 11))


# --- a dry run ------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [set(), {3, 17}])
def test_a_dry_run_counts_the_same_and_keeps_nothing(bad):
    dry, real = Shelf(bad), Shelf(bad)

    predicted, _ = apply(dry, 25, Limits(batch_size=10, is_dry_run=True))
    done, _ = apply(real, 25, Limits(batch_size=10))

    assert (dry.kept, len(real.kept)) == ([], 25 - len(bad))
    assert (predicted.counts, predicted.categories) == (done.counts, done.categories)


def test_a_dry_run_does_all_that_a_run_does():
    dry, real = Shelf({3}), Shelf({3})

    apply(dry, 25, Limits(batch_size=10, is_dry_run=True))
    apply(real, 25, Limits(batch_size=10))

    assert dry.begun == real.begun


# --- when to stop ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "kept", "stopped_by"),
    [
        (1, 1, "--limit 1"),
        (10, 10, "--limit 10"),
        (14, 14, "--limit 14"),
        (25, 25, ""),
        (99, 25, ""),
    ],
)
def test_a_limit_of_records_is_kept_to_the_record(most, kept, stopped_by):
    shelf = Shelf()

    imported, left = apply(shelf, 25, Limits(batch_size=10, max_records=most))

    assert (len(shelf.kept), left) == (kept, 25 - kept)
    assert imported.stopped_by == stopped_by


def test_so_many_failures_stop_it_after_their_batch():
    shelf = Shelf({2, 5, 15, 25})

    imported, left = apply(shelf, 40, Limits(batch_size=10, max_errors=3))

    assert (max(shelf.kept), left, imported.stopped_by) == (20, 20, "--max-errors 3")


def test_rejects_count_among_the_errors():
    shelf = Shelf()
    imported = Import(desk(shelf), Limits(max_errors=2))
    for line in "23":
        imported.report(Problem(line, "", "rejected", "text", "wrong"))

    assert imported.apply(work(shelf, 5), lambda count: None) == 5
    assert (shelf.kept, imported.stopped_by) == ([], "--max-errors 2")


@pytest.mark.parametrize("outcome", ["held", "flagged"])
def test_what_is_no_error_stops_nothing(outcome):
    shelf = Shelf()
    imported = Import(desk(shelf), Limits(max_errors=1))
    imported.report(Problem("2", "k", outcome, "text", "look"))

    assert imported.apply(work(shelf, 5), lambda count: None) == 0


def test_it_stops_when_the_time_is_over():
    shelf = Shelf()

    # Looked at once at the start, then thrice a batch: before, begun, ended.
    imported, left = apply(shelf, 100, Limits(batch_size=10, max_seconds=7.0), step=1.0)

    assert (len(shelf.kept), left) == (20, 80)
    assert imported.stopped_by == "--max-minutes"


def test_a_signal_lets_the_batch_end_and_nothing_else_begin():
    shelf = Shelf()

    imported, left = apply(
        shelf, 30, Limits(batch_size=10), is_stopped=lambda: len(shelf.kept) >= 20
    )

    assert (len(shelf.kept), left, imported.stopped_by) == (20, 10, "a signal")


# --- problems -------------------------------------------------------------------------

PROBLEM = Problem("7", "k6", "held", "ambiguous", "two have this name")


def test_a_problem_is_counted_by_outcome_and_category_and_logged(tmp_path, opened):
    with opened() as log:
        imported = Import(desk(Shelf(), log), Limits())
        imported.report(PROBLEM)

    assert (imported.counts, imported.categories) == ({"held": 1}, {"ambiguous": 1})
    assert imported.logged == 1
    [row] = logged(tmp_path)
    assert (row.line, row.key, row.outcome, row.category, row.error) == PROBLEM
    assert row.created == row.duration_ms == ""


def test_without_a_log_a_problem_is_counted_alone():
    imported = Import(desk(Shelf()), Limits())

    imported.report(PROBLEM)

    assert (imported.counts["held"], imported.logged) == (1, 0)


def test_rows_of_the_log_are_numbered_over_all_runs(tmp_path, opened):
    for _ in range(2):
        with opened() as log:
            apply(Shelf({2}), 3, Limits(), log=log)

    assert [row.seq for row in logged(tmp_path)] == [str(n + 1) for n in range(6)]


@pytest.mark.parametrize(
    "text", ["=1+1", "Robert'); DROP TABLE x", "two\nlines", "\x1b[2J", "", "x" * 900]
)
def test_a_problem_says_what_it_said_whatever_it_said(tmp_path, opened, text):
    with opened() as log:
        Import(desk(Shelf(), log), Limits()).report(
            PROBLEM._replace(key=text, error=text)
        )

    [row] = logged(tmp_path)
    assert (row.key, row.error) == (text, text)


def test_a_rejected_record_is_logged_with_its_column(tmp_path, opened):
    rejects = [
        Reject("x.csv", "3", "Amount", "no amount", "a,b"),
        Reject("x.csv", "5", "", "cut", ""),
    ]

    with opened() as log:
        count = importing.log_rejects(log, "x.csv", rejects)

    told = [
        (row.line, row.outcome, row.category, row.error) for row in logged(tmp_path)
    ]
    assert told == [
        ("3", "rejected", "Amount", "no amount"),
        ("5", "rejected", "", "cut"),
    ]
    assert count == 2


# --- the errors view ------------------------------------------------------------------


def errors_of(tmp_path, *runs: str) -> list[list[str]]:
    path = tmp_path / "errors.csv"
    count = importing.write_errors(path, tmp_path / "x_runlog.csv", *runs)
    lines = path.read_text("utf-8-sig").splitlines()
    assert (lines[0], len(lines) - 1) == (",".join(header(ErrorRow)), count)
    return [line.split(",") for line in lines[1:]]


def test_the_errors_are_the_problems_of_the_run_without_its_batches(tmp_path, opened):
    with opened() as log:
        apply(Shelf({2, 4}), 6, Limits(), log=log)

    rows = [ErrorRow(*cells) for cells in errors_of(tmp_path, "r1")]

    assert [(row.line, row.key, row.outcome) for row in rows] == [
        ("3", "k2", "failed"),
        ("5", "k4", "failed"),
    ]
    assert {row.run_id for row in rows} == {"r1"}


def test_the_errors_of_another_run_are_not_this_ones(tmp_path, opened):
    with opened() as log:
        apply(Shelf({2}), 3, Limits(), log=log)

    assert errors_of(tmp_path, "r2") == []
    assert len(errors_of(tmp_path, "r2", "r1")) == 1


# --- where the records went -----------------------------------------------------------


def test_every_record_went_somewhere():
    shelf = Shelf({3})
    imported, left = apply(shelf, 20, Limits(batch_size=5, max_records=12))
    imported.report(PROBLEM)
    imported.report(PROBLEM._replace(outcome="rejected"))

    # Read: 20 to be stored, one held, one rejected, four left out before.
    balance = imported.balance(26, 4, left)

    assert balance == Balance(
        26, out=12, rejected=1, skipped=4, held=1, failed=1, not_attempted=7
    )
    assert balance.holds()


def test_what_was_unchanged_is_skipped_and_what_is_flagged_is_stored():
    shelf = Shelf()
    imported = Import(desk(shelf), Limits())
    some = work(shelf, 6)._replace(store=lambda span: Changes(1, 2, 3))
    imported.apply(some, lambda count: None)
    imported.report(PROBLEM._replace(outcome="flagged"))

    balance = imported.balance(8, 2, 0)

    assert (balance.out, balance.skipped, balance.held, balance.holds()) == (
        3,
        5,
        0,
        True,
    )
