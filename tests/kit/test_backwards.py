"""A log from its end: what is found is what a reader of every line would find."""

import random

import pytest

from src.kit import runlog, sieves, tables
from src.kit.backwards import BLOCK, Backwards
from src.kit.sieves import Wanted
from src.kit.tables import APPEND_ONLY, VIEW, Table
from tests.kit.logs import Event, Seen, log

WORDS = ["created", "skipped_created", "failed", "", "0012", "=1+1", "a,b", 'the "x"', "É"]
EVENTS = Table("LOG_DIR", "events.csv", Event, APPEND_ONLY, "make demo")
VIEWED = Table("LOG_DIR", "seen.csv", Seen, VIEW, "make demo")
ALL = (0, 10_000)


def naive(rows, wanted):
    """Return what a reader of every line finds, newest first."""
    names, text = list(Event._fields), wanted.text.lower()
    return [
        row
        for row in reversed(rows)
        if all(row[names.index(name)] == value for name, value in wanted.cells)
        and (not text or any(text in cell.lower() for cell in row))
    ]


def cells(found):
    return [line.cells for line in found.lines]


# --- what is found --------------------------------------------------------------------


def test_the_newest_line_comes_first(tmp_path):
    log(tmp_path / "events.csv", ["a", "b", "c"])

    found = Backwards(tmp_path / "events.csv", EVENTS).page(Wanted(), (0, 2))

    assert [line.cells[2] for line in found.lines] == ["c", "b"]
    assert found.count == 3


def test_a_page_begins_where_the_one_before_ended(tmp_path):
    log(tmp_path / "events.csv", [str(n) for n in range(9)])

    shown = [Backwards(tmp_path / "events.csv", EVENTS).page(Wanted(), (at, 4)) for at in (0, 4, 8, 12)]

    told = [[line.cells[2] for line in one.lines] for one in shown]
    assert told == [["8", "7", "6", "5"], ["4", "3", "2", "1"], ["0"], []]
    assert {one.count for one in shown} == {9}


def test_who_has_counted_them_is_not_told_another_count(tmp_path):
    log(tmp_path / "events.csv", ["a", "b", "a", "c"])
    table, wanted = Backwards(tmp_path / "events.csv", EVENTS, 64), Wanted("a")

    assert table.page(wanted, (0, 1), 2).lines == table.page(wanted, (0, 1)).lines
    assert table.page(wanted, (0, 1), 7).count == 7
    assert table.page(wanted, (0, 5), 7).count < 7  # all were looked for


@pytest.mark.parametrize("block", [64, 200, BLOCK])
@pytest.mark.parametrize("seed", range(15))
def test_what_is_found_is_what_a_reader_of_every_line_finds(
    tmp_path, seed, block
):
    dice = random.Random(seed)
    path = tmp_path / "events.csv"
    rows = log(path, [_text(dice) for _ in range(60)])
    for _ in range(12):
        wanted = _wanted(dice, rows)
        skip, most = dice.randrange(5), dice.randrange(1, 20)

        found = Backwards(path, EVENTS, block).page(wanted, (skip, most))

        expected = naive(rows, wanted)
        assert cells(found) == expected[skip : skip + most], wanted
        assert found.count == len(expected), wanted


def _text(dice):
    pieces = [dice.choice(["", " ", "\n", "\\", "'", '"', ";", ",", "é", "ß", "x", "Ω"])]
    return "".join([dice.choice(WORDS), *pieces, dice.choice(WORDS)])


def _wanted(dice, rows):
    """Return a part of a cell, or a whole one, or something that is nowhere."""
    cell = dice.choice(dice.choice(rows))
    start = dice.randrange(len(cell) + 1)
    text = cell[start : start + dice.randrange(4)]
    if dice.random() < 0.3:
        text = text.upper()
    said = ("said", dice.choice(rows)[2])
    return Wanted(text, dice.choice([(), (said,), (("kind", "created"),)]))


def test_a_search_minds_no_case(tmp_path):
    log(tmp_path / "events.csv", ["Zoë", "ZOË", "zo"])

    assert Backwards(tmp_path / "events.csv", EVENTS).page(Wanted("zOë"), ALL).count == 2


def test_a_search_undoes_guards_and_escapes_first(tmp_path):
    log(tmp_path / "events.csv", ["=1+1", "C:\\new\nline", "00123"])
    path = tmp_path / "events.csv"

    assert Backwards(path, EVENTS).page(Wanted("'=1"), ALL).count == 0
    assert Backwards(path, EVENTS).page(Wanted("c:\\new\nl"), ALL).count == 1
    assert Backwards(path, EVENTS).page(Wanted("", (("said", "00123"),)), ALL).count == 1


def test_a_text_does_not_reach_from_one_cell_into_the_next(tmp_path):
    log(tmp_path / "events.csv", ["b"])

    assert Backwards(tmp_path / "events.csv", EVENTS).page(Wanted("created,b"), ALL).count == 0


def test_a_word_is_not_found_within_another_one(tmp_path):
    path = tmp_path / "events.csv"
    log(path, ["a"], kind="skipped_created")
    log(path, ["b"], kind="created")

    found = Backwards(path, EVENTS).page(Wanted("", (("kind", "created"),)), ALL)

    assert [line.cells[2] for line in found.lines] == ["b"]


@pytest.mark.parametrize(("column", "value"), [("seq", "2"), ("said", "b"), ("row_check", "")])
def test_any_column_can_be_asked_for(tmp_path, column, value):
    rows = log(tmp_path / "events.csv", ["a", "b", "c"])
    wanted = Wanted("", ((column, value or rows[1][3]),))

    found = Backwards(tmp_path / "events.csv", EVENTS).page(wanted, ALL)

    assert cells(found) == [rows[1]]


def test_a_column_that_a_table_does_not_have_asks_for_nothing(tmp_path):
    log(tmp_path / "events.csv", ["a"])

    assert Backwards(tmp_path / "events.csv", EVENTS).page(Wanted("", (("x", "y"),)), ALL).count == 1


def test_what_is_looked_for_is_cut_where_it_is_longer_than_anybody_types(tmp_path):
    text = "x" * sieves.LONGEST
    log(tmp_path / "events.csv", [text])

    assert Backwards(tmp_path / "events.csv", EVENTS).page(Wanted(text + "y"), ALL).count == 1


# --- logs that are not as they should be ----------------------------------------------


def test_a_damaged_line_is_shown_as_it_stands(tmp_path):
    path = tmp_path / "events.csv"
    log(path, ["a", "b", "c"])
    path.write_bytes(path.read_bytes().replace(b",b,", b",X,"))

    found = Backwards(path, EVENTS).page(Wanted(), ALL)

    assert [line.is_damaged for line in found.lines] == [False, True, False]
    assert found.lines[1].cells[0].startswith("2,created,X,")


def test_a_line_without_an_end_is_not_there_yet(tmp_path):
    path = tmp_path / "events.csv"
    log(path, ["a"])
    with open(path, "ab") as file:
        file.write(b"2,created,half of")

    assert Backwards(path, EVENTS).page(Wanted(), ALL).count == 1
    assert Backwards(path, EVENTS).last().cells[2] == "a"
    assert b"half" not in b"".join(Backwards(path, EVENTS).raw(Wanted()))


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbfseq,ki", b"\xef\xbb\xbf\n"])
def test_a_log_that_has_only_just_begun_has_no_lines(tmp_path, content):
    path = tmp_path / "events.csv"
    path.write_bytes(content)

    assert [line for line in Backwards(path, EVENTS).page(Wanted(), ALL).lines if line.cells[0]] == []


def test_a_log_that_is_not_there_has_no_lines(tmp_path):
    path = tmp_path / "events.csv"

    assert Backwards(path, EVENTS).page(Wanted(), ALL) == ([], 0)
    assert Backwards(path, EVENTS).rows() == 0
    assert Backwards(path, EVENTS).last() is None


def test_a_header_alone_is_no_line(tmp_path):
    path = tmp_path / "events.csv"
    tables.write(path, Event, [])

    assert Backwards(path, EVENTS).page(Wanted(), ALL) == ([], 0)
    assert Backwards(path, EVENTS).rows() == 0
    assert Backwards(path, EVENTS).last() is None


def test_a_cut_line_with_quotes_is_no_row_of_anything(tmp_path):
    path = tmp_path / "events.csv"
    log(path, ["a"])
    with open(path, "ab") as file:
        file.write(b'2,"created"\n')

    wanted = Wanted("created", (("said", "a"),))
    assert Backwards(path, EVENTS).page(wanted, ALL).count == 1


def test_older_segments_follow_the_newest(tmp_path):
    log(tmp_path / "events.0001.csv", ["old"])
    log(tmp_path / "events.csv", ["new"])

    found = Backwards(tmp_path / "events.csv", EVENTS).page(Wanted(), ALL)

    assert [line.cells[2] for line in found.lines] == ["new", "old"]
    assert Backwards(tmp_path / "events.csv", EVENTS).rows() == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("table", [EVENTS, VIEWED], ids=["log", "view"])
def test_a_file_that_a_spreadsheet_saved_is_read_too(tmp_path, table, encoding):
    path = tmp_path / table.name
    rows = log(path, ["Zoë", "b"], row_type=table.row)
    text = path.read_text("utf-8-sig").replace(",", ";").replace("\n", "\r\n")
    path.write_bytes(text.encode(encoding))

    found = Backwards(path, table).page(Wanted("zoë"), ALL)

    assert cells(found) == [tuple(rows[0])]
    assert Backwards(path, table).rows() == 2
    assert Backwards(path, table).page(Wanted("", (("kind", "failed"),)), ALL).count == 0


def test_a_view_that_cannot_be_read_says_why(tmp_path):
    path = tmp_path / "seen.csv"
    path.write_text("something,else\n1,2\n", "utf-8")

    [line] = Backwards(path, VIEWED).page(Wanted(), ALL).lines

    assert line.is_damaged
    assert line.cells[0].startswith("logs/seen.csv: line 1: missing column(s) seq")


def test_a_line_of_a_view_with_too_few_cells_is_damaged(tmp_path):
    path = tmp_path / "seen.csv"
    log(path, ["a"], row_type=Seen)
    with open(path, "ab") as file:
        file.write(b'2,created\n3,created,"open\n4,\xff,x\n')

    found = Backwards(path, VIEWED).page(Wanted(), ALL)

    assert [line.is_damaged for line in found.lines] == [True, True, True, False]


# --- as it is spelled -----------------------------------------------------------------


def test_a_whole_log_is_spelled_as_it_stands(tmp_path):
    path = tmp_path / "events.csv"
    log(path, ["=1+1", "a,b", 'the "x"', "é\n"])

    assert b"".join(Backwards(path, EVENTS).raw(Wanted())) == path.read_bytes()


@pytest.mark.parametrize("block", [16, 100, BLOCK])
def test_lines_that_were_found_are_spelled_as_they_stand(tmp_path, block):
    path = tmp_path / "events.csv"
    log(path, ["=1+1", "=1+2", "b", "=1+1"])
    lines = path.read_bytes().splitlines(keepends=True)

    found = b"".join(Backwards(path, EVENTS, block).raw(Wanted("=1+1")))

    assert found == b"".join([lines[0], lines[1], lines[4]])


def test_segments_have_one_header_when_they_are_spelled(tmp_path):
    log(tmp_path / "events.0001.csv", ["old"])
    log(tmp_path / "events.csv", ["new"])

    found = b"".join(Backwards(tmp_path / "events.csv", EVENTS).raw(Wanted()))

    assert found.count(b"seq,") == 1
    assert found.index(b"old") < found.index(b"new")


def test_what_a_spreadsheet_saved_is_spelled_as_ours(tmp_path):
    path = tmp_path / "events.csv"
    log(path, ["=1+1", "a;b"])
    ours = path.read_bytes()
    text = path.read_text("utf-8-sig").replace("'=1", "=1")
    path.write_text(text.replace("\n", "\r\n"), "utf-8")

    found = b"".join(Backwards(path, EVENTS).raw(Wanted()))

    assert found == ours
    assert all(runlog.verifier(4)(line) for line in found.splitlines(keepends=True)[1:])


@pytest.mark.parametrize("typed", ["caf\xe9", "CAFE\u0301", "Caf\xe9 \\ x"])
def test_a_search_does_not_mind_how_an_accent_is_composed(tmp_path, typed):
    log(tmp_path / "events.csv", ["cafe\u0301 \\ x", "caf\xe9 \\ x", "cafe"])

    assert Backwards(tmp_path / "events.csv", EVENTS).page(Wanted(typed), ALL).count == 2


def test_a_search_in_a_saved_log_does_not_mind_it_either(tmp_path):
    path = tmp_path / "events.csv"
    log(path, ["cafe\u0301"])
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert Backwards(path, EVENTS).page(Wanted("caf\xe9"), ALL).count == 1
