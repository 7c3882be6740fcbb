"""Authorize against QuickBooks: who we are, and for which company.

Without a command: the session in use. `login` opens the browser, `status` says how long
the login lasts, `refresh` and `revoke` renew and end it, `canary` measures what the company
makes of request ids and marks.
"""

from __future__ import annotations

import secrets
import sys
import webbrowser
from argparse import ArgumentParser
from collections.abc import Callable, Sequence

from src import config
from src.config import Settings
from src.kit import stage
from src.kit.errors import Refused
from src.office import canary, connect

IN_PROCESS = "the simulated company in process needs no login; set QBO_API=http"


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out a command, or print the session and the company's id."""
    run = stage.start("auth_qbo_demo", __doc__, argv, _options)
    settings = config.load(run.environ)
    return _COMMANDS[run.args.command](run, settings)


def _session(run: stage.Run, settings: Settings) -> int:
    session, realm_id = connect.authorize(settings)
    print(f"{session} for company {realm_id}")
    return stage.OK


def _login(run: stage.Run, settings: Settings) -> int:
    from src.adapters import callback, qbo_oauth

    app, endpoints = connect.app(settings), connect.endpoints(settings)
    state = secrets.token_urlsafe(24)
    url = qbo_oauth.authorization_url(app, endpoints, state)
    if callback.can_listen(app.redirect_uri):
        with callback.Listener(app.redirect_uri, state) as listener:
            _show(run, url)
            consent = listener.wait(run.args.timeout)
    else:
        _show(run, url)
        print("paste the address to which the browser was sent:", flush=True)
        consent = callback.pasted(sys.stdin.readline(), state)
    if settings.qbo_realm_id not in (consent.realm_id, config.DEMO_REALM):
        raise Refused(
            f"the login is for company {consent.realm_id}, QBO_REALM_ID is "
            f"{settings.qbo_realm_id}; correct the setting or log in to the other company"
        )
    authority = qbo_oauth.Authority(app, lambda: endpoints, run.clock)
    file = connect.token_file(settings._replace(qbo_realm_id=consent.realm_id))
    with run.stopping_gently():  # a token that is not written down yet is easily lost
        file.write(
            authority.exchange(consent.code, consent.realm_id, connect.place(settings))
        )
    print(f"logged in to company {consent.realm_id}; kept in {settings.qbo_token_file}")
    if settings.qbo_realm_id != consent.realm_id:
        print(f"  next: set QBO_REALM_ID={consent.realm_id} (in .env)")
    return stage.OK


def _show(run: stage.Run, url: str) -> None:
    print(f"open this in a browser, as an administrator of the company:\n{url}", flush=True)
    if not run.args.no_browser:
        webbrowser.open(url)


def _status(run: stage.Run, settings: Settings) -> int:
    from src.adapters.qbo_oauth import LOG_IN, AuthorizeAgain

    if settings.qbo_api == "fake":
        print(IN_PROCESS)
        return stage.OK
    tokens = connect.token_file(settings).read()
    if tokens.refresh_expires_at < run.clock.now().isoformat():
        raise AuthorizeAgain(f"the login ended {tokens.refresh_expires_at}; {LOG_IN}")
    lines = {
        "company": f"{tokens.realm_id} ({tokens.environment})",
        "access token": f"until {tokens.expires_at}, refreshed as needed",
        "login": f"until {tokens.refresh_expires_at}, longer with every refresh",
        "kept in": settings.qbo_token_file,
        "canary": canary.sentence(settings),
    }
    for name, text in lines.items():
        print(stage.printable(f"{name:13} {text}"))
    return stage.OK


def _refresh(run: stage.Run, settings: Settings) -> int:
    session = connect.session(settings, run.clock)
    with run.stopping_gently():
        session.renew(session.held())
    tokens = connect.token_file(settings).read()
    print(f"refreshed; the access token is good until {tokens.expires_at}")
    return stage.OK


def _revoke(run: stage.Run, settings: Settings) -> int:
    file = connect.token_file(settings)
    connect.authority(settings, run.clock).revoke(file.read())
    file.path.unlink(missing_ok=True)
    print(f"revoked; {file.path} is deleted")
    return stage.OK


def _canary(run: stage.Run, settings: Settings) -> int:
    print(canary.measure(settings, run.run_id, run.clock))
    return stage.OK


_COMMANDS: dict[str, Callable[[stage.Run, Settings], int]] = {
    "session": _session,
    "login": _login,
    "status": _status,
    "refresh": _refresh,
    "revoke": _revoke,
    "canary": _canary,
}


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("command", nargs="?", choices=list(_COMMANDS), default="session")
    parser.add_argument("--no-browser", action="store_true", help="print the URL only")
    parser.add_argument(
        "--timeout", type=float, default=300.0, metavar="S", help="wait for the browser"
    )


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
