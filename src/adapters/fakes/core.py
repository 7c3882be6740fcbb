"""The simulated company itself: what it holds, and what it does with a request.

Both faces use it, the one in process and the one over HTTP. It knows no faults of the
line, only what QuickBooks would do; errors are raised as Refusal. Every call holds one
lock, so several threads may use it; one process at a time has the folder.
"""

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple

from src.adapters.fakes import custom_fields, ledger, rules
from src.adapters.fakes.givens import (
    COMPANY_INFO,
    MAPPING,
    PREFERENCES,
    MappingRow,
    mapping,
)
from src.adapters.fakes.ledger import CREATED, FAILED, FIRST_ID, REFUSED, Effect, Ledger
from src.adapters.fakes.query import Entity, answer_to
from src.adapters.fakes.records import Records, Version
from src.adapters.fakes.refusal import Refusal
from src.adapters.fakes.writing import Writing, known
from src.adapters.qbo import COUNT_ALL
from src.kit import reading
from src.kit.clock import Clock

LARGEST_REQUEST = 100_000_000  # bytes; above it QuickBooks answers 6030
NO_ATTACHMENTS = frozenset(
    {"Transfer", "InventoryAdjustment", "Class", "Department", "Term", "TaxCode"}
)
LONGEST_LOOK_BACK = timedelta(days=30)  # of change data capture
MOST_CHANGES = 1000  # objects in one answer of change data capture
CONTENTS = "contents"
BETWEEN = b"\x1e"  # between the effects of one upload; no cell holds it
Record = dict[str, Any]


class Incoming(NamedTuple):
    """One file as it arrives."""

    name: str
    entity_type: str  # empty = attached to nothing
    entity_id: str
    tag: str
    size: int  # as announced
    blocks: Callable[[], Iterable[bytes]]
    more: str = ""  # what else came with it, as JSON
    code: str = ""  # why it is refused anyway


class Manners(NamedTuple):
    """What a company keeps, and for how long."""

    keeps_contents: bool = False  # so that attachments can be downloaded
    forgets_after: float = 0.0  # seconds a request id is remembered, 0 = for ever
    shows_tags: bool = True  # whether `Tag` comes back and can be asked for


class Core:
    """The company in a folder."""

    def __init__(self, folder: Path, clock: Clock, manners: Manners = Manners()) -> None:
        self.lock = RLock()
        self._folder, self._clock, self._manners = folder, clock, manners
        self.definitions = custom_fields.definitions(folder)
        self._ledger = Ledger(folder)
        self._records: Records | None = None
        self._mapping: list[MappingRow] | None = None
        self._newest: Counter[str] = Counter()  # the last id of each entity
        self._uploads: dict[str, bytes] = {}  # by request id, packed: many are kept
        self._uploaded_at: dict[str, float] = {}  # likewise, where ids are forgotten
        self._writing = Writing(self)

    @property
    def records(self) -> Records:
        """Return the records beside the attached files."""
        if self._records is None:
            self._records = Records(self._folder)
        return self._records

    def remember(self, keeps_request_ids: bool) -> Iterator[Effect]:
        """Rebuild what is known from the files; yield every effect, oldest first."""
        for effect in self._ledger.effects():
            self._met_id("Attachable", effect.id)
            if keeps_request_ids and effect.request_id and effect.status != FAILED:
                self._keep(effect.request_id, [effect])
            yield effect
        for version in self.records.versions():
            self._met_id(version.entity, version.id)
            if keeps_request_ids and version.request_id:
                self._writing.remember(version)

    # --- questions --------------------------------------------------------------------

    def query(self, statement: str) -> Record:
        """Return the QueryResponse to a statement."""
        with self.lock:
            if statement == COUNT_ALL and not self.records.of("Attachable"):
                return {"totalCount": self._ledger.count}  # asked often: nothing unpacked
            return answer_to(statement, self._entity)

    def read(self, entity: str, found: str) -> Record:
        """Return one record."""
        with self.lock:
            name = known(entity)
            record = self._find(name, found)
            if record is None or "status" in record:
                raise Refusal("610", f"Object Not Found : {name} {found} is not there")
            return record

    def changes(self, entities: Sequence[str], since: str) -> list[list[Record]]:
        """Return the records of each entity that changed since a moment (UTC, ISO)."""
        with self.lock:
            if since < (self._clock.now() - LONGEST_LOOK_BACK).isoformat():
                raise Refusal("4001", "changedSince is more than 30 days ago")
            return [self._changes(known(entity), since) for entity in entities]

    def _changes(self, entity: str, since: str) -> list[Record]:
        touched = dict.fromkeys(
            found for name, found in self.records.touched_since(since) if name == entity
        )
        if entity == "Attachable":
            for packed in self._ledger.created:
                effect = ledger.unpacked(packed)
                if effect.ts >= since:
                    touched[effect.id] = None
        changed = (self._find(entity, found) for found in list(touched)[:MOST_CHANGES])
        return [record for record in changed if record]

    def content(self, found: str) -> Path:
        """Return the file that holds an attachable's content."""
        with self.lock:
            effect = self._attached(found)
            path = self._folder / CONTENTS / (effect.sha256 if effect else "none")
            if not path.is_file():
                raise Refusal("610", f"Object Not Found : no content of {found}")
            return path

    def _entity(self, name: str) -> Entity:
        folded = name.casefold()
        if folded == "attachable":
            return self._attachables()
        if folded == "qbdtentityidmapping":
            return Entity(self._mapping_rows, mapping, "QbdtEntityIdMapping")
        if folded == "companyinfo":
            return Entity([COMPANY_INFO], dict, "CompanyInfo")
        if folded == "preferences":
            return Entity([PREFERENCES], dict, "Preferences")
        known = rules.ENTITIES.get(folded)
        if not known:
            raise Refusal("4000", f"QueryParserError: {name} is no entity")
        there = [one for one in self.records.of(known).values() if "status" not in one]
        selected = self.records.selected(known)
        return Entity(there, dict, known, known in rules.NAMES, selected)

    def _attachables(self) -> Entity:
        changed = self.records.of("Attachable")
        if not changed:
            packed = self._ledger.created
            return Entity(packed, self._unpacked, "Attachable")
        there = [
            packed for packed in self._ledger.created if ledger.id_of(packed) not in changed
        ]
        records = [*map(self._unpacked, there)]
        records += [one for one in changed.values() if "status" not in one]
        records.sort(key=lambda record: int(record["Id"]))
        return Entity(records, dict, "Attachable")

    def shown(self, effect: Effect) -> Record:
        """Return an attached file as the company shows it."""
        record = ledger.attachable(effect)
        if not self._manners.shows_tags:
            record.pop("Tag", None)
        return record

    def _unpacked(self, packed: bytes) -> Record:
        return self.shown(ledger.unpacked(packed))

    @property
    def _mapping_path(self) -> Path:
        return self._folder / "mapping.csv"

    @property
    def _mapping_rows(self) -> list[MappingRow]:
        if self._mapping is None:
            self._mapping = list(reading.table(self._mapping_path, MAPPING))
        return self._mapping

    def _find(self, entity: str, found: str) -> Record | None:
        if entity in ("CompanyInfo", "Preferences"):
            return COMPANY_INFO if entity == "CompanyInfo" else PREFERENCES
        record = self.records.of(entity).get(found)
        if record is None and entity == "Attachable":
            effect = self._attached(found)
            record = self.shown(effect) if effect else None
        return record

    def _attached(self, found: str) -> Effect | None:
        created = self._ledger.created
        if not found.isascii() or not found.isdigit():
            return None
        at = bisect_left(created, int(found), key=lambda packed: int(ledger.id_of(packed)))
        effect = ledger.unpacked(created[at]) if at < len(created) else None
        return effect if effect and effect.id == found else None

    # --- uploads ----------------------------------------------------------------------

    def replayed(self, request_id: str) -> list[Effect] | None:
        """Return what an upload under this request id came to, if that is remembered."""
        since = self._uploaded_at.get(request_id, 0.0)
        if since and self._clock.monotonic() - since > self._manners.forgets_after:
            return None
        kept = self._uploads.get(request_id)
        return [*map(ledger.unpacked, kept.split(BETWEEN))] if kept else None

    def _keep(self, request_id: str, effects: Iterable[Effect]) -> None:
        """Remember what an upload came to, after what is remembered of it already."""
        kept = [self._uploads[request_id]] if request_id in self._uploads else []
        self._uploads[request_id] = BETWEEN.join([*kept, *map(ledger.packed, effects)])

    def attach(
        self, arrived: Sequence[Incoming], request_id: str, is_short: bool = False
    ) -> list[Effect]:
        """Attach files; one that is refused leaves the others alone.

        `is_short` loses the last byte of each, as a faulty upload does. Raises what the
        files raise, before anything is attached.
        """
        rows = [self._row(one, request_id, is_short) for one in arrived]
        effects = self._ledger.append([self._numbered(row) for row in rows])
        if request_id:
            self._uploads.pop(request_id, None)
            self._keep(request_id, effects)
            if self._manners.forgets_after:
                self._uploaded_at[request_id] = self._clock.monotonic()
        return effects

    def fail(self, arrived: Sequence[Incoming], request_id: str, why: str) -> None:
        """Write down an upload without effect, so that the next one may fare better."""
        now = self._clock.timestamp()
        self._ledger.append([(*_named(one, now, request_id), FAILED, why, "") for one in arrived])

    def _row(self, one: Incoming, request_id: str, is_short: bool) -> list[str]:
        digest, size = sha256(), 0
        for block in self._kept(one.blocks()):
            digest.update(block)
            size += len(block)
        row = [*_named(one, self._clock.timestamp(), request_id), CREATED, "", one.more]
        row[6:8] = [str(size - is_short), digest.hexdigest()]
        if code := one.code or self._refused(one, size):
            row[9:11] = [REFUSED, code if ":" in code else f"200:{code}"]
        return row

    def _numbered(self, row: list[str]) -> list[str]:
        if row[9] == CREATED:
            row[1] = self.new_id("Attachable")
        return row

    def new_id(self, entity: str) -> str:
        """Return the next id; those of other entities are short, and may be the same."""
        first = FIRST_ID if entity == "Attachable" else 1
        self._newest[entity] = max(first, self._newest[entity] + 1)
        return str(self._newest[entity])

    def _met_id(self, entity: str, found: str) -> None:
        self._newest[entity] = max(self._newest[entity], int(found or 0))

    def _refused(self, one: Incoming, size: int) -> str:
        owner = rules.ENTITIES.get(one.entity_type.casefold(), "")
        if one.entity_type and (not owner or owner in NO_ATTACHMENTS):
            return "6050"
        if size > LARGEST_REQUEST:
            return "6030"
        if one.entity_type and not self._is_there(owner, one.entity_id):
            return "2500"
        return ""

    def _is_there(self, entity: str, found: str) -> bool:
        """Return whether what a file is attached to exists; transactions always do."""
        if entity not in rules.NAMES or found in self.records.of(entity):
            return found.isascii() and found.isdigit()
        return self._mapping_path.exists() and any(
            row.qbo_entity_id == found for row in self._mapping_rows
        )

    def _kept(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the blocks of a file, and keep its content if the company keeps them."""
        if not self._manners.keeps_contents:
            yield from blocks
            return
        folder = self._folder / CONTENTS
        folder.mkdir(parents=True, exist_ok=True)
        digest = sha256()
        with open(folder / "arriving", "wb") as file:
            for block in blocks:
                digest.update(block)
                file.write(block)
                yield block
        os.replace(folder / "arriving", folder / digest.hexdigest())

    # --- other writes -----------------------------------------------------------------

    def write(
        self, operation: str, entity: str, body: Mapping[str, Any], request_id: str = ""
    ) -> Record:
        """Create, update or delete a record and return it; raises Refusal."""
        with self.lock:
            return self._writing.write(self._new(operation, entity, request_id), body)

    def refuse(
        self, operation: str, entity: str, refusal: Refusal, request_id: str = ""
    ) -> Record:
        """Raise a refusal of a write; a repeated request gets what it got first."""
        with self.lock:
            return self._writing.refuse(self._new(operation, entity, request_id), refusal)

    def _new(self, operation: str, entity: str, request_id: str) -> Version:
        now = self._clock.timestamp()
        return Version(now, request_id, known(entity), "", operation, "", "", "")


def _named(one: Incoming, now: str, request_id: str) -> tuple[str, ...]:
    """Return the cells of a ledger row up to the file's digest."""
    owner = (one.entity_type, one.entity_id, one.name)
    return (now, "", request_id, *owner, str(one.size), "", one.tag)
