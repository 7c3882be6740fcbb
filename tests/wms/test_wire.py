"""Conductor's records as cells, cells as the bodies of its requests."""

from __future__ import annotations

import pytest

from src.adapters.fakes.conductor import schema
from src.wms import wire
from src.wms.fields import KINDS, Field
from src.wms.wire import Lined

CUSTOMER, INVOICE = KINDS["customers"], KINDS["invoices"]
ORDER, ASSEMBLY = KINDS["sales_orders"], KINDS["inventory_assembly_items"]
MOVED, SERVICE = KINDS["inventory_adjustments"], KINDS["service_items"]


def cell(kind, record: dict, name: str) -> str:
    names = [field.name for field in kind.fields]
    return wire.cells_of(kind.fields, record)[names.index(name)]


@pytest.mark.parametrize(
    ("holds", "value", "said"),
    [
        ("money", "12.5", "12.50"),
        ("money", "-0.00", "0.00"),
        ("money", "-0.001", "0.00"),
        ("price", "1.50000", "1.50"),
        ("price", "0.12345", "0.12345"),
        ("price", "7", "7.00"),
        ("quantity", 3.0, "3"),
        ("quantity", 2.5, "2.5"),
        ("quantity", -0.0, "0"),
        ("quantity", "100000", "100000"),
    ],
)
def test_a_number_has_one_spelling(holds, value, said):
    assert wire.number(holds, value) == said


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError, match="'many' is no number"):
        wire.number("quantity", "many")


@pytest.mark.parametrize(
    ("holds", "value", "said"),
    [
        ("text", None, ""),
        ("flag", True, "yes"),
        ("flag", False, "no"),
        ("flag", "yes", "yes"),
        ("json", [], ""),
        ("json", [{"b": 1, "a": "é"}], '[{"a": "é", "b": 1}]'),
        ("date", "2026-11-21", "2026-11-21"),
    ],
)
def test_a_value_has_one_spelling(holds, value, said):
    assert wire.canonical(Field("x", holds), value) == said


def test_a_reference_is_its_id_and_its_name():
    record = {"terms": {"id": "8-1", "fullName": "Net 30"}, "currency": None}

    assert cell(CUSTOMER, record, "terms.id") == "8-1"
    assert cell(CUSTOMER, record, "terms.name") == "Net 30"
    assert cell(CUSTOMER, record, "currency.id") == ""


def test_an_invoices_total_is_its_subtotal_and_its_tax():
    record = {"subtotal": "100.00", "salesTaxTotal": "7.75"}

    assert cell(INVOICE, record, "total_amount") == "107.75"
    assert cell(INVOICE, {"subtotal": "5.00", "salesTaxTotal": None}, "total_amount") == "5.00"
    assert cell(INVOICE, {}, "total_amount") == ""


def test_an_assemblys_lines_go_by_their_items():
    part = {"inventoryItem": {"id": "8-2", "fullName": "Bolt"}, "quantity": 4}

    found = wire.lines_of(ASSEMBLY, {"lines": [part, part]})

    assert found == [Lined("8-2", ("8-2", "Bolt", "4")), Lined("8-2+", ("8-2", "Bolt", "4"))]


def named(kind, **cells: str) -> list[str]:
    return [cells.get(field.column, "") for field in kind.fields]


def test_a_create_leaves_out_what_is_empty_and_what_is_quickbooks_own():
    cells = named(CUSTOMER, name="Ada", balance="5.00", is_active="no", terms_id="8-1")

    body = wire.new_body(CUSTOMER, cells, [], "e1")

    assert body == {"name": "Ada", "isActive": False, "termsId": "8-1", "externalId": "e1"}


def test_an_update_empties_what_is_empty():
    cells = {"phone": "", "billing_address.city": "Denver", "balance": "9.00"}

    assert wire.body_of(CUSTOMER.fields, cells, "update") == {
        "phone": "",
        "billingAddress": {"city": "Denver"},
    }


def test_amounts_are_left_to_quickbooks_arithmetic():
    line = ["8-2", "Bolt", "3", "1.50", "9.99", "as agreed"]

    assert wire.new_line(ORDER, line) == {
        "itemId": "8-2",
        "quantity": 3,
        "rate": "1.50",
        "description": "as agreed",
    }
    assert wire.new_line(ORDER, ["8-2", "", "", "", "9.99", ""])["amount"] == "9.99"


@pytest.mark.parametrize(
    ("value", "adjusted"),
    [
        ("", {"adjustQuantity": {"quantityDifference": -2}}),
        ("3.50", {"adjustValue": {"quantityDifference": -2, "valueDifference": 3.5}}),
    ],
)
def test_a_movement_is_a_difference_never_a_level(value, adjusted):
    assert wire.new_line(MOVED, ["8-2", "Bolt", "-2", value]) == {"itemId": "8-2", **adjusted}


@pytest.mark.parametrize(
    ("cells", "details"),
    [
        ({"price": "4.00", "posting_account_id": "8-9"}, "salesOrPurchaseDetails"),
        (
            {"sales_price": "4.00", "income_account_id": "8-9", "price": "1.00"},
            "salesAndPurchaseDetails",
        ),
    ],
)
def test_an_item_has_one_kind_of_details(cells, details):
    body = wire.new_body(SERVICE, named(SERVICE, name="Work", **cells), [], "e1")

    assert [name for name in body if name.endswith("Details")] == [details]


def test_what_is_sent_is_what_the_wire_takes():
    cells = named(ORDER, customer_id="8-1", transaction_date="2026-11-21", memo="m")
    guid = "12345678-abcd-abcd-abcd-1234567890ab"

    body = wire.new_body(ORDER, cells, [["8-2", "", "2.5", "1.25", "", ""]], guid)

    assert schema.check_body("sales-orders", "create", body) is None
