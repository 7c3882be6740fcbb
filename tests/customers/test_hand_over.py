"""From door to door: one file at a time, and what happened between plan and import."""

from __future__ import annotations

import pytest

from src import customers_check, customers_import, customers_match
from src.customers.records import CHECKED, ERRORS, PLAN, RUNLOG
from src.kit import errors, importing, tables
from src.office import connect_database, pipelines

HEADER = "QuickBooks Internal Id,Customer Name,Terms\n"


@pytest.fixture
def export(desk):
    """Return what writes an export with these rows; `id,name,terms`."""

    def write(name: str, *rows: str) -> str:
        path = desk.root / name
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        return str(path)

    return write


def plan(desk, export: str) -> dict:
    """Return the plan's rows of an export, by name."""
    assert desk.run(customers_check, export) in (0, 1), desk.err
    assert desk.run(customers_match, "--of", export) == 0, desk.err
    return {row.name: row for row in desk.rows(PLAN)}


def decide(desk, **decisions: str) -> None:
    rows = [
        row._replace(decision=decisions.get(row.name.split()[0], row.decision))
        for row in desk.rows(PLAN)
    ]
    tables.write(desk.path(PLAN), PLAN.row, rows)


# --- one file at a time ---------------------------------------------------------------


def test_a_plan_of_another_file_is_refused(desk, export):
    first, second = export("a.csv", "1,Acme,"), export("b.csv", "2,Bolt,")
    plan(desk, first)
    desk.run(customers_check, second)

    assert desk.run(customers_match, "--of", first) == errors.NOTHING_DONE
    assert f"{CHECKED.place}: is of {second}, not of {first}" in desk.err


def test_an_import_of_another_file_is_refused(desk, export):
    first, second = export("a.csv", "1,Acme,"), export("b.csv", "2,Bolt,")
    plan(desk, second)

    assert desk.run(customers_import, "--of", first) == errors.NOTHING_DONE
    assert f"{PLAN.place}: is of {second}, not of {first}" in desk.err


@pytest.mark.parametrize("door", [customers_check, customers_match, customers_import])
@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_doors_of_the_pipeline_work_one_at_a_time(door, options, desk, export):
    given = export("a.csv", "1,Acme,")
    plan(desk, given)
    if door is customers_check:
        options = [given]
    elif door is customers_match:
        options = []

    with importing.pipeline_lock(pipelines.log_place(desk.config, RUNLOG)):
        assert desk.run(door, *options) == errors.LOCKED


# --- rejects --------------------------------------------------------------------------


def test_a_rejected_row_stands_in_log_and_errors(desk, export):
    given = export("a.csv", "1,Acme,", "2,,")

    assert desk.run(customers_check, given) == errors.SOME_ROWS_FAILED

    [row] = desk.rows(ERRORS)
    assert (row.file, row.line, row.outcome) == (given, "3", "rejected")
    assert (row.category, row.error) == ("Customer Name", "is empty")


def test_rejects_of_the_check_are_still_there_after_the_import(desk, export):
    given = export("a.csv", "1,Acme,", "2,,", ",Twin,N30", ",TWIN,N15")
    plan(desk, given)

    assert desk.run(customers_import) == errors.SOME_ROWS_FAILED

    assert [(row.line, row.outcome) for row in desk.rows(ERRORS)] == [
        ("3", "rejected"),
        ("4", "held"),
        ("5", "held"),
    ]
    assert {row.file for row in desk.rows(ERRORS)} == {given}


# --- between plan and import ----------------------------------------------------------


def test_a_namesake_that_came_since_holds_the_new_customer(desk, export):
    given = export("a.csv", ',"Acme, LLC",', ",Bolt,")
    plan(desk, given)
    kept = desk.path(PLAN).read_bytes(), (desk.logs / "receipts.csv").read_bytes()
    plan(desk, export("b.csv", ",ACME L.L.C.,"))
    desk.run(customers_import)
    desk.path(PLAN).write_bytes(kept[0])
    (desk.logs / "receipts.csv").write_bytes(kept[1])

    assert desk.run(customers_import) == errors.SOME_ROWS_FAILED

    assert "2 read = 1 out + 1 held" in desk.out
    assert "may be" in desk.rows(ERRORS)[0].error
    assert "ACME L.L.C." in desk.rows(ERRORS)[0].error


def test_two_new_customers_of_one_name_with_an_id_each_are_stored(desk, export):
    plan(desk, export("a.csv", "1,Acme,", "2,Acme,"))

    assert desk.run(customers_import) == errors.OK
    assert "2 created" in desk.out


def test_a_copied_row_does_not_hide_a_missing_one(desk, export):
    plan(desk, export("a.csv", "1,Acme,", "2,Bolt,"))
    first = desk.rows(PLAN)[0]
    tables.write(desk.path(PLAN), PLAN.row, [first, first])

    assert desk.run(customers_import) == errors.SOME_ROWS_FAILED

    assert "3 read = 1 out + 2 held" in desk.out
    assert "held: 1 row(s) of the plan are missing" in desk.out
    assert "stands in the plan twice" in desk.rows(ERRORS)[0].error


# --- what a held row tells ------------------------------------------------------------


def test_a_row_without_an_id_beside_one_with_it_names_what_is_stored(desk, export):
    given = export("a.csv", '9,"Peterson, Chris",', ",Chris Peterson,")
    plan(desk, given)
    desk.run(customers_import)

    found = plan(desk, given)["Chris Peterson"]

    assert (found.action, found.candidates) == ("hold", "9 Peterson, Chris")


def test_approving_what_names_no_record_means_nothing(desk, export):
    plan(desk, export("a.csv", ",Twin one,N30", ",TWIN ONE,N15"))
    decide(desk, Twin="approve", TWIN="approve")

    desk.run(customers_import)

    assert "the decision 'approve' means nothing here" in desk.rows(ERRORS)[0].error


def test_a_very_different_name_cannot_be_created_beside_its_id(desk, export):
    plan(desk, export("a.csv", "7,Zenith Optics,"))
    desk.run(customers_import)
    plan(desk, export("b.csv", "7,Harbor Freight,"))
    decide(desk, Harbor="create")

    assert desk.run(customers_import) == errors.SOME_ROWS_FAILED
    assert "approve, or skip" in desk.rows(ERRORS)[0].error


def test_an_import_that_changes_nothing_keeps_no_copy(desk, export):
    given = export("a.csv", "1,Acme,")
    plan(desk, given)
    desk.run(customers_import)
    before = sorted(desk.root.glob("data/*.before-*"))
    plan(desk, given)

    desk.run(customers_import)

    assert sorted(desk.root.glob("data/*.before-*")) == before


# --- addresses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "line1", "city"),
    [
        ("1 Main St,,,", "1 Main St", "Troy"),
        ('"1 Main St\nTroy NY 12180",,,', "1 Main St", "Troy"),
        ("1 MAIN ST,TROY,NY,12180", "1 Main St", "Troy"),
        ("2 New Road,,,", "2 New Road", ""),
        ("1 Main St,Salem,NY,12180", "1 Main St", "Salem"),
    ],
)
def test_an_address_is_replaced_only_by_one_that_says_something_else(
    cells, line1, city, desk
):
    header = "QuickBooks Internal Id,Customer Name,Bill to 1,Billing City,Billing State,"
    path = desk.root / "a.csv"
    for row in ("1,Acme,1 Main St,Troy,NY,12180", f"1,Acme,{cells}"):
        path.write_text(f"{header}Billing Zip\n{row}\n")
        plan(desk, str(path))
        assert desk.run(customers_import) == errors.OK

    with connect_database.database(desk.config) as database:
        [found] = database.rows(
            "SELECT a.line1, a.city FROM customers c "
            "JOIN addresses a ON a.id = c.billing_address_id",
            "tt",
        )
    assert found == (line1, city)
