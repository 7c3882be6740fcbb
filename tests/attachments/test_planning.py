"""The plan over a whole inventory: what must be seen together is, wherever it stands."""

from __future__ import annotations

from hashlib import sha256

import pytest

from src.attachments import planning, verify
from src.attachments.mapping import Targets
from src.attachments.records import Attachment, Mapping, Skipped
from src.config import normalize_legacy_id
from src.kit import tables

INVOICE = Mapping("1A-14", "INVOICE", "INVOICE", "1001")
MERGED = Mapping("2B-14", "INVOICE", "INVOICE", "1001")
OTHER = Mapping("3C-14", "BILL", "BILL", "2001")


def row(raw: str, name: str, client: str = "Acme", size: int = 4) -> Attachment:
    norm = normalize_legacy_id(raw)
    path = f"Attach/{client}/Txn/{raw}/{name}"
    return Attachment(norm, "Txn", raw, client, name, path, str(size), "", "")


def digest(path: str) -> str:
    return sha256(path.encode()).hexdigest()


def plan(rows: list[Attachment], mapping: list[Mapping], in_doubt=frozenset(), scope=None):
    """Return the plan; every file's content is its path."""
    look = planning.Look(lambda path: True, digest, in_doubt)
    return looked(rows, mapping, look, scope)


def looked(rows: list[Attachment], mapping: list[Mapping], look: planning.Look, scope=None):
    """Return the plan that comes of a look at files and log."""
    targets = Targets(mapping, normalize_legacy_id)
    planner = planning.Planner(targets, scope or verify.Scope(), look)
    return list(planner.plan(rows, scattered_of(rows)))


def scattered_of(rows: list[Attachment]) -> frozenset[str]:
    norms, before, again = set(), "", set()
    for one in rows:
        if one.legacy_txnid_norm != before and one.legacy_txnid_norm in norms:
            again.add(one.legacy_txnid_norm)
        norms.add(one.legacy_txnid_norm)
        before = one.legacy_txnid_norm
    return frozenset(again)


def names(planned: list) -> set[str]:
    return {one.upload_name for one in planned}


def test_every_file_of_the_inventory_is_in_the_plan_or_left_out_once():
    rows = [row(f"80{n % 5:X}A-14", f"{n}.pdf") for n in range(40)]
    rows += [row("801A-14", "Thumbs.db"), row("80", "blank.pdf")]

    planned = plan(rows, [INVOICE, MERGED, OTHER])

    assert sorted(one.file_path for one in planned) == sorted(r.file_path for r in rows)
    assert [one.file_name for one in planned if isinstance(one, Skipped)] == ["Thumbs.db"]


@pytest.mark.parametrize(
    "rows",
    [
        [row("801A-14", "s.pdf"), row("803C-14", "x.pdf"), row("801a-14", "s.pdf")],
        [row("801A-14", "s.pdf"), row("801A-14", "s.pdf", "Branch")],
        [row("801A-14", "s.pdf"), row("803C-14", "x.pdf"), row("802B-14", "s.pdf")],
    ],
    ids=["scattered over folders", "two clients", "two ids that became one record"],
)
def test_files_of_one_record_are_told_apart_wherever_they_stand(rows):
    planned = plan(rows, [INVOICE, MERGED, OTHER])

    on_invoice = [one for one in planned if one.qbo_entity_id == "1001"]
    assert len(on_invoice) == 2
    assert len(names(on_invoice)) == 2 and "s.pdf" not in names(on_invoice)


def test_an_id_that_folders_spell_in_several_ways_says_so():
    planned = plan([row("801A-14", "a.pdf"), row("1a-14", "b.pdf")], [INVOICE])

    assert {one.status for one in planned} == {"ok"}
    assert {one.reason for one in planned} == {
        "folders spell this id in several ways: 1a-14, 801A-14"
    }


def test_two_ids_that_became_one_record_are_no_two_spellings():
    planned = plan([row("801A-14", "a.pdf"), row("802B-14", "b.pdf")], [INVOICE, MERGED])

    assert {one.reason for one in planned} == {""}


def test_equal_names_on_distinct_records_stay_as_they_are():
    rows = [row("801A-14", "s.pdf"), row("803C-14", "s.pdf")]

    assert names(plan(rows, [INVOICE, OTHER])) == {"s.pdf"}


def test_customer_58_and_invoice_58_are_two_records():
    mapping = [
        Mapping("1A-14", "INVOICE", "INVOICE", "58"),
        Mapping("2B-14", "BILL", "BILL", "58"),
    ]

    planned = plan([row("801A-14", "s.pdf"), row("802B-14", "s.pdf")], mapping)

    assert names(planned) == {"s.pdf"}
    assert {one.status for one in planned} == {"ok"}


def test_a_file_whose_last_attempt_is_in_doubt_waits_for_a_person():
    one = row("801A-14", "s.pdf")

    (planned,) = plan([one], [INVOICE], frozenset({("Invoice", "1001", one.file_path)}))

    assert planned.status == "in_doubt"
    assert "decide adopt: or send" in planned.reason


@pytest.mark.parametrize(
    ("name", "is_there", "is_in_doubt", "status"),
    [
        ("s.pdf", True, False, "taken_back"),
        ("mail.msg", True, False, "taken_back"),
        ("s.pdf", False, False, "file_missing"),
        ("s.pdf", True, True, "in_doubt"),
    ],
)
def test_a_file_that_was_taken_back_waits_whatever_else_it_is(
    name, is_there, is_in_doubt, status
):
    one = row("801A-14", name)
    doubtful = {("Invoice", "1001", one.file_path)} if is_in_doubt else ()
    look = planning.Look(lambda _: is_there, digest, frozenset(doubtful), lambda _: "run-7")

    (planned,) = looked([one], [INVOICE], look)

    assert planned.status == status


def test_names_on_a_record_stay_what_they_are_when_one_file_is_taken_back():
    rows = [row("801A-14", "s.pdf"), row("801A-14", "s.pdf", "Other")]
    before = plan(rows, [INVOICE])
    look = planning.Look(
        lambda _: True, digest, frozenset(), lambda one: "run-7" * (one.client == "Acme")
    )

    after = looked(rows, [INVOICE], look)

    assert names(after) == names(before) and len(names(after)) == 2


def test_the_order_of_the_inventory_changes_no_row_of_the_plan():
    rows = [row("801A-14", "s.pdf"), row("803C-14", "x.pdf"), row("801a-14", "s.pdf")]
    mapping = [INVOICE, OTHER]

    forward, backward = plan(rows, mapping), plan(rows[::-1], mapping)

    assert sorted(forward) == sorted(backward)


@pytest.mark.parametrize("norm", ["1A-14", "00123-1", "a,b", 'a"b', "é", "=1+1", "x\\y"])
def test_scattered_ids_are_found_however_their_cells_are_spelled(tmp_path, norm):
    one = Attachment(norm, *[""] * 8)
    between = Attachment("between", *[""] * 8)
    tables.write(tmp_path / "i.csv", Attachment, [one, between, one])

    assert norm in planning.scattered(tmp_path / "i.csv")
    assert "between" not in planning.scattered(tmp_path / "i.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_scattered_ids_are_found_in_an_inventory_that_was_saved_again(
    tmp_path, separator, encoding
):
    lines = [tables.header(Attachment), *([norm, *[""] * 8] for norm in ("1-1", "2-1", "1-1"))]
    text = "".join(separator.join(line) + "\r\n" for line in lines)
    (tmp_path / "i.csv").write_bytes(text.encode(encoding))

    assert planning.scattered(tmp_path / "i.csv") == {"1-1"}
