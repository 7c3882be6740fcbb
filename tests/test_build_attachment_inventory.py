"""The door that takes stock of the legacy tree."""

from __future__ import annotations

import os

import pytest

from src import build_attachment_inventory
from tests import goldens


@goldens.cases("build_attachment_inventory")
def test_the_inventory_is_written_as_expected(desk, case):
    assert goldens.check(desk, build_attachment_inventory, case) == 0


def test_files_with_and_without_an_owner_are_counted_apart(desk):
    desk.files("a.pdf", "b.pdf")
    desk.file("stray.pdf")

    assert desk.run(build_attachment_inventory) == 0

    assert "1 without an owner; 2 with an owner" in desk.out
    assert "3 read = 3 out" in desk.out
    assert "next: make verify" in desk.out


def test_two_walks_of_one_tree_write_the_same_bytes(desk):
    desk.files("a.pdf", "b.pdf", "c.pdf")
    made = []
    for _ in range(2):
        desk.run(build_attachment_inventory)
        made.append((desk.root / "data/attachments_inventory.csv").read_bytes())

    assert made[0] == made[1]


def test_a_bad_layout_is_refused_before_anything_is_written(desk):
    desk.files("a.pdf")

    assert desk.run(build_attachment_inventory, ATTACH_LAYOUT="{txnid}/{file}") == 2

    assert desk.err.startswith("ATTACH_LAYOUT={txnid}/{file}: expected ")
    assert not (desk.root / "data/attachments_inventory.csv").exists()


def test_the_originals_layout_is_a_setting_away(desk):
    bill = desk.root / "files/Bill/80abc123/invoice.txt"
    bill.parent.mkdir(parents=True)
    bill.write_text("x")

    desk.run(build_attachment_inventory, ATTACH_LAYOUT="{entity_type}/{txnid}/{file}")

    (row,) = desk.inventory()
    assert (row.legacy_entity_type, row.legacy_txnid_norm) == ("Bill", "ABC123")


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")
def test_an_inventory_that_cannot_be_written_is_one_sentence_and_74(desk):
    desk.files("a.pdf")
    (desk.root / "data/attachments_inventory.csv").mkdir()

    assert desk.run(build_attachment_inventory) == 74

    assert desk.err.count("\n") == 1 and "attachments_inventory.csv" in desk.err
