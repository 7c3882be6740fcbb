"""The door that verifies every log."""

from __future__ import annotations

import json

import pytest

from src import verify_logs
from src.attachments.records import PLAN
from src.kit import plans, receipts


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


def test_the_sum_says_where_rows_may_be_missing(done):
    done.run(verify_logs)

    told = "1 without a seal, where rows may be missing"
    assert f"nothing found changed, {told}\n" in done.out.partition("\n")[0] + "\n"


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
