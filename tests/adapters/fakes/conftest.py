"""Companies that are served while a test lasts."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from src.adapters.fakes.server import Character
from tests.adapters.fakes.town import CHARACTER, Town, define


@pytest.fixture
def open_town(tmp_path: Path) -> Iterator[Callable[..., Town]]:
    """Return a function that serves a company with a scenario, line by line."""
    towns: list[Town] = []

    def opened(
        *lines: str, character: Character = CHARACTER, definitions: Mapping[str, str] = {}
    ) -> Town:
        folder = tmp_path / f"company{len(towns)}"
        folder.mkdir()
        if lines:
            (folder / "scenario.csv").write_text("\n".join(["call,match,answer", *lines, ""]))
        if definitions:
            define(folder, definitions)
        towns.append(Town(folder, character))
        return towns[-1]

    yield opened
    for town in towns:
        town.stop()


@pytest.fixture
def town(open_town: Callable[..., Town]) -> Town:
    """Return a company without faults."""
    return open_town()
