"""Bounded concurrency: some threads send, one thread decides and writes."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

Job = TypeVar("Job")
Result = TypeVar("Result")


class Workers(Generic[Job, Result]):
    """Runs `work(job)` on up to `size` threads; one worker works in the caller's own.

    With one worker everything happens in order, which is what tests and the in-process
    company want. An exception in `work` is raised by `finished`.
    """

    def __init__(self, work: Callable[[Job], Result], size: int) -> None:
        self._work, self.size = work, size
        self.busy = 0
        self._done: SimpleQueue[tuple[Job, Future[Result]]] = SimpleQueue()
        self._inline: list[tuple[Job, Result]] = []
        self._pool: ThreadPoolExecutor | None = None

    def start(self, job: Job) -> None:
        """Begin a job."""
        if self.size == 1:
            self._inline.append((job, self._work(job)))
        else:
            self._submit(job)
        self.busy += 1

    def _submit(self, job: Job) -> None:
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(self.size)
        future = self._pool.submit(self._work, job)
        future.add_done_callback(lambda done: self._done.put((job, done)))

    def finished(self, timeout: float | None) -> list[tuple[Job, Result]]:
        """Return finished jobs; wait up to `timeout` seconds (None = long) for one."""
        if self._pool is None:
            found, self._inline = self._inline, []
        else:
            found = self._take(timeout)
        self.busy -= len(found)
        return found

    def _take(self, timeout: float | None) -> list[tuple[Job, Result]]:
        found = []
        try:
            job, future = self._done.get(timeout=timeout)
            found.append((job, future.result()))
            while True:
                job, future = self._done.get_nowait()
                found.append((job, future.result()))
        except Empty:
            return found

    def close(self) -> None:
        """Let the threads end."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
