"""What follows from transactions: stock, open orders, balances; and what does not."""

from __future__ import annotations

from random import Random

import pytest

from src.adapters.fakes.conductor.core import Manners
from tests.adapters.conductor.books import Books, at, moved, of
from tests.adapters.conductor.opened import ITEM


@pytest.fixture
def nut(books):
    """Return an inventory item of which there are 100."""
    return books.item("Nut", salesPrice="2", quantityOnHand=100)


# --- stock ----------------------------------------------------------------------------


def test_an_adjustment_moves_what_is_on_hand(books, nut):
    books.adjust(moved(nut, 5), moved(nut, -2))

    assert books.stock(nut) == (103, 0, 0)


def test_an_adjustment_that_is_changed_moves_by_the_difference(books, nut):
    made = books.adjust(moved(nut, 5))
    line = {"id": made["lines"][0]["id"], "quantityDifference": 8}

    books.update("inventory-adjustments", made, lines=[line])

    assert books.stock(nut)[0] == 108


def test_an_adjustment_that_changes_its_item_moves_both(books, nut):
    bolt = books.item("Bolt")
    made = books.adjust(moved(nut, 5))
    line = {"id": made["lines"][0]["id"], "itemId": bolt["id"]}

    books.update("inventory-adjustments", made, lines=[line])

    assert books.stock(nut)[0] == 100
    assert books.stock(bolt)[0] == 5


@pytest.mark.parametrize("end", ["delete", "void"])
def test_an_adjustment_that_is_gone_moves_back(books, nut, end):
    made = books.adjust(moved(nut, 5))

    getattr(books.core, end)("inventory-adjustments", made["id"])

    assert books.stock(nut)[0] == 100


def test_a_tenth_ten_times_is_one(books, nut):
    for _ in range(10):
        books.adjust(moved(nut, 0.1))

    assert books.stock(nut)[0] == 101


def test_an_assembly_has_a_stock_too(books):
    kit = books.create("inventory-assembly-items", name="Kit", quantityOnHand=2, **ITEM)

    books.adjust(moved(kit, 3))

    assert books.again("inventory-assembly-items", kit)["quantityOnHand"] == 5


def test_a_movement_leaves_the_items_time_and_revision_alone(books, nut):
    books.time.passes(60)

    made = books.adjust(moved(nut, 5))

    now = books.again("inventory-items", nut)
    assert at(now, "updatedAt", "revisionNumber") == at(nut, "updatedAt", "revisionNumber")
    assert made["updatedAt"] > now["updatedAt"]
    since = books.list("inventory-items", updatedAfter=made["updatedAt"])
    assert since == []


def test_in_some_files_a_movement_changes_the_item(tmp_path):
    books = Books(tmp_path, Manners(quantities_touch_items=True))
    nut, bolt = books.item("Nut"), books.item("Bolt")
    books.time.passes(60)

    made = books.adjust(moved(nut, 5), moved(bolt, 0))

    now = books.again("inventory-items", nut)
    assert now["revisionNumber"] > nut["revisionNumber"]
    assert now["updatedAt"] == made["updatedAt"]
    assert books.again("inventory-items", bolt)["revisionNumber"] == bolt["revisionNumber"]
    assert [one.id for one in books.effects("touch")] == [nut["id"]]


def test_an_invoice_takes_from_the_stock(books, nut):
    books.invoice(of(nut, 4))

    assert books.stock(nut) == (96, 0, 0)


def test_in_some_files_an_invoice_leaves_the_stock_alone(tmp_path):
    books = Books(tmp_path, Manners(invoices_move_stock=False))
    nut = books.item(quantityOnHand=10)

    books.invoice(of(nut, 4))

    assert books.stock(nut)[0] == 10


# --- open orders ----------------------------------------------------------------------


def test_orders_are_counted_while_they_are_open(books, nut):
    sale, purchase = books.order(of(nut, 4)), books.purchase(of(nut, 7))
    assert books.stock(nut) == (100, 4, 7)

    books.update("sales-orders", sale, isManuallyClosed=True)
    books.update("purchase-orders", purchase, isManuallyClosed=True)

    assert books.stock(nut) == (100, 0, 0)


def test_a_closed_line_is_not_counted(books, nut):
    order = books.order(of(nut, 4), of(nut, 3, isManuallyClosed=True))

    line = {"id": order["lines"][1]["id"], "isManuallyClosed": False}
    before = books.stock(nut)
    books.update("sales-orders", order, lines=[line])

    assert (before[1], books.stock(nut)[1]) == (4, 3)


def test_what_was_received_is_not_on_order(books, nut):
    purchase = books.purchase(of(nut, 7))
    line = {"id": purchase["lines"][0]["id"], "receivedQuantity": 5}

    books.core.edit("purchase-orders", purchase["id"], {"lines": [line]})

    assert books.stock(nut)[2] == 2


def test_a_deleted_order_is_not_counted(books, nut):
    order, purchase = books.order(of(nut, 4)), books.purchase(of(nut, 7))

    books.core.delete("sales-orders", order["id"])
    books.core.delete("purchase-orders", purchase["id"])

    assert books.stock(nut) == (100, 0, 0)


# --- balances -------------------------------------------------------------------------


def balances(books: Books, customer: dict) -> tuple[str, str]:
    now = books.again("customers", customer)
    return now["balance"], now["totalBalance"]


def test_an_invoice_is_owed(books, nut):
    ann = books.customer(openingBalance="10.00")

    invoice = books.invoice(of(nut, 4), customerId=ann["id"])
    assert balances(books, ann) == ("18.00", "18.00")

    books.core.void("invoices", invoice["id"])
    assert balances(books, ann) == ("10.00", "10.00")


def test_what_is_paid_is_not_owed(books, nut):
    ann = books.customer()
    invoice = books.invoice(of(nut, 4), customerId=ann["id"])

    books.core.edit("invoices", invoice["id"], {"appliedAmount": "3.00"})

    assert balances(books, ann) == ("5.00", "5.00")


def test_a_total_balance_has_the_jobs_in_it(books, nut):
    ann = books.customer()
    job = books.customer("Hall", parentId=ann["id"], openingBalance="1.00")
    books.customer("Roof", parentId=job["id"], openingBalance="0.50")

    books.invoice(of(nut, 1), customerId=job["id"])

    assert balances(books, ann) == ("0.00", "3.50")
    assert balances(books, job) == ("3.00", "3.50")


def test_an_invoice_that_goes_to_somebody_else_is_owed_by_them(books, nut):
    ann, bob = books.customer("Ann"), books.customer("Bob")
    invoice = books.invoice(of(nut, 4), customerId=ann["id"])

    books.update("invoices", invoice, customerId=bob["id"])

    assert balances(books, ann)[0] == "0.00"
    assert balances(books, bob)[0] == "8.00"


def test_a_customer_and_a_vendor_of_the_same_id_are_not_mixed_up(books, nut):
    ann, steel = books.customer(), books.vendor(openingBalance="7.00")
    assert ann["id"] == steel["id"]

    books.invoice(of(nut, 4), customerId=ann["id"])

    assert books.again("vendors", steel)["balance"] == "7.00"


# --- a person -------------------------------------------------------------------------


def test_a_person_sets_what_the_api_leaves_to_quickbooks(books, nut):
    ann = books.customer()
    books.adjust(moved(nut, 5))

    item = books.core.edit("inventory-items", nut["id"], {"quantityOnHand": 50})
    customer = books.core.edit("customers", ann["id"], {"balance": "3.00"})

    assert (item["quantityOnHand"], customer["balance"]) == (50, "3.00")
    books.adjust(moved(nut, 1))
    assert books.stock(nut)[0] == 51


def test_a_person_needs_no_revision_and_leaves_a_new_one(books):
    ann = books.customer(phone="1")
    books.time.passes(5)

    now = books.core.edit("customers", ann["id"], {"phone": "2", "id": "other"})

    assert at(now, "id", "phone", "createdAt") == (ann["id"], "2", ann["createdAt"])
    assert now["updatedAt"] > ann["updatedAt"]
    assert now["revisionNumber"] > ann["revisionNumber"]
    assert [one.verb for one in books.effects()] == ["create", "edit"]


def test_a_person_is_held_to_the_rules(books):
    ann, bob = books.customer("Ann"), books.customer("Bob")

    with Books.raises("3100"):
        books.core.edit("customers", bob["id"], {"name": "Ann"})
    with Books.raises("3120"):
        books.core.edit("customers", "80000999-1", {"name": "X"})
    assert books.again("customers", ann) == ann


def test_what_others_refer_to_is_not_removed(books, nut):
    top, alone = books.customer("Top"), books.customer("Alone")
    books.customer("Low", parentId=top["id"])
    ann = books.customer("Ann")
    books.order(of(nut), customerId=ann["id"])

    for resource, one in (("customers", top), ("customers", ann), ("inventory-items", nut)):
        with Books.raises("3160"):
            books.core.remove(resource, one["id"])
    books.core.remove("customers", alone["id"])
    assert books.names("customers") == ["Ann", "Low", "Top"]


def test_a_person_removes_a_transaction_as_the_api_deletes_one(books, nut):
    order = books.order(of(nut, 3))
    invoice = books.invoice(linkToTransactionIds=[order["id"]])

    books.core.remove("invoices", invoice["id"])

    gone = books.core.deleted("transactions", {"transactionTypes": ["invoice"]})["data"]
    assert [one["id"] for one in gone] == [invoice["id"]]
    assert books.again("sales-orders", order)["isFullyInvoiced"] is False
    assert books.stock(nut) == (100, 3, 0)


def test_a_vendor_of_a_customers_id_is_removed_all_the_same(books, nut):
    ann, steel = books.customer("Ann"), books.vendor()
    assert ann["id"] == steel["id"]
    books.order(of(nut), customerId=ann["id"])

    books.core.remove("vendors", steel["id"])

    assert books.list("vendors") == []


# --- together -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_the_stock_is_what_came_and_went_whatever_happens(books, seed):
    dice, nut = Random(seed), books.item(quantityOnHand=100)
    there: dict[str, float] = {}
    for _ in range(60):
        step = dice.choice(["create", "update", "delete", "void"])
        by = dice.randint(-9, 9)
        if step == "create" or not there:
            there[books.adjust(moved(nut, by))["id"]] = by
            continue
        found = dice.choice(list(there))
        made = books.core.read("inventory-adjustments", found)
        if step == "update":
            line = {"id": made["lines"][0]["id"], "quantityDifference": by}
            books.update("inventory-adjustments", made, lines=[line])
            there[found] = by
        elif step == "delete":
            books.core.delete("inventory-adjustments", found)
            del there[found]
        else:
            books.core.void("inventory-adjustments", found)
            there[found] = 0

    assert books.stock(nut)[0] == 100 + sum(there.values())
    reopened = books.reopened().read("inventory-items", nut["id"])
    assert reopened == books.again("inventory-items", nut)
