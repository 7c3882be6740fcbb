"""What Conductor refuses before QuickBooks is asked, and the table it goes by."""

from __future__ import annotations

import json

import pytest

from src.adapters.conductor import RESOURCES, TRANSACTIONS
from src.adapters.fakes.conductor import schema, wire
from src.adapters.fakes.conductor.refusal import Refusal
from src.kit import reading

SALE = {"customerId": "80000001-1", "transactionDate": "2026-11-23"}


def told(resource: str, verb: str, body: object) -> str:
    """Return why a body is refused, empty if it is not."""
    try:
        schema.check_body(resource, verb, body)
    except Refusal as refusal:
        assert (refusal.status, refusal.type) == (400, "INVALID_REQUEST_ERROR")
        assert refusal.user_message.startswith("An internal server error occurred.")
        return refusal.message
    return ""


def asked(resource: str, *pairs: tuple[str, str]) -> str:
    """Return why a query is refused, empty if it is not."""
    try:
        schema.check_query(resource, pairs)
    except Refusal as refusal:
        return refusal.message
    return ""


# --- the table ------------------------------------------------------------------------


def test_the_table_reads_without_a_reject():
    found = reading.table(wire.PATH, wire.TABLE)

    assert len([*found]) > 1500
    assert found.rejects == []


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_resource_has_an_object_a_create_an_update_and_a_query(resource):
    for place in (wire.OBJECT, wire.CREATE, wire.UPDATE, wire.QUERY):
        assert wire.fields(resource, place), place


@pytest.mark.parametrize("resource", RESOURCES)
def test_an_update_asks_for_the_revision_and_nothing_else(resource):
    fields = wire.fields(resource, wire.UPDATE).values()

    assert [one.field for one in fields if one.required] == ["revisionNumber"]


@pytest.mark.parametrize("resource", RESOURCES)
def test_what_is_set_once_cannot_be_updated(resource):
    fields = wire.fields(resource, wire.UPDATE)

    assert not {"externalId", "quantityOnHand", "openingBalance"} & fields.keys()


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_shape_that_is_named_is_there(resource):
    for place in (wire.OBJECT, wire.CREATE, wire.UPDATE):
        kinds = {one.of for one in wire.fields(resource, place).values()}
        for kind in kinds - SCALARS:
            assert wire.fields(kind, place), (kind, place)


SCALARS = {"text", "id", "guid", "date", "flag", "number", "number2", "integer", "enum"}
SCALARS |= {"const", "ref", "money", "price"}


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_blank_object_has_every_key_and_its_type(resource):
    blank = schema.blank(resource)

    kind = "qbd_" + resource.removesuffix("s").replace("-", "_")
    assert blank["objectType"] == kind
    assert blank["id"] is None and blank["customFields"] == []
    assert json.loads(json.dumps(blank)) == blank


def test_two_blank_objects_share_no_list():
    schema.blank("customers")["additionalNotes"].append(1)

    assert schema.blank("customers")["additionalNotes"] == []


def test_adjustments_have_no_cursor_and_no_most():
    fields = wire.fields("inventory-adjustments", wire.QUERY)

    assert "cursor" not in fields
    assert fields["limit"].most == ""


def test_only_lists_have_a_status():
    with_status = {one for one in RESOURCES if "status" in wire.fields(one, wire.QUERY)}

    assert with_status == set(RESOURCES) - TRANSACTIONS.keys()


# --- bodies ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, 'Invalid input: expected string, received undefined at "name"'),
        ({"name": None}, 'Invalid input: expected string, received null at "name"'),
        ({"name": 7}, 'Invalid input: expected string, received number at "name"'),
        ({"name": "x" * 42}, "expected string to have <=41 characters"),
        ({"name": "x", "Name": "y"}, 'Unrecognized key: "Name"'),
        ({"name": "x", "isActive": "yes"}, "expected boolean, received string"),
        ({"name": "x", "isActive": 1}, "expected boolean, received number"),
        ({"name": "x", "jobStatus": "open"}, 'expected one of "awarded"|"closed"'),
        ({"name": "x", "creditLimit": 100}, "expected string, received number"),
        ({"name": "x", "creditLimit": "100.5"}, "exactly 2 decimal places"),
        ({"name": "x", "creditLimit": "1e3"}, "exactly 2 decimal places"),
        ({"name": "x", "jobStartDate": "23.11.2026"}, "invalid ISO date"),
        ({"name": "x", "jobStartDate": "2026-02-30"}, "invalid ISO date"),
        ({"name": "x", "externalId": "abc"}, "invalid GUID"),
        ({"name": "x", "billingAddress": "Main St"}, "expected object, received string"),
        ({"name": "x", "billingAddress": []}, "expected object, received array"),
        ({"name": "x", "additionalNotes": {}}, "expected array, received object"),
        ({"name": "x", "additionalNotes": [{}]}, '"additionalNotes[0].note"'),
        ({"name": "x", "quantityOnHand": 5}, 'Unrecognized key: "quantityOnHand"'),
    ],
)
def test_a_customer_that_is_not_as_described_is_refused(body, message):
    assert message in told("customers", "create", body)


@pytest.mark.parametrize("body", [None, [], "x", 7])
def test_a_body_is_an_object(body):
    assert told("customers", "create", body).startswith("Invalid input: expected object")


def test_what_is_as_described_is_taken():
    body = {
        "name": "x" * 41,
        "isActive": False,
        "creditLimit": "1000.00",
        "openingBalance": "-5",
        "billingAddress": {"line1": "Main St", "city": ""},
        "externalId": "6f1c8a52-0000-4000-8000-000000000001",
        "additionalContacts": [{"firstName": "Bo"}],
        "jobStartDate": "2026-11-23",
    }

    assert told("customers", "create", body) == ""


def test_everything_that_is_wrong_is_told_at_once():
    body = {"Line1": 1, "Line2": 2, "phone": 5, "billingAddress": {"Line1": "x"}}

    found = told("customers", "create", body).split("; ")

    assert found[0] == 'Unrecognized keys: "Line1", "Line2"'
    assert 'Unrecognized key: "Line1" at "billingAddress"' in found
    assert len(found) == 4


def test_lines_are_checked_in_their_depth():
    line = {"quantity": "3", "rate": "1.123456", "unitPrice": "1"}

    found = told("sales-orders", "create", {**SALE, "lines": [{}, line]})

    assert 'expected number, received string at "lines[1].quantity"' in found
    assert 'at most 5 decimal places' in found
    assert 'Unrecognized key: "unitPrice" at "lines[1]"' in found


def test_a_line_of_an_update_has_an_id_and_a_new_one_has_none():
    without = {"revisionNumber": "1", "lines": [{"quantity": 1}]}

    assert '"lines[0].id"' in told("sales-orders", "update", without)
    assert 'Unrecognized key: "id"' in told(
        "sales-orders", "create", {**SALE, "lines": [{"id": "1"}]}
    )


def test_a_new_adjustment_is_nested_and_a_changed_one_flat():
    nested = {"itemId": "1", "adjustQuantity": {"quantityDifference": 1.5}}
    flat = {"id": "1", "quantityDifference": 1.5}
    head = {"accountId": "1", "transactionDate": "2026-11-23"}

    assert told("inventory-adjustments", "create", {**head, "lines": [nested]}) == ""
    changed = {"revisionNumber": "1", "lines": [flat]}
    assert told("inventory-adjustments", "update", changed) == ""
    assert told("inventory-adjustments", "create", {**head, "lines": [flat]})
    assert told("inventory-adjustments", "update", {**changed, "lines": [nested]})


def test_a_value_difference_has_two_decimals_at_most():
    def body(value: float) -> dict:
        line = {"id": "1", "valueDifference": value}
        return {"revisionNumber": "1", "lines": [line]}

    assert told("inventory-adjustments", "update", body(1.25)) == ""
    assert "2 decimal places" in told("inventory-adjustments", "update", body(1.255))


@pytest.mark.parametrize("number", [True, "1", None, float("nan"), 1e300])
def test_a_quantity_is_a_number(number):
    assert told("sales-orders", "create", {**SALE, "lines": [{"quantity": number}]})


def test_an_update_without_its_revision_is_refused():
    assert 'undefined at "revisionNumber"' in told("vendors", "update", {"name": "x"})


def test_a_suite_may_leave_one_length_unchecked():
    body = {**SALE, "shipmentOrigin": "x" * 14}

    assert "<=13 characters" in told("sales-orders", "create", body)
    schema.check_body("sales-orders", "create", body, frozenset({"shipmentOrigin"}))


# --- queries --------------------------------------------------------------------------


def test_a_query_has_its_types_and_defaults():
    pairs = [("ids", "a"), ("ids", "b"), ("limit", "10")]

    found = schema.check_query("customers", pairs)

    assert found["ids"] == ["a", "b"]
    assert (found["limit"], found["status"]) == (10, "active")
    assert found["excludeAlternateShippingAddresses"] is False


def test_one_value_of_an_array_is_an_array_too():
    assert schema.check_query("vendors", [("names", "x")])["names"] == ["x"]


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (("limit", "0"), "number to be >=1"),
        (("limit", "151"), "number to be <=150"),
        (("limit", "ten"), "expected number, received string"),
        (("limit", "1.5"), "expected number, received string"),
        (("status", "deleted"), 'expected one of "active"|"all"|"inactive"'),
        (("excludeAlternateShippingAddresses", "1"), "expected boolean"),
        (("ids[]", "a"), 'Unrecognized key: "ids[]"'),
        (("vendorIds", "a"), 'Unrecognized key: "vendorIds"'),
    ],
)
def test_a_query_that_is_not_as_described_is_refused(pair, message):
    assert message in asked("customers", pair)


def test_a_name_that_is_no_array_comes_once():
    limits, states = [("limit", "1"), ("limit", "2")], [("status", "all")] * 2

    assert "expected number, received array" in asked("customers", *limits)
    assert "expected string, received array" in asked("customers", *states)


def test_adjustments_may_be_asked_for_without_a_most():
    assert schema.check_query("inventory-adjustments", [("limit", "5000")])["limit"] == 5000


def test_deletions_are_asked_for_by_type():
    assert '"objectTypes"' in asked("deleted-list-objects")
    assert asked("deleted-list-objects", ("objectTypes", "customer")) == ""
    assert "Invalid option" in asked("deleted-list-objects", ("objectTypes", "client"))
    assert '"transactionTypes"' in asked("deleted-transactions")


def test_dates_of_transactions_are_dates():
    assert "invalid ISO date" in asked("invoices", ("transactionDateFrom", "yesterday"))
    assert asked("invoices", ("transactionDateFrom", "2026-11-23")) == ""
