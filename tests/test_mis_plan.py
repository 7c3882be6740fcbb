"""mis_plan: from what was fetched and what was sent to one plan that a person can edit."""

from __future__ import annotations

import os
import stat

import pytest

from src import config, mis_plan
from src.kit import plans, receipts, stage, tables
from src.kit.errors import NOTHING_DONE, SOME_ROWS_FAILED
from src.mis import keys, realms
from src.mis.records import BUDGET, DECISION_AT, NAMES, PEOPLE, PLAN, RUNLOG, Person
from tests.desk import Desk
from tests.mis.persons import (
    CANARY,
    applicant,
    as_customer,
    mark_of,
    payload_of,
    pushed,
    somebody,
    student,
    synced,
    write_log,
)

GOLDEN = config.ROOT / "tests/golden/mis_plan/small/out/data"
ALINE, ERIC = applicant("7"), student("9", first_name="Eric", last_name="Habimana")
VENDOR = somebody("ALINE UWERA", "12", "Vendor")
REALM = config.DEMO_REALM
AGO = "2026-11-21T19:00:00.000000+00:00"


class Office:
    """A desk with the files of a plan, and what people do with them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.fetched([ALINE, ERIC], [VENDOR])

    def fetched(self, people=(), names=(), realm: str = REALM) -> None:
        """Write what was fetched, with the receipts of that."""
        for table, rows in ((PEOPLE, people), (NAMES, names)):
            count = tables.write(self.desk.path(table), table.row, rows, is_private=True)
            self.note(receipts.FILE, table.place, str(count), f"from={realm}")

    def note(self, kind: str, place: str, rows: str = "", detail: str = "") -> None:
        receipts.append(
            self.desk.logs, (AGO, "run-1", "mis_fetch", kind, place, rows, "", detail)
        )

    def pushed(self, *rows) -> None:
        """Append rows to the run log, as a run does that sends."""
        self.note(receipts.OPEN, RUNLOG.place)
        write_log(self.desk.path(RUNLOG), rows)

    def plan(self, *options: str, **settings: str) -> int:
        return self.desk.run(mis_plan, *options, **{"RUN_ID": "golden", **settings})

    def decide(self, **decisions: str) -> None:
        """Fill in decisions by the first word of the real name."""
        rows = [
            row._replace(decision=decisions.get(row.name.split()[0], row.decision))
            for row in self.desk.rows(PLAN)
        ]
        tables.write(self.desk.path(PLAN), PLAN.row, rows)

    def planned(self) -> dict:
        """Return the plan's rows by the first word of the real name."""
        return {row.name.split()[0]: row for row in self.desk.rows(PLAN)}


@pytest.fixture
def office(desk: Desk) -> Office:
    """Return an office where two persons and a vendor were fetched."""
    return Office(desk)


def everybody() -> tuple[list, list, list]:
    """Return one case of every kind: people, names, and the log."""
    moved, gone, twice = synced(applicant("1")), synced(applicant("2"), "62"), applicant("3")
    edited = moved._replace(campus="Huye", phone="")
    linked = synced(student("4", first_name="Chantal"), "64")
    leased = student("5", first_name="Diane", status="3", leased_by="run-9@ffffffff")
    names = [
        as_customer(moved, "55"),
        somebody("Chantal Uwera", "64", Notes="Good payer\n=1+1"),
        as_customer(twice, "65", DisplayName="a"),
        as_customer(twice, "66", DisplayName="b"),
        somebody("Eric Habimana", "13", "Employee", active="no"),
    ]
    bad = applicant("7", email="none", first_name="Ali:ne", program="p" * 2500)
    until = "2999-01-01T00:00:00.000000+00:00"
    people = [edited, gone, twice, bad, linked, leased._replace(leased_until=until), ERIC]
    return people, names, [pushed(moved), pushed(gone, quickbooks_id="62")]


# --- the files ------------------------------------------------------------------------


@pytest.mark.parametrize("table", [PLAN, BUDGET])
def test_a_plan_is_the_golden_one(office, table):
    people, names, log = everybody()
    office.pushed(*log)
    office.fetched(people, names)

    assert office.plan() == stage.OK, office.desk.err

    made, golden = office.desk.path(table).read_bytes(), GOLDEN / table.name
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(made)
    assert made == golden.read_bytes()


def test_the_plan_may_be_read_by_its_owner_alone(office):
    office.plan()

    mode = stat.S_IMODE(office.desk.path(PLAN).stat().st_mode)
    assert mode == 0o600


def test_every_row_is_signed_and_counted_in_the_receipts(office):
    office.plan()

    rows = office.desk.rows(PLAN)
    receipt = receipts.of_plan(office.desk.logs, office.desk.path(PLAN), PLAN)
    assert int(receipt.rows) == len(rows) == len({row.row for row in rows}) == 2
    assert all(plans.is_intact(row, DECISION_AT, "golden") for row in rows)


def test_the_budget_says_where_each_custom_field_goes(office):
    office.plan(CUSTOM_FIELD_MODE="both", CUSTOM_FIELD_IDS="Campus=11,Intake=12")

    goes = {(row.type, row.field): row.goes_to for row in office.desk.rows(BUDGET)}
    assert len(goes) == 19
    assert (goes["Student", "Campus"], goes["Student", "Level"]) == ("both", "notes")
    assert "custom fields: 2 of 13 have a definition" in office.desk.out


def test_the_company_that_a_plan_is_for_is_written_down(office):
    office.plan()

    assert realms.of(office.desk.logs, PLAN.place) == REALM


def test_the_suffix_template_is_a_setting(office):
    office.plan(MIS_NAME_TEMPLATE="{id} {name}")

    assert office.planned()["Aline"].display_name == "7 Aline Uwera"


# --- the summary ----------------------------------------------------------------------


def test_the_summary_counts_actions_names_and_what_was_left_out(office):
    office.fetched([ALINE._replace(email="x"), ERIC], [VENDOR])
    office.plan()

    assert "mis_plan: 2 create\n  2 read = 2 out\n" in office.desk.out
    assert "1 name(s) are taken and get a suffix; see `taken_by`" in office.desk.out
    assert "noted: 1 e-mail left out\n" in office.desk.out
    assert "custom fields: all 13 as lines in Notes" in office.desk.out
    assert "next: make mis-push" in office.desk.out


def test_the_summary_says_when_everything_was_fetched(office):
    office.plan()

    assert "data/qbo_names.csv was fetched " in office.desk.out
    assert "data/mis_customers.csv was fetched " in office.desk.out


def test_what_needs_nothing_is_counted_and_has_no_row(office):
    office.pushed(pushed(ALINE))
    office.fetched([synced(ALINE)], [as_customer(ALINE)])

    assert office.plan() == stage.OK

    assert "mis_plan: 1 unchanged\n  1 read = 1 skipped\n" in office.desk.out
    assert office.desk.rows(PLAN) == []
    assert "next:" not in office.desk.out


def test_what_is_held_is_pointed_to(office):
    office.fetched([synced(ALINE)], [])
    office.plan()

    assert "1 read = 1 held" in office.desk.out
    told = "1 row(s) are on hold (Applicant 7); fill in `decision` in data/mis_plan.csv"
    assert told in office.desk.out
    assert "next: decide in data/mis_plan.csv about what is on hold, then make mis-push" in (
        office.desk.out
    )


# --- decisions ------------------------------------------------------------------------


def test_a_new_plan_takes_over_the_decisions_of_rows_that_say_the_same(office):
    office.plan()
    office.decide(Aline="skip", Eric="hold")
    office.fetched([ALINE, ERIC._replace(phone="1")], [VENDOR])

    office.plan()

    assert {name: row.decision for name, row in office.planned().items()} == {
        "Aline": "skip",
        "Eric": "",
    }
    assert "took over 1 decision(s)" in office.desk.out
    assert "gone or says something else now: Student 24/0009 Eric Habimana" in office.desk.out


def test_a_link_that_a_person_decided_is_planned_and_stays_decided(office):
    office.fetched([ALINE, ERIC], [VENDOR, somebody("Mrs Uwera", "91")])
    office.plan()
    office.decide(Aline="Link: 91 ")

    office.plan()
    office.plan()

    row = office.planned()["Aline"]
    assert (row.action, row.quickbooks_id, row.decision) == ("link", "91", "link:91")
    assert mark_of(ALINE) in payload_of(row)["Notes"]
    assert "not taken over" not in office.desk.out


def test_a_link_that_cannot_be_stays_decided_and_is_not_said_to_be_lost(office):
    office.plan()
    office.decide(Aline="link:999999")

    office.plan()

    row = office.planned()["Aline"]
    assert (row.action, row.decision) == ("hold", "link:999999")
    assert "took over 1 decision(s)" in office.desk.out
    assert "not taken over" not in office.desk.out


def test_a_decision_that_the_new_plan_has_no_row_for_is_said_even_briefly(office):
    office.plan()
    office.decide(Aline="skip")
    office.fetched([ERIC], [])

    office.plan("--brief")
    assert office.desk.out.endswith("now: Applicant 7 Aline Uwera; decide again\n")


def test_a_decision_that_was_carried_out_is_forgotten_without_a_word(office):
    office.fetched([synced(ALINE)], [])
    office.plan()
    office.decide(Aline="approve")
    office.pushed(pushed(ALINE))
    office.fetched([synced(ALINE)], [as_customer(ALINE)])

    office.plan()

    assert "unchanged" in office.desk.out
    assert "decision" not in office.desk.out.replace("`decision`", "")


# --- what is refused ------------------------------------------------------------------


@pytest.mark.parametrize("table", [PEOPLE, NAMES])
def test_a_file_that_is_missing_is_refused_with_the_command_to_run(office, table):
    office.desk.path(table).unlink()

    assert office.plan() == NOTHING_DONE
    assert office.desk.err == f'{table.place}: not found; run "make mis-fetch" first\n'


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda lines: lines[:-1], "has 1 rows, 2 were fetched"),
        (lambda lines: [*lines[:2], b"Vendor,12\n"], "line 3 cannot be read"),
    ],
)
def test_names_that_are_not_all_there_are_refused(office, damage, problem):
    office.fetched([ALINE], [VENDOR, somebody("Acme")])
    path = office.desk.path(NAMES)
    path.write_bytes(b"".join(damage(path.read_bytes().splitlines(keepends=True))))

    assert office.plan() == NOTHING_DONE
    assert office.desk.err == f'{NAMES.place}: {problem}; run "make mis-fetch" again\n'


def test_names_of_another_company_are_refused(office):
    assert office.plan(QBO_REALM_ID="99") == NOTHING_DONE

    assert "is of the company 1234567890, and QBO_REALM_ID is 99" in office.desk.err


def test_names_that_are_older_than_a_push_are_refused_because_all_would_be_made_again(office):
    office.plan()
    before = office.desk.path(PLAN).read_bytes()
    office.pushed(pushed(ALINE))

    assert office.plan() == NOTHING_DONE

    assert "was fetched before 1 customer(s) were pushed" in office.desk.err
    assert office.desk.path(PLAN).read_bytes() == before


def test_another_company_s_push_makes_no_names_old(office):
    office.pushed(pushed(ALINE, realm_id="99"))

    assert office.plan() == stage.OK


def test_a_brake_leaves_the_plan_that_was_there(office):
    office.plan()
    before = office.desk.path(PLAN).read_bytes()
    office.fetched([synced(applicant(str(n)), str(n)) for n in range(1, 30)], [VENDOR])

    assert office.plan() == NOTHING_DONE
    assert "29 of 29 persons" in office.desk.err and "--force" in office.desk.err
    assert office.desk.path(PLAN).read_bytes() == before
    assert office.plan("--force") == stage.OK
    assert "29 read = 29 held" in office.desk.out


def students(count: int) -> list[Person]:
    """Return students who are customers already."""
    people = [student(str(n), first_name=f"Aline {n}") for n in range(1, count + 1)]
    return [synced(one, f"1{one.mis_id}") for one in people]


def synced_students(office, count: int, first: int = 0, **changed: str) -> None:
    """Fetch students whose customers are as they were sent; the first changed since."""
    told = students(count)
    office.pushed(*map(pushed, told))
    now = [one._replace(**changed) if n < first else one for n, one in enumerate(told)]
    office.fetched(now, [as_customer(one, one.quickbooks_id) for one in told])


def test_a_look_up_that_was_emptied_rewrites_nobody(office):
    office.plan()
    before = office.desk.path(PLAN).read_bytes()
    synced_students(office, 30, 30, campus="3")

    assert office.plan() == NOTHING_DONE

    assert office.desk.err == (
        "data/mis_customers.csv: Campus of 30 of 30 students would change, more than "
        "50 % (--max-change); put that right in the MIS and fetch again, or use --force "
        "if it is right\n"
    )
    assert office.desk.path(PLAN).read_bytes() == before


@pytest.mark.parametrize(
    ("option", "is_said"), [("--force", True), ("--max-change=100", False)]
)
def test_a_person_may_let_a_brake_pass(office, option, is_said):
    synced_students(office, 30, 30, campus="Huye")

    assert office.plan(option, "--brief") == stage.OK

    assert "30 read = 30 out" in office.desk.out
    assert ("(--max-change); --force let it pass" in office.desk.out) == is_said


def test_the_share_that_may_change_is_an_option(office):
    synced_students(office, 30, 4, campus="Huye")

    assert office.plan("--max-change", "10") == NOTHING_DONE
    assert "Campus of 4 of 30 students would change, more than 10 %" in office.desk.err
    assert office.plan() == stage.OK


@pytest.mark.parametrize("mode", ["enhanced", "both"])
def test_another_mode_of_custom_fields_needs_no_force(office, mode):
    told, ids = students(30), "Campus=11,Intake=12"
    office.pushed(*map(pushed, told))
    names = [as_customer(one, one.quickbooks_id, CustomField=[]) for one in told]
    office.fetched(told, names)

    code = office.plan(CUSTOM_FIELD_MODE=mode, CUSTOM_FIELD_IDS=ids)

    assert (code, office.desk.err) == (stage.OK, "")
    assert "mis_plan: 30 update" in office.desk.out


def test_whoever_waits_is_named_up_to_five(office):
    people = [synced(applicant(str(n)), str(n)) for n in range(1, 8)]
    office.fetched(people, [])

    office.plan()

    five = ", ".join(f"Applicant {n}" for n in range(1, 6))
    assert f"7 row(s) are on hold ({five}, …); fill in" in office.desk.out


def test_a_definition_for_no_field_is_refused_before_anything_is_read(office):
    office.desk.path(NAMES).unlink()

    assert office.plan(CUSTOM_FIELD_IDS="Faculty=1") == NOTHING_DONE
    assert "CUSTOM_FIELD_IDS: Faculty: no such field; choose among CustomerType" in (
        office.desk.err
    )


def test_one_at_a_time(office):
    import fcntl

    with open(office.desk.logs / "mis_runlog.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert office.plan() == 75


# --- people that cannot be read -------------------------------------------------------


def with_lines(office: Office, *more: str) -> None:
    path = office.desk.path(PEOPLE)
    path.write_bytes(path.read_bytes() + "".join(more).encode())


def test_a_line_that_cannot_be_read_costs_that_line_and_is_said_without_its_cells(office):
    cells = [*ALINE]
    cells[PEOPLE.row._fields.index("registrations")] = CANARY + "x"
    with_lines(office, ",".join(cells) + "\n", "Applicant," + CANARY + "\n")

    assert office.plan("--brief") == SOME_ROWS_FAILED

    assert "4 read = 2 out + 2 rejected" in office.desk.out
    assert "data/mis_customers.csv: line 4: registrations is no number" in office.desk.out
    assert "data/mis_customers.csv: line 5: has 2 cells, the header has 23" in office.desk.out
    assert CANARY not in office.desk.out + office.desk.err


def test_a_person_who_stands_there_twice_is_one_customer(office):
    office.fetched([ALINE, ALINE, ERIC], [])

    assert office.plan() == SOME_ROWS_FAILED
    assert "3 read = 2 out + 1 rejected" in office.desk.out
    assert "data/mis_customers.csv: 1 line(s) about a person who was there" in office.desk.out


def test_people_that_somebody_took_out_are_noticed(office):
    tables.write(office.desk.path(PEOPLE), PEOPLE.row, [ALINE])

    assert office.plan() == stage.OK
    assert "data/mis_customers.csv: has 1 rows, 2 were fetched" in office.desk.out


def test_a_file_in_another_order_gives_the_same_plan(office):
    twins = [applicant("10"), applicant("9"), *(student(str(n)) for n in (2, 1))]
    office.fetched(sorted(twins, key=lambda p: (p.type, len(p.mis_id), p.mis_id)), [VENDOR])
    office.plan()
    before = office.desk.path(PLAN).read_bytes()
    office.fetched(twins, [VENDOR])

    office.plan()

    assert office.desk.path(PLAN).read_bytes() == before


# --- leases ---------------------------------------------------------------------------


def test_what_a_dead_run_of_this_installation_had_in_hand_is_planned(office):
    import socket

    own = keys.installation(socket.gethostname(), str(office.desk.logs))
    until = {"status": "3", "leased_until": "2999-01-01T00:00:00.000000+00:00"}
    ours = ALINE._replace(leased_by=f"run-1@{own}", **until)
    office.fetched([ours, ERIC._replace(leased_by="run-9@ffffffff", **until)], [])

    office.plan()

    assert {name: row.action for name, row in office.planned().items()} == {
        "Aline": "create",
        "Eric": "hold",
    }


# --- national ids ---------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--debug", "--brief"])
def test_nothing_that_is_said_or_logged_holds_a_national_id(office, option):
    people, names, log = everybody()
    assert all(CANARY in person.national_id for person in people)
    office.fetched([*people, people[-1]], [*names, names[0]._replace(id="99")])
    with_lines(office, "Student," + CANARY + "\n")
    office.plan(option)
    office.decide(Eric="skip", Chantal=f"link:{CANARY[:3]}")
    office.fetched([ERIC._replace(phone="1")], [VENDOR])

    office.plan(option, CUSTOM_FIELD_MODE="both", CUSTOM_FIELD_IDS="NationalID=5")

    said = office.desk.out + office.desk.err
    logs = [path.read_text("utf-8", "replace") for path in office.desk.logs.iterdir()]
    assert CANARY not in said + "".join(logs)
    assert CANARY in office.desk.path(PLAN).read_text("utf-8")
