"""Uploads taken back: deleted once each, and only where nobody has edited them."""

from __future__ import annotations

import pytest

from src import reconcile_attachments, undo
from src.attachments.records import FINDINGS, PLAN, REVERSE
from src.kit import tables
from src.kit.errors import IN_DOUBT, OK, SOME_ROWS_FAILED, STOPPED_EARLY
from tests.attachments.afterwards import delete, edit, last_run, there
from tests.desk import Desk


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a desk whose three files were uploaded."""
    desk = Desk(tmp_path_factory.mktemp("uploaded") / "desk")
    desk.files("a.pdf", "b.pdf", "c.pdf")
    desk.prepare()
    assert desk.upload() == OK
    return desk


@pytest.fixture(scope="module")
def deleted(uploaded: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a desk whose three files were uploaded and taken back."""
    desk = Desk(tmp_path_factory.mktemp("deleted") / "desk")
    uploaded.copy_to(desk)
    desk.run(undo, last_run(desk.logs))
    assert desk.upload() == OK
    return desk


@pytest.fixture
def sent(uploaded: Desk, desk: Desk) -> Desk:
    """Return a desk whose three files were uploaded by the run `run_id`."""
    return begun(uploaded, desk)


@pytest.fixture
def undone(deleted: Desk, desk: Desk) -> Desk:
    """Return a desk whose three files were uploaded, and taken back by `run_id`."""
    return begun(deleted, desk)


def begun(before: Desk, desk: Desk) -> Desk:
    """Let a desk begin where another one is."""
    before.copy_to(desk)
    desk.run_id = last_run(desk.logs)
    return desk


def decide(desk: Desk, **decisions: str) -> None:
    """Fill in `decision` in the reverse plan, by file name without extension."""
    rows = [
        row._replace(decision=decisions.get(row.file_name[:-4], row.decision))
        for row in desk.rows(REVERSE)
    ]
    tables.write(desk.path(PLAN), REVERSE.row, rows)


# --- the way there and back ---------------------------------------------------------------


def test_what_a_run_uploaded_is_deleted(sent):
    sent.run(undo, sent.run_id)

    assert sent.upload() == OK

    assert there(sent.company) == {}
    assert "planned to delete 3, deleted 3" in sent.out


def test_the_next_plan_says_that_it_was_taken_back_and_by_which_run(undone):
    undone.verify()

    assert set(undone.statuses().values()) == {"taken_back"}
    assert undone.plan()["a.pdf"].reason == (
        f"taken back by run {undone.run_id}; decide send to send it again, skip to keep it out"
    )


def test_unattended_it_is_not_sent_again(undone):
    for _ in range(2):
        undone.prepare()
        undone.upload()

    assert there(undone.company) == {} and "3 read = 3 held" in undone.out


def test_what_people_decide_to_send_is_sent_again_and_no_news_after_that(undone):
    undone.verify()
    undone.decide(a="send", b="skip")

    assert undone.upload() == OK
    assert there(undone.company) == {"a.pdf": 1}
    undone.verify()

    statuses = {"a.pdf": "ok", "b.pdf": "taken_back", "c.pdf": "taken_back"}
    assert undone.statuses() == statuses
    assert "took over 1 decision" in undone.out and "not taken over" not in undone.out


def test_what_could_not_be_sent_again_still_waits_as_decided(undone):
    undone.verify()
    undone.decide(a="send")
    undone.scenario(",a.pdf,200:6041")
    assert undone.upload() == SOME_ROWS_FAILED

    undone.scenario()
    undone.verify()

    row = undone.plan()["a.pdf"]
    assert (row.status, row.decision) == ("taken_back", "send")


def test_other_content_is_another_upload(undone):
    (changed,) = undone.root.glob("files/**/a.pdf")
    changed.write_bytes(b"%PDF-1.4 signed")

    undone.prepare()
    undone.upload()

    assert there(undone.company) == {"a.pdf": 1}


def test_the_same_content_elsewhere_on_its_record_is_the_same_upload(undone):
    (first,) = undone.root.glob("files/**/a.pdf")
    moved = undone.root / "files/Attach/Other" / first.parent.relative_to(first.parents[2])
    moved.mkdir(parents=True)
    first.rename(moved / first.name)

    undone.prepare()

    assert undone.statuses()["a.pdf"] == "taken_back"
    assert "Attach/Other" in undone.plan()["a.pdf"].file_path


def test_a_file_that_was_only_touched_is_the_same_upload(undone):
    (touched,) = undone.root.glob("files/**/a.pdf")
    touched.touch()

    undone.prepare()

    assert undone.statuses()["a.pdf"] == "taken_back"


def test_a_mapping_to_another_record_makes_it_another_upload(undone):
    first = undone._mapping[0]
    undone._mapping[0] = first._replace(**{type(first)._fields[-1]: "77"})
    undone.mapping()

    undone.prepare()
    undone.upload()

    assert there(undone.company) == {"a.pdf": 1}


def test_what_is_the_same_as_a_file_that_was_taken_back_is_not_sent_instead(desk):
    for folder in ("One", "Two"):
        desk.file(f"{folder}/Txn/801A-1/x.pdf", b"%PDF-1.4 x")
    desk.mapping(("1A-1", "INVOICE", "INVOICE", "1001"))
    desk.prepare()
    desk.upload()
    desk.run(undo, last_run(desk.logs))
    desk.upload()

    desk.prepare()
    desk.upload()

    assert sorted(row.status for row in desk.rows(PLAN)) == ["same_content", "taken_back"]
    assert there(desk.company) == {}


def test_what_is_found_to_be_deleted_after_the_next_plan_waits_all_the_same(sent, served):
    sent.run(undo, sent.run_id)
    sent.scenario(",delete Attachable,drop_applied", "2-99,query,500")
    served.restart()
    assert sent.upload() == IN_DOUBT, sent.out
    sent.scenario()
    served.restart()
    (touched,) = sent.root.glob("files/**/a.pdf")
    touched.touch()
    sent.prepare()

    sent.upload()

    assert there(sent.company) == {}, sent.out
    assert "3 file(s) taken back since they were planned; run make verify" in sent.out
    sent.verify()
    assert set(sent.statuses().values()) == {"taken_back"}


def test_a_link_that_people_decided_on_before_the_undo_is_on_hold(sent):
    sent.file("Client/Txn/80FF-1/lost.pdf")
    sent.prepare()
    sent.decide(lost="link:Invoice:7")
    sent.upload()
    sent.run(undo, last_run(sent.logs))
    sent.upload()

    sent.verify()
    assert "1 decision(s) on hold: the upload was taken back since" in sent.out
    sent.upload()

    assert "lost.pdf" not in there(sent.company)
    assert sent.plan()["lost.pdf"].decision == "hold"


def test_a_link_that_people_decided_on_after_the_undo_is_carried_out(sent):
    sent.file("Client/Txn/80FF-1/lost.pdf")
    sent.prepare()
    sent.decide(lost="link:Invoice:7")
    sent.upload()
    sent.run(undo, last_run(sent.logs))
    sent.upload()
    sent.verify()

    sent.decide(lost="link:Invoice:7")
    sent.verify()
    sent.upload()

    assert there(sent.company)["lost.pdf"] == 1


def test_what_a_reconciliation_found_removed_is_sent_again_as_before(sent):
    delete(sent.company, "a.pdf")
    sent.run(reconcile_attachments)
    [found] = sent.rows(FINDINGS)
    tables.write(sent.path(FINDINGS), FINDINGS.row, [found._replace(decision="removed")])
    sent.run(reconcile_attachments, "--apply")
    assert sent.outcomes()["removed"] == 1, sent.out

    sent.verify()
    sent.upload()

    assert there(sent.company)["a.pdf"] == 1


def test_the_log_has_a_row_for_the_file_and_one_for_the_attempt(sent):
    sent.run(undo, sent.run_id)
    sent.upload()

    last = sent.log()[-6:]
    keys = {row.key for row in sent.log() if row.outcome == "uploaded"}
    assert [row.outcome for row in last] == ["removed", "closed"] * 3
    assert {row.key for row in last[::2]} == keys and all(row.attempt for row in last[1::2])
    assert all(row.error.endswith(f"uploaded by {sent.run_id}") for row in last[::2])


def test_a_deletion_that_was_tried_again_is_no_failure(sent):
    sent.run(undo, sent.run_id)
    sent.scenario("1,delete Attachable,429:0")

    assert sent.upload() == OK

    assert "qbo_attach_demo: 3 removed; 1 tried again\n" in sent.out
    assert "3 read = 3 out\n" in sent.out


def test_both_say_what_becomes_of_the_files_and_the_next_plan_has_it_so(sent):
    said = "waits for a person in the next plan (make verify); send in decision sends it again"

    sent.run(undo, sent.run_id)
    assert said in sent.out
    sent.upload()
    assert said in sent.out
    sent.verify()

    assert {row.status for row in sent.plan().values()} == {"taken_back"}


def test_only_that_run_is_taken_back(sent):
    sent.files("d.pdf")
    sent.prepare()
    sent.upload()

    sent.run(undo, sent.run_id)
    sent.upload()

    assert there(sent.company) == {"d.pdf": 1}


def test_taking_back_twice_finds_nothing_to_do(sent):
    sent.run(undo, sent.run_id)
    sent.upload()
    before = sent.path(PLAN).read_bytes()

    assert sent.run(undo, sent.run_id) == OK

    assert "3 taken back before" in sent.out and "next" not in sent.out
    assert sent.path(PLAN).read_bytes() == before


def test_applying_twice_deletes_nothing_more(sent):
    sent.run(undo, sent.run_id)
    sent.upload()
    rows = len(sent.log())

    assert sent.upload() == OK

    assert "3 read = 3 skipped" in sent.out and len(sent.log()) == rows


def test_a_limit_takes_back_a_part_and_the_next_run_goes_on(sent):
    sent.run(undo, sent.run_id)

    assert sent.upload("--limit", "2") == STOPPED_EARLY
    assert there(sent.company) == {"a.pdf": 1}
    assert sent.upload() == OK

    assert there(sent.company) == {}


def test_a_dry_run_says_what_would_be_deleted(sent):
    sent.run(undo, sent.run_id)
    rows = len(sent.log())

    assert sent.upload("--dry-run") == OK

    assert "3 would be deleted" in sent.out
    assert len(sent.log()) == rows and sum(there(sent.company).values()) == 3


def test_a_deletion_is_no_run_that_can_be_taken_back(sent):
    sent.run(undo, sent.run_id)
    sent.upload()

    assert sent.run(undo, last_run(sent.logs)) == OK

    assert "nothing to do" in sent.out


def test_over_http_the_same_happens(desk, served):
    desk.files("a.pdf", "b.pdf")
    desk.prepare()
    desk.upload()

    assert desk.run(undo, last_run(desk.logs)) == OK, desk.err
    assert desk.upload() == OK, desk.out

    assert there(desk.company) == {}
    deletions = [one for one in served.requests("/attachable") if one.method == "POST"]
    assert len(deletions) == 2


# --- what people did meanwhile ------------------------------------------------------------


def test_what_was_edited_before_the_undo_stays_and_is_named(sent):
    edit(sent.company, "b.pdf", Note="the signed one")

    assert sent.run(undo, sent.run_id) == SOME_ROWS_FAILED

    assert "kept: b.pdf (Invoice 1002, attachable" in sent.out
    assert "it was edited there since" in sent.out
    sent.upload()
    assert there(sent.company) == {"b.pdf": 1}


def test_what_was_edited_between_undo_and_apply_stays_and_is_named(sent):
    sent.run(undo, sent.run_id)
    edit(sent.company, "b.pdf", Note="the signed one")

    assert sent.upload() == SOME_ROWS_FAILED

    assert "kept: b.pdf (Invoice 1002" in sent.out
    assert there(sent.company) == {"b.pdf": 1}
    assert sent.outcomes()["held"] == 1


def test_what_was_kept_is_not_asked_for_again_by_the_same_plan(sent):
    sent.run(undo, sent.run_id)
    edit(sent.company, "b.pdf", Note="the signed one")
    sent.upload()

    assert sent.upload() == OK

    assert "3 read = 2 skipped + 1 held" in sent.out


def test_what_a_person_hung_on_another_record_stays(sent):
    owner = {"type": "Invoice", "value": "7"}
    edit(sent.company, "a.pdf", AttachableRef=[{"EntityRef": owner}])

    sent.run(undo, sent.run_id)
    sent.upload()

    assert there(sent.company) == {"a.pdf": 1}


def test_what_is_gone_already_counts_as_removed(sent):
    delete(sent.company, "a.pdf")
    sent.run(undo, sent.run_id)
    delete(sent.company, "b.pdf")

    assert sent.upload() == OK

    assert sent.outcomes()["removed"] == 3
    sent.verify()
    assert set(sent.statuses().values()) == {"taken_back"}


def test_what_people_decide_in_the_reverse_plan_counts(sent):
    sent.run(undo, sent.run_id)
    decide(sent, a="skip", b="hold", c="send")

    sent.upload()

    assert sum(there(sent.company).values()) == 3
    assert "3 read = 1 skipped + 2 held" in sent.out
    assert "1 decision(s) not understood (skip, hold)" in sent.out


def test_a_row_that_was_changed_elsewhere_deletes_nothing(sent):
    sent.run(undo, sent.run_id)
    first, second, third = sent.rows(REVERSE)
    other = first._replace(attachable_id=second.attachable_id)
    tables.write(sent.path(PLAN), REVERSE.row, [other, third])

    assert sent.upload() == OK

    assert there(sent.company) == {"b.pdf": 1, "c.pdf": 1}
    assert "changed elsewhere than in decision" in sent.out and "are missing" in sent.out


def test_files_that_a_person_adopted_were_there_before_and_stay(desk):
    desk.files("a.pdf")
    desk.prepare()
    desk.decide(a="adopt:4711")
    desk.upload()

    assert desk.run(undo, last_run(desk.logs)) == SOME_ROWS_FAILED

    assert "1 file(s) were there before this run" in desk.out
    assert not desk.rows(PLAN)[0].row.startswith("u")


@pytest.mark.parametrize("lost", [("runlog",), ("runlog", "inflight")])
def test_where_the_log_is_lost_before_the_deletions_it_knows_them_in_the_end(sent, lost):
    sent.run(undo, sent.run_id)
    for name in lost:
        (sent.logs / f"qbo_attach_{name}.csv").unlink(missing_ok=True)

    assert sent.upload() == OK

    words = {row.key: row.outcome for row in sent.log()}
    assert set(words.values()) == {"removed", "closed"} and there(sent.company) == {}


# --- answers that get lost ----------------------------------------------------------------


@pytest.mark.parametrize("fate", ["drop_applied", "500_applied", "500", "429:0", "cut_applied"])
def test_a_deletion_whose_answer_is_lost_is_looked_up(sent, fate):
    sent.run(undo, sent.run_id)
    sent.scenario(f"1,delete Attachable,{fate}", f"2,delete Attachable,{fate}")

    codes = [sent.upload(), sent.upload()]

    assert codes[-1] == OK, sent.out
    assert there(sent.company) == {}


def test_a_deletion_that_is_refused_leaves_the_file_known_as_sent(sent):
    sent.run(undo, sent.run_id)
    sent.scenario("1-99,delete Attachable,400:6000")

    assert sent.upload() == SOME_ROWS_FAILED

    sent.scenario()
    assert sent.verify() == OK and "already there: 3 files" in sent.out
    sent.upload()
    assert there(sent.company) == {"a.pdf": 1, "b.pdf": 1, "c.pdf": 1}
