"""An empty company file for the tests of what it does."""

import pytest

from tests.adapters.conductor.books import Books


@pytest.fixture
def books(tmp_path):
    """Return an empty company file."""
    return Books(tmp_path / "company")
