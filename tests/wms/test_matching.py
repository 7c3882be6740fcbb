"""Records of both sides without a link: one and the same, or two, or a question."""

from __future__ import annotations

import pytest

from src.kit.requests import request_id_of
from src.wms import keys
from src.wms.fields import ADJUSTMENTS, KINDS, SALES_ORDERS
from tests.wms.three import LATER, Desktop, Said

LINE = {"A": {"item.id": "80-I"}}


def named(name: str, **more: str) -> Said:
    return Said({"name": name, "full_name": name}, more=more)


def told(desktop: Desktop, kind: str = "customers", **asked) -> dict[str, str]:
    """Return what is planned for each record as a whole, by its ids."""
    return {
        f"{row.wms_id}/{row.id}": " ".join(filter(None, (row.action, row.target, row.rule)))
        for row in desktop.plan(kind, **asked)
        if not row.field
    }


@pytest.mark.parametrize("spelled", ["Acme Ltd", "ACME LTD", " Acme   Ltd "])
def test_a_full_name_that_is_unique_on_both_sides_links(desktop, spelled):
    rows = {"5/": (None, named(spelled), None), "/80-5": (None, None, named("Acme Ltd"))}
    desktop.write("customers", rows)

    assert told(desktop)["5/80-5"] == "link wms name"


def test_a_link_is_followed_by_what_differs_as_if_nothing_had_been_agreed(desktop):
    ours = Said({"name": "A", "full_name": "A", "phone": "1", "email": "a@x"}, LATER)
    theirs = Said({"name": "A", "full_name": "A", "phone": "2", "first_name": "Al"})
    desktop.write("customers", {"5/": (None, ours, None), "/80": (None, None, theirs)})

    cards = {row.field: f"{row.target} {row.rule}" for row in desktop.plan("customers")}

    assert cards == {
        "": "wms name",
        "first_name": "wms only_qbd",
        "phone": "wms qbd_wins",
        "email": "qbd only_wms",
    }


def test_a_name_that_quickbooks_has_twice_is_a_question_on_all_sides(desktop):
    rows = {ids: (None, None, named("Acme")) for ids in ("/80-1", "/80-2")}
    desktop.write("vendors", {"5/": (None, named_vendor("acme"), None), **vendors(rows)})

    assert told(desktop, "vendors") == {
        "5/": "hold ambiguous",
        "/80-1": "hold ambiguous",
        "/80-2": "hold ambiguous",
    }


def named_vendor(name: str) -> Said:
    return Said({"name": name})


def vendors(rows):
    return {ids: (None, None, named_vendor("Acme")) for ids in rows}


def test_a_question_names_its_candidates(desktop):
    rows = vendors(["/80-1", "/80-2"])
    desktop.write("vendors", {"5/": (None, named_vendor("acme"), None), **rows})

    question = desktop.plan("vendors")[0].reason

    assert question.endswith("80-1 Acme; 80-2 Acme; decide link:<id> or rename it")


def test_of_documents_a_number_may_be_there_twice(desktop):
    rows = {ids: (None, None, order("80-C")) for ids in ("/T-1", "/T-2")}
    desktop.write(SALES_ORDERS, {"5/": (None, order("80-C"), None), **rows})

    ours, theirs, _ = desktop.plan(SALES_ORDERS)

    assert ours.reason.endswith("T-1 77; T-2 77; decide link:<id> or create")
    assert theirs.reason == (
        "the warehouse has 1 of this number: 5, where link:<id> may be decided; decide "
        "create to have it there beside them"
    )


def test_an_answer_that_names_no_record_says_what_would(desktop):
    desktop.write("vendors", {"5/": (None, named_vendor("acme"), None)})

    (card,) = desktop.plan("vendors", verdicts={"vendors|5": "link:80-9"})

    assert card.reason == (
        "80-9 is no record of QuickBooks that is free to be linked; decide link:<id> or "
        "rename it"
    )


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ({"vendors|5": "link:80-2"}, {"5/80-2": "link wms answer", "/80-1": "create wms new_in_qbd"}),
        ({"vendors|5": "link:80-9"}, {"5/": "hold answer", "/80-1": "create wms new_in_qbd", "/80-2": "create wms new_in_qbd"}),
        ({"vendors|80-1": "create"}, {"5/": "hold ambiguous", "/80-1": "create wms new_in_qbd", "/80-2": "hold ambiguous"}),
    ],
)  # fmt: skip
def test_an_answer_is_remembered(desktop, verdicts, expected):
    rows = vendors(["/80-1", "/80-2"])
    desktop.write("vendors", {"5/": (None, named_vendor("acme"), None), **rows})

    assert told(desktop, "vendors", verdicts=verdicts) == expected


def test_an_answer_to_create_is_still_held_where_quickbooks_would_refuse_the_name(desktop):
    rows = vendors(["/80-1", "/80-2"])
    desktop.write("vendors", {"5/": (None, named_vendor("acme"), None), **rows})

    found = told(desktop, "vendors", verdicts={"vendors|5": "create"})

    assert found["5/"] == "hold name_taken"


@pytest.mark.parametrize("generation", [0, 1, 2])
def test_a_record_that_our_own_create_made_is_known_by_its_mark(desktop, generation):
    key = keys.create_key(KINDS["customers"], "5")
    mark = request_id_of([(key, generation)])
    theirs = named("Renamed since", external_id=mark.upper())
    desktop.write("customers", {"5/": (None, named("A"), None), "/80": (None, None, theirs)})

    assert told(desktop)["5/80"] == "link wms external_id"


def test_our_own_movement_is_known_again_whatever_quickbooks_calculated(desktop):
    mark = keys.external_id(keys.create_key(KINDS[ADJUSTMENTS], "5"))
    values = {"transaction_date": "2026-05-04", "account.id": "80-A"}
    line = {"item.id": "80-I", "quantity_difference": "5"}
    ours = Said(values, lines={"+1": line})
    theirs = Said(values, lines={"A": {**line, "value_difference": "0.00"}})
    theirs = theirs._replace(more={"external_id": mark})
    desktop.write(ADJUSTMENTS, {"5/": (None, ours, None), "/T-5": (None, None, theirs)})

    assert told(desktop, ADJUSTMENTS) == {"5/T-5": "link wms external_id"}


def sent_again(mark_of: str) -> dict[str, tuple]:
    """Return an order that QuickBooks deleted, and one there with a mark."""
    mark = keys.external_id(keys.create_key(KINDS[SALES_ORDERS], "5", mark_of))
    one = order("80-C")
    gone, again = ({"deleted_at": LATER}, {"external_id": mark})
    return {
        "5/T-1": (one, one, one._replace(more=gone)),
        "/T-9": (None, None, one._replace(more=again)),
    }


def test_a_record_that_was_sent_again_after_its_deletion_is_known_by_its_mark(desktop):
    desktop.write(SALES_ORDERS, sent_again("T-1"))

    assert told(desktop, SALES_ORDERS) == {"5/T-9": "link wms external_id"}


def test_what_was_sent_again_is_not_taken_for_another_of_its_number(desktop):
    new = order("80-C")._replace(lines={"+1": LINE["A"]})
    desktop.write(SALES_ORDERS, {**sent_again("T-1"), "6/": (None, new, None)})

    found = {"5/T-9": "link wms external_id", "6/": "create qbd new_in_wms"}
    assert told(desktop, SALES_ORDERS) == found


def test_the_mark_of_another_create_does_not_say_that_it_was_sent_again(desktop):
    desktop.write(SALES_ORDERS, sent_again("T-0"))

    found = {"5/T-1": "hold deleted_in_qbd", "/T-9": "create wms new_in_qbd"}
    assert told(desktop, SALES_ORDERS) == found


def test_what_was_sent_again_is_linked_and_the_next_plan_is_empty(both):
    company = {"customerId": both.create("customers", name="A")["id"], "refNumber": "7"}
    company |= {"transactionDate": "2026-11-23", "lines": [{"description": "Some work"}]}
    first = both.create("sales-orders", **company)["id"]
    both.sync()
    both.remove("sales-orders", first)
    wms_id = both.stored(KINDS[SALES_ORDERS])["7"].head.wms_id
    mark = keys.external_id(keys.create_key(KINDS[SALES_ORDERS], wms_id, first))
    again = both.create("sales-orders", **company, externalId=mark)["id"]

    both.sync()
    both.sync()

    assert both.stored(KINDS[SALES_ORDERS])["7"].head.id == again
    assert both.count(KINDS[SALES_ORDERS]) == {"7": 1}
    assert both.prepare() == []


def test_two_records_of_one_name_in_the_warehouse_are_both_held(desktop):
    rows = {ids: (None, named("Twin"), None) for ids in ("5/", "6/")}
    desktop.write("customers", rows)

    assert told(desktop) == {"5/": "hold twice_in_wms", "6/": "hold twice_in_wms"}


def order(customer: str, number: str = "77") -> Said:
    values = {"ref_number": number, "customer.id": customer}
    return Said({**values, "transaction_date": "2026-05-04"}, lines=LINE)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (order("80-C"), order("80-C"), {"5/T-5": "link wms number"}),
        (order("80-C"), order("80-D"), {"5/": "create qbd new_in_wms", "/T-5": "create wms new_in_qbd"}),
        (order("80-C", ""), order("80-C", ""), {"5/": "create qbd new_in_wms", "/T-5": "create wms new_in_qbd"}),
    ],
)  # fmt: skip
def test_a_document_is_known_by_its_number_and_its_customer(
    desktop, ours, theirs, expected
):
    desktop.write(SALES_ORDERS, {"5/": (None, ours, None), "/T-5": (None, None, theirs)})

    assert told(desktop, SALES_ORDERS) == expected


def test_a_document_of_a_customer_that_this_plan_links_is_found_too(desktop):
    rows = {"9/": (None, named("A"), None), "/80-C": (None, None, named("A"))}
    desktop.write("customers", rows)
    ours = order("wms:9")._replace(lines={"+1": LINE["A"]})
    rows = {"5/": (None, ours, None), "/T-5": (None, None, order("80-C"))}
    desktop.write(SALES_ORDERS, rows)

    cards = desktop.plan("customers", SALES_ORDERS)

    assert [(row.kind, row.action, row.field) for row in cards] == [
        ("customers", "link", ""),
        ("sales_orders", "link", ""),
        ("sales_orders", "update", "lines[A]"),
        ("sales_orders", "update", "lines[new 1]"),
    ]


def test_an_id_that_both_sides_know_links_without_a_base(desktop):
    desktop.write("customers", {"5/80-5": (None, named("A"), named("B"))})

    assert told(desktop) == {"5/80-5": "link wms id"}


def test_an_id_that_quickbooks_does_not_know_is_a_question(desktop):
    desktop.write("customers", {"5/80-5": (None, named("A"), None)})

    assert told(desktop) == {"5/80-5": "hold unknown_id"}
