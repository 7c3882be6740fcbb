"""Files that people name: optional columns, titles above the header, what is kept aside."""

import json
import os
from pathlib import Path
from typing import Annotated, NamedTuple

import pytest

from src.kit import files, reading
from src.kit.errors import Refused
from src.kit.tables import Column, Line, Money, Rest


class Visit(NamedTuple):
    """What an export should hold: two of its columns may be missing."""

    line: Line
    id: Annotated[str, Column(header="_id")]
    last: Annotated[
        str, Column(header="nameLast", aliases=("lastName",), is_optional=True)
    ]
    amount: Annotated[str, Column("money", is_optional=True)]
    rest: Rest


class Plain(NamedTuple):
    """The same without the cells that reading adds."""

    id: Annotated[str, Column(header="_id")]
    amount: Money


@pytest.fixture
def path(tmp_path):
    return tmp_path / "export.csv"


def read(path, text: str, row_type: type = Visit) -> reading.Reading:
    path.write_text(text, "utf-8", newline="")
    return reading.given(path, row_type, "My export.csv")


# --- optional columns -----------------------------------------------------------------


def test_a_missing_optional_column_is_empty_and_named(path):
    found = read(path, "_id,amount\na,1.50\n")

    assert list(found) == [Visit("2", "a", "", "1.50", "{}")]
    assert found.lacking == {"nameLast"}
    assert found.notes == ["My export.csv: has no column(s) nameLast"]


def test_an_empty_cell_is_no_missing_column(path):
    found = read(path, "_id,amount,lastName\na,,\n")

    assert list(found) == [Visit("2", "a", "", "", "{}")]
    assert (found.lacking, found.notes) == (frozenset(), [])


def test_a_missing_column_that_is_needed_refuses_the_file(path):
    with pytest.raises(Refused) as refused:
        read(path, "id number,lastName\na,b\n")

    assert str(refused.value) == (
        "My export.csv: line 1: missing column(s) _id; found id number, lastName; "
        "correct the file and start again"
    )


@pytest.mark.parametrize("column", ["line", "Line", "rest"])
def test_a_column_of_the_name_of_what_reading_adds_is_a_column_like_others(column, path):
    [row] = read(path, f"_id,{column}\na,b\n")

    assert (row.line, json.loads(row.rest)) == ("2", {column: "b"})


# --- lines and the rest ---------------------------------------------------------------

LONG = 'a,"two\nlines",1\nb,c,2\n'
ODD = "a,x,1,too many\nb,c,2\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [(LONG, ["2", "4"]), (ODD, ["3"]), ("\n\n" + LONG, ["4", "6"])],
)
def test_a_row_knows_the_line_on_which_it_begins(text, lines, path):
    rows = list(read(path, "_id,lastName,amount\n" + text))

    assert [row.line for row in rows] == lines


def test_lines_are_right_in_every_block_of_a_long_file(path):
    lines = [f'{n},"a\nb",1\n' if n % 7 == 0 else f"{n},x,1\n" for n in range(60_000)]

    rows = list(read(path, "_id,lastName,amount\n" + "".join(lines)))

    starts, line = [], 2
    for number in range(60_000):
        starts.append(str(line))
        line += 2 if number % 7 == 0 else 1
    assert [row.line for row in rows] == starts


def test_filled_cells_of_other_columns_are_kept_under_their_names(path):
    found = read(path, ",_id,Notes,Notes,Fax\nx,a,one,two,\n,b,,,\n")

    assert [json.loads(row.rest) for row in found] == [
        {"(column 1)": "x", "Notes": "one", "Notes (column 4)": "two"},
        {},
    ]
    assert found.notes[0] == (
        "My export.csv: kept aside column(s) (column 1), Notes, Notes (column 4), Fax"
    )


def test_text_that_json_must_escape_comes_back(path):
    text = 'quote " back\\slash \x01 é 日本'
    quoted = text.replace('"', '""')

    [row] = read(path, f'_id,Notes\na,"{quoted}"\n')

    assert json.loads(row.rest) == {"Notes": text}


def test_a_bad_value_of_an_optional_column_is_a_reject(path):
    found = read(path, "_id,amount\na,many\nb,2\n")

    assert [row.id for row in found] == ["b"]
    assert [(r.line, r.column, r.file) for r in found.rejects] == [
        ("2", "amount", "My export.csv")
    ]


# --- titles ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Customer Contact List\n",
        "Customer Contact List,,\nMy Company,,\n\n",
        "\n" * 9,
        "sep=,\n",
        '"Smith, Jones & Co"\n"All dates"\n',
    ],
)
def test_a_header_below_a_title_is_found(title, path):
    [row] = read(path, f"{title}_id,amount\na,1\n", Plain)

    assert row == Plain("a", "1")


def test_a_header_too_far_below_is_not_looked_for(path):
    with pytest.raises(Refused, match="line 1: the header is missing"):
        read(path, "\n" * 10 + "_id,amount\na,1\n")


def test_a_title_does_not_hide_what_is_missing(path):
    with pytest.raises(Refused, match=r"line 1: missing column\(s\) _id; found Report"):
        read(path, "Report\n\nid number,amount\na,1\n")


# --- files that are none --------------------------------------------------------------


def test_a_missing_file_is_named_as_it_was_typed(path):
    with pytest.raises(Refused) as refused:
        reading.given(path, Visit, "exports/My export.csv")

    assert str(refused.value) == "exports/My export.csv: File not found; check the path"


def test_a_file_below_a_file_is_not_found(path):
    path.write_text("_id\n")

    with pytest.raises(Refused, match="File not found"):
        reading.given(path / "x.csv", Visit, "x.csv")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(Refused, match="x: is a folder; name the file in it"):
        reading.given(tmp_path, Visit, "x")


# --- the file itself ------------------------------------------------------------------


@pytest.mark.parametrize("change", ["longer", "replaced", "touched", "gone"])
def test_a_file_that_changes_while_it_is_read_is_refused_at_its_end(path, change):
    found = read(path, "_id,amount\na,1\n")
    rows = iter(found)
    next(rows)
    changed(path, change)

    with pytest.raises(Refused) as refused:
        list(rows)

    assert str(refused.value) == (
        "My export.csv: changed while it was read; start again with a file that nobody "
        "writes"
    )


def changed(path, change: str) -> None:
    content = path.read_bytes()
    if change == "touched":
        os.utime(path, (1, 1))
    elif change == "longer":
        with open(path, "ab") as file:
            file.write(b"b,2\n")
    else:
        path.rename(path.with_suffix(".old"))
    if change == "replaced":
        path.write_bytes(content)
        times = path.with_suffix(".old").stat()
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_a_file_is_to_be_as_it_was_seen_before_it_was_opened(path):
    read(path, "_id,amount\na,1\n")
    seen = files.look(path)
    read(path, "_id,amount\nb,22\n")

    with pytest.raises(Refused, match="changed while it was read"):
        list(reading.given(path, Visit, "x.csv", seen))


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_last_line_without_its_end_is_read_and_named(path, end):
    found = read(path, f"_id,nameLast,amount\na,b,1{end}")

    assert len(list(found)) == 1
    assert found.notes == (
        []
        if end
        else ["My export.csv: the last line has no line end; is the file whole?"]
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_or_a_device_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(Refused) as refused:
            reading.given(path, Visit, "x")
        assert str(refused.value) == "x: is no file; save it to disk first"
