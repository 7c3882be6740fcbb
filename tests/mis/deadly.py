"""A run that dies at one of its calls, as if its process had been killed there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from src.office.mis_application import Side
from tests.mis.school import School

NEVER = 10**9
_EFFECTS = ("run", "load", "query", "batch")


class Killed(BaseException):
    """The run ends here, as if its process had been killed."""


class Deadly:
    """A clock, a company and a MIS at one of whose calls the run dies."""

    def __init__(self, school: School, at: int = NEVER) -> None:
        self.calls, self.at = 0, at
        self._school, self._clock, self._sides = school, school.clock, school.sides
        school.clock = self._clock._replace(now=self._now)
        school.sides = Side(self._opened, lambda *_: _Dying(school.company, self.count))

    def count(self) -> None:
        """Count a call; die where it is the one."""
        self.calls += 1
        if self.calls == self.at:
            raise Killed

    def _now(self) -> datetime:
        self.count()
        return self._clock.now()

    @contextmanager
    def _opened(self, settings: object) -> Iterator[Any]:
        with self._sides.opened(settings) as database:
            yield _Dying(database, self.count)

    def removed(self) -> None:
        """Let everybody live."""
        self._school.clock, self._school.sides = self._clock, self._sides


class _Dying:
    """Something at whose calls a run may die: before it has an effect, and after."""

    def __init__(self, inner: Any, count: Callable[[], None]) -> None:
        self._inner, self._count = inner, count

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name == "transaction":
            return lambda: self._transaction(found)
        return self._call(found) if name in _EFFECTS else found

    def _call(self, act: Callable) -> Callable:
        def called(*given: Any) -> Any:
            self._count()
            answer = act(*given)
            self._count()
            return answer

        return called

    @contextmanager
    def _transaction(self, begin: Callable) -> Iterator[None]:
        with begin():
            yield
            self._count()  # nothing of it is there
        self._count()  # all of it is


def killed(school: School, at: int, *options: str) -> bool:
    """Push, and die at a call; return whether it came to that."""
    deadly = Deadly(school, at)
    try:
        school.push(*options)
    except Killed:
        return True
    finally:
        deadly.removed()
        school.reopen()
    return False


def points(school: School) -> int:
    """Return at how many calls a push can die."""
    deadly = Deadly(school)
    school.push()
    deadly.removed()
    return deadly.calls
