"""The simulated company's ledger: every file of every upload, and what became of it.

One line per file and call in ledger.csv; the company is rebuilt from it at every start,
so it survives the death of its process. A line that was cut by a kill is an upload that
did not happen.
"""

import json
import mimetypes
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from src.kit import cells, runlog
from src.kit.appender import Appender
from src.kit.tables import Number, Timestamp

CREATED, REFUSED, FAILED = "created", "refused", "failed"
DELETED = "deleted"  # it was created, and somebody took it away; its id stays used
FIRST_ID = 5000000000000412000  # 19 digits, as real ones: spreadsheets corrupt them
LEDGER = "ledger.csv"


class Effect(NamedTuple):
    """One file of one call, and what the company did with it."""

    ts: Timestamp
    id: str
    request_id: str
    entity_type: str
    entity_id: str
    file_name: str
    size_bytes: Number
    sha256: str
    tag: str
    status: str
    code: str
    more: str  # what else came with it, as JSON
    row_check: str


_STATUS_AT = Effect._fields.index("status")


class Ledger:
    """The ledger in a folder, open for appending once something is appended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: Appender | None = None
        self._created: list[bytes] | None = None  # packed: there may be 170,000
        self._count: int | None = None

    def append(self, rows: Sequence[Sequence[str]]) -> list[Effect]:
        """Write rows (without their check) and return them as effects."""
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = Appender(self._folder / LEDGER, Effect)
        self._file.append(rows)
        effects = [Effect(*row, "") for row in rows]
        created = [effect for effect in effects if effect.status == CREATED]
        if self._count is not None:
            self._count += len(created)
        if self._created is not None:
            self._created += map(packed, created)
        return effects

    def effects(self) -> Iterator[Effect]:
        """Yield every effect, oldest first."""
        return map(unpacked, self._raw(CREATED, DELETED, REFUSED, FAILED))

    @property
    def created(self) -> list[bytes]:
        """Return what was attached, packed, in the order of the ids."""
        if self._created is None:
            self._created = list(self._raw(CREATED))
        return self._created

    @property
    def count(self) -> int:
        """Return how many files were attached, without unpacking them."""
        if self._count is None:
            self._count = sum(1 for _ in self._raw(CREATED))
        return self._count

    def _raw(self, *statuses: str) -> Iterator[bytes]:
        wanted = {status.encode() for status in statuses}
        for row in runlog.rows(self._folder / LEDGER, Effect):
            if row and row[_STATUS_AT] in wanted:
                yield b"\x1f".join(row)


def created_ids(folder: Path) -> set[str]:
    """Return the ids of everything that was ever attached in the company of a folder."""
    id_at = Effect._fields.index("id")
    rows = filter(None, runlog.rows(folder / LEDGER, Effect))
    return {runlog.text(row[id_at]) for row in rows}


def packed(effect: Effect) -> bytes:
    """Return an effect as one text."""
    return "\x1f".join(map(cells.escape, effect)).encode()


def id_of(row: bytes) -> str:
    """Return the id of a packed effect."""
    return runlog.text(row.split(b"\x1f", 2)[1])


def unpacked(row: bytes) -> Effect:
    """Return a packed effect."""
    return Effect(*map(runlog.text, row.split(b"\x1f")))


def attachable(effect: Effect) -> dict[str, Any]:
    """Return what was attached, as QuickBooks shows it."""
    record: dict[str, Any] = {
        "Id": effect.id,
        "SyncToken": "0",
        "FileName": effect.file_name,
        "Size": int(effect.size_bytes),
        "ContentType": mimetypes.guess_type(effect.file_name)[0],
    }
    if effect.tag:
        record["Tag"] = effect.tag
    if effect.entity_id:
        owner = {"type": effect.entity_type, "value": effect.entity_id}
        record["AttachableRef"] = [{"EntityRef": owner, "IncludeOnSend": False}]
    if effect.more:
        record.update(json.loads(effect.more))
    times = {"CreateTime": effect.ts, "LastUpdatedTime": effect.ts}
    return {**record, "domain": "QBO", "sparse": False, "MetaData": times}
