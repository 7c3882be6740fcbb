"""Rows as psql's text format, against a reader that knows nothing of ours."""

from __future__ import annotations

import random

import pytest

from src.adapters.psql_text import blocks, decoded

PIECES = [
    "\\",
    "N",
    ".",
    "\t",
    "\n",
    "\r",
    "",
    "a",
    "é",
    "\x01",
    "\x0b",
    "=",
    "n",
    None,
]
ESCAPES = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}


def encoded(rows) -> bytes:
    return b"".join(block for block, _ in blocks(rows))


def plain(text: str) -> str | None:
    """Return what PostgreSQL's documentation says a cell means."""
    if text == "\\N":
        return None
    found, letters = "", iter(text)
    for letter in letters:
        found += ESCAPES[next(letters)] if letter == "\\" else letter
    return found


def random_rows(seed: int, pieces: list) -> list[tuple]:
    dice = random.Random(seed)

    def cell():
        chosen = dice.choices(pieces, k=dice.randrange(4))
        return None if None in chosen else "".join(chosen)

    return [(cell(), cell(), cell()) for _ in range(dice.choice([1, 10, 2500]))]


@pytest.mark.parametrize("seed", range(30))
def test_every_row_is_one_line_that_means_what_it_was(seed):
    rows = random_rows(seed, PIECES if seed % 2 else ["a", "é", "", None, "\x01"])

    lines = encoded(rows).decode().split("\n")

    assert lines.pop() == ""
    assert not any("\r" in line for line in lines)
    assert [tuple(map(plain, line.split("\t"))) for line in lines] == rows


@pytest.mark.parametrize("seed", range(10))
def test_what_is_written_is_read_back(seed):
    rows = random_rows(seed, PIECES)

    lines = encoded(rows).split(b"\n")[:-1]

    assert list(decoded(lines, "ttt")) == rows


def test_blocks_tell_how_many_rows_they_have():
    counts = [count for _, count in blocks(("x",) for _ in range(2345))]

    assert counts == [1000, 1000, 345]


def test_a_row_without_anything_to_escape_shares_a_block_with_one_that_has():
    rows = [("a", None), ("b\\", "c"), (None, "\\N")]

    assert encoded(rows) == b"a\t\\N\nb\\\\\tc\n\\N\t\\\\N\n"


@pytest.mark.parametrize("letter", "rnt")
def test_one_thing_to_escape_is_enough(letter):
    given = {"r": "\r", "n": "\n", "t": "\t"}[letter]

    assert encoded([(f"a{given}b", "c")]) == f"a\\{letter}b\tc\n".encode()


def test_a_nul_is_left_to_the_server_to_refuse():
    assert encoded([("a\0b", None)]) == b"a\\000b\t\\N\n"


def test_numbers_and_flags_have_their_words():
    assert encoded([(1, -7, True, False)]) == b"1\t-7\tt\tf\n"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (b"2024-01-31 09:00:00+00\n", "2024-01-31T09:00:00.000000+00:00"),
        (b"2024-01-31 09:00:00.5+00\n", "2024-01-31T09:00:00.500000+00:00"),
        (b"2024-01-31 09:00:00.123456+00\r\n", "2024-01-31T09:00:00.123456+00:00"),
    ],
)
def test_a_moment_is_read_as_iso_text(text, moment):
    assert list(decoded([text], "z")) == [(moment,)]
