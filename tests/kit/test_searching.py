"""Rows are found by their bytes, and only where a cell is meant."""

from pathlib import Path
from typing import NamedTuple

import pytest

from src.kit import searching, stories, tables
from src.kit.appender import Appender
from src.kit.searching import Source
from src.kit.tables import APPEND_ONLY, GENERATED, GIVEN, Number, Table


class Thing(NamedTuple):
    """One row of what is searched."""

    id: str
    name: str
    count: Number
    row_check: str


TABLE = Table("DATA_DIR", "things.csv", Thing, GENERATED, "make things")
ROWS = [
    ("58", "scan 0027 1.pdf", "1", ""),
    ("158", "Quite, quoted", "58", ""),
    ("00123", 'a "quoted" one', "2", ""),
    ("x", "two\nlines \\ here", "3", ""),
    ("y", "日本語", "4", ""),
    ("z", "Inès Smith", "5", ""),
    ("B-1", "scan 0028 1.pdf", "6", ""),
    ("nfd", "cafe\u0301 a.pdf", "7", ""),
    ("nfc", "Ren\xe9e b.pdf", "8", ""),
    ("Я", "Иван", "9", ""),
]


@pytest.fixture
def source(tmp_path) -> Source:
    path = tmp_path / "things.csv"
    tables.write(path, Thing, ROWS)
    return Source(path, "data/things.csv", TABLE)


def found(
    source: Source, *texts: str, columns: tuple[str, ...] = ("id", "name")
) -> list[str]:
    """Return the ids of the rows that are meant by one of some texts."""
    wanted = [(stories.fold, stories.fold(text)) for text in texts]
    rows = searching.rows(source, searching.wanted(texts, columns))
    return [row["id"] for row in rows if searching.is_meant(row, columns, wanted)]


@pytest.mark.parametrize("id, name", [row[:2] for row in ROWS])
def test_every_row_is_found_by_each_of_its_cells(source, id, name):
    assert found(source, id) == [id]
    assert found(source, name) == [id]


@pytest.mark.parametrize("spelled", ["SCAN 0027 1.PDF", "  scan   0027 1.pdf "])
def test_case_and_blanks_make_no_difference(source, spelled):
    assert found(source, spelled) == ["58"]


def test_a_short_id_is_not_found_within_a_longer_one(source):
    assert found(source, "58") == ["58"]


def test_columns_by_which_nobody_names_a_row_are_not_looked_at(source):
    assert found(source, "2") == []


def test_the_header_is_no_row(source):
    assert found(source, "name", "row_check") == []


def test_several_texts_are_looked_for_at_once(source):
    assert found(source, "b-1", "inès smith") == ["z", "B-1"]


def test_a_row_knows_its_line(source):
    rows = searching.rows(source, searching.wanted(["B-1"], ["id"]))

    assert [(row.place, row.line) for row in rows] == [("data/things.csv", 8)]


def test_a_file_that_is_not_there_holds_nothing(tmp_path):
    assert found(Source(tmp_path / "no.csv", "data/no.csv", TABLE), "58") == []


@pytest.mark.parametrize("encoding, separator", [("utf-16", "\t"), ("cp1252", ";")])
def test_a_file_that_another_program_saved_is_read_too(source, encoding, separator):
    text = source.path.read_text("utf-8-sig").splitlines()[:2]
    lines = "\r\n".join([*text, ""]).replace(",", separator)
    source.path.write_bytes(lines.encode(encoding))

    assert found(source, "scan 0027 1.pdf") == ["58"]


def test_a_file_that_nobody_can_read_is_passed_over(source):
    source.path.write_bytes(b"no,table\n58,at all\n")

    assert found(source, "58") == []


def test_a_given_file_is_taken_literally(tmp_path):
    path = tmp_path / "given.csv"
    path.write_bytes(b'id,name,count,row_check\n5,"two\nlines",1,\n')
    given = Source(path, "given.csv", TABLE._replace(kind=GIVEN))

    assert found(given, "two lines") == ["5"]


def logged(path: Path) -> Source:
    log = Appender(path, Thing)
    log.append([row[:-1] for row in ROWS])
    log.close()
    return Source(path, "logs/things.csv", TABLE._replace(kind=APPEND_ONLY))


def test_a_row_of_a_log_that_was_changed_says_so(tmp_path):
    source = logged(tmp_path / "things.csv")
    text = source.path.read_bytes()
    source.path.write_bytes(text.replace(b"scan 0027", b"scan 0099"))

    [row] = searching.rows(source, searching.wanted(["scan 0099 1.pdf"], ["name"]))

    assert row.where == "logs/things.csv line 2, changed since it was written"


def test_a_saved_log_is_read_by_its_checks(tmp_path):
    source = logged(tmp_path / "things.csv")
    source.path.write_bytes(source.path.read_bytes().replace(b"\n", b"\r\n"))

    assert found(source, "B-1") == ["B-1"]


def test_names_that_hold_a_text_are_near(source):
    rows = searching.rows(source, searching.wanted(["scan"], ["name"], is_part=True))

    near = [name for row in rows for name in searching.near(row, ["name"], "scan")]

    assert near == ["scan 0027 1.pdf", "scan 0028 1.pdf"]


def test_two_columns_may_be_one_name(source):
    rows = searching.rows(
        source, searching.wanted(["58 scan 0027 1.pdf"], ["id", "name"])
    )
    wanted = [(stories.fold, "58 scan 0027 1.pdf")]

    assert [searching.is_meant(row, ["id+name"], wanted) for row in rows] == [True]


@pytest.mark.parametrize(
    ("typed", "id"),
    [
        ("caf\xe9 a.pdf", "nfd"),
        ("CAF\xc9 A.PDF", "nfd"),
        ("rene\u0301e b.pdf", "nfc"),
        ("REN\xc9E B.PDF", "nfc"),
        ("иван", "Я"),
        ("я", "Я"),
    ],
)
def test_an_accent_is_found_however_it_is_composed_and_a_letter_in_any_case(
    source, typed, id
):
    assert found(source, typed) == [id]


@pytest.mark.parametrize("part", ["caf\xe9", "SCAN-0027", "scan 0027, 1"])
def test_signs_between_words_make_no_name_a_far_one(source, part):
    rows = searching.rows(source, searching.wanted([part], ["name"], is_part=True))

    assert any(name for row in rows for name in searching.near(row, ["name"], part))


def test_signs_alone_are_near_to_nothing(source):
    rows = searching.rows(source, searching.wanted(["scan"], ["name"]))

    assert [name for row in rows for name in searching.near(row, ["name"], "***")] == []


@pytest.mark.parametrize("typed", ["scan 27", "0027 1.pdf 6", "scan 0028 2"])
def test_a_number_of_another_cell_or_row_is_not_meant(source, typed):
    rows = searching.rows(source, searching.wanted([typed], ["id", "name"]))

    assert list(rows) == []


def test_a_number_may_fill_the_cell_beside_the_words(source):
    rows = searching.rows(source, searching.wanted(["Smith 5"], ["count", "name"]))

    assert [row["id"] for row in rows] == ["z"]
