"""The whole attachments pipeline against a company behind HTTP, as against one in process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from src import (
    auth_qbo_demo,
    download_mapping_demo,
    fake_qbo_api,
    make_demo_data,
    qbo_attach_demo,
    reconcile_attachments,
    status,
)
from src.config import ROOT
from src.kit.errors import (
    AUTHORIZE_AGAIN,
    IN_DOUBT,
    OK,
    SOME_ROWS_FAILED,
    STOPPED_EARLY,
)
from src.office import demo_login
from tests.desk import Desk
from tests.served import CALM, ServedCompany


@pytest.fixture
def server(desk: Desk) -> Iterator[str]:
    """Yield the URL of a server that is a process of its own, as a user starts it."""
    command = [sys.executable, "-m", "src.fake_qbo_server", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--while-stdin", *desk.argv()],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    yield process.stdout.readline().decode().strip().partition("=")[2]
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == OK
    process.stdin.close(), process.stdout.close()


def test_the_demo_goes_the_whole_way_over_http(desk, served):
    assert desk.run(make_demo_data) == OK
    served.restart()
    desk.prepare()

    assert desk.run(auth_qbo_demo, "canary") == OK
    assert desk.upload() == SOME_ROWS_FAILED
    assert desk.upload() == SOME_ROWS_FAILED  # one is refused for good

    assert set(Counter(desk.received()).values()) == {1}
    desk.run(reconcile_attachments)
    assert "missing" in desk.out and "changed_there" not in desk.out
    assert desk.run(status) == OK and "in doubt     0" in desk.out


def test_a_server_without_a_state_of_its_own_serves_the_demo(desk, server):
    company = ServedCompany.__new__(ServedCompany)
    company.url, company.token_file = server, desk.root / "token.json"
    demo_login.log_in(server, company.token_file)
    desk.settings.update(company.settings)

    desk.prepare()
    assert desk.upload(FAKE_QBO_FAIL_RATE="0") in (OK, SOME_ROWS_FAILED)

    assert len(desk.received()) > 30


def test_one_file_is_attached_by_hand_over_http_too(desk, served):
    path = desk.file("a.pdf")

    assert desk.run(fake_qbo_api, "Invoice", "1187", str(path)) == OK

    assert "status_code  200" in desk.out and desk.received() == ["a.pdf"]


def test_an_outage_from_the_first_call_sends_nothing_and_is_over_at_once(desk, served):
    desk.files(*(f"{n}.pdf" for n in range(30)))
    desk.prepare()
    served.stop()

    try:
        assert desk.upload() == STOPPED_EARLY
    finally:
        served.start()
    assert "30 not attempted" in desk.out
    assert desk.upload() == OK and len(desk.received()) == 30


def test_an_outage_in_the_middle_costs_few_requests_and_a_later_run_finishes(desk, served):
    desk.files(*(f"{n:02}.pdf" for n in range(60)))
    desk.prepare()
    desk.scenario("10-,*.pdf,503".replace("10-", "10-9999"))
    served.restart()

    assert desk.upload(QBO_FILES_PER_REQUEST="1") in (STOPPED_EARLY, IN_DOUBT)
    assert len(served.requests()) <= 1.1 * 60 + 10
    assert "not attempted" in desk.out

    desk.scenario()
    served.restart()
    assert desk.upload() == OK
    assert sorted(desk.received()) == [f"{n:02}.pdf" for n in range(60)]


def test_without_a_login_nothing_is_begun(desk, served):
    desk.files("a.pdf")
    desk.prepare()
    served.token_file.unlink()

    assert desk.upload() == AUTHORIZE_AGAIN

    assert 'run "python -m src.auth_qbo_demo login"' in desk.err
    assert desk.log() == []


def test_a_token_that_expires_in_the_middle_is_renewed_once(desk, served):
    desk.files(*(f"{n}.pdf" for n in range(12)))
    desk.prepare()
    served.oauth.expire(served.session().held())

    assert desk.upload(QBO_FILES_PER_REQUEST="1", QBO_PARALLEL="4") == OK

    refreshes = [one for one in served.requests("/tokens/bearer")]
    assert len(refreshes) == 2  # the login, and one for everybody
    assert len(desk.received()) == 12


def test_a_wrong_client_is_told_to_log_in_again(desk, served):
    served.oauth.expire(served.session().held())

    assert desk.run(auth_qbo_demo, "refresh", QBO_CLIENT_ID="other") == AUTHORIZE_AGAIN


def test_a_login_of_this_machine_is_not_sent_to_intuit(desk, served):
    desk.files("a.pdf")
    desk.prepare()

    assert desk.upload(QBO_BASE_URL="") == AUTHORIZE_AGAIN

    assert "is for company 1234567890 (this machine)" in desk.err


def test_a_company_without_a_mapping_leaves_the_one_that_is_there(desk, served):
    given = "QbdtExportableId,QbdtEntityType,QboEntityType,QboEntityId\n1-1,BILL,BILL,7\n"
    (desk.root / "data/mapping_export.csv").write_text(given)

    assert desk.run(download_mapping_demo) == OK

    assert (desk.root / "data/mapping_export.csv").read_text() == given
    assert "the one that is there is left as it is" in desk.out


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_an_upload_that_is_killed_while_the_company_lingers_arrives_once(desk):
    served = ServedCompany(desk.company, CALM._replace(latency=0.2))
    desk.settings.update({**served.settings, "QBO_SETTLE_SECONDS": "0.5"})
    names = [f"{letter}.pdf" for letter in "abcdefgh"]
    desk.files(*names)
    desk.prepare()

    def killed(argv: list[str]) -> int:
        signal.setitimer(signal.ITIMER_REAL, 0.15)
        return qbo_attach_demo.main(argv)

    assert desk.fork(killed, QBO_FILES_PER_REQUEST="1") == -signal.SIGALRM
    codes = [desk.upload(), desk.upload()]
    served.stop()

    assert codes[-1] == OK
    assert sorted(desk.received()) == names
