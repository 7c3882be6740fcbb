"""The door that plans: which files may go where, and what is left out or unreadable."""

from __future__ import annotations

import re

import pytest

from src import mapping_verifier
from src.attachments.records import INVENTORY, MAPPING, PLAN, REJECTS, Verified
from src.kit import errors
from tests import goldens

FIRST, SECOND_ROW = "3E9-1409571840", "3EA-1409571840"
HEADER = "legacy_txnid_norm,legacy_entity_type,qbo_entity_type,qbo_entity_id"
ROWS = [f"{FIRST},INVOICE,INVOICE,1001", f"{SECOND_ROW},INVOICE,INVOICE,1002"]


@goldens.cases("mapping_verifier")
def test_the_plan_is_written_as_expected(desk, case):
    assert goldens.check(desk, mapping_verifier, case) == 0


@pytest.fixture
def taken(desk):
    """Return a desk with a mapping and an inventory of a.pdf and b.pdf."""
    desk.files("a.pdf", "b.pdf")
    desk.prepare()
    desk.path(PLAN).unlink()
    return desk


def conserved(desk) -> bool:
    """Return whether the summary's parts add up to what was read."""
    read, parts = re.search(r"([\d,]+) read = (.*)", desk.out).groups()
    numbers = [int(n.replace(",", "")) for n in re.findall(r"([\d,]+) [a-z]", parts)]
    return int(read) == sum(numbers)


# --- what is missing ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (MAPPING, 'data/mapping_export.csv: not found; run "make mapping" first\n'),
        (INVENTORY, 'data/attachments_inventory.csv: not found; run "make inventory" first\n'),
    ],
)
def test_a_missing_stage_file_names_the_command_to_run_first(taken, table, sentence):
    taken.path(table).unlink()

    assert taken.verify() == 2

    assert taken.err == sentence
    assert not taken.path(PLAN).exists()


@pytest.mark.parametrize("table", [MAPPING, INVENTORY])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"a,b\n1,2\n",
        b"\0\0\0",
        b"legacy_txnid_norm,legacy_txnid_norm,legacy_entity_type\n",
        b",,,\n1,2,3,4\n",
        b"\xff\xfel\0e\0g",
    ],
    ids="empty,blank line,other table,zeros,header twice,no names,cut UTF-16".split(","),
)
def test_a_file_that_is_no_table_is_refused_in_a_sentence(taken, table, content):
    taken.path(table).write_bytes(content)

    assert taken.verify() == 2

    assert taken.err.startswith(f"{table.place}: ") and taken.err.count("\n") == 1
    assert f'run "{table.made_by}" again' in taken.err
    assert not taken.path(PLAN).exists()


def test_a_missing_column_names_what_was_found(taken):
    taken.path(MAPPING).write_text("TxnID,QbdtEntityType,Type,QboEntityId\n")

    taken.verify()

    assert "missing column(s) qbo_entity_type; found TxnID, QbdtEntityType, Type" in taken.err


# --- torture --------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_given_mapping_is_read_however_it_is_spelled(taken, separator, end, encoding):
    lines = [line.replace(",", separator) for line in (HEADER, *ROWS)]
    taken.path(MAPPING).write_bytes((end.join(lines) + end).encode(encoding))

    assert taken.verify() == errors.OK

    assert taken.statuses() == {"a.pdf": "ok", "b.pdf": "ok"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{FIRST},INVOICE,INVOICE", "has 3 cells, the header has 4"),
        (f"{FIRST},INVOICE,INVOICE,1001,", "has 5 cells, the header has 4"),
        (f"{FIRST},INV\0OICE,INVOICE,1001", "holds a NUL character"),
        (f'{FIRST},"INVOICE,INVOICE,1001', "a quote is opened and never closed"),
    ],
)
def test_a_bad_mapping_row_is_a_reject_and_the_others_proceed(taken, line, reason):
    taken.path(MAPPING).write_text("\n".join([HEADER, ROWS[1], line]) + "\n")

    assert taken.verify() == errors.SOME_ROWS_FAILED

    (reject,) = taken.rows(REJECTS)
    assert (reject.file, reject.line) == ("data/mapping_export.csv", "3")
    assert reason in reject.reason and reject.original
    assert taken.statuses() == {"a.pdf": "missing_mapping", "b.pdf": "ok"}


def test_a_cell_of_ten_megabytes_is_a_reject_of_a_few_hundred_characters(taken):
    huge = f"{FIRST},INVOICE,INVOICE," + "9" * 10_000_000
    taken.path(MAPPING).write_text("\n".join([HEADER, huge, ROWS[1]]) + "\n")

    assert taken.verify() == errors.SOME_ROWS_FAILED

    assert "longer than 1,000,000 characters" in taken.rows(REJECTS)[0].reason
    assert taken.path(REJECTS).stat().st_size < 1000


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        (b",14,", b",14.0,", "size_bytes"),
        (b",14,", b",1.4E+01,", "size_bytes"),
        (b"2014-09-01T11:44:00.000000+00:00", b"01/09/2014 11:44", "modified_at"),
        (b",Client,", b",Client,,", ""),
        (b"a.pdf", b"a\0.pdf", ""),
    ],
)
def test_a_bad_inventory_row_is_a_reject_and_nothing_is_lost(taken, old, new, column):
    path = taken.path(INVENTORY)
    path.write_bytes(path.read_bytes().replace(old, new, 1))

    assert taken.verify() == errors.SOME_ROWS_FAILED

    (reject,) = taken.rows(REJECTS)
    assert (reject.line, reject.column) == ("2", column)
    assert "2 read = 1 out + 1 rejected" in taken.out and conserved(taken)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_an_inventory_that_was_saved_again_gives_the_same_plan(taken, separator, encoding):
    taken.file(f"Client/Txn/80{FIRST}/page/a.pdf", b"%PDF another a")
    taken.file(f"Branch/Txn/80{FIRST}/a.pdf", b"%PDF a third a")
    taken.prepare(RUN_ID="same")
    plan, path = taken.path(PLAN).read_bytes(), taken.path(INVENTORY)
    text = path.read_text("utf-8-sig").replace(",", separator).replace("\n", "\r\n")
    path.write_bytes(text.encode(encoding))

    assert taken.verify(RUN_ID="same") == errors.OK

    assert sorted(taken.path(PLAN).read_bytes().split(b"\n")) == sorted(plan.split(b"\n"))


def test_a_dialect_that_is_not_ours_is_reported(taken):
    text = "\n".join([HEADER, *ROWS]).replace(",", ";") + "\n"
    taken.path(MAPPING).write_text(text)

    taken.verify()

    assert "data/mapping_export.csv: separated by semicolons" in taken.out


# --- the plan -------------------------------------------------------------------------


def test_the_plan_has_the_columns_of_the_contract_and_a_new_check_per_run(taken):
    taken.verify(RUN_ID="r1")
    first = taken.rows(PLAN)
    taken.verify(RUN_ID="r2")
    second = taken.rows(PLAN)

    assert first[0]._fields == Verified._fields
    assert [row[:-1] for row in first] == [row[:-1] for row in second]
    assert [row.row_check for row in first] != [row.row_check for row in second]


def test_what_was_sent_is_not_billed_again(taken):
    taken.verify()
    assert "to send: 2 files" in taken.out
    taken.upload()

    taken.verify()

    assert "already there: 2 files" in taken.out and "to send: 0 files" in taken.out


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"SCOPE_TYPES": "Bill"}, "out_of_scope_type"),
        ({"SCOPE_CLIENTS": "Other"}, "out_of_scope_client"),
        ({"SCOPE_EXTENSIONS": "png"}, "out_of_scope_extension"),
        ({"SCOPE_SINCE": "2020-01-01"}, "out_of_scope_age"),
        ({"SCOPE_MAX_MB": "0.000001"}, "out_of_scope_size"),
    ],
)
def test_the_scope_leaves_files_out_with_the_reason(taken, settings, reason):
    assert taken.verify(**settings) == errors.OK

    assert taken.skips() == {"a.pdf": reason, "b.pdf": reason}
    assert "2 read = 2 skipped" in taken.out
