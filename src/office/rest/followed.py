"""Sessions and statuses for a server that is asked again and again.

The logs are followed, not read again; people are counted at most once a second, and the
answer's `last_updated` says when.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from src.config import Settings
from src.kit import stage
from src.kit.counting import Books, Runs
from src.kit.errors import Refused
from src.kit.sessions import Found
from src.kit.sync_manager import SyncManager
from src.kit.tables import Table
from src.mis import counting as mis_counting
from src.mis import records as mis
from src.mis.customer_sync import CustomerSync
from src.office import mis_session, mis_sync, wms_session
from src.office.overview import Watch
from src.office.pipelines import path_of
from src.office.rest.operations import Rest
from src.wms import counting as wms_counting
from src.wms import records as wms

FRESH_SECONDS = 1.0  # how old the numbers of people may be
KEPT = 100  # earlier runs whose counts are remembered


class CountingModule(Protocol):
    """How the runs of one pipeline are counted."""

    def runs(self) -> Runs:
        """Return what learns the runs of its run log."""

    def written(self, log_dir: Path, run_id: str) -> Found:
        """Return what the run log has of a run."""


class Known:
    """What became of each run's records, from a log that is followed."""

    def __init__(
        self,
        ask: Callable[[Callable[[Runs], Found | None]], Found | None],
        read: Callable[[str], Found],
    ) -> None:
        self._ask, self._read = ask, read
        self._earlier: dict[str, Found] = {}

    def __call__(self, run_id: str) -> Found:
        """Return what became of a run's records."""
        found = self._ask(lambda runs: runs.found(run_id))
        if found is not None:
            return found
        if run_id not in self._earlier:  # another run has begun, so it is over
            if len(self._earlier) >= KEPT:
                self._earlier.clear()
            self._earlier[run_id] = self._read(run_id)
        return self._earlier[run_id]


def made(settings: Settings, run: stage.Run, watch: Watch) -> Rest:
    """Return what the API's views may ask; sessions that are started get `run`'s settings."""
    wms_books = _books(settings, watch, wms.RUNLOG, wms_counting)
    mis_books = _books(settings, watch, mis.RUNLOG, mis_counting)
    warehouse = SyncManager(wms_session.outside(settings, run, wms_books))
    customers = SyncManager(mis_session.outside(settings, run, mis_books))
    nobody = mis_sync.Audience(mis_sync.unseen, mis_sync.unseen)
    outside = mis_sync.outside(settings, run, nobody)._replace(
        last_session=customers.last_session,
        receipts=mis_books.receipts,
        counted=mis_books.known,
    )
    service = CustomerSync(outside, FRESH_SECONDS)
    return Rest(settings, watch, warehouse, customers, service, run.clock)


def warm(rest: Rest) -> None:
    """Read the logs once, so that nobody who asks has to wait for it."""
    for ask in (rest.service.status, rest.wms.last_session):
        with suppress(Refused, OSError):  # whoever asks is told
            ask()


def _books(
    settings: Settings, watch: Watch, log: Table, counting: CountingModule
) -> Books:
    path = path_of(settings, log)
    followed = watch.follow(path, log.row, counting.runs)
    return Books(
        watch.receipts, Known(followed.ask, partial(counting.written, path.parent))
    )
