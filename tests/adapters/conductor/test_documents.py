"""Orders, invoices and adjustments in the simulated company file: lines, sums, dates."""

from __future__ import annotations

from decimal import Decimal

import pytest

from src.adapters.fakes.conductor.givens import id_of
from src.adapters.fakes.conductor.levels import number, price
from tests.adapters.conductor.books import (
    DAY,
    GUID,
    NET_30,
    NON,
    STATE_TAX,
    TAX,
    Books,
    at,
    moved,
    of,
)
from tests.adapters.conductor.opened import ADJUSTING

FIGURES = ("quantity", "rate", "amount")
UPDATABLE = ["sales-orders", "purchase-orders", "invoices"]


@pytest.fixture
def nut(books):
    """Return an inventory item with a price and a cost."""
    return books.item("Nut", salesPrice="2.50", purchaseCost="1.20", quantityOnHand=100)


# --- references that must be there ----------------------------------------------------


def test_a_reference_that_a_document_must_have_cannot_be_taken_away(books, nut):
    for resource, record, name in (
        ("sales-orders", books.order(of(nut)), "customerId"),
        ("inventory-adjustments", books.adjust(moved(nut, 5)), "accountId"),
        ("inventory-items", nut, "assetAccountId"),
    ):
        with books.raises("3140", 'invalid reference to QuickBooks .* ""'):
            books.update(resource, record, **{name: ""})


def test_a_reference_that_a_document_may_have_can_be_taken_away(books, nut):
    order = books.order(of(nut), termsId=NET_30)

    assert books.update("sales-orders", order, termsId="")["terms"] is None


# --- what a line comes to -------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "figures"),
    [
        ({}, (1, "2.50", "2.50")),
        ({"quantity": 4}, (4, "2.50", "10.00")),
        ({"rate": "3"}, (1, "3.00", "3.00")),
        ({"quantity": 4, "rate": "0.33333"}, (4, "0.33333", "1.33")),
        ({"quantity": 4, "amount": "9.00"}, (4, "2.25", "9.00")),
        ({"quantity": 4, "rate": "9", "amount": "8.00"}, (4, "2.00", "8.00")),
        ({"quantity": 0.5, "rate": "3"}, (0.5, "3.00", "1.50")),
        ({"quantity": 0}, (0, "2.50", "0.00")),
        ({"quantity": -2}, (-2, "2.50", "-5.00")),
        ({"amount": "9.00"}, (None, None, "9.00")),
    ],
)
def test_an_amount_wins_over_a_rate_and_a_rate_over_the_items_price(
    books, nut, given, figures
):
    order = books.order(of(nut, **given))

    assert at(order["lines"][0], *FIGURES) == (
        figures if given != {"rate": "3"} else (None, "3.00", "3.00")
    )


def test_a_purchase_costs_what_the_item_costs(books, nut):
    line = books.purchase(of(nut, 3))["lines"][0]

    assert at(line, *FIGURES) == (3, "1.20", "3.60")


@pytest.mark.parametrize(
    ("details", "cost"),
    [
        ({"salesOrPurchaseDetails": {"price": "7", "postingAccountId": "I"}}, "7.00"),
        (
            {
                "salesAndPurchaseDetails": {
                    "salesPrice": "9",
                    "purchaseCost": "7",
                    "incomeAccountId": "I",
                    "expenseAccountId": "I",
                }
            },
            "7.00",
        ),
    ],
)
def test_a_service_has_its_price_within_its_details(books, details, cost):
    account = id_of("accounts", "Sales Income")
    own = {
        kind: {k: account if v == "I" else v for k, v in one.items()}
        for kind, one in details.items()
    }
    made = books.create("service-items", name="Fitting", **own)

    assert books.purchase(of(made))["lines"][0]["rate"] == cost


def test_a_line_of_text_comes_to_nothing(books, nut):
    order = books.order({"description": "as discussed"}, of(nut, 2))

    assert at(order["lines"][0], "description", *FIGURES) == (
        "as discussed",
        None,
        None,
        None,
    )
    assert order["subtotal"] == "5.00"


@pytest.mark.parametrize(
    ("value", "told"),
    [("12.5", "12.50"), ("12", "12.00"), ("0.12345", "0.12345"), ("1.100", "1.10")],
)
def test_a_price_has_two_to_five_decimals(value, told):
    assert price(Decimal(value)) == told


@pytest.mark.parametrize(("value", "told"), [("5.0", "5"), ("5.5", "5.5"), ("-0", "0")])
def test_a_whole_quantity_has_no_point(value, told):
    assert repr(number(Decimal(value))) == told


# --- the header -----------------------------------------------------------------------


def test_the_header_sums_the_lines_and_taxes_those_that_are_taxable(books, nut):
    lines = (of(nut, 4, salesTaxCodeId=TAX), of(nut, 2, salesTaxCodeId=NON), of(nut, 1))

    order = books.order(*lines, salesTaxItemId=STATE_TAX)

    assert at(order, "subtotal", "salesTaxPercentage", "salesTaxTotal", "totalAmount") == (
        "17.50",
        "8.25",
        "0.83",
        "18.33",
    )


def test_without_a_tax_item_there_is_no_tax(books, nut):
    order = books.order(of(nut, 4, salesTaxCodeId=TAX))

    assert at(order, "salesTaxPercentage", "salesTaxTotal") == (None, "0.00")


def test_a_purchase_order_has_a_total_and_no_more(books, nut):
    purchase = books.purchase(of(nut, 10))

    assert at(purchase, "totalAmount", "isFullyReceived", "isManuallyClosed") == (
        "12.00",
        False,
        False,
    )
    assert "subtotal" not in purchase


def test_an_invoice_has_no_total_but_what_remains(books, nut):
    invoice = books.invoice(of(nut, 4, salesTaxCodeId=TAX), salesTaxItemId=STATE_TAX)

    assert "totalAmount" not in invoice
    assert at(invoice, "subtotal", "salesTaxTotal", "appliedAmount") == (
        "10.00",
        "0.83",
        "0.00",
    )
    assert at(invoice, "balanceRemaining", "isPaid") == ("10.83", False)


def test_an_invoice_is_paid_once_nothing_remains(books, nut):
    invoice = books.invoice(of(nut, 4))

    part = books.core.edit("invoices", invoice["id"], {"appliedAmount": "4.00"})
    whole = books.core.edit("invoices", invoice["id"], {"appliedAmount": "10.00"})

    assert at(part, "balanceRemaining", "isPaid") == ("6.00", False)
    assert at(whole, "balanceRemaining", "isPaid") == ("0.00", True)


def test_the_line_of_an_invoice_is_not_taxed_unless_it_says_so(books, nut):
    ann = books.customer("Ann", salesTaxCodeId=TAX)

    invoice = books.invoice(of(nut), customerId=ann["id"])
    order = books.order(of(nut), customerId=ann["id"])

    assert invoice["lines"][0]["salesTaxCode"]["fullName"] == "Non"
    assert order["lines"][0]["salesTaxCode"] is None


def test_the_customers_terms_set_the_date_on_which_it_is_due(books, nut):
    ann = books.customer("Ann", termsId=NET_30)

    order = books.order(of(nut), customerId=ann["id"])
    own = books.order(of(nut), customerId=ann["id"], dueDate="2026-12-01")
    none = books.order(of(nut))

    assert order["terms"]["fullName"] == "Net 30"
    assert [one["dueDate"] for one in (order, own, none)] == [
        "2026-12-23",
        "2026-12-01",
        DAY,
    ]


def test_an_invoice_gets_the_next_number_and_an_order_none(books, nut):
    books.invoice(of(nut), refNumber="0041")

    numbers = [books.invoice(of(nut))["refNumber"] for _ in "ab"]

    assert numbers == ["42", "43"]
    assert books.order(of(nut))["refNumber"] is None


def test_a_number_may_come_twice(books, nut):
    books.order(of(nut), refNumber="7")
    books.order(of(nut), refNumber="7")

    assert len(books.list("sales-orders", refNumbers="7")) == 2


def test_a_renamed_customer_has_its_new_name_in_its_orders(books, nut):
    ann = books.customer("Ann")
    order = books.order(of(nut), customerId=ann["id"])

    books.update("customers", ann, name="Anna")
    books.update("inventory-items", nut, name="Hex nut")

    now = books.again("sales-orders", order)
    assert now["customer"]["fullName"] == "Anna"
    assert now["lines"][0]["item"]["fullName"] == "Hex nut"
    assert now["revisionNumber"] == order["revisionNumber"]


# --- what a transaction needs ---------------------------------------------------------


@pytest.mark.parametrize("lines", [{}, {"lines": []}])
def test_a_transaction_needs_lines(books, lines):
    ann = books.customer()
    sale = {"customerId": ann["id"], "transactionDate": DAY, **lines}

    for resource in ("sales-orders", "invoices"):
        with Books.raises("3180"):
            books.create(resource, **sale)
    with Books.raises("3180"):
        books.create("inventory-adjustments", **ADJUSTING, **lines)


def test_an_update_does_not_take_the_last_line(books, nut):
    order = books.order(of(nut))

    with Books.raises("3180"):
        books.update("sales-orders", order, lines=[])


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"itemId": "80000999-1"}, 'Item "80000999-1" in the SalesOrder'),
        ({"salesTaxCodeId": "80000999-1"}, "SalesTaxCode"),
        ({"classId": "80000999-1"}, "Class"),
    ],
)
def test_a_line_refers_to_what_is_there(books, nut, given, what):
    with Books.raises("3140", what):
        books.order(of(nut, **given))


def test_an_order_is_somebodys(books, nut):
    with Books.raises("3140", 'Customer "80000999-1"'):
        books.order(of(nut), customerId="80000999-1")


def test_a_refused_order_leaves_nothing_behind(books, nut):
    ann = books.customer("Ann")
    before = books.effects()

    with Books.raises("3140"):
        books.order(of(nut, 3), {"itemId": "80000999-1"}, customerId=ann["id"])

    assert books.effects() == before
    assert books.stock(nut) == (100, 0, 0)


# --- the whole set of lines -----------------------------------------------------------


@pytest.mark.parametrize("resource", UPDATABLE)
def test_lines_replace_the_whole_set(books, nut, resource):
    first = {"customerId": books.customer()["id"]} if resource[0] != "p" else {}
    lines = [of(nut, quantity) for quantity in (1, 2, 3)]
    made = books.create(resource, lines=lines, transactionDate=DAY, **first)
    one, two, three = (line["id"] for line in made["lines"])

    new = [{"id": three}, {"id": "-1", **of(nut, 9)}, {"id": one, "quantity": 5}]
    now = books.update(resource, made, lines=new)

    assert [line["quantity"] for line in now["lines"]] == [3, 9, 5]
    assert [line["id"] for line in now["lines"]][::2] == [three, one]
    assert now["lines"][1]["id"] not in ("-1", one, two, three)


def test_a_line_that_is_named_by_its_id_alone_stays_as_it_is(books, nut):
    order = books.order(of(nut, 3, description="blue", rate="4"), of(nut))
    kept = order["lines"][0]

    now = books.update("sales-orders", order, lines=[{"id": kept["id"]}])

    assert now["lines"] == [kept]
    assert now["totalAmount"] == "12.00"


def test_without_lines_an_update_keeps_them(books, nut):
    order = books.order(of(nut, 3))

    now = books.update("sales-orders", order, memo="urgent")

    assert now["lines"] == order["lines"]
    assert at(now, "memo", "totalAmount") == ("urgent", "7.50")


def test_the_line_of_another_order_is_refused(books, nut):
    other, order = books.order(of(nut)), books.order(of(nut))
    foreign = {"id": other["lines"][0]["id"]}

    with Books.raises("3120", foreign["id"]):
        books.update("sales-orders", order, lines=[foreign])

    assert books.again("sales-orders", order) == order


@pytest.mark.parametrize(
    ("change", "figures"),
    [
        ({"quantity": 5}, (5, "4.00", "20.00")),
        ({"rate": "1"}, (3, "1.00", "3.00")),
        ({"amount": "6.00"}, (3, "2.00", "6.00")),
        ({"description": "x"}, (3, "4.00", "12.00")),
    ],
)
def test_a_changed_line_is_reckoned_again(books, nut, change, figures):
    order = books.order(of(nut, 3, rate="4"))
    line = {"id": order["lines"][0]["id"], **change}

    now = books.update("sales-orders", order, lines=[line])

    assert at(now["lines"][0], *FIGURES) == figures
    assert now["subtotal"] == figures[2]


def test_another_item_has_another_price(books, nut):
    bolt = books.item("Bolt", salesPrice="7")
    order = books.order(of(nut, 3))
    line = {"id": order["lines"][0]["id"], "itemId": bolt["id"]}

    now = books.update("sales-orders", order, lines=[line])

    assert at(now["lines"][0], *FIGURES) == (3, "7.00", "21.00")


def test_the_id_of_a_transaction_is_a_short_hex_number_and_the_second(books, nut):
    order = books.order(of(nut))

    seconds = int(books.time.clock.now().timestamp())
    for one in (order, order["lines"][0]):
        number, _, moment = one["id"].partition("-")
        assert 0x1000 < int(number, 16) < 0x2000
        assert moment == str(seconds)


def test_ids_of_lines_and_transactions_are_unique_after_a_restart_too(books, nut):
    made = [books.order(of(nut), of(nut)), books.purchase(of(nut))]
    reopened = books.reopened()
    body = {"transactionDate": DAY, "lines": [of(nut), of(nut)]}

    made += [reopened.create("purchase-orders", body)]

    ids = [one["id"] for one in made]
    ids += [line["id"] for one in made for line in one["lines"]]
    assert len(set(ids)) == len(ids) == 8


def test_groups_have_ids_and_lines_of_their_own(books, nut):
    kit = id_of("item groups", "Starter kit")
    order = books.order(of(nut), lineGroups=[{"itemGroupId": kit, "quantity": 2}])
    group = order["lineGroups"][0]
    new = {"id": group["id"], "lines": [{"id": "-1", **of(nut, 4)}]}

    now = books.update("sales-orders", order, lineGroups=[new])

    assert group["itemGroup"]["fullName"] == "Starter kit"
    assert at(now["lineGroups"][0], "id", "totalAmount") == (group["id"], "10.00")
    assert at(now, "subtotal") == ("12.50",)


def test_custom_fields_of_a_line_are_given_when_it_is_made(books, nut):
    field = {"ownerId": "0", "name": "Colour", "value": "blue"}

    line = books.order(of(nut, customFields=[field]))["lines"][0]

    assert line["customFields"] == [{**field, "type": "string_255_type"}]


# --- adjustments ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "difference", "worth"),
    [
        ({"adjustQuantity": {"quantityDifference": -3}}, -3, -3.6),
        ({"adjustQuantity": {"newQuantity": 90.5}}, -9.5, -11.4),
        ({"adjustValue": {"newQuantity": 101, "valueDifference": 5}}, 1, 5),
        ({"adjustValue": {"newValue": "130.00"}}, 0, 10),
        ({"adjustSerialNumber": {"addSerialNumber": "S1"}}, 1, 1.2),
        ({"adjustSerialNumber": {"removeSerialNumber": "S1"}}, -1, -1.2),
        ({"adjustLotNumber": {"lotNumber": "L1", "adjustCount": 4}}, 4, 4.8),
    ],
)
def test_an_adjustment_is_a_difference_however_it_is_told(books, nut, how, difference, worth):
    line = books.adjust({"itemId": nut["id"], **how})["lines"][0]

    assert at(line, "quantityDifference", "valueDifference") == (difference, worth)
    assert books.stock(nut)[0] == 100 + difference


def test_a_serial_number_says_whether_it_came_or_went(books, nut):
    how = {"adjustSerialNumber": {"removeSerialNumber": "S1"}}

    line = books.adjust({"itemId": nut["id"], **how})["lines"][0]

    assert at(line, "serialNumber", "serialNumberAction", "lotNumber") == (
        "S1",
        "removed",
        None,
    )


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"adjustQuantity": {"quantityDifference": 1}, "adjustValue": {"newQuantity": 1}},
        {"adjustQuantity": {"quantityDifference": 1, "newQuantity": 1}},
    ],
)
def test_an_adjustment_is_told_in_one_way(books, nut, how):
    with Books.raises("0x80040400", "exactly one of"):
        books.adjust({"itemId": nut["id"], **how})


def test_only_what_lies_on_a_shelf_is_adjusted(books):
    account = id_of("accounts", "Sales Income")
    details = {"salesOrPurchaseDetails": {"postingAccountId": account}}
    service = books.create("service-items", name="Fitting", **details)

    with Books.raises("3140", "inventory item"):
        books.adjust(moved(service, 1))


def test_an_adjustment_keeps_its_external_id_and_account(books, nut):
    made = books.adjust(moved(nut, 1), externalId=GUID, memo="count", refNumber="A1")

    assert at(made, "externalId", "memo", "refNumber") == (GUID, "count", "A1")
    assert made["account"]["fullName"] == "Inventory Adjustments"
    assert "linkedTransactions" not in made


# --- delete, void ---------------------------------------------------------------------


def test_a_deleted_transaction_is_gone(books, nut):
    order = books.order(of(nut), refNumber="7")

    told = books.core.delete("sales-orders", order["id"])

    assert told == {
        "id": order["id"],
        "objectType": "qbd_sales_order",
        "refNumber": "7",
        "deleted": True,
    }
    with Books.raises("500"):
        books.again("sales-orders", order)
    with Books.raises("3120"):
        books.core.delete("sales-orders", order["id"])


def test_a_voided_invoice_stays_with_nothing_in_it(books, nut):
    invoice = books.invoice(of(nut, 4), memo="first")
    books.time.passes(5)

    told = books.core.void("invoices", invoice["id"])

    now = books.again("invoices", invoice)
    assert at(told, "id", "voided", "refNumber") == (invoice["id"], True, "1")
    assert at(now, "memo", "subtotal", "balanceRemaining", "isPaid") == (
        "VOID: first",
        "0.00",
        "0.00",
        True,
    )
    assert at(now["lines"][0], "quantity", "amount") == (0, "0.00")
    assert now["revisionNumber"] > invoice["revisionNumber"]


def test_a_voided_adjustment_moves_nothing(books, nut):
    made = books.adjust(moved(nut, 7))

    books.core.void("inventory-adjustments", made["id"])

    line = books.again("inventory-adjustments", made)["lines"][0]
    assert at(line, "quantityDifference", "valueDifference") == (0, 0)
    assert books.stock(nut)[0] == 100


# --- invoices of orders ---------------------------------------------------------------


def test_an_invoice_takes_over_what_is_open_of_an_order(books, nut):
    order = books.order(of(nut, 3, rate="4"), {"description": "text"}, of(nut, 2))

    invoice = books.invoice(
        linkToTransactionIds=[order["id"]], customerId=order["customer"]["id"]
    )

    assert [at(line, *FIGURES) for line in invoice["lines"]] == [
        (3, "4.00", "12.00"),
        (2, "2.50", "5.00"),
    ]
    assert invoice["linkedTransactions"][0]["id"] == order["id"]


def test_an_order_knows_what_was_invoiced_of_it(books, nut):
    order = books.order(of(nut, 3), of(nut, 2))
    link = {"transactionId": order["id"], "transactionLineId": order["lines"][0]["id"]}

    books.invoice({"linkToTransactionLine": link, "quantity": 1})

    now = books.again("sales-orders", order)
    assert [line["quantityInvoiced"] for line in now["lines"]] == [1, 0]
    assert now["isFullyInvoiced"] is False
    assert now["linkedTransactions"][0]["transactionType"] == "invoice"
    assert now["revisionNumber"] > order["revisionNumber"]
    assert books.stock(nut) == (99, 4, 0)


@pytest.mark.parametrize("end", ["delete", "void"])
def test_an_order_is_open_again_once_its_invoice_is_gone(books, nut, end):
    order = books.order(of(nut, 3))
    invoice = books.invoice(linkToTransactionIds=[order["id"]])
    assert books.again("sales-orders", order)["isFullyInvoiced"] is True

    getattr(books.core, end)("invoices", invoice["id"])

    now = books.again("sales-orders", order)
    assert at(now, "isFullyInvoiced", "linkedTransactions") == (False, [])
    assert books.stock(nut) == (100, 3, 0)


def test_a_voided_invoice_that_is_deleted_counts_once(books, nut):
    order = books.order(of(nut, 3))
    invoice = books.invoice(linkToTransactionIds=[order["id"]])

    books.core.void("invoices", invoice["id"])
    books.core.delete("invoices", invoice["id"])

    assert books.again("sales-orders", order)["lines"][0]["quantityInvoiced"] == 0


def test_a_linked_line_has_no_item_of_its_own(books, nut):
    order = books.order(of(nut, 3))
    link = {"transactionId": order["id"], "transactionLineId": order["lines"][0]["id"]}

    with Books.raises("0x80040400"):
        books.invoice(of(nut, linkToTransactionLine=link))


@pytest.mark.parametrize("name", ["transactionId", "transactionLineId"])
def test_a_link_to_nothing_is_refused(books, nut, name):
    order = books.order(of(nut, 3))
    link = {"transactionId": order["id"], "transactionLineId": order["lines"][0]["id"]}

    with Books.raises("3140"):
        books.invoice({"linkToTransactionLine": {**link, name: "1A-1"}})
