"""The authentication layer: the session, the login and its end, the canary."""

from __future__ import annotations

import io
import socket
import sys
import urllib.request
from contextlib import redirect_stdout
from pathlib import Path
from threading import Thread

import pytest

from src import auth_qbo_demo
from src.adapters.fakes.core import Manners
from src.adapters.fakes.oauth import Switches
from src.adapters.fakes.scenario import Temper
from src.kit import receipts, stage
from src.kit.errors import AUTHORIZE_AGAIN, NOTHING_DONE, OK, STOPPED_EARLY
from src.office import canary
from tests.served import CALM, REALM, ServedCompany


def run(desk, command: str = "session", *options: str, **settings: str) -> int:
    return desk.run(auth_qbo_demo, command, *options, **settings)


class Browser(io.StringIO):
    """What login prints; whoever is told an address goes there."""

    def write(self, text: str) -> int:
        if text.startswith("http") or "\nhttp" in text:
            url = text[text.index("http") :].strip()
            Thread(target=lambda: urllib.request.urlopen(url).read(), daemon=True).start()
        return super().write(text)


def log_in(desk, **settings: str) -> int:
    """Log in as a person does whose browser follows the address that is printed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        uri = f"http://localhost:{free.getsockname()[1]}/callback"
    argv = desk.argv("login", "--no-browser", "--timeout=5", QBO_REDIRECT_URI=uri, **settings)
    browser, errors = Browser(), io.StringIO()
    before, sys.stderr = sys.stderr, errors
    try:
        with redirect_stdout(browser):
            code = stage.run(auth_qbo_demo.main, argv)
    finally:
        sys.stderr = before
    desk.out, desk.err = browser.getvalue(), errors.getvalue()
    return code


def test_the_session_and_the_companys_id_are_printed(desk):
    assert run(desk, QBO_REALM_ID="42") == OK

    assert desk.out == "fake-qbo-session for company 42\n"


def test_in_process_no_login_is_needed(desk):
    assert run(desk, "status") == OK
    assert run(desk, "login") == NOTHING_DONE

    assert "needs no login; set QBO_API=http" in desk.err


def test_a_login_is_kept_and_told(desk, served):
    served.token_file.unlink()

    assert log_in(desk) == OK
    assert f"logged in to company {REALM}; kept in {served.token_file}" in desk.out

    assert run(desk, "status") == OK
    assert "company       1234567890 (this machine)" in desk.out


def test_a_login_that_is_declined_names_who_may_consent(desk, served):
    served.oauth.switches = Switches(REALM, is_denied=True)

    assert log_in(desk) == NOTHING_DONE

    assert "only an administrator of the company can consent" in desk.err


def test_a_login_to_another_company_than_the_setting_names_is_refused(desk, served):
    assert log_in(desk, QBO_REALM_ID="77") == NOTHING_DONE

    assert f"the login is for company {REALM}, QBO_REALM_ID is 77" in desk.err


def test_a_first_login_says_which_company_to_set(desk, served):
    served.oauth.switches = Switches("55")

    assert log_in(desk) == OK

    assert "next: set QBO_REALM_ID=55" in desk.out


def test_a_refresh_gives_another_token(desk, served):
    before = served.session().held()

    assert run(desk, "refresh") == OK

    assert served.session().held() != before


def test_after_a_revocation_somebody_has_to_log_in(desk, served):
    assert run(desk, "revoke") == OK

    assert not served.token_file.exists()
    assert run(desk, "status") == AUTHORIZE_AGAIN
    assert 'run "python -m src.auth_qbo_demo login"' in desk.err


@pytest.mark.parametrize("command", ["session", "status", "refresh", "revoke", "canary"])
def test_without_a_login_every_command_says_how_to_get_one(desk, served, command):
    served.token_file.unlink()

    assert run(desk, command) == AUTHORIZE_AGAIN

    assert "auth_qbo_demo login" in desk.err


def test_without_an_app_the_settings_are_named(desk, served):
    assert run(desk, "login", QBO_CLIENT_ID="") == NOTHING_DONE

    assert desk.err.startswith("QBO_CLIENT_ID and QBO_CLIENT_SECRET: not set")


def test_nothing_that_is_written_or_said_shows_a_secret(desk, served):
    desk.files("a.pdf", "b.pdf")
    desk.scenario("1,a.pdf,401", "2,a.pdf,drop_applied")
    served.restart()
    said = []
    for door in (lambda: log_in(desk), lambda: run(desk, "status"), lambda: run(desk, "canary")):
        door()
        said.append(desk.out + desk.err)
    desk.prepare()
    desk.upload()
    said.append(desk.out + desk.err)

    held = served.session()._file.read()
    secrets = (held.access_token, held.refresh_token, desk.settings["QBO_CLIENT_SECRET"])
    told = "".join([*said, *texts(desk.root)])
    assert len(told) > 3000
    assert [secret for secret in secrets if secret in told] == []


def texts(folder: Path):
    """Yield every file but the two that keep logins, of the client and of the server."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in ("oauth.json", "token.json"):
            yield path.read_bytes().decode("utf-8", "replace")


# --- the canary -----------------------------------------------------------------------


@pytest.fixture
def odd(desk, request):
    """Return the desk, its company of the character that the test asks for."""
    company = ServedCompany(desk.company, request.param)
    desk.settings.update(company.settings)
    yield desk
    company.stop()


def test_a_good_company_honours_ids_and_lists_marks_and_keeps_nothing(desk, served):
    assert run(desk, "canary") == OK

    assert "request ids are honoured, marks are listed" in desk.out
    assert served.company().query("select count(*) from Attachable")["totalCount"] == 0


@pytest.mark.parametrize("odd", [CALM._replace(temper=Temper(request_ids="ignored"))], indirect=True)
def test_a_company_that_ignores_ids_is_found_out(odd):
    assert run(odd, "canary") == OK

    assert "request ids are ignored, marks are listed" in odd.out
    receipt = receipts.last(odd.logs, REALM, receipts.CANARY)
    assert receipts.value(receipt, "request_ids") == "ignored"


@pytest.mark.parametrize("odd", [CALM._replace(manners=Manners(shows_tags=False))], indirect=True)
def test_a_company_that_shows_no_marks_is_found_out(odd):
    settings = odd.config
    time = iter(range(1000))
    clock = canary.Clock(monotonic=lambda: next(time), sleep=lambda seconds: None)

    assert "marks are missing" in canary.measure(settings, "run", clock)


def test_a_canary_that_is_not_taken_is_said(desk, served):
    desk.scenario(",*.txt,200:6041")
    served.restart()

    assert run(desk, "canary") == NOTHING_DONE

    assert desk.err.startswith("the canary was not taken: Invalid Uploaded File")


def test_a_canary_whose_second_upload_fails_is_taken_away_too(desk, served):
    desk.scenario("2,*.txt,500")
    served.restart()

    assert run(desk, "canary") == STOPPED_EARLY

    assert served.company().query("select count(*) from Attachable")["totalCount"] == 0
