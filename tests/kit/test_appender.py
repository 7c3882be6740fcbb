"""The one writer of a log: whatever the disk and people did to it, whole rows only."""

import csv
import os
from pathlib import Path
from typing import NamedTuple

import pytest

from src.kit import cells, runlog, tables
from src.kit.appender import Appender
from src.kit.errors import INPUT_OUTPUT, BrokenDisk
from src.kit.tables import Number


class Row(NamedTuple):
    """A small log row."""

    seq: Number
    name: str
    row_check: str


class Older(NamedTuple):
    """The same log, a version before: a column fewer."""

    seq: Number
    row_check: str


OLD = [("1", "a.pdf"), ("2", "00123"), ("3", "é; \"x\", 't"), ("4", "=1+1\n")]
NEW = ("5", "new.pdf")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "log.csv"
    append(found, *OLD)
    return found


def append(path: Path, *rows: tuple[str, ...], row_type: type = Row) -> list[str]:
    """Append rows; return the repairs that were needed first."""
    log = Appender(path, row_type)
    log.append(rows)
    log.sync()
    log.close()
    return log.repairs


def read(path: Path) -> list:
    found = runlog.rows(path, Row)
    return [tuple(map(runlog.text, row[:-1])) if row else None for row in found]


def saved_again(path: Path, encoding: str, separator: str, end: str) -> None:
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = [[cells.unguard(cell) for cell in row] for row in csv.reader(file)]
    with open(path, "w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator, lineterminator=end).writerows(rows)


# --- appending ------------------------------------------------------------------------


def test_what_is_appended_is_read_back(path):
    assert read(path) == OLD


def test_a_new_log_begins_with_its_header(path):
    assert path.read_bytes().startswith(tables.encoded_header(Row))


def test_a_log_that_is_as_it_was_is_not_touched(path):
    before = path.read_bytes()

    assert append(path, NEW) == []

    assert path.read_bytes()[: len(before)] == before
    assert [one.name for one in path.parent.iterdir()] == ["log.csv"]


def test_append_returns_the_checks_that_it_wrote(path):
    log = Appender(path, Row)
    checks = log.append([NEW, ("6", "00456")])
    log.close()

    assert [row[-1].decode() for row in runlog.rows(path, Row)][-2:] == checks


def test_an_emptied_journal_keeps_its_header_and_can_be_appended_to(path):
    log = Appender(path, Row)
    log.empty()
    log.append([NEW])
    log.close()

    assert read(path) == [NEW]


# --- for its owner alone --------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_whatever_becomes_of_a_private_log_is_for_its_owner_alone(path):
    saved_again(path, "utf-8", ";", "\r\n")
    with open(path, "a", encoding="utf-8") as file:
        file.write("7;cut")
    path.chmod(0o644)

    Appender(path, Row, is_private=True).close()

    found = {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir()}
    assert found == dict.fromkeys(["log.csv", "log.csv.before-1", "log.csv.torn"], 0o600)


# --- a torn tail ----------------------------------------------------------------------


def test_after_a_cut_at_every_byte_the_next_row_is_not_glued(path):
    whole = path.read_bytes()
    for at in range(len(whole) + 1):
        path.write_bytes(whole[:at])

        append(path, NEW)

        found = [row for row in read(path) if row]
        assert found == [*OLD[: len(found) - 1], NEW], at
        assert path.read_bytes().endswith(b"\n")


def test_the_torn_piece_is_kept_with_its_place(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    start = whole[:-1].rindex(b"\n") + 1

    repairs = append(path, NEW)

    torn = path.with_name("log.csv.torn").read_text()
    assert torn == f"{start},{whole[start:-5].hex()}\n"
    assert repairs == ["log.csv: a cut last row was put in .torn"]


def test_several_torn_pieces_are_all_kept(path):
    for _ in range(3):
        path.write_bytes(path.read_bytes()[:-3])
        append(path, NEW)

    assert path.with_name("log.csv.torn").read_text().count("\n") == 3


def test_a_torn_piece_longer_than_one_look_is_taken_as_a_whole(path):
    path.write_bytes(path.read_bytes() + b"5," + b"x" * 200_000)

    append(path, NEW)

    assert read(path) == [*OLD, NEW]


# --- other programs -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "separator", "end"),
    [
        ("utf-8", ",", "\n"),
        ("utf-8-sig", ",", "\r\n"),
        ("utf-8-sig", ";", "\r\n"),
        ("utf-8", "\t", "\n"),
        ("utf-16", "\t", "\r\n"),
        ("cp1252", ";", "\r\n"),
    ],
)
def test_a_log_saved_in_another_dialect_is_rewritten_in_ours(path, encoding, separator, end):
    ours = path.read_bytes()
    saved_again(path, encoding, separator, end)
    theirs = path.read_bytes()

    repairs = append(path, NEW)

    assert path.read_bytes().startswith(ours)
    assert read(path) == [*OLD, NEW]
    assert path.with_name("log.csv.before-1").read_bytes() == theirs
    assert repairs == ["log.csv: rewritten, the original is log.csv.before-1"]


def test_a_log_without_header_is_rewritten_with_it(path):
    ours = path.read_bytes()
    path.write_bytes(ours.split(b"\n", 1)[1])

    append(path, NEW)

    assert path.read_bytes().startswith(ours)


def test_an_emptied_log_gets_its_header_again(path):
    path.write_bytes(b"")

    append(path, NEW)

    assert path.read_bytes().startswith(tables.encoded_header(Row))
    assert read(path) == [NEW]


def test_rows_that_cannot_be_read_are_counted_and_kept_in_the_original(path):
    path.write_bytes(b"nonsense\nmore of it\n")

    repairs = append(path, NEW)

    assert read(path) == [NEW]
    assert path.with_name("log.csv.before-1").read_bytes() == b"nonsense\nmore of it\n"
    assert "2 unreadable row(s) left out" in repairs[0]


def test_no_original_is_overwritten_by_the_next(path):
    for _ in range(3):
        saved_again(path, "utf-16", ";", "\r\n")
        append(path)

    kept = sorted(one.name for one in path.parent.glob("*.before-*"))
    assert kept == [f"log.csv.before-{number}" for number in (1, 2, 3)]


# --- segments -------------------------------------------------------------------------


def test_a_log_of_an_older_version_becomes_a_segment_and_is_still_read(tmp_path):
    path = tmp_path / "log.csv"
    append(path, ("1",), row_type=Older)

    append(path, NEW)

    assert read(path) == [("1", ""), NEW]
    assert runlog.is_older(tmp_path / "log.0001.csv", Row)


def test_rotation_goes_on_in_a_new_file_and_all_are_read_in_order(path):
    log = Appender(path, Row)
    for number in (5, 6, 7):
        log.rotate()
        log.append([(str(number), "x")])
    log.close()

    assert [row[0] for row in read(path)] == list("1234567")
    names = [one.name for one in runlog.segments(path)]
    assert names == ["log.0001.csv", "log.0002.csv", "log.0003.csv", "log.csv"]


def test_rotation_overwrites_no_segment_where_an_older_one_was_taken_away(path):
    log = Appender(path, Row)
    for number in (5, 6):
        log.rotate()
        log.append([(str(number), "x")])
    path.with_name("log.0001.csv").unlink()

    log.rotate()
    log.close()

    assert [row[0] for row in read(path)] == ["5", "6"]


# --- a full disk ----------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork (no Windows)")
@pytest.mark.parametrize("room", [0, 1, 100, 4096])
def test_a_partly_written_block_is_taken_back_and_the_run_ends(path, room):
    before = path.read_bytes()

    code = in_a_child(lambda: append_beyond(path, len(before) + room))

    assert code == INPUT_OUTPUT
    assert path.read_bytes() == before
    assert append(path, NEW) == []


def append_beyond(path: Path, limit: int) -> int:
    """Append more than the limit allows; return the exit code that follows."""
    import resource

    log = Appender(path, Row)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        log.append([(str(number), "x" * 100) for number in range(1000)])
    except BrokenDisk as problem:
        return problem.exit_code if str(path) in str(problem) else 1
    return 0


def in_a_child(work) -> int:
    child = os.fork()
    if child == 0:
        try:
            os._exit(work())
        except BaseException:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_an_appender_that_nobody_has_any_more_holds_no_file_open(path):
    one = Appender(path, Row)
    descriptor = one._descriptor

    del one

    with pytest.raises(OSError):
        os.fstat(descriptor)
