"""From a setting to a company file of QuickBooks Desktop: simulated, or by Conductor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from src.adapters.conductor import Desktop
from src.config import Settings
from src.kit.clock import REAL, Clock
from src.kit.errors import Locked, Refused
from src.kit.locks import Lock

KEY_STARTS = "sk_conductor_"


def desktop(settings: Settings, clock: Clock = REAL) -> Desktop:
    """Return the company file that the settings name; raises Refused without a key."""
    return _http(settings) if settings.conductor_api == "http" else _fake(settings, clock)


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Have the simulated company file to oneself: it is one process's memory.

    Raises Locked where another one has it open, a fake_conductor_server perhaps.
    """
    if settings.conductor_api == "http":
        yield
        return
    settings.fake_conductor_dir.mkdir(parents=True, exist_ok=True)
    lock = Lock(settings.fake_conductor_dir / "server.lock")
    try:
        lock.__enter__()
    except Locked as error:
        held = str(error).partition(";")[0]
        raise Locked(
            f"{held}; wait until it ends, or, where it is a fake_conductor_server, stop "
            "it or ask it with CONDUCTOR_API=http"
        ) from None
    try:
        yield
    finally:
        lock.__exit__()


def _fake(settings: Settings, clock: Clock) -> Desktop:
    from src.adapters.fakes.conductor.faults import Temper
    from src.adapters.fakes.conductor.inprocess import FakeDesktop

    temper = Temper(settings.fake_conductor_fail_rate, settings.fake_conductor_seed)
    return FakeDesktop(settings.fake_conductor_dir, temper, clock)


def _http(settings: Settings) -> Desktop:
    from src.adapters.conductor_http import API, HttpDesktop
    from src.kit.net import Client

    if not settings.conductor_secret_key.startswith(KEY_STARTS):
        raise Refused(
            f"CONDUCTOR_SECRET_KEY: not set, or none that starts with {KEY_STARTS}; put the "
            "secret key of your Conductor account into .env"
        )
    if not settings.conductor_end_user_id:
        raise Refused(
            "CONDUCTOR_END_USER_ID: not set; put the id (end_usr_…) of the company file's "
            "end user into .env"
        )
    base_url = settings.conductor_base_url or API
    client = Client(base_url, settings.conductor_deadline_seconds)
    return HttpDesktop(client, settings.conductor_secret_key, settings.conductor_end_user_id)
