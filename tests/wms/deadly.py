"""A run that dies at one of its calls, as if its process had been killed there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from tests.wms.both import Both

NEVER = 10**6


class Killed(Exception):
    """The run ends here, as if its process had been killed."""


class Deadly:
    """A clock and a company file at one of whose calls the run dies."""

    def __init__(self, both: Both) -> None:
        self._both, self._clock, self._desktop = both, both.clock, both.desktop
        self.calls, self.at = 0, NEVER
        both.clock = both.clock._replace(now=self._now)
        both.desktop = self

    def _count(self) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise Killed

    def _now(self) -> datetime:
        self._count()
        return self._clock.now()

    def __getattr__(self, name: str) -> Any:
        found: Callable = getattr(self._desktop, name)
        return partial(self._asked, found) if callable(found) else found

    def _asked(self, ask: Callable, *given: Any) -> Any:
        self._count()  # the request never left
        answer = ask(*given)
        self._count()  # the answer never came
        return answer

    def removed(self) -> None:
        """Let everybody live."""
        self._both.clock, self._both.desktop = self._clock, self._desktop


def dies_before_the_write(both: Both) -> None:
    """Apply the plan and die when the first write is about to leave."""
    _dies(both, lambda *change: None)


def dies_after_the_write(both: Both) -> None:
    """Apply the plan and die when the first write has arrived."""
    _dies(both, both.desktop.write)


def _dies(both: Both, write: Callable) -> None:
    def written(*change: Any) -> None:
        write(*change)
        raise Killed

    deadly = Deadly(both)
    deadly.write = written
    with pytest.raises(Killed):
        both.apply()
    deadly.removed()
