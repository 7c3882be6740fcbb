"""What takes back the uploads of a run: a row for each file that is as it was sent.

A file counts as edited where its SyncToken is not that of a new attachable, or where it
has lost the mark, the owner or the size that it was sent with. It stays, and is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from src.attachments.records import UNDO_UPLOAD, Attempt, TakenBack
from src.kit import plans, runlog
from src.kit.answers import Found
from src.kit.memory import REMOVED, SUCCESSES, key_of, number_in
from src.kit.requests import RECOVERED, UPLOADED
from src.kit.runlog import RawRow

AFTERWARDS = (
    "what is deleted waits for a person in the next plan (make verify); send in decision "
    "sends it again"
)
NEW = ("", "0")  # SyncTokens of what nobody has edited
_COLUMNS = ("key", "run_id", "outcome", "ts", "realm_id", "attempt", "attachable_id")
_KEY, _RUN, _OUTCOME, _TS, _REALM, _ATTEMPT, _ID = map(Attempt._fields.index, _COLUMNS)
_MADE = (UPLOADED.encode(), RECOVERED.encode())
_GONE = REMOVED.encode()
_TELLING = frozenset(word.encode() for word in (*SUCCESSES, REMOVED))


class Uploaded(NamedTuple):
    """The uploads of one run, as the log tells."""

    there: Sequence[Attempt]  # nothing was said of them since, oldest first
    removed: int  # taken away since
    stays: Sequence[str]  # sentences about the others


class Log:
    """The log of one realm, read for one run."""

    def __init__(self, realm_id: str, run_id: str) -> None:
        self._realm_id, self._run_id = realm_id, run_id
        self._made: dict[int, Attempt] = {}
        self._stays: list[str] = []
        self._before = self._removed = 0

    def learn(self, rows: Iterable[RawRow]) -> Uploaded:
        """Take the rows in their order; return what the run uploaded."""
        for row in filter(None, rows):
            number = number_in(row[_KEY])
            if row[_OUTCOME] in _TELLING and number >= 0:
                if number in self._made or runlog.text(row[_RUN]) == self._run_id:
                    self._take(number, Attempt(*map(runlog.text, row)))
        if self._before:
            self._stays.append(f"{self._before:,} file(s) were there before this run")
        return Uploaded(list(self._made.values()), self._removed, self._stays)

    def _take(self, number: int, row: Attempt) -> None:
        if row.realm_id != self._realm_id:
            return
        made = self._made.get(number)
        if made:
            self._later(number, made, row)
        elif row.outcome in (UPLOADED, RECOVERED) and row.attempt and row.attachable_id:
            self._made[number] = row
        else:
            self._before += row.outcome in SUCCESSES

    def _later(self, number: int, made: Attempt, row: Attempt) -> None:
        """Take what was said of an upload since."""
        if row.outcome == REMOVED:
            self._removed += 1
        elif row.attachable_id == made.attachable_id:
            return
        else:
            why = f"is attachable {row.attachable_id} since"
            self._stays.append(f"{made.file_name} ({named(made)}): {why}")
        del self._made[number]


def is_effect(row: RawRow) -> bool:
    """Return whether a row tells of an upload."""
    return row[_OUTCOME] in _MADE and bool(row[_ATTEMPT] and row[_ID])


def left(realm_id: str, rows: Iterable[RawRow]) -> dict[str, str]:
    """Return the runs whose uploads are there still, by the log, with the last one's time."""
    made: dict[int, RawRow] = {}
    for row in filter(None, rows):
        number = number_in(row[_KEY])
        if row[_OUTCOME] not in _TELLING or runlog.text(row[_REALM]) != realm_id:
            continue
        if is_effect(row):
            made[number] = [row[_RUN], row[_TS], row[_ID]]
        elif number in made and row[_ID] != made[number][-1] or row[_OUTCOME] == _GONE:
            made.pop(number, None)
    return {runlog.text(run_id): runlog.text(ts) for run_id, ts, _ in made.values()}


def removal_key(key: str, attachable_id: str) -> str:
    """Return the key of the deletion of what was uploaded under a key."""
    return key_of(("attachment removed", key, attachable_id))


def edited(row: TakenBack | Attempt, there: Found, has_marks: bool) -> str:
    """Return what is not as it was sent, empty where all is."""
    seen = getattr(row, "sync_token", "")
    if there.sync_token not in ((seen,) if seen else NEW):
        return "it was edited there since"
    if has_marks and there.key != row.key:
        return "its mark is gone"
    if (there.entity_type.casefold(), there.entity_id) != (
        row.qbo_entity_type.casefold(),
        row.qbo_entity_id,
    ):
        return "it hangs on another record"
    if there.size >= 0 and row.size_bytes and str(there.size) != row.size_bytes:
        return f"it has {there.size:,} bytes, {int(row.size_bytes):,} were sent"
    return ""


def planned(
    uploaded: Uploaded, company: Iterable[Found], run_id: str, has_marks: bool
) -> tuple[list[TakenBack], list[str]]:
    """Return the reverse plan, the newest upload first, and what of the run stays.

    What is not there any more has a row too: the log is to know it.
    """
    there = {found.remote_id: found for found in company}
    rows, stays = [], list(uploaded.stays)
    for row in reversed(uploaded.there):
        found = there.get(row.attachable_id)
        if why := edited(row, found, has_marks) if found else "":
            stays.append(f"{row.file_name} ({named(row)}): {why}")
        else:
            rows.append(_row(row, found, run_id))
    return rows, stays


def named(row: TakenBack | Attempt) -> str:
    """Return what a person finds an attachment by."""
    return f"{row.qbo_entity_type} {row.qbo_entity_id}, attachable {row.attachable_id}"


def _row(row: Attempt, there: Found | None, run_id: str) -> TakenBack:
    parts = row.file_path.split("/")
    gone = "" if there else "; not there any more"
    return TakenBack(
        row=plans.undo_id(f"{row.key} {row.attachable_id}"),
        decision="",
        status=UNDO_UPLOAD,
        reason=f"uploaded by {run_id}{gone}",
        legacy_txnid_norm=row.legacy_txnid_norm,
        legacy_entity_type=row.legacy_entity_type,
        raw_legacy_id=row.raw_legacy_id,
        client=parts[1] if len(parts) > 2 else "",
        file_name=row.file_name,
        file_path=row.file_path,
        size_bytes=row.size_bytes,
        modified_at=row.modified_at,
        qbo_entity_type=row.qbo_entity_type,
        qbo_entity_id=row.qbo_entity_id,
        upload_name=there.name if there else row.file_name,
        sha256=row.sha256,
        attachable_id=row.attachable_id,
        sync_token=there.sync_token if there else "",
        key=row.key,
        row_check="",
    )
