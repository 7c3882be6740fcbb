"""A register per test, with SQLite or PostgreSQL behind it."""

from __future__ import annotations

import pytest

from tests.customers.register import Register
from tests.desk import Desk


@pytest.fixture
def register(desk: Desk, database_url: str) -> Register:
    """Return a register without customers, with either database."""
    return Register(desk, database_url)


@pytest.fixture
def sqlite_register(desk: Desk) -> Register:
    """Return a register with SQLite, where the database makes no difference."""
    return Register(desk, "")
