"""Three CSVs joined: what is alike is not looked at, what is odd is refused or named."""

from __future__ import annotations

import pytest

from src.kit import tables
from src.kit.errors import Refused
from src.wms import records
from src.wms.fields import KINDS, SALES_ORDERS
from src.wms.sides import Joined, pack, unpack
from tests.wms.three import LATER, Desktop, Said, fact

A, B = Said({"name": "A"}), Said({"name": "B", "phone": "1"})
LINED = Said({"ref_number": "7"}, lines={"L1": {"quantity": "1"}, "L2": {"quantity": "2"}})


def joined(desktop: Desktop, kind: str = "vendors") -> Joined:
    return Joined(desktop.folders, KINDS[kind])


def edit(desktop: Desktop, table: tables.Table, old: str, new: str) -> None:
    """Change the text of a file, as a person with an editor does."""
    path = desktop.root / "data" / table.name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    "name", ["Plain", "Comma, Ltd", 'Quote "x"', "=1+1", "00123", "two\nlines", "\x1f\x1e"]
)
def test_a_record_that_is_alike_is_counted_and_forgotten(desktop, name):
    one = Said({"name": name})
    desktop.write("vendors", {"0005/80-5": (one, one, one), "6/80-6": (A, A, B)})

    found = joined(desktop)

    assert found.same == 1
    assert [triple.wms_id for triple in found.triples()] == ["6"]


@pytest.mark.parametrize(
    "three", [(A, A, B), (A, B, A), (A, B, B), (None, A, A), (A, None, A), (A, A, None)]
)
def test_a_record_that_differs_comes_with_all_three(desktop, three):
    desktop.write("vendors", {"5/80-5": three})

    (triple,) = joined(desktop).triples()

    assert (triple.wms_id, triple.id) == ("5", "80-5")
    sides = [side and side.cells[0] for side in (triple.base, triple.stored, triple.mirror)]
    assert sides == [said and said.values["name"] for said in three]


def test_alike_lines_are_alike_and_others_are_not(desktop):
    more = LINED._replace(lines={**LINED.lines, "L3": {"quantity": "3"}})
    rows = {"5/T-5": (LINED, LINED, LINED), "6/T-6": (LINED, LINED, more)}
    desktop.write(SALES_ORDERS, rows)

    found = joined(desktop, SALES_ORDERS)

    assert found.same == 1
    (triple,) = found.triples()
    assert [line.id for line in triple.mirror.lines] == ["L1", "L2", "L3"]


def test_a_deleted_record_is_never_alike(desktop):
    desktop.write("vendors", {"5/80-5": (A, A, A._replace(more={"deleted_at": LATER}))})

    assert joined(desktop).same == 0


def test_what_only_one_side_has_comes_unlinked(desktop):
    rows = {"5/": (None, A, None), "/80-9": (None, None, B), "6/80-6": (A, A, B)}
    desktop.write("vendors", rows)

    found = [(t.wms_id, t.id) for t in joined(desktop).triples(unlinked=True)]

    assert found == [("5", ""), ("", "80-9")]


@pytest.mark.parametrize("cells", [("a", "b", ""), ("", ""), ("\x1f", "b"), ("\x1e", "")])
def test_what_is_packed_is_unpacked_again(cells):
    assert unpack(pack(cells)) == cells


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        (records.STORED["vendors"], "\n6,", "\n5,"),
        (records.MIRROR["vendors"], "\n'80-6,", "\n'80-5,"),
        (records.BASE["vendors"], "\n6,", "\n5,"),
    ],
)
def test_a_record_that_is_there_twice_is_rejected_by_name(desktop, table, old, new):
    desktop.write("vendors", {"5/80-5": (A, A, B), "6/80-6": (A, A, B)})
    edit(desktop, table, old, new)

    (reject,) = joined(desktop).rejects

    assert (reject.file, reject.reason) == (table.place, "is there twice")


def test_one_that_is_alike_and_there_twice_is_rejected_too(desktop):
    desktop.write("vendors", {"5/80-5": (A, A, A), "6/80-6": (A, A, A)})
    edit(desktop, records.MIRROR["vendors"], "\n'80-6,", "\n'80-5,")

    (reject,) = joined(desktop).rejects

    assert (reject.column, reject.reason) == ("80-5", "is there twice")


def test_a_row_that_cannot_be_read_holds_what_only_a_whole_list_can_tell(desktop):
    desktop.write("vendors", {"5/80-5": (A, B, A), "6/80-6": (A, A, B), "7/": (None, A, None)})
    edit(desktop, records.STORED["vendors"], "\n5,'80-5,2026", "\n5,'80-5,no time")
    planner = desktop.planner("vendors")

    cards = {(row.wms_id, row.field): row.action for row in planner.rows()}

    assert cards[("5", "")] == cards[("7", "")] == "hold"
    assert cards[("6", "phone")] == "update"
    assert planner.tally.rejects[0].line == "2"


def test_no_first_match_is_made_where_rows_cannot_be_read(desktop):
    other = Said({"name": "B", "phone": "2"})
    rows = {"5/80-5": (A, B, A), "7/": (None, B, None), "/80-7": (None, None, other)}
    desktop.write("vendors", rows)
    edit(desktop, records.STORED["vendors"], "\n5,'80-5,2026", "\n5,'80-5,no time")

    cards = [row for row in desktop.plan("vendors") if row.wms_id == "7"]

    assert [row.action for row in cards] == ["hold", "hold"]


def test_files_of_two_runs_do_not_belong_together(desktop):
    desktop.write(SALES_ORDERS, {"5/T-5": (LINED, LINED, LINED)})
    desktop.receipt(fact(records.MIRROR_LINES[SALES_ORDERS], 2, "fetch-2"))

    with pytest.raises(Refused, match="are of different runs; run \"make wms-fetch\" again"):
        joined(desktop, SALES_ORDERS)


def test_a_warehouse_and_a_base_of_two_runs_do_not_belong_together(desktop):
    desktop.write("vendors", {"5/80-5": (A, A, A)})
    desktop.receipt(fact(records.BASE["vendors"], 1, "fetch-2"))

    with pytest.raises(Refused, match="qbd_vendors.csv and data/wms_base_vendors.csv"):
        joined(desktop)


def test_a_file_that_lost_rows_since_it_was_written_is_refused(desktop):
    desktop.write("vendors", {"5/80-5": (A, A, A), "6/80-6": (A, A, A)})
    rows = [("5", "80-5", LATER, LATER, "", *[""] * len(KINDS["vendors"].fields))]
    table = records.STORED["vendors"]
    tables.write(desktop.root / "data" / table.name, table.row, rows)

    with pytest.raises(Refused, match="holds 1 rows, 2 were written"):
        joined(desktop)


def test_a_missing_file_names_what_makes_it(desktop):
    with pytest.raises(Refused, match='not found; run "make wms-fetch" first'):
        joined(desktop)


def test_a_file_that_was_saved_in_another_dialect_says_the_same(desktop):
    desktop.write("vendors", {"5/80-5": (A, A, A), "6/80-6": (A, A, B)})
    path = desktop.root / "data" / records.STORED["vendors"].name
    path.write_text(path.read_text("utf-8-sig").replace(",", ";"), "utf-8")

    found = joined(desktop)

    assert found.same == 1
    assert [triple.wms_id for triple in found.triples()] == ["6"]



@pytest.mark.parametrize("there", ["", "80-9"])
def test_a_record_that_lost_the_id_that_was_agreed_on_is_not_alike(desktop, there):
    lost = A._replace(more={"id": there})
    desktop.write("vendors", {"5/80-5": (A, lost, A), "/80-9": (None, None, B)})

    (triple, *others) = joined(desktop).triples()

    assert (triple.wms_id, triple.id) == ("5", "80-5")
    assert triple.mirror is not None
    assert [other.id for other in others] == ([] if there else ["80-9"])
