"""What takes back a run's changes of customers: a plan row for each that is as we left it.

A customer cannot be deleted: one that the run made becomes inactive, unless somebody has
edited it, or it has a balance. One that the run changed gets what it had before in each
field that still has what was sent; the others stay, and are named. The log goes on to know
what the MIS said then, so the next plan proposes a field again only where the MIS changes
it; a customer that was taken back waits in it for a person, to be made active again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from src.kit import plans, runlog
from src.kit.memory import CLOSED, REMOVED, SUCCESSES, is_key
from src.kit.runlog import RawRow
from src.mis import definitions, keys, tasks
from src.mis.entries import ADOPTED, verb
from src.mis.looking import Record, differing, shown
from src.mis.payload import ACTIVE
from src.mis.planning import as_json
from src.mis.records import (
    CREATE,
    INACTIVATE,
    LINK,
    REACTIVATE,
    RESTORE,
    TAKES_AWAY,
    UNLINK,
    UPDATE,
    Planned,
    Pushed,
)
from src.mis.tasks import Fields, Person

BACK = {
    CREATE: INACTIVATE,
    INACTIVATE: REACTIVATE,
    LINK: UNLINK,
    REACTIVATE: INACTIVATE,
    RESTORE: RESTORE,
    UNLINK: LINK,
    UPDATE: RESTORE,
}
_AT = {name: place for place, name in enumerate(Pushed._fields)}
_AWAY = (REMOVED, CLOSED)
_ADOPTED = ADOPTED.encode()
_TELLING = frozenset(word.encode() for word in (*SUCCESSES, *_AWAY))


class Changed(NamedTuple):
    """What a run did to customers, as the log tells, oldest first."""

    rows: Sequence[Pushed]
    last: Mapping[Person, Pushed]  # the last word of the log about each of them
    tokens: Mapping[str, str]  # by key: of the customer, when we touched it last


class Log:
    """The log of one realm, read for one run."""

    def __init__(self, realm_id: str, run_id: str) -> None:
        self._realm_id, self._run_id = realm_id, run_id
        self._rows: dict[str, Pushed] = {}
        self._last: dict[Person, Pushed] = {}
        self._tokens: dict[str, str] = {}

    def learn(self, rows: Iterable[RawRow]) -> Changed:
        """Take the rows in their order; return what the run did."""
        for raw in filter(None, rows):
            if raw[_AT["outcome"]] in _TELLING and raw[_AT["key"]]:
                row = Pushed(*map(runlog.text, raw))
                if row.realm_id == self._realm_id and is_key(row.key):
                    self._take(row, is_effect(raw))
        people = {(row.type, row.mis_id) for row in self._rows.values()}
        last = {person: row for person, row in self._last.items() if person in people}
        return Changed(list(self._rows.values()), last, self._tokens)

    def _take(self, row: Pushed, has_effect: bool) -> None:
        person = (row.type, row.mis_id)
        if row.run_id == self._run_id and has_effect:
            self._rows[row.key] = row
        if row.sync_token:
            self._tokens[row.quickbooks_id] = row.sync_token
        if row.outcome in _AWAY and row.action in TAKES_AWAY:
            self._tokens.pop(row.quickbooks_id, None)
        self._last[person] = row


def is_effect(row: RawRow) -> bool:
    """Return whether a row tells of an attempt that had its effect on a person's customer."""
    is_it = row[_AT["outcome"]] in _TELLING and row[_AT["outcome"]] != _ADOPTED
    is_persons = bool(row[_AT["attempt"]] and row[_AT["mis_id"]] and row[_AT["key"]])
    return is_it and is_persons and row[_AT["action"]].decode() in BACK


def left(realm_id: str, rows: Iterable[RawRow]) -> dict[str, str]:
    """Return the runs of which something was not taken back, with the last such row's time.

    What was there before a value was put back counts as taken back.
    """
    made: dict[bytes, list[Any]] = {}  # by key: person, run, time, whether it takes away
    of_person: dict[tuple[bytes, bytes], list[bytes]] = {}  # their keys
    is_away: dict[tuple[bytes, bytes], bool] = {}
    for row in filter(None, rows):
        person, key = (row[_AT["type"]], row[_AT["mis_id"]]), row[_AT["key"]]
        if row[_AT["outcome"]] not in _TELLING or runlog.text(row[_AT["realm_id"]]) != realm_id:
            continue
        is_away[person] = row[_AT["outcome"]].decode() in _AWAY
        if not is_effect(row):
            continue
        action = row[_AT["action"]].decode()
        if action == RESTORE:
            for older in of_person.pop(person, ()):
                made.pop(older, None)
        made[key] = [person, row[_AT["run_id"]], row[_AT["ts"]], action in TAKES_AWAY]
        of_person.setdefault(person, []).append(key)
    return {
        runlog.text(run_id): runlog.text(ts)
        for person, run_id, ts, takes_away in made.values()
        if takes_away == is_away[person]
    }


# --- the reverse plan -----------------------------------------------------------------


class Known(NamedTuple):
    """What the reverse plan is made from, beside the log."""

    sent: Mapping[str, Planned]  # by key: the rows of the plans that were applied
    there: Mapping[str, Record]  # by id: the customers as they are now
    run_id: str
    name_of: Callable[[str], str] = str  # of the custom field with a DefinitionId


class Reverse:
    """The rows of the reverse plan, the newest change first, and what stays."""

    def __init__(self, changed: Changed, known: Known) -> None:
        self.rows: list[Planned] = []
        self.stays: list[str] = []
        self.back = 0  # taken back already
        self._changed, self._known = changed, known
        for row in reversed(changed.rows):
            self._take(row)

    def _take(self, row: Pushed) -> None:
        sent = self._known.sent.get(row.key)
        there = self._known.there.get(row.quickbooks_id)
        if self._is_back(row):
            self.back += 1
        elif sent is None:
            self._stay(row, "the plan that it was sent by is not kept")
        elif there is None:
            self._stay(row, "is not in QuickBooks any more")
        elif BACK[row.action] == INACTIVATE:
            self._inactivate(row, sent, there)
        else:
            self._restore(row, sent, there)

    def _is_back(self, row: Pushed) -> bool:
        """Return whether the person has no such customer any more, or has it again."""
        last = self._changed.last[row.type, row.mis_id]
        is_away = row.action in TAKES_AWAY
        return (last.outcome in _AWAY) != is_away

    def _stay(self, row: Pushed, why: str) -> None:
        who = f"{row.type} {row.identifier or row.mis_id}"
        self.stays.append(f"{who} (customer {row.quickbooks_id}): {why}")

    def _inactivate(self, row: Pushed, sent: Planned, there: Record) -> None:
        known = self._changed.tokens.get(row.quickbooks_id, "")
        if known and str(there.get("SyncToken")) != known:
            fields = differing(there, tasks.of(sent).fields)
            self._stay(row, f"was edited in QuickBooks since{self._named(fields)}")
        elif _amount(there):
            self._stay(row, f"has a balance of {there.get('Balance')}")
        else:
            self._row(sent, there, ({ACTIVE: False}, {ACTIVE: True}))

    def _restore(self, row: Pushed, sent: Planned, there: Record) -> None:
        new, old = (definitions.flat(one) for one in (tasks.of(sent).fields, tasks.before_of(sent)))
        now = definitions.flat(there)
        changed = [name for name in new if shown(new[name]) != shown(old.get(name))]
        back = [name for name in changed if shown(now.get(name)) == shown(new[name])]
        others = [name for name in changed if name not in back]
        edited = [n for n in others if shown(now.get(n)) != shown(old.get(n))]
        if edited:
            self._stay(row, f"changed in QuickBooks since{self._named(edited)}")
        if edited and BACK[row.action] != RESTORE:  # a link goes as a whole
            return
        if back:
            before = {name: now.get(name, new[name]) for name in back}
            fields = {name: old.get(name, "") for name in back}
            self._row(sent, there, (definitions.nested(fields), definitions.nested(before)))
        elif not edited:
            self.back += 1

    def _named(self, fields: Iterable[str]) -> str:
        names = (definitions.called(name, self._known.name_of) for name in fields)
        return f": {said}" if (said := ", ".join(names)) else ""

    def _row(self, sent: Planned, there: Record, change: tuple[Fields, Fields]) -> None:
        """Take a row that sends fields to a customer that has others now."""
        fields, before = change
        token, said = str(there.get("SyncToken") or ""), as_json(fields)
        mark = tasks.mark_of(sent)
        self.rows.append(
            sent._replace(
                row=plans.undo_id(f"{sent.type}|{sent.mis_id}"),
                action=_action(sent),
                display_name=str(there.get("DisplayName") or ""),
                rule="",
                taken_by="",
                known_as=str(there.get("Id")),
                quickbooks_id=str(there.get("Id")),
                sync_token=token,
                fields=" ".join(fields),
                payload=said,
                before=as_json(before),
                notes="",
                reason=f"takes back {self._known.run_id}",
                key=keys.update_key(mark, token, said),
                decision="",
                row_check="",
            )
        )


def afterwards(rows: Iterable[Planned]) -> Iterator[str]:
    """Yield what later synchronizations make of what the rows of a reverse plan do."""
    rows = list(rows)
    values = [len(row.fields.split()) for row in rows if row.action == RESTORE]
    away = sum(row.action in TAKES_AWAY for row in rows)
    if values:
        yield (
            f"{sum(values):,} value(s) of {len(values):,} customer(s) that are put back "
            "stay different from the MIS until the MIS changes them; to have them sent "
            "again, undo the push that puts them back"
        )
    if away:
        yield (
            f"{away:,} customer(s) that are taken away wait for a person in the next plan; "
            "approve gives one back"
        )


def _action(sent: Planned) -> str:
    """Return what takes a row back; one that people approved of was a hold."""
    return BACK[verb(sent)]


def _amount(there: Record) -> bool:
    """Return whether a customer owes something, or is owed."""
    return str(there.get("Balance") or "0").strip("0.-") != ""
