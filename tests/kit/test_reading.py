"""Strict reading: every record becomes a row or a reject, and nothing else happens."""

import csv
import random
from typing import NamedTuple

import pytest

from src.kit import reading, tables
from src.kit.errors import Refused
from src.kit.tables import (
    EITHER,
    GENERATED,
    GIVEN,
    Flag,
    Money,
    Number,
    Table,
    Timestamp,
)
from tests.kit import hostile

KINDS = [GIVEN, GENERATED]


class Entry(NamedTuple):
    """One of every kind of column."""

    name: str
    note: str
    count: Number
    amount: Money
    ts: Timestamp
    paid: Flag


class Pair(NamedTuple):
    """Two texts."""

    name: str
    note: str


class One(NamedTuple):
    """A single text."""

    name: str


def table(row_type: type, kind: str) -> Table:
    return Table("DATA_DIR", "x.csv", row_type, kind, "make x")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.csv"


def read(path, text: str, kind: str = GIVEN, row_type: type = Pair) -> reading.Reading:
    path.write_bytes(f"{','.join(row_type._fields)}\n{text}".encode())
    return reading.table(path, table(row_type, kind))


def outcome(found: reading.Reading) -> tuple[list, list[tuple[str, str]]]:
    rows = list(found)
    assert found.count == len(rows) + len(found.rejects)
    return rows, [(reject.line, reject.reason) for reject in found.rejects]


# --- there and back -------------------------------------------------------------------


@pytest.mark.parametrize("row_type", [One, Pair])
def test_what_was_written_is_read_whatever_it_is(row_type, path):
    texts = hostile.MEASURED + hostile.ODD + hostile.texts(10_000, seed=4)
    rows = [row_type(*texts[n : n + len(row_type._fields)]) for n in range(10_000)]

    assert tables.write(path, row_type, rows) == len(rows)

    assert outcome(reading.table(path, table(row_type, GENERATED))) == (rows, [])


@pytest.mark.parametrize("row_type", [One, Pair])
def test_a_given_file_is_taken_literally(row_type, path):
    texts = [text for text in map(_readable, hostile.texts(10_000, seed=5)) if text]
    rows = [row_type(*texts[n : n + len(row_type._fields)]) for n in range(8_000)]
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row_type._fields, *rows])

    assert outcome(reading.table(path, table(row_type, GIVEN))) == (rows, [])


def _readable(text: str) -> str:
    return text.encode("utf-8", "ignore").decode().replace("\0", "")


@pytest.mark.parametrize(
    ("header", "name"),
    [("name,note", "a\nb"), ("Name,Note", r"a\nb"), ("note,name", "x")],
)
def test_a_table_that_may_be_given_is_ours_if_its_header_is(header, name, path):
    path.write_text(f"{header}\na\\nb,x\n", "utf-8")

    [row] = reading.table(path, table(Pair, EITHER))

    assert row.name == name


def test_a_guard_is_taken_off_only_in_our_own_files(path):
    assert list(read(path, "'00123,''1\n", GENERATED)) == [("00123", "'1")]
    assert list(read(path, "'00123,''1\n", GIVEN)) == [("'00123", "''1")]


# --- rejects --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a", "has 1 cell, the header has 2"),
        ("a,b,c", "has 3 cells, the header has 2"),
        ("   ", "has 1 cell, the header has 2"),
        ("a,b\0", "holds a NUL character"),
        ('a,"b', "a quote is opened and never closed"),
        ('a,"b" c', "no CSV: ',' expected after '\"'"),
        ("a," + "x" * 10_000_000, "a cell is longer than 1,000,000 characters"),
    ],
)
def test_a_bad_line_is_rejected_and_the_rest_is_read(line, reason, kind, path):
    found = read(path, f"1,2\n{line}\n3,4\n", kind)

    assert outcome(found) == ([("1", "2"), ("3", "4")], [("3", reason)])
    [reject] = found.rejects
    assert reject.file == "data/x.csv" and line.startswith(reject.original)
    assert len(reject.original) <= 300


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        *(
            ("count", cell)
            for cell in ("x", "1.0", "1_0", "٣", " 1", "+1", "1e5", "1" * 20)
        ),
        *(
            ("amount", cell)
            for cell in ("1,5", "$5", ".5", "1.", "NaN", "1.123456", "1.10 ")
        ),
        *(
            ("ts", cell)
            for cell in ("2026-11-20", "2026-11-20T09:15:42", "20.11.2026", "now")
        ),
        *(
            ("ts", f"2026-{cell}+00:00")
            for cell in ("13-01T00:00:00", "12-32T00:00:00")
        ),
        *(
            ("ts", f"2026-12-01T{cell}+00:00")
            for cell in ("24:00:00", "23:60:00", "1:2:3")
        ),
        *(("ts", f"2026-12-01T00:00:00{cell}") for cell in ("Z", "+24:00", ".5+00:00")),
        *(("paid", cell) for cell in ("true", "Yes", "1", "yesno")),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_another_kind_is_rejected_with_its_column(column, cell, kind, path):
    entry = Entry("a", "b", "1", "1.10", "2026-11-20T09:15:42+00:00", "no")
    quoted = [f'"{cell}"' for cell in entry._replace(**{column: cell})]

    found = read(path, ",".join(quoted) + "\n", kind, Entry)

    assert outcome(found) == ([], [("2", f"{cell!r} is no {found_kind(column)}")])
    assert found.rejects[0].column == column


def found_kind(column: str) -> str:
    kinds = {"count": "number", "amount": "money", "ts": "timestamp", "paid": "flag"}
    return kinds[column]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cell", ["", "0", "-0012", "9" * 15])
def test_a_number_is_taken_as_it_stands_and_may_be_empty(cell, kind, path):
    assert list(read(path, f",,{cell},,,\n", kind, Entry)) == [
        ("", "", cell, "", "", "")
    ]


def test_two_numbers_in_one_cell_are_not_two_numbers(path):
    found = read(path, 'a,b,"1\n2",,,\nc,d,3,,,\n', GIVEN, Entry)

    assert outcome(found)[1] == [("2", r"'1\n2' is no number")]


@pytest.mark.parametrize("kind", KINDS)
def test_blank_lines_are_no_records(kind, path):
    assert outcome(read(path, "\n1,2\n\r\n\n3,4\n\n", kind)) == (
        [("1", "2"), ("3", "4")],
        [],
    )


def test_two_broken_lines_are_never_one_good_record(path):
    found = read(path, 'x","y\nz",w"\n', GENERATED, Entry)

    assert outcome(found)[0] == [] and found.count == 2


# --- quotes and line ends in given files ----------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("cell", "ends"),
    [
        *(("a\nb", 1), ("a\r\nb", 1), ("a\rb", 1), ("a\n\r\n\rb", 3)),
        *(("\n", 1), ("\n\n\n", 3), ("a\n", 1), ("\nb", 1)),
    ],
)
def test_a_cell_of_several_lines_is_one_record(cell, ends, newline, path):
    found = read(path, f'1,"{cell}"{newline}2,b{newline}x{newline}')

    rows, [(line, _)] = outcome(found)
    assert rows == [("1", cell), ("2", "b")]
    assert int(line) == 4 + ends


@pytest.mark.parametrize("lines", [2, 100, 499])
def test_records_of_many_lines_that_cross_the_blocks_come_back(lines, path):
    cell = "\n".join(f"line {n} " + "x" * 40 for n in range(lines))
    count = 3 * reading.BLOCK // len(cell) + 3

    found = read(path, f'"a ""b""","{cell}"\n' * count)

    assert outcome(found) == ([('a "b"', cell)] * count, [])


@pytest.mark.parametrize("good", [0, 1, 600, 30_000])
@pytest.mark.parametrize("kind", KINDS)
def test_an_unclosed_quote_costs_one_line(good, kind, path):
    found = read(path, "1,2\n" * good + '3,"4\n' + "5,6\n" * good, kind)

    rows, rejects = outcome(found)
    assert len(rows) == 2 * good
    assert rejects == [(str(good + 2), "a quote is opened and never closed")]


def test_inches_in_a_given_file_are_text(path):
    found = read(path, '5" pipe,a\n1,2\n6" pipe,b\n"7"" pipe",c\n')

    assert outcome(found) == (
        [('5" pipe', "a"), ("1", "2"), ('6" pipe', "b"), ('7" pipe', "c")],
        [],
    )


def test_a_given_file_may_end_without_a_line_end(path):
    assert outcome(read(path, '1,2\n3,"4\n5"')) == ([("1", "2"), ("3", "4\n5")], [])


def test_an_endless_row_of_odd_quotes_takes_no_quadratic_time(path):
    found = read(path, 'a,"\n' * 20_000 + 'x","y\n' * 5_000 + '"""\n' * 5_000)

    rows, rejects = outcome(found)
    assert found.count == len(rows) + len(rejects) > 0


# --- fast and slow --------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("odd", ["x\n", '1,"2\n', "1,\0\n", "\n"])
def test_an_odd_line_changes_nothing_for_the_others(kind, odd, path):
    texts = [
        t
        for t in hostile.texts(6_000, seed=6)
        if kind == GENERATED or _readable(t) == t
    ]
    rows = [Pair(*pair) for pair in zip(texts[::2], texts[1::2])]
    body = written(path, rows, kind)

    fast, none = outcome(read(path, body, kind))
    slow, rejects = outcome(read(path, body + odd, kind))

    assert fast == slow == rows
    assert none == [] and len(rejects) == (odd != "\n")


def written(path, rows: list, kind: str) -> str:
    if kind == GENERATED:
        tables.write(path, Pair, rows)
    else:
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("name", "note"), *rows])
    return path.read_bytes().decode("utf-8-sig").partition("\n")[2]


# --- conservation ---------------------------------------------------------------------

_PIECES = [
    *(
        ",",
        ",",
        ",",
        "\n",
        "\n",
        "\n",
        '"',
        '"',
        '""',
        "\r",
        "\r\n",
        ";",
        "\t",
        "'",
        "\\n",
    ),
    *(
        "a",
        "b",
        "1",
        "00",
        "=1",
        "é",
        "😀",
        " ",
        "yes",
        "1.10",
        "2026-11-20T09:15:42+00:00",
    ),
    *(
        '"a\nb"',
        '"a,b"',
        "\0",
        "\x85",
        "\u2028",
        "\x1c",
        "\ufeff",
        "name,note\n",
        "sep=;\n",
    ),
]
_BYTES = [
    b"\xff",
    b"\x81",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\0",
    b"\xc3",
    b"\xed\xa0\x80",
]


def malformed(dice: random.Random) -> bytes:
    header = dice.choice(
        ["name,note\n"] * 8 + ["note;name\r\n", "name\tnote\r", "", "x\n"]
    )
    text = header + "".join(dice.choices(_PIECES, k=dice.randint(0, 25)))
    data = text.encode(
        dice.choice(["utf-8"] * 6 + ["utf-8-sig", "utf-16", "utf-16-be"])
    )
    if dice.random() < 0.2:
        place = dice.randint(0, len(data))
        data = data[:place] + dice.choice(_BYTES) + data[place:]
    return data


@pytest.mark.parametrize("kind", [GIVEN, GENERATED, EITHER])
def test_every_record_of_a_malformed_file_is_a_row_or_a_reject(kind, path):
    dice, refused = random.Random(kind), 0
    for _ in range(5_000):
        path.write_bytes(malformed(dice))
        try:
            found = reading.table(path, table(Pair, kind))
            rows = list(found)
        except Refused:
            refused += 1
        else:
            assert found.count == len(rows) + len(found.rejects)
    assert 500 < refused < 4_500


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_of_a_generated_mess_is_met_exactly_once(kind, path):
    dice = random.Random(8)
    lines = [
        f"{n},{dice.choice(['x', 'x,y', 'x;', chr(39), 'é', '1'])}"
        for n in range(5_000)
    ]

    found = read(path, "\n".join(lines) + "\n", kind)

    rows, rejects = outcome(found)
    met = [row.name for row in rows] + [
        reject.original.partition(",")[0] for reject in found.rejects
    ]
    assert sorted(map(int, met)) == list(range(5_000))
    assert [int(line) for line, _ in rejects] == sorted(
        int(line) for line, _ in rejects
    )


# --- files that cannot be read at all -------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_a_header_has_no_rows(kind, path):
    assert outcome(read(path, "", kind)) == ([], [])


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (GENERATED, 'data/x.csv: not found; run "make x" first'),
        (EITHER, 'data/x.csv: not found; run "make x" first'),
        (GIVEN, "data/x.csv: not found; check the path"),
    ],
)
def test_a_missing_file_names_the_way_out(kind, said, path):
    with pytest.raises(Refused) as refused:
        reading.table(path, table(Pair, kind))

    assert str(refused.value) == said


def test_a_folder_in_place_of_a_file_is_refused(path):
    path.mkdir()

    with pytest.raises(Refused, match='data/x.csv: is a folder; run "make x" first'):
        reading.table(path, table(Pair, GENERATED))


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_generated_table_that_was_cut_anywhere_is_noticed(cut, path):
    rows = [Pair("00123", 'a"b'), Pair("é😀", "c\nd")]
    tables.write(path, Pair, rows)
    whole = path.read_bytes()

    path.write_bytes(whole[:-cut])

    try:
        assert len(list(reading.table(path, table(Pair, GENERATED)))) < 2
    except Refused as refusal:
        assert (
            "cut" in str(refusal)
            or "header" in str(refusal)
            or "column" in str(refusal)
        )
