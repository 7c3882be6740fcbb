"""From a setting to an adapter: which outside the pipelines talk to."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from src.adapters.qbo import Attachables, Company
from src.config import Settings
from src.adapters.unmarked import Unmarked
from src.adapters.unmarked import label as unmarked_label
from src.kit import acting, receipts
from src.kit.clock import REAL, Clock
from src.kit.errors import Refused
from src.kit.locks import Lock
from src.kit.receipts import Receipt
from src.kit.requests import Outside
from src.kit.retry import Courtesy, Pace, Pacer, Patience

MISSING = "missing"  # what a canary says of marks that do not come back

if TYPE_CHECKING:
    from src.adapters.fakes.company import FakeQboSession
    from src.adapters.qbo_oauth import App, Authority, Endpoints, Session, TokenFile


def authorize(settings: Settings) -> tuple[FakeQboSession | Session, str]:
    """Return an authorized session and the id of its company."""
    if settings.qbo_api == "http":
        found = session(settings)
        found.token()
        return found, settings.qbo_realm_id
    from src.adapters.fakes.company import FakeQboSession

    return FakeQboSession(), settings.qbo_realm_id


def app(settings: Settings) -> App:
    """Return the app that the settings name; raises Refused where they name none."""
    from src.adapters.qbo_oauth import App

    if settings.qbo_api == "fake":
        raise Refused("the simulated company in process needs no login; set QBO_API=http")
    if not settings.qbo_client_id or not settings.qbo_client_secret:
        raise Refused(
            "QBO_CLIENT_ID and QBO_CLIENT_SECRET: not set; put your app's keys from "
            "developer.intuit.com into .env"
        )
    return App(
        settings.qbo_client_id, settings.qbo_client_secret, settings.qbo_redirect_uri
    )


def endpoints(settings: Settings) -> Endpoints:
    """Return where the authorization server takes what."""
    from src.adapters.qbo_oauth import discover

    return discover(settings.qbo_base_url, settings.qbo_environment)


def authority(settings: Settings, clock: Clock = REAL) -> Authority:
    """Return the authorization server."""
    from src.adapters.qbo_oauth import Authority

    return Authority(app(settings), lambda: endpoints(settings), clock)


def token_file(settings: Settings) -> TokenFile:
    """Return the file that keeps the login."""
    from src.adapters.qbo_oauth import TokenFile

    return TokenFile(settings.qbo_token_file, settings.qbo_realm_id, place(settings))


def place(settings: Settings) -> str:
    """Return where a login is good: an environment of Intuit's, or another host.

    Servers on this machine are one place, because their ports come and go.
    """
    from src.kit.net import is_loopback

    host = urlsplit(settings.qbo_base_url).hostname
    if not host:
        return settings.qbo_environment
    return "this machine" if is_loopback(host) else settings.qbo_base_url


def session(settings: Settings, clock: Clock = REAL) -> Session:
    """Return the login as the company's client needs it."""
    from src.adapters.qbo_oauth import Session

    return Session(token_file(settings), authority(settings, clock), clock)


def company(settings: Settings, clock: Clock = REAL) -> Company:
    """Return the QuickBooks Online company that the settings name."""
    return _http(settings, clock) if settings.qbo_api == "http" else _fake(settings, clock)


def ready(settings: Settings, clock: Clock = REAL) -> Company:
    """Return the company for whoever is certain to ask it: its login is there and good."""
    if settings.qbo_api == "http":
        session(settings, clock).token()
    return company(settings, clock)


def _fake(settings: Settings, clock: Clock) -> Company:
    from src.adapters.fakes.company import FakeCompany
    from src.adapters.fakes.scenario import Temper

    temper = Temper(
        settings.fake_qbo_fail_rate,
        settings.fake_qbo_seed,
        settings.fake_qbo_request_ids,
    )
    included = reads_custom_fields(settings)
    return FakeCompany(settings.fake_qbo_dir, temper, clock, included)


def _http(settings: Settings, clock: Clock) -> Company:
    from src.adapters.qbo_http import HOSTS, HttpCompany
    from src.kit.net import Client

    host = settings.qbo_base_url or HOSTS[settings.qbo_environment]
    client = Client(host, settings.qbo_deadline_seconds)
    realm_id, included = settings.qbo_realm_id, reads_custom_fields(settings)
    return HttpCompany(session(settings, clock), client, realm_id, included)


def reads_custom_fields(settings: Settings) -> bool:
    """Return whether customers are to show their custom fields."""
    from src.mis.custom_fields import NOTES

    return settings.custom_field_mode != NOTES


def courtesy(settings: Settings, seed: str, clock: Clock = REAL) -> Courtesy:
    """Return how the company is asked: its pace, and how patiently."""
    pace = Pace(settings.qbo_requests_per_minute, settings.qbo_parallel)
    patience = Patience(Random(seed), settings.qbo_backoff_seconds)
    return Courtesy(clock, patience, Pacer(pace, clock))


def query(found: Company, manners: Courtesy) -> Callable[[str], dict[str, Any]]:
    """Return a company's query, asked with courtesy."""
    return manners.asking(found.query)


def attachables(settings: Settings, found: Company, manners: Courtesy) -> Outside:
    """Return a company as exactly-once delivery of attachments needs it.

    Where the canary found that marks do not come back, effects are told by what else
    they show.
    """
    looks = Attachables(query(found, manners))
    if not has_marks(settings):
        before = settings.log_dir / "qbo_attach_before.csv"
        unmarked = Unmarked(looks, before)
        return Outside(
            found.upload,
            lambda items: unmarked.list_all(True),
            unmarked.list_all,
            looks.count,
            unmarked_label,
            unmarked.begin,
        )
    return Outside(
        found.upload,
        lambda items: looks.find([item.key for item in items]),
        lambda had_history: looks.list_all(),
        looks.count,
    )


def canary_of(settings: Settings) -> Receipt | None:
    """Return what was measured of the company last, if anything was."""
    return receipts.last(settings.log_dir, settings.qbo_realm_id, receipts.CANARY)


def notes(settings: Settings) -> list[str]:
    """Return what a person should know of a company before relying on it."""
    if settings.qbo_api == "fake" or canary_of(settings):
        return []
    return ["whether marks come back from this company was not measured; run make canary"]


def has_marks(settings: Settings) -> bool:
    """Return whether marks come back from the company, as far as that was measured."""
    return receipts.value(canary_of(settings), "mark") != MISSING


def realm_lock(settings: Settings) -> Lock:
    """Return the lock that whoever writes to the company holds."""
    return acting.realm_lock(settings.log_dir, settings.qbo_realm_id)
