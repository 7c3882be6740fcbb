"""May a file proceed? Every status and every reason to leave one out, in tables."""

from __future__ import annotations

import pytest

from src.attachments import verify
from src.attachments.limits import LARGE_FILE, LARGEST_FILE, extension, is_junk, wrong_magic
from src.attachments.mapping import Targets
from src.attachments.records import Attachment, Mapping
from src.attachments.verify import Scope
from src.config import normalize_legacy_id

ROW = Attachment(
    "1A-14",
    "Txn",
    "801a-14",
    "Acme",
    "scan.pdf",
    "Attach/Acme/Txn/801a-14/scan.pdf",
    "1000",
    "2014-09-01T11:44:00.000000+00:00",
    "",
)
TARGETS = Targets(
    [
        Mapping("1A-14", "INVOICE", "INVOICE", "1001"),
        Mapping("2B-14", "BILL", "BILL", "2001"),
        Mapping("2B-14", "INVOICE", "INVOICE", "2002"),
        Mapping("3C-14", "TRANSFER", "TRANSFER", "3001"),
        Mapping("4D-14", "CUSTOMER", "CUSTOMER", "4001"),
    ],
    normalize_legacy_id,
)


def status_of(row: Attachment, is_there: bool = True) -> str:
    found = verify.find_target(row, TARGETS)
    return verify.judge(row, found, lambda path: is_there).status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "ok"),
        ({"legacy_txnid_norm": "9F-14"}, "missing_mapping"),
        ({"legacy_txnid_norm": "4D-14"}, "missing_mapping"),
        ({"legacy_txnid_norm": "2B-14"}, "ambiguous_mapping"),
        ({"legacy_txnid_norm": "2B-14", "legacy_entity_type": "Bill"}, "ok"),
        ({"legacy_txnid_norm": "", "raw_legacy_id": "80"}, "blank_id"),
        ({"legacy_txnid_norm": "3C-14"}, "unsupported_type"),
        ({"file_name": "mail.msg"}, "unsupported_type"),
        ({"file_name": "README"}, "unsupported_type"),
        ({"file_name": "SCAN.PDF"}, "ok"),
        ({"size_bytes": "0"}, "empty_file"),
        ({"size_bytes": str(LARGE_FILE)}, "ok"),
        ({"size_bytes": str(LARGE_FILE + 1)}, "large_warning"),
        ({"size_bytes": str(LARGEST_FILE)}, "large_warning"),
        ({"size_bytes": str(LARGEST_FILE + 1)}, "too_large"),
        ({"file_name": "x" * 996 + ".pdf"}, "ok"),
        ({"file_name": "x" * 997 + ".pdf"}, "name_too_long"),
    ],
)
def test_each_file_gets_the_status_that_the_limits_give_it(changes, status):
    assert status_of(ROW._replace(**changes)) == status


def test_a_file_that_went_away_since_the_inventory_is_missing():
    assert status_of(ROW, is_there=False) == "file_missing"


def test_every_status_that_does_not_proceed_says_why():
    for norm in ("", "9F-14", "4D-14", "2B-14", "3C-14"):
        row = ROW._replace(legacy_txnid_norm=norm)
        finding = verify.judge(row, verify.find_target(row, TARGETS), lambda path: True)

        assert finding.reason, finding


def test_an_ambiguous_mapping_names_its_candidates():
    finding = verify.find_target(ROW._replace(legacy_txnid_norm="2B-14"), TARGETS)

    assert "Bill 2001; Invoice 2002" in finding.reason
    assert finding.target.entity_id == ""


def test_an_id_that_the_mapping_knows_as_another_type_is_told_apart():
    finding = verify.find_target(ROW._replace(legacy_txnid_norm="4D-14"), TARGETS)

    assert finding.reason == "the mapping has this id, but not as Txn"


@pytest.mark.parametrize(
    ("changes", "scope", "reason"),
    [
        ({}, Scope(), ""),
        ({"note": "not under Attach/"}, Scope(), "no_owner: not under Attach/"),
        ({"file_name": "Thumbs.db"}, Scope(), "junk_file"),
        ({}, Scope(types=frozenset({"txn"})), ""),
        ({}, Scope(types=frozenset({"invoice"})), ""),
        ({}, Scope(types=frozenset({"bill"})), "out_of_scope_type"),
        ({}, Scope(clients=frozenset({"acme"})), ""),
        ({}, Scope(clients=frozenset({"other"})), "out_of_scope_client"),
        ({}, Scope(extensions=frozenset({".pdf"})), ""),
        ({}, Scope(extensions=frozenset({".png"})), "out_of_scope_extension"),
        ({}, Scope(since="2014-09-01"), ""),
        ({}, Scope(since="2014-09-02"), "out_of_scope_age"),
        ({}, Scope(max_bytes=1000), ""),
        ({}, Scope(max_bytes=999), "out_of_scope_size"),
    ],
)
def test_each_reason_to_leave_a_file_out(changes, scope, reason):
    assert verify.left_out(ROW._replace(**changes), "Invoice", scope) == reason


@pytest.mark.parametrize(
    ("name", "junk"),
    [
        *((name, True) for name in ("Thumbs.db", "THUMBS.DB", ".DS_Store", "desktop.ini")),
        *((name, True) for name in ("._scan.pdf", "~$letter.docx", ".~lock.x.ods#")),
        *((name, True) for name in ("to.lnk", "site.url", "half.tmp", "new\nline.tmp")),
        *((name, False) for name in ("scan.pdf", "Thumbs.db.pdf", "x.tmp.pdf", "~.pdf")),
    ],
)
def test_junk_is_what_systems_and_programs_leave_behind(name, junk):
    assert is_junk(name) is junk


@pytest.mark.parametrize(
    ("name", "found"),
    [("a.PDF", ".pdf"), ("a.tar.gz", ".gz"), (".pdf", ""), ("a.", "."), ("", "")],
)
def test_the_extension_is_what_stands_after_the_last_dot(name, found):
    assert extension(name) == found


@pytest.mark.parametrize(
    ("name", "start", "is_wrong"),
    [
        ("a.pdf", b"%PDF-1.7", False),
        ("a.pdf", b"<html>", True),
        ("a.JPG", b"\xff\xd8\xff\xe0", False),
        ("a.png", b"\xff\xd8\xff\xe0", True),
        ("a.docx", b"PK\x03\x04", False),
        ("a.txt", b"anything", False),
        ("a.pdf", b"", True),
    ],
)
def test_first_bytes_that_belie_the_extension_are_noted(name, start, is_wrong):
    assert bool(wrong_magic(name, start)) is is_wrong
