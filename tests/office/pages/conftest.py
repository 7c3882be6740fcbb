"""A visitor for every test of a page."""

import pytest

from tests.office.pages.visitor import Visitor


@pytest.fixture
def visitor(tmp_path) -> Visitor:
    """Return a visitor of empty folders."""
    return Visitor(tmp_path)
