"""A university per test, with each database behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from src.adapters.connection import Connection
from src.office import connect_database
from tests.desk import Desk
from tests.mis.school import School
from tests.mis.university import TABLES, University

DATABASES = ("sqlite", "postgresql", "mariadb")


def _url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database, '' for a file."""
    if request.param == "sqlite":
        return ""
    return request.getfixturevalue(request.param).fresh()


@pytest.fixture(params=DATABASES)
def mis_url(request: pytest.FixtureRequest) -> str:
    """Return MIS_DATABASE_URL of an empty database, of each kind."""
    return _url(request)


@pytest.fixture
def connect_mis(mis_url: str, tmp_path: Path) -> Iterator[Callable[[], Connection]]:
    """Return what opens one more connection to the same database."""
    opened: list[Connection] = []

    def connect(url: str = mis_url) -> Connection:
        opened.append(connect_database.opened(url, tmp_path / "mis.db", "MIS"))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


@pytest.fixture
def mis_database(connect_mis: Callable[[], Connection]) -> Connection:
    """Return a connection to an empty database."""
    return connect_mis()


@pytest.fixture(scope="session", params=DATABASES)
def standing_university(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[University]:
    """Return a university whose tables are prepared: a server takes long for them."""
    file = tmp_path_factory.mktemp("standing") / "mis.db"
    database = connect_database.opened(_url(request), file, "MIS")
    students = f"{TABLES['tbl_personal_ug']} qk_id"
    found = University(database, tbl_personal_ug=students)
    found.store.prepare()
    yield found
    database.close()


@pytest.fixture
def school(desk: Desk) -> School:
    """Return a MIS without people, a company without customers, and the door between."""
    return School(desk)


@pytest.fixture
def university(standing_university: University) -> University:
    """Return a prepared university without people; its tables are not to be changed."""
    standing_university.clear()
    return standing_university


@pytest.fixture
def sqlite_university(tmp_path: Path) -> Iterator[University]:
    """Return an unprepared university in SQLite, where the database does not matter."""
    database = connect_database.opened("", tmp_path / "mis.db", "MIS")
    yield University(database)
    database.close()
