"""From a setting to an adapter: which outside the pipelines talk to."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from src.adapters.qbo import Attachables, Company
from src.config import Settings
from src.kit import acting
from src.kit.clock import REAL, Clock
from src.kit.locks import Lock
from src.kit.requests import Outside
from src.kit.retry import Courtesy, Pace, Pacer, Patience

if TYPE_CHECKING:
    from src.adapters.fakes.company import FakeQboSession


def authorize(settings: Settings) -> tuple[FakeQboSession, str]:
    """Return an authorized session and the id of its company."""
    from src.adapters.fakes.company import FakeQboSession

    return FakeQboSession(), settings.qbo_realm_id


def company(settings: Settings, clock: Clock = REAL) -> Company:
    """Return the QuickBooks Online company that the settings name."""
    return _http(settings, clock) if settings.qbo_api == "http" else _fake(settings, clock)


def _fake(settings: Settings, clock: Clock) -> Company:
    from src.adapters.fakes.company import FakeCompany
    from src.adapters.fakes.scenario import Temper

    temper = Temper(
        settings.fake_qbo_fail_rate,
        settings.fake_qbo_seed,
        settings.fake_qbo_request_ids,
    )
    return FakeCompany(settings.fake_qbo_dir, temper, clock)


def _http(settings: Settings, clock: Clock) -> Company:
    from src.adapters.qbo_http import HOSTS, HttpCompany
    from src.kit.web import Client

    host = settings.qbo_base_url or HOSTS[settings.qbo_environment]
    client = Client(host, settings.qbo_deadline_seconds)
    return HttpCompany(session(settings, clock), client, settings.qbo_realm_id)


def courtesy(settings: Settings, seed: str, clock: Clock = REAL) -> Courtesy:
    """Return how the company is asked: its pace, and how patiently."""
    pace = Pace(settings.qbo_requests_per_minute, settings.qbo_parallel)
    patience = Patience(Random(seed), settings.qbo_backoff_seconds)
    return Courtesy(clock, patience, Pacer(pace, clock))


def query(found: Company, manners: Courtesy) -> Callable[[str], dict[str, Any]]:
    """Return a company's query, asked with courtesy."""
    return manners.asking(found.query)


def attachables(found: Company, manners: Courtesy) -> Outside:
    """Return a company as exactly-once delivery of attachments needs it."""
    looks = Attachables(query(found, manners))
    return Outside(found.upload, looks.find, looks.list_all, looks.count)


def realm_lock(settings: Settings) -> Lock:
    """Return the lock that whoever writes to the company holds."""
    return acting.realm_lock(settings.log_dir, settings.qbo_realm_id)
