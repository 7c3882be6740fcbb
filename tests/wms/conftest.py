"""A warehouse per test, with SQLite or PostgreSQL behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from src.office import connect_wms
from tests.desk import Desk
from tests.wms.both import Both
from tests.wms.three import Desktop
from tests.wms.warehouse import Warehouse


@pytest.fixture
def warehouse(desk: Desk, database_url: str) -> Iterator[Warehouse]:
    """Return an empty warehouse, with either database."""
    desk.settings["WMS_DATABASE_URL"] = database_url
    with connect_wms.database(desk.config) as found:
        yield Warehouse(found)


@pytest.fixture
def sqlite_warehouse(desk: Desk) -> Iterator[Warehouse]:
    """Return an empty warehouse with SQLite, where the database makes no difference."""
    with connect_wms.database(desk.config) as found:
        yield Warehouse(found)


@pytest.fixture
def both(desk: Desk) -> Both:
    """Return a warehouse and a company file, both empty, and the doors between them."""
    return Both(desk)


@pytest.fixture
def desktop(tmp_path: Path) -> Desktop:
    """Return three sides of nothing, as CSVs."""
    return Desktop(tmp_path)
