"""A followed log: what was learned is what is there, whatever was done to the files."""

from __future__ import annotations

import os
import random
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from src.kit import following, runlog, tables
from src.kit.appender import Appender
from src.kit.following import Block, Followed
from tests.kit.logrows import Row

RUN = "r1"


class Seen:
    """Everything that was learned, in order."""

    def __init__(self) -> None:
        self.rows: list[runlog.RawRow] = []
        self.blocks: list[Block] = []

    def learn(self, block: Block) -> None:
        """Take rows, in order."""
        self.rows += filter(None, block.rows)
        self.blocks.append(block)


class Log:
    """A log, its follower, and what happens to logs."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.csv"
        self.followed = Followed(self.path, Row, Seen)
        self.count = 0

    def append(self, count: int = 3) -> None:
        """Do what a run does."""
        log = Appender(self.path, Row)
        log.append(self._rows(count))
        log.close()

    def rotate(self) -> None:
        log = Appender(self.path, Row)
        log.rotate()
        log.close()

    def torn(self) -> bytes:
        """Write a part of a row; return the other part."""
        [line] = map(tables.line_of(Row), map(tables.checked, self._rows(1)))
        self._add(line.encode()[:20])
        return line.encode()[20:]

    def torn_for_good(self) -> None:
        if self.path.exists():
            self.torn()

    def torn_and_mended(self) -> None:
        if self.path.exists():
            rest = self.torn()
            self.learned()
            self._add(rest)

    def saved_elsewhere(self) -> None:
        """Do what a spreadsheet does: other line ends, another separator, in place."""
        if self.path.exists():
            lines = self.path.read_text("utf-8").replace(",", ";").replace("\n", "\r\n")
            self.path.write_text(lines, "utf-8")

    def sorted(self) -> None:
        """Do what a person does in an editor: the same bytes, in another order."""
        if self.path.exists():
            lines = self.path.read_bytes().splitlines(keepends=True)
            self.path.write_bytes(b"".join(lines[:1] + sorted(lines[1:], reverse=True)))
            self._seen_later()

    def edited(self) -> None:
        """Change a cell to another of the same length, which makes its row a bad one."""
        if self.path.exists():
            self.path.write_bytes(self.path.read_bytes().replace(b"said 2", b"said X"))
            self._seen_later()

    def cut(self) -> None:
        if self.path.exists():
            os.truncate(self.path, self.path.stat().st_size * 2 // 3)

    def emptied(self) -> None:
        self.path.write_bytes(b"")

    def removed(self) -> None:
        self.path.unlink(missing_ok=True)

    def replaced(self) -> None:
        """Do what a restored backup does: another file under the name, as long or longer."""
        if self.path.exists():
            copy = self.path.with_name("copy")
            copy.write_bytes(self.path.read_bytes().replace(b"said 1", b"said 9"))
            os.replace(copy, self.path)

    def oldest_removed(self) -> None:
        runlog.segments(self.path)[0].unlink() if self.path.exists() else None

    def learned(self) -> list[runlog.RawRow]:
        return self.followed.ask(lambda seen: list(seen.rows))

    def there(self) -> list[runlog.RawRow]:
        return list(filter(None, runlog.rows(self.path, Row)))

    def _rows(self, count: int) -> list[tuple[str, ...]]:
        self.count += count
        numbers = range(self.count - count, self.count)
        return [(str(n), "2026-11-20T09:00:00+00:00", RUN, f"said {n}") for n in numbers]

    def _add(self, content: bytes) -> None:
        with open(self.path, "ab") as file:
            file.write(content)

    def _seen_later(self) -> None:
        """Give the file another time: a clock's tick is longer than a test."""
        self.count += 1
        os.utime(self.path, (self.count, self.count))


WHAT_HAPPENS = (
    Log.append,
    Log.append,
    Log.append,
    Log.rotate,
    Log.torn_for_good,
    Log.torn_and_mended,
    Log.saved_elsewhere,
    Log.sorted,
    Log.edited,
    Log.cut,
    Log.emptied,
    Log.removed,
    Log.replaced,
    Log.oldest_removed,
)


@pytest.fixture
def log(tmp_path):
    found = Log(tmp_path)
    found.append()
    found.learned()
    return found


@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_what_was_learned_is_what_is_there(tmp_path, seed):
    dice, log = random.Random(seed), Log(tmp_path)
    for _ in range(25):
        dice.choice(WHAT_HAPPENS)(log)
        if dice.random() < 0.7:
            assert log.learned() == log.there()

    assert log.learned() == log.there()


@pytest.mark.parametrize("what", sorted({*WHAT_HAPPENS}, key=lambda one: one.__name__))
def test_each_thing_that_happens_is_noticed(log, what):
    log.append(2)
    log.learned()

    what(log)

    assert log.learned() == log.there()


@pytest.mark.parametrize(
    "what", [Log.append, Log.rotate, Log.torn_for_good, Log.torn_and_mended]
)
def test_a_log_that_only_grows_is_read_once(log, what):
    what(log)
    log.append()
    log.learned()

    assert log.followed.restarts == 0
    assert log.learned() == log.there()


def test_nothing_is_learned_twice_where_nothing_happened(log):
    before = log.followed.ask(lambda seen: len(seen.blocks))
    log.learned()

    assert log.followed.ask(lambda seen: len(seen.blocks)) == before == 1


def test_a_torn_row_is_read_when_it_is_whole(log):
    rest = log.torn()
    before = len(log.learned())
    with open(log.path, "ab") as file:
        file.write(rest)

    assert (before, len(log.learned())) == (3, 4)


def test_a_header_that_is_being_written_is_no_row(tmp_path):
    log = Log(tmp_path)
    log.path.write_bytes(tables.encoded_header(Row)[:9])
    before = log.followed.ask(lambda seen: list(seen.blocks))
    log.path.unlink()
    log.append()

    assert (before, len(log.learned())) == ([], 3)


def test_no_log_is_an_empty_one(tmp_path):
    assert Log(tmp_path).learned() == []


def test_every_row_is_found_again_where_its_block_says(log):
    log.rotate()
    log.append(5)

    def rows(seen: Seen) -> list[runlog.RawRow]:
        found: list[runlog.RawRow] = []
        for block in seen.blocks:
            for start, end in zip(block.starts, [*block.starts, block.end][1:]):
                found += log.followed.pieces(block.segment, start, end)
        return found

    assert log.followed.ask(rows) == log.there()


def test_rows_of_a_foreign_segment_are_found_as_a_whole(log):
    log.saved_elsewhere()

    found = log.followed.ask(lambda seen: list(log.followed.pieces(0, 0, 0)))

    assert found == log.there() != []


def test_a_log_larger_than_a_block_is_read_in_several(log):
    log.append(following.BLOCK // 30)

    assert log.learned() == log.there()
    assert log.followed.ask(lambda seen: len(seen.blocks)) > 2


def test_a_change_in_the_middle_of_a_large_log_is_found_a_few_looks_later(log):
    log.append(following.BLOCK // 30)
    log.learned()
    log.path.write_bytes(log.path.read_bytes().replace(b"said 9999,", b"said 9998,"))
    for _ in range(3):
        log.append(1)
        log.learned()

    assert log.learned() == log.there()
    assert log.followed.restarts == 1


@pytest.fixture
def large(log):
    """Return a log of which neither end shows what is in its middle."""
    log.append(following.BLOCK // 15)
    log.learned()
    return log


def middle(log: Log) -> bytes:
    """Return the log with a cell in its last block but one changed to as long a one."""
    return log.path.read_bytes().replace(b"said 39999,", b"said 39998,")


def test_a_change_in_the_middle_that_adds_nothing_is_found_at_once(large):
    large.path.write_bytes(middle(large))
    os.utime(large.path, (1, 1))

    assert large.learned() == large.there()


def test_another_file_that_differs_in_the_middle_only_is_found_at_once(large):
    copy = large.path.with_name("copy")
    copy.write_bytes(middle(large))
    os.replace(copy, large.path)
    large.append(1)

    assert large.learned() == large.there()


def test_a_learner_that_is_no_longer_true_is_replaced(tmp_path):
    log, truth = Log(tmp_path), [True]
    followed = Followed(log.path, Row, Seen, lambda seen: truth[0] or not seen.rows)
    log.append()
    before = followed.ask(lambda seen: seen)
    truth[0] = False

    after = followed.ask(lambda seen: seen)

    assert before is not after
    assert before.rows == after.rows


def test_what_is_asked_before_the_rows_are_learned_is_asked_after_the_sizes_were_taken(
    tmp_path,
):
    log = Log(tmp_path)
    log.append()
    asked = []

    def grow(seen: Seen) -> bool:
        asked.append(len(seen.rows))
        log.append(1)
        return True

    followed = Followed(log.path, Row, Seen, grow)

    assert [followed.ask(lambda seen: len(seen.rows)) for _ in range(2)] == [3, 4]
    assert asked == [0, 3]


class Meeting(Seen):
    """A learner that waits for another thread to come in, but not for long."""

    def __init__(self) -> None:
        super().__init__()
        self._both = threading.Barrier(2, timeout=0.2)

    def learn(self, block: Block) -> None:
        with suppress(threading.BrokenBarrierError):
            self._both.wait()
        super().learn(block)


def test_only_one_thread_reads_at_a_time(tmp_path):
    log = Log(tmp_path)
    log.append()
    followed = Followed(log.path, Row, Meeting)

    askers = [threading.Thread(target=followed.ask, args=(id,)) for _ in range(2)]
    for one in askers:
        one.start()
    for one in askers:
        one.join()

    assert followed.ask(lambda seen: seen.rows) == log.there()
    assert followed.restarts == 0


def test_several_threads_learn_every_row_once(log):
    counts: list[int] = []

    def watch() -> None:
        while not counts or counts[-1] < 303:
            counts.append(len(log.learned()))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    watchers = [threading.Thread(target=watch) for _ in range(4)]
    for one in watchers:
        one.start()
    for _ in range(100):
        log.append()
    for one in watchers:
        one.join()
    sys.setswitchinterval(interval)

    assert log.learned() == log.there()
    assert log.followed.restarts == 0
