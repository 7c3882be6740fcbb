"""The original's failures, one test each: what was measured there does not happen here."""

from __future__ import annotations

import os

import pytest

from src.attachments.records import DUPS, PLAN, RUNLOG
from src.config import normalize_legacy_id
from src.kit import errors
from tests.desk import SECOND

NOT_ON_WINDOWS = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@NOT_ON_WINDOWS
def test_a_killed_run_uploads_nothing_twice(desk):
    desk.files(*(f"{number:02}.pdf" for number in range(50)))
    desk.prepare()
    settings = {"QBO_FILES_PER_REQUEST": "1", "FAKE_QBO_REQUEST_IDS": "ignored"}

    assert desk.fork(kill_at_the_twentieth, **settings) == -9
    assert desk.upload(**settings) == errors.OK

    assert len(desk.received()) == len(set(desk.received())) == 50
    arrived = [r.file_name for r in desk.log() if r.outcome in ("uploaded", "recovered")]
    assert sorted(arrived) == sorted(desk.received())


def kill_at_the_twentieth(argv: list[str]) -> int:
    """Upload through a company whose process is killed at the twentieth file."""
    from src import qbo_attach_demo
    from src.adapters.fakes.ledger import Ledger

    append = Ledger.append

    def killing(self: Ledger, rows: list) -> list:
        effects = append(self, rows)
        if int(effects[-1].id or 0) % 1000 >= 19:
            os.kill(os.getpid(), 9)
        return effects

    Ledger.append = killing  # in a process of its own
    return qbo_attach_demo.main(argv)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"seq,ts\n", b"\n"])
def test_a_log_without_its_header_is_mended_and_nothing_is_sent_again(desk, content):
    desk.files("a.pdf", "b.pdf")
    desk.prepare()
    desk.upload()
    desk.path(RUNLOG).write_bytes(content)

    assert desk.upload() == errors.OK
    assert desk.upload() == errors.OK

    assert sorted(desk.received()) == ["a.pdf", "b.pdf"]
    assert desk.outcomes()["skipped_already_uploaded"] >= 2


def test_two_files_of_one_name_in_two_folders_of_a_transaction_both_arrive(desk):
    for page in ("first", "second"):
        desk.file(f"Client/Txn/801A-14/{page}/scan.pdf", f"%PDF {page}".encode())
    desk.mapping(("1A-14", "INVOICE", "INVOICE", "1001"))
    desk.prepare()

    assert desk.upload() == errors.OK

    received = desk.received()
    assert len(set(received)) == 2
    assert all(name.startswith("scan (") for name in received)


def test_customer_1001_and_bill_1001_each_get_their_file(desk):
    desk.file("Client/Txn/801A-14/scan.pdf", b"%PDF same")
    desk.file("Client/List/802B-14/scan.pdf", b"%PDF same")
    desk.mapping(("1A-14", "BILL", "BILL", "1001"), ("2B-14", "CUSTOMER", "CUSTOMER", "1001"))
    desk.prepare()

    assert desk.upload() == errors.OK

    assert {effect.entity_type for effect in desk.effects()} == {"Bill", "Customer"}


@pytest.mark.parametrize("content", [b"%PDF-1.4 corrected", b"%PDF-1.4 A.pdf"])
def test_a_corrected_file_of_the_same_name_is_sent(desk, content):
    desk.files("a.pdf")
    desk.prepare()
    desk.upload()
    corrected = desk.file(f"Client/Txn/803E9-{SECOND}/a.pdf", content)
    os.utime(corrected, (SECOND + 60, SECOND + 60))
    desk.prepare()

    assert desk.upload() == errors.OK

    assert len(desk.effects()) == 2
    assert len({effect.sha256 for effect in desk.effects()}) == 2


@pytest.mark.parametrize("raw", ["8080ABC", "80ABC", "abc", "  80 80abc ", "808080aBc"])
def test_normalization_is_idempotent(raw):
    once = normalize_legacy_id(raw)

    assert once == normalize_legacy_id(once) == "ABC"


def test_an_id_that_normalizes_to_nothing_is_never_joined(desk):
    desk.file("Client/Txn/80/scan.pdf")
    desk.mapping(("80", "INVOICE", "INVOICE", "1001"), ("", "BILL", "BILL", "1002"))

    assert desk.prepare() == errors.OK

    assert desk.statuses() == {"scan.pdf": "blank_id"}


def test_two_raw_ids_that_meet_in_one_are_reported(desk):
    desk.file("Client/Txn/8080AB-1/a.pdf")
    desk.file("Client/Txn/80AB-1/b.pdf")
    desk.mapping(("AB-1", "INVOICE", "INVOICE", "1001"))
    desk.prepare()

    reasons = {row.reason for row in desk.rows(PLAN)}

    assert reasons == {"folders spell this id in several ways: 8080AB-1, 80AB-1"}


@pytest.mark.parametrize("turn", [1, -1])
def test_two_mapping_rows_for_one_id_are_ambiguous_whatever_their_order(desk, turn):
    rows = [("1A-14", "INVOICE", "INVOICE", "1001"), ("1A-14", "BILL", "BILL", "7")]
    desk.mapping(*rows[::turn])
    desk.file("Client/Txn/801A-14/scan.pdf")

    desk.prepare()

    assert desk.statuses() == {"scan.pdf": "ambiguous_mapping"}


def test_mapping_rows_without_a_file_are_counted(desk):
    desk.files("a.pdf")
    desk.mapping(("9F-1", "BILL", "BILL", "7"))

    desk.prepare()

    assert "mapping rows without a file: 1 BILL" in desk.out


def test_the_skips_file_holds_what_the_settings_exclude(desk):
    desk.files("a.pdf", "Thumbs.db", "b.png")

    desk.prepare(SCOPE_EXTENSIONS="pdf")

    assert desk.skips() == {"Thumbs.db": "junk_file", "b.png": "out_of_scope_extension"}
    assert list(desk.statuses()) == ["a.pdf"]


def test_failed_rows_are_an_exit_code_and_a_line_with_run_attempt_and_duration(desk):
    desk.files("a.pdf")
    desk.scenario(",*,200:6041")
    desk.prepare()

    assert desk.upload() == errors.SOME_ROWS_FAILED

    (row,) = desk.log()
    assert (row.outcome, row.attempt, row.status_code) == ("failed", "1", "200")
    assert row.run_id and row.duration_ms.isdigit() and row.intuit_tid


def test_a_throttled_request_is_tried_again_within_the_run(desk):
    desk.files("a.pdf")
    desk.scenario("1-2,*,429")
    desk.prepare()

    assert desk.upload() == errors.OK

    assert [row.outcome for row in desk.log()] == ["failed", "failed", "uploaded"]


def test_the_duplicates_view_does_not_grow_with_every_run(desk):
    desk.files("a.pdf", "b.pdf")
    desk.prepare()
    for _ in range(4):
        assert desk.upload() == errors.OK

    assert [row.times_skipped for row in desk.rows(DUPS)] == ["3", "3"]


def test_logs_and_stage_files_hold_no_absolute_path(desk):
    desk.files("a.pdf")
    desk.prepare()
    desk.upload()

    for path in (*desk.logs.glob("*.csv"), *(desk.root / "data").rglob("*.csv")):
        assert str(desk.root) not in path.read_text("utf-8-sig"), path


def test_the_logs_are_portable_to_another_folder(desk, tmp_path):
    desk.files("a.pdf")
    desk.prepare()
    desk.upload()
    moved = desk.root.rename(tmp_path / "moved")
    names = {"DATA_DIR": "data", "FILES_DIR": "files", "LOG_DIR": "logs"}
    desk.settings.update({name: str(moved / folder) for name, folder in names.items()})

    assert desk.upload() == errors.OK

    assert "1 skipped_already_uploaded" in desk.out


def test_a_missing_file_costs_no_request_and_is_said_once_per_run(desk):
    desk.files("a.pdf", "b.pdf")
    desk.prepare()
    next(desk.root.rglob("a.pdf")).unlink()

    assert (desk.upload(), desk.upload()) == (1, 1)

    assert desk.outcomes()["file_missing"] == 2
    assert desk.received() == ["b.pdf"]


def test_nothing_is_created_at_import(desk):
    assert not (desk.root / "data/mapping_export.csv").exists()
    assert [path.name for path in desk.logs.iterdir()] == []
