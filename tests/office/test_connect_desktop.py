"""From settings to a company file of QuickBooks Desktop."""

from __future__ import annotations

import pytest

from src import wms_apply, wms_demo, wms_fetch
from src.adapters.conductor import CREATE, Change
from src.adapters.conductor_http import HttpDesktop
from src.adapters.fakes.conductor.inprocess import FakeDesktop
from src.kit import answers as said
from src.kit import receipts, tables
from src.kit.errors import LOCKED, Locked, Refused
from src.kit.locks import Lock
from src.office import connect_desktop
from src.wms.records import PLAN
from tests.peer import read_request

OVER_HTTP = {"CONDUCTOR_API": "http", "CONDUCTOR_SECRET_KEY": "sk_conductor_1"}


def test_the_company_file_lies_below_the_data_folder(desk):
    found = connect_desktop.desktop(desk.config)

    found.write(Change(CREATE, "customers", body={"name": "Ann"}))

    assert isinstance(found, FakeDesktop)
    assert (desk.config.data_dir / "fake_conductor/ledger.csv").exists()


def test_its_failure_rate_is_the_setting(desk):
    desk.settings["FAKE_CONDUCTOR_FAIL_RATE"] = "1"

    assert connect_desktop.desktop(desk.config).health().kind != said.APPLIED


def test_conductor_is_asked_where_the_settings_say_with_key_and_end_user(desk, peer):
    heard: list[bytes] = []

    def serve(connection) -> None:
        heard.append(read_request(connection))

    desk.settings.update(OVER_HTTP)
    desk.settings["CONDUCTOR_BASE_URL"] = peer(serve).url + "/v1/"
    desk.settings["CONDUCTOR_END_USER_ID"] = "end_usr_9"

    connect_desktop.desktop(desk.config).health()

    [request] = heard
    assert request.startswith(b"GET /v1/quickbooks-desktop/health-check HTTP/1.1\r\n")
    assert b"Authorization: Bearer sk_conductor_1\r\n" in request
    assert b"Conductor-End-User-Id: end_usr_9\r\n" in request


def test_conductor_itself_is_asked_where_no_url_is_set(desk):
    desk.settings.update(OVER_HTTP)

    assert isinstance(connect_desktop.desktop(desk.config), HttpDesktop)


def test_the_deadline_is_the_setting(desk, peer):
    def silent(connection) -> None:
        read_request(connection)
        connection.recv(1)

    desk.settings |= {**OVER_HTTP, "CONDUCTOR_DEADLINE_SECONDS": "0.1"}
    desk.settings["CONDUCTOR_BASE_URL"] = peer(silent).url

    answer = connect_desktop.desktop(desk.config).health()

    assert "no answer within 0.1" in answer.error


@pytest.mark.parametrize("door", [wms_fetch, wms_apply, wms_demo])
def test_a_company_file_that_another_program_has_open_is_left_alone(desk, door):
    options = ("make",) if door is wms_demo else ()
    desk.config.fake_conductor_dir.mkdir(parents=True)
    tables.write(desk.path(PLAN), PLAN.row, [])
    receipts.append(desk.logs, ("", "r", "", receipts.FILE, PLAN.place, "0", "", ""))

    with Lock(desk.config.fake_conductor_dir / "server.lock"):
        assert desk.run(door, *options) == LOCKED

    assert "held by process" in desk.err and "with CONDUCTOR_API=http" in desk.err
    assert not (desk.config.fake_conductor_dir / "ledger.csv").exists()


def test_whoever_has_it_open_lets_go_at_the_end(desk):
    for _ in range(2):
        with pytest.raises(KeyError), connect_desktop.alone(desk.config):
            raise KeyError

    with connect_desktop.alone(desk.config), pytest.raises(Locked):
        with connect_desktop.alone(desk.config):
            pass


def test_over_http_the_server_has_it_open(desk):
    desk.settings |= OVER_HTTP

    with connect_desktop.alone(desk.config), connect_desktop.alone(desk.config):
        assert not desk.config.fake_conductor_dir.exists()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"CONDUCTOR_SECRET_KEY": ""}, "CONDUCTOR_SECRET_KEY: not set"),
        ({"CONDUCTOR_SECRET_KEY": "pk_canary4711"}, "none that starts with sk_conductor_"),
        ({"CONDUCTOR_END_USER_ID": ""}, "CONDUCTOR_END_USER_ID: not set"),
        ({"CONDUCTOR_BASE_URL": "http://example.org"}, "https is required"),
    ],
)
def test_a_setting_that_is_missing_is_named_with_a_way_out(desk, settings, told):
    desk.settings |= {**OVER_HTTP, **settings}

    with pytest.raises(Refused, match=told) as raised:
        connect_desktop.desktop(desk.config)

    assert "4711" not in str(raised.value)
