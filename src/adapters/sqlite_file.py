"""A database in one SQLite file."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

from src.adapters.connection import Connection, columns_by_table
from src.adapters.readers import flag, or_misfits
from src.kit import files
from src.kit.database import BadData, MissingTable, Staging, Value
from src.kit.errors import BrokenDisk, Locked, Refused
from src.kit.locks import Lock

OLDEST = (3, 35, 0)  # UPDATE … FROM, ON CONFLICT, window functions, RETURNING
COPIES = 3  # kept beside the file
_BUSY_SECONDS = 5.0
_TRIES = 10  # to switch on the write-ahead log while others do so too
_PRAGMAS = (
    "synchronous = NORMAL",  # WAL: a power cut costs the last commits, never the file
    "wal_autocheckpoint = 8000",  # pages: what changes often is put back once
    "foreign_keys = ON",
    "temp_store = FILE",  # staged rows take disk, not memory
    "cache_size = -16384",  # KiB
    "temp.cache_size = -16384",
)


_STRUCTURE = """SELECT m.name, c.name FROM sqlite_master m
JOIN pragma_table_info(m.name) c WHERE m.type IN ('table', 'view') ORDER BY m.name, c.cid"""


class SqliteFile(Connection):
    """A connection to a SQLite file, made where it is missing."""

    def __init__(self, path: Path, busy_seconds: float = _BUSY_SECONDS) -> None:
        super().__init__()
        if sqlite3.sqlite_version_info < OLDEST:
            raise Refused(
                f"SQLite {sqlite3.sqlite_version}: too old; use a Python with SQLite "
                "3.35 or newer, or set DATABASE_URL to a PostgreSQL database"
            )
        self.path, self.label = path, str(path)
        self.product = f"SQLite {sqlite3.sqlite_version}"
        with self._speaking():
            # check_same_thread stays on: one connection, one thread.
            self._sqlite = sqlite3.connect(
                path, timeout=busy_seconds, isolation_level=None
            )
        try:
            self._use_wal()
            for pragma in _PRAGMAS:
                self._execute(f"PRAGMA {pragma}")
        except BaseException:
            self._sqlite.close()
            raise

    def _use_wal(self) -> None:
        """Switch on the write-ahead log: readers are not in the importer's way."""
        for _ in range(_TRIES):
            with suppress(Locked):  # SQLite does not wait for who is switching it on
                self._execute("PRAGMA journal_mode = WAL")
                return
            self._execute("BEGIN IMMEDIATE")  # but for this it does
            self._execute("ROLLBACK")
        self._execute("PRAGMA journal_mode = WAL")

    def stage(self, table: Staging) -> None:
        """Make the staging table anew, empty."""
        columns = ", ".join(f"{name} {kind}" for name, kind in table.columns)
        with self._in_some_transaction():
            self._execute(f"DROP TABLE IF EXISTS temp.{table.name}")
            self._execute(f"CREATE TEMP TABLE {table.name} ({columns})")

    def load(self, table: Staging, rows: Iterable[Sequence[Value]]) -> int:
        """Append rows to a staging table; return their number."""
        marks = ", ".join("?" * len(table.columns))
        statement = f"INSERT INTO temp.{table.name} VALUES ({marks})"
        with self._loading(), self._speaking():
            return max(self._sqlite.executemany(statement, rows).rowcount, 0)

    def settle(self, table: Staging) -> None:
        """Leave it: SQLite plans by the indexes alone."""

    def run(self, statement: str) -> int:
        """Carry out one statement; return how many rows it changed."""
        with self._failing():
            before = self._sqlite.total_changes
            self._execute(_translated(statement))
            return self._sqlite.total_changes - before

    def structure(self) -> dict[str, list[str]]:
        """Return the columns of every table that SQL finds by its bare name."""
        return columns_by_table(self.rows(_STRUCTURE, "tt"))

    def lock(self) -> Lock:
        """Hold the lock of importers, a file beside the database."""
        return Lock(self.path.with_name(self.path.name + ".lock"))

    def keep_copy(self, run_id: str) -> str:
        """Keep a copy beside the file, the newest three; return where, or ''."""
        self._expect_idle()
        if not self._execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            return ""
        copies = f"{self.path.name}.before-"
        for half in self.path.parent.glob(f"{copies}*.tmp*"):  # of a killed run
            half.unlink()
        place = self.path.with_name(copies + re.sub(r"[^\w.-]", "-", run_id))
        self._copy(place)
        for old in _newest_first(self.path.parent.glob(f"{copies}*"))[COPIES:]:
            old.unlink()
        return str(place)

    def _copy(self, place: Path) -> None:
        temporary = place.with_name(place.name + ".tmp")
        with self._speaking(), closing(sqlite3.connect(temporary)) as copy:
            self._sqlite.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one plain file, as it stands
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, place)
        files.sync_folder(place.parent)

    def _close(self) -> None:
        with suppress(sqlite3.Error):
            if self._sqlite.in_transaction:
                self._sqlite.execute("ROLLBACK")
            self._sqlite.execute("PRAGMA busy_timeout = 0")  # who reads is left alone
            self._sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._sqlite.close()

    # --- how it is spoken to ----------------------------------------------------------

    def _control(self, word: str) -> None:
        self._execute("BEGIN IMMEDIATE" if word == "BEGIN" else word)

    def _read(self, query: str, kinds: str) -> Generator[tuple, None, None]:
        cursor = self._execute(_translated(query))
        readers = [_READERS[kind] for kind in kinds]
        if len(cursor.description or ()) != len(kinds):
            raise ValueError(f"{kinds!r}: not the number of columns of the query")
        with closing(cursor), self._speaking():
            for row in cursor:
                yield tuple(
                    [
                        None if value is None else read(value)
                        for read, value in zip(readers, row)
                    ]
                )

    def _execute(self, statement: str) -> sqlite3.Cursor:
        with self._speaking():
            return self._sqlite.execute(statement)

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Let what SQLite raises be a sentence with a way out."""
        try:
            yield
        except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
            raise _sentence(self.label, error) from error


def _newest_first(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path), reverse=True)


# SQLite before 3.39 has the comparison under its own name only.
_DISTINCT = re.compile(r"\bIS\s+(NOT\s+)?DISTINCT\s+FROM\b", re.IGNORECASE)


def _translated(statement: str) -> str:
    return _DISTINCT.sub(lambda found: "IS" if found[1] else "IS NOT", statement)


# --- values ---------------------------------------------------------------------------


def _decimal(places: str) -> Callable[[int | float | str], Decimal]:
    unit = Decimal(places)
    # At most 15 digits are stored, and those a float gives back by its repr.
    return lambda value: Decimal(repr(value)).quantize(unit)


def _timestamp(text: str) -> str:
    if len(text) == 32 and text[10] == "T" and text.endswith("+00:00"):
        return text
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if not found.tzinfo:  # SQLite's CURRENT_TIMESTAMP is UTC, and does not say so
        found = found.replace(tzinfo=timezone.utc)
    return found.astimezone(timezone.utc).isoformat(timespec="microseconds")


def _json(value: str | float) -> str:
    # A column of a type that SQLite does not know turns a JSON number into a number.
    found = json.loads(value) if isinstance(value, str) else value
    return json.dumps(found, sort_keys=True, ensure_ascii=False)


_READERS: dict[str, Callable] = {
    "t": str,
    "i": int,
    "b": bool,
    "m": _decimal("0.01"),
    "p": _decimal("0.00001"),
    "z": _timestamp,
    "j": _json,
}


_READERS |= or_misfits(_READERS | {"b": flag})


# --- errors ---------------------------------------------------------------------------


def _sentence(label: str, error: Exception) -> Refused:
    text = str(error)
    for words, kind, way_out in _MEANINGS:
        if any(word in text for word in words):
            return kind(f"{label}: {text}; {way_out}")
    if isinstance(error, sqlite3.OperationalError):
        return Refused(f"{label}: {text}; see --debug for where")
    if isinstance(error, (sqlite3.ProgrammingError, sqlite3.InterfaceError)):
        raise error
    return BadData(f"{label}: {text}; put that value right and start again")


# By text, as Python 3.10 does not show SQLite's error codes.
_MEANINGS: tuple[tuple[tuple[str, ...], type[Refused], str], ...] = (
    (
        ("is locked",),
        Locked,
        "another program writes to it; close that one, then start this command again",
    ),
    (
        ("readonly", "unable to open"),
        BrokenDisk,
        "allow this user to write the file and its folder (DATA_DIR), then start again",
    ),
    (
        ("is full", "disk I/O error"),
        BrokenDisk,
        "free some disk space and start the same command again, nothing is lost",
    ),
    (
        ("not a database", "malformed", "encrypted", "file format"),
        Refused,
        "move the file away, or put back a copy of it",
    ),
    (("no such table",), MissingTable, 'run "python -m src.database migrate" first'),
)
