"""What a person decides in the plan, and what the uploader makes of it."""

from __future__ import annotations

import pytest

from src.attachments.records import PLAN
from src.attachments.source import owner_of
from src.kit import errors


@pytest.fixture
def planned(desk):
    """Return a desk with three planned files: a and b on invoices, c without mapping."""
    desk.files("a.pdf", "b.pdf")
    desk.file("Client/Txn/80FF-1/c.pdf")
    assert desk.prepare() == 0
    return desk


def held(desk) -> str:
    return next((line for line in desk.out.split("\n") if "held: " in line), "")


@pytest.mark.parametrize(
    ("decision", "received"),
    [
        ("", ["a.pdf", "b.pdf"]),
        ("send", ["a.pdf", "b.pdf"]),
        (" SEND ", ["a.pdf", "b.pdf"]),
        ("skip", ["b.pdf"]),
        ("hold", ["b.pdf"]),
        ("link:Bill:77", ["a.pdf", "b.pdf"]),
        ("adopt:5000000000000412099", ["b.pdf"]),
        ("adopt:", ["b.pdf"]),
        ("link:77", ["b.pdf"]),
        ("link:Bill:", ["b.pdf"]),
        ("link:Bill:7x", ["b.pdf"]),
        ("sned", ["b.pdf"]),
    ],
)
def test_a_decision_is_carried_out_or_the_row_is_held(planned, decision, received):
    planned.decide(a=decision)

    assert planned.upload() == errors.OK

    assert planned.received() == received


@pytest.mark.parametrize("decision", ["sned", "link:77", "adopt:", "send it", "approve"])
def test_a_word_that_is_no_decision_is_named_with_the_words_that_are(planned, decision):
    planned.decide(a=decision)
    row = planned.plan()["a.pdf"].row

    planned.upload()

    assert held(planned).endswith(f"(send, skip, hold, link:<type>:<id>, adopt:<id>): {row}")


def test_link_sends_the_file_to_another_record(planned):
    planned.decide(c="link:bill:77")

    planned.upload()

    owners = {e.file_name: (e.entity_type, e.entity_id) for e in planned.effects()}
    assert owners["c.pdf"] == ("Bill", "77")


def test_adopt_writes_down_the_id_and_sends_nothing_now_or_later(planned):
    planned.decide(a="adopt:5000000000000412099")

    planned.upload()
    planned.upload()

    assert planned.received() == ["b.pdf"]
    adopted = next(row for row in planned.log() if row.outcome == "adopted")
    assert (adopted.file_name, adopted.attachable_id) == ("a.pdf", "5000000000000412099")


def test_send_without_an_entity_is_held(planned):
    planned.decide(c="send")

    planned.upload()

    assert "c.pdf" not in planned.received()


def test_a_file_without_mapping_is_held_and_counted(planned):
    assert planned.upload() == errors.OK

    assert "3 read = 2 out + 1 held" in planned.out


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("qbo_entity_id", "9999"),
        ("file_path", "../../etc/passwd"),
        ("upload_name", "b.pdf"),
        ("status", "too_large"),
        ("size_bytes", "1"),
        ("row", "r0000000000"),
        ("row_check", "x00000000"),
        ("row_check", ""),
    ],
)
def test_a_row_that_was_changed_elsewhere_is_held_and_named(planned, column, value):
    planned.change_plan(
        lambda row: row._replace(**{column: value}) if row.file_name == "a.pdf" else row
    )

    assert planned.upload() == errors.OK

    assert planned.received() == ["b.pdf"]
    assert "held: 1 row(s) changed elsewhere than in decision: r" in held(planned)


def test_a_missing_row_is_held_and_counted(planned):
    planned.change_plan(lambda row: None if row.file_name == "a.pdf" else row)

    assert planned.upload() == errors.OK

    assert planned.received() == ["b.pdf"]
    assert "held: 1 row(s) of the plan are missing" in planned.out
    assert "3 read = 1 out + 2 held" in planned.out


def test_rows_of_another_plan_are_held(planned):
    old = planned.path(PLAN).read_bytes()
    assert planned.verify() == 0
    planned.path(PLAN).write_bytes(old)

    assert planned.upload() == errors.NOTHING_DONE

    assert planned.received() == []
    assert "held: this is another plan than the last; run make verify" in planned.out


def test_a_plan_that_no_receipt_knows_is_refused(planned):
    (planned.logs / "receipts.csv").unlink()

    assert planned.upload() == 2

    assert 'run "make verify" again' in planned.err


@pytest.mark.parametrize("arrange", [sorted, lambda lines: lines[::-1]])
def test_a_sorted_plan_is_the_same_plan(planned, arrange):
    first, *lines = planned.path(PLAN).read_bytes().splitlines(keepends=True)
    planned.path(PLAN).write_bytes(b"".join([first, *arrange(lines)]))

    assert planned.upload() == errors.OK

    assert sorted(planned.received()) == ["a.pdf", "b.pdf"]
    assert not held(planned)


def test_a_filtered_plan_sends_what_is_left(planned):
    planned.change_plan(lambda row: row if row.file_name == "b.pdf" else None)

    planned.upload()

    assert planned.received() == ["b.pdf"]
    assert "held: 2 row(s) of the plan are missing" in planned.out


def test_a_row_that_stands_twice_is_sent_once(planned):
    first, *lines = planned.path(PLAN).read_bytes().splitlines(keepends=True)
    planned.path(PLAN).write_bytes(b"".join([first, *lines, *lines]))

    planned.upload()

    assert sorted(planned.received()) == ["a.pdf", "b.pdf"]
    assert planned.outcomes()["skipped_repeated_row"] == 2


def test_a_new_plan_takes_over_the_decisions_that_still_hold(planned):
    planned.decide(a="hold", b="skip")
    planned.file("Client/Txn/803EA-1409571840/b.pdf", b"%PDF-1.4 corrected")

    planned.prepare()

    assert "took over 1 decision(s)" in planned.out
    assert "1 decision(s) not taken over" in planned.out
    assert {r.file_name: r.decision for r in planned.rows(PLAN)}["a.pdf"] == "hold"


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (lambda path: path.unlink(), "file_missing"),
        (lambda path: path.write_bytes(b"%PDF-1.4 longer than before"), "file_changed"),
        (lambda path: (path.unlink(), path.mkdir()), "file_changed"),
    ],
    ids=["gone", "changed", "a folder now"],
)
def test_a_file_that_is_not_what_was_planned_is_not_sent(desk, change, outcome):
    desk.files("a.pdf", "b.pdf")
    desk.prepare()
    change(next(desk.root.rglob("a.pdf")))

    assert desk.upload() == errors.SOME_ROWS_FAILED

    assert desk.received() == ["b.pdf"]
    assert desk.outcomes() == {"uploaded": 1, outcome: 1}


def test_a_file_under_a_wrong_extension_is_sent_with_a_note(desk):
    desk.files("a.pdf")
    desk.file("Client/Txn/803E9-1409571840/a.pdf", b"no PDF at all")
    desk.prepare()

    assert desk.upload() == errors.OK

    (row,) = desk.log()
    assert row.outcome == "uploaded"
    assert row.error == "the content does not begin as a .pdf file does"


# --- what nobody knows ----------------------------------------------------------------


@pytest.fixture
def doubtful(desk):
    """Return a desk where a.pdf is in the company twice, so that its state is in doubt."""
    desk.files("a.pdf")
    desk.prepare()
    desk.upload()
    ledger = desk.company / "ledger.csv"
    line = ledger.read_bytes().splitlines(keepends=True)[-1]
    ledger.write_bytes(ledger.read_bytes() + line)
    for name in ("qbo_attach_runlog.csv", "qbo_attach_inflight.csv", "receipts.csv"):
        (desk.logs / name).unlink()
    desk.prepare()
    assert desk.upload() == 4
    desk.verify()
    return desk


def test_a_file_that_is_there_twice_is_in_doubt_and_stays_so(doubtful):
    assert doubtful.statuses() == {"a.pdf": "in_doubt"}
    assert doubtful.upload() == 4
    assert len(doubtful.received()) == 2


def test_in_doubt_and_decided_adopt_is_done(doubtful):
    doubtful.decide(a="adopt:5000000000000412000")

    assert doubtful.upload() == errors.OK

    assert len(doubtful.received()) == 2
    assert doubtful.log()[-1].outcome == "adopted"
    assert doubtful.upload() == errors.OK


def test_in_doubt_and_decided_send_is_sent_again(doubtful):
    doubtful.decide(a="send")

    assert doubtful.upload() == errors.OK

    assert len(doubtful.received()) == 3


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("invoice:1187", ("Invoice", "1187")),
        (" CASH_SALE : 7 ", ("SalesReceipt", "7")),
        ("1187", ()),
        (":1187", ()),
        ("Bill:١٢", ()),
        ("Bill:7:8", ()),
    ],
)
def test_a_link_names_a_type_and_a_number(text, owner):
    assert owner_of(text) == owner
