"""Sessions and statuses for a server that is asked again and again.

The logs are followed, not read again; people are counted at most once a second, and the
answer's `last_updated` says when.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from src.config import Settings
from src.kit import stage
from src.kit.counting import Books
from src.kit.errors import Refused
from src.kit.sessions import Found
from src.kit.sync_manager import SyncManager
from src.mis import counting as mis_counting
from src.mis.customer_sync import CustomerSync
from src.office import mis_session, mis_sync, wms_session
from src.office.overview import Watch
from src.office.pipelines import MIS, WMS, Pipeline
from src.office.rest.operations import Rest
from src.office.tallies import Kept
from src.wms import counting as wms_counting

FRESH_SECONDS = 1.0  # how old the numbers of people may be
KEPT = 100  # earlier runs whose counts are remembered


class Known:
    """What became of each run's records, from a log that is followed."""

    def __init__(
        self,
        ask: Callable[[str], Found | None],
        read: Callable[[str], Found],
    ) -> None:
        self._ask, self._read = ask, read
        self._earlier: dict[str, Found] = {}

    def __call__(self, run_id: str) -> Found:
        """Return what became of a run's records."""
        found = self._ask(run_id)
        if found is not None:
            return found
        if run_id not in self._earlier:  # another run has begun, so it is over
            if len(self._earlier) >= KEPT:
                self._earlier.clear()
            self._earlier[run_id] = self._read(run_id)
        return self._earlier[run_id]


def made(settings: Settings, run: stage.Run) -> Rest:
    """Return what the API's views may ask; sessions that are started get `run`'s settings."""
    counting = {WMS.name: wms_counting.runs, MIS.name: mis_counting.runs}
    watch = Watch(settings, {name: Kept(runs=runs) for name, runs in counting.items()})
    wms_books = _books(settings, watch, WMS, wms_counting.written)
    mis_books = _books(settings, watch, MIS, mis_counting.written)
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
    for ask in (rest.watch.standings, rest.service.status, rest.wms.last_session):
        with suppress(Refused, OSError):  # whoever asks is told
            ask()


def _books(
    settings: Settings,
    watch: Watch,
    pipeline: Pipeline,
    written: Callable[[Path, str], Found],
) -> Books:
    def ask(run_id: str) -> Found | None:
        return watch.ask(pipeline.name, lambda books: books.found(run_id))

    return Books(watch.receipts, Known(ask, partial(written, settings.log_dir)))
