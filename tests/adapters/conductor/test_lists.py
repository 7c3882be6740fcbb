"""Customers, vendors and items in the simulated company file: names and what they have."""

from __future__ import annotations

import pytest

from src.adapters.fakes.conductor.core import Manners
from src.adapters.fakes.conductor.givens import id_of
from tests.adapters.conductor.books import GUID, NET_30, SALE, Books, at
from tests.adapters.conductor.opened import ITEM

INCOME = ITEM["incomeAccountId"]
BOTH = {"incomeAccountId": INCOME, "expenseAccountId": id_of("accounts", "Purchases")}


# --- ids, times, revisions ------------------------------------------------------------


def test_an_id_is_a_counter_and_the_second_it_was_made(books):
    books.time.passes(60)

    made = books.customer()

    seconds = int(books.time.clock.now().timestamp())
    assert made["id"] == f"80000001-{seconds}"


def test_ids_are_unique_within_a_list_and_the_same_in_another(books):
    people = [books.customer(name)["id"] for name in "ABC"]
    nut, bolt = books.item("Nut"), books.create("service-items", name="Bolt", **SALE)

    assert len(set(people)) == 3
    assert nut["id"] != bolt["id"]  # all kinds of items are one list
    assert books.vendor()["id"] == people[0]


def test_a_revision_is_greater_each_time_even_within_a_second(books):
    ann = books.customer()

    revisions = [int(ann["revisionNumber"])]
    for phone in ("1", "2", "3"):
        revisions.append(int(books.update("customers", ann, phone=phone)["revisionNumber"]))

    assert revisions == sorted(set(revisions))


def test_times_are_those_of_the_computer_that_quickbooks_runs_on(tmp_path):
    manners = Manners(utc_offset="-05:00", clock_ahead=90)
    books = Books(tmp_path, manners)

    ann = books.customer()

    assert ann["createdAt"] == ann["updatedAt"] == "2026-11-23T04:01:30-05:00"


def test_an_update_moves_the_time_and_keeps_when_it_was_made(books):
    ann = books.customer()
    books.time.passes(5)

    now = books.update("customers", ann, phone="1")

    assert at(now, "createdAt", "updatedAt") == (
        "2026-11-23T09:00:00+00:00",
        "2026-11-23T09:00:05+00:00",
    )


@pytest.mark.parametrize("given", ["1", "", "999999999999"])
def test_a_revision_that_is_not_the_newest_is_refused(books, given):
    ann = books.customer()
    words = rf'revision number \(edit sequence\) "{given}" is out-of-date'

    with Books.raises("3200", words):
        books.core.update("customers", ann["id"], {"revisionNumber": given})


def test_the_revision_before_the_newest_is_refused_and_nothing_changes(books):
    ann = books.customer(phone="1")
    now = books.update("customers", ann, phone="2")
    stale = {"revisionNumber": ann["revisionNumber"], "phone": "3"}

    with Books.raises("3200"):
        books.core.update("customers", ann["id"], stale)

    assert books.again("customers", ann) == now


def test_a_record_that_is_not_there_has_two_ways_of_not_being_there(tmp_path):
    books = Books(tmp_path / "a")
    other = Books(tmp_path / "b", Manners(missing_is_404=True))

    with Books.raises("500", "could not be found in QuickBooks"):
        books.core.read("customers", "80000001-1")
    with Books.raises("RESOURCE_MISSING"):
        other.core.read("customers", "80000001-1")
    with Books.raises("3120"):
        books.core.update("customers", "80000001-1", {"revisionNumber": "1"})


# --- names ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Ann", "ANN", "ann"])
def test_a_name_is_unique_whatever_its_case(books, name):
    books.customer("Ann")

    with Books.raises("3100", f'The name "{name}" of the list element is already in use'):
        books.customer(name)


def test_customers_and_vendors_share_one_name_space(books):
    books.customer("Ann")
    books.vendor("Steel")

    with Books.raises("3100"):
        books.vendor("ann")
    with Books.raises("3100"):
        books.customer("STEEL")


def test_all_kinds_of_items_share_one_name_space_and_people_another(books):
    books.item("Nut")
    books.customer("Nut")

    with Books.raises("3100"):
        books.create("service-items", name="nut", **SALE)


def test_the_same_name_may_stand_below_two_parents(books):
    first, second = books.customer("A"), books.customer("B")
    books.customer("Hall", parentId=first["id"])
    books.customer("Hall", parentId=second["id"])

    with Books.raises("3100", "A:HALL"):
        books.customer("HALL", parentId=first["id"])


def test_a_name_is_free_again_once_its_record_is_renamed_or_gone(books):
    ann, bob = books.customer("Ann"), books.customer("Bob")

    books.update("customers", ann, name="Anna")
    books.core.remove("customers", bob["id"])

    assert books.vendor("Ann")["name"] == "Ann"
    assert books.vendor("Bob")["name"] == "Bob"


def test_a_record_may_keep_its_own_name_or_change_its_case(books):
    ann = books.customer("Ann")

    assert books.update("customers", ann, name="Ann")["name"] == "Ann"
    assert books.update("customers", ann, name="ANN")["name"] == "ANN"


def test_a_name_that_is_taken_stops_a_renaming(books):
    books.customer("Ann")
    bob = books.customer("Bob")

    with Books.raises("3100"):
        books.update("customers", bob, name="ann")

    assert books.again("customers", bob)["name"] == "Bob"


def test_an_inactive_record_keeps_its_name(books):
    books.customer("Ann", isActive=False)

    with Books.raises("3100"):
        books.customer("Ann")


@pytest.mark.parametrize("resource", ["customers", "vendors"])
def test_a_colon_in_a_name_is_refused(books, resource):
    with Books.raises("3000", "colon"):
        books.create(resource, name="A:B")


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_refused(books, name):
    with Books.raises("3000"):
        books.customer(name)


# --- parents --------------------------------------------------------------------------


def test_a_full_name_is_that_of_the_parents_and_its_own(books):
    top = books.customer("Top")
    middle = books.customer("Middle", parentId=top["id"])
    low = books.customer("Low", parentId=middle["id"])

    assert at(top, "fullName", "sublevel", "parent") == ("Top", 0, None)
    assert at(low, "fullName", "sublevel") == ("Top:Middle:Low", 2)
    assert low["parent"] == {"id": middle["id"], "fullName": "Top:Middle"}


def test_a_parent_that_is_renamed_renames_all_below_without_touching_them(books):
    top = books.customer("Top")
    low = books.customer("Low", parentId=top["id"])
    books.time.passes(5)

    books.update("customers", top, name="Roof")

    now = books.again("customers", low)
    assert now["fullName"] == "Roof:Low"
    assert now["parent"]["fullName"] == "Roof"
    assert now["revisionNumber"] == low["revisionNumber"]
    assert books.names("customers", fullNames="roof:low") == ["Low"]


def test_a_record_moves_below_another_parent_and_out_of_it(books):
    first, second = books.customer("A"), books.customer("B")
    hall = books.customer("Hall", parentId=first["id"])

    moved = books.update("customers", hall, parentId=second["id"])
    free = books.update("customers", hall, parentId="")

    assert moved["fullName"] == "B:Hall"
    assert at(free, "fullName", "parent", "sublevel") == ("Hall", None, 0)


def test_nobody_is_above_itself(books):
    top = books.customer("Top")
    low = books.customer("Low", parentId=top["id"])

    for parent in (top, low):
        with Books.raises("3140"):
            books.update("customers", top, parentId=parent["id"])


def test_names_are_five_levels_deep_at_most(books):
    parent = books.customer("0")
    for name in "1234":
        parent = books.customer(name, parentId=parent["id"])

    assert parent["fullName"] == "0:1:2:3:4"
    with Books.raises("3140"):
        books.customer("5", parentId=parent["id"])


def test_a_parent_is_of_the_same_kind(books):
    nut = books.item("Nut")

    with Books.raises("3140"):
        books.create("service-items", name="Fitting", parentId=nut["id"], **SALE)


def test_vendors_stand_in_no_tree(books):
    assert not {"fullName", "parent", "sublevel"} & books.vendor().keys()


# --- what they have -------------------------------------------------------------------


def test_a_new_customer_has_every_key_and_the_defaults(books):
    ann = books.customer()

    assert at(ann, "isActive", "jobStatus", "preferredDeliveryMethod") == (
        True,
        "none",
        "none",
    )
    assert at(ann, "balance", "totalBalance", "phone") == ("0.00", "0.00", None)
    assert at(ann, "additionalNotes", "customFields", "externalId") == ([], [], None)


def test_relations_are_given_by_id_and_shown_with_their_names(books):
    types = id_of("customer types", "Wholesale:Export")

    ann = books.customer(termsId=NET_30, customerTypeId=types)

    assert ann["terms"] == {"id": NET_30, "fullName": "Net 30"}
    assert ann["customerType"]["fullName"] == "Wholesale:Export"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("termsId", "Terms"),
        ("customerTypeId", "CustomerType"),
        ("salesRepresentativeId", "SalesRepresentative"),
        ("preferredPaymentMethodId", "PreferredPaymentMethod"),
        ("salesTaxCodeId", "SalesTaxCode"),
        ("classId", "Class"),
        ("parentId", "Parent"),
    ],
)
def test_a_relation_to_nothing_is_refused(books, name, what):
    words = f'invalid reference to QuickBooks {what} "80000999-1" in the Customer'

    with Books.raises("3140", words):
        books.customer(**{name: "80000999-1"})


def test_an_address_has_all_its_keys_and_is_replaced_as_a_whole(books):
    ann = books.customer(billingAddress={"line1": "Main St", "city": "Ulm"})

    now = books.update("customers", ann, billingAddress={"line1": "Side St"})

    assert len(ann["billingAddress"]) == 10
    assert at(ann["billingAddress"], "line1", "city", "note") == ("Main St", "Ulm", None)
    assert at(now["billingAddress"], "line1", "city") == ("Side St", None)
    assert now["shippingAddress"] is None


def test_what_an_update_does_not_name_stays_and_an_empty_text_clears(books):
    ann = books.customer(phone="1", email="a@b.c", termsId=NET_30)

    now = books.update("customers", ann, phone="", termsId="")

    assert at(now, "phone", "email", "terms") == (None, "a@b.c", None)


def test_an_opening_balance_is_the_first_balance(books):
    assert books.customer(openingBalance="12.5" + "0")["balance"] == "12.50"
    assert books.vendor(openingBalance="7")["balance"] == "7.00"


def test_amounts_and_prices_come_back_as_quickbooks_writes_them(books):
    ann = books.customer(creditLimit="1000")
    nut = books.item(salesPrice="12.5", purchaseCost="0.12345")

    assert ann["creditLimit"] == "1000.00"
    assert at(nut, "salesPrice", "purchaseCost") == ("12.50", "0.12345")


def test_an_external_id_comes_back_and_is_not_checked_for_uniqueness(books):
    assert books.customer("Ann", externalId=GUID)["externalId"] == GUID
    assert books.customer("Bob", externalId=GUID)["externalId"] == GUID


def test_contacts_are_added_and_changed_by_id(books):
    given = [{"firstName": "Bo", "lastName": "Li"}, {"firstName": "Cy"}]
    ann = books.customer(additionalContacts=given)
    first = ann["additionalContacts"][0]
    change = {"id": first["id"], "revisionNumber": first["revisionNumber"]}

    now = books.update("customers", ann, additionalContacts=[{**change, "jobTitle": "CEO"}])

    bo, cy = now["additionalContacts"]
    assert at(bo, "name", "jobTitle", "objectType") == ("Bo Li", "CEO", "qbd_contact")
    assert int(bo["revisionNumber"]) > int(first["revisionNumber"])
    assert at(cy, "name", "lastName") == ("Cy", None)


def test_a_contact_of_somebody_else_is_refused(books):
    ann = books.customer()
    contact = {"id": "80000009-1", "revisionNumber": "1", "firstName": "Bo"}

    with Books.raises("3120"):
        books.update("customers", ann, additionalContacts=[contact])


def test_notes_have_numbers(books):
    ann = books.customer(additionalNotes=[{"note": "one"}, {"note": "two"}])

    now = books.update("customers", ann, additionalNotes=[{"id": 2, "note": "zwei"}])

    assert [at(one, "id", "note") for one in now["additionalNotes"]] == [
        (1, "one"),
        (2, "zwei"),
    ]
    with Books.raises("3120"):
        books.update("customers", ann, additionalNotes=[{"id": 3, "note": "x"}])


def test_a_vendor_has_several_expense_accounts(books):
    accounts = [id_of("accounts", name) for name in ("Purchases", "Freight")]

    vendor = books.vendor(defaultExpenseAccountIds=accounts)

    names = [one["fullName"] for one in vendor["defaultExpenseAccounts"]]
    assert names == ["Purchases", "Freight"]


# --- items ----------------------------------------------------------------------------


def test_a_barcode_is_given_with_its_rules_and_shown_alone(books):
    nut = books.item(barcode={"value": "4006381333931"})

    assert nut["barcode"] == "4006381333931"


def test_stock_is_set_when_an_item_is_made(books):
    nut = books.item(quantityOnHand=8, totalValue="20.00")

    assert books.stock(nut) == (8, 0, 0)
    assert nut["averageCost"] == "2.50"
    assert books.stock(books.item("Bolt")) == (0, 0, 0)


@pytest.mark.parametrize("resource", ["service-items", "non-inventory-items"])
@pytest.mark.parametrize("details", [{}, {**SALE, "salesAndPurchaseDetails": BOTH}])
def test_a_service_has_one_kind_of_details_exactly(books, resource, details):
    with Books.raises("0x80040400", "exactly one of"):
        books.create(resource, name="Fitting", **details)


def test_details_keep_what_an_update_does_not_name(books):
    details = {**BOTH, "salesPrice": "5", "purchaseDescription": "buy"}
    made = books.create("service-items", name="Fitting", salesAndPurchaseDetails=details)

    now = books.update("service-items", made, salesAndPurchaseDetails={"salesPrice": "6"})

    found = now["salesAndPurchaseDetails"]
    assert at(found, "salesPrice", "purchaseDescription") == ("6.00", "buy")
    assert found["incomeAccount"]["fullName"] == "Sales Income"
    assert now["salesOrPurchaseDetails"] is None


def test_a_service_does_not_change_its_kind_of_details(books):
    made = books.create("service-items", name="Fitting", **SALE)

    with Books.raises("0x80040400"):
        books.update("service-items", made, salesAndPurchaseDetails=BOTH)


def test_a_discount_is_a_rate_or_a_percentage(books):
    account = {"accountId": id_of("accounts", "Sales Discounts")}
    made = books.create("discount-items", name="Rebate", discountRate="5", **account)

    now = books.update("discount-items", made, discountRatePercent="10")

    assert at(made, "discountRate", "discountRatePercent") == ("5.00", None)
    assert at(now, "discountRate", "discountRatePercent") == (None, "10")
    both = {"discountRate": "5", "discountRatePercent": "10"}
    with Books.raises("0x80040400"):
        books.create("discount-items", name="Both", **both, **account)


def test_an_assembly_has_parts_without_ids(books):
    nut, bolt = books.item("Nut"), books.item("Bolt")
    parts = [{"inventoryItemId": one["id"], "quantity": 2} for one in (nut, bolt)]
    made = books.create("inventory-assembly-items", name="Kit", lines=parts, **ITEM)

    less = books.update("inventory-assembly-items", made, lines=parts[:1])
    none = books.update("inventory-assembly-items", made, clearItemLines=True)

    assert [one["inventoryItem"]["fullName"] for one in made["lines"]] == ["Nut", "Bolt"]
    assert less["lines"] == made["lines"][:1]
    assert none["lines"] == []


def test_an_item_that_is_renamed_has_its_new_name_in_every_assembly(books):
    nut = books.item("Nut")
    parts = [{"inventoryItemId": nut["id"], "quantity": 2}]
    kit = books.create("inventory-assembly-items", name="Kit", lines=parts, **ITEM)

    books.update("inventory-items", nut, name="Hex nut")

    now = books.again("inventory-assembly-items", kit)
    assert now["lines"][0]["inventoryItem"]["fullName"] == "Hex nut"
    assert now["revisionNumber"] == kit["revisionNumber"]


def test_a_preferred_vendor_is_one_of_the_company_file(books):
    steel = books.vendor("Steel")

    nut = books.item(preferredVendorId=steel["id"])

    assert nut["preferredVendor"] == {"id": steel["id"], "fullName": "Steel"}
