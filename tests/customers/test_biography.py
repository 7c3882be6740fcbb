"""A customer's biography: rungs, plan, decisions, batches, what is stored."""

from __future__ import annotations

import pytest

from tests.customers.register import Register, customer
from tests.desk import Desk
from tests.told import Told


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    """Return a register after two exports: one is held, one renamed, one refused."""
    register = Register(Desk(tmp_path_factory.mktemp("customers") / "desk"), "")
    register.take(
        customer("Acme Tools LLC", "8000-1", terms="N15"),
        customer("Zenith Optics", "8000-2"),
        customer("Harbor, Inc."),
    )
    register.take(
        customer("Acme Tools LLC", "8000-1", terms="N30"),
        customer("Quite Another", "8000-2"),
        customer("HARBOR inc"),
        customer("Brand New", "8000-9"),
        customer("", "", terms="lonely"),
    )
    return register


def told(register: Register, key: str) -> Told:
    return Told(register.desk, key)


@pytest.mark.parametrize(
    "key", ["8000-1", "acme tools llc", "Acme  Tools, L.L.C.", "line"]
)
def test_a_customer_is_found_by_id_name_and_row_of_the_plan(register, key):
    row = register.plan()["Acme Tools LLC"].row

    found = told(register, row if key == "line" else key)

    assert found.only["title"] == "Acme Tools LLC, QuickBooks id 8000-1"


def test_the_rungs_say_why_they_did_or_did_not_match(register):
    assert told(register, "8000-1").chapter("Rungs tried") == [
        "judgement: nobody has decided about it",
        "quickbooks id: found 8000-1 “Acme Tools LLC”",
        "exact name: not needed",
        "normalized name: not needed",
    ]


def test_a_new_customer_was_on_no_rung(register):
    assert told(register, "8000-9").chapter("Rungs tried")[1:] == [
        "quickbooks id: no stored customer has 8000-9",
        "exact name: no stored customer has it",
        "normalized name: no stored customer has it",
        "so it is a new customer",
    ]


def test_the_plan_says_what_changes(register):
    lines = told(register, "8000-1").chapter("Plan")

    assert lines[:2] == ["update", "terms: “N15” → “N30”"]


def test_both_lines_of_the_export_are_told(register):
    places = [
        line for line in told(register, "8000-1").chapter("Source") if " line " in line
    ]

    assert [place.rpartition(" line ")[2] for place in places] == ["2", "2"]


def test_what_is_stored_now_is_told(register):
    found = told(register, "8000-1")

    assert "terms: N30" in found.chapter("Stored now")
    assert found.state.startswith("stored as 8000-1; update in a batch on ")


def test_what_is_held_says_what_to_decide(register):
    found = told(register, "8000-2")

    assert "it waits for a person: the id is that of 'Zenith Optics'" in found.state
    row = register.plan()["Quite Another"].row
    assert (
        found.next_step
        == f"decide row {row} in data/customers_plan.csv, then make customers-import"
    )


def test_a_held_customer_is_not_said_to_be_in_the_batch(register):
    lines = told(register, "8000-2").chapter("Attempts")

    assert sum(" batch " in line for line in lines) == 1  # of the first export


def test_a_normalized_name_leads_to_the_stored_one(register):
    lines = told(register, "harbor inc").chapter("Rungs tried")

    assert lines[3].startswith("normalized name: found ")


def test_a_decision_is_told_and_who_was_asked_what(sqlite_register):
    sqlite_register.take(customer("Zenith Optics", "8000-2"))
    sqlite_register.plan_for(customer("Quite Another", "8000-2"))
    sqlite_register.decide({"Quite Another": "approve"})
    sqlite_register.load()

    lines = told(sqlite_register, "8000-2").chapter("Decision")

    assert lines[0].startswith("approve (row r")
    assert "approve, asked because the id is that of 'Zenith Optics'" in lines[1]


def test_the_database_is_only_read(register):
    before = register.stored()
    size = register.desk.config.database_file.stat().st_mtime_ns

    told(register, "8000-1")

    assert register.desk.config.database_file.stat().st_mtime_ns == size
    assert register.stored() == before


def test_without_a_database_the_csvs_are_told_all_the_same(sqlite_register):
    sqlite_register.plan_for(customer("Acme", "8000-1"))
    sqlite_register.desk.config.database_file.unlink()

    found = told(sqlite_register, "8000-1")

    assert found.state == "not stored; planned: create"
    assert not sqlite_register.desk.config.database_file.exists()


def test_a_database_that_does_not_answer_is_said(sqlite_register):
    sqlite_register.take(customer("Acme", "8000-1"))
    sqlite_register.desk.config.database_file.write_bytes(b"no database" * 99)

    assert (
        told(sqlite_register, "8000-1")
        .chapter("Stored now")[0]
        .startswith("database: ")
    )
