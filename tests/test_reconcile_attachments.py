"""The door that reconciles: each class made to happen, verdicts, what comes after."""

from __future__ import annotations

import os
import re
from collections import Counter
from random import Random

import pytest

from src import config, reconcile_attachments
from src.adapters.fakes.ledger import CREATED, DELETED, Effect
from src.attachments.records import FINDINGS, INVENTORY, PLAN, RUNLOG, TOTALS
from src.kit import errors, runlog, tables
from src.kit.locks import Lock
from tests.desk import SECOND, Desk


@pytest.fixture
def sent(desk):
    """Return a desk whose three files a, b and c were sent."""
    desk.files("a.pdf", "b.pdf", "c.pdf")
    assert desk.prepare() == 0
    assert desk.upload() == 0
    return desk


def reconcile(desk, *options: str, **settings: str) -> int:
    return desk.run(reconcile_attachments, *options, **settings)


def apply(desk, *options: str, **settings: str) -> int:
    return reconcile(desk, "--apply", *options, **settings)


def findings(desk) -> dict[str, tuple[str, str]]:
    """Return class and proposed action of each finding, by file name."""
    return {row.file_name: (row.class_, row.action) for row in desk.rows(FINDINGS)}


def finding(desk, name: str = "b.pdf"):
    return next(row for row in desk.rows(FINDINGS) if row.file_name == name)


def change_findings(desk, change) -> None:
    rows = [row for row in map(change, desk.rows(FINDINGS)) if row is not None]
    tables.write(desk.path(FINDINGS), FINDINGS.row, rows)


def decide(desk, decision: str) -> None:
    change_findings(desk, lambda row: row._replace(decision=decision))


def change_company(desk, change) -> None:
    """Let every attachable be what `change` returns, several, or none."""
    ledger = desk.company / "ledger.csv"
    effects = [Effect(*map(runlog.text, row)) for row in runlog.rows(ledger, Effect)]
    with tables.writing(ledger, Effect) as append:
        for effect in effects:
            became = change(effect) if effect.status == CREATED else [effect]
            for one in became or [effect._replace(status=DELETED)]:
                append(tables.checked(one[:-1]))


def for_b(*became: dict[str, str]):
    """Return the change that makes b.pdf there into these, and leaves the others."""

    def change(effect):
        if effect.file_name != "b.pdf":
            return [effect]
        return [effect._replace(**one) for one in became]

    return change


GONE = for_b()
TWICE = for_b({}, {"id": "77"})


def balance(desk) -> str:
    return re.search(r"[\d,]+ read = .*", desk.out).group()


def log_bytes(desk) -> bytes:
    return desk.path(RUNLOG).read_bytes()


def forget_everything(desk) -> None:
    """Delete log, journal and receipts; plan anew, as the receipts knew the old plan."""
    for path in desk.logs.iterdir():
        path.unlink()
    assert desk.verify() == 0


def take_away_and_send_again(desk) -> None:
    change_company(desk, GONE)
    reconcile(desk)
    decide(desk, "removed")
    apply(desk)
    desk.upload()


def received(desk) -> list[str]:
    return sorted(desk.received())


# --- each class -----------------------------------------------------------------------


def test_what_agrees_is_counted_and_no_row(sent):
    assert reconcile(sent) == errors.OK

    assert findings(sent) == {}
    assert "3 in_sync" in sent.out
    assert balance(sent) == "9 read = 9 out"  # three rows, three log keys, three there


def test_a_file_that_was_never_sent_is_missing(sent):
    sent.files("d.pdf")
    sent.prepare()

    assert reconcile(sent) == errors.SOME_ROWS_FAILED

    assert findings(sent) == {"d.pdf": ("missing", "send")}


def test_what_a_person_attached_there_is_extra_and_nothing_is_proposed(sent):
    change_company(sent, for_b({}, {"id": "7", "tag": "", "file_name": "own.pdf"}))

    assert reconcile(sent) == errors.OK

    assert findings(sent) == {"own.pdf": ("extra", "")}
    assert "attached it by hand" in finding(sent, "own.pdf").reason


@pytest.mark.parametrize("tag", ["carryover:k" + 32 * "0", "carryover:by hand"])
def test_a_mark_that_nobody_knows_is_extra(sent, tag):
    change_company(sent, for_b({}, {"id": "7", "tag": tag, "file_name": "x.pdf"}))

    reconcile(sent)

    assert findings(sent) == {"x.pdf": ("extra", "")}


def test_a_file_with_new_content_is_changed_here(sent):
    sent.file(f"Client/Txn/803EA-{SECOND}/b.pdf", b"%PDF-1.4 another")
    sent.prepare()

    reconcile(sent)

    assert findings(sent) == {"b.pdf": ("changed_here", "send")}
    assert finding(sent).logged_id == finding(sent).company_id != ""


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ({"size_bytes": "5"}, "5 bytes, 14 were sent"),
        ({"file_name": "z.pdf"}, "named z.pdf"),
        ({"entity_id": "9"}, "attached to INVOICE 9"),
        ({"entity_type": "Bill"}, "attached to Bill 1002"),
        ({"id": "77"}, "the log has id 5000000000000412001"),
    ],
)
def test_what_differs_from_what_was_sent_is_changed_there(sent, there, reason):
    change_company(sent, for_b(there))

    reconcile(sent)

    assert findings(sent) == {"b.pdf": ("changed_there", "hold")}
    assert finding(sent).reason.casefold() == reason.casefold()


def test_what_was_sent_and_is_gone_is_logged_but_absent(sent):
    change_company(sent, GONE)

    reconcile(sent)

    assert findings(sent) == {"b.pdf": ("logged_but_absent", "hold")}


def test_what_is_there_without_a_log_is_present_but_not_logged(sent):
    forget_everything(sent)

    reconcile(sent)

    assert set(findings(sent).values()) == {("present_but_not_logged", "adopt")}
    assert len(findings(sent)) == 3


def test_the_same_mark_twice_is_a_duplicate_with_both_ids(sent):
    change_company(sent, TWICE)

    reconcile(sent)

    assert findings(sent) == {"b.pdf": ("duplicate", "hold")}
    assert finding(sent).company_id == "5000000000000412001 77"


def test_a_file_that_two_others_share_a_name_with_is_in_sync_under_its_own(desk):
    for number, content in enumerate((b"%PDF-1.4 1", b"%PDF-1.4 22")):
        desk.file(f"Client/Txn/80{number}A-{SECOND}/scan.pdf", content)
        desk.mapping((f"{number}A-{SECOND}", "INVOICE", "INVOICE", "1001"))
    desk.prepare()
    desk.upload()

    assert reconcile(desk) == errors.OK
    assert received(desk)[0] != "scan.pdf"


def test_a_touched_file_is_in_sync_in_the_year_that_it_has_now(sent):
    for path in sent.root.glob("files/Attach/**/*.pdf"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    sent.prepare()

    assert reconcile(sent) == errors.OK
    assert [row.year for row in sent.rows(TOTALS)] == ["2020", ""]


def test_a_file_that_left_the_plan_is_mentioned_and_no_difference(sent):
    sent.decide(b="skip")

    assert reconcile(sent) == errors.OK

    assert "1 sent and there, but in no row of the plan now" in sent.out
    assert balance(sent) == "9 read = 8 out + 1 skipped"


def test_another_realms_log_is_not_compared(sent):
    reconcile(sent, QBO_REALM_ID="42")

    assert "3 missing" in sent.out
    assert "logged_but_absent" not in sent.out


def test_a_file_that_cannot_be_read_is_named(desk):
    desk.files("a.pdf", "b.pdf")
    desk.prepare()
    next(desk.root.rglob("b.pdf")).unlink()

    assert reconcile(desk) == errors.SOME_ROWS_FAILED

    assert "b.pdf: it is gone" in desk.out
    assert balance(desk) == "2 read = 1 out + 1 failed"


# --- totals ---------------------------------------------------------------------------


def test_the_totals_of_all_three_sides_are_equal_where_all_is_in_sync(sent):
    reconcile(sent)

    size = str(3 * 14)
    *_, total = sent.rows(TOTALS)
    assert total == ("total", "", *("3", size) * 3, "0", "0")


def test_the_last_row_is_the_sum_of_the_others(sent):
    change_company(sent, for_b({"ts": "2019-05-01T00:00:00+00:00", "tag": ""}))
    sent.files("d.pdf")
    sent.prepare()
    reconcile(sent)

    *rows, total = sent.rows(TOTALS)

    sums = [sum(map(int, column)) for column in zip(*(row[2:] for row in rows))]
    assert list(map(int, total[2:])) == sums == [4, 56, 3, 42, 2, 28, 1, 14]
    assert {row.year for row in rows} == {"2014", "2019"}


# --- verdicts -------------------------------------------------------------------------


def test_adopting_after_the_log_was_lost_leaves_nothing_to_send(sent):
    forget_everything(sent)
    reconcile(sent)
    before = received(sent)

    assert apply(sent) == errors.OK
    assert sent.outcomes() == {"adopted": 3}
    assert reconcile(sent) == errors.OK

    assert sent.upload() == errors.OK
    assert received(sent) == before
    assert sent.outcomes() == {"adopted": 3, "skipped_already_uploaded": 3}
    assert "effects there first" not in sent.out


@pytest.mark.parametrize("verdict", ["removed", "send"])
def test_what_was_taken_away_there_is_sent_once_more_and_never_twice(sent, verdict):
    change_company(sent, GONE)
    reconcile(sent)
    decide(sent, verdict)

    assert apply(sent) == errors.OK
    assert sent.upload() == errors.OK
    assert "effects there first" not in sent.out
    assert sent.upload() == errors.OK

    assert received(sent) == ["a.pdf", "b.pdf", "c.pdf"]
    assert reconcile(sent) == errors.OK


def test_an_answer_that_a_server_replays_for_what_is_gone_is_found_out(sent):
    # With the log the generation was lost too, so the second new sending goes under the
    # id of the first one, and a server that remembers it answers without attaching.
    take_away_and_send_again(sent)
    forget_everything(sent)
    reconcile(sent)
    apply(sent)

    take_away_and_send_again(sent)

    reconcile(sent)
    assert findings(sent) == {"b.pdf": ("logged_but_absent", "hold")}
    decide(sent, "removed")
    apply(sent)
    sent.upload()

    assert reconcile(sent) == errors.OK


def test_what_is_sent_again_goes_under_another_request_id(sent):
    change_company(sent, GONE)
    reconcile(sent)
    decide(sent, "removed")
    apply(sent)
    sent.upload()

    first, _, again = (row for row in sent.log() if row.file_name == "b.pdf" and row.key)
    assert first.request_id != again.request_id != ""


def test_without_a_verdict_what_was_taken_away_is_not_sent_again(sent):
    change_company(sent, GONE)
    reconcile(sent)

    assert apply(sent) == errors.OK
    sent.upload()

    assert received(sent) == ["a.pdf", "c.pdf"]


def test_removed_twice_is_sent_twice_each_time_once(sent):
    for _ in range(2):
        change_company(sent, GONE)
        reconcile(sent)
        decide(sent, "removed")
        apply(sent)
        assert sent.upload() == errors.OK

    assert received(sent) == ["a.pdf", "b.pdf", "c.pdf"]
    assert sent.outcomes()["removed"] == 2


def test_adopting_one_of_several_stops_the_uploader_not_the_finding(sent):
    change_company(sent, TWICE)
    reconcile(sent)
    decide(sent, "adopt:77")

    assert apply(sent) == errors.OK
    sent.upload()
    reconcile(sent)

    assert sent.received().count("b.pdf") == 2
    assert finding(sent).reason.endswith("(adopted: 77)")
    change_company(sent, lambda one: [one] if one.id != "5000000000000412001" else [])
    assert reconcile(sent) == errors.OK


def test_adopting_one_of_several_ends_the_doubt_of_the_uploader(sent):
    forget_everything(sent)
    change_company(sent, TWICE)
    assert sent.upload() == errors.IN_DOUBT
    reconcile(sent)
    assert findings(sent) == {"b.pdf": ("duplicate", "hold")}
    decide(sent, "adopt:77")

    assert apply(sent) == errors.OK

    assert sent.upload() == errors.OK
    assert sent.received().count("b.pdf") == 2
    sent.upload()
    assert "effects there first" not in sent.out


def test_what_is_taken_as_it_is_there_is_in_sync_from_then_on(sent):
    change_company(sent, for_b({"size_bytes": "5", "file_name": "z.pdf"}))
    reconcile(sent)
    decide(sent, "adopt")

    assert apply(sent) == errors.OK

    assert reconcile(sent) == errors.OK


def test_an_attachable_without_a_mark_may_be_adopted_for_a_missing_one(sent):
    change_company(sent, for_b({"id": "7", "tag": ""}))
    reconcile(sent)
    change_findings(sent, lambda r: r._replace(decision="adopt:7" if r.key else ""))

    assert apply(sent) == errors.OK

    assert reconcile(sent) == errors.OK
    sent.upload()
    assert sent.received().count("b.pdf") == 1


def test_the_older_content_there_may_be_taken_for_the_newer_file(sent):
    sent.file(f"Client/Txn/803EA-{SECOND}/b.pdf", b"%PDF-1.4 another")
    sent.prepare()
    reconcile(sent)
    decide(sent, "adopt")

    assert apply(sent) == errors.OK

    assert reconcile(sent) == errors.OK
    sent.upload()
    assert len(sent.received()) == 3


def test_a_changed_file_is_sent_by_the_next_upload_beside_the_old_one(sent):
    sent.file(f"Client/Txn/803EA-{SECOND}/b.pdf", b"%PDF-1.4 another")
    sent.prepare()
    reconcile(sent)
    before = log_bytes(sent)

    assert apply(sent) == errors.OK

    assert "1 left to the next upload" in sent.out
    assert log_bytes(sent) == before
    sent.upload()
    assert reconcile(sent) == errors.OK


def test_a_file_that_was_held_and_is_not_there_is_sent_on_a_persons_word(desk):
    desk.files("b.pdf")
    desk.scenario("1,b.pdf,wrong_size")
    desk.prepare()
    desk.upload()
    change_company(desk, GONE)
    reconcile(desk)
    assert findings(desk) == {"b.pdf": ("missing", "hold")}
    desk.scenario()
    decide(desk, "send")

    assert apply(desk) == errors.OK
    desk.upload()

    assert desk.outcomes() == {"held": 1, "absent": 1, "uploaded": 1}
    assert len(desk.received()) == 1


VERDICTS = [
    (GONE, "removed"),
    (GONE, "send"),
    (TWICE, "adopt:77"),
    (for_b({"size_bytes": "5"}), "adopt"),
]


@pytest.mark.parametrize(("became", "verdict"), VERDICTS)
def test_applying_twice_changes_nothing(sent, became, verdict):
    change_company(sent, became)
    reconcile(sent)
    decide(sent, verdict)
    apply(sent)
    before = log_bytes(sent)

    assert apply(sent) == errors.OK

    assert log_bytes(sent) == before
    assert "1 already so" in sent.out


@pytest.mark.parametrize(("became", "verdict"), VERDICTS)
def test_a_dry_run_counts_what_would_be_written_and_writes_nothing(sent, became, verdict):
    change_company(sent, became)
    reconcile(sent)
    decide(sent, verdict)
    before = log_bytes(sent)

    assert apply(sent, "--dry-run") == errors.OK

    assert balance(sent) == "1 read = 1 out"
    assert "a dry run" in sent.out and log_bytes(sent) == before


@pytest.mark.parametrize(
    ("became", "verdict"),
    [
        (GONE, "adopt"),
        (GONE, "sned"),
        (GONE, "removed:7"),
        (TWICE, "adopt"),
        (TWICE, "adopt:78"),
        (TWICE, "removed"),
        (TWICE, "send"),
        (for_b({"size_bytes": "5"}), "send"),
        (for_b({"size_bytes": "5"}), "removed"),
        (for_b({}, {"id": "7", "tag": ""}), "adopt"),
    ],
)
def test_a_verdict_that_makes_no_sense_is_held_and_named(sent, became, verdict):
    change_company(sent, became)
    reconcile(sent)
    decide(sent, verdict)
    before = log_bytes(sent)

    assert apply(sent) == errors.SOME_ROWS_FAILED

    assert re.search(f"row takes [^:]*(?::<id>)?.*, hold: {finding(sent).row}", sent.out)
    assert (balance(sent), log_bytes(sent)) == ("1 read = 1 held", before)


@pytest.mark.parametrize(
    ("planned", "meanwhile", "verdict"),
    [
        (GONE, for_b({}), "removed"),
        (TWICE, for_b({}), "adopt:77"),
        (for_b({"size_bytes": "5"}), for_b({"size_bytes": "6"}), "adopt"),
        (for_b({"size_bytes": "5"}), TWICE, "adopt"),
    ],
)
def test_a_row_that_the_company_overtook_is_skipped_and_named(
    sent, planned, meanwhile, verdict
):
    ledger = (sent.company / "ledger.csv").read_bytes()
    change_company(sent, planned)
    reconcile(sent)
    decide(sent, verdict)
    (sent.company / "ledger.csv").write_bytes(ledger)
    change_company(sent, meanwhile)

    assert apply(sent) == errors.SOME_ROWS_FAILED

    assert balance(sent) == "1 read = 1 failed"
    assert f"changed since: {finding(sent).row}" in sent.out


def test_a_row_that_the_log_overtook_is_skipped_and_named(sent):
    change_company(sent, GONE)
    reconcile(sent)
    decide(sent, "removed")
    apply(sent)
    sent.upload()
    before = log_bytes(sent)

    assert apply(sent) == errors.SOME_ROWS_FAILED

    assert log_bytes(sent) == before


# --- damaged plans --------------------------------------------------------------------


def test_a_row_changed_elsewhere_than_in_decision_is_held_and_named(sent):
    change_company(sent, GONE)
    reconcile(sent)
    change_findings(sent, lambda row: row._replace(decision="send", logged_id="1"))

    assert apply(sent) == errors.SOME_ROWS_FAILED

    assert "changed elsewhere than in decision: r" in sent.out
    assert balance(sent) == "1 read = 1 held"


def test_a_row_of_another_reconciliation_is_held(sent):
    change_company(sent, GONE)
    reconcile(sent)
    decide(sent, "removed")
    old = sent.path(FINDINGS).read_bytes()
    reconcile(sent)
    sent.path(FINDINGS).write_bytes(old)

    apply(sent)

    assert balance(sent) == "1 read = 1 held"


def test_a_row_that_is_missing_is_held_and_counted(sent):
    change_company(sent, GONE)
    reconcile(sent)
    change_findings(sent, lambda row: None)

    assert apply(sent) == errors.OK

    assert "held: 1 row(s) of the plan are missing" in sent.out
    assert balance(sent) == "1 read = 1 held"


def test_a_row_that_stands_there_twice_is_written_once(sent):
    change_company(sent, GONE)
    reconcile(sent)
    decide(sent, "removed")
    tables.write(sent.path(FINDINGS), FINDINGS.row, 2 * sent.rows(FINDINGS))

    apply(sent)

    assert sent.outcomes()["removed"] == 1


def test_a_ragged_row_is_rejected(sent):
    change_company(sent, GONE)
    reconcile(sent)
    path = sent.path(FINDINGS)
    path.write_bytes(path.read_bytes() + b"cut,\n")

    assert apply(sent) == errors.SOME_ROWS_FAILED

    assert "1 rejected" in balance(sent)


def test_a_new_reconciliation_takes_the_decisions_over(sent):
    change_company(sent, GONE)
    reconcile(sent)
    decide(sent, "removed")

    reconcile(sent)

    assert "took over 1 decision(s)" in sent.out
    assert finding(sent).decision == "removed"


def test_a_damaged_row_of_the_source_plan_is_held_and_makes_it_1(sent):
    sent.change_plan(
        lambda row: row._replace(client="x") if row.file_name == "b.pdf" else row
    )

    assert reconcile(sent) == errors.SOME_ROWS_FAILED

    assert "1 row(s) changed elsewhere than in decision" in sent.out
    assert balance(sent) == "9 read = 8 out + 1 held"


# --- books, locks, exit codes ---------------------------------------------------------


def test_a_log_that_was_not_sealed_is_not_sealed_by_verdicts(sent):
    sent.path(RUNLOG).write_bytes(log_bytes(sent).replace(b"uploaded", b"failed", 1))
    reconcile(sent)

    assert apply(sent) == errors.OK
    sent.upload()

    assert "effects there first, because" in sent.out
    assert received(sent) == ["a.pdf", "b.pdf", "c.pdf"]


def test_what_was_not_adopted_is_found_by_the_next_upload(sent):
    forget_everything(sent)
    reconcile(sent)
    change_findings(
        sent, lambda r: r._replace(decision="skip" if r.file_name == "b.pdf" else "")
    )

    apply(sent)
    sent.upload()

    assert received(sent) == ["a.pdf", "b.pdf", "c.pdf"]
    assert sent.outcomes()["recovered"] == 1


def test_a_new_attachment_of_ours_between_keeps_the_count_out_of_the_seal(sent):
    ledger = (sent.company / "ledger.csv").read_bytes()
    change_company(sent, GONE)
    forget_everything(sent)
    reconcile(sent)
    (sent.company / "ledger.csv").write_bytes(ledger)

    apply(sent)
    sent.upload()

    assert received(sent) == ["a.pdf", "b.pdf", "c.pdf"]


@pytest.mark.parametrize("options", [(), ("--apply",)])
def test_a_run_at_the_same_time_is_75(sent, options):
    reconcile(sent)
    with Lock(sent.logs / "qbo_attach_runlog.lock"):
        assert reconcile(sent, *options) == errors.LOCKED


def test_without_a_plan_nothing_is_done_and_the_command_is_named(desk):
    assert reconcile(desk) == errors.NOTHING_DONE
    assert 'run "make verify" first' in desk.err

    assert apply(desk) == errors.NOTHING_DONE
    assert 'run "make reconcile" first' in desk.err


def test_reconciling_changes_neither_log_nor_journal_nor_seal(sent):
    before = log_bytes(sent)
    reconcile(sent)

    sent.upload("--limit=1")

    assert log_bytes(sent).startswith(before)
    assert "effects there first" not in sent.out
    assert len(sent.rows(PLAN)) == len(sent.rows(INVENTORY)) == 3


def test_the_whole_way_is_the_same_on_a_second_machine_without_logs(sent, tmp_path):
    other = Desk(tmp_path / "other")
    for name in ("FILES_DIR", "DATA_DIR"):
        other.settings[name] = sent.settings[name]
    other.verify()
    reconcile(other)

    assert apply(other) == errors.OK
    other.upload()

    assert received(sent) == ["a.pdf", "b.pdf", "c.pdf"]


# --- anything at all ------------------------------------------------------------------


def lose_the_log(desk, dice) -> None:
    forget_everything(desk)


def lose_one_there(desk, dice) -> None:
    lost = dice.choice(desk.effects() or [None])
    change_company(desk, lambda one: [] if one == lost else [one])


def double_one_there(desk, dice) -> None:
    lucky = dice.choice(desk.effects() or [None])
    more = str(dice.randrange(10**9))
    change_company(desk, lambda e: [e, e._replace(id=more)] if e == lucky else [e])


def change_one_there(desk, dice) -> None:
    changed = dice.choice(desk.effects() or [None])
    change_company(desk, lambda e: [e._replace(size_bytes="1") if e == changed else e])


def change_one_here(desk, dice) -> None:
    path = dice.choice(sorted(desk.root.glob("files/Attach/**/*.pdf")))
    path.write_bytes(b"%PDF-1.4 " + str(dice.randrange(3)).encode())
    desk.prepare()


def add_one_here(desk, dice) -> None:
    desk.files(f"{dice.randrange(10**6)}.pdf")
    desk.prepare()


def upload(desk, dice) -> None:
    desk.upload(*dice.choice([(), ("--limit=1",)]))


STEPS = (
    lose_the_log,
    lose_one_there,
    double_one_there,
    change_one_there,
    change_one_here,
    add_one_here,
    upload,
)
ANSWERS = {
    "missing": ("", "send"),
    "changed_here": ("", "send", "adopt"),
    "changed_there": ("adopt",),
    "logged_but_absent": ("removed", "send"),
    "present_but_not_logged": ("", "adopt"),
    "duplicate": ("adopt:{0}",),
    "extra": ("",),
}


def decide_everything(desk, dice) -> None:
    def decided(row):
        answer = dice.choice(ANSWERS[row.class_])
        return row._replace(decision=answer.format(*row.company_id.split()[:1]))

    change_findings(desk, decided)


@pytest.mark.parametrize("seed", range(25))
def test_whatever_happens_verdicts_and_an_upload_put_it_right(sent, seed):
    dice = Random(seed)
    for _ in range(5):
        dice.choice(STEPS)(sent, dice)
        reconcile(sent)
        decide_everything(sent, dice)
        had = Counter(effect.tag for effect in sent.effects())

        assert apply(sent) == errors.OK
        assert sent.upload() == errors.OK

        has = Counter(effect.tag for effect in sent.effects())
        assert all(count == max(1, had[tag]) for tag, count in has.items())
        reconcile(sent)
        left = {row.class_ for row in sent.rows(FINDINGS)}
        assert left <= {"duplicate", "extra"}


def test_a_file_that_changed_on_disk_since_the_plan_is_named(sent):
    sent.file("Client/Txn/803EA-1409571840/b.pdf", b"another content")

    assert reconcile(sent) == errors.SOME_ROWS_FAILED

    assert "b.pdf: it changed since the inventory; run make inventory verify" in sent.out


def test_names_that_travel_otherwise_are_in_sync(desk):
    desk.files("odd \x1b name.pdf", "two\nlines.pdf")
    desk.prepare()
    desk.upload()
    change_company(
        desk,
        lambda effect: [
            effect._replace(file_name=config.normalize_sent_name(effect.file_name))
        ],
    )

    assert reconcile(desk) == errors.OK


def test_a_dry_run_without_apply_is_refused(sent):
    assert reconcile(sent, "--dry-run") == errors.NOTHING_DONE


def test_a_verdict_in_the_log_names_the_legacy_record(sent):
    forget_everything(sent)
    reconcile(sent)

    assert apply(sent) == errors.OK

    assert {row.legacy_txnid_norm for row in sent.log()} == {
        row.legacy_txnid_norm for row in sent.plan().values()
    }
