"""What becomes of a row: beside what is stored, and beside the others of its id."""

from __future__ import annotations

import doctest
import json

import pytest

from src.kit import errors
from src.office import connect_database
from src.salespro import analysis, source
from src.salespro.demo import FIRST_HEADER, USER_HEADER
from src.salespro.records import ERRORS, PLAN
from tests.salespro.counter import DAY, LATER, Sales, row, user

NEWER = "2025-06-08T00:00:00.000Z"


@pytest.mark.parametrize(
    ("stored", "given", "word", "last"),
    [
        (row("a", LATER), row("a", NEWER), "updated", "Doe"),
        (row("a", LATER), row("a", NEWER, last="New"), "updated", "New"),
        (row("a", LATER), row("a", DAY, last="New"), "stale", "Doe"),
        (row("a", LATER), row("a", DAY), "stale", "Doe"),
        (row("a", LATER), row("a", LATER), "unchanged", "Doe"),
        (row("a", LATER), row("a", LATER, last="New"), "held", "Doe"),
        (row("a", LATER), row("a", LATER, last=""), "held", "Doe"),
        (row("a", LATER, last=""), row("a", LATER, last="New"), "updated", "New"),
        (row("a", LATER), row("a", "", last="New"), "held", "Doe"),
        (row("a", LATER), row("a", ""), "unchanged", "Doe"),
        (row("a", ""), row("a", "", last="New"), "held", "Doe"),
        (row("a", ""), row("a", ""), "unchanged", "Doe"),
        (row("a", ""), row("a", LATER, last="New"), "updated", "New"),
    ],
)
def test_a_row_and_what_is_stored(sales, stored, given, word, last):
    sales.take_rows(stored)

    sales.take_rows(given)

    assert sales.counts() == {"processed": 1, word: 1}
    assert sales.value("customer_last_name") == last


@pytest.mark.parametrize(
    ("rows", "counts", "last"),
    [
        ([row("a"), row("a")], {"created": 1, "stale": 1}, "Doe"),
        ([row("a", ""), row("a", "")], {"created": 1, "stale": 1}, "Doe"),
        (
            [row("a", last="X"), row("a", ""), row("a", DAY)],
            {"created": 1, "stale": 1, "held": 1},
            "X",
        ),
        ([row("a"), row("a"), row("a", last="X")], {"stale": 1, "held": 2}, None),
        ([row("a", "", last="X"), row("a", "")], {"held": 2}, None),
        ([row("a", DAY), row("a", last="X"), row("a")], {"stale": 1, "held": 2}, None),
        ([row(" a "), row("a")], {"created": 1, "stale": 1}, "Doe"),
        ([row("a"), row("A")], {"created": 2}, "Doe"),
    ],
)
def test_rows_of_one_id_in_a_file(sales, rows, counts, last):
    sales.take_rows(*rows)

    assert sales.counts() == {"processed": len(rows), **counts}
    assert sales.values("customer_last_name").get("a", (None,)) == (last,)


@pytest.mark.parametrize("turn", [1, -1])
def test_the_newest_row_of_a_file_is_compared_with_what_is_stored(sales, turn):
    sales.take_rows(row("a", LATER))

    sales.take_rows(*[row("a", DAY, last="Old"), row("a", NEWER, last="New")][::turn])

    assert sales.counts() == {"processed": 2, "updated": 1, "stale": 1}
    assert sales.value("customer_last_name") == "New"


def test_a_zone_makes_no_moment_newer(sales):
    sales.take_rows(row("a", "2025-06-07T02:00:00+02:00"))

    sales.take_rows(row("a", "2025-06-07T00:00:00.000Z"))

    assert sales.counts() == {"processed": 1, "unchanged": 1}


def test_the_spelling_of_an_amount_or_a_flag_makes_no_difference(sales):
    sales.take_rows(row("a", is_sale="TRUE", amount="1234.50"))

    sales.take_rows(row("a", is_sale="y", amount="$1,234.5"))

    assert sales.counts() == {"processed": 1, "unchanged": 1}


def test_a_missing_flag_is_unknown_until_a_file_has_it(sales):
    sales.take(sales.without("isSale", row("a")))
    assert sales.value("is_sale") is None

    sales.take_rows(row("a", is_sale="TRUE"))

    assert sales.value("is_sale") is True
    assert sales.counts() == {"processed": 1, "updated": 1}


def test_the_order_of_columns_makes_no_difference(sales):
    header = [*FIRST_HEADER, "leadSource", "tag"]
    line = [*row("a"), "web", "x"]
    sales.take(sales.export(line, header=header))

    sales.take(sales.export(line[::-1], header=header[::-1]))

    assert sales.counts() == {"processed": 1, "unchanged": 1}


# --- columns without a home -----------------------------------------------------------


def export(sales: Sales, line: list[str], homeless: dict[str, str]):
    """Write an export of one row that has some columns more."""
    header = [*FIRST_HEADER, *homeless]
    return sales.export([*line, *homeless.values()], header=header)


def kept(sales: Sales, table: str = "salespro_appointment") -> dict[str, str]:
    """Return what is stored of the columns without a home."""
    [(found,)] = sales.query(f"SELECT source_data FROM {table}", "j")
    return json.loads(found)


BIG, SMALL, BLANK = {"size": "big"}, {"size": "small"}, {"size": ""}


@pytest.mark.parametrize(
    ("stored", "moment", "given", "word", "after"),
    [
        (BIG, LATER, SMALL, "held", BIG),
        (BIG, LATER, BLANK, "held", BIG),
        (BIG, LATER, {**SMALL, "tag": "x"}, "held", BIG),
        (BIG, LATER, {**BIG, "tag": "x"}, "updated", {**BIG, "tag": "x"}),
        (BIG, LATER, {"tag": "x"}, "updated", {**BIG, "tag": "x"}),
        (BIG, LATER, {**BIG, "tag": ""}, "unchanged", BIG),
        (BIG, LATER, {}, "unchanged", BIG),
        ({}, LATER, BIG, "updated", BIG),
        (BLANK, LATER, BIG, "updated", BIG),
        (BIG, NEWER, SMALL, "updated", SMALL),
        (BIG, NEWER, {"tag": "x"}, "updated", {**BIG, "tag": "x"}),
        (BIG, NEWER, {}, "updated", BIG),
        ({**BIG, "tag": "x"}, NEWER, BLANK, "updated", {"tag": "x"}),
        (BIG, DAY, SMALL, "stale", BIG),
        (BIG, "", SMALL, "held", BIG),
        (BIG, "", BIG, "unchanged", BIG),
    ],
)
def test_columns_without_a_home_follow_the_rule_of_all_others(
    sales, stored, moment, given, word, after
):
    sales.take(export(sales, row("a"), stored))
    path = export(sales, row("a", moment), given)

    sales.take(path, "--dry-run")
    predicted = sales.counts()
    sales.take(path)

    assert sales.counts() == predicted == {"processed": 1, word: 1}
    assert kept(sales) == after


def test_two_files_that_contradict_each_other_do_not_take_turns(sqlite_sales):
    big, small = (export(sqlite_sales, row("a"), one) for one in (BIG, SMALL))
    sqlite_sales.take(big)

    codes = [sqlite_sales.take(path) for path in (small, big, small)]

    assert codes == [errors.SOME_ROWS_FAILED, errors.OK, errors.SOME_ROWS_FAILED]
    assert kept(sqlite_sales) == BIG


def test_the_plan_shows_columns_without_a_home_as_they_will_be(sqlite_sales):
    sales = sqlite_sales
    sales.take(export(sales, row("a"), BIG))

    sales.take(export(sales, row("a", NEWER), {"tag": "x"}), "--dry-run")

    cells = {plan.field: (plan.before, plan.after) for plan in sales.rows(PLAN)}
    assert cells["source_data"] == ('{"size": "big"}', '{"size": "big", "tag": "x"}')
    assert kept(sales) == BIG


def test_users_without_a_moment_keep_what_a_file_lacks(sales):
    sales.take_users([*user("u"), "North"], header=[*USER_HEADER, "Team"])

    sales.take_users([*user("u"), "3"], header=[*USER_HEADER, "Floor"])

    assert kept(sales, "salespro_users") == {"Team": "North", "Floor": "3"}
    assert sales.counts() == {"processed": 1, "updated": 1}


def test_however_many_rows_keep_what_a_file_lacks(sqlite_sales):
    sales, count = sqlite_sales, 5002  # more than are merged at once
    for header, moment in (("size", LATER), ("tag", NEWER)):
        lines = [[*row(f"{n}", moment), f"{header}{n}"] for n in range(count)]
        sales.take(sales.export(*lines, header=[*FIRST_HEADER, header]))

    found = sales.query("SELECT id, source_data FROM salespro_appointment", "tj")

    assert len(found) == count
    for n, cell in found:
        assert json.loads(cell) == {"size": f"size{n}", "tag": f"tag{n}"}


def test_the_example_of_two_that_contradict_is_true():
    assert doctest.testmod(source).failed == 0


# --- what is said ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        (
            row("a"),
            row("a", last="X"),
            "what is stored has the same _updated_at and says something else; "
            "export it again",
        ),
        (
            row("a"),
            row("a", "", last="X"),
            "without _updated_at nobody knows whether this or what is stored is newer; "
            "export it again",
        ),
    ],
)
def test_a_held_row_says_why_and_stays_as_it_was(sqlite_sales, first, second, error):
    sales = sqlite_sales
    sales.take_rows(first)

    assert sales.take_rows(second) == errors.SOME_ROWS_FAILED

    [held] = sales.rows(ERRORS)
    assert (held.line, held.key, held.outcome, held.error) == ("2", "a", "held", error)


def test_sales_that_are_won_and_lost_are_told(sales):
    sales.take_rows(
        row("won", DAY), row("lost", DAY, is_sale="TRUE", amount="10"), row("kept", DAY)
    )

    sales.take_rows(
        row("won", is_sale="TRUE", amount="2.50"),
        row("lost", amount=""),
        row("new", is_sale="TRUE", amount="$1,000"),
    )

    assert "sales won 2, lost 1; amount of sales +992.50" in sales.out
    assert "amounts, sales or not: 10.00 → 1,002.50, as expected" in sales.out


def test_the_amount_of_sales_leaves_out_what_is_no_sale_as_the_analysis_does(sales):
    sales.take_rows(
        row("no", DAY, amount="100"), row("yes", DAY, is_sale="TRUE", amount="7.50")
    )
    first = sales.out

    sales.take_rows(
        row("no", is_sale="TRUE", amount="30"), row("yes", amount="9")
    )

    assert "sales won 1, lost 0; amount of sales +7.50" in first
    assert "sales or not: 0.00 → 107.50, as expected" in first
    assert "sales won 1, lost 1; amount of sales +22.50" in sales.out
    assert "sales or not: 107.50 → 39.00, as expected" in sales.out
    assert sold(sales) == 3000


def sold(sales: Sales) -> int:
    with connect_database.database(sales.desk.config) as database:
        return analysis.total(database).cents
