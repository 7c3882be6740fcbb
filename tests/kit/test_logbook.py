"""The log of a pipeline: its numbers, its seal, what is doubted, its segments."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import NamedTuple

import pytest

from src.kit import receipts, runlog
from src.kit.clock import Clock
from src.kit.logbook import ROWS_TOGETHER, Author, Logbook, LogPlace
from tests.kit.logrows import Row

AT = datetime(2026, 11, 20, tzinfo=timezone.utc)
CLOCK = Clock(lambda: AT)
PLACE = "logs/x_runlog.csv"


class Entry(NamedTuple):
    """A row as a reader sees it: its number, its run, what it says."""

    seq: str
    run_id: str
    said: str


@pytest.fixture
def place(tmp_path) -> LogPlace:
    return LogPlace(tmp_path / "x_runlog.csv", PLACE, Row)


def opened(place: LogPlace, run_id: str = "r1") -> Logbook:
    return Logbook(place, Author(run_id, "door", CLOCK))


def say(log: Logbook, *words: str) -> None:
    for word in words:
        log.note((log.next_seq(), *log.stamp(), word))


def run(place: LogPlace, *words: str, run_id: str = "r1") -> None:
    """Leave the log as a clean run does."""
    log = opened(place, run_id)
    log.open()
    say(log, *words)
    log.seal()
    log.close()


def entries(place: LogPlace) -> list[Entry]:
    found = ([*map(runlog.text, row)] for row in runlog.rows(place.path, Row))
    return [Entry(row[0], row[2], row[3]) for row in found]


def doubts(place: LogPlace) -> list[str]:
    log = opened(place)
    log.close()
    return log.doubts


def seal(place: LogPlace) -> receipts.Receipt:
    found = receipts.last(place.path.parent, PLACE, receipts.SEAL)
    assert found
    return found


# --- rows and their numbers -----------------------------------------------------------


def test_rows_are_numbered_from_one_and_name_their_run(place):
    run(place, "a", "b")

    assert entries(place) == [("1", "r1", "a"), ("2", "r1", "b")]


def test_the_next_run_goes_on_counting(place):
    run(place, "a", "b")

    run(place, "c", run_id="r2")

    assert entries(place)[-1] == ("3", "r2", "c")


def test_a_row_begins_with_the_present_and_the_run(place):
    log = opened(place, "r7")

    stamp = log.stamp()
    log.close()

    assert stamp == ("2026-11-20T00:00:00.000000+00:00", "r7")


def test_rows_wait_for_the_commit(place):
    log = opened(place)
    say(log, "a")

    before = entries(place)
    log.commit()
    after = entries(place)
    log.close()

    assert (len(before), len(after)) == (0, 1)


def test_many_rows_do_not_wait_for_the_commit(place):
    log = opened(place)

    say(log, *map(str, range(ROWS_TOGETHER + 1)))
    log.close()

    assert len(entries(place)) == ROWS_TOGETHER


def test_a_commit_without_rows_writes_nothing(place):
    log = opened(place)
    before = place.path.read_bytes()

    log.commit()
    log.close()

    assert place.path.read_bytes() == before


@pytest.mark.parametrize("word", ["=1+1", "two\nlines", "a,b", '"', "'", "00123", ""])
def test_what_a_row_says_comes_back_and_keeps_the_seal(place, word):
    run(place, word, "end")

    assert entries(place)[0].said == word
    assert doubts(place) == []


# --- the seal -------------------------------------------------------------------------


def test_a_seal_says_how_many_rows_there_are_and_whose_it_is(place):
    run(place, "a", "b")
    run(place, "c", run_id="r2")

    found = seal(place)

    assert (found.rows, found.run_id, found.door) == ("3", "r2", "door")


def test_a_seal_writes_the_rows_that_wait(place):
    log = opened(place)
    say(log, "a")

    log.seal()
    log.close()

    assert (len(entries(place)), seal(place).rows) == (1, "1")


def test_the_same_rows_have_the_same_seal_however_they_were_written(place, tmp_path):
    other = place._replace(path=tmp_path / "other" / "x_runlog.csv")
    other.path.parent.mkdir()

    run(place, "a", "b")
    log = opened(other)
    for word in "ab":
        say(log, word)
        log.commit()
    log.seal()
    log.close()

    assert seal(place).sha256 == seal(other).sha256


def test_another_row_has_another_seal(place, tmp_path):
    other = place._replace(path=tmp_path / "other" / "x_runlog.csv")
    other.path.parent.mkdir()

    run(place, "a")
    run(other, "b")

    assert seal(place).sha256 != seal(other).sha256


def test_the_receipts_say_that_the_log_grows_before_it_does(place):
    log = opened(place)

    log.open()
    found = receipts.last(place.path.parent, PLACE, receipts.OPEN)
    log.close()

    assert found and (found.rows, entries(place)) == ("0", [])


def test_a_seal_keeps_what_the_caller_adds(place):
    log = opened(place)

    log.seal("remote=3")
    log.close()

    assert receipts.value(seal(place), "remote") == "3"


# --- doubts ---------------------------------------------------------------------------


def test_a_first_run_has_no_history_and_no_doubt(place):
    log = opened(place)
    log.close()

    assert (log.has_history, log.doubts, log.repairs) == (False, [], [])


def test_after_a_clean_run_there_is_history_and_no_doubt(place):
    run(place, "a")

    log = opened(place)
    log.close()

    assert (log.has_history, log.doubts, log.repairs) == (True, [], [])


def test_a_clean_run_that_wrote_nothing_leaves_no_doubt(place):
    run(place)

    assert doubts(place) == []


def lines(place: LogPlace) -> list[bytes]:
    return place.path.read_bytes().splitlines(keepends=True)


def write_changed_row(place: LogPlace) -> None:
    place.path.write_bytes(place.path.read_bytes().replace(b",b,", b",x,"))


def write_forged_row(place: LogPlace) -> None:
    """Put a row with a good check of its own in a sealed row's place."""
    other = place._replace(
        path=place.path.with_name("forged.csv"), place="logs/forged.csv"
    )
    run(other, "a", "x", "c")
    place.path.write_bytes(other.path.read_bytes())


def take_a_row_away(place: LogPlace) -> None:
    place.path.write_bytes(b"".join(lines(place)[:-1]))


def write_a_row_twice(place: LogPlace) -> None:
    place.path.write_bytes(b"".join([*lines(place), lines(place)[-1]]))


def write_a_bad_row(place: LogPlace) -> None:
    place.path.write_bytes(place.path.read_bytes() + b"4,no,such,row,x0\n")


def cut_the_last_row(place: LogPlace) -> None:
    place.path.write_bytes(place.path.read_bytes()[:-3])


def open_and_end(place: LogPlace) -> None:
    log = opened(place)
    log.open()
    log.close()


def open_write_and_end(place: LogPlace) -> None:
    log = opened(place)
    log.open()
    say(log, "d")
    log.commit()
    log.close()


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (write_changed_row, "the log was changed since the last run"),
        (write_forged_row, "the log was changed since the last run"),
        (take_a_row_away, "rows of the log are missing"),
        (write_a_row_twice, "the log has rows that no run wrote"),
        (write_a_bad_row, "1 damaged row(s) in the log"),
        (cut_the_last_row, "the logs had to be mended"),
        (open_and_end, "the last run was not ended cleanly"),
        (open_write_and_end, "the last run was not ended cleanly"),
    ],
)
def test_what_happened_to_the_log_is_doubted(place, deed, said):
    run(place, "a", "b", "c")

    deed(place)

    assert said in doubts(place)


def test_a_clean_run_settles_the_doubts_of_the_one_before(place):
    run(place, "a")
    open_write_and_end(place)

    run(place, "e", run_id="r2")

    assert doubts(place) == []
    assert [entry.seq for entry in entries(place)] == ["1", "2", "3"]


def test_a_damaged_row_is_sealed_once_and_doubted_once(place):
    run(place, "a")
    write_a_bad_row(place)

    run(place, "e")

    assert doubts(place) == []


def test_the_seal_of_another_log_is_not_this_ones(place):
    run(place, "a")

    assert "the last run was not ended cleanly" in doubts(
        place._replace(place="logs/y.csv")
    )


# --- segments -------------------------------------------------------------------------


def segment_sizes(place: LogPlace) -> list[int]:
    return [
        len(one.read_bytes().splitlines()) - 1 for one in runlog.segments(place.path)
    ]


def test_a_full_log_goes_on_in_a_new_segment(place):
    small = place._replace(rows_per_segment=3)
    log = opened(small)

    for word in "abcde":
        say(log, word)
        log.commit()
    log.close()

    assert segment_sizes(small) == [3, 2]
    assert "".join(entry.said for entry in entries(small)) == "abcde"


def test_a_segment_ends_where_rows_were_written_together(place):
    small = place._replace(rows_per_segment=3)
    log = opened(small)

    for words in ("ab", "cd", "ef", "g"):
        say(log, *words)
        log.commit()
    log.close()

    assert segment_sizes(small) == [4, 2, 1]


def test_seal_and_numbers_go_over_all_segments(place):
    small = place._replace(rows_per_segment=3)
    for word in "abcdefg":
        run(small, word)

    found = seal(small)

    assert (found.rows, doubts(small)) == ("7", [])
    assert entries(small)[-1].seq == "7"


def test_a_lost_segment_is_doubted(place):
    small = place._replace(rows_per_segment=3)
    for word in "abcdefg":
        run(small, word)

    runlog.segments(small.path)[0].unlink()

    assert "rows of the log are missing" in doubts(small)
