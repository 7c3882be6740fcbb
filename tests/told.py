"""What `why` tells of a record, chapter by chapter."""

from __future__ import annotations

import json
from typing import Any

from src import why
from tests.desk import Desk


class Told:
    """The answer to one key."""

    def __init__(self, desk: Desk, key: str, *options: str) -> None:
        self.code = desk.run(why, key, "--json", *options)
        self.text, self.err = desk.out, desk.err
        self.found: dict[str, Any] = json.loads(desk.out) if desk.out else {}

    @property
    def records(self) -> list[dict[str, Any]]:
        """Return all that the key may mean."""
        return self.found["records"]

    @property
    def names(self) -> list[str]:
        """Return what to type for each of them."""
        return [one["name"] for one in self.records]

    @property
    def only(self) -> dict[str, Any]:
        """Return the one record that the key means."""
        [record] = self.records
        return record

    def chapter(self, title: str) -> list[str]:
        """Return the lines of every chapter of this title."""
        chapters = [one for one in self.only["chapters"] if one["title"] == title]
        return [line for one in chapters for line in one["lines"]]

    @property
    def state(self) -> str:
        """Return the present state."""
        return self.only["state"]

    @property
    def next_step(self) -> str:
        """Return what to do next."""
        return self.only["next_step"]
