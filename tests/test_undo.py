"""The door that plans how a run is taken back: which runs, what it keeps, what it says."""

from __future__ import annotations

import pytest

from src import reconcile_attachments, status, undo
from src.attachments.records import PLAN, REVERSE, RUNLOG
from src.kit import plans, receipts
from src.kit.appender import append_in_turn
from src.kit.errors import LOCKED, NOTHING_DONE, OK
from src.kit.locks import Lock
from src.office import undoing
from src.wms.records import RUNLOG as WMS_RUNLOG
from src.wms.records import Attempt
from tests.desk import Desk
from tests.wms.control import attempt


def run_of(desk: Desk, door: str) -> str:
    """Return the id of the last run of a door."""
    found = [r for r in receipts.read(desk.logs) if r.door == door and r.kind == "run"]
    return found[-1].run_id


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a desk whose two files were uploaded."""
    desk = Desk(tmp_path_factory.mktemp("uploaded") / "desk")
    desk.files("a.pdf", "b.pdf")
    desk.prepare()
    assert desk.upload() == OK
    return desk


@pytest.fixture
def sent(uploaded: Desk, desk: Desk) -> Desk:
    """Return a desk whose two files were uploaded; `run_id` is the run that did."""
    uploaded.copy_to(desk)
    desk.run_id = run_of(desk, "qbo_attach_demo")
    return desk


def test_the_reverse_plan_lies_where_the_plan_lay_the_newest_first(sent):
    assert sent.run(undo, sent.run_id) == OK

    rows = sent.rows(REVERSE)
    assert [row.file_name for row in rows] == ["b.pdf", "a.pdf"]
    assert {row.status for row in rows} == {"undo_upload"}
    assert "2 to be deleted" in sent.out and "next: make attach" in sent.out


def test_nothing_is_sent_by_undo_itself(sent):
    before = sent.path(RUNLOG).read_bytes()

    sent.run(undo, sent.run_id)

    assert sent.path(RUNLOG).read_bytes() == before
    assert sent.received() == ["a.pdf", "b.pdf"]


def test_a_dry_run_counts_and_leaves_the_plan(sent):
    before = sent.path(PLAN).read_bytes()

    assert sent.run(undo, sent.run_id, "--dry-run") == OK

    assert "2 to be deleted" in sent.out and "a dry run" in sent.out
    assert sent.path(PLAN).read_bytes() == before


def test_what_people_decided_stands_in_the_next_plan_again(sent):
    sent.decide(a="skip")
    sent.run(undo, sent.run_id)
    assert "kept as mapping_verification_log.before_undo.csv" in sent.out

    assert sent.verify() == OK

    assert "took over 1 decision" in sent.out
    assert sent.plan()["a.pdf"].decision == "skip"


def test_decisions_outlast_several_reverse_plans(sent):
    sent.decide(b="hold")

    for _ in range(2):
        sent.run(undo, sent.run_id)
    sent.verify()

    assert sent.plan()["b.pdf"].decision == "hold"


def test_a_kill_before_the_receipt_loses_no_decision(sent):
    sent.decide(a="skip")
    sent.run(undo, sent.run_id)
    log = sent.logs / "receipts.csv"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:-2]))

    sent.run(undo, sent.run_id)
    sent.verify()

    assert sent.plan()["a.pdf"].decision == "skip"


def test_an_unknown_run_is_told_the_last_ones(sent):
    assert sent.run(undo, "20200101T000000Z-000000") == NOTHING_DONE

    assert f"the last that can be undone: {sent.run_id} (qbo_attach_demo)" in sent.err


@pytest.mark.parametrize("run_id", ["", " "])
def test_without_a_run_it_is_said_how_to_give_one(sent, run_id):
    assert sent.run(undo, run_id) == NOTHING_DONE

    told = f"the last that can be undone: {sent.run_id} (qbo_attach_demo)"
    assert sent.err == f"RUN: is empty; give it, as in make undo RUN=…; {told}\n"


def test_a_run_that_wrote_nothing_is_none_of_the_last_ones(sent):
    sent.upload()

    sent.run(undo, "x")

    assert sent.err.endswith(f"the last that can be undone: {sent.run_id} (qbo_attach_demo)\n")


def test_a_run_that_was_taken_back_is_none_of_the_last_ones(sent):
    sent.run(undo, sent.run_id)
    sent.upload()

    sent.run(undo, "x")

    assert sent.err.endswith("the last that can be undone: none yet\n")


def test_what_was_taken_back_and_sent_again_is_the_later_runs(sent):
    sent.run(undo, sent.run_id)
    sent.upload()
    sent.verify()
    sent.decide(a="send", b="send")
    sent.upload()

    sent.run(undo, "x")

    last = run_of(sent, "qbo_attach_demo")
    assert sent.err.endswith(f"the last that can be undone: {last} (qbo_attach_demo)\n")


def test_a_run_of_which_a_part_was_taken_back_can_still_be_undone(sent):
    sent.run(undo, sent.run_id)
    sent.upload("--limit", "1")

    sent.run(undo, "x")

    assert f"undone: {sent.run_id} (qbo_attach_demo)" in sent.err


def test_files_of_another_company_are_none_of_the_last_ones(sent):
    sent.run(undo, "x", QBO_REALM_ID="4711")

    assert sent.err.endswith("the last that can be undone: none yet\n")


def test_a_run_that_wrote_to_the_warehouse_alone_is_none_of_the_last_ones(desk):
    opened = (receipts.OPEN, WMS_RUNLOG.place, "0", "", "")
    told = [(*_NOW, run_id, "wms_apply", *opened) for run_id in ("r1", "r2")]
    receipts.append(desk.logs, *told)
    rows = [attempt("1", "updated", run_id="r1", target="qbd")]
    rows += [attempt("1", "updated", run_id="r2", target="wms")]
    append_in_turn(desk.logs / WMS_RUNLOG.name, Attempt, [row[:-1] for row in rows])

    desk.run(undo, "x")

    assert desk.err.endswith("undone: r1 (wms_apply)\n")


def test_without_any_run_there_is_none_to_name(desk):
    assert desk.run(undo, "x") == NOTHING_DONE

    assert "no such run" in desk.err and "none yet" in desk.err


def test_a_run_that_only_read_has_nothing_to_undo(sent):
    run_id = run_of(sent, "download_mapping_demo")

    assert sent.run(undo, run_id) == NOTHING_DONE

    assert "download_mapping_demo changed nothing outside" in sent.err


def test_the_run_of_undo_itself_is_no_run_that_acted(sent):
    sent.run(undo, sent.run_id)

    assert sent.run(undo, run_of(sent, "undo")) == NOTHING_DONE

    assert "only wrote a plan" in sent.err


def imported(desk: Desk) -> str:
    """Import something, twice, so that there is a copy; return the last run."""
    for _ in range(2):
        receipts.append(desk.logs, (*_NOW, "r-import", "customers_import", "run", *[""] * 4))
    return "r-import"


_NOW = ("2026-11-21T00:00:00.000000+00:00",)


def test_an_import_is_taken_back_by_the_copy_before_it(desk):
    run_id = imported(desk)
    copy = desk.root / f"data/carryover.db.before-{run_id}"
    copy.write_bytes(b"")

    assert desk.run(undo, run_id) == NOTHING_DONE

    assert f"put {copy.name} in its place" in desk.err


def test_an_import_whose_copy_is_gone_is_told_so(desk):
    assert desk.run(undo, imported(desk)) == NOTHING_DONE

    assert "is not there any more" in desk.err


def test_an_import_into_a_server_has_no_copy_of_ours(desk):
    run_id = imported(desk)

    assert desk.run(undo, run_id, DATABASE_URL="postgresql://h/d") == NOTHING_DONE

    assert "put back its own backup" in desk.err


def test_a_run_without_a_receipt_is_known_by_its_log(sent):
    (sent.logs / "receipts.csv").unlink()

    assert sent.run(undo, sent.run_id) == OK

    assert "2 to be deleted" in sent.out


def test_while_another_run_is_at_work_nothing_is_planned(sent):
    with Lock(sent.logs / "qbo_attach_runlog.lock"):
        assert sent.run(undo, sent.run_id) == LOCKED

    assert not plans.is_reverse(sent.path(PLAN), PLAN)


def test_a_reverse_plan_is_no_source_to_reconcile_with(sent):
    sent.run(undo, sent.run_id)

    assert sent.run(reconcile_attachments) == NOTHING_DONE

    assert 'takes a run back; run "make verify" first' in sent.err


def test_status_says_that_a_reverse_plan_waits_to_be_applied(sent):
    sent.run(undo, sent.run_id)

    sent.run(status)

    assert "next         make attach" in sent.out


def test_every_acting_door_has_a_way_back():
    ways = [acted.way() for acted in undoing.REMOTE]

    assert [way.door for way in ways] == [acted.door for acted in undoing.REMOTE]
