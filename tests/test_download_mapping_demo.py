"""The door that fetches the mapping."""

from __future__ import annotations

import pytest

from src import download_mapping_demo
from src.attachments.records import MAPPING
from src.config import normalize_legacy_id
from src.kit import receipts
from tests import goldens


@goldens.cases("download_mapping_demo")
def test_the_mapping_is_written_as_expected(desk, case):
    assert goldens.check(desk, download_mapping_demo, case) == 0


@pytest.mark.parametrize("count", [0, 1, 1000, 2345])
def test_every_page_of_the_mapping_arrives(desk, count):
    desk.file("keep.pdf")
    desk.mapping(*((f"{n:X}-1", "INVOICE", "INVOICE", str(n)) for n in range(1, count + 1)))

    assert desk.run(download_mapping_demo) == 0

    assert len(desk.rows(MAPPING)) == count
    assert f"wrote data/mapping_export.csv ({count:,} row" in desk.out


def test_the_ids_are_normalized_with_the_prefixes_in_force(desk):
    desk.file("keep.pdf")
    desk.mapping((" t-80ab-1 ", "INVOICE", "INVOICE", "7"))

    desk.run(download_mapping_demo, LEGACY_ID_PREFIX="T-,80")

    (row,) = desk.rows(MAPPING)
    assert row.legacy_txnid_norm == normalize_legacy_id("AB-1") == "AB-1"


def test_an_empty_tree_gets_the_demo_first(desk):
    assert desk.run(download_mapping_demo) == 0

    assert "FILES_DIR was empty: made the demo tree of " in desk.out
    assert len(desk.rows(MAPPING)) > 40


def test_a_receipt_tells_the_run_and_the_file(desk):
    desk.file("keep.pdf")
    desk.run(download_mapping_demo, RUN_ID="r1")

    found = list(receipts.read(desk.logs))
    assert [(r.run_id, r.kind, r.subject) for r in found] == [
        ("r1", "run", ""),
        ("r1", "file", "data/mapping_export.csv"),
    ]


def test_a_company_whose_mapping_is_missing_is_one_sentence(desk):
    desk.file("keep.pdf")
    (desk.company / "mapping.csv").unlink()

    assert desk.run(download_mapping_demo) == 2

    assert desk.err == (
        'data/fake_qbo/mapping.csv: not found; run "make demo-data" first\n'
    )


@pytest.mark.parametrize(
    ("setting", "value"),
    [("FAKE_QBO_FAIL_RATE", "1.5"), ("QBO_API", "soap"), ("LOG_SKIPS", "no"), ("DATA_DIR", "")],
)
def test_a_bad_setting_is_named_with_what_would_do(desk, setting, value):
    assert desk.run(download_mapping_demo, **{setting: value}) == 2

    assert desk.err.startswith(f"{setting}={value}: ")
