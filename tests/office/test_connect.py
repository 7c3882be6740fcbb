"""From settings to the outside: what is plugged in, and how it behaves."""

from __future__ import annotations

import pytest

from src.adapters.fakes.company import FakeCompany
from src.adapters.qbo import Change
from src.kit.errors import Locked
from src.office import connect
from tests.adapters.fakes.town import define


def test_the_session_is_for_the_company_of_the_settings(desk):
    desk.settings["QBO_REALM_ID"] = "42"

    session, realm_id = connect.authorize(desk.config)

    assert (str(session), realm_id) == ("fake-qbo-session", "42")


def test_the_company_lies_below_the_data_folder(desk):
    found = connect.company(desk.config)

    assert isinstance(found, FakeCompany)
    courtesy = connect.courtesy(desk.config, "seed")
    assert connect.attachables(desk.config, found, courtesy).count() == 0


@pytest.mark.parametrize(
    ("mode", "is_shown"), [("notes", False), ("enhanced", True), ("both", True)]
)
def test_customers_show_their_custom_fields_in_the_modes_that_have_some(desk, mode, is_shown):
    desk.settings["CUSTOM_FIELD_MODE"] = mode
    define(desk.company, {"1": "Campus"})
    company = connect.company(desk.config)

    fields = [{"DefinitionId": "1", "StringValue": "Huye"}]
    company.write(Change("create", "Customer", {"DisplayName": "A", "CustomField": fields}))

    assert ("CustomField" in company.read("Customer", "1")) is is_shown


@pytest.mark.parametrize(("mode", "is_asked"), [("notes", False), ("enhanced", True)])
def test_over_http_they_are_asked_for_in_the_same_modes(desk, served, mode, is_asked):
    desk.settings["CUSTOM_FIELD_MODE"] = mode
    define(served.folder, {"1": "Campus"})
    served.restart()
    company = connect.company(desk.config)

    fields = [{"DefinitionId": "1", "StringValue": "Huye"}]
    company.write(Change("create", "Customer", {"DisplayName": "A", "CustomField": fields}))

    assert ("CustomField" in company.read("Customer", "1")) is is_asked


def test_the_companys_failure_rate_is_the_setting(desk):
    desk.files("a.pdf", "b.pdf")
    desk.prepare()

    desk.upload(FAKE_QBO_FAIL_RATE="1", FAKE_QBO_SEED="7")

    assert "uploaded" not in desk.outcomes()


def test_who_writes_to_a_company_holds_its_lock(desk):
    with connect.realm_lock(desk.config):
        with pytest.raises(Locked):
            connect.realm_lock(desk.config).__enter__()


def test_two_companies_may_be_written_to_at_once(desk):
    other = desk.config._replace(qbo_realm_id="42")

    with connect.realm_lock(desk.config), connect.realm_lock(other):
        assert (desk.logs / "realm-42.lock").exists()


@pytest.mark.parametrize("realm", ["../../etc", "a/b", "C:\\x", "é b"])
def test_a_realm_of_odd_characters_stays_in_the_log_folder(desk, realm):
    lock = connect.realm_lock(desk.config._replace(qbo_realm_id=realm))

    assert lock.path.parent == desk.logs
