"""The simulated company file in process: what its face adds to the company."""

from __future__ import annotations

from threading import Thread

import pytest

from src.adapters.conductor import CREATE, DELETE, UPDATE, VOID, Change
from src.adapters.fakes.conductor.core import Manners
from src.adapters.fakes.conductor.faults import Temper
from src.adapters.fakes.conductor.inprocess import FakeDesktop
from src.kit import answers as said
from src.kit.answers import Unanswered
from tests.adapters.conductor.opened import ITEM, Ticking


@pytest.fixture
def desktop(tmp_path):
    """Return an empty company file in process."""
    return FakeDesktop(tmp_path, Temper(), Ticking().clock)


def created(desktop: FakeDesktop, name: str = "Ann", **body: object) -> dict:
    """Return a new customer."""
    answer = desktop.write(Change(CREATE, "customers", body={"name": name, **body}))
    assert answer.kind == said.APPLIED, answer
    return dict(answer.record)


def test_an_answer_has_the_record_and_its_id(desktop):
    answer = desktop.write(Change(CREATE, "customers", body={"name": "Ann"}))

    assert answer.kind == said.APPLIED
    assert answer.remote_id == answer.record["id"]
    assert answer.record["fullName"] == "Ann"
    assert answer.trace_id.startswith("req_") and 0 <= answer.duration_ms < 60_000


def test_every_call_has_a_trace_of_its_own(desktop):
    traces = {desktop.health().trace_id for _ in range(3)}

    assert len(traces) == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(CREATE, "customers", body={}), 'undefined at "name"'),
        (Change(CREATE, "customers", body={"name": "x", "y": 1}), "Unrecognized key"),
        (Change(UPDATE, "customers", "1-1", {}), 'undefined at "revisionNumber"'),
    ],
)
def test_a_body_is_checked_before_the_company_sees_it(desktop, change, words):
    answer = desktop.write(change)

    assert (answer.kind, answer.status_code) == (said.NOT_APPLIED, 400)
    assert words in answer.error
    assert answer.advice == said.PERMANENT


@pytest.mark.parametrize(
    "change",
    [
        Change(DELETE, "customers", "1-1"),
        Change(VOID, "customers", "1-1"),
        Change(VOID, "sales-orders", "1-1"),
        Change(VOID, "purchase-orders", "1-1"),
        Change(CREATE, "bills", body={}),
        Change(DELETE, "bills", "1-1"),
    ],
)
def test_what_the_api_has_no_way_for_is_refused(desktop, change):
    answer = desktop.write(change)

    assert (answer.kind, answer.status_code) == (said.NOT_APPLIED, 404)


def test_a_body_travels_as_on_the_wire(desktop):
    address = {"line1": "Main St"}
    made = created(desktop, billingAddress=address)
    address["line1"] = "Side St"

    found = desktop.read("customers", made["id"])

    assert found["billingAddress"]["line1"] == "Main St"


def test_what_is_not_there_is_none(desktop):
    assert desktop.read("customers", "80000001-1") is None


def test_a_stale_revision_asks_to_read_again(desktop):
    ann = created(desktop)

    answer = desktop.write(Change(UPDATE, "customers", ann["id"], {"revisionNumber": "1"}))

    assert (answer.kind, answer.advice, answer.code) == (
        said.NOT_APPLIED,
        said.REREAD,
        "3200",
    )


def test_a_list_has_what_is_inactive_too(desktop):
    created(desktop, "Ann", isActive=False)

    assert len([*desktop.records("customers", {})]) == 1
    assert [*desktop.records("customers", {"status": "active"})] == []


def test_a_list_is_whole_over_several_pages(desktop):
    desktop.core.create_many("customers", ({"name": f"C{n}"} for n in range(151)))

    found = [one["name"] for one in desktop.records("customers", {})]

    assert len(set(found)) == len(found) == 151


def test_a_query_that_is_not_as_described_is_not_answered(desktop):
    with pytest.raises(Unanswered, match="Unrecognized key") as raised:
        list(desktop.records("customers", {"updatedSince": "2026-11-01"}))

    assert raised.value.answer.status_code == 400


def test_deletions_of_both_kinds_come_together(desktop):
    item = desktop.write(Change(CREATE, "inventory-items", body={"name": "Nut", **ITEM}))
    order = {
        "transactionDate": "2026-11-23",
        "lines": [{"itemId": item.remote_id, "quantity": 1}],
    }
    made = desktop.write(Change(CREATE, "purchase-orders", body=order))
    desktop.write(Change(DELETE, "purchase-orders", made.remote_id))
    desktop.core.remove("inventory-items", item.remote_id)

    found = desktop.deleted(["purchase-orders", "inventory-items", "customers"], "")

    kinds = {one.get("listType") or one.get("transactionType") for one in found}
    assert kinds == {"item_inventory", "purchase_order"}
    assert desktop.deleted(["customers"], "") == []
    assert desktop.deleted(["inventory-items"], "2027-01-01") == []


def test_too_many_adjustments_are_not_answered(tmp_path):
    manners = Manners(slow_adjustments_above=1)
    desktop = FakeDesktop(tmp_path, Temper(), Ticking().clock, manners)
    for number in "12":
        desktop.core.seed("inventory-adjustments", f"{number}-1")

    with pytest.raises(Unanswered) as raised:
        list(desktop.records("inventory-adjustments", {}))

    assert raised.value.answer.kind == said.UNKNOWN


def test_several_threads_make_records_of_different_ids(desktop):
    def work(letter: str) -> None:
        for number in range(20):
            created(desktop, f"{letter}{number}")

    threads = [Thread(target=work, args=(letter,)) for letter in "abcd"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len({one["id"] for one in desktop.records("customers", {})}) == 80


def test_a_company_file_is_the_same_for_whoever_opens_it_next(tmp_path):
    first = FakeDesktop(tmp_path, Temper(), Ticking().clock)
    ann = created(first)

    second = FakeDesktop(tmp_path, Temper(), Ticking().clock)

    assert second.read("customers", ann["id"]) == ann
