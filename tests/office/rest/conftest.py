"""A caller for every test of the API."""

import pytest

from tests.office.rest.caller import Caller


@pytest.fixture
def caller(tmp_path) -> Caller:
    """Return a caller at empty folders."""
    return Caller(tmp_path)
