"""QuickBooks Online as the pipelines see it: a face that real and simulated share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple, Protocol

from src.adapters.qbo_errors import id_in, size_in
from src.kit.answers import NOT_APPLIED, UNKNOWN, Answer, Found, Unanswered, Withdrawn

LARGEST_BATCH = 30  # changes in one request; with more QuickBooks answers 1040
CUSTOM_FIELDS = "CustomField"
HAS_CUSTOM_FIELDS = "customer"  # the entity, folded, whose own are asked for
PAGE = 1000  # rows; the most that one query answers
MARK = "carryover:"  # in front of our key in an Attachable's Tag
COUNT_ALL = "select count(*) from Attachable"
MARKS_PER_QUERY = 30  # keeps the statement well below a URL's usual limit of 8 kB

_FROM = re.compile(r"\sfrom\s+(\w+)", re.IGNORECASE)

Query = Callable[[str], dict[str, Any]]


class File(Protocol):
    """One file on its way, as `Company.upload` takes it."""

    key: str
    entity_type: str
    entity_id: str
    name: str
    content_type: str
    size: int

    def blocks(self) -> Iterator[bytes]:
        """Yield the content; raise answers.Withdrawn if it is not what was promised."""


class Change(NamedTuple):
    """One record to create, update or delete; an update names Id and SyncToken."""

    operation: str  # create, update, delete
    entity: str
    record: Mapping[str, Any]


class Company(Protocol):
    """One QuickBooks Online company. Questions raise answers.Unanswered."""

    def query(self, statement: str) -> dict[str, Any]:
        """Return the QueryResponse to a statement."""

    def read(self, entity: str, found: str) -> dict[str, Any]:
        """Return one record by its id."""

    def changes_since(self, entities: Sequence[str], moment: str) -> dict[str, list]:
        """Return the records of each entity that changed since a moment (ISO-8601).

        What was deleted is there with `status` Deleted; 30 days back at most.
        """

    def download(self, attachable_id: str) -> bytes:
        """Return an attachable's content."""

    def upload(self, files: Sequence[File], request_id: str) -> list[Answer]:
        """Attach files in one request; return an answer per file, in their order."""

    def write(self, change: Change, request_id: str = "") -> Answer:
        """Carry out one change."""

    def batch(self, changes: Sequence[Change], request_id: str = "") -> list[Answer]:
        """Carry out up to 30 changes in one request; each succeeds or fails by itself.

        A request id of at most 36 characters: QuickBooks adds the item's to it. What the
        answer does not say of a change is unknown.
        """


class Attachables(NamedTuple):
    """The look-ups that exactly-once delivery needs, made of queries."""

    query: Query

    def count(self) -> int:
        """Return how many attachables the company has."""
        found = self.query(COUNT_ALL).get("totalCount")
        if not isinstance(found, int):
            raise _unclear("the count of attachables")
        return found

    def list_all(self) -> dict[str, list[Found]]:
        """Return every attachable that carries a mark of ours, by key."""
        return _by_key(pages(self.query, "Attachable", "orderby Id"))

    def everything(self) -> Iterator[Found]:
        """Yield every attachable, also those without a mark of ours."""
        for record in pages(self.query, "Attachable", "orderby Id"):
            times = record.get("MetaData")
            created = str(times.get("CreateTime")) if isinstance(times, dict) else ""
            yield _found(record)._replace(key=_key_in(record), created_at=_utc(created))

    def find(self, keys: Sequence[str]) -> dict[str, list[Found]]:
        """Return the attachables that carry the marks of these keys."""
        found: dict[str, list[Found]] = {}
        for start in range(0, len(keys), MARKS_PER_QUERY):
            some = keys[start : start + MARKS_PER_QUERY]
            marks = ", ".join(f"'{MARK}{key}'" for key in some)
            where = f"where Tag in ({marks}) orderby Id"
            found.update(_by_key(pages(self.query, "Attachable", where)))
        return found

    def among(self, ids: Sequence[str]) -> Iterator[Found]:
        """Yield those of these attachables that are there, marked or not."""
        for start in range(0, len(ids), MARKS_PER_QUERY):
            some = ", ".join(map(quote, ids[start : start + MARKS_PER_QUERY]))
            where = f"where Id in ({some}) orderby Id"
            yield from map(shown, pages(self.query, "Attachable", where))


def withdrawn_answers(files: Sequence[File], withdrawn: Withdrawn) -> list[Answer]:
    """Return the answers to a request that one of its files ended before it had left."""
    beside = Answer(NOT_APPLIED, error="sent together with a file that changed")
    own = beside._replace(error=str(withdrawn), is_withdrawn=True)
    return [own if file.key == withdrawn.key else beside for file in files]


class Inclusion(NamedTuple):
    """Where custom fields travel along: with what writes some, else as it is wished."""

    of_customers: bool = False  # with everything about customers

    def in_question(self, entity: str) -> bool:
        """Return whether they come with the answer to a question about an entity."""
        return self.of_customers and entity.casefold() == HAS_CUSTOM_FIELDS

    def in_writes(self, changes: Iterable[Change]) -> bool:
        """Return whether they go with changes, and come back with all of them."""
        return any(
            CUSTOM_FIELDS in change.record or self.in_question(change.entity)
            for change in changes
        )


def entity_in(statement: str) -> str:
    """Return the entity that a query is about, empty where it names none.

    >>> entity_in("select * from Customer where DisplayName = 'x'"), entity_in("x")
    ('Customer', '')
    """
    found = _FROM.search(statement)
    return found[1] if found else ""


def quote(text: str) -> str:
    r"""Return a text as a query's value.

    >>> quote("O'Brien")
    "'O\\'Brien'"
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def pages(query: Query, entity: str, rest: str = "") -> Iterator[dict[str, Any]]:
    """Yield every record that a query finds, page by page."""
    start = 1
    while True:
        answer = query(
            f"select * from {entity} {rest} startposition {start} maxresults {PAGE}"
        )
        records = answer.get(entity) or []
        if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
            raise _unclear(entity)
        yield from records
        if len(records) < PAGE:
            return
        start += PAGE


def _by_key(records: Iterable[dict[str, Any]]) -> dict[str, list[Found]]:
    found: dict[str, list[Found]] = {}
    for record in records:
        if key := _key_in(record):
            found.setdefault(key, []).append(_found(record))
    return found


def _utc(text: str) -> str:
    """Return a time as the CSVs write it, empty where there is none.

    >>> _utc("2026-03-01T10:00:00-08:00")
    '2026-03-01T18:00:00.000000+00:00'
    """
    try:
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (ValueError, OverflowError):
        return ""
    return time.astimezone(timezone.utc).isoformat(timespec="microseconds")


def _found(record: dict[str, Any]) -> Found:
    """Return what a record shows; raises Unanswered where it has no id."""
    references = record.get("AttachableRef")
    first = references[0] if isinstance(references, list) and references else {}
    owner = first.get("EntityRef") if isinstance(first, dict) else {}
    owner = owner if isinstance(owner, dict) else {}
    if not id_in(record):
        raise _unclear("Attachable")
    return Found(
        id_in(record),
        size_in(record),
        str(record.get("FileName") or ""),
        str(owner.get("type") or ""),
        str(owner.get("value") or ""),
        sync_token=str(record.get("SyncToken") or ""),
    )


def shown(record: dict[str, Any]) -> Found:
    """Return what an attachable shows, its mark too; raises Unanswered without an id."""
    return _found(record)._replace(key=_key_in(record))


def _key_in(record: dict[str, Any]) -> str:
    """Return the key in a record's mark, empty where it has none of ours."""
    tag = str(record.get("Tag") or "")
    return tag[len(MARK) :] if tag.startswith(MARK) else ""


def _unclear(question: str) -> Unanswered:
    return Unanswered(question, Answer(UNKNOWN, error="an answer of another shape"))
