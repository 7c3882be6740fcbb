"""The door that makes the demo: in its own database and company, nowhere else."""

from __future__ import annotations

import os
import shutil
import stat

import pytest

from src import mis_demo
from src.adapters import qbo
from src.adapters.qbo import Change
from src.adapters.sqlite_file import SqliteFile
from src.kit import receipts, tables
from src.kit.errors import LOCKED, NOTHING_DONE, OK
from src.mis import demo, keys, listing
from src.mis.records import RUNLOG, TYPES, Pushed
from src.mis.store import Store
from src.office import connect, demo_mis, pipelines
from tests.desk import Desk

MINE = "CREATE TABLE tbl_campus (camp_id INTEGER PRIMARY KEY)"
MADE_AT = "2026-11-21T20:00:00.000000+00:00"
MARK = keys.create_key("Applicant", "1")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Return a desk at which the demo was made, to copy."""
    desk = Desk(tmp_path_factory.mktemp("made") / "desk")
    assert desk.run(mis_demo, "make") == OK, desk.err
    return desk


@pytest.fixture
def made(template, desk):
    """Return a desk at which the demo was made, with what the door said."""
    shutil.copytree(template.root, desk.root, dirs_exist_ok=True)
    desk.out = template.out
    return desk


def names(desk):
    """Return every name in the desk's company, inactive ones too."""
    there = company(desk)
    found = [
        listing.named(entity, record)
        for entity in listing.LISTS
        for record in qbo.pages(there.query, entity, listing.EVERY_ONE)
    ]
    return {(row.list, row.name): row for row in found}


def people(desk):
    """Return everybody in the desk's MIS."""
    database = SqliteFile(desk.config.mis_database_file)
    found = [one for type_ in TYPES.values() for one in Store(database).people(type_)]
    database.close()
    return found


def own_database(desk, statement=MINE):
    """Make a MIS of somebody's own where the demo's would be."""
    database = SqliteFile(desk.config.mis_database_file)
    database.run(statement)
    database.close()


def company(desk):
    return connect.company(desk.config)


# --- make -----------------------------------------------------------------------------


def test_the_demo_is_made_and_counted(made):
    assert made.out.startswith(
        "mis_demo: 850 applicants; 1,200 students; 11 names in QuickBooks; 2 of them inactive\n"
    )
    assert made.out.endswith("  next: make mis-fetch\n")


def test_make_is_what_the_door_does_unasked(desk):
    assert desk.run(mis_demo) == OK

    assert "850 applicants" in desk.out


def test_the_summary_names_a_few_of_the_problems(made):
    assert "have something wrong or special, of 63 kinds: no first name" in made.out


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_mis_may_be_read_by_its_owner_alone(made):
    mode = made.config.mis_database_file.stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_vendors_employees_and_others_customers_are_in_quickbooks(made):
    there = names(made)
    assert ("Vendor", "Théoneste Gakwaya") in there
    assert ("Employee", "cassien munyakazi") in there
    assert there["Customer", "Callixte Rurangwa"].key == ""
    assert len(there) == 11


def test_those_made_inactive_keep_a_name_as_quickbooks_gives_it(made):
    there = names(made)
    inactive = {key for key, row in there.items() if row.active == "no"}
    assert inactive == {
        ("Customer", "Donata Uwambaye (deleted)"),
        ("Vendor", "Huye Printing House (deleted)"),
    }
    content = there["Customer", "Donata Uwambaye (deleted)"].content
    assert "0788 400 200" in content


def test_a_second_make_changes_nothing(made):
    before = names(made), people(made)

    assert made.run(mis_demo) == OK
    assert made.out == (
        "mis_demo: nothing to do\n"
        '  there is a demo already, so its MIS stays as it is; "make clean" takes it away\n'
        "  next: make mis-fetch\n"
    )

    assert (names(made), people(made)) == before


def test_a_second_make_says_even_briefly_that_there_is_a_demo(made):
    assert made.run(mis_demo, "--brief") == OK

    assert "there is a demo already" in made.out


def test_a_demo_on_a_server_is_not_what_make_clean_takes_away(made):
    settings = made.config._replace(mis_database_url="mysql://somebody@localhost/mis")

    with demo_mis.database(made.config) as database:
        [told] = mis_demo._make(database, "1", settings).warnings
    assert "name an empty database in MIS_DATABASE_URL" in told and "clean" not in told


def test_a_make_that_was_killed_in_the_company_is_completed(made):
    gone = made.company / "records.csv"
    gone.write_bytes(b"\n".join(gone.read_bytes().splitlines()[:6]) + b"\n")

    assert made.run(mis_demo) == OK

    assert "6 names in QuickBooks; 2 of them inactive\n" in made.out
    assert len(names(made)) == 11


def test_a_make_that_was_killed_in_the_mis_is_made_anew(made):
    own_database(made, "DELETE FROM carryover_demo")

    assert made.run(mis_demo) == OK

    assert "850 applicants" in made.out


def test_another_seed_makes_other_people(desk):
    desk.run(mis_demo, "--seed", "2")

    first = people(desk)[0]
    assert (first.first_name, first.last_name) != ("Jacqueline", "Ngabo")


def test_no_national_id_is_said_or_logged(desk):
    desk.run(mis_demo, "make", "--debug")
    said = desk.out + desk.err
    desk.run(mis_demo, "edit", "--debug")
    said += desk.out + desk.err

    assert demo.CANARY not in said
    for path in desk.logs.iterdir():
        assert demo.CANARY.encode() not in path.read_bytes(), path


def test_a_receipt_tells_the_run(desk):
    desk.run(mis_demo, RUN_ID="r1")

    assert [(r.run_id, r.door, r.kind) for r in receipts.read(desk.logs)] == [
        ("r1", "mis_demo", "run")
    ]


# --- what is somebody's own -----------------------------------------------------------


@pytest.mark.parametrize("command", ["make", "edit"])
def test_a_mis_of_somebodys_own_is_left_alone(desk, command):
    own_database(desk)

    assert desk.run(mis_demo, command) == NOTHING_DONE

    assert "holds tables that are of no demo, such as tbl_campus; set D" in desk.err
    database = SqliteFile(desk.config.mis_database_file)
    assert list(database.structure()) == ["tbl_campus"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_mode_of_somebodys_own_file_is_left_alone(desk):
    own_database(desk)
    file = desk.config.mis_database_file
    file.chmod(0o640)

    desk.run(mis_demo)

    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_file_that_is_no_database_is_left_alone(desk):
    file = desk.config.mis_database_file
    file.write_text("my notes about the MIS, all of them\n" * 9)

    assert desk.run(mis_demo) == NOTHING_DONE

    assert "not a database" in desk.err
    assert file.read_text().startswith("my notes")


def test_a_company_elsewhere_is_left_alone(desk):
    real = {"QBO_API": "http", "QBO_BASE_URL": "https://quickbooks.example.com"}

    assert desk.run(mis_demo, **real) == NOTHING_DONE

    assert desk.err.startswith("QBO_API: is http, and QBO_BASE_URL names no simulated")
    assert not desk.config.mis_database_file.exists()


def test_intuits_own_hosts_are_left_alone(desk):
    assert desk.run(mis_demo, QBO_API="http", QBO_BASE_URL="") == NOTHING_DONE

    assert "set QBO_API=fake" in desk.err


def test_two_at_once_are_one_and_one_that_waits(desk):
    log = pipelines.path_of(desk.config, RUNLOG)
    with connect.realm_lock(desk.config):
        assert desk.run(mis_demo) == LOCKED

    assert not desk.config.mis_database_file.exists()
    assert not log.exists()


# --- over HTTP, and with a company that was used --------------------------------------


def test_a_company_behind_a_socket_of_this_machine_gets_the_same(served, desk):
    assert desk.run(mis_demo) == OK, desk.err

    assert "11 names in QuickBooks; 2 of them inactive\n" in desk.out
    assert desk.run(mis_demo) == OK
    assert "names" not in desk.out


@pytest.mark.parametrize("answer", ["429", "500", "500_applied", "drop_applied"])
def test_people_try_again_what_did_not_work(served, desk, answer):
    desk.scenario(f"1,create Vendor,{answer}", f"2,update Customer,{answer}")
    served.restart()

    assert desk.run(mis_demo) == OK, desk.err

    assert "11 names in QuickBooks; 2 of them inactive\n" in desk.out and "already exists" not in desk.out
    assert len(names(desk)) == 11


def test_a_company_that_fails_by_chance_is_none_to_people_who_work_in_it(desk):
    assert desk.run(mis_demo, FAKE_QBO_FAIL_RATE="0.9") == OK

    assert "11 names in QuickBooks; 2 of them inactive\n" in desk.out


def test_a_customer_of_ours_that_has_the_name_already_stays_active(desk):
    record = {"DisplayName": "Donata Uwambaye", "Notes": f"Carryover={MARK}"}
    company(desk).write(Change("create", "Customer", record))

    assert desk.run(mis_demo) == OK
    assert "10 names in QuickBooks; 1 of them inactive\n" in desk.out

    assert names(desk)["Customer", "Donata Uwambaye"].active == "yes"


def test_a_name_that_another_list_has_is_reported(desk):
    record = {"DisplayName": "Kigali Stationers Ltd"}
    company(desk).write(Change("create", "Customer", record))

    assert desk.run(mis_demo) == OK

    assert "Vendor Kigali Stationers Ltd: " in desk.out
    assert "10 names in QuickBooks; 2 of them inactive\n" in desk.out


# --- edit -----------------------------------------------------------------------------


def test_an_edit_tells_what_was_changed(made):
    assert made.run(mis_demo, "edit") == OK

    assert made.out == (
        "mis_demo: 10 phones; 6 e-mails; 2 family names; 2 national ids; 2 campuses; "
        "3 new registrations; 1 new applicant\n  next: make mis-fetch\n"
    )


def test_a_second_edit_changes_nothing(made):
    made.run(mis_demo, "edit")
    before = people(made)

    assert made.run(mis_demo, "edit") == OK
    assert "the MIS is edited already" in made.out

    assert people(made) == before


def test_there_is_nothing_to_edit_before_a_make(desk):
    assert desk.run(mis_demo, "edit") == NOTHING_DONE

    assert desk.err == (
        'there is no demo to edit; run "python -m src.mis_demo make" first\n'
    )


def test_an_edit_needs_no_company(made):
    real = {"QBO_API": "http", "QBO_BASE_URL": "https://quickbooks.example.com"}
    assert made.run(mis_demo, "edit", **real) == OK


def test_an_edit_after_a_make_keeps_a_made_demo(made):
    made.run(mis_demo, "edit")

    assert made.run(mis_demo, "make") == OK

    assert "there is a demo already" in made.out


# --- what may be cleaned away ---------------------------------------------------------


def test_the_demo_may_go(desk):
    assert demo_mis.kept(desk.config) == ""
    desk.run(mis_demo)
    assert demo_mis.kept(desk.config) == ""
    desk.run(mis_demo, "edit")
    assert demo_mis.kept(desk.config) == ""


def test_a_mis_of_somebodys_own_is_kept(desk):
    own_database(desk)

    assert "not everything in the MIS is the demo's" in demo_mis.kept(desk.config)


def test_a_demo_with_somebodys_own_people_is_kept(made):
    own_database(made, "INSERT INTO tbl_personal_ug (per_id_ug) VALUES (9001)")

    assert "not everything in the MIS is the demo's" in demo_mis.kept(made.config)


def test_a_database_that_a_url_names_is_kept(desk):
    settings = desk.config._replace(mis_database_url="mysql://u@h/mis")

    assert "MIS_DATABASE_URL" in demo_mis.kept(settings)


def test_logs_of_another_company_are_kept(desk):
    seal = (MADE_AT, "r1", "mis_push", receipts.SEAL)
    receipts.append(desk.logs, (*seal, RUNLOG.place, "1", "", "realm=777"))

    assert "their logs are of the company 777" in demo_mis.kept(desk.config)


def test_logs_of_a_mis_that_is_gone_are_kept(desk):
    row = ["1", MADE_AT, *[""] * (len(Pushed._fields) - 3)]
    tables.write(desk.path(RUNLOG), Pushed, [tables.checked(row)])

    assert "a MIS that is not here" in demo_mis.kept(desk.config)
