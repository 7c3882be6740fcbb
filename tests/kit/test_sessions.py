"""Sessions: rows that are appended, and what they say together."""

from __future__ import annotations

import pytest

from src.kit import runlog, sessions
from src.kit.doors import SILENT
from src.kit.errors import Refused
from src.kit.sessions import Count
from src.wms.fields import TYPES
from src.wms.records import SESSIONS
from tests.wms.control import Control


@pytest.fixture
def control(tmp_path) -> Control:
    return Control(tmp_path)


def read(control: Control) -> list[sessions.Session]:
    return sessions.read(control.logs / SESSIONS.name)


def test_types_are_in_the_order_of_synchronization():
    wanted = ["items", "customers", "items"]

    assert sessions.types_of(wanted, TYPES) == ("customers", "items")
    assert sessions.types_of([], TYPES) == TYPES


def test_a_word_that_is_no_type_is_refused_with_those_that_are():
    with pytest.raises(Refused, match="^customer: nothing .*; choose among customers, v"):
        sessions.types_of(["customer", "vendors"], TYPES)


def test_without_a_file_there_are_no_sessions(control):
    assert read(control) == []


def test_a_session_that_only_started_runs(control):
    control.writer("s1").start(["customers", "items"])

    [session] = read(control)
    assert (session.id, session.status, session.ended) == ("s1", "running", "")
    assert session.counts == {"customers": Count(), "items": Count()}
    assert session.started == "2026-11-20T08:00:00.000000+00:00"


def test_the_newest_count_of_a_type_counts(control):
    writer = control.writer("s1")
    writer.start(["customers", "items"])
    writer.count({"customers": Count(3), "items": Count(2)})
    writer.count({"customers": Count(3, 2, 1), "items": Count()})

    [session] = read(control)
    assert session.counts == {"customers": Count(3, 2, 1), "items": Count(2)}
    assert session.sum == Count(5, 2, 1)


def test_an_end_says_when_and_why(control):
    writer = control.writer("s1")
    writer.start(["customers"])
    writer.stage("planned", "wms_plan", 2, "too many")
    control.seconds = 5
    writer.end("failed", "wms_plan", "wms_plan: too many; use --force", Count())

    [session] = read(control)
    assert (session.status, session.stage) == ("failed", "planned")
    assert session.ended == "2026-11-20T08:00:05.000000+00:00"
    assert session.errors == ("wms_plan: too many; use --force",)


def test_an_end_may_have_several_reasons(control):
    control.writer("s1").start(["customers"])
    control.writer("s1").end("failed", "wms_fetch", "one\ntwo", Count())

    assert read(control)[0].errors == ("one", "two")
    assert len(control.events()) == 2


def test_rows_of_sessions_may_stand_between_each_other(control):
    for session_id in ("s1", "s2"):
        control.writer(session_id).start(["customers"])
    control.writer("s1").end("cancelled", "", "", Count())

    assert [(one.id, one.status) for one in read(control)] == [
        ("s1", "cancelled"),
        ("s2", "running"),
    ]


def test_a_second_end_changes_nothing(control):
    writer = control.writer("s1")
    writer.start(["customers"])
    writer.end("completed", "wms_apply", "", Count())
    writer.end("failed", "", SILENT, Count())

    assert read(control)[0].status == "completed"


def test_rows_are_only_ever_appended(control):
    writer, before = control.writer("s1"), b""
    for step in (
        lambda: writer.start(["customers"]),
        lambda: writer.count({"customers": Count(1)}),
        lambda: writer.asked("wms_apply", "a signal"),
        lambda: writer.end("cancelled", "wms_apply", "x", Count(1)),
    ):
        step()
        now = (control.logs / SESSIONS.name).read_bytes()
        assert now.startswith(before) and len(now) > len(before)
        before = now


def test_a_changed_row_says_nothing(control):
    control.writer("s1").start(["customers"])
    control.writer("s1").end("failed", "", "x", Count())
    path = control.logs / SESSIONS.name
    path.write_bytes(path.read_bytes().replace(b",failed,", b",completed,"))

    assert read(control)[0].status == "running"
    assert list(runlog.rows(path, SESSIONS.row)).count(runlog.BAD_ROW) == 1


def test_a_type_without_records_needs_no_row(control):
    control.writer("s1").count({"customers": Count(), "items": Count(1)})

    assert [row.objects for row in control.events()] == ["items"]
