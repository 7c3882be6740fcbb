"""What importers left in earlier files is counted until it arrives, whatever came since."""

from __future__ import annotations

from pathlib import Path

import pytest

from src import customers_check, customers_import, customers_match
from src.kit import runlog
from src.office import overview
from src.office.leftovers import Earlier
from src.salespro.records import RUNLOG
from tests.salespro.counter import Sales, row, user

NEWER = "2025-06-09T00:00:00.000Z"
HEADER = "QuickBooks Internal Id,Customer Name,Credit Limit\n"


@pytest.fixture
def sales(desk) -> Sales:
    return Sales(desk, "")


def earlier(desk, name: str = "salespro", **settings: str) -> Earlier:
    """Return what a pipeline left in earlier files."""
    found = overview.Watch(desk.config._replace(**settings)).standings()
    return next(one.earlier for one in found if one.name == name)


def keys(desk, name: str = "salespro") -> list[str]:
    return [one.key or f"line {one.line}" for one in earlier(desk, name).rows]


# --- appointments and users -----------------------------------------------------------


def test_what_the_last_file_left_is_an_open_error_and_nothing_earlier(sales):
    sales.take_rows(row("a"), row("x", "soon"))

    assert keys(sales.desk) == []


def test_what_no_later_file_brought_is_left_in_an_earlier_one(sales):
    sales.take_rows(row("a"), row("x", "soon"), row("", "soon"))

    sales.take_rows(row("b"))

    assert keys(sales.desk) == ["x", "line 4"]
    assert earlier(sales.desk).told == "2 in earlier files"


def test_two_rows_of_one_record_are_one_thing(sales):
    sales.take_rows(row("d", estimate="one"), row("d", estimate="two"))

    sales.take_rows(row("b"))

    assert keys(sales.desk) == ["d"]


def test_what_a_later_file_brought_is_left_no_more(sales):
    sales.take_rows(row("x", "soon"), row("y", "soon"))

    sales.take_rows(row("x", NEWER))

    assert keys(sales.desk) == ["y"]


def test_an_earlier_state_in_the_database_is_no_arrival(sales):
    sales.take_rows(row("x"))
    sales.take_rows(row("x", "soon"))

    sales.take_rows(row("b"))

    assert keys(sales.desk) == ["x"]


def test_what_the_last_file_has_again_is_counted_there_alone(sales):
    sales.take_rows(row("x", "soon"))

    sales.take_rows(row("x", "soon"))

    assert keys(sales.desk) == []


def test_open_errors_of_the_last_file_are_not_left_in_an_earlier_one(sales):
    sales.take_rows(row("x", "soon"))

    sales.take_rows(row("y", "soon"))

    assert keys(sales.desk) == ["x"]


def test_a_file_imported_again_says_all_that_is_to_say_of_it(sales):
    sales.take_rows(row("a"))
    path = sales.export(row("x", "soon"), row("", "soon"))
    sales.take(path)

    path.write_bytes(sales.export(row("a")).read_bytes())
    sales.take(path)  # nothing is new, so it leaves no row in the log

    assert keys(sales.desk) == []


def test_a_user_that_a_later_file_brought_is_left_no_more(sales):
    sales.take_users(user("u", last_login="soon"), user("v", last_login="soon"))

    sales.take_users(user("u"))

    assert keys(sales.desk) == ["v"]


def test_a_dry_run_of_a_file_settles_nothing(sales):
    path = sales.export(row("x", "soon"))
    sales.take(path)
    sales.take_rows(row("b"))

    sales.take(path, "--dry-run")

    assert keys(sales.desk) == ["x"]


def test_users_imported_later_hide_no_appointment(sales):
    sales.take_rows(row("x", "soon"))

    sales.take_users(user("u"))

    assert keys(sales.desk) == ["x"]


def test_a_sale_without_an_amount_has_arrived(sales):
    sales.take_rows(row("x", "soon"))
    sales.take_rows(row("x", NEWER, is_sale="TRUE"))

    sales.take_rows(row("b"))

    assert not earlier(sales.desk, database_url="postgresql://nobody/home").rows


def test_a_server_is_not_asked_and_that_is_said(sales):
    sales.take_rows(row("x", "soon"))
    sales.take_rows(row("x", NEWER))

    found = earlier(sales.desk, database_url="postgresql://nobody/home")

    assert found.told == "1 in earlier files, as far as the run log knows"


def test_a_database_that_is_gone_has_nothing(sales):
    sales.take_rows(row("x", "soon"))
    sales.take_rows(row("x", NEWER))

    sales.desk.config.database_file.unlink()

    assert earlier(sales.desk).told == "1 in earlier files"


def test_a_database_that_cannot_be_read_is_no_reason_to_be_silent(sales):
    sales.take_rows(row("x", "soon"))
    sales.take_rows(row("x", NEWER))

    sales.desk.config.database_file.write_bytes(b"no database at all" * 100)

    assert not earlier(sales.desk).is_sure


def test_without_receipts_the_log_tells_what_it_can(sales):
    sales.take_rows(row("x", "soon"), row("y", "soon"))
    sales.take_rows(row("x", NEWER))

    (sales.desk.logs / "receipts.csv").unlink()

    assert keys(sales.desk) == ["y"]


def test_a_file_whose_name_is_no_text_can_be_imported_again(sales):
    path = Path(str(sales.desk.root / "sale\udce9.csv"))
    path.write_bytes(sales.export(row("x", "soon")).read_bytes())
    sales.take(path)
    path.write_bytes(sales.export(row("a")).read_bytes())

    assert sales.take(path) == 0
    sales.take_rows(row("b"))

    assert keys(sales.desk) == []


def test_one_who_watches_sees_it_go(sales):
    sales.take_rows(row("x", "soon"))
    sales.take_rows(row("b"))
    watch = overview.Watch(sales.desk.config)
    before = watch.standings()[2].earlier.rows

    sales.take_rows(row("x", NEWER))

    assert (len(before), len(watch.standings()[2].earlier.rows)) == (1, 0)


def test_looking_writes_no_row(sales):
    sales.take_rows(row("x", "soon"))
    sales.take_rows(row("b"))
    before = list(runlog.rows(sales.desk.path(RUNLOG), RUNLOG.row))

    earlier(sales.desk)

    assert list(runlog.rows(sales.desk.path(RUNLOG), RUNLOG.row)) == before


# --- customers ------------------------------------------------------------------------


def customers(desk, name: str, *lines: str) -> None:
    """Check, match and import an export."""
    path = desk.root / name
    path.write_text(HEADER + "\n".join(lines) + "\n")
    desk.run(customers_check, str(path))
    desk.run(customers_match)
    desk.run(customers_import)


def test_rejects_and_held_rows_of_an_earlier_export_are_left(desk):
    customers(desk, "a.csv", "1,Acme,", "2,Bad,many", ",,many", ",Twin,1", ",TWIN,2")

    customers(desk, "b.csv", "1,Acme,")

    assert keys(desk, "customers") == ["2", "line 4", "Twin", "TWIN"]


def test_a_customer_that_was_mended_is_left_no_more(desk):
    customers(desk, "a.csv", "1,Acme,", "2,Bad,many", ",Named,many", "4,Worse,many")

    customers(desk, "b.csv", "2,Bad,5", ",NAMED,5")

    assert keys(desk, "customers") == ["4"]


def test_a_customer_that_is_rejected_every_week_is_one_thing(desk):
    for week in ("a.csv", "b.csv", "c.csv"):
        customers(desk, week, "1,Acme,", "2,Bad,many")

    found = overview.Watch(desk.config).standings()[1]

    assert (found.open_errors, len(found.earlier.rows)) == (1, 0)


def test_what_the_match_is_still_to_decide_of_a_file_is_not_told_twice(desk):
    customers(desk, "a.csv", ",Twin,1", ",TWIN,2")

    desk.run(customers_check, str(desk.root / "a.csv"))

    assert keys(desk, "customers") == []
