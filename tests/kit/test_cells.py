"""One cell: escaped, guarded and back, for every text that there is."""

import csv
import random
import re
from typing import NamedTuple

import pytest

from src.kit import cells, tables
from tests.kit import hostile

TEXTS = hostile.MEASURED + hostile.ODD + hostile.texts(40_000)

# The expression of facts/spreadsheets.md, written out: a text that a spreadsheet changes.
MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    "sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
WEEKDAY = (
    "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|"
    "sat(?:urday)?|sun(?:day)?"
)
SUCH = (
    r"(?!(?:0|-?[1-9][0-9]{0,14})\Z)\s*"
    r"(?:[=+\-@].*|(?=[^0-9]*[0-9])"
    rf"(?:[0-9.,:/%$€£¥()+\-'\s]|e|am|pm|{MONTH}|{WEEKDAY})+|true|false)\s*"
)
GUARDED = re.compile(f"'*(?:{SUCH})", re.IGNORECASE | re.DOTALL)
UNGUARDED = re.compile(f"'+(?:{SUCH})", re.IGNORECASE | re.DOTALL)
# "thur" + "sat" or "thurs" + "at"? The expression tries both, the code the longer one.
TWO_READINGS = re.compile("(?:thur|tue)[sſ](?:at|un|ep)", re.IGNORECASE)


class Two(NamedTuple):
    """Two texts."""

    first: str
    second: str


def written(text: str) -> str:
    return cells.guard(cells.escape(text))


def read(cell: str) -> str:
    return cells.unescape(cells.unguard(cell))


# --- escape ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("plain é日本😀", "plain é日本😀"),
        ("a\nb", r"a\nb"),
        ("a\r\nb", r"a\r\nb"),
        ("a\tb", r"a\tb"),
        ("C:\\new", r"C:\\new"),
        ("\0\x1b\x7f\x85", r"\x00\x1b\x7f\x85"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\udcff.pdf", r"\udcff.pdf"),
        ("\ufeff\ufffe\uffff", r"\ufeff\ufffe\uffff"),
    ],
)
def test_a_control_character_is_written_so_that_it_can_be_read(text, cell):
    assert cells.escape(text) == cell
    assert cells.unescape(cell) == text


@pytest.mark.parametrize(
    "cell", [r"\q", "\\", r"\x4", r"\u12", r"C:\dir", r"\X41", r"\x4G"]
)
def test_an_unknown_escape_is_left_as_it_stands(cell):
    assert cells.unescape(cell) == cell


def test_an_escaped_text_is_one_line_for_every_program():
    assert [text for text in TEXTS if len(cells.escape(text).splitlines()) > 1] == []


def test_an_escaped_text_can_be_encoded_and_holds_no_separator_of_the_check():
    for text in TEXTS:
        assert cells.SEPARATOR not in cells.escape(text)
        assert cells.escape(text).encode().decode() == cells.escape(text)


def test_a_row_without_anything_to_escape_is_passed_on_as_it_is():
    row = ("plain", "é日本", " 00123 ")

    assert tables.escaped(row) is row
    assert tables.escaped((*row, "a\nb")) == [*row, r"a\nb"]


def test_the_quick_look_at_a_row_misses_no_character():
    for text in map(chr, range(0x11000)):
        assert list(tables.escaped([text])) == [cells.escape(text)]


# --- guard ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("00123", "1E5", "12e5", "5000000000000412003", "=1+1", "1,234.50", "1.10"),
        *(
            "-12.50",
            "3/8",
            "MAR-1",
            "10%",
            "$5",
            "12:30",
            "TRUE",
            "false",
            "1-2",
            "1.2.3",
        ),
        *(
            "+250 788",
            "@A1",
            "-x",
            "1234567890123456",
            "  007  ",
            "12 june 2020",
            "5 pm",
        ),
    ],
)
def test_what_a_spreadsheet_would_change_gets_one_apostrophe(text):
    assert cells.guard(text) == "'" + text
    assert cells.guard("'" + text) == "''" + text
    assert cells.unguard("'" + text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "'", "0", "1187", "-1", "123456789012345", "1_000", "0x1F", "NaN"),
        *(
            "'t Hooft",
            "'1187x",
            "r000123",
            "x\\ny",
            " leading blanks",
            "é日本",
            "007.pdf",
        ),
        *("Txn", "may", "Truely", "2026-11-20T09:15:42+00:00", "80A1-1409571840"),
    ],
)
def test_what_a_spreadsheet_leaves_alone_is_written_as_it_is(text):
    assert cells.guard(text) == text
    assert cells.unguard(text) == text


@pytest.mark.parametrize("text", hostile.MEASURED)
def test_every_measured_cell_comes_back(text):
    assert read(written(text)) == text


def test_the_guard_decides_exactly_like_the_measured_expression():
    for text in filter(_has_one_reading, TEXTS + _numeric_texts()):
        expected = "'" + text if GUARDED.fullmatch(text) else text
        assert cells.guard(text) == expected


def test_the_reader_decides_exactly_like_the_measured_expression():
    for text in filter(_has_one_reading, TEXTS + _numeric_texts()):
        expected = text[1:] if UNGUARDED.fullmatch(text) else text
        assert cells.unguard(text) == expected


def _has_one_reading(text: str) -> bool:
    return not TWO_READINGS.search(text)


def _numeric_texts() -> list[str]:
    """Return texts that are, or nearly are, what a spreadsheet takes for a value."""
    dice = random.Random(2)
    tokens = [
        *"0123456789" * 2,
        *".,:/%$€£¥()+-' '\u3000e=@x",
        *re.findall("[a-z]+", MONTH),
    ]
    tokens += [*re.findall("[a-z]+", WEEKDAY), "am", "PM", "ſat", "true", "FALſE"]
    return ["".join(dice.choices(tokens, k=dice.randint(1, 6))) for _ in range(40_000)]


def test_the_quick_look_at_a_cell_misses_none_that_needs_the_guard():
    line = tables.line_of(Two)
    for text in map(cells.escape, TEXTS + _numeric_texts()):
        [(_, found)] = csv.reader([line(["x", text])], strict=True)
        assert found == cells.guard(text)


# --- there and back -------------------------------------------------------------------


def test_every_text_comes_back():
    assert [text for text in TEXTS if read(written(text)) != text] == []


def test_every_single_character_comes_back():
    characters = map(chr, [*range(0x11000), 0x1F600, 0x10FFFF])

    assert [c for c in characters if read(written(c)) != c] == []


def test_two_texts_are_never_written_alike():
    texts = set(TEXTS)

    assert len({written(text) for text in texts}) == len(texts)


def test_a_guard_that_a_spreadsheet_took_off_is_not_missed():
    assert read(written("00123")[1:]) == "00123"


@pytest.mark.parametrize(
    "token",
    [
        "'",
        " ",
        "1",
        "june",
        "'june ",
        "e",
        ".",
        "=",
        "\\",
        "\n",
        "thursat",
        "' '",
        "tue1",
        "-",
    ],
)
@pytest.mark.parametrize("end", ["", "x", "\x00"])
def test_a_huge_hostile_cell_takes_no_quadratic_time(token, end):
    text = token * (300_000 // len(token)) + end

    assert read(written(text)) == text


# --- row check ------------------------------------------------------------------------


def check(row: list[str]) -> str:
    return tables.checked(row)[-1]


def test_a_row_check_is_a_letter_and_eight_hexadecimal_digits():
    assert check(["a", "b"]) == "xd8b276ef"


def test_a_row_check_notices_every_change_of_one_cell():
    dice = random.Random(3)
    for _ in range(5_000):
        row = dice.choices(TEXTS, k=5)
        changed = list(row)
        changed[dice.randrange(5)] = dice.choice(TEXTS)
        assert (check(row) == check(changed)) == (row == changed)


def test_a_row_check_notices_cells_that_were_moved():
    assert len({check(row) for row in (["ab", ""], ["a", "b"], ["", "ab"])}) == 3


def test_a_row_check_is_the_same_however_the_row_is_quoted():
    safe = tables.escaped(["00123", 'say "hi"', "a\nb"])
    saved = [cells.unguard(cell) for cell in map(cells.guard, safe)]

    assert cells.row_check(cells.SEPARATOR.join(saved)) == check(
        ["00123", 'say "hi"', "a\nb"]
    )


def test_more_can_be_checked_than_is_written():
    assert tables.checked(["a"], "run-1") != tables.checked(["a"], "run-2")
    assert len(tables.checked(["a"], "run-1")) == 2
