"""From a setting to an adapter: which outside the pipelines talk to."""

from __future__ import annotations

from src.adapters.fakes.company import FakeCompany, FakeQboSession
from src.adapters.fakes.scenario import Temper
from src.adapters.qbo import Attachables, Company
from src.config import Settings
from src.kit import acting
from src.kit.clock import REAL, Clock
from src.kit.locks import Lock
from src.kit.requests import Outside


def authorize(settings: Settings) -> tuple[FakeQboSession, str]:
    """Return an authorized session and the id of its company."""
    return FakeQboSession(), settings.qbo_realm_id


def company(settings: Settings, clock: Clock = REAL) -> Company:
    """Return the QuickBooks Online company that the settings name."""
    temper = Temper(
        settings.fake_qbo_fail_rate,
        settings.fake_qbo_seed,
        settings.fake_qbo_request_ids,
    )
    return FakeCompany(settings.fake_qbo_dir, temper, clock)


def attachables(found: Company) -> Outside:
    """Return a company as exactly-once delivery of attachments needs it."""
    looks = Attachables(found.query)
    return Outside(found.upload, looks.find, looks.list_all, looks.count)


def realm_lock(settings: Settings) -> Lock:
    """Return the lock that whoever writes to the company holds."""
    return acting.realm_lock(settings.log_dir, settings.qbo_realm_id)
