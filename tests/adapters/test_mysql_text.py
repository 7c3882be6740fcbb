"""Rows as hexadecimal literals, and out of the client's XML, whatever they hold."""

from __future__ import annotations

import random

import pytest

from src.adapters.mysql_text import SIZE, blocks, decoded
from src.kit.database import Misfit, Staging

TEXTS = Staging("texts", (("number", "integer"), ("text", "text")))
TIMES = Staging("times", (("at", "DATETIME"), ("till", "timestamp(6)"), ("t", "text")))
PIECES = [
    "a",
    "é",
    "\U0001f469",
    "<",
    ">",
    "&",
    '"',
    "'",
    "\\",
    "&lt;",
    "</field>\n",
    "\n",
]
PIECES += [
    "\t",
    "\r",
    "]]>",
    "  </row>\n",
    "  <row>\n",
    "",
    ' xsi:nil="true" />',
    "\x01",
]


def literals(rows, table=TEXTS) -> str:
    return ",".join(block for block, _ in blocks(table, rows))


def xml(rows) -> bytes:
    """Return rows as the client writes them."""
    head = (
        '<?xml version="1.0"?>\n\n<resultset statement="SELECT" xmlns:xsi="http://…">'
    )
    return (head + "".join(map(xml_row, rows)) + "</resultset>\n").encode(
        "utf-8", "surrogateescape"
    )


def xml_row(row) -> str:
    return "\n  <row>\n" + "".join(map(xml_field, row)) + "  </row>\n"


def xml_field(cell: str | None) -> str:
    if cell is None:
        return '\t<field name="x" xsi:nil="true" />\n'
    for letter, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot")):
        cell = cell.replace(letter, f"&{name};")
    return f'\t<field name="a &lt;b&gt;">{cell}</field>\n'


def cut(data: bytes, dice: random.Random) -> list[bytes]:
    """Return data in pieces of any size, as a pipe gives them."""
    edges = sorted(dice.choices(range(len(data) + 1), k=20))
    return [data[a:b] for a, b in zip([0, *edges], [*edges, len(data)])]


# --- there ----------------------------------------------------------------------------


def test_texts_are_hexadecimal_and_nothing_else_is():
    row = (-7, "a'; DROP")

    assert literals([row, (None, ""), (True, "é"), (False, None)]) == (
        "(-7, _utf8mb4 x'61273b2044524f50'),\n(NULL, _utf8mb4 x''),\n"
        "(1, _utf8mb4 x'c3a9'),\n(0, NULL)"
    )


def test_a_block_has_some_hundred_rows():
    counts = [count for _, count in blocks(TEXTS, ((n, "x") for n in range(1234)))]

    assert counts == [500, 500, 234]


def test_a_block_of_long_rows_ends_early():
    rows = ((n, "x" * 100_000) for n in range(5))

    made = list(blocks(TEXTS, rows))

    assert [count for _, count in made] == [2, 2, 1]
    assert all(len(block) < SIZE for block, _ in made)


def test_a_row_that_is_longer_than_a_block_travels_alone():
    rows = [(1, "x"), (2, "x" * SIZE), (3, "x")]

    assert [count for _, count in blocks(TEXTS, rows)] == [1, 1, 1]


def test_no_rows_are_no_block():
    assert list(blocks(TEXTS, [])) == []


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("2026-11-21T20:00:00+00:00", "2026-11-21 20:00:00"),
        ("2026-11-21T20:00:00.500000Z", "2026-11-21 20:00:00.500000"),
        ("2026-01-01T00:30:00+02:00", "2025-12-31 22:30:00"),
        ("2026-11-21 20:00:00", "2026-11-21 20:00:00"),
        ("2026-11-21", "2026-11-21"),
        ("yesterday", "yesterday"),
        ("0000-00-00 00:00:00", "0000-00-00 00:00:00"),
    ],
)
def test_moments_are_written_as_mysql_takes_them(given, stored):
    hexadecimal = f"_utf8mb4 x'{stored.encode().hex()}'"
    as_text = f"_utf8mb4 x'{given.encode().hex()}'"

    expected = f"({hexadecimal}, {hexadecimal}, {as_text})"

    assert literals([(given, given, given)], TIMES) == expected


def test_a_text_that_would_not_come_back_is_an_error():
    with pytest.raises(ValueError, match="NUL"):
        literals([(1, "a\0b")])
    with pytest.raises(UnicodeEncodeError):
        literals([(1, "\ud800")])


# --- and back -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_rows_come_back_whatever_they_hold_and_wherever_they_are_cut(seed):
    dice = random.Random(seed)
    rows = [
        tuple(
            None if dice.random() < 0.2 else "".join(dice.choices(PIECES, k=4))
            for _ in "abc"
        )
        for _ in range(dice.choice([1, 2, 30]))
    ]

    assert list(decoded(cut(xml(rows), dice), "ttt")) == rows


def test_null_and_the_text_null_are_two():
    assert list(decoded([xml([(None, "NULL"), ("", None)])], "tt")) == [
        (None, "NULL"),
        ("", None),
    ]


def test_no_rows_are_no_rows():
    assert list(decoded([xml([]), b"0 rows in set\n"], "t")) == []
    assert list(decoded([b"--------------\nUPDATE a\n", b"Query OK\n"], "t")) == []


def test_bytes_that_are_no_text_come_as_lone_surrogates():
    assert list(decoded([xml([("a\udcffb",)])], "t")) == [("a\udcffb",)]


@pytest.mark.parametrize("kinds", ["t", "ttt"])
def test_another_number_of_columns_is_an_error(kinds):
    with pytest.raises(ValueError, match="number of columns"):
        list(decoded([xml([("a", "b")])], kinds))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-31 09:00:00", "2024-01-31T09:00:00.000000+00:00"),
        ("2024-01-31 09:00:00.5", "2024-01-31T09:00:00.500000+00:00"),
        ("2024-01-31 09:00:00.123456", "2024-01-31T09:00:00.123456+00:00"),
        ("2024-01-31", "2024-01-31T00:00:00.000000+00:00"),
        ("0000-00-00 00:00:00", None),
        ("0000-00-00", None),
        ("2024-07-00", None),
    ],
)
def test_a_moment_is_read_as_iso_text(text, moment):
    assert list(decoded([xml([(text, text)])], "zZ")) == [(moment, moment)]


@pytest.mark.parametrize(
    ("letter", "text"),
    [("I", "x"), ("B", "2"), ("B", "x"), ("M", "abc"), ("P", "inf"), ("Z", "09:00"), ("J", "{")],
)  # fmt: skip
def test_what_is_of_another_kind_is_a_misfit_for_a_capital_letter(letter, text):
    assert list(decoded([xml([(text,)])], letter)) == [(Misfit(text),)]
