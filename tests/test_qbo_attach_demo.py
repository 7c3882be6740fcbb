"""The door that uploads: exit codes, messages, limits, dry run, re-saved files."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from src import config, qbo_attach_demo
from src.attachments.records import INVENTORY, PLAN, RUNLOG
from src.kit import errors, tables
from src.kit.locks import Lock


@pytest.fixture
def planned(desk):
    """Return a desk with five planned files."""
    desk.files("a.pdf", "b.pdf", "c.pdf", "d.pdf", "e.pdf")
    assert desk.prepare() == 0
    return desk


def balance(desk) -> str:
    found = re.search(r"\S+ read = .*", desk.out)
    return found.group() if found else desk.out + desk.err


# --- exit codes -----------------------------------------------------------------------


def test_everything_sent_is_0(planned):
    assert planned.upload() == errors.OK

    assert planned.received() == ["a.pdf", "b.pdf", "c.pdf", "d.pdf", "e.pdf"]
    assert balance(planned) == "5 read = 5 out"
    assert "planned to send 5, arrived 5" in planned.out
    assert "next: make status" in planned.out


def test_a_file_that_fails_is_1_and_the_others_arrive(planned):
    planned.scenario(",c.pdf,200:6041")

    assert planned.upload() == errors.SOME_ROWS_FAILED

    assert planned.received() == ["a.pdf", "b.pdf", "d.pdf", "e.pdf"]
    assert balance(planned) == "5 read = 4 out + 1 failed"


def test_the_second_run_sends_only_what_the_first_could_not(planned):
    planned.scenario("1,c.pdf,200:6041")
    planned.upload()

    assert planned.upload() == errors.OK

    assert sorted(planned.received()) == ["a.pdf", "b.pdf", "c.pdf", "d.pdf", "e.pdf"]
    assert balance(planned) == "5 read = 1 out + 4 skipped"
    assert [row.now for row in planned.errors()] == ["uploaded"]


def test_a_file_that_was_touched_is_read_and_recognised_not_sent_again(planned):
    planned.upload()
    for path in planned.root.glob("files/Attach/**/*.pdf"):
        os.utime(path, (1_500_000_000, 1_500_000_000))
    planned.prepare()
    before = planned.received()

    assert planned.upload() == errors.OK

    assert planned.received() == before
    assert set(planned.outcomes()) == {"uploaded", "skipped_already_uploaded"}


def test_a_missing_plan_is_2_and_names_the_command_to_run_first(desk):
    assert desk.upload() == 2

    assert desk.err == (
        'logs/mapping_verification_log.csv: not found; run "make verify" first\n'
    )


@pytest.mark.parametrize("option", ["--limit=0", "--limit=x", "--workers=-1", "--bad"])
def test_a_bad_option_is_2(planned, option):
    with pytest.raises(SystemExit) as left:
        planned.upload(option)

    assert left.value.code == 2
    assert planned.received() == []


@pytest.mark.parametrize("minutes", ["-1", "nan", "inf"])
def test_a_bad_number_of_minutes_is_2(planned, minutes):
    assert planned.upload(f"--max-minutes={minutes}") == 2


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_a_limit_is_3_and_the_next_runs_do_the_rest(planned, limit):
    assert planned.upload(f"--limit={limit}") == errors.STOPPED_EARLY

    assert len(planned.received()) == limit
    assert balance(planned) == f"5 read = {limit} out + {5 - limit} not attempted"
    assert planned.upload() == errors.OK
    assert len(planned.received()) == len(set(planned.received())) == 5


def test_a_limit_that_is_not_reached_changes_nothing(planned):
    assert planned.upload("--limit=6") == errors.OK


def test_too_many_errors_stop_the_run_with_3(planned):
    planned.scenario(",*,200:6041")

    code = planned.upload("--max-errors=2", QBO_FILES_PER_REQUEST="1")

    assert code == errors.STOPPED_EARLY
    assert "stopped by" in planned.out
    assert planned.outcomes()["failed"] < 5


def test_an_expired_authorization_is_77(planned):
    planned.scenario(",*,401")

    assert planned.upload() == 77


def test_an_answer_that_never_comes_is_found_or_sent_again(planned):
    planned.scenario("1,a.pdf,drop_applied", "2,a.pdf,429")

    assert planned.upload() == errors.OK

    assert sorted(planned.received()) == ["a.pdf", "b.pdf", "c.pdf", "d.pdf", "e.pdf"]
    assert planned.outcomes() == {"in_doubt": 5, "recovered": 5}


def test_a_wrong_size_is_held_with_its_id_and_never_sent_again(planned):
    planned.scenario("1,a.pdf,wrong_size")
    planned.upload()
    planned.upload()

    held = next(row for row in planned.log() if row.outcome == "held")
    assert held.attachable_id and "bytes were sent" in held.error
    assert planned.received().count("a.pdf") == 1


# --- one writer -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["qbo_attach_runlog.lock", "realm-1234567890.lock"])
def test_a_second_run_at_the_same_time_is_75_and_names_the_first(planned, name):
    with Lock(planned.logs / name):
        assert planned.upload() == 75

    assert "held by process" in planned.err and planned.err.count("\n") == 1
    assert planned.received() == []
    assert planned.upload() == errors.OK


def test_a_killed_runs_lock_is_free_at_once(planned):
    code = (
        "import os, sys; from pathlib import Path; from src.kit.locks import Lock;"
        "Lock(Path(sys.argv[1])).__enter__(); os._exit(1)"
    )
    lock = str(planned.logs / "qbo_attach_runlog.lock")
    subprocess.run([sys.executable, "-c", code, lock], cwd=config.ROOT)

    assert planned.upload() == errors.OK


# --- dry run --------------------------------------------------------------------------


def test_a_dry_run_writes_no_log_and_sends_nothing(planned):
    assert planned.upload("--dry-run") == errors.OK

    assert planned.received() == []
    assert not planned.path(RUNLOG).exists()
    assert not list(planned.logs.glob("qbo_attach*"))


@pytest.mark.parametrize("before", ["nothing", "limit", "all"])
def test_a_dry_run_predicts_exactly_what_a_run_sends(planned, before):
    planned.decide(b="skip", c="hold", d="link:Bill:7")
    {"nothing": int, "limit": lambda: planned.upload("--limit=1"), "all": planned.upload}[
        before
    ]()
    planned.upload("--dry-run")
    would = int((re.search(r"(\d+) would be sent", planned.out) or [0, 0])[1])
    had = len(planned.received())

    planned.upload()

    assert len(planned.received()) - had == would


# --- the log --------------------------------------------------------------------------


def test_skips_are_a_row_each_or_a_row_in_all(planned):
    planned.upload()
    planned.upload()
    assert planned.outcomes()["skipped_already_uploaded"] == 5

    planned.upload(LOG_SKIPS="summary")

    assert planned.outcomes()["skipped_already_uploaded"] == 6
    assert planned.log()[-1].error == "5 rows of the plan"
    assert balance(planned) == "5 read = 5 skipped"


def test_every_row_of_the_log_is_numbered_and_names_run_realm_and_attempt(planned):
    planned.upload(RUN_ID="r1", QBO_REALM_ID="42")

    rows = planned.log()
    assert [row.seq for row in rows] == ["1", "2", "3", "4", "5"]
    assert {(r.run_id, r.realm_id, r.attempt) for r in rows} == {("r1", "42", "1")}


def test_another_realm_has_nothing_of_the_first(planned):
    planned.upload()

    planned.upload("--dry-run", QBO_REALM_ID="42")

    assert "5 would be sent" in planned.out


# --- saved again by a spreadsheet -----------------------------------------------------

SPELLINGS = [
    (separator, end, encoding)
    for separator in (",", ";", "\t")
    for end in ("\n", "\r\n")
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252")
]


def save_again(path, separator: str, end: str, encoding: str) -> None:
    text = path.read_text("utf-8-sig").replace(",", separator).replace("\n", end)
    path.write_bytes(text.encode(encoding))


@pytest.mark.parametrize("spelling", SPELLINGS, ids=repr)
def test_a_plan_that_was_saved_again_is_the_same_plan(planned, spelling):
    save_again(planned.path(PLAN), *spelling)

    assert planned.upload() == errors.OK

    assert balance(planned) == "5 read = 5 out"


@pytest.mark.parametrize("spelling", SPELLINGS, ids=repr)
def test_a_log_that_was_saved_again_is_still_the_memory(planned, spelling):
    planned.upload()
    save_again(planned.path(RUNLOG), *spelling)

    assert planned.upload() == errors.OK

    assert balance(planned) == "5 read = 5 skipped"
    assert len(planned.received()) == 5
    assert planned.outcomes() == {"uploaded": 5, "skipped_already_uploaded": 5}


@pytest.mark.parametrize(
    ("entity_id", "as_saved"),
    [
        ("00123", "123"),
        ("100000", "1E+05"),
        ("5000000000000412003", "5000000000000410000"),
        ("5000000000000412003", "5E+18"),
    ],
    ids=["leading zeros", "scientific", "15 digits", "both"],
)
def test_an_id_that_a_spreadsheet_spoiled_is_held_and_named(desk, entity_id, as_saved):
    desk.file("Client/Txn/801A-14/a.pdf")
    desk.mapping(("1A-14", "INVOICE", "INVOICE", entity_id))
    desk.files("b.pdf")
    desk.prepare()
    row = desk.plan()["a.pdf"]
    spoil = row._replace(qbo_entity_id=as_saved)
    desk.change_plan(lambda one: spoil if one == row else one)

    assert desk.upload() == errors.OK

    assert desk.received() == ["b.pdf"]
    assert f"changed elsewhere than in decision: {row.row}" in desk.out


def test_a_damaged_log_row_costs_a_listing_and_no_second_effect(planned):
    planned.upload()
    path = planned.path(RUNLOG)
    path.write_bytes(path.read_bytes().replace(b"uploaded", b"failed", 1))

    assert planned.upload() == errors.OK

    assert len(planned.received()) == 5
    assert "effects there first, because" in planned.out


def test_with_all_logs_deleted_nothing_is_sent_twice(planned):
    planned.upload()
    for path in planned.logs.iterdir():
        path.unlink()
    planned.verify()

    assert planned.upload() == errors.OK

    assert len(planned.received()) == 5
    assert planned.outcomes() == {"recovered": 5}


@pytest.mark.parametrize("path", ["../outside.pdf", "/outside.pdf", "Attach/../../outside.pdf"])
def test_an_edited_inventory_leads_no_upload_out_of_the_tree(planned, path):
    outside = planned.root / "outside.pdf"
    next(planned.root.rglob("a.pdf")).rename(outside)
    (row, *rest) = planned.inventory()
    path = path if path[0] != "/" else str(outside)
    edited = [row._replace(file_path=path), *rest]
    tables.write(planned.path(INVENTORY), INVENTORY.row, edited)
    planned.verify()

    planned.upload()

    assert planned.received() == ["b.pdf", "c.pdf", "d.pdf", "e.pdf"]


def test_a_ragged_plan_row_is_rejected_and_named(planned):
    first, second, *rest = planned.path(PLAN).read_bytes().splitlines(keepends=True)
    planned.path(PLAN).write_bytes(b"".join([first, b"cut," + second, *rest]))

    assert planned.upload() == errors.SOME_ROWS_FAILED

    assert "line 2: has 17 cells, the header has 16" in planned.out
    assert "1 rejected" in balance(planned)
    assert len(planned.received()) == 4


def test_help_begins_with_the_doors_sentence(capsys):
    with pytest.raises(SystemExit):
        qbo_attach_demo.main(["--help"])

    assert "Upload the verified files into QuickBooks, each exactly once." in (
        capsys.readouterr().out
    )
