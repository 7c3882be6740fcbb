"""Tables on the disk: which bytes are written, and a file is never half."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, NamedTuple

import pytest

from src.kit import files, tables
from src.kit.errors import LOCKED, Locked
from src.kit.tables import Column, Flag, Money, Number, Timestamp

BOM = b"\xef\xbb\xbf"


class Sale(NamedTuple):
    """One of every kind of column, and a header that Python cannot spell."""

    id: Annotated[str, Column(header="_id", aliases=("SaleID",))]
    name: str
    count: Number
    amount: Money
    sold_at: Timestamp
    paid: Flag


class One(NamedTuple):
    """A single column."""

    only: str


SALE = Sale("00123", "Smith", "2", "-12.50", "2026-11-20T09:15:42+00:00", "yes")


def sales(count: int) -> list[Sale]:
    return [SALE._replace(name=f"name {n}") for n in range(count)]


def bytes_of(path, row_type: type, rows: list) -> bytes:
    tables.write(path, row_type, rows)
    return path.read_bytes()


# --- bytes ----------------------------------------------------------------------------


def test_a_table_is_utf8_with_a_mark_commas_and_line_feeds(tmp_path):
    written = bytes_of(tmp_path / "x.csv", Sale, [SALE])

    assert written == BOM + (
        b"_id,name,count,amount,sold_at,paid\n"
        b"'00123,Smith,2,-12.50,2026-11-20T09:15:42+00:00,yes\n"
    )


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("a,b", '"a,b"'),
        ("a;b", '"a;b"'),
        ('5" pipe', '"5"" pipe"'),
        ("a\nb", r"a\nb"),
        ("a\rb", r"a\rb"),
        ("a\tb", r"a\tb"),
        ("C:\\x", r"C:\\x"),
        ("=1;2", '"\'=1;2"'),
        ("1,5", '"\'1,5"'),
        ("é日本😀", "é日本😀"),
        ("\udcff", r"\udcff"),
        ("", ""),
    ],
)
def test_a_cell_is_quoted_only_where_a_program_would_split_it(name, cell, tmp_path):
    written = bytes_of(tmp_path / "x.csv", Sale, [SALE._replace(name=name)])

    assert written.decode().split("\n")[1] == (
        f"'00123,{cell},2,-12.50,2026-11-20T09:15:42+00:00,yes"
    )


def test_only_text_columns_are_guarded(tmp_path):
    refund = Sale("1E5", "-5 %", "-7", "-0.10", "2026-11-20T09:15:42-05:00", "no")

    [_, line, _] = bytes_of(tmp_path / "x.csv", Sale, [refund]).split(b"\n")

    assert line == b"'1E5,'-5 %,-7,-0.10,2026-11-20T09:15:42-05:00,no"


def test_an_empty_cell_of_a_single_column_is_still_a_line(tmp_path):
    assert bytes_of(tmp_path / "x.csv", One, [("",), ("a",)]) == BOM + b'only\n""\na\n'


def test_a_table_without_rows_is_its_header(tmp_path):
    assert bytes_of(tmp_path / "x.csv", One, []) == BOM + b"only\n"


def test_every_record_is_one_physical_line(tmp_path):
    rows = [("\n" * n + "\r\u2028\x85\x0b\x0c\x1c",) for n in range(50)]

    written = bytes_of(tmp_path / "x.csv", One, rows).decode()

    assert len(written.splitlines()) == 1 + len(rows)


@pytest.mark.parametrize("row", [SALE[:-1], (*SALE, "more"), ()])
def test_a_row_of_another_width_is_an_error_of_the_program(row):
    with pytest.raises(ValueError, match="zip"):
        tables.line_of(Sale)(row)


def test_the_header_is_the_fields_unless_a_column_says_otherwise():
    assert tables.header(Sale) == ["_id", "name", "count", "amount", "sold_at", "paid"]
    assert tables.columns(Sale)[0].aliases == ("SaleID",)


def test_a_field_that_is_no_column_is_an_error_of_the_program():
    bad = NamedTuple("bad", [("count", int)])

    with pytest.raises(TypeError, match="bad.count: <class 'int'> is no column"):
        tables.columns(bad)


def test_messages_name_a_table_by_its_folder():
    assert (
        tables.Table("LOG_DIR", "x.csv", One, tables.VIEW, "make x").place
        == "logs/x.csv"
    )
    assert tables.Table("DATA_DIR", "x.csv", One, tables.VIEW, "").place == "data/x.csv"


# --- whole files ----------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 1999, 2000, 2001, 4000])
def test_the_number_of_rows_is_returned_and_written(count, tmp_path):
    assert tables.write(tmp_path / "x.csv", Sale, sales(count)) == count
    assert (tmp_path / "x.csv").read_bytes().count(b"\n") == count + 1


@pytest.mark.parametrize("good_rows", [0, 1, 5000])
def test_a_table_that_is_given_up_half_way_leaves_the_old_one(good_rows, tmp_path):
    path = tmp_path / "x.csv"
    before = bytes_of(path, Sale, [SALE])

    with pytest.raises(ZeroDivisionError):
        tables.write(path, Sale, failing_after(good_rows))

    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["x.csv"]


def test_a_table_whose_last_rows_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(UnicodeEncodeError) as error:
        with tables.writing(tmp_path / "x.csv", One) as append:
            append(["\ud800"])

    assert error.traceback and not list(tmp_path.iterdir())


def failing_after(count: int):
    yield from sales(count)
    raise ZeroDivisionError


def test_the_leftover_of_a_killed_run_is_overwritten(tmp_path):
    (tmp_path / "x.csv.tmp").write_bytes(
        b"left over, and longer than what follows\n" * 99
    )

    assert bytes_of(tmp_path / "x.csv", One, [("a",)]) == BOM + b"only\na\n"
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_a_table_can_be_written_again_after_it_was_given_up(tmp_path):
    with pytest.raises(ZeroDivisionError):
        tables.write(tmp_path / "x.csv", Sale, failing_after(3000))

    assert tables.write(tmp_path / "x.csv", Sale, [SALE]) == 1


def test_a_second_writer_of_the_same_file_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    with tables.writing(path, One) as append:
        append(["first"])
        with pytest.raises(Locked, match="x.csv: another run is writing it") as refused:
            tables.write(path, One, [("second",)])

    assert refused.value.exit_code == LOCKED == 75
    assert path.read_bytes() == BOM + b"only\nfirst\n"


def test_a_reader_of_the_old_file_reads_it_to_its_end(tmp_path):
    path = tmp_path / "x.csv"
    before = bytes_of(path, Sale, sales(3000))

    with open(path, "rb") as reader:
        start = reader.read(100)
        tables.write(path, Sale, [SALE])
        assert start + reader.read() == before


def test_a_file_that_is_replaced_all_the_time_is_always_whole(tmp_path):
    path = tmp_path / "x.csv"
    versions = {bytes_of(path, One, [(n,)] * 500) for n in "123"}

    with ThreadPoolExecutor() as pool:
        writers = [pool.submit(replace_often, path, n) for n in "123"]
        while not all(writer.done() for writer in writers):
            assert path.read_bytes() in versions

    assert [writer.result() for writer in writers] == [None] * 3


def replace_often(path, text: str) -> None:
    for _ in range(150):
        try:
            tables.write(path, One, [(text,)] * 500)
        except Locked:
            pass


def test_a_writer_that_was_killed_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.csv"
    before = bytes_of(path, One, [("old",)])
    code = (
        "import os, sys; from pathlib import Path; from src.kit import files\n"
        "with files.replacing(Path(sys.argv[1])) as file:\n"
        "    file.write(b'half' * 1000000); file.flush(); os.kill(os.getpid(), 9)"
    )

    subprocess.run([sys.executable, "-c", code, str(path)], check=False)

    assert path.read_bytes() == before
    assert bytes_of(path, One, [("new",)]) == BOM + b"only\nnew\n"


def test_a_folder_that_is_not_there_is_the_operating_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError), files.replacing(tmp_path / "no" / "x.csv"):
        pass
