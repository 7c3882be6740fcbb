"""The outside of the customer synchronization: the MIS, the login, doors as processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from src.adapters.qbo_oauth import Tokens
from src.config import ROOT, Settings
from src.kit import receipts, sessions, stage
from src.kit.doors import SILENT, Ended, Stage
from src.kit.errors import Locked, Refused
from src.kit.locks import Lock
from src.mis.customer_sync import Carried
from src.mis.records import APPLICANT, SESSIONS
from src.office import connect, connect_database, mis_sync
from src.office.mis_sync import OUTPUT, Audience, Conductor
from tests.desk import Desk
from tests.mis import standin
from tests.mis.university import University
from tests.wms.control import writer

NOW = datetime(2026, 11, 20, 8, tzinfo=timezone.utc)


@pytest.fixture
def school(desk) -> University:
    """Return a MIS where the desk's settings look for one."""
    file = desk.config.mis_database_file
    file.parent.mkdir(exist_ok=True)
    return University(connect_database.opened("", file, "MIS_DATABASE_URL"))


# --- the MIS --------------------------------------------------------------------------


def test_the_mis_is_opened_with_the_columns_that_the_synchronization_needs(desk, school):
    school.many(APPLICANT, 3)

    with mis_sync.mis(desk.config, pytest.fail) as people:
        assert people.counts(APPLICANT) == {"0": 3, "1": 0, "2": 0, "3": 0}

    columns = school.database.structure()["tbl_online_application"]
    assert {"QuickBk_Status", "qb_lease_until"} <= set(columns)


def test_a_mis_that_may_only_be_read_is_counted_all_the_same(desk, school):
    school.many(APPLICANT, 3)
    school.database.run("ALTER TABLE tbl_online_application RENAME TO applications")
    school.database.run(
        "CREATE VIEW tbl_online_application AS SELECT * FROM applications"
    )
    notes: list[str] = []

    with mis_sync.mis(desk.config, notes.append) as people:
        assert people.counts(APPLICANT)["0"] == 3
        assert people.unsynchronized(APPLICANT, 10) == [1, 2, 3]

    assert "ADD COLUMN" in notes[0]


def test_without_a_mis_the_way_to_one_is_told(desk):
    with pytest.raises(Refused, match="^data/mis.db: not found; run "):
        with mis_sync.mis(desk.config, print):
            pass


def test_a_database_that_is_no_mis_is_refused(desk):
    file = desk.config.mis_database_file
    connect_database.opened("", file, "MIS_DATABASE_URL").run("CREATE TABLE a (b text)")

    with pytest.raises(Refused, match="no MIS, .* missing; name "):
        with mis_sync.mis(desk.config, print):
            pass


# --- the login ------------------------------------------------------------------------


def logged_in(desk: Desk, days: float, **cells: str) -> Settings:
    """Return settings with a login whose refresh token lives so many days from now."""
    file = desk.root / "token.json"
    desk.settings.update(
        QBO_API="http",
        QBO_CLIENT_ID="app",
        QBO_CLIENT_SECRET="secret",
        QBO_TOKEN_FILE=str(file),
    )
    settings = desk.config
    ends = (NOW + timedelta(days=days)).isoformat()
    place = connect.place(settings)
    tokens = Tokens("a", "r", settings.qbo_realm_id, place, ends, ends, ends)
    connect.token_file(settings).write(tokens._replace(**cells))
    return settings


def is_connected(settings: Settings) -> bool:
    return mis_sync.is_connected(settings, lambda: NOW)


def test_the_simulated_company_is_always_connected(desk):
    assert is_connected(desk.config)


def test_a_login_is_good_until_it_can_no_longer_be_renewed(desk):
    assert is_connected(logged_in(desk, 1))
    assert not is_connected(logged_in(desk, -1))


def test_an_access_token_that_is_over_is_no_reason_to_log_in_again(desk):
    assert is_connected(logged_in(desk, 90, expires_at="2020-01-01T00:00:00+00:00"))


def test_without_a_login_there_is_no_connection(desk):
    settings = logged_in(desk, 1)
    settings.qbo_token_file.unlink()

    assert not is_connected(settings)


def test_a_login_that_others_may_read_is_none(desk):
    settings = logged_in(desk, 1)
    settings.qbo_token_file.chmod(0o644)

    assert not is_connected(settings)


@pytest.mark.parametrize("name", ["QBO_CLIENT_ID", "QBO_CLIENT_SECRET"])
def test_a_login_is_of_no_use_without_the_app(desk, name):
    logged_in(desk, 1)
    desk.settings[name] = ""

    assert not is_connected(desk.config)


@pytest.mark.parametrize("ends", ["", "soon", "0001-01-01T00:00:00+14:00"])
def test_a_login_without_a_usable_end_is_none(desk, ends):
    assert not is_connected(logged_in(desk, 1, refresh_expires_at=ends))


def test_a_login_of_another_company_is_none(desk):
    assert not is_connected(logged_in(desk, 1, realm_id="4711"))


# --- the doors, one after the other ---------------------------------------------------

DOORS = ("mis_fetch", "mis_plan", "mis_push")
TODO = [Stage("", door, ()) for door in DOORS]


def told(*ends: object, by: str = "") -> tuple[int, str]:
    """Return the exit code and the problem of doors that ended so."""
    found = [end if isinstance(end, Ended) else Ended(end, "said") for end in ends]
    return mis_sync.told(TODO, found, by)[:2]


@pytest.mark.parametrize("codes", [(0, 0, 0), (1, 0, 0), (0, 1, 4), (4, 4, 1)])
def test_the_exit_code_is_that_of_the_last_door(codes):
    assert told(*codes) == (codes[-1], "")


@pytest.mark.parametrize(
    ("ends", "code", "problem"),
    [
        ([2], 2, "said"),
        ([0, 75], 75, "said"),
        ([0, 0, 3], 3, "said"),
        ([Ended(1, "KeyError", False)], 1, "mis_fetch: crashed: KeyError"),
        ([0, Ended(0, "", False)], 2, "mis_plan: crashed: mis_plan: ended with 0 and"),
        ([0, 0, -9], 137, "mis_push: killed by signal 9; ended without a word"),
        ([0, 0, 143], 143, "mis_push: stopped by a signal; start the same command"),
        ([0, 0, -15], 143, "mis_push: stopped by a signal; start the same command"),
    ],
)
def test_a_door_that_could_not_do_its_part_ends_it(ends, code, problem):
    found, said = told(*ends)

    assert found == code
    assert said.startswith(problem)


def test_whoever_asks_to_stop_stops_it_before_the_next_door():
    code, said = told(0, by="a signal")

    assert code == 143
    assert said.startswith("stopped before mis_plan by a signal; start the same command")


def test_whoever_asks_to_stop_is_named_with_the_door_that_was_at_work():
    assert told(0, 0, 143, by="mis_sync_customers cancel")[1].startswith(
        "mis_push: stopped by mis_sync_customers cancel; start the same command"
    )


def test_the_notes_of_the_doors_that_did_their_part_are_warnings():
    ends = [Ended(0, "", notes=("a; b",)), Ended(1, "", notes=("c; d", "e; f")), Ended(0, "")]

    assert mis_sync.told(TODO, ends, "")[2] == ["a; b", "c; d", "e; f"]


def test_the_notes_of_the_door_that_ended_it_are_told_with_its_problem_alone():
    ends = [Ended(0, ""), Ended(2, "mis_plan: nothing done\na; b", notes=("a; b",))]

    code, problem, warnings = mis_sync.told(TODO, ends, "")
    assert (code, problem, warnings) == (2, "mis_plan: nothing done\na; b", [])


# --- the doors as processes -----------------------------------------------------------


class Hall:
    """A desk whose synchronizations start stand-ins for the doors."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.shown = ""
        self.ends: tuple[str, ...] = ("0",)
        self.started: list[tuple] = []

    def show(self, text: str) -> None:
        self.shown += text

    def carry_out(self, *options: str) -> Carried:
        run = stage.start("mis_sync_customers", "", self.desk.argv(*options))
        audience = Audience(self.show, self.show)
        conductor = Conductor(self.desk.config, run, audience, self._stages)
        return mis_sync.carry_out(conductor, ["students"], 20)

    def _stages(self, *told: object) -> list[Stage]:
        self.started.append(told)
        return standin.doing(*self.ends)


@pytest.fixture
def hall(desk) -> Hall:
    return Hall(desk)


def test_what_the_doors_say_is_shown_and_kept(hall):
    hall.ends = ("0", "0", "0")
    found = hall.carry_out()

    lines = [line for line in hall.shown.splitlines() if "records" in line]
    assert [line.split(":")[0] for line in lines] == ["mis_fetch", "mis_plan", "mis_push"]
    assert (hall.desk.logs / OUTPUT).read_text() == hall.shown
    assert (found.exit_code, found.problem) == (0, "")


def test_the_doors_are_told_types_batch_size_and_options(hall):
    hall.carry_out()

    assert hall.started == [(["students"], 20, ("--progress", "off"))]


def test_settings_of_the_command_line_reach_the_doors(hall):
    hall.carry_out("--set", "WORD=quietly")

    assert "mis_push: 3 records quietly" in hall.shown


def test_all_doors_of_a_synchronization_have_its_run_id(hall):
    hall.ends = ("0", "0")
    found = hall.carry_out()

    known = {one.run_id for one in receipts.read(hall.desk.logs)}
    assert known == {found.run_id}


def test_each_synchronization_has_a_new_run_id_unless_one_is_set(hall):
    ids = [hall.carry_out().run_id for _ in range(2)]

    assert len(set(ids)) == 2
    assert hall.carry_out("--set", "RUN_ID=s7").run_id == "s7"


def test_a_run_id_of_an_earlier_synchronization_is_refused(hall):
    hall.carry_out("--set", "RUN_ID=s7")

    with pytest.raises(Refused, match="^RUN_ID=s7: logs/mis_sessions.csv has .* leave RUN_ID"):
        hall.carry_out("--set", "RUN_ID=s7")


def test_a_synchronization_leaves_a_receipt_however_it_ends(hall):
    hall.ends = ("refuse", "0")

    assert hall.carry_out()[1:] == (2, "data/x.csv: not found; run y first", [])
    newest = list(receipts.read(hall.desk.logs))[-1]
    assert (newest.door, newest.kind, newest.detail) == ("mis_sync_customers", "run", "exit=2")


def test_a_door_that_crashes_is_no_door_that_left_some_rows(hall):
    hall.ends = ("crash", "0")

    found = hall.carry_out()

    assert (found.exit_code, found.problem) == (1, "mis_plan: crashed: KeyError: 'x'")


def test_a_synchronization_is_a_session(hall):
    hall.ends = ("0", "0", "0")
    found = hall.carry_out()

    [session] = sessions.read(hall.desk.logs / SESSIONS.name)
    assert (session.id, session.objects) == (found.run_id, ("students",))
    assert (session.status, session.stage) == ("completed", "pushed")


def test_a_door_that_fails_fails_its_session(hall):
    hall.ends = ("refuse", "0")
    hall.carry_out()

    [session] = sessions.read(hall.desk.logs / SESSIONS.name)
    assert (session.status, session.stage) == ("failed", "planned")
    assert session.errors == ("data/x.csv: not found; run y first",)


def test_a_session_that_was_killed_is_ended_by_the_next(hall):
    writer(hall.desk.logs, SESSIONS, "s0").start(["students"])
    hall.carry_out()

    first, _ = sessions.read(hall.desk.logs / SESSIONS.name)
    assert (first.status, first.errors) == ("failed", (SILENT,))


def test_another_synchronization_at_work_is_not_disturbed(hall):
    with Lock(hall.desk.logs / "mis_sync.lock"), pytest.raises(Locked, match="held by process"):
        hall.carry_out()

    assert not hall.shown


# --- which doors ----------------------------------------------------------------------


def test_a_synchronization_is_three_doors_in_this_order():
    found = mis_sync.stages(["applicants"], 20, ("--progress", "off"))

    assert [" ".join(one.command[2:]) for one in found] == [
        "src.mis_fetch --brief --progress off",
        "src.mis_plan --brief --progress off",
        "src.mis_push applicants --batch-size 20 --brief --progress off",
    ]


def test_force_is_for_the_door_that_has_brakes():
    found = mis_sync.stages(["students"], 20, (), is_forced=True)

    assert [" ".join(one.command[2:]) for one in found] == [
        "src.mis_fetch --brief",
        "src.mis_plan --force --brief",
        "src.mis_push students --batch-size 20 --brief",
    ]


PROGRAM = """
import json
from src.office import mis_sync
print(json.dumps(mis_sync.service().status()))
"""


def test_a_program_has_the_functions_in_one_line(desk, school, tmp_path):
    school.many(APPLICANT, 2)
    environ = {**os.environ, **desk.settings}

    said = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environ, capture_output=True
    )

    assert json.loads(said.stdout)["statistics"]["applicants"]["total"] == 2
    assert not Path(tmp_path, "desk/logs/mis_sync.lock").exists()
