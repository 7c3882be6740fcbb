"""The door that fetches: both sides whole, or every file as it was."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import closing, contextmanager
from functools import partial
from types import ModuleType

import pytest

from src import mis_demo, mis_fetch
from src.adapters.qbo import Change
from src.adapters.sqlite_file import SqliteFile
from src.config import DEMO_REALM
from src.kit import receipts, stage
from src.kit.errors import (
    AUTHORIZE_AGAIN,
    LOCKED,
    NOTHING_DONE,
    OK,
    STOPPED_EARLY,
    Refused,
)
from src.kit.locks import Lock
from src.mis import demo, keys
from src.mis.records import COVERAGE, NAMES, PEOPLE, RUNLOG, STUDENT
from src.office import connect, connect_database, connect_mis, pipelines
from tests.desk import Desk
from tests.mis.beside import Listening
from tests.mis.university import University

MARK = keys.create_key("Student", "7")
FILES = (PEOPLE, NAMES, COVERAGE)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Return a desk with the demo, fetched once."""
    desk = Desk(tmp_path_factory.mktemp("made") / "desk")
    assert desk.run(mis_demo) == OK, desk.err
    assert desk.run(mis_fetch, RUN_ID="r1") == OK, desk.err
    return desk


@pytest.fixture
def fetched(template, desk):
    """Return a desk of one's own like that, with what the door said."""
    shutil.copytree(template.root, desk.root, dirs_exist_ok=True)
    desk.out = template.out
    return desk


def on_the_mis(desk, *statements):
    """Change the desk's MIS."""
    database = SqliteFile(desk.config.mis_database_file)
    for statement in statements:
        database.run(statement)
    database.close()


def door(**outside):
    """Return the door with another outside."""
    found = ModuleType("mis_fetch")
    found.main = partial(mis_fetch.main, **outside)
    return found


def contents(desk):
    return [desk.path(table).read_bytes() for table in FILES]


def write(desk, operation, entity, **record):
    answer = connect.company(desk.config).write(Change(operation, entity, record))
    assert answer.record, answer.error
    return answer.record


def people(desk):
    return {(one.type, one.mis_id): one for one in desk.rows(PEOPLE)}


# --- what is fetched ------------------------------------------------------------------


def test_everybody_and_every_name_is_fetched_and_counted(fetched):
    assert fetched.out.startswith(
        "mis_fetch: 850 applicants; 1,200 students; 11 names in QuickBooks\n"
        "  2,061 read = 2,061 out\n"
        "  wrote data/mis_customers.csv (2,050 rows)\n"
        "  wrote data/qbo_names.csv (11 rows)\n"
        "  wrote data/mis_coverage.csv (25 rows)\n"
    )
    assert fetched.out.endswith("  next: make mis-plan\n")


def test_the_files_hold_what_the_summary_says(template):
    assert [len(template.rows(table)) for table in FILES] == [2050, 11, 25]


def test_no_record_is_dropped_for_missing_data(template):
    there = people(template)

    for label, found in demo.PROBLEMS.items():
        assert all(key in there for key in found), label


def test_the_coverage_stands_in_the_summary(template):
    assert "  Campus: 99.2 % by name, 0.5 % by id, 0.3 % empty\n" in template.out
    assert "  empty in the MIS: first name 4, last name 4, phone 4," in template.out


def test_the_coverage_adds_up_to_everybody(template):
    rows = template.rows(COVERAGE)

    totals = {(r.type, int(r.by_name) + int(r.by_id) + int(r.empty)) for r in rows}
    assert totals == {("Applicant", 850), ("Student", 1200)}


def test_two_students_of_one_regno_are_noted(template):
    assert "several students have one RegNo (24-90777): each is" in template.out


def test_what_was_added_to_the_mis_is_said_once(fetched):
    assert "tbl_personal_ug: column quickbooks_id added" in fetched.out

    assert fetched.run(mis_fetch) == OK
    assert "added" not in fetched.out


def test_nothing_new_is_the_same_files_again(fetched):
    before = contents(fetched)

    assert fetched.run(mis_fetch) == OK

    assert contents(fetched) == before


def test_what_changed_in_the_mis_is_in_the_next_fetch(fetched):
    on_the_mis(fetched, "UPDATE tbl_personal_ug SET lname = 'Gasana' WHERE per_id_ug = 1")

    assert fetched.run(mis_fetch) == OK

    assert people(fetched)["Student", "1"].last_name == "Gasana"


def test_a_customer_of_ours_is_known_by_its_mark(fetched):
    notes = f"CustomerType=Student\nCarryover={MARK}"
    made = write(fetched, "create", "Customer", DisplayName="Aline", Notes=notes)

    assert fetched.run(mis_fetch) == OK

    (found,) = [row for row in fetched.rows(NAMES) if row.key]
    assert (found.id, found.key, found.sync_token) == (made["Id"], MARK, "0")
    assert "1 of the customers are ours" in fetched.out


def test_inactive_names_are_fetched_too(template):
    inactive = [row.name for row in template.rows(NAMES) if row.active == "no"]

    assert inactive == ["Donata Uwambaye (deleted)", "Huye Printing House (deleted)"]


def test_a_thousand_names_take_a_call_each(served, desk):
    desk.run(mis_demo)
    changes = [Change("create", "Customer", {"DisplayName": f"C {n}"}) for n in range(1000)]
    company = connect.company(desk.config)
    for start in range(0, 1000, 30):
        company.batch(changes[start : start + 30])
    before = len(served.requests("/query"))

    assert desk.run(mis_fetch) == OK

    assert len(served.requests("/query")) - before == 4
    assert "1,011 names in QuickBooks" in desk.out


def test_a_record_that_two_pages_show_is_skipped_and_counted(fetched):
    class Repeating:
        def query(self, statement):
            entity = statement.split()[3]
            twice = [{"Id": "7", "DisplayName": "Aline"}] * 2
            return {entity: twice if entity == "Vendor" else []}

    with_it = fetched.argv()
    assert mis_fetch.main(with_it, connected=lambda *_: Repeating()) == OK

    assert len(fetched.rows(NAMES)) == 1
    last = receipts.last(fetched.logs, "", receipts.RUN)
    assert receipts.value(last, "skipped") == "1"


# --- a MIS that is another's ----------------------------------------------------------


def test_a_look_up_that_is_not_there_is_named_and_nobody_is_lost(fetched):
    on_the_mis(fetched, "DROP TABLE tbl_campus")

    assert fetched.run(mis_fetch) == OK

    assert "the MIS does not have tbl_campus" in fetched.out
    rows = {(r.type, r.field): r for r in fetched.rows(COVERAGE)}
    campus = rows["Applicant", "campus"]
    assert (campus.by_name, campus.missing_column) == ("0", "tbl_campus")
    assert len(fetched.rows(PEOPLE)) == 2050


def test_a_column_that_is_not_there_is_named(fetched):
    on_the_mis(fetched, "ALTER TABLE tbl_personal_ug DROP COLUMN phone2")

    fetched.run(mis_fetch)

    rows = {(r.type, r.field): r for r in fetched.rows(COVERAGE)}
    assert rows["Student", "phone"].missing_column == "tbl_personal_ug.phone2"


def test_a_database_that_is_no_mis_is_refused(fetched):
    on_the_mis(fetched, "DROP TABLE tbl_personal_ug")

    assert fetched.run(mis_fetch) == NOTHING_DONE

    assert "tbl_personal_ug missing" in fetched.err


def test_no_mis_at_all_is_refused_with_a_way_out(desk):
    assert desk.run(mis_fetch) == NOTHING_DONE

    assert desk.err == (
        'data/mis.db: not found; run "make mis" for a demo, or set MIS_DATABASE_URL\n'
    )


# --- a half that fails ----------------------------------------------------------------


class Silent:
    """A company that does not answer."""

    def query(self, statement):
        raise Refused("QuickBooks: is down; try again later")


@contextmanager
def gone(settings):
    raise Refused("the MIS: is down; try again later")
    yield


@pytest.mark.parametrize(
    "outside",
    [{"opened": gone}, {"connected": lambda *_: Silent()}],
    ids=["the MIS", "QuickBooks"],
)
def test_where_a_half_fails_every_file_stays_as_it_was(fetched, outside):
    on_the_mis(fetched, "DELETE FROM tbl_personal_ug WHERE per_id_ug < 100")
    write(fetched, "create", "Vendor", DisplayName="New")
    before = contents(fetched)

    with pytest.raises(Refused):
        mis_fetch.main(fetched.argv(), **outside)

    assert contents(fetched) == before
    assert not list(fetched.config.data_dir.glob("*.tmp"))


def test_a_page_that_is_missing_in_the_middle_leaves_all_as_it_was(served, desk):
    desk.run(mis_demo)
    desk.run(mis_fetch)
    before = contents(desk)
    desk.scenario("2-9,query,500")
    served.restart()

    assert desk.run(mis_fetch) == STOPPED_EARLY

    assert contents(desk) == before


def test_a_question_that_fails_now_and_then_is_asked_again(served, desk):
    desk.run(mis_demo)
    desk.scenario("1,query,429", "3,query,500", "5,query,drop")
    served.restart()

    assert desk.run(mis_fetch) == OK, desk.err

    assert len(desk.rows(NAMES)) == 11


def unread(settings):
    raise AssertionError("the MIS was opened")


def test_who_is_not_logged_in_is_told_to_before_the_mis_is_read(served, desk):
    served.token_file.unlink()

    assert desk.run(door(opened=unread)) == AUTHORIZE_AGAIN

    assert not desk.path(PEOPLE).exists()


def test_an_app_without_keys_is_told_before_the_mis_is_read(desk):
    assert desk.run(door(opened=unread), QBO_API="http") == NOTHING_DONE

    assert desk.err.startswith("QBO_CLIENT_ID and QBO_CLIENT_SECRET: not set; ")
    assert not list(desk.config.data_dir.glob("*.tmp"))


def test_while_another_door_is_at_work_nothing_is_fetched(fetched):
    before = contents(fetched)
    with Lock(pipelines.path_of(fetched.config, RUNLOG).with_suffix(".lock")):
        assert fetched.run(mis_fetch) == LOCKED

    assert contents(fetched) == before


# --- what stays private, and what is written down -------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_people_and_names_may_be_read_by_their_owner_alone(template):
    modes = [stat.S_IMODE(template.path(one).stat().st_mode) for one in FILES]

    assert modes[:2] == [0o600, 0o600]


def test_a_national_id_stands_in_the_csv_and_in_no_message_or_log(fetched):
    fetched.run(mis_fetch, "--debug")

    assert demo.CANARY in fetched.path(PEOPLE).read_text("utf-8")
    assert demo.CANARY not in fetched.out + fetched.err
    assert demo.CANARY not in fetched.path(COVERAGE).read_text("utf-8")
    for path in fetched.logs.iterdir():
        assert demo.CANARY.encode() not in path.read_bytes(), path


def test_each_file_has_a_receipt_that_names_the_company(template):
    for table in FILES:
        receipt = receipts.of_plan(template.logs, template.path(table), table)
        assert (receipt.run_id, receipt.rows) == ("r1", str(len(template.rows(table))))
        assert receipts.source(receipt) == DEMO_REALM


def test_a_company_is_told_from_another_by_the_receipt(template):
    settings = template.config
    assert pipelines.source_of(settings, NAMES, DEMO_REALM) == DEMO_REALM

    with pytest.raises(Refused, match="qbo_names.csv: is of 1234567890, not of 777"):
        pipelines.source_of(settings, NAMES, "777")


def test_brief_says_the_sum_alone(fetched):
    assert fetched.run(mis_fetch, "--brief") == OK

    assert fetched.out == (
        "mis_fetch: 850 applicants; 1,200 students; 11 names in QuickBooks\n"
        "  2,061 read = 2,061 out\n"
    )


def test_brief_says_what_the_mis_does_not_have(fetched):
    on_the_mis(fetched, "DROP TABLE tbl_campus")

    fetched.run(mis_fetch, "--brief")

    *_, told = fetched.out.splitlines()
    assert told.startswith("  the MIS does not have tbl_campus; ")


def test_brief_says_which_index_somebody_else_has_to_make(fetched):
    on_the_mis(fetched, "ALTER TABLE tbl_personal_ug DROP COLUMN qb_lease_until")

    def refuse(statement):
        if "INDEX" in statement:
            raise Refused("mis: not yours")

    @contextmanager
    def guarded(settings):
        with connect_mis.database(settings) as database:
            yield Listening(database, refuse)

    fetched.run(door(opened=guarded), "--brief")
    assert fetched.out.count("  mis: not yours; without this, reading is slow: ") == 2
    assert "added" not in fetched.out


def test_one_is_not_called_several(desk):
    file = desk.config.mis_database_file
    with closing(connect_database.opened("", file, "MIS")) as database:
        University(database).many(STUDENT, 1)

    assert desk.run(mis_fetch) == OK
    assert desk.out.startswith("mis_fetch: 1 student\n")


def test_the_doors_first_line_is_its_help(desk, capsys):
    with pytest.raises(SystemExit):
        stage.run(mis_fetch.main, ["--help"])

    assert "Fetch everybody of the MIS" in capsys.readouterr().out
