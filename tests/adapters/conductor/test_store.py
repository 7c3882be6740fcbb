"""The company file's memory: what a restart, a kill and a torn line leave of it."""

from __future__ import annotations

import pytest

from src.adapters.conductor import RESOURCES
from src.adapters.fakes.conductor.core import Core, Manners
from src.adapters.fakes.conductor.store import LEDGER
from tests.adapters.conductor.books import GUID, Books, at, moved, of


def everything(core: Core) -> dict[str, list[dict]]:
    """Return every record of a company file."""
    found = {}
    for resource in RESOURCES:
        data = core.page(resource, {"limit": 10_000})["data"]
        found[resource] = sorted(data, key=lambda one: one["id"])
    return found


@pytest.fixture
def busy(books):
    """Return a company file in which a lot has happened."""
    ann, bob = books.customer("Ann", openingBalance="5.00"), books.customer("Bob")
    books.customer("Hall", parentId=ann["id"])
    nut = books.item("Nut", salesPrice="2", quantityOnHand=10)
    order = books.order(of(nut, 3), of(nut, 1), customerId=ann["id"])
    books.update("sales-orders", order, lines=[{"id": order["lines"][0]["id"]}])
    books.invoice(linkToTransactionIds=[order["id"]], customerId=ann["id"])
    books.core.delete("inventory-adjustments", books.adjust(moved(nut, 5))["id"])
    books.core.void("inventory-adjustments", books.adjust(moved(nut, 6))["id"])
    books.update("customers", ann, name="Anna")
    books.core.remove("customers", bob["id"])
    return books


def test_a_company_file_survives_its_process(busy):
    assert everything(busy.reopened()) == everything(busy.core)


def test_deletions_survive_too(busy):
    query = {"objectTypes": ["customer"], "transactionTypes": ["inventory_adjustment"]}

    for which in ("list-objects", "transactions"):
        before = busy.core.deleted(which, query)
        assert len(before["data"]) == 1
        assert busy.reopened().deleted(which, query) == before


def test_names_are_taken_after_a_restart(busy):
    core = busy.reopened()

    with Books.raises("3100"):
        core.create("vendors", {"name": "anna"})
    assert core.create("vendors", {"name": "Bob"})["name"] == "Bob"
    assert core.create("vendors", {"name": "Ann"})["name"] == "Ann"


def test_a_new_id_is_new_after_a_restart_whatever_was_removed(books):
    books.customer("Ann")
    bob = books.customer("Bob")
    books.core.remove("customers", bob["id"])

    made = books.reopened().create("customers", {"name": "Cem"})

    assert made["id"].startswith("80000003-")


def test_a_contact_made_after_a_restart_has_an_id_of_its_own(books):
    ann = books.customer(additionalContacts=[{"firstName": "Bo"}])
    body = {
        "revisionNumber": ann["revisionNumber"],
        "additionalContacts": [{"firstName": "Cy"}],
    }

    now = books.reopened().update("customers", ann["id"], body)

    assert len({one["id"] for one in now["additionalContacts"]}) == 2


def test_the_ledger_counts_what_was_done(books):
    ann = books.customer(externalId=GUID)
    now = books.update("customers", ann, phone="1")

    first, second = books.effects()

    assert at(first._asdict(), "verb", "resource", "id", "external_id") == (
        "create",
        "customers",
        ann["id"],
        GUID,
    )
    assert at(second._asdict(), "verb", "external_id", "revision") == (
        "update",
        GUID,
        now["revisionNumber"],
    )


def test_what_is_refused_is_not_in_the_ledger(books):
    books.customer("Ann")

    with Books.raises("3100"):
        books.customer("Ann")

    assert len(books.effects()) == 1


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_torn_last_line_is_a_write_that_did_not_happen(books, cut):
    books.customer("Ann")
    before = everything(books.core)
    books.customer("Bob")
    path = books.folder / LEDGER
    path.write_bytes(path.read_bytes()[:-cut])

    core = books.reopened()

    assert everything(core) == before
    assert core.create("customers", {"name": "Bob"})["id"].startswith("80000002-")
    assert len(everything(books.reopened())["customers"]) == 2


def test_every_cut_of_the_ledger_is_a_company_file(busy):
    path = busy.folder / LEDGER
    whole = path.read_bytes()

    for end in range(0, len(whole), 499):
        path.write_bytes(whole[:end])
        everything(busy.reopened())
        assert len(busy.effects()) == max(whole[:end].count(b"\n") - 1, 0)


def test_a_change_and_what_it_does_to_others_are_one_write(tmp_path):
    books = Books(tmp_path, Manners(quantities_touch_items=True))
    nut = books.item("Nut")
    path = books.folder / LEDGER
    before = path.stat().st_size

    books.adjust(moved(nut, 1))

    assert [one.verb for one in books.effects()] == ["create", "create", "touch"]
    assert path.read_bytes()[before:].count(b"\n") == 2


def test_many_are_created_in_one_go(books):
    count = books.core.create_many("customers", ({"name": f"C{n}"} for n in range(300)))

    assert count == 300
    assert len(books.list("customers")) == 300
    assert len(books.effects("create")) == 300


def test_what_came_before_a_refusal_in_a_large_create_is_there(books):
    bodies = [{"name": "Ann"}, {"name": "Bob"}, {"name": "ann"}, {"name": "Cem"}]

    with Books.raises("3100"):
        books.core.create_many("customers", bodies)

    assert books.names("customers") == ["Ann", "Bob"]
    assert len(everything(books.reopened())["customers"]) == 2


def test_what_a_caller_does_to_a_record_stays_with_the_caller(books):
    ann = books.customer(billingAddress={"line1": "Main St"})
    ann["billingAddress"]["line1"] = "Side St"
    ann["additionalNotes"].append("x")

    now = books.again("customers", ann)

    assert now["billingAddress"]["line1"] == "Main St"
    assert now["additionalNotes"] == []


def test_a_folder_is_made_by_the_first_write(tmp_path):
    books = Books(tmp_path / "a" / "b")
    assert books.list("customers") == [] and not books.folder.exists()

    books.customer()

    assert [one.name for one in books.folder.iterdir()] == [LEDGER]


def test_a_reset_company_file_is_empty_and_goes_on(busy):
    busy.core.reset()

    assert sum(map(len, everything(busy.core).values())) == 0
    assert busy.customer("Ann")["id"].startswith("80000001-")
    assert everything(busy.reopened()) == everything(busy.core)


# --- suites with made-up ids ----------------------------------------------------------


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_seeded_record_is_whole_and_can_be_updated(tmp_path, resource):
    books = Books(tmp_path, Manners(checks_rules=False))

    seeded = books.core.seed(resource, "123ABC-1234567890")
    now = books.core.update(resource, seeded["id"], {"revisionNumber": "1721172183"})

    assert seeded["id"] == now["id"] == "123ABC-1234567890"
    assert None not in at(seeded, "createdAt", "updatedAt", "revisionNumber")
    assert now["revisionNumber"] > seeded["revisionNumber"]


def test_a_seeded_line_has_every_key(tmp_path):
    books = Books(tmp_path, Manners(checks_rules=False))

    seeded = books.core.seed("invoices", "1-1", {"lines": [{"id": "456DEF-1234567890"}]})

    line = seeded["lines"][0]
    assert at(line, "id", "objectType", "item") == (
        "456DEF-1234567890",
        "qbd_invoice_line",
        None,
    )


def test_without_rules_anything_goes(tmp_path):
    books = Books(tmp_path, Manners(checks_rules=False))
    twice = [books.customer("Ann")["id"] for _ in "ab"]
    order = books.order(customerId="80000001-1234567890")

    books.core.update("customers", twice[0], {"revisionNumber": "1", "parentId": twice[0]})

    assert len(set(twice)) == 2
    assert order["customer"]["id"] == "80000001-1234567890"
    assert order["lines"] == []
    assert len(books.list("customers")) == 2
