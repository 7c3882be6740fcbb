"""The original's failures, one test for each clause: none of them happens here."""

from __future__ import annotations

import json
import os
import tracemalloc
from decimal import Decimal

import pytest

from src import csv_salespro_appointments
from src.kit import errors
from src.kit.database import ConnectionLost
from src.kit.errors import Refused
from src.salespro.demo import FIRST_HEADER
from src.salespro.records import ERRORS, PLAN, REJECTS
from tests.adapters.breaking import Breaking
from tests.exports import text_of
from tests.salespro.counter import DAY, LATER, STORED_LATER, Sales, row

NEWER = "2025-06-08T00:00:00.000Z"


# --- 1. header variance ---------------------------------------------------------------


def test_both_generations_of_headers_store_the_same(sales):
    sales.take(sales.export(row("a", last="Müller", amount="5.00")))
    first = sales.stored()

    assert sales.take(sales.second(row("a", last="Müller", amount="5.00"))) == errors.OK

    assert sales.stored() == first
    assert sales.counts() == {"processed": 1, "unchanged": 1}


@pytest.mark.parametrize("column", [*FIRST_HEADER[1:2], *FIRST_HEADER[3:]])
def test_a_missing_column_overwrites_no_stored_value(sqlite_sales, column):
    sales = sqlite_sales
    full = row("a", is_sale="TRUE", amount="12.34")
    sales.take(sales.export(full))
    before = sales.stored()

    assert (
        sales.take(
            sales.without(column, row("a", NEWER, is_sale="TRUE", amount="12.34"))
        )
        == 0
    )

    at = 2  # updated_at
    [(*after,)], [(*expected,)] = sales.stored(), before
    expected[at] = after[at]
    assert after == expected
    assert sales.counts()["updated"] == 1
    assert f"has no column(s) {column}" in sales.out


def test_a_blank_cell_of_a_newer_row_does_become_null(sales):
    sales.take_rows(row("a", last="Doe", amount="5"))

    sales.take_rows(row("a", NEWER, last="", amount=""))

    assert sales.values("customer_last_name", "sale_amount") == {"a": (None, None)}


def test_an_unknown_column_is_reported_and_kept(sales):
    path = sales.export([*row("a"), "web"], header=[*FIRST_HEADER, "leadSource"])

    assert sales.take(path) == errors.OK

    assert "kept aside column(s) leadSource" in sales.out
    [(source,)] = sales.query("SELECT source_data FROM salespro_appointment", "j")
    assert json.loads(source) == {"leadSource": "web"}


@pytest.mark.parametrize("column", ["_id", "_updated_at"])
def test_a_missing_needed_column_is_named_before_anything_is_stored(
    sqlite_sales, column
):
    sales = sqlite_sales

    assert sales.take(sales.without(column, row("a"))) == errors.NOTHING_DONE

    assert f"line 1: missing column(s) {column}; found " in sales.desk.err
    assert sales.stored() == []


# --- 2. byte-order mark ---------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_file_is_read_in_the_encoding_that_spreadsheets_save(sqlite_sales, encoding):
    sales = sqlite_sales
    text = text_of(FIRST_HEADER, row("a", last="Müller"))

    assert sales.take(sales.raw(text.encode(encoding))) == errors.OK

    assert sales.value("customer_last_name") == "Müller"


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_file_is_read_with_the_separator_that_spreadsheets_write(
    sqlite_sales, separator
):
    sales = sqlite_sales
    text = text_of(FIRST_HEADER, row("a")).replace(",", separator)

    assert sales.take(sales.raw(text.encode())) == errors.OK

    assert list(sales.values("is_sale")) == ["a"]
    assert "separated by" in sales.out


# --- 3. memory ------------------------------------------------------------------------


def test_memory_does_not_grow_with_the_file(sqlite_sales):
    peaks = []
    for count in (8_000, 32_000):
        path = sqlite_sales.export(*(row(f"{count}-{n}") for n in range(count)))
        tracemalloc.start()
        assert sqlite_sales.take(path, BATCH_SIZE="5000") == errors.OK
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.3 * peaks[0]


# --- 4. duplicates, newest wins -------------------------------------------------------


@pytest.mark.parametrize("turn", [1, -1])
def test_the_newest_of_one_id_in_a_file_counts_whatever_the_order(sales, turn):
    rows = [row("a", DAY, last="Old"), row("a", LATER, last="New")]

    assert sales.take_rows(*rows[::turn]) == errors.OK

    assert sales.value("customer_last_name") == "New"
    assert sales.counts() == {"processed": 2, "created": 1, "stale": 1}


def test_the_others_of_one_id_are_listed(sqlite_sales):
    sales = sqlite_sales

    sales.take_rows(row("a", DAY), row("b"), row("a", LATER), row("b"))

    listed = [(r.line, r.key, r.error) for r in sales.rows(ERRORS)]
    assert listed == [
        ("2", "a", "line 4 is a newer row of this id"),
        ("5", "b", "line 3 says the same"),
    ]
    assert (
        "2 row(s) whose id the file has in another row that counts: a (line 2)"
        in sales.out
    )


def test_an_older_export_never_overwrites(sales):
    sales.take_rows(row("a", LATER, last="New"))

    assert sales.take_rows(row("a", DAY, last="Old")) == errors.OK

    assert sales.value("customer_last_name") == "New"
    assert sales.counts() == {"processed": 1, "stale": 1}


def test_two_rows_that_say_different_things_at_one_moment_are_both_held(sales):
    assert sales.take_rows(row("a", last="This"), row("a", last="That"), row("b")) == 1

    assert list(sales.values("is_sale")) == ["b"]
    assert sales.counts() == {"processed": 3, "created": 1, "held": 2}
    assert [(r.line, r.outcome) for r in sales.rows(ERRORS)] == [
        ("2", "held"),
        ("3", "held"),
    ]


# --- 5. counts ------------------------------------------------------------------------


def test_every_row_is_counted_once_and_truly(sales):
    sales.take_rows(row("same"), row("newer", DAY), row("older", NEWER))

    code = sales.take_rows(
        row("same"),
        row("newer"),
        row("older"),
        row("new"),
        row("new"),
        row(""),
        row("undated", ""),
        row("undated"),
    )

    assert code == errors.SOME_ROWS_FAILED
    assert sales.counts() == {
        "processed": 8,
        "created": 2,
        "updated": 1,
        "unchanged": 1,
        "stale": 2,
        "rejected": 1,
        "held": 1,
    }


def test_a_blank_id_is_a_reject(sales):
    assert sales.take_rows(row("  "), row("a")) == errors.SOME_ROWS_FAILED

    [reject] = sales.rows(REJECTS)
    assert (reject.line, reject.column, reject.reason) == (
        "2",
        "_id",
        "blank id; every record needs one",
    )
    assert sales.counts()["created"] == 1


def test_an_equal_row_is_not_written_again(sales):
    query = "SELECT id, imported_at FROM salespro_appointment"
    sales.take_rows(row("a"), row("b"))
    before = dict(sales.query(query, "tz"))

    sales.take_rows(row("a"), row("b", NEWER))

    after = dict(sales.query(query, "tz"))
    assert after["a"] == before["a"]
    assert after["b"] > before["b"]


# --- 6. values ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        (
            {"updated": "2025-02-30T00:00:00.000Z"},
            "_updated_at",
            "Could not parse datetime: 2",
        ),
        (
            {"created": "soon"},
            "_created_at",
            "Could not parse datetime: soon; expected",
        ),
        ({"amount": "12abc"}, "saleAmount", "Could not parse amount: 12abc; expected"),
        ({"amount": "1.234,50"}, "saleAmount", "Could not parse amount: 1.234,50"),
        ({"amount": "-12.00"}, "saleAmount", "negative amount: -12.00; a sale is not"),
        ({"is_sale": "maybe"}, "isSale", "neither yes nor no: maybe"),
        ({"last": "x" * 101}, "customer.nameLast", "101 characters, 100 at most"),
        ({"id": "x" * 51}, "_id", "51 characters, 50 at most"),
    ],
)
def test_a_bad_value_is_a_reject_that_stops_no_other_row(
    sqlite_sales, cells, column, reason
):
    sales = sqlite_sales
    bad = row(**{"id": "bad", **cells})

    assert sales.take_rows(row("a"), bad, row("b")) == errors.SOME_ROWS_FAILED

    [reject] = sales.rows(REJECTS)
    assert (reject.line, reject.column) == ("3", column)
    assert reject.reason.startswith(reason)
    assert sorted(sales.values("is_sale")) == ["a", "b"]


def test_a_bad_date_is_told_by_file_and_line(sqlite_sales):
    path = sqlite_sales.export(*(row(f"{n}") for n in range(5)), row("x", "yesterday"))

    sqlite_sales.take(path)

    assert f"{path}: line 7: Could not parse datetime: yesterday; " in sqlite_sales.out


def test_amounts_are_exact_up_to_fifteen_digits(sales):
    amounts = [
        "9999999999999.99",
        "0.01",
        "1234567890123.45",
        "$1,234.50",
        "0.1",
        "0.2",
    ]

    sales.take_rows(*(row(f"{n}", amount=text) for n, text in enumerate(amounts)))

    found = [amount for (amount,) in sales.values("sale_amount").values()]
    assert sorted(found) == sorted(
        Decimal(t.strip("$").replace(",", "")) for t in amounts
    )
    assert (
        "amounts, sales or not: 0.00 → 11,234,567,891,358.25, as expected" in sales.out
    )


def test_a_sale_without_an_amount_is_stored_and_flagged(sales):
    assert (
        sales.take_rows(row("a", is_sale="TRUE"), row("b", is_sale="TRUE", amount="1"))
        == 0
    )

    assert sales.value("is_sale") is True
    [flagged] = [r for r in sales.log() if r.outcome == "flagged"]
    assert (flagged.line, flagged.key, flagged.category) == ("2", "a", "no_amount")
    assert "1 sale(s) without an amount" in sales.out


def test_an_unchanged_sale_without_an_amount_is_not_told_and_not_logged_again(
    sqlite_sales,
):
    sales = sqlite_sales
    sales.take_rows(row("a", is_sale="TRUE"))

    sales.take_rows(row("a", is_sale="TRUE"))

    assert sales.outcomes()["flagged"] == 1
    assert "without an amount" not in sales.out


# --- 7. what a failure leaves ---------------------------------------------------------


def test_what_the_database_refuses_costs_its_row_alone(sqlite_sales):
    sales = sqlite_sales
    sales.take_rows(row("a"))
    statement = (
        "CREATE TRIGGER picky BEFORE INSERT ON salespro_appointment WHEN NEW.id = 'c3' "
        "BEGIN SELECT RAISE(ABORT, 'not this one'); END"
    )
    sales.change(statement)

    assert sales.take_rows(*(row(f"c{n}") for n in range(8))) == errors.SOME_ROWS_FAILED

    assert len(sales.stored()) == 8
    assert sales.counts() == {"processed": 8, "created": 7, "failed": 1}
    [failed] = [r for r in sales.log() if r.outcome == "failed"]
    assert (failed.line, failed.key) == ("5", "c3")
    assert "not this one" in failed.error


def test_history_tells_what_was_stored_before_a_failure(sqlite_sales):
    sales = sqlite_sales
    path = sales.export(*(row(f"c{n}") for n in range(8)))
    lost = Breaking(lost_in_the_third_batch, ConnectionLost("gone; start again"), False)

    assert sales.take_with(lost, path, BATCH_SIZE="2") == errors.STOPPED_EARLY

    [found] = sales.history()
    assert (found["status"], found["records_created"]) == ("partial", 4)
    assert found["error_message"] == "gone; start again"
    assert len(sales.stored()) == 4


def lost_in_the_third_batch(calls: list[str]) -> bool:
    return (
        sum(call.startswith("run INSERT INTO salespro_appointment") for call in calls)
        == 3
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_killed_run_is_interrupted_in_the_history_and_not_in_progress_for_ever(
    sqlite_sales,
):
    sales = sqlite_sales
    path = sales.export(*(row(f"{n}") for n in range(50)))

    assert sales.desk.fork(killed_at_the_third_batch, str(path), BATCH_SIZE="10") == -9
    assert [found["status"] for found in sales.history()] == ["in_progress"]
    assert sales.take(path) == errors.OK

    assert [found["status"] for found in sales.history()] == [
        "interrupted",
        "completed",
    ]
    assert sales.history()[0]["records_created"] == 20
    assert len(sales.stored()) == 50


def killed_at_the_third_batch(argv: list[str]) -> int:
    """Import until the third batch is counted, then be killed."""
    from src.salespro.history import History

    beat, batches = History.beat, []

    def killing(self: History, created: int, updated: int) -> None:
        beat(self, created, updated)
        batches.append(created)
        if len(batches) == 3:
            os.kill(os.getpid(), 9)

    History.beat = killing  # in a process of its own
    return csv_salespro_appointments.main(argv)


def test_a_missing_file_is_exit_2_and_a_failed_row_of_the_history(sales):
    assert sales.take("/no/such/export.csv") == errors.NOTHING_DONE

    assert sales.desk.err == "/no/such/export.csv: File not found; check the path\n"
    [found] = sales.history()
    assert (found["status"], found["file_path"]) == ("failed", "/no/such/export.csv")
    assert (
        found["error_message"] == "/no/such/export.csv: File not found; check the path"
    )
    assert found["file_sha256"] is None


def test_the_same_file_again_is_recognised_and_changes_nothing(sales):
    path = sales.export(row("a"), row("bad", "soon"))
    sales.take(path)
    before = sales.stored()

    sales.take(path)

    assert "this file was imported before, on 20" in sales.out
    assert "0 changes expected, 0 found" in sales.out
    assert sales.stored() == before


# --- 8. dry run -----------------------------------------------------------------------


def test_a_dry_run_checks_and_predicts_and_stores_nothing(sales):
    sales.take_rows(row("a", last="Before"))
    before = sales.stored()
    path = sales.export(row("a", NEWER, last="After"), row("b"), row("bad", "soon"))

    assert sales.take(path, "--dry-run") == errors.SOME_ROWS_FAILED

    assert sales.stored() == before
    assert sales.counts() == {"processed": 3, "created": 1, "updated": 1, "rejected": 1}
    assert sales.history()[-1]["is_dry_run"] is True
    assert [tuple(r) for r in sales.rows(PLAN)] == [
        (
            "2",
            "a",
            "updated",
            "updated_at",
            STORED_LATER,
            "2025-06-08T00:00:00.000000+00:00",
            "",
        ),
        ("2", "a", "updated", "customer_last_name", "Before", "After", ""),
        ("3", "b", "created", "", "", "", ""),
    ]


def test_a_moment_without_a_zone_is_refused_unless_one_is_set(sqlite_sales):
    sales = sqlite_sales
    path = sales.export(row("a", "2025-06-07 02:00:00"))

    assert sales.take(path) == errors.SOME_ROWS_FAILED
    assert "it names no time zone, set SALESPRO_TIMEZONE" in sales.out
    assert sales.take(path, SALESPRO_TIMEZONE="+02:00") == errors.OK

    assert sales.value("updated_at") == STORED_LATER


def test_the_tables_have_indexes_beside_their_keys(sqlite_sales: Sales):
    sqlite_sales.take_rows(row("a"))
    sqlite_sales.take_users()

    names = sqlite_sales.query(
        "SELECT name FROM sqlite_master WHERE type = 'index'", "t"
    )

    assert {
        ("salespro_appointment_created_at",),
        ("salespro_appointment_salesrep_email",),
        ("salespro_users_email",),
        ("salespro_sync_history_started",),
    } <= set(names)


def test_an_index_that_may_not_be_made_costs_no_import(sqlite_sales: Sales):
    path = sqlite_sales.export(row("a"))
    forbidden = Breaking(at_an_index, Refused("must be owner of the table"), False)

    assert sqlite_sales.take_with(forbidden, path) == errors.OK

    assert (
        "an index was not made, look-ups are slower: must be owner" in sqlite_sales.out
    )
    assert sqlite_sales.history()[0]["status"] == "completed"


def at_an_index(calls: list[str]) -> bool:
    return calls[-1].startswith("run CREATE INDEX")


def test_a_row_with_two_bad_cells_is_one_reject_of_the_first(sqlite_sales: Sales):
    sqlite_sales.take_rows(row("a", "soon", amount="1,23"))

    [reject] = sqlite_sales.rows(REJECTS)
    assert reject.column == "_updated_at"
    assert sqlite_sales.counts() == {"processed": 1, "rejected": 1}
