"""A folder in which tests of the plan write the three sides."""

from pathlib import Path

import pytest

from tests.wms.three import Desktop


@pytest.fixture
def desktop(tmp_path: Path) -> Desktop:
    """Return three sides of nothing."""
    return Desktop(tmp_path)
