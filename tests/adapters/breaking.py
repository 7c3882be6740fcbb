"""A database that breaks at a call of one's choice, for good or once; a door that is
killed before a line of one's choice.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from src.config import Settings
from src.kit.clock import Clock
from src.kit.database import Database, Staging, Value
from src.office import connect_database


class Killed(BaseException):
    """The process is gone: nobody catches it, and nothing is written after it."""


class Breaking:
    """Passes every call on until `after` says of the calls so far that it is enough."""

    def __init__(
        self,
        after: Callable[[list[str]], bool],
        error: BaseException | None = None,
        lasts: bool = True,
    ) -> None:
        self.calls: list[str] = []
        self._lasts = lasts
        self._after, self._error = after, error or Killed()
        self._is_broken = False
        self._database: Database

    @contextmanager
    def connect(self, settings: Settings, clock: Clock) -> Iterator[Breaking]:
        """Yield this, connected."""
        with connect_database.database(settings, clock=clock) as database:
            self._database, self.label = database, database.label
            yield self

    def _call(self, name: str) -> None:
        self.calls.append(name)
        is_now = not self._is_broken and self._after(self.calls)
        self._is_broken = self._is_broken or is_now
        if is_now or (self._is_broken and self._lasts):
            raise self._error

    def stage(self, table: Staging) -> None:
        self._call(f"stage {table.name}")
        self._database.stage(table)

    def load(self, table: Staging, rows: Iterable[Sequence[Value]]) -> int:
        self._call(f"load {table.name}")
        return self._database.load(table, rows)

    def settle(self, table: Staging) -> None:
        self._call(f"settle {table.name}")
        self._database.settle(table)

    def run(self, statement: str) -> int:
        self._call(f"run {statement}")
        return self._database.run(statement)

    def rows(self, query: str, kinds: str) -> Iterable[tuple]:
        self._call(f"rows {query}")
        return self._database.rows(query, kinds)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._call("begin")
        with self._database.transaction():
            yield
            self._call("commit")
        self._call("committed")

    @contextmanager
    def lock(self) -> Iterator[None]:
        self._call("lock")
        with self._database.lock():
            yield

    def keep_copy(self, run_id: str) -> str:
        self._call("copy")
        return self._database.keep_copy(run_id)


def at_call(number: int) -> Callable[[list[str]], bool]:
    """Return what says that the n-th call, and every later one, is too many."""
    return lambda calls: len(calls) >= number


def killed_at(line: int, door: Callable, writers: tuple[str, ...]) -> Callable:
    """Return a door that is killed before the n-th line of the modules that write."""
    left = [line]

    def local(frame: object, event: str, _: object) -> Callable:
        left[0] -= event == "line"
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return local

    def trace(frame, event: str, _: object) -> Callable | None:  # noqa: ANN001
        return local if frame.f_code.co_filename.endswith(writers) else None

    def main(argv: list[str]) -> int:
        sys.settrace(trace)
        return door(argv)

    return main
