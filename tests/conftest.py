"""Tests know nothing of the settings of whoever starts them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from src import config
from tests.desk import Desk
from tests.peer import Peer
from tests.served import ServedCompany

for _setting in config.SETTINGS:
    os.environ.pop(_setting.name, None)
os.environ["ENV_FILE"] = os.devnull


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
