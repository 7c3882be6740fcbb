"""Two CSVs that belong together: never half of one run, and damage is noticed."""

from __future__ import annotations

from hashlib import sha256

import pytest

from src.kit.tables import Table
from src.wms.fields import KINDS
from src.wms.pairs import Damaged, Pair, Shelf, Written
from src.wms.records import STORED, STORED_LINES, StoredHead
from tests.wms import samples

ORDERS, CUSTOMERS = KINDS["sales_orders"], KINDS["customers"]
PAIR = Pair(STORED[ORDERS.name], STORED_LINES[ORDERS.name])
ALONE = Pair(STORED[CUSTOMERS.name], None)
WIDTH = len(StoredHead._fields)


class Notes:
    """What is written down about tables, and what was there at that moment."""

    def __init__(self, folder):
        self.folder = folder
        self.told: list[tuple[str, int, str, bool]] = []
        self.digests: list[str] = []
        self.shelf = Shelf(self.path_of, self.note)

    def path_of(self, table: Table):
        return self.folder / table.name

    def note(self, written: Written) -> None:
        table, rows, sha256, detail = written
        self.told.append((table.name, rows, detail, self.path_of(table).exists()))
        self.digests.append(sha256)


@pytest.fixture
def notes(tmp_path):
    return Notes(tmp_path)


def write(notes, *records, pair=PAIR):
    with notes.shelf.writing(pair, {"why": 1}) as append:
        for record in records:
            append(*record)


def read(notes, pair=PAIR):
    return [
        (StoredHead(*head), cells, lines)
        for head, cells, lines in notes.shelf.read(pair, WIDTH)
    ]


def orders(*ids):
    return [samples.stored(ORDERS, wms_id, f"q{wms_id}") for wms_id in ids]


def swap(path):
    header, first, second, *rest = path.read_text("utf-8-sig").splitlines(keepends=True)
    path.write_text("".join([header, second, first, *rest]))


def test_records_are_read_with_their_lines(notes):
    written = orders("a", "b", "c")
    written[1] = written[1]._replace(lines=())

    write(notes, *written)

    assert read(notes) == written


def test_a_kind_without_lines_is_one_file(notes):
    record = samples.stored(CUSTOMERS)

    write(notes, record, pair=ALONE)

    assert read(notes, ALONE) == [record]
    assert [name for name, *_ in notes.told] == ["wms_customers.csv"]


def test_any_text_comes_back(notes):
    odd = samples.stored(ORDERS, memo='=1+1; "two"\nlines\\', ref_number="007")

    write(notes, odd)

    assert read(notes) == [odd]


def test_lines_are_written_down_before_they_are_there_and_records_after(notes):
    write(notes, *orders("a"))

    assert notes.told == [
        ("wms_sales_order_lines.csv", 2, "why=1", False),
        ("wms_sales_orders.csv", 1, "why=1", True),
    ]


def test_what_is_written_down_tells_a_file_from_any_other(notes):
    write(notes, *orders("a"))

    files = [notes.path_of(PAIR.lines), notes.path_of(PAIR.records)]
    assert notes.digests == [sha256(file.read_bytes()).hexdigest() for file in files]


def test_an_error_leaves_both_files_as_they_were(notes):
    write(notes, *orders("a"))

    with pytest.raises(ZeroDivisionError), notes.shelf.writing(PAIR) as append:
        append(*orders("b")[0])
        raise ZeroDivisionError

    assert read(notes) == orders("a")
    assert len(notes.told) == 2


def test_lines_without_their_record_are_passed_over(notes):
    write(notes, *orders("a", "c"))
    records = notes.path_of(PAIR.records).read_bytes()
    write(notes, *orders("0", "a", "b", "c", "d"))
    notes.path_of(PAIR.records).write_bytes(records)

    assert read(notes) == orders("a", "c")


@pytest.mark.parametrize("table", PAIR)
def test_a_missing_file_is_damage(notes, table):
    write(notes, *orders("a"))
    notes.path_of(table).unlink()

    with pytest.raises(Damaged, match="not found"):
        read(notes)


def test_records_in_another_order_are_damage(notes):
    write(notes, *orders("a", "b"))
    swap(notes.path_of(PAIR.records))

    with pytest.raises(Damaged, match="wms_sales_orders.csv: is in another order"):
        read(notes)


def test_lines_in_another_order_are_damage(notes):
    one, *others = orders("a", "b")
    write(notes, one._replace(lines=one.lines[:1]), *others)
    swap(notes.path_of(PAIR.lines))

    with pytest.raises(Damaged, match="wms_sales_order_lines.csv: is in another order"):
        read(notes)


def test_a_record_that_is_there_twice_is_damage(notes):
    write(notes, *orders("a", "a"))

    with pytest.raises(Damaged, match="another order"):
        read(notes)


def test_a_row_that_cannot_be_read_is_damage(notes):
    write(notes, *orders("a", "b"))
    path = notes.path_of(PAIR.records)
    path.write_text(path.read_text("utf-8-sig").replace("1234.50", "many", 1))

    with pytest.raises(Damaged, match="line 2: 'many' is no money"):
        read(notes)
