"""How a file is spelled: encoding, separator, header; recognised or refused."""

import codecs
from typing import Annotated, NamedTuple

import pytest

from src.kit import reading
from src.kit.errors import Refused
from src.kit.tables import GENERATED, GIVEN, Column, Table


class Person(NamedTuple):
    """What a given file should hold; two columns have other names too."""

    id: Annotated[str, Column(header="_id", aliases=("Internal Id",))]
    name: Annotated[str, Column(aliases=("Full Name", "customer.name"))]
    note: str


TABLE = Table("DATA_DIR", "people.csv", Person, GIVEN, "make people")
OURS = TABLE._replace(kind=GENERATED)
PLAIN = "_id,name,note\n1,Zoë,x\n2,Bob,\n"
ROWS = [Person("1", "Zoë", "x"), Person("2", "Bob", "")]


def read(path, data: bytes, table: Table = TABLE) -> reading.Reading:
    path.write_bytes(data)
    return reading.table(path, table)


def refusal(path, data: bytes, table: Table = TABLE) -> str:
    with pytest.raises(Refused) as refused:
        read(path, data, table)
    assert refused.value.exit_code == 2
    return str(refused.value)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "people.csv"


# --- encodings ------------------------------------------------------------------------


@pytest.mark.parametrize("table", [TABLE, OURS])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("mark", "encoding", "note"),
    [
        (b"", "utf-8", []),
        (codecs.BOM_UTF8, "utf-8", []),
        (codecs.BOM_UTF16_LE, "utf-16-le", ["encoded as UTF-16"]),
        (codecs.BOM_UTF16_BE, "utf-16-be", ["encoded as UTF-16"]),
        (b"", "utf-16-le", ["encoded as UTF-16-LE"]),
        (b"", "utf-16-be", ["encoded as UTF-16-BE"]),
        (b"", "cp1252", ["encoded as CP1252"]),
    ],
)
def test_every_encoding_and_line_end_is_read_and_reported(
    mark, encoding, note, newline, table, path
):
    found = read(path, mark + PLAIN.replace("\n", newline).encode(encoding), table)

    assert list(found) == ROWS
    assert list(found.dialect.notes) == note
    assert found.rejects == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_a_generated_table_that_was_cut_is_refused(encoding, path):
    cut = PLAIN.rstrip("\n").encode(encoding)

    assert refusal(path, cut, OURS) == (
        "data/people.csv: the last line is cut; the file was copied or saved only in part; "
        'run "make people" again'
    )


def test_half_a_character_at_the_end_is_refused(path):
    assert refusal(path, PLAIN.encode("utf-16")[:-1]) == (
        "data/people.csv: the last character is cut; the file was copied in part; "
        "correct the file and start again"
    )


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (
            codecs.BOM_UTF8 + b"_id,name,note\n1,Zo\xff,x\n2,Bob,\n",
            "bytes that are no text",
        ),
        (b"_id,name,note\n1,Zo\x81\xeb,x\n2,Bob,\n", "bytes that are no text"),
        (b"_id,name,note\n1,Zo\0,x\n2,Bob,\n", "a NUL character"),
        (PLAIN.replace("ë", "\0").encode("utf-16"), "a NUL character"),
        (PLAIN.replace("ë", "\ud800").encode("utf-16", "surrogatepass"), "are no text"),
    ],
)
@pytest.mark.parametrize("table", [TABLE, OURS])
def test_a_damaged_character_costs_its_row_alone(damaged, reason, table, path):
    found = read(path, damaged, table)

    assert list(found) == ROWS[1:]
    [reject] = found.rejects
    assert reject.line == "2" and reason in reject.reason


def test_a_damaged_character_far_behind_the_header_is_found(path):
    data = PLAIN.encode("utf-8-sig") + b"3,Ann,\n" * 300_000 + b"4,\xff,\n"

    found = read(path, data)

    assert sum(map(len, found.blocks())) == 300_002
    assert [reject.line for reject in found.rejects] == ["300004"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(path):
    assert read(path, PLAIN.encode("utf-8-sig")).dialect.names[0] == "_id"


# --- separators -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("separator", "first", "notes"),
    [
        (",", "", []),
        (";", "", ["separated by semicolons"]),
        ("\t", "", ["separated by tabs"]),
        (";", "sep=;\n", ["separated by semicolons"]),
        (",", "SEP=,\r\n", []),
        ("\t", "sep=\t\n", ["separated by tabs"]),
    ],
)
def test_every_separator_is_read_and_reported(separator, first, notes, path):
    found = read(path, (first + PLAIN.replace(",", separator)).encode())

    assert list(found) == ROWS
    assert list(found.dialect.notes) == notes


def test_lines_are_counted_from_the_top_of_the_file(path):
    found = read(path, b"sep=,\n_id,name,note\n1,Bob\n")

    assert list(found) == []
    assert found.rejects[0].line == "3"


def test_a_separator_inside_of_cells_does_not_matter(path):
    found = read(path, b'_id;name;note;"or, what, else, you, like"\n1;"a;b,c";x;\n')

    assert list(found) == [("1", "a;b,c", "x")]
    assert found.dialect.separator == ";"


# --- headers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "_id,name,note",
        "ID,NAME,Note",
        "Internal Id,Full Name,note",
        "internal_id,customer.name,NOTE",
        '"_id"," name ","note"',
    ],
)
def test_a_column_is_found_by_any_of_its_names(header, path):
    assert list(read(path, f"{header}\n1,Zoë,x\n2,Bob,\n".encode())) == ROWS


@pytest.mark.parametrize("table", [TABLE, OURS])
def test_other_columns_and_another_order_do_not_matter(table, path):
    found = read(path, "note,age,_id,name,\nx,7,1,Zoë,\n,8,2,Bob,\n".encode(), table)

    assert list(found) == ROWS
    assert found.dialect.notes == ("left out column(s) age, (column 5)",)


def test_one_wanted_column_of_many_is_found(path):
    one = TABLE._replace(row=NamedTuple("One", [("name", str)]))

    assert list(read(path, PLAIN.encode(), one)) == [("Zoë",), ("Bob",)]


def test_empty_columns_at_the_end_are_left_out(path):
    found = read(path, "_id,name,note,,\n1,Zoë,x,,\n2,Bob,,,\n".encode())

    assert list(found) == ROWS
    assert found.dialect.notes == ("left out column(s) (column 4), (column 5)",)


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("name,note", "missing column(s) _id; found name, note"),
        ("a,b", "missing column(s) _id, name, note; found a, b"),
        (
            "_id,name,note,Full Name",
            "column(s) found twice: name; found _id, name, note",
        ),
        (
            "_id,ID,note",
            "missing column(s) name; column(s) found twice: _id; found _id, ID",
        ),
        (
            "_id,,note,",
            "missing column(s) name; 2 column(s) without a name; found _id, note",
        ),
        (
            ",,",
            "missing column(s) _id, name, note; 3 column(s) without a name; found no n",
        ),
        ('_id,"name,note', 'missing column(s) _id, name, note; found _id,"name,note'),
        ("x" * 10_000_000, "missing column(s) _id, name, note; found xxx"),
    ],
)
def test_a_header_that_cannot_be_used_is_named_with_what_was_found(
    header, complaint, path
):
    said = refusal(path, f"{header}\n1,2,3\n".encode())

    assert said.startswith(f"data/people.csv: line 1: {complaint}")
    assert said.endswith("; correct the file and start again") and len(said) < 600


@pytest.mark.parametrize(
    "data", [b"", codecs.BOM_UTF8, b"\n", b"\r\n1,2,3\n", b"sep=;\n"]
)
def test_a_file_without_a_header_says_what_is_expected(data, path):
    assert "the header is missing; expected _id, name, note" in refusal(path, data)


def test_the_way_out_of_a_bad_generated_table_is_its_command(path):
    assert refusal(path, b"a,b\n", OURS).endswith('; run "make people" again')
