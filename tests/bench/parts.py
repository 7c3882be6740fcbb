"""Parts of ours that are measured alone, each as a process of its own.

    python -m tests.bench.parts index LOG        the idempotency index of a run log
    python -m tests.bench.parts sealed LOG       the books of that log, its seal verified
    python -m tests.bench.parts append FOLDER    rows a second, durable in groups of 64
    python -m tests.bench.parts sqlite FOLDER    the same into SQLite (WAL, FULL)
    python -m tests.bench.parts log PATH N       write a run log of N uploads
"""

from __future__ import annotations

import sqlite3
import sys
import time
from pathlib import Path

from src.attachments.records import Attempt
from src.attachments.records import SAME
from src.kit import runlog
from src.kit.appender import Appender
from src.kit.book import Book, Shelf
from src.kit.clock import REAL
from src.kit.logbook import Author
from src.kit.memory import Index, key_of
from src.kit.tables import header

GROUP, APPENDS = 64, 32_000


def row(number: int) -> tuple[str, ...]:
    """Return a typical row of the run log, without its check."""
    norm = f"{0x1000 + number * 7:X}-{1_400_000_000 + number * 13}"
    name = f"Scan {number}.pdf" if number % 10 else f"Statement {number}, signed.pdf"
    path = f"Attach/Client {number % 420:03}/Txn/80{norm.lower()}/{name}"
    stamp = "2026-11-20T09:15:42.123456+00:00"
    what = (norm, "Txn", "80" + norm.lower(), "Invoice", str(1000 + number), name, path)
    key = key_of([name])
    content = (str(400 + number % 3200), stamp, key[1:] * 2, key)
    request = ("6f6c2d3e-1c1b-5c7e-9a55-0d8a4c5b6e7f", "1", "200")
    answer = (str(5_000_000_000_000_412_000 + number), "1-674e1a2b-00000000001b", "12")
    head = (str(number), stamp, "20261120T091542Z-0a3ba7", "1234567890")
    return (*head, *what, *content, *request, *answer, "uploaded", "")


def log(path: Path, count: int) -> None:
    """Write a run log, with a failure and a skip now and then."""
    appender = Appender(path, Attempt)
    for start in range(0, count, 1000):
        appender.append(map(row, range(start, min(count, start + 1000))))
    appender.close()


def index(path: Path) -> None:
    """Build the index of a log, every row's check verified."""
    found = Index(Attempt, SAME)
    found.learn(filter(None, runlog.rows(path, Attempt)))


def sealed(path: Path) -> None:
    """Open the books of a log, its seal verified; seal it first where it has none."""
    shelf = Shelf(path, path.with_name("inflight.csv"), path.name, Attempt, SAME, "1")
    author = Author("bench", "bench", REAL)
    book = Book(shelf, author)
    if book.doubts:
        book.open()
        book.seal("0")
    book.close()


def append(folder: Path) -> None:
    """Append in groups, each durable; print rows a second."""
    rows = [row(number) for number in range(APPENDS)]
    appender = Appender(folder / "append.csv", Attempt)
    began = time.perf_counter()
    for start in range(0, APPENDS, GROUP):
        appender.append(rows[start : start + GROUP])
        appender.sync()
    print(APPENDS / (time.perf_counter() - began))


def sqlite(folder: Path) -> None:
    """Insert the same rows into an indexed table; print rows a second."""
    rows = [row(number) for number in range(APPENDS)]
    names = header(Attempt)[:-1]
    base = sqlite3.connect(folder / "append.db", isolation_level=None)
    base.execute("pragma journal_mode=wal")
    base.execute("pragma synchronous=full")
    base.execute(f"create table log ({', '.join(names)}, primary key (key, attempt))")
    marks = ", ".join("?" * len(names))
    began = time.perf_counter()
    for start in range(0, APPENDS, GROUP):
        base.execute("begin")
        base.executemany(
            f"insert into log values ({marks})", rows[start : start + GROUP]
        )
        base.execute("commit")
    print(APPENDS / (time.perf_counter() - began))


if __name__ == "__main__":
    verb, path = sys.argv[1], Path(sys.argv[2])
    if verb == "log":
        log(path, int(sys.argv[3]))
    else:
        {"index": index, "sealed": sealed, "append": append, "sqlite": sqlite}[verb](path)
