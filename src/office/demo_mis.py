"""The demo's MIS and who else has a name in its company: opened, guarded, entered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from src.adapters import qbo
from src.adapters.qbo import Change, Company
from src.config import DEMO_REALM, Settings
from src.kit import files, receipts, runlog
from src.kit.answers import APPLIED, NOT_APPLIED, Answer, Unanswered
from src.kit.answers import is_worth_another_try
from src.kit.database import Database
from src.kit.errors import Refused
from src.kit.retry import Courtesy
from src.kit.net import is_loopback
from src.mis import demo
from src.mis.demo_company import CREATE, UPDATE, Entry
from src.mis.listing import EVERY_ONE, LISTS, mark_in
from src.mis.records import RUNLOG
from src.office import connect_database, pipelines

DELETED = " (deleted)"  # what QuickBooks appends to the name of what is made inactive
_STEPS = (demo.NOTHING, demo.UNFINISHED, demo.MADE, demo.EDITED)
Record = Mapping[str, Any]


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """Yield the database of the demo, new or old; its file is its owner's alone.

    Raises Refused where it is somebody's own.
    """
    file = settings.mis_database_file
    if not (settings.mis_database_url or file.exists()):
        with open(file, "ab", opener=files.open_private):
            pass
    found = connect_database.opened(settings.mis_database_url, file, "MIS_DATABASE_URL")
    try:
        standing = demo.standing(found)
        if standing not in _STEPS:
            raise Refused(
                f"{found.label}: holds tables that are of no demo, such as {standing}; "
                "set DATA_DIR to another folder, or MIS_DATABASE_URL to an empty "
                "database"
            )
        yield found
    finally:
        found.close()


def expect_simulated(settings: Settings) -> None:
    """Raise Refused where the company may be somebody's own."""
    host = urlsplit(settings.qbo_base_url).hostname or ""
    if settings.qbo_api == "http" and not is_loopback(host):
        raise Refused(
            "QBO_API: is http, and QBO_BASE_URL names no simulated company on this "
            "machine; the demo enters vendors and employees, so set QBO_API=fake, or "
            "start it with fake_qbo_server"
        )


def kept(settings: Settings) -> str:
    """Return what of the MIS customers is kept, and why; '' where all is the demo's."""
    if settings.mis_database_url:
        return "the MIS customers: what MIS_DATABASE_URL names is left alone"
    seal = receipts.last(settings.log_dir, RUNLOG.place, receipts.SEAL)
    realm = receipts.value(seal, "realm")
    if realm not in ("", DEMO_REALM):
        return f"the MIS customers: their logs are of the company {realm}"
    if not settings.mis_database_file.exists():
        log = pipelines.path_of(settings, RUNLOG)
        is_elsewhere = any(runlog.rows(log, RUNLOG.row))
        told = "the MIS customers: their logs are of a MIS that is not here"
        return told if is_elsewhere else ""
    return _strangers(settings)


def _strangers(settings: Settings) -> str:
    """Return what to say of a file that has more than the demo makes, else nothing."""
    try:
        with database(settings) as found:
            is_demo = demo.holds_only_demo(found)
    except Refused:
        is_demo = False
    told = "the MIS customers: not everything in the MIS is the demo's"
    return "" if is_demo else told


class Entered(NamedTuple):
    """What became of the entries."""

    names: int  # records that were made
    inactive: int  # that were made inactive
    refused: list[str]  # names, and why QuickBooks did not take them


class People:
    """People who work in QuickBooks itself, each change made once, told by its name."""

    def __init__(self, company: Company, courtesy: Courtesy, run_id: str) -> None:
        self._company, self._run_id = company, run_id
        self._ask = courtesy.asking(company.query)
        self._write = courtesy.asking(self._written)

    def enter(self, entries: Iterable[Entry]) -> Entered:
        """Make the changes that are not there; return what became of them."""
        there = dict(self._there())
        made, refused = Counter[str](), []
        for entry in entries:
            change = _missing(entry, there)
            if change is None:
                continue
            name = entry.record["DisplayName"]
            try:
                record = self._write(change).record
            except Unanswered as unanswered:
                if not _is_refusal(unanswered.answer):
                    raise
                refused.append(f"{entry.entity} {name}: {unanswered.answer.error}")
                continue
            there[entry.entity, name] = record
            made[entry.operation] += 1
        return Entered(made[CREATE], made[UPDATE], refused)

    def _there(self) -> Iterator[tuple[tuple[str, str], Record]]:
        for entity in LISTS:
            for record in qbo.pages(self._ask, entity, EVERY_ONE):
                yield (entity, str(record.get("DisplayName"))), record

    def _written(self, change: Change) -> Answer:
        """Return the answer to a change, which may be repeated: its id is the same."""
        told = f"{self._run_id} {change.operation} {change.entity} {change.record}"
        answer = self._company.write(change, str(uuid5(NAMESPACE_URL, told)))
        if answer.kind != APPLIED:
            raise Unanswered("the change", answer)
        return answer


def _missing(entry: Entry, there: Mapping[tuple[str, str], Record]) -> Change | None:
    """Return an entry as a change; None where it is made, or not people's to make."""
    name = entry.record["DisplayName"]
    record = there.get((entry.entity, name))
    if (entry.entity, name + DELETED) in there:
        return None
    if entry.operation == CREATE:
        return None if record else Change(*entry)
    if record is None or mark_in(record):
        return None
    known = {"Id": record["Id"], "SyncToken": record["SyncToken"], "sparse": True}
    return Change(entry.operation, entry.entity, {**entry.record, **known})


def _is_refusal(answer: Answer) -> bool:
    return answer.kind == NOT_APPLIED and not (
        answer.is_unauthorized or is_worth_another_try(answer)
    )
