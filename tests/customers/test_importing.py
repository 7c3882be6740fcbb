"""The import writes what the plan says, only what changed, and names what it does not."""

from __future__ import annotations

import os
import signal
from random import Random

import pytest

from src.customers.records import CREATE, HOLD, PLAN, UNCHANGED, Planned
from src.kit import errors
from src.kit.database import ConnectionLost
from src.office import connect_database
from tests.adapters.breaking import Breaking
from tests.customers.register import Register, customer
from tests.customers.test_ladder import random_rows

FULL = customer(
    "Acme",
    "1",
    company_name="Acme Tools",
    first_name="Jo",
    last_name="Doe",
    main_email="jo@acme.com",
    cc_email="al@acme.com",
    main_phone="555-123-4567 x12",
    mobile="555-123-4568",
    billing_line1="1 Main St",
    billing_city="Springfield",
    shipping_line1="1 MAIN ST",
    shipping_city="springfield",
    status="false",
    terms="N30",
    credit_limit="$1,234.50",
    created_on="12-31-2024",
    modified_on="01-02-2025",
)

# --- what is stored -------------------------------------------------------------------


def test_a_customer_is_stored_whole(register):
    assert register.take(FULL) == errors.OK

    found = register.customers()["1"]
    assert (found["quickbooks_id"], found["name"], found["status"]) == ("1", "Acme", "INACTIVE")
    assert (found["normalized_name"], found["company_domain"]) == ("acme", "acme.com")
    assert (found["company_name"], found["first_name"]) == ("Acme Tools", "Jo")
    assert str(found["credit_limit"]) == "1234.50"
    assert found["quickbooks_modified_on"] == "2025-01-02"
    assert register.emails("1") == [("al@acme.com", "CC", False), ("jo@acme.com", "MAIN", True)]
    assert [phone[2] for phone in register.phones("1")] == [True, False]
    assert register.query("SELECT domain, name FROM companies", "tt") == [("acme.com", "Acme")]


def test_the_same_export_again_changes_nothing(register):
    register.take(FULL, customer("Zenith"))
    stored, times = register.stored(), register.times()

    assert register.take(FULL, customer("Zenith")) == errors.OK

    assert set(register.actions().values()) == {UNCHANGED}
    assert (register.stored(), register.times()) == (stored, times)


def test_the_same_plan_again_changes_nothing(register):
    register.take(FULL, customer("Zenith"))
    register.plan_for(customer("Acme", "1", terms="N60"), customer("New", "3"))
    register.load()
    stored, times = register.stored(), register.times()

    assert register.load() == errors.OK

    assert (register.stored(), register.times()) == (stored, times)
    assert "2 were so already" in register.out


def test_an_update_writes_what_changed_and_when(register):
    register.take(FULL, customer("Zenith", "2"))
    before, times = register.customers()["1"], register.times()

    register.take(customer("Acme", "1", terms="N60"), customer("Zenith", "2"))

    assert register.customers()["1"] == {**before, "terms": "N60"}
    plan = register.plan()["Acme"]
    assert (plan.fields, plan.before, plan.after) == (
        "terms", '{"terms": "N30"}', '{"terms": "N60"}',
    )
    created, modified = register.times()["1"]
    assert created == times["1"][0] and modified > times["1"][1]
    assert register.times()["2"] == times["2"]


def test_blanks_never_take_away_what_is_stored(register):
    register.take(FULL)
    before = register.stored()

    register.take({field: "" for field in FULL} | customer("Acme", "1"))

    assert register.stored() == before


@pytest.mark.parametrize("name", [*FULL][2:])
def test_each_field_of_an_export_reaches_the_database(sqlite_register, name):
    sqlite_register.take(customer("Acme", "1"))
    before = sqlite_register.stored()

    sqlite_register.take(customer("Acme", "1", **{name: FULL[name]}))

    assert sqlite_register.stored() != before
    assert sqlite_register.plan()["Acme"].fields != ""


# --- addresses, contacts, companies ---------------------------------------------------


def test_one_address_is_stored_once(register):
    register.take(FULL, customer("Zenith", billing_line1="1  main st", billing_city="Springfield"))

    [address] = register.query("SELECT id, line1 FROM addresses", "tt")
    found = [row["billing_address_id"] for row in register.customers().values()]
    assert found == [address[0]] * 2 and address[1] == "1 Main St"
    assert register.customers()["1"]["shipping_address_id"] == address[0]


def test_another_address_takes_the_place_of_the_first_alone(register):
    register.take(FULL)
    before = register.customers()["1"]

    register.take(customer("Acme", "1", billing_line1="2 Main St"))

    after = register.customers()["1"]
    assert after["billing_address_id"] != before["billing_address_id"]
    assert after["shipping_address_id"] == before["shipping_address_id"]


def test_contacts_are_added_and_the_newest_main_one_is_primary(register):
    register.take(FULL)

    register.take(customer("Acme", "1", main_email="new@acme.com", main_phone="5550000000"))

    assert register.emails("1") == [
        ("al@acme.com", "CC", False),
        ("jo@acme.com", "MAIN", False),
        ("new@acme.com", "MAIN", True),
    ]
    assert [(n, is_first) for n, _, is_first in register.phones("1")] == [
        ("(555) 000-0000", True),
        ("(555) 123-4567 x12", False),
        ("(555) 123-4568", False),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_every_customer_with_contacts_has_exactly_one_primary_each(sqlite_register, seed):
    register, dice = sqlite_register, Random(seed)
    for _ in range(6):
        cells = {
            field: dice.choice(["", "a@x.org", "b@x.org;c@y.org", "d@gmail.com"])
            for field in ("main_email", "cc_email", "work_email")
        }
        phones = {f: dice.choice(["", "5551234567", "5557654321"]) for f in ("main_phone", "fax")}
        rows = [customer("Acme", "1", **cells, **phones), customer("Zenith", **cells)]
        assert register.take(*rows) == errors.OK

        for table in ("customer_emails", "customer_phones"):
            query = f"SELECT customer_id, is_primary FROM {table}"
            found = register.query(query, "tb")
            marked = [key for key, is_primary in found if is_primary]
            assert sorted(marked) == sorted({key for key, _ in found})
        register.plan_for(*rows)
        assert set(register.actions().values()) == {UNCHANGED}


def test_free_mail_is_no_company_and_no_mail_is_no_obstacle(register):
    register.take(
        customer("Ann", "1", main_email="ann@gmail.com"),
        customer("Bob", "2", main_email="bob@gmail.com; bob@acme-tools.co.uk"),
        customer("Cal", "3", main_email="cal@acme-tools.co.uk"),
        customer("Dee", "4"),
    )

    assert register.query("SELECT domain, name FROM companies", "tt") == [
        ("acme-tools.co.uk", "Acme Tools")
    ]
    domains = [row["company_domain"] for _, row in sorted(register.customers().items())]
    assert domains == [None, "acme-tools.co.uk", "acme-tools.co.uk", None]


def test_a_column_that_comes_later_joins_the_others_aside(register):
    register.take({**customer("Acme", "1"), "Rep": "AB", "Notes": "x"})

    register.take({**customer("Acme", "1"), "Notes": "y", "Web": "z"})

    [found] = register.customers().values()
    assert found["source_data"] == '{"Notes": "y", "Rep": "AB", "Web": "z"}'


# --- the plan as people left it -------------------------------------------------------


def test_a_row_that_was_changed_elsewhere_is_held_and_the_rest_goes_on(sqlite_register):
    register = sqlite_register
    register.plan_for(customer("Acme", "1"), customer("Zenith", "2"))

    register.change_plan(lambda r: r._replace(name="Evil") if r.name == "Acme" else r)
    assert register.load() == errors.SOME_ROWS_FAILED

    assert register.names() == {"2": "Zenith"}
    assert register.errors() == [
        ("1", "changed row", "was changed elsewhere than in `decision`")
    ]


def test_a_plan_that_a_person_sorted_and_saved_is_the_same_plan(sqlite_register):
    register = sqlite_register
    register.plan_for(customer("Acme", "1"), customer("=1+1", "0002"))
    path = register.desk.path(PLAN)
    header, *lines = path.read_text("utf-8-sig").splitlines()

    path.write_text("\r\n".join([header, *lines[::-1], ""]), "cp1252", newline="")
    assert register.load() == errors.OK

    assert register.names() == {"1": "Acme", "0002": "=1+1"}


def test_a_missing_row_is_held_and_counted(sqlite_register):
    register = sqlite_register
    register.plan_for(customer("Acme", "1"), customer("Zenith", "2"))

    register.change_plan(lambda row: row if row.name == "Acme" else None)
    assert register.load() == errors.SOME_ROWS_FAILED

    assert "2 read = 1 out + 1 held" in register.out
    assert "held: 1 row(s) of the plan are missing" in register.out


def test_a_row_that_was_copied_is_written_once(sqlite_register):
    register = sqlite_register
    register.plan_for(customer("Acme", "1"))
    path = register.desk.path(PLAN)
    header, line = path.read_bytes().splitlines(keepends=True)

    path.write_bytes(header + line + line)
    assert register.load() == errors.SOME_ROWS_FAILED

    assert register.outcomes() == {"batch": 1, "held": 1}
    assert [category for _, category, _ in register.errors()] == ["twice"]


def test_the_rows_of_another_plan_are_held(sqlite_register):
    register = sqlite_register
    register.plan_for(customer("Acme", "1"))
    old = register.desk.path(PLAN).read_bytes()
    register.plan_for(customer("Acme", "1"))

    register.desk.path(PLAN).write_bytes(old)
    register.load()

    assert register.names() == {} and register.outcomes()["held"] == 1


def test_a_line_that_is_no_row_is_rejected_and_named(sqlite_register):
    register = sqlite_register
    register.plan_for(customer("Acme", "1"), customer("Zenith", "2"))
    path = register.desk.path(PLAN)

    path.write_bytes(path.read_bytes() + b"only,three,cells\n")
    assert register.load() == errors.SOME_ROWS_FAILED

    assert register.names() == {"1": "Acme", "2": "Zenith"}
    assert register.errors() == [("", "unreadable", "has 3 cells, the header has 15")]
    assert "3 read = 2 out + 1 rejected" in register.out


@pytest.mark.parametrize("content", [None, b"", b"a,b\n1,2\n"])
def test_without_a_plan_nothing_is_written(sqlite_register, content):
    register = sqlite_register
    if content is not None:
        register.plan_for(customer("Acme", "1"))
        register.desk.path(PLAN).write_bytes(content)

    assert register.load() == errors.NOTHING_DONE

    assert 'run "make customers-match"' in register.desk.err


# --- a database that moved on ---------------------------------------------------------


def test_a_field_that_changed_since_the_plan_is_named_and_the_rest_goes_on(register):
    register.take(FULL, customer("Zenith", "2"))
    register.plan_for(
        customer("Acme", "1", terms="N60"), customer("Zenith", "2", terms="N60")
    )

    register.change("UPDATE customers SET terms = 'N15' WHERE id = '1'")
    assert register.load() == errors.SOME_ROWS_FAILED

    assert {k: row["terms"] for k, row in register.customers().items()} == {"1": "N15", "2": "N60"}
    assert register.errors() == [
        ("1", "changed since", "terms is 'N15' now; run \"make customers-match\" again")
    ]


def test_a_change_of_another_field_since_the_plan_is_kept(register):
    register.take(FULL)
    register.plan_for(customer("Acme", "1", terms="N60"))

    register.change("UPDATE customers SET tax_code = 'Non' WHERE id = '1'")
    assert register.load() == errors.OK

    found = register.customers()["1"]
    assert (found["terms"], found["tax_code"]) == ("N60", "Non")


def test_a_customer_that_is_gone_is_named(register):
    register.take(customer("Acme", "1"))
    register.plan_for(customer("Acme", "1", terms="N60"))

    register.change("DELETE FROM customers WHERE id = '1'")
    register.load()

    assert register.errors() == [("1", "gone", "there is no customer 1")]


def test_a_customer_that_exists_since_with_other_values_is_named(register):
    register.plan_for(customer("Acme", "1", terms="N30"))
    plan = register.desk.path(PLAN).read_bytes()
    receipts = (register.desk.logs / "receipts.csv").read_bytes()
    register.take(customer("Acme", "1", terms="N60"))

    register.desk.path(PLAN).write_bytes(plan)
    (register.desk.logs / "receipts.csv").write_bytes(receipts)
    register.load()

    [(_, category, error)] = register.errors()
    assert category == "exists" and "with other values" in error


# --- batches --------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["1", "2", "3", "50"])
def test_a_row_that_the_database_refuses_fails_alone(register, size):
    register.take(customer("Old", "old"))
    register.plan_for(*(customer(f"C{n}", str(n)) for n in range(7)))
    register.change("UPDATE customers SET quickbooks_id = '3' WHERE id = 'old'")

    assert register.load(BATCH_SIZE=size) == errors.SOME_ROWS_FAILED

    assert sorted(register.names()) == [*"012456", "old"]
    [(key, category, error)] = register.errors()
    assert (key, category) == ("3", "database") and "unique" in error.lower()
    assert "7 read = 6 out + 1 failed" in register.out


def test_the_log_has_a_row_per_batch_and_per_problem(sqlite_register):
    register = sqlite_register
    register.take(customer("Old", "1"))
    register.plan_for(customer("Old", "1", terms="N30"), customer("Very", "1"), customer("New", "2"))
    register.change_plan(lambda r: r._replace(decision="maybe") if r.name == "New" else r)

    register.load(BATCH_SIZE="2", RUN_ID="second")

    rows = [row for row in register.log() if row.run_id == "second"]
    assert [(r.line, r.key, r.outcome, r.category) for r in rows] == [
        ("2", "1", "held", "for a person"),
        ("3", "1", "held", "for a person"),
        ("4", "2", "held", "decision"),
    ]
    assert "held or failed: 2 for a person, 1 decision" in register.out
    assert [row.line for row in register.log() if row.outcome == "batch"] == ["2 to 2"]


def test_the_errors_view_has_the_last_runs_problems_alone(sqlite_register):
    register = sqlite_register
    register.take(customer("Jo"), customer("Jo", terms="N30"))
    assert len(register.errors()) == 2

    register.take(customer("Acme", "1"))

    assert register.errors() == [] and register.outcomes()["held"] == 2


@pytest.mark.parametrize(("limit", "stored"), [("1", 1), ("3", 3), ("5", 5), ("9", 5)])
def test_a_limit_stops_early_and_counts_the_rest(sqlite_register, limit, stored):
    register = sqlite_register
    register.plan_for(*(customer(f"C{n}", str(n)) for n in range(5)))

    code = register.load("--limit", limit, BATCH_SIZE="2")

    assert code == (errors.OK if stored == 5 else errors.STOPPED_EARLY)
    assert len(register.names()) == stored
    assert ("stopped early by --limit" in register.out) == (stored < 5)
    assert register.load() == errors.OK and len(register.names()) == 5


def test_failures_stop_at_the_error_limit(sqlite_register):
    register = sqlite_register
    register.take(*(customer(f"Old{n}", f"old{n}") for n in range(3)))
    register.plan_for(*(customer(f"C{n}", str(n)) for n in range(6)))
    for n in range(3):
        register.change(f"UPDATE customers SET quickbooks_id = '{n}' WHERE id = 'old{n}'")

    assert register.load("--max-errors", "2", BATCH_SIZE="1") == errors.STOPPED_EARLY

    assert "6 read = 2 failed + 4 not attempted" in register.out


def test_a_signal_stops_between_two_batches(sqlite_register):
    register = sqlite_register
    register.plan_for(*(customer(f"C{n}", str(n)) for n in range(6)))

    def signals(calls: list[str]) -> bool:
        if calls.count("committed") == 1 and calls[-1] == "committed":
            os.kill(os.getpid(), signal.SIGTERM)
        return False

    code = register.load_with(Breaking(signals), BATCH_SIZE="2")

    assert code == 128 + signal.SIGTERM and len(register.names()) == 2
    assert "stopped early by a signal" in register.out
    assert register.load() == errors.OK and len(register.names()) == 6


def test_a_lost_connection_is_a_sentence_and_what_was_committed_stays(sqlite_register):
    register = sqlite_register
    register.plan_for(*(customer(f"C{n}", str(n)) for n in range(6)))
    lost = Breaking(lambda calls: calls.count("begin") > 2, ConnectionLost("gone; start again"))

    assert register.load_with(lost, BATCH_SIZE="2") == errors.STOPPED_EARLY

    assert len(register.names()) == 4 and register.desk.err == "gone; start again\n"
    assert register.load() == errors.OK and len(register.names()) == 6


def test_two_imports_at_once_are_one_too_many(sqlite_register):
    register = sqlite_register
    register.plan_for(customer("Acme", "1"))

    with connect_database.database(register.desk.config) as database, database.lock():
        assert register.load() == errors.LOCKED

    assert register.names() == {}


def test_the_newest_three_copies_of_the_database_are_kept(sqlite_register):
    register = sqlite_register
    for n in range(5):
        register.take(customer(f"C{n}", str(n)), RUN_ID=f"run-{n}")

    copies = register.desk.config.data_dir.glob("carryover.db.before-*")
    assert sorted(path.name[-5:] for path in copies) == ["run-2", "run-3", "run-4"]
    assert f"the database as it was: {register.desk.config.data_dir}/carryover.db" in register.out


# --- a dry run ------------------------------------------------------------------------


def told(register: Register) -> list[str]:
    """Return the counts that an import told, and where the rows went."""
    wanted = ("customers_import", " read = ", "held or failed", "missing")
    lines = register.out.replace(" --dry-run", "").splitlines()
    return [line for line in lines if any(word in line for word in wanted)]


def decided(dice: Random, row: Planned) -> Planned | None:
    """Return a plan's row as somebody may have left it."""
    words = ["skip", "approve", "create", "hold", "link:1", "link:2", "link:9", "maybe"]
    chance = dice.random()
    if chance < 0.03:
        return None
    if chance < 0.06:
        return row._replace(reason="changed")
    weight = 0.7 if row.action == HOLD else 0.2
    return row._replace(decision=dice.choice(words)) if dice.random() < weight else row


@pytest.mark.parametrize("seed", range(8))
def test_a_dry_run_predicts_what_the_run_then_does(register, seed):
    dice = Random(f"dry {seed}")
    for _ in range(2 if register.desk.settings["DATABASE_URL"] else 6):
        register.plan_for(*random_rows(dice), customer("Acme", "1"))
        register.change_plan(lambda row: decided(dice, row))
        size, before = str(dice.randrange(1, 5)), register.stored()
        dry = register.load("--dry-run", BATCH_SIZE=size)
        predicted = told(register)
        assert register.stored() == before

        assert register.load(BATCH_SIZE=size) == dry

        assert told(register) == predicted


def test_a_dry_run_writes_no_log_no_view_and_no_copy(sqlite_register):
    register = sqlite_register
    register.plan_for(customer("Acme", "1"), customer("Jo"), customer("Jo", terms="N30"))
    before = {path: path.read_bytes() for path in register.desk.logs.glob("*.csv")}

    assert register.load("--dry-run") == errors.SOME_ROWS_FAILED

    assert "would have been 1 created" in register.out
    after = {path: path.read_bytes() for path in register.desk.logs.glob("*.csv")}
    del before[register.desk.logs / "receipts.csv"]
    assert {path: data for path, data in after.items() if path.name != "receipts.csv"} == before
    assert not list(register.desk.config.data_dir.glob("*before*"))


def test_what_was_planned_and_what_was_done_are_told_side_by_side(sqlite_register):
    sqlite_register.take(customer("Old", "1"))

    sqlite_register.take(customer("Old", "1", terms="N30"), customer("New", "2"))

    assert sqlite_register.plan()["New"].action == CREATE
    assert (
        "planned: 1 to create, 1 to update; 1 created, 1 updated, 0 were so already"
    ) in sqlite_register.out


@pytest.mark.parametrize("size", ["1", "9"])
def test_a_namesake_that_the_same_plan_creates_holds_nobody(register, size):
    register.plan_for(customer("Acme"), customer("ACME", "5"))
    register.decide({"Acme": "create"})

    assert register.load("--dry-run", BATCH_SIZE=size) == errors.OK
    assert register.load(BATCH_SIZE=size) == errors.OK
    assert register.load(BATCH_SIZE=size) == errors.OK

    assert sorted(register.names().values()) == ["ACME", "Acme"]


def test_a_namesake_that_comes_later_does_not_hold_what_is_stored(sqlite_register):
    register = sqlite_register
    register.take(customer("Old", "7"))
    register.take(customer("Bolt"))

    register.change("UPDATE customers SET name = 'BOLT', normalized_name = 'bolt' WHERE id = '7'")

    assert register.load() == errors.OK
