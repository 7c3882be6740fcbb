"""The door that verifies every log."""

from __future__ import annotations

import json

import pytest

from src import verify_logs
from src.attachments.records import PLAN
from src.kit import plans, receipts, tables
from src.kit.sessions import Count
from src.wms.records import SESSIONS
from tests.wms.control import Control, writer


@pytest.fixture
def done(desk):
    """Return a desk that has sent two files."""
    desk.files("a.pdf", "b.pdf")
    desk.prepare()
    desk.upload()
    return desk


def log_of(desk):
    return desk.logs / "qbo_attach_runlog.csv"


def replace(path, old: bytes, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(old, new, 1))


def test_before_the_first_run_there_is_nothing_to_verify(desk):
    assert desk.run(verify_logs) == 0
    assert desk.out == "verify_logs: 0 logs, 0 rows; nothing found changed\n"


def test_the_sum_says_what_was_checked_and_what_was_not(done):
    done.run(verify_logs)

    told, unsealed, unchecked = done.out.splitlines()[:3]
    assert told.endswith(" rows; nothing that a seal covers was changed")
    assert unsealed == "  without a seal, so that rows may be missing: logs/receipts.csv"
    assert unchecked == f"  {verify_logs.UNKNOWN}"


def test_where_nothing_is_sealed_nothing_is_said_of_seals(done):
    for path in done.logs.glob("*_runlog.csv"):
        path.unlink()
    path = done.logs / "receipts.csv"
    lines = path.read_bytes().splitlines(True)
    path.write_bytes(b"".join(one for one in lines if b"runlog" not in one))

    done.run(verify_logs)
    assert done.out.partition("\n")[0].endswith("; nothing found changed")


def test_one_is_not_several():
    assert (verify_logs.count(1, "log"), verify_logs.count(0, "row")) == ("1 log", "0 rows")


def test_a_run_that_was_taken_out_everywhere_is_told_of_by_its_plan(done):
    plan = done.path(PLAN)
    newest = list(receipts.read(done.logs))[-1].run_id
    for run_id in ("taken-out", newest):
        plans.keep(plan, run_id)

    done.run(verify_logs)

    [told] = [line for line in done.out.splitlines() if "is the plan of a run" in line]
    assert told.startswith(f"  {plan.parent.name}/plans/taken-out.csv is the plan of a run")


def test_logs_that_nobody_touched_are_intact(done):
    assert done.run(verify_logs) == 0
    assert "logs/qbo_attach_runlog.csv: intact, 2 rows" in done.out


def test_it_writes_nothing(done):
    before = {path: path.read_bytes() for path in done.logs.iterdir()}

    done.run(verify_logs)

    assert {path: path.read_bytes() for path in done.logs.iterdir()} == before


def test_a_changed_row_ends_it_with_one_and_says_what_follows(done):
    replace(log_of(done), b",uploaded,", b",failed,")

    assert done.run(verify_logs) == 1
    assert (
        "changed: qbo_attach_runlog.csv line 2: its check does not fit (seq 1"
        in done.out
    )
    assert 'next run: the next "make attach" lists the company once' in done.out


def test_a_log_that_was_saved_again_ends_it_with_nothing(done):
    path = log_of(done)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert done.run(verify_logs) == 0
    assert (
        "no value changed by that: qbo_attach_runlog.csv: line ends of Windows"
        in done.out
    )


def test_a_log_that_was_opened_as_windows_1252_is_told_so_and_its_rows_are_known(done):
    path = log_of(done)
    path.write_bytes(path.read_bytes().decode("cp1252").encode())

    assert done.run(verify_logs) == 0

    assert "intact, 2 rows\n  saved by another program, no value changed" in done.out
    assert "opened as Windows-1252, so its byte-order mark is text now" in done.out


def test_of_a_log_with_changed_rows_it_is_not_said_that_no_value_changed(done):
    path = log_of(done)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n").replace(b",uploaded,", b",x,"))

    assert done.run(verify_logs) == 1
    assert "  saved by another program: qbo_attach_runlog.csv: line ends" in done.out


def test_a_changed_receipt_is_found(done):
    replace(done.logs / "receipts.csv", b"exit=0", b"exit=1")

    assert done.run(verify_logs) == 1
    assert "changed: receipts.csv line" in done.out


def test_a_receipt_that_stands_there_twice_is_found(done):
    path = done.logs / "receipts.csv"
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(True)[-1])

    assert done.run(verify_logs) == 1
    assert "inserted: receipts.csv line" in done.out


def test_a_run_whose_beginning_was_taken_out_of_the_receipts_is_missed(done):
    path = done.logs / "receipts.csv"
    lines = path.read_bytes().splitlines(True)
    path.write_bytes(b"".join(line for line in lines if b",open," not in line))

    assert done.run(verify_logs) == 1
    assert "missing: receipts.csv: nothing says that run" in done.out


def test_a_run_of_which_nothing_is_left_in_the_receipts_is_missed(done):
    path = done.logs / "receipts.csv"
    path.write_bytes(path.read_bytes().splitlines(True)[0])

    assert done.run(verify_logs) == 1
    assert "of which logs/qbo_attach_runlog.csv has rows" in done.out


def test_receipts_that_are_gone_are_missed(done):
    (done.logs / "receipts.csv").unlink()

    assert done.run(verify_logs) == 1
    assert "logs/qbo_attach_runlog.csv: not sealed, 2 rows" in done.out
    assert "missing: receipts.csv: is gone, though there are run logs" in done.out


def test_programs_get_the_same_as_json(done):
    replace(log_of(done), b",uploaded,", b",failed,")

    done.run(verify_logs, "--json")

    found = {one["place"]: one for one in json.loads(done.out)}
    assert found["logs/qbo_attach_runlog.csv"]["damages"][0]["kind"] == "changed"
    assert found["logs/receipts.csv"]["state"] == "not sealed"


def test_the_log_of_a_killed_run_says_what_its_journal_knows(done):
    path = done.logs / "receipts.csv"
    lines = path.read_bytes().splitlines(True)
    path.write_bytes(b"".join(line for line in lines if b",seal," not in line))

    assert done.run(verify_logs) == 0
    assert "logs/qbo_attach_runlog.csv: open, 2 rows" in done.out
    assert "the journal knows 0 of the 2 attempt(s) in its rows" in done.out
    assert "looks up what was in flight, then goes on" in done.out


# --- sessions -------------------------------------------------------------------------


@pytest.fixture
def synced(desk):
    """Return a desk with three sessions: two that ended, between them one that died."""
    for number, has_ended in enumerate((True, False, True)):
        one = writer(desk.logs, SESSIONS, f"s{number}")
        one.start(["customers"])
        one.stage("fetched", "wms_fetch", 0, "")
        if has_ended:
            one.end("completed", "wms_apply", "", Count())
    return desk


def lines_without(path, number: int) -> None:
    lines = path.read_bytes().splitlines(True)
    path.write_bytes(b"".join([*lines[:number], *lines[number + 1 :]]))


def test_sessions_are_sealed_at_their_end(synced):
    assert synced.run(verify_logs) == 0
    assert "logs/wms_sessions.csv: intact, 8 rows\n  8 rows, as run s2 sealed" in synced.out


@pytest.mark.parametrize("line", range(1, 9))
def test_a_row_of_a_session_that_was_taken_out_is_missed(synced, line):
    lines_without(synced.logs / "wms_sessions.csv", line)

    assert synced.run(verify_logs) == 1
    assert "logs/wms_sessions.csv: changed, 7 rows" in synced.out
    assert "  missing: wms_sessions.csv line" in synced.out


@pytest.mark.parametrize(("line", "held"), [(2, 0), (5, 3), (8, 5)])
def test_a_missing_row_of_a_session_lies_behind_the_last_seal_that_holds(synced, line, held):
    lines_without(synced.logs / "wms_sessions.csv", line)
    synced.run(verify_logs)

    assert f"line {held + 2}: 1 row(s) that stood at this line or further down" in synced.out
    assert f"rows {held + 1} to " in synced.out


def test_sessions_that_are_gone_from_the_end_are_an_older_copy(synced):
    path = synced.logs / "wms_sessions.csv"
    path.write_bytes(b"".join(path.read_bytes().splitlines(True)[:6]))

    assert synced.run(verify_logs) == 1
    assert "the last 3 row(s) are not there; this is an older copy" in synced.out


def test_a_row_of_a_session_that_was_put_in_is_found(synced):
    path = synced.logs / "wms_sessions.csv"
    lines = path.read_bytes().splitlines(True)
    path.write_bytes(b"".join([*lines[:3], lines[2], *lines[3:]]))

    assert synced.run(verify_logs) == 1
    assert "inserted: wms_sessions.csv line 2: 1 row(s) that no run wrote" in synced.out


def test_a_row_of_a_session_with_another_content_and_its_right_check_is_noticed(synced):
    path = synced.logs / "wms_sessions.csv"
    lines = path.read_bytes().splitlines(True)
    cells = lines[3].decode().rstrip("\n").split(",")
    cells[cells.index("completed")] = "cancelled"
    forged = ",".join(tables.checked(tuple(cells[:-1]))) + "\n"
    path.write_bytes(b"".join([*lines[:3], forged.encode(), *lines[4:]]))

    assert synced.run(verify_logs) == 1
    assert "have right checks, yet are not those once written" in synced.out


def test_a_session_that_was_buried_is_sealed_by_whoever_found_it(tmp_path):
    control = Control(tmp_path)
    control.writer("s1").start(["customers"])
    control.manager.current()

    words = [(one.kind, one.run_id, one.rows) for one in receipts.read(control.logs)]
    assert words == [("open", "s1", "0"), ("open", "s1", "1"), ("seal", "s1", "2")]
