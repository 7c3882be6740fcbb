"""A company per test, as clients meet it: a URL, nothing else."""

from __future__ import annotations

import pytest

from tests.contracts.company import Raw, running


@pytest.fixture
def company(tmp_path):
    """Yield the URL of a company that nobody has used yet."""
    with running(tmp_path) as url:
        yield url


@pytest.fixture
def raw(company):
    """Return a client that sends any bytes, logged in."""
    client = Raw(company)
    client.tokens = client.log_in()
    return client
