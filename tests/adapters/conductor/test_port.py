"""QuickBooks Desktop's face, one contract: the company in process and behind HTTP."""

from __future__ import annotations

from itertools import islice

import pytest

from src.adapters.conductor import CREATE, DELETE, VOID
from src.adapters.fakes.conductor.core import Manners
from src.kit import answers as said
from src.kit.answers import Unanswered
from tests.adapters.conductor.opened import Opened, OverHttp

GUID = "6f1c8a52-0000-4000-8000-000000000001"


@pytest.fixture(params=[Opened, OverHttp], ids=["in-process", "http"])
def opened(request, tmp_path):
    """Return what opens a company file, of either kind."""
    files: list[Opened] = []

    def opened(*script: str, manners: Manners = Manners()) -> Opened:
        files.append(request.param(tmp_path / "company", script, manners))
        return files[-1]

    yield opened
    for one in files:
        one.stop()


@pytest.fixture
def file(opened):
    """Return an empty company file."""
    return opened()


def customers(file: Opened, count: int) -> list[str]:
    """Create customers in one go; return their names, in order."""
    names = [f"C{number:04}" for number in range(count)]
    file.core.create_many("customers", ({"name": name} for name in names))
    return names


# --- lists ----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 149, 150, 151, 301])
def test_a_list_is_whole_whatever_its_length(file, count):
    names = customers(file, count)

    assert file.names("customers") == names


def test_small_pages_bring_each_record_once(file):
    names = customers(file, 11)

    assert file.names("customers", limit="3") == names


def test_a_list_can_be_read_again_from_its_start(file):
    names = customers(file, 7)
    records = file.desktop.records("customers", {"limit": "3"})
    assert len(list(islice(records, 4))) == 4  # and the rest is never read

    assert file.names("customers", limit="3") == names


def test_a_cursor_lives_ten_seconds(file):
    customers(file, 4)
    slow, quick = (file.desktop.records("customers", {"limit": "2"}) for _ in "12")
    assert len(list(islice(quick, 2))) == 2
    file.time.passes(9.9)
    assert len(list(quick)) == 2

    assert len(list(islice(slow, 2))) == 2
    file.time.passes(10.1)
    with pytest.raises(Unanswered):
        list(slow)


def test_what_is_inactive_is_listed_unless_somebody_asks_otherwise(file):
    file.create("customers", name="Ann")
    file.create("customers", name="Bob", isActive=False)

    assert file.names("customers") == ["Ann", "Bob"]
    assert file.names("customers", status="active") == ["Ann"]
    assert file.names("customers", status="inactive") == ["Bob"]


def test_names_and_ids_find_records_and_one_that_is_not_there_fails_them_all(file):
    ann = file.create("customers", name="Ann")
    file.create("customers", name="Bob")

    assert file.names("customers", ids=[ann["id"]]) == ["Ann"]
    assert file.names("customers", fullNames=["BOB", "ann"]) == ["Ann", "Bob"]
    assert file.names("customers", nameContains="nn") == ["Ann"]
    assert file.names("customers", nameContains="zz") == []
    with pytest.raises(Unanswered, match="could not be found in QuickBooks"):
        file.names("customers", fullNames=["Ann", "Cem"])


def test_a_list_of_what_changed_since_includes_that_second(file):
    ann = file.create("customers", name="Ann")
    file.time.passes(5)
    bob = file.create("customers", name="Bob")

    assert file.names("customers", updatedAfter=bob["updatedAt"]) == ["Bob"]
    assert file.names("customers", updatedBefore=ann["updatedAt"]) == ["Ann"]


def test_a_query_that_nobody_knows_is_refused(file):
    with pytest.raises(Unanswered, match="Unrecognized key") as raised:
        file.list("customers", updatedSince="2026-11-01")

    assert raised.value.answer.status_code == 400
    assert raised.value.answer.advice == said.PERMANENT


# --- records --------------------------------------------------------------------------


def test_a_record_comes_back_as_it_was_created(file):
    made = file.create("customers", name="Ann", phone="1", externalId=GUID)

    found = file.desktop.read("customers", made["id"])

    assert found == made
    assert (found["phone"], found["externalId"], found["fullName"]) == ("1", GUID, "Ann")


@pytest.mark.parametrize("is_404", [False, True])
def test_what_is_not_there_is_none(opened, is_404):
    file = opened(manners=Manners(missing_is_404=is_404))

    assert file.desktop.read("customers", "80000001-1") is None
    assert file.desktop.read("invoices", "1A-1") is None


def test_an_update_changes_what_it_names_and_the_revision(file):
    ann = file.create("customers", name="Ann", phone="1", email="a@b.c")

    answer = file.update("customers", ann, phone="2")

    now = file.desktop.read("customers", ann["id"])
    assert answer.record == now and answer.remote_id == ann["id"]
    assert (now["phone"], now["email"]) == ("2", "a@b.c")
    assert int(now["revisionNumber"]) > int(ann["revisionNumber"])


def test_a_stale_update_changes_nothing_and_asks_to_read_again(file):
    ann = file.create("customers", name="Ann", phone="1")
    file.update("customers", ann, phone="2")

    answer = file.update("customers", ann, phone="3")

    assert (answer.kind, answer.advice, answer.code) == (
        said.NOT_APPLIED, said.REREAD, "3200"
    )
    assert "is out-of-date" in answer.error
    assert file.desktop.read("customers", ann["id"])["phone"] == "2"


def test_an_update_of_what_is_gone_is_refused_for_good(file):
    ann = file.create("customers", name="Ann")
    file.core.remove("customers", ann["id"])

    answer = file.update("customers", ann, phone="2")

    assert (answer.kind, answer.code) == (said.NOT_APPLIED, "3120")
    assert answer.advice == said.PERMANENT


@pytest.mark.parametrize("resource", ["customers", "vendors"])
def test_a_name_that_another_has_is_refused_for_good(file, resource):
    file.create("customers", name="Ann")

    answer = file.write(CREATE, resource, name="ANN")

    assert (answer.kind, answer.code) == (said.NOT_APPLIED, "3100")
    assert answer.status_code == 502 and "already in use" in answer.error


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, '"name"'),
        ({"name": "x" * 42}, "<=41 characters"),
        ({"name": "Ann", "Phone": "1"}, 'Unrecognized key: "Phone"'),
        ({"name": "Ann", "phone": None}, "received null"),
        ({"name": "Ann", "creditLimit": 5}, "expected string"),
    ],
)
def test_a_body_that_is_not_the_apis_is_refused_before_quickbooks_sees_it(
    file, body, told
):
    answer = file.write(CREATE, "customers", **body)

    assert (answer.kind, answer.status_code) == (said.NOT_APPLIED, 400)
    assert told in answer.error and answer.advice == said.PERMANENT
    assert file.list("customers") == []


def test_a_reference_to_nothing_is_refused(file):
    answer = file.write(CREATE, "customers", name="Ann", termsId="80000077-1")

    assert (answer.kind, answer.code) == (said.NOT_APPLIED, "3140")


# --- transactions ---------------------------------------------------------------------


def order(file: Opened, *lines: dict) -> dict:
    """Return a sales order of Ann's that was created."""
    ann = file.create("customers", name="Ann")
    return file.create(
        "sales-orders", customerId=ann["id"], transactionDate="2026-11-23", lines=lines
    )


def test_an_update_replaces_the_whole_set_of_lines(file):
    nut = file.item("Nut", salesPrice="2.00")
    made = order(
        file,
        {"itemId": nut["id"], "quantity": 1, "rate": "2.00"},
        {"itemId": nut["id"], "quantity": 5, "rate": "2.00"},
    )
    kept = made["lines"][1]["id"]

    answer = file.update(
        "sales-orders",
        made,
        lines=[{"id": kept}, {"id": "-1", "itemId": nut["id"], "quantity": 7}],
    )

    lines = answer.record["lines"]
    assert [one["quantity"] for one in lines] == [5, 7]
    assert lines[0] == made["lines"][1]
    assert lines[1]["id"] not in {one["id"] for one in made["lines"]}
    assert answer.record["totalAmount"] == "24.00"


def test_an_update_without_lines_keeps_them(file):
    nut = file.item("Nut", salesPrice="2.00")
    made = order(file, {"itemId": nut["id"], "quantity": 2})

    answer = file.update("sales-orders", made, memo="urgent")

    assert answer.record["lines"] == made["lines"]


def test_a_transaction_is_deleted_and_listed_as_deleted(file):
    nut = file.item("Nut")
    made = order(file, {"itemId": nut["id"], "quantity": 2})

    answer = file.write(DELETE, "sales-orders", made["id"])

    assert (answer.kind, answer.remote_id) == (said.APPLIED, made["id"])
    assert file.desktop.read("sales-orders", made["id"]) is None
    [gone] = file.desktop.deleted(["sales-orders", "customers"], "")
    assert (gone["id"], gone["transactionType"]) == (made["id"], "sales_order")


def test_a_voided_transaction_stays_in_sight(file):
    nut = file.item("Nut", quantityOnHand=3)
    moved = file.move(nut, 4)

    answer = file.write(VOID, "inventory-adjustments", moved["id"])

    assert answer.kind == said.APPLIED and answer.record["voided"] is True
    assert file.desktop.read("inventory-adjustments", moved["id"]) is not None
    assert file.desktop.read("inventory-items", nut["id"])["quantityOnHand"] == 3


@pytest.mark.parametrize(
    ("verb", "resource"),
    [(DELETE, "customers"), (VOID, "sales-orders"), (VOID, "vendors"), (CREATE, "bills")],
)
def test_what_the_api_has_no_way_for_is_refused(file, verb, resource):
    answer = file.write(verb, resource, "80000001-1")

    assert (answer.kind, answer.status_code) == (said.NOT_APPLIED, 404)


def test_what_a_person_deletes_in_quickbooks_is_listed_since_then(file):
    ann = file.create("customers", name="Ann")
    file.core.remove("customers", ann["id"])
    file.time.passes(60)
    later = file.time.clock.now().isoformat(timespec="seconds")

    [gone] = file.desktop.deleted(["customers"], "")

    assert (gone["id"], gone["listType"], gone["fullName"]) == (ann["id"], "customer", "Ann")
    assert file.desktop.deleted(["customers"], later) == []
    assert file.desktop.deleted(["vendors", "invoices"], "") == []


# --- quantities -----------------------------------------------------------------------


def test_an_adjustment_moves_the_item_and_leaves_its_revision(file):
    nut = file.item("Nut", quantityOnHand=10)

    moved = file.move(nut, -3)

    now = file.desktop.read("inventory-items", nut["id"])
    assert now["quantityOnHand"] == 7
    assert now["revisionNumber"] == nut["revisionNumber"]
    assert moved["lines"][0]["quantityDifference"] == -3


def test_adjustments_come_in_one_answer_and_a_limit_cuts_them(file):
    nut = file.item("Nut")
    for number in range(5):
        file.move(nut, number + 1)

    assert len(file.list("inventory-adjustments")) == 5
    assert len(file.list("inventory-adjustments", limit="2")) == 2


def test_more_adjustments_than_quickbooks_can_list_time_out(opened):
    file = opened(manners=Manners(slow_adjustments_above=2))
    nut = file.item("Nut")
    for _ in range(3):
        file.move(nut, 1)

    with pytest.raises(Unanswered) as raised:
        file.list("inventory-adjustments")

    answer = raised.value.answer
    assert (answer.status_code, answer.code) == (504, "QBD_REQUEST_TIMEOUT")
    assert answer.kind == said.UNKNOWN


# --- the other questions --------------------------------------------------------------


def test_accounts_representatives_the_end_user_and_health(file):
    kinds = {one["fullName"]: one["accountType"] for one in file.desktop.accounts()}
    initials = {one["initial"] for one in file.desktop.sales_representatives()}

    assert kinds["Inventory Asset"] == "other_current_asset"
    assert "AB" in initials
    assert file.desktop.end_user()["objectType"] == "end_user"
    assert file.desktop.health().kind == said.APPLIED


# --- faults ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "kind", "advice", "code"),
    [
        ("401", said.NOT_APPLIED, said.REAUTHORIZE, "API_KEY_INVALID"),
        ("403", said.NOT_APPLIED, said.STOP, None),
        ("409", said.NOT_APPLIED, said.STOP, "INTEGRATION_CONNECTION_NOT_ACTIVE"),
        ("409:not_set_up", said.NOT_APPLIED, said.STOP, "INTEGRATION_CONNECTION_NOT_SET_UP"),
        ("429:7", said.NOT_APPLIED, said.SLOW_DOWN, None),
        ("500", said.UNKNOWN, "", None),
        ("502", said.NOT_APPLIED, said.STOP, "0x80040420"),
        ("502:3175", said.NOT_APPLIED, said.RETRY, "3175"),
        ("502:3170", said.NOT_APPLIED, said.REREAD, "3170"),
        ("502:3180", said.NOT_APPLIED, said.PERMANENT, "3180"),
        ("504", said.UNKNOWN, "", "QBD_REQUEST_TIMEOUT"),
        ("drop", said.UNKNOWN, "", ""),
    ],
)
def test_a_fault_is_told_and_leaves_nothing_behind(opened, fate, kind, advice, code):
    file = opened(f"1,create customers,{fate}")

    answer = file.write(CREATE, "customers", name="Ann")

    assert (answer.kind, answer.advice) == (kind, advice)
    assert code is None or answer.code == code
    assert answer.retry_after == (7.0 if fate == "429:7" else 0.0)
    assert file.list("customers") == []


@pytest.mark.parametrize(
    "fate",
    ["500_applied", "504_applied", "drop_applied", "cut_applied", "empty_applied",
     "garbage_applied"],
)  # fmt: skip
def test_a_create_whose_answer_tells_nothing_is_found_by_its_external_id(opened, fate):
    file = opened(f"1,create customers,{fate}")

    answer = file.write(CREATE, "customers", name="Ann", externalId=GUID)

    assert answer.kind == said.UNKNOWN and answer.remote_id == ""
    [found] = [one for one in file.list("customers") if one["externalId"] == GUID]
    assert file.desktop.read("customers", found["id"])["name"] == "Ann"


@pytest.mark.parametrize("fate", ["500", "504", "502:3175", "drop", "cut", "garbage", "409"])
def test_a_list_that_fails_in_the_middle_is_no_list(opened, fate):
    file = opened(f"2,list customers,{fate}")
    names = customers(file, 5)

    with pytest.raises(Unanswered, match="the list of customers"):
        file.list("customers", limit="2")

    assert file.names("customers", limit="2") == names


def test_a_read_that_times_out_is_no_missing_record(opened):
    file = opened("1,read customers,504")
    ann = file.create("customers", name="Ann")

    with pytest.raises(Unanswered):
        file.desktop.read("customers", ann["id"])

    assert file.desktop.read("customers", ann["id"])["name"] == "Ann"


# --- what lasts -----------------------------------------------------------------------


def test_a_company_file_outlives_whoever_opened_it(file):
    nut = file.item("Nut", quantityOnHand=10)
    file.move(nut, 5)
    made = order(file, {"itemId": nut["id"], "quantity": 2})
    before = [file.desktop.read("sales-orders", made["id"]), file.list("customers")]
    file.stop()

    file.start()

    assert [file.desktop.read("sales-orders", made["id"]), file.list("customers")] == before
    assert file.desktop.read("inventory-items", nut["id"])["quantityOnHand"] == 15
    assert file.write(CREATE, "vendors", name="ann").code == "3100"
