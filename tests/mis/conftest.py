"""A university per test, with each database behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from src.adapters.connection import Connection
from src.office import connect_database
from tests.desk import Desk
from tests.mis.school import School
from tests.mis.university import University


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def mis_url(request: pytest.FixtureRequest) -> str:
    """Return MIS_DATABASE_URL of an empty database, of each kind."""
    if request.param == "sqlite":
        return ""
    return request.getfixturevalue(request.param).fresh()


@pytest.fixture
def connect_mis(mis_url: str, tmp_path: Path) -> Iterator[Callable[[], Connection]]:
    """Return what opens one more connection to the same database."""
    opened: list[Connection] = []

    def connect() -> Connection:
        opened.append(connect_database.opened(mis_url, tmp_path / "mis.db", "MIS"))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


@pytest.fixture
def mis_database(connect_mis: Callable[[], Connection]) -> Connection:
    """Return a connection to an empty database."""
    return connect_mis()


@pytest.fixture
def university(mis_database: Connection) -> University:
    """Return a university without people."""
    return University(mis_database)


@pytest.fixture
def school(desk: Desk) -> School:
    """Return a MIS without people, a company without customers, and the door between."""
    return School(desk)
