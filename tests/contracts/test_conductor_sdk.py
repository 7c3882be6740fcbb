"""conductor-py, unmodified, against the company file with all its rules.

It is no part of the project: `make contracts` installs it in an environment of its own,
and where it is missing this module is skipped.
"""

from __future__ import annotations

from datetime import date
from importlib.util import find_spec

import pytest

from tests.contracts.company import END_USER, running_desktop

if not find_spec("conductor"):
    pytest.skip("run `make contracts`", allow_module_level=True)

import conductor  # noqa: E402
from conductor import Conductor  # noqa: E402

KEY = "sk_conductor_4711"
TODAY = date(2026, 11, 23)
MISSING = "80000001-1234567890"


class Desk:
    """The SDK as a program has it: a client, and the id of an end user."""

    def __init__(self, url: str, **options: object) -> None:
        options = {"max_retries": 0, "api_key": KEY, **options}
        self.client = Conductor(base_url=url, **options)
        self.qbd = self.client.qbd
        self.who = {"conductor_end_user_id": END_USER}

    def customer(self, name: str, **more: object):
        """Return a customer that was created."""
        return self.qbd.customers.create(name=name, **more, **self.who)

    def accounts(self) -> dict[str, str]:
        """Return the ids of accounts by full name."""
        listed = self.qbd.accounts.list(**self.who).data
        return {one.full_name: one.id for one in listed}

    def item(self, name: str, **more: object):
        """Return an inventory item that was created, with accounts found by name."""
        accounts = self.accounts()
        return self.qbd.inventory_items.create(
            name=name,
            income_account_id=accounts["Sales Income"],
            cogs_account_id=accounts["Cost of Goods Sold"],
            asset_account_id=accounts["Inventory Asset"],
            **more,
            **self.who,
        )

    def order(self, *lines: dict):
        """Return a sales order that was created."""
        ann = self.customer("Ann")
        return self.qbd.sales_orders.create(
            customer_id=ann.id, transaction_date=TODAY, lines=lines, **self.who
        )


@pytest.fixture
def desk(tmp_path):
    """Yield the SDK with a company file that nobody has used yet."""
    with running_desktop(tmp_path) as url:
        yield Desk(url)


@pytest.fixture
def scripted(tmp_path):
    """Return what opens a company file with a scenario."""
    company = tmp_path / "company"
    company.mkdir()
    running = []

    def scripted(*lines: str, **options: object) -> Desk:
        text = "\n".join(["call,match,answer", *lines, ""])
        (company / "scenario.csv").write_text(text, "utf-8")
        running.append(running_desktop(tmp_path))
        return Desk(running[-1].__enter__(), **options)

    yield scripted
    for one in running:
        one.__exit__(None, None, None)


def test_a_customer_is_created_updated_and_found(desk):
    made = desk.customer("Ann", phone="1", billing_address={"city": "Bonn"})

    changed = desk.qbd.customers.update(
        made.id, revision_number=made.revision_number, phone="2", **desk.who
    )
    seen = desk.qbd.customers.retrieve(made.id, **desk.who)

    assert (seen.phone, seen.billing_address.city) == ("2", "Bonn")
    assert seen.revision_number == changed.revision_number != made.revision_number
    assert seen.full_name == "Ann" and seen.is_active is True


def test_a_stale_revision_is_the_sdks_internal_server_error(desk):
    made = desk.customer("Ann")
    change = {"revision_number": made.revision_number, **desk.who}
    desk.qbd.customers.update(made.id, phone="2", **change)

    with pytest.raises(conductor.InternalServerError) as raised:
        desk.qbd.customers.update(made.id, phone="3", **change)

    error = raised.value.body["error"]
    assert raised.value.status_code == 502
    assert (error["code"], error["integrationCode"]) == ("QBD_REQUEST_ERROR", "3200")
    assert made.revision_number in error["message"]


def test_the_lines_of_an_update_are_all_the_lines(desk):
    nut = desk.item("Nut", sales_price="2.00")
    line = {"item_id": nut.id, "rate": "2.00"}
    made = desk.order({**line, "quantity": 1}, {**line, "quantity": 5})

    changed = desk.qbd.sales_orders.update(
        made.id,
        revision_number=made.revision_number,
        lines=[{"id": made.lines[1].id}, {"id": "-1", **line, "quantity": 7}],
        **desk.who,
    )

    assert [one.quantity for one in changed.lines] == [5, 7]
    assert changed.lines[0].id == made.lines[1].id
    assert (made.total_amount, changed.total_amount) == ("12.00", "24.00")


def test_pages_follow_one_another_to_the_end(desk):
    for number in range(151):
        desk.customer(f"C{number:03}")

    first = desk.qbd.customers.list(**desk.who)
    names = sorted(one.name for one in first)

    assert (len(first.data), first.next_cursor is None) == (150, False)
    assert names == [f"C{number:03}" for number in range(151)]


def test_a_filter_with_several_values_is_understood(desk):
    ann, bob = desk.customer("Ann"), desk.customer("Bob", is_active=False)
    desk.customer("Cem")

    both = desk.qbd.customers.list(ids=[ann.id, bob.id], **desk.who)
    active = desk.qbd.customers.list(**desk.who)

    assert {one.name for one in both} == {"Ann", "Bob"}
    assert {one.name for one in active} == {"Ann", "Cem"}


def test_deletions_are_listed(desk):
    nut = desk.item("Nut")
    made = desk.order({"item_id": nut.id, "quantity": 1})

    told = desk.qbd.sales_orders.delete(made.id, **desk.who)
    gone = desk.qbd.deleted_transactions.list(
        transaction_types=["sales_order", "invoice"], **desk.who
    )
    nobody = desk.qbd.deleted_list_objects.list(object_types=["customer"], **desk.who)

    assert told.deleted is True and told.id == made.id
    assert [one.id for one in gone.data] == [made.id]
    assert nobody.data == []


def test_an_adjustment_moves_what_is_on_hand(desk):
    nut = desk.item("Nut", quantity_on_hand=10)

    made = desk.qbd.inventory_adjustments.create(
        account_id=desk.accounts()["Inventory Adjustments"],
        transaction_date=TODAY,
        lines=[{"item_id": nut.id, "adjust_quantity": {"quantity_difference": -4}}],
        **desk.who,
    )
    listed = desk.qbd.inventory_adjustments.list(**desk.who).data
    desk.qbd.inventory_adjustments.void(made.id, **desk.who)

    assert [one.lines[0].quantity_difference for one in listed] == [-4]
    assert desk.qbd.inventory_items.retrieve(nut.id, **desk.who).quantity_on_hand == 10


def test_the_end_user_and_quickbooks_answer(desk):
    user = desk.client.end_users.retrieve(END_USER)
    health = desk.qbd.health_check(**desk.who)
    initials = {one.initial for one in desk.qbd.sales_representatives.list(**desk.who).data}

    assert user.integration_connections[0].integration_slug == "quickbooks_desktop"
    assert health.status == "ok"
    assert "AB" in initials


# --- errors become the SDK's classes --------------------------------------------------


def test_a_field_that_is_none_is_a_bad_request(desk):
    with pytest.raises(conductor.BadRequestError, match="characters"):
        desk.customer("x" * 42)
    with pytest.raises(conductor.BadRequestError, match="Unrecognized"):
        desk.customer("Ann", extra_body={"Phone": "1"})


def test_a_bad_key_is_an_authentication_error(desk):
    other = Desk(str(desk.client.base_url), api_key="secret")

    with pytest.raises(conductor.AuthenticationError, match="API_KEY_INVALID"):
        other.customer("Ann")


def test_an_unknown_end_user_is_not_found(desk):
    desk.who = {"conductor_end_user_id": "end_usr_else"}

    with pytest.raises(conductor.NotFoundError, match="RESOURCE_MISSING"):
        desk.customer("Ann")


def test_an_unknown_record_is_quickbooks_own_error(desk):
    with pytest.raises(conductor.InternalServerError, match="could not be found"):
        desk.qbd.invoices.retrieve(MISSING, **desk.who)


def test_a_name_that_is_taken_is_quickbooks_own_error(desk):
    desk.customer("Ann")

    with pytest.raises(conductor.InternalServerError, match="already in use") as raised:
        desk.qbd.vendors.create(name="ANN", **desk.who)

    assert raised.value.body["error"]["integrationCode"] == "3100"


@pytest.mark.parametrize(
    ("fate", "name"),
    [
        ("401", "AuthenticationError"),
        ("403", "PermissionDeniedError"),
        ("409", "ConflictError"),
        ("429", "RateLimitError"),
        ("500", "InternalServerError"),
        ("502", "InternalServerError"),
        ("504_applied", "InternalServerError"),
        ("drop", "APIConnectionError"),
    ],
)
def test_each_fault_is_the_class_that_the_sdk_has_for_it(scripted, fate, name):
    desk = scripted(f"1,create customers,{fate}")

    with pytest.raises(getattr(conductor, name)):
        desk.customer("Ann")

    listed = [one.name for one in desk.qbd.customers.list(**desk.who)]
    assert listed == (["Ann"] if fate.endswith("applied") else [])


def test_a_slow_answer_is_a_timeout_and_the_effect_is_there(scripted):
    desk = scripted("1,create customers,slow:2", timeout=0.5)

    with pytest.raises(conductor.APITimeoutError):
        desk.customer("Ann")

    assert [one.name for one in desk.qbd.customers.list(**desk.who)] == ["Ann"]


def test_the_sdks_own_retries_create_twice_where_names_may_repeat(scripted):
    desk = scripted("1,create sales-orders,504_applied", max_retries=2)
    nut = desk.item("Nut")

    desk.order({"item_id": nut.id, "quantity": 1})

    assert len(list(desk.qbd.sales_orders.list(**desk.who))) == 2


def test_the_sdks_own_retries_skip_a_page(scripted):
    desk = scripted("2,list customers,500_applied", max_retries=2)
    for number in range(9):
        desk.customer(f"C{number}")

    found = list(desk.qbd.customers.list(limit=3, **desk.who))

    assert len(found) == 6
