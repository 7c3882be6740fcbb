"""The MIS's people and their statuses: the one place that speaks to its database.

Which registration of a student counts: an active one (reg_active is 1) before the others,
then the newest reg_date (one without a date comes last), then the highest reg_prg_id.
Students without a reg_no have none; two students with one reg_no both have its.

Who is unsynchronized: everybody whose QuickBk_Status is neither 1 (synchronized) nor 3
(in progress), so that no status that nobody knows hides a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from src.kit.database import Database, Staging
from src.kit.errors import Refused
from src.mis import adding, columns, sql_statuses, tables
from src.mis.asking import Asking
from src.mis.columns import Columns
from src.mis.records import FAILED, IN_PROGRESS, NOT_SYNCED, SYNCED
from src.mis.sql import Query, Reading
from src.mis.sql_statuses import Statuses
from src.mis.tables import Raw, Status

PAGE = 5000  # people read together: some 5 MB
_NO_NUMBER = "must be a whole number, and {!r} is none; put it right in the MIS"
_SORTED_AS_TEXT = (
    "must be a column of whole numbers, and is sorted as text; let the MIS's owner "
    "change its type"
)
_STATUSES = (NOT_SYNCED, SYNCED, FAILED, IN_PROGRESS)
_Statement = Callable[[Statuses, Staging], str]


class Lease(NamedTuple):
    """A person that a run has in hand."""

    type: str
    mis_id: str
    owner: str  # empty = whoever set the status wrote none
    until: str  # UTC, as 2026-11-21 20:00:00


class Store:
    """The MIS's database."""

    def __init__(
        self,
        database: Database,
        pushed_by: str = "System Auto Push",
        page: int = PAGE,
    ) -> None:
        self._database, self._pushed_by, self._page = Asking(database), pushed_by, page
        self._known: Columns | None = None
        self._readings: dict[str, Reading] = {}

    # --- the tables -------------------------------------------------------------------

    @property
    def _columns(self) -> Columns:
        if self._known is None:
            self._known = Columns(self._database.structure())
        return self._known

    def check(self) -> None:
        """Raise Refused where a table or a column is missing that must be there."""
        if missing := columns.required(self._columns):
            raise Refused(
                f"{self._database.label}: no MIS, {', '.join(missing)} missing; name "
                "the MIS's database in MIS_DATABASE_URL"
            )

    def missing(self) -> dict[str, list[str]]:
        """Return what else is not there: field of Raw → tables, or `table.column`s."""
        return columns.missing(self._columns)

    def prepare(self) -> list[str]:
        """Add what the synchronization needs; return a sentence for each.

        A second call does nothing. Raises Refused with the statements for the tables'
        owner where this user may not.
        """
        self._forget()
        self.check()
        try:
            return adding.add(self._database, self._columns)
        finally:
            self._forget()

    def _forget(self) -> None:
        self._known = None
        self._readings.clear()

    # --- people -----------------------------------------------------------------------

    def people(self, type_: str, after: int = 0) -> Iterator[Raw]:
        """Yield the people of a type behind a primary key, by it; 0 = all of them."""
        reading, last = self._reading(type_), after or None
        while page := self._read(type_, reading.after(last, self._page)):
            keys = [self._whole(type_, raw.mis_id) for raw in page]
            if any(one >= two for one, two in pairwise(keys)):
                raise Refused(f"{self._place(type_)}: {_SORTED_AS_TEXT}")
            yield from page
            last = keys[-1]

    def some(self, type_: str, ids: Sequence[int]) -> list[Raw]:
        """Return the people with these primary keys, in this order, who are there."""
        reading, found = self._reading(type_), {}
        for first in range(0, len(ids), self._page):
            query = reading.these(ids[first : first + self._page])
            people = self._read(type_, query)
            found.update({self._whole(type_, raw.mis_id): raw for raw in people})
        return [found[key] for key in ids if key in found]

    def _whole(self, type_: str, key: str) -> int:
        """Return a primary key; raises Refused where it is no whole number."""
        is_digits = key.isascii() and key.removeprefix("-").isdigit()
        if not is_digits or str(int(key)) != key:  # 007 is not found again as 7
            raise Refused(f"{self._place(type_)}: {_NO_NUMBER.format(key[:20])}")
        return int(key)

    def _place(self, type_: str) -> str:
        people = tables.PEOPLE[type_]
        return f"{self._database.label}: {people.table}.{people.key}"

    def _reading(self, type_: str) -> Reading:
        if type_ not in self._readings:
            people, text_type = tables.PEOPLE[type_], self._database.text_type
            self._readings[type_] = self._fitting(
                Reading(people, self._columns, text_type)
            )
        return self._readings[type_]

    def _fitting(self, reading: Reading) -> Reading:
        try:
            list(self._database.rows(reading.probe, "i") if reading.probe else ())
        except Refused as refusal:
            is_mysql = self._database.text_type == tables.MYSQL
            if not (is_mysql and adding.is_understood(refusal)):
                raise
            return reading.bytewise()
        return reading

    def _read(self, type_: str, query: Query) -> list[Raw]:
        rows = self._database.rows(query.text, query.kinds)
        found = []
        for row in rows:
            cells = (*row, None)
            found.append(Raw(type_, *[cells[place] or "" for place in query.places]))
        return found

    # --- statuses ---------------------------------------------------------------------

    def counts(self, type_: str) -> dict[str, int]:
        """Return how many people have each status; what is none of them counts as 0."""
        found: Counter[str] = Counter(dict.fromkeys(_STATUSES, 0))
        query = self._statuses(type_).counts()
        for status, number in list(self._database.rows(query, "ti")):
            found[status if status in _STATUSES else NOT_SYNCED] += number
        return dict(found)

    def unsynchronized(self, type_: str, limit: int, offset: int = 0) -> list[int]:
        """Return the primary keys of people to be synchronized, ascending."""
        query = self._statuses(type_).unsynchronized(limit, offset)
        rows = list(self._database.rows(query, "t"))
        return [self._whole(type_, key or "") for (key,) in rows]

    def leased(self) -> list[Lease]:
        """Return everybody in progress."""
        found = []
        for type_ in tables.PEOPLE:
            query = self._statuses(type_).leased()
            for row in self._database.rows(query, "ttt") if query else ():
                found.append(Lease(type_, *[cell or "" for cell in row]))
        return found

    def lease(
        self, type_: str, known_as: Mapping[int, str], owner: str, until: str
    ) -> list[int]:
        """Take people in hand (status 3) until then; return whom `owner` has now.

        `known_as` is the customer that each was when the plan was made, '' = none. Left
        are those who are another one since, and whom another run has in hand, also where
        its time is over: nobody knows how it ended.
        """
        rows = [(key, known_as[key], None, None, owner, until) for key in known_as]
        return self._taken(type_, rows, Statuses.lease)

    def take_over(
        self, leases: Iterable[Lease], owner: str, until: str
    ) -> list[tuple[str, str]]:
        """Take in hand whom others had, and still have as it says here.

        Return type and key of whom `owner` has now.
        """
        found: dict[str, list[Sequence[str | int | None]]] = {}
        for type_, key, old_owner, old_until in leases:
            row = (int(key), None, old_owner, old_until, owner, until)
            found.setdefault(type_, []).append(row)
        return [
            (type_, str(key))
            for type_, rows in found.items()
            for key in self._taken(type_, rows, Statuses.take_over)
        ]

    def _taken(
        self, type_: str, rows: Sequence[Sequence[str | int | None]], how: _Statement
    ) -> list[int]:
        if not rows:
            return []
        statuses = self._prepared(type_)
        table = sql_statuses.leases(self._database.datetime_type)
        self._load(table, rows)
        with self._database.transaction():
            self._database.run(how(statuses, table))
            found = self._database.rows(statuses.lease_of(table), "i")
            return [key for (key,) in found]

    def write(self, statuses: Iterable[Status]) -> int:
        """Write statuses, the last one of each person; return how many are written.

        Whoever is no longer in progress is nobody's.
        """
        last = {(status.type, status.mis_id): status for status in statuses}
        if not last:
            return 0
        statements = [
            self._prepared(type_) for type_ in dict.fromkeys(t for t, _ in last)
        ]
        table = sql_statuses.statuses(self._database.datetime_type)
        self._load(table, map(self._row, last.values()))
        with self._database.transaction():
            for one in statements:
                self._database.run(one.write(table))
            counts = [
                list(self._database.rows(one.written(table), "i"))[0][0]
                for one in statements
            ]
        return sum(counts)

    def _row(self, status: Status) -> tuple[str | int | None, ...]:
        return (
            status.type,
            int(status.mis_id),
            int(status.status),
            status.quickbooks_id or None,
            status.sync_token or None,
            status.pushed_at or None,
            self._pushed_by or None,
        )

    def _statuses(self, type_: str) -> Statuses:
        return Statuses(tables.PEOPLE[type_], self._columns, self._database.text_type)

    def _prepared(self, type_: str) -> Statuses:
        lacking = self._columns.lacking(tables.PEOPLE[type_].table, tables.TRACKING)
        if missing := list(lacking):
            raise Refused(
                f"{self._database.label}: {', '.join(missing)} missing; run "
                '"make mis-fetch" first'
            )
        return self._statuses(type_)

    def _load(self, table: Staging, rows: Iterable[Sequence[str | int | None]]) -> None:
        self._database.stage(table)
        self._database.load(table, rows)
        self._database.settle(table)  # a server would else read whole tables
