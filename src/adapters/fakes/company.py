"""A simulated QuickBooks Online company: a durable ledger, faults, request ids.

What happened is in `ledger.csv`, one line per file and call; the company is rebuilt from
it at every start, so it survives the death of its process. A line that was cut by a kill
is an upload that did not happen.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any, NamedTuple

from src.adapters.fakes import scenario
from src.adapters.fakes.query import Entity, answer_to
from src.adapters.qbo import COUNT_ALL, MARK, File
from src.kit import answers as said
from src.kit import cells, reading, runlog
from src.kit.answers import Answer, Withdrawn
from src.kit.appender import Appender
from src.kit.clock import Clock
from src.kit.tables import GENERATED, Number, Table, Timestamp

CREATED, REFUSED, FAILED = "created", "refused", "failed"
DELETED = "deleted"  # it was created, and somebody took it away; its id stays used
FIRST_ID = 5000000000000412000  # 19 digits, as real ones: spreadsheets corrupt them
LARGEST_REQUEST = 100_000_000  # bytes; above it QuickBooks answers 6030
NO_ATTACHMENTS = frozenset(
    {"Transfer", "InventoryAdjustment", "Class", "Department", "Term", "TaxCode"}
)
# What happens to an unlucky request, by chance.
MISFORTUNES = ("429", "429", "429", "500", "500_applied", "drop", "drop_applied")
MESSAGES = {
    401: "Token expired (3200)",
    403: "ApplicationAuthorizationFailed (3100)",
    429: "ThrottleExceeded (003001)",
    500: "An application error has occurred (10000)",
    503: "Service Unavailable",
    6030: "The request is larger than 100 MB (6030)",
    6041: "Invalid Uploaded File (6041)",
    6050: "Attachments are not supported for this entity (6050)",
}


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
    row_check: str


class MappingRow(NamedTuple):
    """One row of QbdtEntityIdMapping, under the names of the file that holds it."""

    legacy_txnid_norm: str
    legacy_entity_type: str
    qbo_entity_type: str
    qbo_entity_id: str


_STATUS_AT = Effect._fields.index("status")
MAPPING = Table("DATA_DIR", "fake_qbo/mapping.csv", MappingRow, GENERATED, "make demo-data")


class Temper(NamedTuple):
    """How the company behaves."""

    fail_rate: float = 0.0
    seed: str = "1"
    request_ids: str = "honoured"  # honoured, ignored, forgotten (at a restart)


class FakeQboSession(NamedTuple):
    """What stands for an authorized session; the simulated company asks for none."""

    name: str = "fake-qbo-session"

    def __str__(self) -> str:
        return self.name


class FakeCompany:
    """The company in a folder; safe for several threads, one process."""

    def __init__(self, folder: Path, temper: Temper, clock: Clock) -> None:
        self._folder, self._temper, self._clock = folder, temper, clock
        self._lock = Lock()
        self._ledger: Appender | None = None
        self._attachables: list[bytes] | None = None  # packed: there may be 170,000
        self._mapping: list[MappingRow] | None = None
        self._created: int | None = None
        self._next_id = FIRST_ID
        self._answered: dict[str, list[Answer]] = {}
        self._failures: Counter[str] = Counter()
        self._scenario = scenario.load(folder)

    # --- queries ----------------------------------------------------------------------

    def query(self, statement: str) -> dict[str, Any]:
        """Return the QueryResponse to a statement."""
        with self._lock:
            if statement == COUNT_ALL:  # asked at every start and end: no need to unpack
                return {"totalCount": self._count()}
            return answer_to(statement, self._entity)

    def _count(self) -> int:
        if self._created is None:
            self._created = sum(1 for _ in self._raw_effects(CREATED))
        return self._created

    def _entity(self, name: str) -> Entity:
        if name == "attachable":
            if self._attachables is None:
                self._attachables = list(self._raw_effects(CREATED))
            return Entity(self._attachables, _attachable)
        if name == "qbdtentityidmapping":
            if self._mapping is None:
                self._mapping = list(reading.table(self._mapping_path, MAPPING))
            return Entity(self._mapping, _mapping)
        return Entity((), dict)

    @property
    def _mapping_path(self) -> Path:
        return self._folder / "mapping.csv"

    def _raw_effects(self, *statuses: str) -> Iterator[bytes]:
        """Yield the ledger's rows of these statuses, each packed into one text."""
        wanted = {status.encode() for status in statuses}
        for row in runlog.rows(self._folder / "ledger.csv", Effect):
            if row and row[_STATUS_AT] in wanted:
                yield b"\x1f".join(row)

    # --- uploads ----------------------------------------------------------------------

    def upload(self, files: Sequence[File], request_id: str) -> list[Answer]:
        """Attach files in one request; return an answer per file, in their order."""
        began = time.perf_counter()
        with self._lock:
            self._open()
            found = self._answer(files, request_id)
            took = round((time.perf_counter() - began) * 1000)
            number = len(self._answered) + sum(self._failures.values())
            tid = f"1-{int(self._clock.now().timestamp()):08x}-{number:012x}"
        return [one._replace(duration_ms=took, trace_id=tid) for one in found]

    def _open(self) -> None:
        """Rebuild the company's state from its ledger, at the first upload."""
        if self._ledger is not None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._ledger = Appender(self._folder / "ledger.csv", Effect)
        every = self._raw_effects(CREATED, DELETED, REFUSED, FAILED)
        for effect in map(_unpacked, every):
            self._scenario.met(effect.file_name)
            if effect.status == FAILED:
                self._failures[effect.tag] += 1
            else:
                self._next_id += effect.status in (CREATED, DELETED)
                if self._temper.request_ids == "honoured" and effect.request_id:
                    self._answered.setdefault(effect.request_id, []).append(
                        _answer_of(effect)
                    )

    def _answer(self, files: Sequence[File], request_id: str) -> list[Answer]:
        fates = [self._scenario.met(file.name) for file in files]
        fate = next((f for f in fates if f and not f.startswith("200")), "")
        fate = fate or self._misfortune(files[0].key)
        if fate.isdigit() and fate != "500" or fate in ("500", "drop"):
            return self._fail(files, request_id, fate)
        if self._temper.request_ids != "ignored" and request_id in self._answered:
            return self._answered[request_id]
        try:
            effects = [
                self._effect(file, request_id, own or fate)
                for file, own in zip(files, fates)
            ]
        except Withdrawn as withdrawn:
            return [_withdrawn(file, withdrawn) for file in files]
        return self._apply(effects, fate)

    def _misfortune(self, key: str) -> str:
        dice = Random(f"{self._temper.seed}|{key}|{self._failures[MARK + key]}")
        unlucky = dice.random() < self._temper.fail_rate
        return dice.choice(MISFORTUNES) if unlucky else ""

    def _fail(self, files: Sequence[File], request_id: str, fate: str) -> list[Answer]:
        """Write down a call without effect, so that the next one may fare better."""
        status = int(fate) if fate.isdigit() else 0
        rows = [
            (*self._named(file, request_id, ""), FAILED, fate)
            for file in files
        ]
        self._append(rows)
        self._failures.update(MARK + file.key for file in files)
        kind = said.kind_of(status) if status else said.UNKNOWN
        error = MESSAGES.get(status, "connection closed without an answer")
        return [Answer(kind, status, error=error) for _ in files]

    def _named(self, file: File, request_id: str, new_id: str) -> tuple[str, ...]:
        now, size = self._clock.timestamp(), str(file.size)
        owner = (file.entity_type, file.entity_id, file.name)
        return (now, new_id, request_id, *owner, size, "", MARK + file.key)

    def _effect(self, file: File, request_id: str, fate: str) -> tuple[str, ...]:
        """Return the ledger row that attaching one file makes."""
        digest, size = sha256(), 0
        for block in file.blocks():
            digest.update(block)
            size += len(block)
        code = fate.partition(":")[2]
        if file.entity_type in NO_ATTACHMENTS:
            code = "6050"
        if size > LARGEST_REQUEST:
            code = "6030"
        if fate == "wrong_size":
            size -= 1
        row = list(self._named(file, request_id, ""))
        row[6:8] = [str(size), digest.hexdigest()]
        if code:
            return (*row, REFUSED, ("400:" if fate.startswith("400") else "200:") + code)
        row[1] = str(self._next_id)
        self._next_id += 1
        return (*row, CREATED, "")

    def _apply(self, rows: list[tuple[str, ...]], fate: str) -> list[Answer]:
        self._append(rows)
        effects = [Effect(*row, "") for row in rows]
        answers = [_answer_of(effect) for effect in effects]
        created = [effect for effect in effects if effect.status == CREATED]
        if self._created is not None:
            self._created += len(created)
        if self._attachables is not None:
            self._attachables += map(_packed, created)
        if effects[0].request_id:
            self._answered[effects[0].request_id] = answers
        if fate.endswith("_applied"):
            status = 500 if fate.startswith("500") else 0
            error = MESSAGES.get(status, "connection closed without an answer")
            return [Answer(said.UNKNOWN, status, error=error) for _ in answers]
        return answers

    def _append(self, rows: list[tuple[str, ...]]) -> None:
        assert self._ledger
        self._ledger.append(rows)


def ledger_ids(folder: Path) -> set[str]:
    """Return the ids of everything that the company in a folder ever created."""
    id_at = Effect._fields.index("id")
    rows = filter(None, runlog.rows(folder / "ledger.csv", Effect))
    return {runlog.text(row[id_at]) for row in rows}


def _answer_of(effect: Effect) -> Answer:
    if effect.status in (CREATED, DELETED):
        return Answer(said.APPLIED, 200, effect.id, int(effect.size_bytes))
    status, code = map(int, effect.code.split(":"))
    return Answer(said.NOT_APPLIED, status, error=MESSAGES.get(code, f"Fault {code}"))


def _withdrawn(file: File, withdrawn: Withdrawn) -> Answer:
    if file.key == withdrawn.key:
        return Answer(said.NOT_APPLIED, error=str(withdrawn), is_withdrawn=True)
    return Answer(said.NOT_APPLIED, error="sent together with a file that changed")


def _packed(effect: Effect) -> bytes:
    return "\x1f".join(map(cells.escape, effect)).encode()


def _unpacked(row: bytes) -> Effect:
    return Effect(*map(runlog.text, row.split(b"\x1f")))


def _attachable(row: bytes) -> dict[str, Any]:
    effect = _unpacked(row)
    owner = {"type": effect.entity_type, "value": effect.entity_id}
    return {
        "Id": effect.id,
        "FileName": effect.file_name,
        "Size": int(effect.size_bytes),
        "Tag": effect.tag,
        "AttachableRef": [{"EntityRef": owner, "IncludeOnSend": False}],
        "MetaData": {"CreateTime": effect.ts},
    }


def _mapping(row: MappingRow) -> dict[str, Any]:
    return {
        "QboEntityId": row.qbo_entity_id,
        "QbdtExportableId": row.legacy_txnid_norm,
        "QboEntityType": row.qbo_entity_type,
        "QbdtEntityType": row.legacy_entity_type,
    }
