"""Tests know nothing of the settings of whoever starts them."""

import os
from pathlib import Path

import pytest

from src import config
from tests.desk import Desk

for _setting in config.SETTINGS:
    os.environ.pop(_setting.name, None)
os.environ["ENV_FILE"] = os.devnull


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return an empty desk: no files, no mapping, a company that never fails."""
    return Desk(tmp_path / "desk")
