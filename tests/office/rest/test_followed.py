"""Sessions and statuses for a server: as the logs say, without reading them again."""

from __future__ import annotations

from contextlib import closing

import pytest

from src.kit import stage
from src.kit.appender import append_in_turn
from src.kit.counting import Runs
from src.kit.sessions import Found
from src.mis import counting
from src.mis.records import APPLICANT, RUNLOG, SESSIONS, Pushed
from src.office import connect_database, mis_sync
from src.office.rest import followed
from src.office.rest.followed import Known
from src.office.rest.operations import Rest
from tests.desk import Desk
from tests.mis.bureau import pushed
from tests.mis.university import University
from tests.wms.control import writer


@pytest.fixture
def rest(desk) -> Rest:
    """Return what views may ask, at a desk with a MIS of two applicants."""
    file = desk.config.mis_database_file
    with closing(connect_database.opened("", file, "MIS")) as database:
        University(database).many(APPLICANT, 2)
    run = stage.start("serve", "", desk.argv())
    return followed.made(desk.config, run)


def log(desk: Desk, *rows: Pushed) -> None:
    append_in_turn(desk.logs / RUNLOG.name, Pushed, [row[:-1] for row in rows])


def begun(desk: Desk, session_id: str) -> None:
    writer(desk.logs, SESSIONS, session_id).start(["applicants"])


def test_a_status_grows_with_the_log(desk, rest):
    begun(desk, "r1")
    log(desk, pushed(1, "created"))
    assert rest.mis.last_session()["synced_objects"] == 1

    log(desk, pushed(2, "created"), pushed(1, "failed"))
    assert rest.mis.last_session()["synced_objects"] == 1
    assert rest.mis.last_session()["failed_objects"] == 1


def test_a_status_is_the_one_that_the_command_line_has(desk, rest):
    begun(desk, "r1")
    log(desk, pushed(1, "created"), pushed(2, "failed", error="no name"))
    run = stage.start("mis_sync_customers", "", desk.argv())
    alone = mis_sync.outside(desk.config, run, mis_sync.Audience(print, print))

    assert rest.service.status()["last_session"] == alone.last_session()


def test_people_are_counted_at_most_once_a_second(desk, rest):
    first = rest.service.status()
    second = rest.service.status()

    assert first["last_updated"] == second["last_updated"]
    assert first["statistics"]["applicants"]["total"] == 2


def test_a_server_without_sessions_gets_warm_as_well(desk, rest):
    log(desk, pushed(1, "created"))

    followed.warm(rest)

    assert rest.service.status()["last_session"] is None


def test_without_a_mis_a_server_begins_all_the_same(desk, rest):
    desk.config.mis_database_file.unlink()

    followed.warm(rest)

    assert rest.wms.last_session() is None


# --- runs that are over ---------------------------------------------------------------


class Block(list):
    """Rows that are learned together."""

    @property
    def rows(self) -> Block:
        return self


def raw(run_id: str) -> list[bytes]:
    return [cell.encode() for cell in pushed(1, "created", run_id=run_id)]


def test_an_earlier_run_is_read_once():
    runs = counting.runs()
    runs.learn(Block([raw("r1"), raw("r2")]))
    read: list[str] = []
    known = Known(runs.found, lambda run_id: read.append(run_id) or Found())

    assert known("r2").synced == {"applicants": 1}
    assert [known("r1"), known("r1")] == [Found(), Found()]
    assert read == ["r1"]


def test_no_more_earlier_runs_are_remembered_than_anybody_asks_for():
    runs = Runs(0, lambda row: None)
    runs.learn(Block([[b"%d" % n] for n in range(followed.KEPT + 2)]))
    read: list[str] = []
    known = Known(runs.found, lambda run_id: read.append(run_id) or Found())

    for number in [*range(followed.KEPT + 1), 0]:
        known(str(number))

    assert len(read) == followed.KEPT + 2
