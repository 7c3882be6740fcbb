"""One request of the batch endpoint, and what can be put right at once.

A name that was taken since it was planned gives way to the next one of the planner; a
record that was changed since goes again where nobody touched what is sent. Each such round
is a request of its own, whose id follows from the first one's: whoever repeats the first
repeats them all.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock

from src.kit.answers import APPLIED, NOT_APPLIED, UNKNOWN, Answer, Unanswered
from src.kit.errors import Refused
from src.kit.requests import NAMESPACE, RECOVERED
from src.mis import definitions, hiding, listing, notes, readback
from src.mis.looking import Change, Port, Record, among, differing, shown
from src.mis.payload import DISPLAY
from src.mis.records import INACTIVATE, Planned
from src.mis.tasks import Task, before_of, beside, change_of

NAME_TAKEN, STALE = "6240", "5010"  # codes of QuickBooks
MOST_NAMES, MOST_REVISIONS = 5, 2  # further tries
RENAMED = "was taken since it was planned"
_NO_NAME = "so were the next names of the plan; fetch and plan again"
KEPT = "kept"  # the code of an answer: it stays, for it is not as the plan saw it
_CHANGED = "changed in QuickBooks since it was planned"
_FOREIGN = "it has the mark of another person since it was planned"
_NO_DELETED_NAME = (  # QuickBooks appends " (deleted)" to what becomes inactive
    "an inactive customer has its name already; rename one of the two in QuickBooks, then "
    "undo the run again"
)
_PLAN_AGAIN, _UNDO_AGAIN = "; plan again", "; it stays, undo the run again"
_GONE = "the customer is not in QuickBooks any more"
_OTHERS = "the answer is another customer's"
# Display name and rule, the best first.
NextNames = Callable[[Planned], Iterator[tuple[str, str]]]
NameOf = Callable[[str], str]  # of the field that a DefinitionId stands for


class Sender:
    """Sends groups of tasks; safe for several threads.

    `custom_fields` are their names by DefinitionId.
    """

    def __init__(
        self, port: Port, next_names: NextNames, custom_fields: Mapping[str, str]
    ) -> None:
        self._port, self._next_names = port, next_names
        self._custom_fields = custom_fields
        ids = {name: found for found, name in custom_fields.items()}
        self._secret = ids.get(hiding.FIELD, "")
        self._lock = Lock()

    def send(self, tasks: Sequence[Task], request_id: str) -> list[Answer]:
        """Carry out the tasks in one request, and further ones for those that need it."""
        group = _Group(self._port, self._names_of, self._name_of, tasks)
        answers = group.sent(request_id)
        found = (hiding.secrets_in(sent, self._secret) for _, sent in group.changes)
        secrets = set().union(*found)
        told = []
        for place, (task, answer) in enumerate(zip(tasks, answers)):
            if answer.kind == APPLIED:
                told.append(self._told(task, answer, place in group.renamed))
            else:
                error = hiding.cleaned(answer.error, secrets)
                told.append(answer._replace(error=error))
        return told

    def _names_of(self, row: Planned) -> Iterator[tuple[str, str]]:
        names = self._next_names(row)
        while True:
            with self._lock:
                found = next(names, None)
            if found is None:
                return
            yield found

    def _told(self, task: Task, answer: Answer, is_renamed: bool) -> Answer:
        """Return an answer with what a person should know of an effect."""
        if not _is_its_own(task, answer):
            return answer._replace(kind=UNKNOWN, remote_id="", error=_OTHERS, record={})
        fields, said = task.fields, []
        if is_renamed:
            said.append(f"the name {task.row.display_name!r} {RENAMED}")
            fields = {name: value for name, value in fields.items() if name != DISPLAY}
        if answer.code != RECOVERED:
            said += readback.sentences(fields, answer.record, self._name_of)
        return answer._replace(error="; ".join(said))

    def _name_of(self, definition_id: str) -> str:
        return self._custom_fields.get(definition_id, definition_id)


class _Group:
    """Tasks that travel together, and those that go again."""

    def __init__(
        self, port: Port, names_of: NextNames, name_of: NameOf, tasks: Sequence[Task]
    ) -> None:
        self._port, self._names_of, self._name_of = port, names_of, name_of
        self._tasks = tasks
        self.changes: list[Change] = [change_of(task) for task in tasks]
        self.renamed: set[int] = set()  # places of those that went under another name
        self._names: dict[int, Iterator[tuple[str, str]]] = {}
        self._answers: list[Answer] = []

    def sent(self, request_id: str) -> list[Answer]:
        """Return the last answer to each task."""
        self._answers = list(self._port.batch(self.changes, request_id))
        for number in range(1, MOST_NAMES + 1):
            again = self._renamed()
            if number <= MOST_REVISIONS:
                again |= self._reread()
            if not again:
                break
            self._send_again(again, request_id, number)
        for place in self._places(NAME_TAKEN, is_create=True):
            error = self._answers[place].error
            self._fail(place, f"{error}; {_NO_NAME}" if place in self._names else error)
        for place in self._places(NAME_TAKEN, is_create=False):
            if self._tasks[place].row.action == INACTIVATE:
                self._fail(place, f"{self._answers[place].error}; {_NO_DELETED_NAME}")
        return self._answers

    def _send_again(self, again: dict[int, Change], first_id: str, number: int) -> None:
        # Of the same tasks alone: an id never gets the answers to other ones.
        keys = " ".join(self._tasks[place].row.key for place in again)
        request_id = str(uuid.uuid5(NAMESPACE, f"{first_id} {number} {keys}"))
        self._port.take_turn(len(again))
        answers = self._port.batch(list(again.values()), request_id)
        for place, answer in zip(again, answers):
            if self._tasks[place].is_create:
                self.renamed.add(place)
            self.changes[place] = again[place]
            self._answers[place] = answer

    def _places(self, code: str, is_create: bool) -> list[int]:
        return [
            place
            for place, (task, answer) in enumerate(zip(self._tasks, self._answers))
            if answer.kind == NOT_APPLIED
            and answer.code == code
            and task.is_create == is_create
        ]

    # --- a name that was taken --------------------------------------------------------

    def _renamed(self) -> dict[int, Change]:
        """Return the creates that go under another name; take those that are ours."""
        places = self._places(NAME_TAKEN, is_create=True)
        names = [str(self.changes[place][1]["DisplayName"]) for place in places]
        try:
            found = self._among("DisplayName", names)
            holders = {listing.mark_in(one): one for one in found}
        except Unanswered as unanswered:
            for place in places:
                self._fail(place, f"nobody could tell who has the name: {unanswered}")
            return {}
        again = {}
        for place in places:
            holder = holders.get(self._tasks[place].mark)
            change = None if holder else self._under_another_name(place)
            if holder:
                self._answers[place] = _found(self._answers[place], holder)
            elif change:
                again[place] = change
        return again

    def _under_another_name(self, place: int) -> Change | None:
        task, (operation, record) = self._tasks[place], self.changes[place]
        if place not in self._names:
            self._names[place] = self._names_of(task.row)
        try:
            name, _ = next(self._names[place], ("", ""))
        except Refused as refusal:  # who has which name cannot be read
            return self._fail(place, f"no other name could be chosen: {refusal}")
        return (operation, {**record, "DisplayName": name}) if name else None

    # --- a record that was changed ----------------------------------------------------

    def _reread(self) -> dict[int, Change]:
        """Return the updates that go again, because nobody touched what they write."""
        places = self._places(STALE, is_create=False)
        ids = [self._tasks[place].row.quickbooks_id for place in places]
        try:
            records = {str(one.get("Id")): one for one in self._among("Id", ids)}
        except Unanswered as unanswered:
            for place in places:
                self._fail(place, f"it was changed, and could not be read: {unanswered}")
            return {}
        again = {}
        for place, found in zip(places, ids):
            if change := self._rebased(place, records.get(found)):
                again[place] = change
        return again

    def _rebased(self, place: int, record: Record | None) -> Change | None:
        """Return a change for the record as it is now, None where it must not go."""
        task = self._tasks[place]
        if record is None:
            return self._fail(place, _GONE)
        if why := self._why_not(task, record):
            way_on = _UNDO_AGAIN if task.is_backward else _PLAN_AGAIN
            return self._fail(place, why + way_on, KEPT if task.is_backward else "")
        if not differing(record, task.fields):
            self._answers[place] = _found(self._answers[place], record)
            return None
        operation, change = self.changes[place]
        token = str(record.get("SyncToken") or "")
        return operation, {**change, **beside(record, task.fields), "SyncToken": token}

    def _why_not(self, task: Task, record: Record) -> str:
        """Return why a task must not go as the record is now, nothing where it may."""
        if task.takes_away and differing(record, task.fields):
            return _CHANGED
        if notes.is_foreign(str(record.get("Notes") or ""), task.mark):
            return _FOREIGN
        edited = edited_since(task, record)
        told = ", ".join(definitions.called(name, self._name_of) for name in edited)
        return f"{_CHANGED}: {told}" if edited else ""

    def _among(self, name: str, values: Sequence[str]) -> Iterator[Record]:
        return among(self._port, name, values)

    def _fail(self, place: int, error: str, code: str = "") -> None:
        self._answers[place] = self._answers[place]._replace(error=error, code=code)


def edited_since(task: Task, record: Record) -> list[str]:
    """Return the fields that hold neither what the plan saw nor what it wants."""
    changed = differing(record, task.fields)
    before = definitions.flat(before_of(task.row))
    there = definitions.flat(record)
    pairs = ((name, there.get(name), before.get(name)) for name in changed)
    return [name for name, now, then in pairs if shown(now) != shown(then)]


def _found(refused: Answer, record: Record) -> Answer:
    """Return the answer of what turned out to be there already."""
    found = str(record.get("Id") or "")
    return refused._replace(
        kind=APPLIED, remote_id=found, error="", code=RECOVERED, advice="", record=record
    )


def _is_its_own(task: Task, answer: Answer) -> bool:
    """Return whether an answer is about the customer of the task, as far as it tells."""
    if not task.is_create:
        return answer.remote_id == task.row.quickbooks_id
    return listing.mark_in(answer.record) in ("", task.mark)
