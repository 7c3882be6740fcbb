"""A counter per test, with SQLite or PostgreSQL behind it."""

from __future__ import annotations

import pytest

from tests.desk import Desk
from tests.salespro.counter import Sales


@pytest.fixture
def sales(desk: Desk, database_url: str) -> Sales:
    """Return a counter at which nothing was imported yet, with either database."""
    return Sales(desk, database_url)


@pytest.fixture
def sqlite_sales(desk: Desk) -> Sales:
    """Return a counter with SQLite, where the database makes no difference."""
    return Sales(desk, "")
