"""What importers share: options and limits, the log's end, the exit code."""

from __future__ import annotations

from argparse import ArgumentParser

import pytest

from src.kit import errors, importing, receipts, runlog
from src.kit.clock import REAL
from src.kit.errors import Refused
from src.kit.importing import Limits, LogRow
from src.kit.locks import Lock
from src.kit.logbook import Author, LogPlace
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


@pytest.mark.parametrize("error", [Refused("gone"), OSError("full"), KeyboardInterrupt()])
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
