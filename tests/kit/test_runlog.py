"""The log as it is read: a row is right or it is a bad row; never a wrong one."""

import csv
import random
from itertools import product
from typing import NamedTuple
from zlib import crc32

import pytest

from src.kit import cells, runlog, tables
from src.kit.tables import Number
from tests.kit import hostile


class Row(NamedTuple):
    """A small log row."""

    seq: Number
    name: str
    note: str
    row_check: str


class Wider(NamedTuple):
    """The same log, a version later."""

    seq: Number
    name: str
    added: str
    note: str
    row_check: str


SMALL = [("1", "a.pdf", "x"), ("2", "00123", "it's; \"so\", =1"), ("3", "é\n", "'t Hooft")]
HOSTILE = hostile.MEASURED + hostile.ODD + hostile.texts(500)


def content(rows, row_type: type = Row) -> bytes:
    lines = "".join(tables.line_of(row_type)(tables.checked(row)) for row in rows)
    return tables.encoded_header(row_type) + lines.encode()


def read(path, row_type: type = Row) -> list:
    """Return the meanings of the rows without their checks, None for a bad row."""
    found = runlog.rows(path, row_type)
    return [tuple(map(runlog.text, row[:-1])) if row else None for row in found]


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(content(SMALL))
    return path


# --- whole rows -----------------------------------------------------------------------


def test_what_was_written_is_read(log):
    assert read(log) == SMALL


@pytest.mark.parametrize("at", [1, 2])
def test_every_text_comes_back(log, at):
    rows = [("1", text, "") if at == 1 else ("1", "", text) for text in HOSTILE]
    log.write_bytes(content(rows))

    assert read(log) == rows


def test_the_fast_look_at_a_line_says_what_the_slow_one_says():
    dice, fast = random.Random(1), runlog.verifier(4)
    for _ in range(2000):
        row = tables.checked(("1", *dice.choices(HOSTILE, k=2)))
        line = tables.line_of(Row)(row).encode()

        assert fast(line) == runlog._verify_slowly(line, 4) != runlog.BAD_ROW


@pytest.mark.parametrize("change", ["swap", "drop", "double"])
def test_both_looks_agree_about_damaged_lines_or_the_fast_one_is_right(change):
    dice, fast = random.Random(change), runlog.verifier(4)
    for _ in range(2000):
        row = tables.checked(("1", *dice.choices(HOSTILE, k=2)))
        line = bytearray(tables.line_of(Row)(row).encode())
        at = dice.randrange(len(line))
        one = {"swap": bytes([dice.randrange(256)]), "drop": b"", "double": line[at:][:1] * 2}
        line[at : at + 1] = one[change]

        found = fast(bytes(line))

        meant = list(map(runlog.text, found))
        assert found == runlog.BAD_ROW or cells_of(row) == meant


@pytest.mark.parametrize("spoilt", [0, 1, 400])
def test_many_lines_at_once_say_what_each_says_alone(spoilt):
    dice, one, many = random.Random(spoilt), runlog.verifier(4), runlog.block_verifier(4)
    guarded = ["'00123", "'1-2", "'5", "'", "'e", "'1,5", "'=1", "1'2", "''7", "'12345", ""]
    for _ in range(60):
        rows = [("1", *dice.choices(HOSTILE + 40 * guarded, k=2)) for _ in range(20)]
        lines = [tables.line_of(Row)(tables.checked(row)).encode() for row in rows]
        for _ in range(spoilt and dice.randrange(spoilt)):
            n, byte = dice.randrange(20), bytes([dice.choice(b"',x0\n\r\"\xff")])
            at = dice.randrange(len(lines[n]) or 1)
            lines[n] = lines[n][:at] + byte + lines[n][at + dice.randrange(2) :]

        assert many(lines) == list(map(one, lines))


def test_every_apostrophe_is_judged_at_once_as_it_is_alone():
    letters = [b"'", b"0", b"1", b"12345678901234567", b"-", b"e", b"x", b",", b"."]
    for size in range(1, 6):
        for text in product(letters, repeat=size):
            body = b"1," + b"".join(text)
            alone = runlog._MAY_BE_ADDED.search(body)

            assert bool(alone) == bool(runlog._MAY_BE_ADDED_BELOW.search(body + b"\n"))


def cells_of(row) -> list[str]:
    return [cells.unescape(cell) for cell in row]


# --- damage ---------------------------------------------------------------------------


def test_every_changed_byte_is_noticed_or_harmless(log):
    whole, accepted = log.read_bytes(), 0
    for at in range(len(tables.encoded_header(Row)), len(whole)):
        for byte in {0, 10, 13, 32, 34, 39, 44, 48, 59, 92, 255, whole[at] ^ 1}:
            log.write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])
            found = [row for row in read(log) if row]
            accepted += len(found)

            assert set(found) <= set(SMALL)

    assert accepted > 0


def test_a_cut_at_every_byte_leaves_right_rows_only(log):
    whole = log.read_bytes()
    for at in range(len(whole)):
        log.write_bytes(whole[:at])

        found = [row for row in read(log) if row]

        assert found == SMALL[: len(found)]


def test_every_added_apostrophe_is_noticed_or_harmless(log):
    whole = log.read_bytes()
    for at in range(len(tables.encoded_header(Row)), len(whole)):
        log.write_bytes(whole[:at] + b"'" + whole[at:])

        assert set(filter(None, read(log))) <= set(SMALL)


def test_a_row_that_is_no_text_is_bad_although_its_check_holds(log):
    cells_of_it = b"4,\xff.pdf,note"
    check = b"x%08x" % crc32(cells_of_it.replace(b",", cells.SEPARATOR.encode()))
    log.write_bytes(content(SMALL) + cells_of_it + b"," + check + b"\n")

    assert read(log) == [*SMALL, None]


def test_glued_lines_are_bad(log):
    lines = log.read_bytes().split(b"\n")
    log.write_bytes(b"\n".join([lines[0], lines[1] + lines[2], lines[3], b""]))

    assert read(log) == [None, SMALL[2]]


@pytest.mark.parametrize("cut", range(1, 18, 2))
def test_a_torn_line_glued_to_the_next_is_bad(log, cut):
    lines = log.read_bytes().split(b"\n")
    log.write_bytes(b"\n".join([lines[0], lines[1][:-cut] + lines[2], lines[3], b""]))

    assert read(log)[0] is None


def test_rows_that_were_dropped_or_moved_are_still_rows(log):
    lines = log.read_bytes().split(b"\n")
    log.write_bytes(b"\n".join([lines[0], lines[3], lines[1], b""]))

    assert read(log) == [SMALL[2], SMALL[0]]


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\0" * 50, b"\n\n\n", b"\xff\xfe"])
def test_a_file_that_is_no_table_has_no_good_row(log, damage):
    log.write_bytes(damage)

    assert not any(read(log))


def test_a_missing_log_has_no_rows(tmp_path):
    assert read(tmp_path / "log.csv") == []


# --- segments -------------------------------------------------------------------------


def test_segments_are_read_oldest_first(log):
    for number in (2, 1, 10):
        rows = [(str(number), "", "")]
        log.with_name(f"log.{number:04}.csv").write_bytes(content(rows))

    assert [row[0] for row in read(log)] == ["1", "2", "10", "1", "2", "3"]


@pytest.mark.parametrize("name", ["log.csv.torn", "log.csv.before-1", "log.1.csv", "blog.csv"])
def test_other_files_are_no_segments(log, name):
    log.with_name(name).write_bytes(content(SMALL))

    assert runlog.segments(log) == [log]


def with_word(log, word: str) -> list:
    return [tuple(map(runlog.text, row[:-1])) for row in runlog.rows_with(log, Row, word)]


def test_the_rows_with_a_word_come_from_every_segment(log):
    log.with_name("log.0001.csv").write_bytes(content([("7", "b.pdf", "x"), ("8", "a.pdf", "")]))

    assert with_word(log, "a.pdf") == [("8", "a.pdf", ""), SMALL[0]]


def test_a_word_is_found_as_it_was_written(log):
    log.write_bytes(content([("1", "a\\b", "c\nd"), ("2", "0", "c")]))

    assert with_word(log, "a\\b") == with_word(log, "c\nd") == [("1", "a\\b", "c\nd")]


def test_a_changed_row_with_a_word_is_not_among_them(log):
    log.write_bytes(log.read_bytes().replace(b"a.pdf", b"c.pdf"))

    assert with_word(log, "c.pdf") == with_word(log, "seq") == []


def test_a_segment_that_another_program_saved_is_looked_at_row_by_row(log):
    saved_again(log, "utf-16", ";", "\n")

    assert with_word(log, "a.pdf") == SMALL


# --- other programs -------------------------------------------------------------------


def saved_again(log, encoding: str, separator: str, end: str) -> None:
    """Save a log as a spreadsheet does that keeps every value, and drops the guards."""
    with open(log, encoding="utf-8-sig", newline="") as file:
        rows = [[cells.unguard(cell) for cell in row] for row in csv.reader(file)]
    with open(log, "w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator, lineterminator=end).writerows(rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_log_that_a_spreadsheet_saved_has_the_same_rows(log, encoding, separator, end):
    saved_again(log, encoding, separator, end)

    assert read(log) == SMALL


def test_a_log_that_was_opened_as_windows_1252_has_the_same_rows(log):
    read_wrong = (bytes([b]).decode("cp1252", "ignore") or chr(b) for b in log.read_bytes())
    log.write_text("".join(read_wrong), "utf-8")

    assert read(log) == SMALL


def test_a_line_that_was_not_misread_like_the_others_is_a_changed_one(log):
    text = "ï»¿" + log.read_text("utf-8-sig").replace("a.pdf", "日本.pdf")
    log.write_text(text, "utf-8")

    assert read(log)[0] is None and read(log)[1:] == SMALL[1:]


def test_a_value_that_a_spreadsheet_changed_is_noticed(log):
    saved_again(log, "utf-8", ",", "\n")
    log.write_bytes(log.read_bytes().replace(b"00123", b"123"))

    assert read(log) == [SMALL[0], None, SMALL[2]]


def test_columns_of_an_older_version_are_put_in_todays_order(log):
    found = read(log, Wider)

    assert found == [(seq, name, "", note) for seq, name, note in SMALL]


def test_a_log_without_its_header_keeps_its_rows(log):
    log.write_bytes(log.read_bytes().split(b"\n", 1)[1])

    assert read(log) == SMALL


def test_a_file_is_current_only_with_exactly_our_header(log):
    assert runlog.is_current(log, Row) and not runlog.is_current(log, Wider)
    assert runlog.is_older(log, Wider) and not runlog.is_older(log, Row)


@pytest.mark.parametrize("cut", [1, 2, 3, 40])
def test_a_log_in_another_encoding_that_is_cut_keeps_its_other_rows(log, cut):
    text = log.read_bytes().decode("utf-8-sig")
    log.write_bytes(text.encode("utf-16")[:-cut])

    assert read(log)[:2] == SMALL[:2]


def test_a_header_whose_mark_was_misread_is_of_no_older_version(tmp_path):
    log = tmp_path / "log.csv"
    log.write_bytes(tables.encoded_header(Row).decode("cp1252").encode())

    assert not runlog.is_older(log, Row)
