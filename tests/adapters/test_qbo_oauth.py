"""Logging in to Intuit: tokens kept in one file, one refresh at a time, no secret said."""

from __future__ import annotations

import json
import os
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Thread

import pytest

from src.adapters import qbo_oauth
from src.adapters.fakes.oauth import Switches
from src.adapters.qbo_oauth import (
    App,
    Authority,
    AuthorizeAgain,
    Session,
    TokenFile,
    Tokens,
    TryLater,
)
from src.kit.clock import REAL, Clock
from src.kit.errors import AUTHORIZE_AGAIN, Refused
from src.office import demo_login
from tests.peer import answering
from tests.served import REALM, ServedCompany

posix = pytest.mark.skipif(os.name == "nt", reason="no file modes on Windows")
EXPIRIES = int(os.environ.get("EXPIRIES", "40"))  # at which processes meet
SECRET = "canary-secret-4711"
APP = App("proof", SECRET, "http://localhost/callback")


def later(seconds: float) -> str:
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def tokens(access: str = SECRET, seconds: float = 3600, realm: str = REALM) -> Tokens:
    times = (later(seconds), later(8e6), later(seconds - 300))
    return Tokens(access, SECRET + "R", realm, demo_login.PLACE, *times)


@pytest.fixture
def file(tmp_path) -> TokenFile:
    return TokenFile(tmp_path / "keys/token.json", REALM, demo_login.PLACE)


def session_at(served: ServedCompany, clock: Clock = REAL) -> Session:
    authority = Authority(APP, lambda: qbo_oauth.discover(served.url, "sandbox"), clock)
    return Session(TokenFile(served.token_file, REALM, demo_login.PLACE), authority, clock)


def refreshes(served: ServedCompany) -> int:
    return len(served.requests("/tokens/bearer")) - 1  # the first was the login


# --- the file -------------------------------------------------------------------------


def test_what_was_written_is_read(file):
    file.write(tokens())

    assert file.read()[:4] == tokens()[:4]


@posix
def test_the_file_and_its_folder_are_for_their_owner_alone(file):
    file.write(tokens())

    modes = [stat.S_IMODE(os.stat(p).st_mode) for p in (file.path, file.path.parent)]
    assert modes == [0o600, 0o700]
    assert [path.name for path in file.path.parent.iterdir()] == ["token.json"]


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(file, mode):
    file.write(tokens())
    file.path.chmod(mode)

    with pytest.raises(Refused, match="others may read it; chmod 600"):
        file.read()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"access_token": 1}', "[" * 60_000, "\x00", '{"a": "b"}'],
)
def test_a_damaged_file_asks_to_log_in_again(file, text):
    file.write(tokens())
    file.path.write_text(text)

    with pytest.raises(AuthorizeAgain, match="is damaged; run .*login"):
        file.read()


@pytest.mark.parametrize("change", [{"refresh_from": "soon"}, {"refresh_token": 7}, {"access_token": "a\nb"}])
def test_a_value_that_cannot_be_meant_is_damage(file, change):
    file.write(tokens())
    file.path.write_text(json.dumps({**tokens()._asdict(), **change}))

    with pytest.raises(AuthorizeAgain, match="is damaged"):
        file.read()


def test_a_login_to_another_company_is_not_used(file):
    file.write(tokens(realm="42"))

    with pytest.raises(AuthorizeAgain, match="is for company 42 .*QBO_REALM_ID"):
        file.read()


def test_without_a_login_the_way_to_one_is_said(file):
    with pytest.raises(AuthorizeAgain, match="not found; run .*login") as refused:
        file.read()

    assert refused.value.exit_code == AUTHORIZE_AGAIN


# --- refreshing -----------------------------------------------------------------------


def test_a_fresh_token_is_used_as_it_is(served):
    session_at(served).token()

    assert refreshes(served) == 0


def test_a_token_is_replaced_minutes_before_its_end(served):
    soon = Clock(now=lambda: datetime.now(timezone.utc) + timedelta(minutes=56))
    before = session_at(served).held()

    after = session_at(served, soon).token()

    assert after != before and refreshes(served) == 1
    assert session_at(served).held() == after


def test_a_refused_token_is_replaced_whatever_the_clock_says(served):
    before = session_at(served).token()
    served.oauth.expire(before)

    after = session_at(served).renew(before)

    assert served.oauth.is_valid(after) and refreshes(served) == 1


def test_a_token_that_somebody_else_replaced_is_read_not_refreshed(served):
    one, other = session_at(served), session_at(served)
    before = one.token()

    assert one.renew(before) == other.renew(before)
    assert refreshes(served) == 1


def test_a_rotated_refresh_token_is_kept_with_the_one_before(served):
    served.oauth.switches = Switches(REALM, rotate_refresh="always")
    first = session_at(served)._file.read()

    session_at(served).renew(first.access_token)
    second = session_at(served)._file.read()

    assert second.refresh_token != first.refresh_token
    assert second.previous_refresh_token == first.refresh_token


def test_twenty_threads_refresh_once(served):
    session = session_at(served)
    before, found = session.token(), []
    served.oauth.expire(before)

    threads = [Thread(target=lambda: found.append(session.renew(before))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 20 and len(set(found)) == 1 and refreshes(served) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_eight_processes_refresh_once_at_each_expiry(served):
    served.oauth.switches = Switches(REALM, rotate_refresh="always")
    for _ in range(EXPIRIES):
        before = session_at(served).held()
        served.oauth.expire(before)
        children = [forked(served, before) for _ in range(8)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert codes == [0] * 8

    assert refreshes(served) == EXPIRIES
    assert {one.status for one in served.requests("/tokens/bearer")} == {"200"}


def forked(served: ServedCompany, before: str) -> int:
    """Return a process that was refused with a token, and gets another."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = session_at(served).renew(before) == before
        finally:
            os._exit(code)
    return child


def test_a_refresh_token_that_is_no_longer_taken_asks_to_log_in(served):
    served.oauth.switches = Switches(REALM, fail_next_refresh="invalid_grant")

    with pytest.raises(AuthorizeAgain, match="no longer valid; run .*login"):
        session_at(served).renew(session_at(served).held())


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, b"", TryLater),
        (503, b"<html>", TryLater),
        (429, b"{}", TryLater),
        (200, b"{}", TryLater),
        (200, b'{"access_token": 1, "refresh_token": "r", "expires_in": "x"}', TryLater),
        (401, b'{"error": "invalid_client"}', AuthorizeAgain),
        (400, b"[" * 60_000, AuthorizeAgain),
        (400, b'{"error": "invalid_grant"}', AuthorizeAgain),
    ],
)
def test_what_the_token_endpoint_answers_loses_no_login(peer, file, status, body, kind):
    answer = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
    url = peer(answering(answer + body)).url
    authority = Authority(APP, lambda: qbo_oauth.Endpoints(url, url, url), REAL)
    file.write(tokens())

    with pytest.raises(kind) as refused:
        Session(file, authority, REAL).renew(SECRET)

    assert file.read().access_token == SECRET
    assert SECRET not in str(refused.value)


def test_an_authorization_server_that_is_gone_is_said_with_its_name(served):
    served.stop()
    try:
        with pytest.raises(TryLater, match="127.0.0.1.*try again later"):
            session_at(served).renew(session_at(served).held())
    finally:
        served.start()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"token_endpoint": 7}'])
def test_a_broken_discovery_document_is_one_sentence(peer, body):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)

    with pytest.raises(TryLater, match="no discovery document"):
        qbo_oauth.discover(peer(answering(answer + body)).url, "sandbox")


def test_after_a_revocation_the_login_is_worth_nothing(served):
    held = session_at(served)._file.read()

    authority = Authority(APP, lambda: qbo_oauth.discover(served.url, "sandbox"), REAL)
    authority.revoke(held)

    assert not served.oauth.is_valid(held.access_token)
    with pytest.raises(AuthorizeAgain):
        authority.refresh(held)


def test_nothing_that_holds_a_secret_shows_it(file):
    file.write(tokens())
    held = [APP, tokens(), Session(file, Authority(APP, lambda: None, REAL), REAL), file]

    assert SECRET not in "".join(f"{one!r} {one}" for one in held)


def test_a_code_buys_one_login(served):
    app = App("proof", "secret", "http://localhost/callback")
    endpoints = qbo_oauth.discover(served.url, "sandbox")
    authority = Authority(app, lambda: endpoints, REAL)

    with pytest.raises(AuthorizeAgain):
        authority.exchange("AB1-made-up", REALM, "sandbox")


def test_a_killed_writer_leaves_the_old_login(file):
    file.write(tokens("old"))
    Path(f"{file.path}.{os.getpid()}.tmp").write_text("half")

    assert file.read().access_token == "old"
    file.write(tokens("new"))
    assert file.read().access_token == "new"
