"""Receipts: what every run did, what every file held, and the seals of the run logs.

One append-only CSV for all pipelines, logs/receipts.csv. Each append takes the file's
own lock, so that doors of several pipelines may run at the same time.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from src.kit import runlog
from src.kit.appender import append_in_turn
from src.kit.errors import Refused
from src.kit.tables import APPEND_ONLY, Number, Table, Timestamp

RUN = "run"  # one start of a door; detail = its counts
FILE = "file"  # a generated file; rows = its records
OPEN = "open"  # a run log is about to grow
CANARY = "canary"  # what was measured of a company; subject = its id
FROM = "from"  # the word of a detail: the given file, or the company, that all came from
SEAL = "seal"  # a run log at a clean end; sha256 over its row checks


class Receipt(NamedTuple):
    """One fact that a later run may rely on."""

    ts: Timestamp
    run_id: str
    door: str
    kind: str
    subject: str
    rows: Number
    sha256: str
    detail: str  # words `name=value`
    row_check: str


TABLE = Table("LOG_DIR", "receipts.csv", Receipt, APPEND_ONLY, "make demo")


def append(folder: Path, *receipts: tuple[str, ...]) -> None:
    """Append receipts (without their check) and make them durable."""
    append_in_turn(folder / TABLE.name, Receipt, receipts)


def read(folder: Path) -> Iterator[Receipt]:
    """Yield the receipts whose check holds, oldest first."""
    for row in runlog.rows(folder / TABLE.name, Receipt):
        if row:
            yield Receipt(*map(runlog.text, row))


def last(folder: Path, subject: str, *kinds: str) -> Receipt | None:
    """Return the newest receipt about a file or log, if there is one."""
    newest = None
    for receipt in read(folder):
        if receipt.subject == subject and receipt.kind in kinds:
            newest = receipt
    return newest


def of_plan(folder: Path, path: Path, table: Table) -> Receipt:
    """Return what was written down about a plan when it was made.

    Raises Refused where there is no plan, or nobody knows which run made it.
    """
    if not path.exists():
        raise Refused(f'{table.place}: not found; run "{table.made_by}" first')
    receipt = last(folder, table.place, FILE)
    if receipt is None:
        raise Refused(
            f'{table.place}: {TABLE.place} does not know this plan, so its rows '
            f'cannot be checked; run "{table.made_by}" again'
        )
    return receipt


def words(values: Mapping[str, object]) -> str:
    """Return `name=value` words, the form of a receipt's detail."""
    return " ".join(f"{name}={value}" for name, value in values.items())


def origin(source: str) -> dict[str, str]:
    """Return the word of a detail that names the given file all came from."""
    return {FROM: quote(source, errors="surrogateescape")} if source else {}


def source(receipt: Receipt | None) -> str:
    """Return the given file that a table was made from, empty if nobody wrote it down."""
    return unquote(value(receipt, FROM), errors="surrogateescape")


def value(receipt: Receipt | None, name: str) -> str:
    """Return one value of a receipt's detail, empty if it is not there."""
    pairs = (word.partition("=") for word in (receipt.detail if receipt else "").split())
    return next((after for before, _, after in pairs if before == name), "")
