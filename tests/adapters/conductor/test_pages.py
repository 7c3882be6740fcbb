"""Lists of the simulated company file: pages, cursors, and what filters let through."""

from __future__ import annotations

import pytest

from src.adapters.fakes.conductor import filters
from src.adapters.fakes.conductor.core import Manners
from src.adapters.fakes.conductor.givens import id_of
from tests.adapters.conductor.books import DAY, Books, at, moved, of
from tests.adapters.conductor.opened import ITEM

LIMIT = ("limit", "2")


def filled(books: Books, count: int = 5) -> Books:
    """Return a company file with customers in it, C0000 first."""
    books.core.create_many("customers", ({"name": f"C{n:04}"} for n in range(count)))
    return books


# --- pages ----------------------------------------------------------------------------


def test_an_empty_list_is_one_page(books):
    assert books.page("customers") == {
        "objectType": "list",
        "url": "/v1/quickbooks-desktop/customers",
        "data": [],
        "nextCursor": None,
        "remainingCount": 0,
        "hasMore": False,
    }


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(149, [149]), (150, [150]), (151, [150, 1]), (301, [150, 150, 1])],
)
def test_a_page_has_150_records_unless_fewer_are_asked_for(books, count, sizes):
    filled(books, count)

    page = books.page("customers")
    found = [len(page["data"])]
    while page["hasMore"]:
        page = books.page("customers", ("cursor", page["nextCursor"]))
        found.append(len(page["data"]))

    assert found == sizes


def test_each_page_says_what_is_left_and_the_cursor_stays_the_same(books):
    filled(books)

    first = books.page("customers", LIMIT)
    second = books.page("customers", LIMIT, ("cursor", first["nextCursor"]))
    third = books.page("customers", LIMIT, ("cursor", first["nextCursor"]))

    assert first["nextCursor"] == second["nextCursor"]
    assert [at(one, "remainingCount", "hasMore") for one in (first, second, third)] == [
        (3, True),
        (1, True),
        (0, False),
    ]
    assert third["nextCursor"] is None


def test_a_cursor_goes_one_way_whatever_became_of_the_answer(books):
    filled(books)
    cursor = ("cursor", books.page("customers", LIMIT)["nextCursor"])

    lost = books.page("customers", LIMIT, cursor)["data"]
    after = books.page("customers", LIMIT, cursor)["data"]

    assert not {one["id"] for one in lost} & {one["id"] for one in after}


def test_asking_after_the_end_is_an_error(books):
    filled(books, 3)
    cursor = ("cursor", books.page("customers", LIMIT)["nextCursor"])
    books.page("customers", LIMIT, cursor)

    with Books.raises("INVALID_CURSOR", "at its end"):
        books.page("customers", LIMIT, cursor)


def test_a_cursor_lives_ten_seconds_from_answer_to_call(books):
    filled(books, 7)
    cursor = ("cursor", books.page("customers", LIMIT)["nextCursor"])

    for _ in range(2):
        books.time.passes(10)
        books.page("customers", LIMIT, cursor)
    books.time.passes(10.01)

    with Books.raises("INVALID_CURSOR", "expired"):
        books.page("customers", LIMIT, cursor)


def test_a_cursor_belongs_to_its_list_and_to_its_process(books):
    filled(books)
    cursor = books.page("customers", LIMIT)["nextCursor"]

    with Books.raises("INVALID_CURSOR", "not known"):
        books.page("vendors", ("cursor", cursor))
    with Books.raises("INVALID_CURSOR", "not known"):
        books.reopened().page("customers", {"cursor": cursor})


def test_two_runs_do_not_disturb_each_other(books):
    filled(books)
    one, two = (books.page("customers", LIMIT)["nextCursor"] for _ in "12")

    first = books.page("customers", LIMIT, ("cursor", one))
    second = books.page("customers", LIMIT, ("cursor", two))

    assert one != two
    assert first["data"] == second["data"]


def test_what_is_created_during_a_run_is_in_the_next(books):
    filled(books, 3)
    cursor = ("cursor", books.page("customers", LIMIT)["nextCursor"])
    books.customer("New")

    assert len(books.page("customers", LIMIT, cursor)["data"]) == 1
    assert "New" in books.names("customers")


def test_what_is_removed_during_a_run_is_left_out(books):
    filled(books, 4)
    page = books.page("customers", LIMIT)
    later = {one["id"] for one in books.list("customers")}
    later -= {one["id"] for one in page["data"]}
    books.core.remove("customers", sorted(later)[0])

    rest = books.page("customers", LIMIT, ("cursor", page["nextCursor"]))

    assert [one["id"] for one in rest["data"]] == sorted(later)[1:]


def test_the_order_means_nothing_and_is_another_in_another_file(tmp_path):
    orders = []
    for seed in "ab":
        books = filled(Books(tmp_path / seed, Manners(seed=seed)), 40)
        orders.append([one["name"] for one in books.list("customers")])

    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    assert sorted(orders[0]) not in orders


# --- what is named --------------------------------------------------------------------


def test_ids_leave_all_other_filters_aside(books):
    ann = books.customer("Ann", isActive=False)
    books.customer("Bob")
    others = [("status", "active"), ("nameContains", "x"), ("cursor", "abc")]

    page = books.page("customers", ("ids", ann["id"]), *others)

    assert [one["name"] for one in page["data"]] == ["Ann"]
    assert at(page, "nextCursor", "remainingCount", "hasMore") == (None, 0, False)


@pytest.mark.parametrize(
    ("resource", "filter_name"),
    [
        ("customers", "ids"),
        ("customers", "fullNames"),
        ("vendors", "names"),
        ("invoices", "refNumbers"),
        ("inventory-adjustments", "ids"),
    ],
)
def test_one_that_is_not_there_fails_the_whole_request(books, resource, filter_name):
    with Books.raises("500", r'required element \("Nobody"\) that could not be found'):
        books.list(resource, **{filter_name: ["Nobody"]})


def test_one_that_is_there_does_not_save_the_others(books):
    ann = books.customer("Ann")

    with Books.raises("500", "80000999-1"):
        books.list("customers", ids=[ann["id"], "80000999-1"])


def test_what_is_named_twice_comes_once(books):
    ann = books.customer("Ann")

    assert len(books.list("customers", ids=[ann["id"], ann["id"]])) == 1
    assert len(books.list("customers", fullNames=["ann", "ANN"])) == 1


def test_a_name_is_looked_for_in_its_own_list(books):
    books.vendor("Steel")

    with Books.raises("500"):
        books.list("customers", fullNames="Steel")
    assert books.names("vendors", names="STEEL") == ["Steel"]


def test_the_case_of_a_number_matters(books):
    nut = books.item()
    books.order(of(nut), refNumber="A1")

    assert len(books.list("sales-orders", refNumbers="A1")) == 1
    with Books.raises("500"):
        books.list("sales-orders", refNumbers="a1")


# --- filters of lists -----------------------------------------------------------------


def test_without_a_status_only_what_is_active_is_listed(books):
    books.customer("Ann")
    books.customer("Bob", isActive=False)

    assert books.names("customers") == ["Ann"]
    assert books.names("customers", status="inactive") == ["Bob"]
    assert books.names("customers", status="all") == ["Ann", "Bob"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"nameContains": "NN"}, ["Ann", "Anna", "Hall"]),
        ({"nameStartsWith": "b"}, ["Bob"]),
        ({"nameEndsWith": "A"}, ["Anna"]),
        ({"nameContains": "anna:"}, ["Hall"]),
        ({"nameFrom": "anna"}, ["Anna", "Bob", "Hall"]),
        ({"nameTo": "ann"}, ["1st", "Ann"]),
        ({"nameFrom": "A", "nameTo": "B"}, ["Ann", "Anna", "Hall"]),
        ({"nameContains": "zz"}, []),
    ],
)
def test_names_are_compared_whole_and_without_case(books, query, names):
    anna = books.customer("Anna")
    books.customer("Hall", parentId=anna["id"])
    for name in ("Ann", "Bob", "1st"):
        books.customer(name)

    assert books.names("customers", **query) == sorted(names)


def test_a_range_of_names_comes_in_their_order(books):
    for name in ("b", "1", "-x", "A", "~"):
        books.customer(name)

    found = [one["name"] for one in books.list("customers", nameFrom="!")]

    assert found == sorted(found, key=filters.sort_key)
    assert found[-3:] == ["1", "A", "b"]


@pytest.mark.parametrize(
    "query",
    [
        {"nameContains": "a", "nameStartsWith": "a"},
        {"nameContains": "a", "nameFrom": "a"},
        {"totalBalance": "1.00", "totalBalanceLessThan": "5.00"},
    ],
)
def test_filters_that_exclude_each_other_are_refused(books, query):
    with Books.raises("0x80040400", "use one of"):
        books.list("customers", **query)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"updatedAfter": "2026-11-23T09:00:10+00:00"}, ["B", "C"]),
        ({"updatedAfter": "2026-11-23T09:00:10.900Z"}, ["B", "C"]),
        ({"updatedAfter": "2026-11-23T09:00:11"}, ["C"]),
        ({"updatedAfter": "2026-11-23T10:00:10+01:00"}, ["B", "C"]),
        ({"updatedBefore": "2026-11-23T09:00:10+00:00"}, ["A", "B"]),
        ({"updatedAfter": "2026-11-23"}, ["A", "B", "C"]),
        ({"updatedAfter": "2026-11-24"}, []),
        ({"updatedBefore": "2026-11-23"}, ["A", "B", "C"]),
        ({"updatedBefore": "2026-11-22"}, []),
    ],
)
def test_both_ends_of_a_time_are_included(books, query, names):
    for name in "ABC":
        books.customer(name)
        books.time.passes(10)

    assert books.names("customers", **query) == names


def test_a_time_without_an_offset_is_that_of_quickbooks_computer(tmp_path):
    books = Books(tmp_path, Manners(utc_offset="-05:00"))
    books.customer("Ann")  # 04:00 there

    assert books.names("customers", updatedAfter="2026-11-23T04:00:00") == ["Ann"]
    assert books.names("customers", updatedAfter="2026-11-23T04:00:01") == []
    assert books.names("customers", updatedBefore="2026-11-22") == []


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "20261123", "", "2026-11-23T9"])
def test_a_time_that_is_none_is_refused(books, text):
    with Books.raises("INVALID_REQUEST", "Invalid date or time"):
        books.list("customers", updatedAfter=text)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("totalBalance", ["B"]),
        ("totalBalanceGreaterThan", ["C"]),
        ("totalBalanceGreaterThanOrEqualTo", ["B", "C"]),
        ("totalBalanceLessThan", ["A"]),
        ("totalBalanceLessThanOrEqualTo", ["A", "B"]),
    ],
)
@pytest.mark.parametrize("resource", ["customers", "vendors"])
def test_balances_are_compared_as_amounts(books, resource, name, names):
    for one, balance in (("A", "9.00"), ("B", "10.00"), ("C", "100.00")):
        books.create(resource, name=one, openingBalance=balance)

    assert books.names(resource, **{name: "10"}) == names


def test_classes_and_the_shipping_addresses(books):
    north = id_of("classes", "North")
    address = {"name": "Dock", "line1": "x"}
    books.customer("Ann", classId=north, alternateShippingAddresses=[address])
    books.customer("Bob")

    found = books.list("customers", classIds=north)
    fast = books.list("customers", excludeAlternateShippingAddresses="true")

    assert [one["name"] for one in found] == ["Ann"]
    assert at(found[0]["alternateShippingAddresses"][0], "name", "city") == ("Dock", None)
    assert {one["alternateShippingAddresses"] for one in fast} == {None}


# --- filters of transactions ----------------------------------------------------------


@pytest.fixture
def orders(books):
    """Return a company file with three sales orders: 8, 9, 10."""
    nut = books.item("Nut", salesPrice="1")
    for day, number in (("2026-11-01", "8"), ("2026-11-02", "9"), (DAY, "10")):
        books.order(of(nut), transactionDate=day, refNumber=number)
    return books


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"transactionDateFrom": "2026-11-02"}, ["10", "9"]),
        ({"transactionDateTo": "2026-11-02"}, ["8", "9"]),
        ({"refNumberFrom": "9"}, ["10", "9"]),
        ({"refNumberTo": "9"}, ["8", "9"]),
        ({"refNumberTo": "9a"}, ["10", "8", "9"]),
        ({"refNumberContains": "1"}, ["10"]),
        ({"refNumberStartsWith": "8"}, ["8"]),
        ({"refNumberEndsWith": "0"}, ["10"]),
    ],
)
def test_transactions_are_found_by_day_and_number(orders, query, numbers):
    found = orders.list("sales-orders", **query)

    assert sorted(one["refNumber"] for one in found) == numbers


def test_transactions_are_found_by_whom_they_concern(books):
    nut, bolt, steel = books.item("Nut"), books.item("Bolt"), books.vendor()
    ann = books.customer("Ann")
    order = books.order(of(nut), customerId=ann["id"])
    books.order(of(nut))
    purchase = books.purchase(of(nut), vendorId=steel["id"])
    adjustment = books.adjust(moved(bolt, 1))
    books.adjust(moved(nut, 1))

    def ids(resource: str, **query: str) -> list[str]:
        return [one["id"] for one in books.list(resource, **query)]

    assert ids("sales-orders", customerIds=ann["id"]) == [order["id"]]
    assert ids("purchase-orders", vendorIds=steel["id"]) == [purchase["id"]]
    assert ids("inventory-adjustments", itemIds=bolt["id"]) == [adjustment["id"]]
    account = adjustment["account"]["id"]
    assert len(ids("inventory-adjustments", accountIds=account)) == 2


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("sales-orders", "customerIds"),
        ("purchase-orders", "vendorIds"),
        ("inventory-adjustments", "itemIds"),
        ("invoices", "accountIds"),
    ],
)
def test_a_filter_by_something_that_is_not_there_is_refused(books, resource, name):
    with Books.raises("500", "80000999-1"):
        books.list(resource, **{name: "80000999-1"})


def test_invoices_are_found_by_whether_they_are_paid(books):
    nut = books.item(salesPrice="1")
    paid, owed = books.invoice(of(nut)), books.invoice(of(nut))
    books.core.edit("invoices", paid["id"], {"appliedAmount": "1.00"})

    found = {
        status: [one["id"] for one in books.list("invoices", paymentStatus=status)]
        for status in ("paid", "not_paid", "all")
    }

    assert found["paid"] == [paid["id"]]
    assert found["not_paid"] == [owed["id"]]
    assert len(found["all"]) == 2


def test_lines_and_links_are_in_a_list_when_they_are_asked_for(books):
    order = books.order(of(books.item(), 3))
    books.invoice(linkToTransactionIds=[order["id"]])

    plain = books.list("sales-orders")[0]
    whole = books.list("sales-orders", includeLinkedTransactions="true")[0]
    bare = books.list("sales-orders", includeLineItems="false")[0]

    assert (len(plain["lines"]), plain["linkedTransactions"]) == (1, [])
    assert len(whole["linkedTransactions"]) == 1
    assert bare["lines"] == []
    assert whole == books.again("sales-orders", order)


# --- adjustments, unpaged -------------------------------------------------------------


def test_adjustments_come_all_at_once(books):
    nut = books.item()
    for _ in range(160):
        books.adjust(moved(nut, 1))

    assert books.page("inventory-adjustments").keys() == {"objectType", "url", "data"}
    assert len(books.list("inventory-adjustments")) == 160
    assert len(books.list("inventory-adjustments", limit="3")) == 3


def test_too_many_adjustments_take_too_long_and_a_shorter_time_is_the_cure(tmp_path):
    books = Books(tmp_path, Manners(slow_adjustments_above=2))
    nut = books.item()
    for _ in range(2):
        books.adjust(moved(nut, 1))
    books.time.passes(60)
    newest = books.adjust(moved(nut, 1))

    with Books.raises("QBD_REQUEST_TIMEOUT", "timed out after 90 seconds"):
        books.list("inventory-adjustments", limit="1")
    since = books.list("inventory-adjustments", updatedAfter=newest["updatedAt"])
    assert [one["id"] for one in since] == [newest["id"]]


# --- deletions ------------------------------------------------------------------------


def test_deletions_name_what_is_gone(books):
    steel = books.vendor()
    order = books.order(of(books.item()), refNumber="7")
    books.time.passes(60)
    books.core.remove("vendors", steel["id"])
    books.core.delete("sales-orders", order["id"])

    lists = books.core.deleted("list-objects", {"objectTypes": ["vendor", "customer"]})
    sales = books.core.deleted("transactions", {"transactionTypes": ["sales_order"]})

    assert lists["data"] == [
        {
            "id": steel["id"],
            "objectType": "qbd_deleted_list_object",
            "listType": "vendor",
            "createdAt": "2026-11-23T09:00:00+00:00",
            "deletedAt": "2026-11-23T09:01:00+00:00",
            "fullName": "Steel",
        }
    ]
    assert at(sales["data"][0], "transactionType", "refNumber") == ("sales_order", "7")


def test_deletions_are_asked_for_by_time_too(books):
    for name in "AB":
        books.core.remove("customers", books.customer(name)["id"])
        books.time.passes(10)

    def names(**query: str) -> list[str]:
        asked = {"objectTypes": ["customer"], **query}
        found = books.core.deleted("list-objects", asked)["data"]
        return [one["fullName"] for one in found]

    assert names() == ["A", "B"]
    assert names(deletedAfter="2026-11-23T09:00:10+00:00") == ["B"]
    assert names(deletedBefore="2026-11-23T09:00:00+00:00") == ["A"]


def test_the_full_name_of_what_is_gone_is_kept(books):
    top = books.customer("Top")
    low = books.customer("Low", parentId=top["id"])
    books.core.remove("customers", low["id"])

    found = books.core.deleted("list-objects", {"objectTypes": ["customer"]})["data"]

    assert found[0]["fullName"] == "Top:Low"


def test_each_kind_of_item_has_its_own_word(books):
    kit = books.create("inventory-assembly-items", name="Kit", **ITEM)
    books.core.remove("inventory-assembly-items", kit["id"])

    def count(word: str) -> int:
        return len(books.core.deleted("list-objects", {"objectTypes": [word]})["data"])

    assert count("item_inventory_assembly") == 1
    assert count("item_inventory") == count("account") == 0


# --- what is given --------------------------------------------------------------------


def test_the_chart_of_accounts(books):
    found = books.core.accounts({})["data"]

    services = next(one for one in found if one["name"] == "Services")
    assert at(services, "fullName", "sublevel", "accountType") == (
        "Sales Income:Services",
        1,
        "income",
    )
    assert services["parent"]["fullName"] == "Sales Income"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"accountType": "income"}, 3),
        ({"nameContains": "tax"}, 1),
        ({"fullNames": ["checking"]}, 1),
        ({"status": "inactive"}, 0),
        ({"limit": 2}, 2),
        ({"updatedAfter": "2020-01-01"}, 0),
    ],
)
def test_accounts_are_filtered_as_other_lists_are(books, query, count):
    assert len(books.core.accounts(query)["data"]) == count


def test_an_account_that_is_not_there_fails_the_request(books):
    with Books.raises("500"):
        books.core.accounts({"ids": ["80000999-1"]})


def test_a_representative_is_known_by_initials(books):
    found = books.core.sales_representatives({"initials": ["ab"]})["data"]

    assert at(found[0], "initial", "objectType") == ("AB", "qbd_sales_representative")
    assert found[0]["entity"]["fullName"] == "Ada Berg"


def test_the_end_user_says_when_it_last_worked(books):
    found = books.core.end_user("end_usr_test")

    connection = found["integrationConnections"][0]
    assert (found["id"], connection["integrationSlug"]) == (
        "end_usr_test",
        "quickbooks_desktop",
    )
    assert connection["lastSuccessfulRequestAt"] == "2026-11-23T09:00:00.000+00:00"


def test_quickbooks_is_well(books):
    assert books.core.health()["status"] == "ok"
