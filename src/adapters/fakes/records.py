"""The simulated company's records: customers, vendors, notes …, version by version.

Every version is a line of records.csv, so the company survives its process. The rules
are those of Intuit's entity pages and what clients observed.
"""

import json
from collections import ChainMap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from src.adapters.fakes import rules
from src.adapters.fakes.custom_fields import CUSTOM_FIELD
from src.adapters.fakes.query import Selected
from src.adapters.fakes.refusal import Refusal
from src.config import normalize_display_name
from src.kit import runlog
from src.kit.appender import Appender
from src.kit.tables import Timestamp

RECORDS = "records.csv"
SERVER_FIELDS = ("Id", "SyncToken", "MetaData", "domain", "sparse", "status")
# What a full update does not clear by leaving it out: what belongs to an attached file,
# and custom fields, which whoever does not include them cannot see.
NOT_CLEARED = (
    *("FileName", "Size", "ContentType", "FileAccessUri", "TempDownloadUri"),
    CUSTOM_FIELD,
)

Record = dict[str, Any]


class Version(NamedTuple):
    """One version of one record, or one refusal that a repetition gets again."""

    ts: Timestamp
    request_id: str
    entity: str
    id: str
    operation: str
    code: str
    body: str  # JSON
    row_check: str


class Records:
    """The records in a folder; whoever calls holds the company's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: Appender | None = None
        self._by_entity: dict[str, dict[str, Record]] = {}
        self._names: dict[str, tuple[str, str]] = {}  # whose a normalized name is
        self._selected: dict[str, Selected] = {}  # what was asked since the last change
        self._touched: list[tuple[str, str, str]] = []  # time, entity, id
        for version in self.versions():
            if not version.code:
                self._keep(version, json.loads(version.body))

    def versions(self) -> Iterator[Version]:
        """Yield every version, oldest first."""
        for row in runlog.rows(self._folder / RECORDS, Version):
            if row:
                yield Version(*map(runlog.text, row))

    def of(self, entity: str) -> dict[str, Record]:
        """Return the newest versions of an entity's records by id, deleted ones too."""
        return self._by_entity.get(entity, {})

    def selected(self, entity: str) -> Selected:
        """Return what was found of an entity since its records changed last."""
        return self._selected.setdefault(entity, {})

    def touched_since(self, moment: str) -> Iterator[tuple[str, str]]:
        """Yield entity and id of what changed since a moment (UTC), oldest first."""
        for ts, entity, found in self._touched:
            if ts >= moment:
                yield entity, found

    def create(self, entity: str, body: Mapping[str, Any], new: Version) -> Record:
        """Write a new record and return it; raises Refusal."""
        record = rules.cleaned(body)
        rules.check(entity, record, self._named_by_others(new, record), self.of(entity))
        times = {"CreateTime": new.ts, "LastUpdatedTime": new.ts}
        record = {**rules.defaults(entity, record, self.of(entity)), "MetaData": times}
        return self._write(new, {**record, "Id": new.id, "SyncToken": "0"})

    def update(self, old: Record, body: Mapping[str, Any], new: Version) -> Record:
        """Write the next version of a record and return it; raises Refusal."""
        _same_revision(old, body)
        is_sparse = str(body.get("sparse", "")).lower() == "true"
        kept = old if is_sparse else {k: old[k] for k in NOT_CLEARED if k in old}
        changed = {**kept, **{k: v for k, v in body.items() if k not in SERVER_FIELDS}}
        record = rules.cleaned(changed)
        rules.activate(new.entity, old, record)
        others = self._named_by_others(new, record)
        same_entity = ChainMap({new.id: record}, self.of(new.entity))
        rules.check(new.entity, record, others, same_entity)
        record = rules.defaults(new.entity, record, self.of(new.entity))
        created = old.get("MetaData", {}).get("CreateTime", new.ts)
        times = {"CreateTime": created, "LastUpdatedTime": new.ts}
        token = str(int(old["SyncToken"]) + 1)
        return self._write(
            new, {**record, "MetaData": times, "Id": old["Id"], "SyncToken": token}
        )

    def delete(self, old: Record, body: Mapping[str, Any], new: Version) -> Record:
        """Delete a record and return what is left of it; raises Refusal."""
        _same_revision(old, body)
        times = {"LastUpdatedTime": new.ts}
        return self._write(new, {"Id": old["Id"], "status": "Deleted", "MetaData": times})

    def refuse(self, new: Version) -> None:
        """Write down a refusal, for whoever asks again under the same request id."""
        self._append(new)

    def _named_by_others(self, new: Version, record: Record) -> str:
        """Return the id of another customer, vendor or employee of the same name."""
        entity, found = self._names.get(_listed_as(record), ("", ""))
        return found if (entity, found) != (new.entity, new.id) else ""

    def _write(self, new: Version, record: Record) -> Record:
        record = {**record, "domain": "QBO"}
        if "status" not in record:
            record["sparse"] = False
        self._append(new._replace(body=json.dumps(record, ensure_ascii=False)))
        self._keep(new, record)
        return record

    def _append(self, new: Version) -> None:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Customers' notes may hold national ids.
            self._file = Appender(self._folder / RECORDS, Version, is_private=True)
        self._file.append([new[:-1]])

    def _keep(self, version: Version, record: Record) -> None:
        known = self._by_entity.setdefault(version.entity, {})
        if version.entity in rules.NAMES:
            old = known.get(version.id, record)
            self._names.pop(_listed_as(old), None)
            self._names[_listed_as(record)] = (version.entity, version.id)
        known[version.id] = record
        self._selected.pop(version.entity, None)
        self._touched.append((version.ts, version.entity, version.id))


def _listed_as(record: Mapping[str, Any]) -> str:
    """Return the name by which a record is the only one in its three lists."""
    return normalize_display_name(rules.display_name(record))


def _same_revision(old: Record, body: Mapping[str, Any]) -> None:
    token = body.get("SyncToken")
    if token is None or token == "":
        raise Refusal("2020", "Required parameter SyncToken is missing", "SyncToken")
    if str(token) != old["SyncToken"]:
        raise Refusal(
            "5010",
            "Stale Object Error : You and somebody else were working on this at the "
            f"same time. The record is at SyncToken {old['SyncToken']}.",
        )
