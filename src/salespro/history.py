"""The history of imports: every start leaves a row, also one that was killed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from src.kit.clock import Clock
from src.kit.database import Database, Staging
from src.salespro.statements import HISTORY, LATEST

IN_PROGRESS, COMPLETED, PARTIAL, FAILED, INTERRUPTED = (
    "in_progress completed partial failed interrupted".split()
)
UNSUCCESSFUL = (FAILED, PARTIAL, INTERRUPTED)
COUNTS = "processed created updated unchanged stale rejected held failed".split()
_KILLED = "the run was killed; import its file again, what is stored stays"

STARTS = Staging(
    "salespro_starts",
    (
        ("run_id", "text"),
        ("sync_type", "text"),
        ("is_dry_run", "boolean"),
        ("file_path", "text"),
        ("file_sha256", "text"),
        ("batch_size", "integer"),
        ("at", "timestamptz"),
    ),
)
_COUNTED = tuple((name, "integer") for name in COUNTS)
ENDS = Staging(
    "salespro_ends",
    (("status", "text"), ("error_message", "text"), ("at", "timestamptz"), *_COUNTED),
)
BEATS = Staging("salespro_beats", (("at", "timestamptz"),))
BEAT_SECONDS = 1.0  # between two heartbeats at least: one costs a way to the database


class Start(NamedTuple):
    """What is known of an import when it begins."""

    run_id: str
    sync_type: str
    is_dry_run: bool
    file_path: str
    file_sha256: str | None  # None where the file cannot be read
    batch_size: int


class Earlier(NamedTuple):
    """A completed import of the same file."""

    started_at: str
    run_id: str
    is_last: bool  # no other file of the kind was imported since


class Ending(NamedTuple):
    """How an import ended."""

    status: str
    error: str
    counts: Mapping[str, int]


class History:
    """The row of one import; the caller holds the database's lock."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._last_beat = float("-inf")

    def begin(self, start: Start) -> Earlier | None:
        """Write the row of this import; return the import that had the same file.

        The lock is ours, so whatever else is in progress was killed.
        """
        database = self._database
        row = (*start, self._clock.timestamp())
        with database.transaction():
            for staging in (STARTS, ENDS, BEATS):
                database.stage(staging)
            database.load(STARTS, [row])
            database.run(
                f"UPDATE {HISTORY} SET status = '{INTERRUPTED}', completed_at = s.at, "
                f"error_message = '{_KILLED}' FROM {STARTS.name} s "
                f"WHERE {HISTORY}.status = '{IN_PROGRESS}'"
            )
            database.run(_BEGIN)
        return next(
            (Earlier(*row) for row in list(database.rows(_EARLIER, "ztb"))), None
        )

    def beat(self, created: int, updated: int) -> None:
        """Count what a batch changed, within its transaction."""
        now = self._clock.monotonic()
        if now - self._last_beat >= BEAT_SECONDS:
            self._last_beat = now
            self._database.load(BEATS, [(self._clock.timestamp(),)])
        self._database.run(_BEAT.format(created, updated))

    def end(self, ending: Ending) -> None:
        """Write how the import ended."""
        counts = [ending.counts.get(name, 0) for name in COUNTS]
        row = (ending.status, ending.error or None, self._clock.timestamp(), *counts)
        with self._database.transaction():
            self._database.load(ENDS, [row])
            self._database.run(_END)


_BEGIN = (
    f"INSERT INTO {HISTORY} (id, run_id, sync_type, status, is_dry_run, file_path, "
    "file_sha256, batch_size, started_at, heartbeat_at, "
    f"{', '.join(f'records_{name}' for name in COUNTS)}) "
    f"SELECT COALESCE({LATEST}, 0) + 1, s.run_id, s.sync_type, '{IN_PROGRESS}', "
    "s.is_dry_run, s.file_path, s.file_sha256, s.batch_size, s.at, s.at, "
    f"{', '.join('0' for _ in COUNTS)} FROM {STARTS.name} s"
)
# The counts are numbers of ours and no values.
_BEAT = (
    f"UPDATE {HISTORY} SET heartbeat_at = "
    f"COALESCE((SELECT max(b.at) FROM {BEATS.name} b), heartbeat_at), "
    "records_processed = records_processed + {0} + {1}, "
    "records_created = records_created + {0}, "
    "records_updated = records_updated + {1} "
    f"WHERE id = {LATEST}"
)
_END = (
    f"UPDATE {HISTORY} SET status = e.status, error_message = e.error_message, "
    "heartbeat_at = e.at, completed_at = e.at, "
    f"{', '.join(f'records_{name} = e.{name}' for name in COUNTS)} "
    f"FROM {ENDS.name} e WHERE {HISTORY}.id = {LATEST}"
)
_EARLIER = (
    f"SELECT h.started_at, h.run_id, NOT EXISTS (SELECT 1 FROM {HISTORY} o "
    "WHERE o.id > h.id AND o.sync_type = h.sync_type AND NOT o.is_dry_run "
    f"AND o.file_sha256 <> h.file_sha256 AND o.status <> '{FAILED}' "
    f"AND o.id < {LATEST}) "
    f"FROM {HISTORY} h JOIN {STARTS.name} s ON s.file_sha256 = h.file_sha256 "
    "AND s.sync_type = h.sync_type "
    # A file of which rows were rejected or held was imported as far as it can be.
    f"WHERE h.status IN ('{COMPLETED}', '{PARTIAL}') AND h.error_message IS NULL "
    "AND h.records_failed = 0 AND NOT h.is_dry_run ORDER BY h.id DESC LIMIT 1"
)
