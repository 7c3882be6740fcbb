"""Tests know nothing of the settings of whoever starts them."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from src import config
from tests.adapters import databases, mariadbs
from tests.desk import Desk
from tests.peer import Peer
from tests.served import ServedCompany

NO_POSTGRESQL = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
NO_MARIADB = (
    "MariaDB is not installed (Debian: apt-get install mariadb-server-core "
    "mariadb-client-core)"
)

# Debian's psql is a Perl script that looks for the client, six times as slow as that.
if _client := databases.client():
    os.environ["PATH"] = os.pathsep.join([str(_client), os.environ.get("PATH", "")])
for _setting in config.SETTINGS:
    os.environ.pop(_setting.name, None)
os.environ["ENV_FILE"] = os.devnull
# Whoever is started in the background ignores Ctrl-C, and so would every child.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Keep one share of the tests where `python -m tests` has split them: SHARE=1/2."""
    number, _, shares = os.environ.get("SHARE", "1/1").partition("/")
    items[:] = items[int(number) - 1 :: int(shares)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return an empty desk: no files, no mapping, a company that never fails."""
    return Desk(tmp_path / "desk")


@pytest.fixture
def served(desk: Desk) -> Iterator[ServedCompany]:
    """Return the desk's company, served over HTTP; the desk's doors talk to it."""
    company = ServedCompany(desk.company)
    desk.settings.update(company.settings)
    yield company
    company.stop()


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    """Return what starts a server that behaves as a function says."""
    peers: list[Peer] = []

    def make(serve: Callable) -> Peer:
        peers.append(Peer(serve))
        return peers[-1]

    yield make
    for one in peers:
        one.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[databases.Server]:
    """Return a PostgreSQL server of this session's own."""
    if not (databases.binaries() and shutil.which("psql")):
        pytest.skip(NO_POSTGRESQL)
    with databases.running() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[mariadbs.Server]:
    """Return a MariaDB server of this session's own."""
    if not mariadbs.is_installed():
        pytest.skip(NO_MARIADB)
    with mariadbs.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return DATABASE_URL of an empty database, of either kind."""
    if request.param == "sqlite":
        return ""
    return request.getfixturevalue("postgresql").fresh()
