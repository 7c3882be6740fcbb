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

from src.config import normalize_display_name
from src.kit.answers import APPLIED, NOT_APPLIED, UNKNOWN, Answer, Unanswered
from src.kit.errors import Refused
from src.kit.requests import NAMESPACE, RECOVERED
from src.mis import hiding, listing
from src.mis.looking import CUSTOM, Change, Port, Record, among, differing
from src.mis.records import Planned
from src.mis.tasks import Task, before_of, change_of

NAME_TAKEN, STALE = "6240", "5010"  # codes of QuickBooks
MOST_NAMES, MOST_REVISIONS = 5, 2  # further tries
DROPPED = "QuickBooks dropped"
_DROPPED = DROPPED + " {}; set CUSTOM_FIELD_MODE=both or check CUSTOM_FIELD_IDS"
RENAMED = "was taken since it was planned"
_NO_NAME = "so were the next names of the plan; fetch and plan again"
_EDITED = "changed in QuickBooks since it was planned: {}; plan again"
_GONE = "the customer is not in QuickBooks any more"
_OTHERS = "the answer is another customer's"
# Display name and rule, the best first.
NextNames = Callable[[Planned], Iterator[tuple[str, str]]]


class Sender:
    """Sends groups of tasks; safe for several threads.

    `definitions` are the custom fields by DefinitionId.
    """

    def __init__(
        self, port: Port, next_names: NextNames, definitions: Mapping[str, str]
    ) -> None:
        self._port, self._next_names, self._definitions = port, next_names, definitions
        ids = {name: found for found, name in definitions.items()}
        self._secret = ids.get(hiding.FIELD, "")
        self._lock = Lock()

    def send(self, tasks: Sequence[Task], request_id: str) -> list[Answer]:
        """Carry out the tasks in one request, and further ones for those that need it."""
        group = _Group(self._port, self._names_of, tasks)
        answers = group.sent(request_id)
        found = (hiding.secrets_in(task.fields, self._secret) for task in tasks)
        secrets = set().union(*found)
        return [
            self._told(task, answer, secrets) for task, answer in zip(tasks, answers)
        ]

    def _names_of(self, row: Planned) -> Iterator[tuple[str, str]]:
        names = self._next_names(row)
        while True:
            with self._lock:
                found = next(names, None)
            if found is None:
                return
            yield found

    def _told(self, task: Task, answer: Answer, secrets: set[str]) -> Answer:
        """Return an answer with what a person should know, and nothing that is secret."""
        if answer.kind != APPLIED:
            return answer._replace(error=hiding.cleaned(answer.error, secrets))
        if not _is_its_own(task, answer):
            return answer._replace(kind=UNKNOWN, remote_id="", error=_OTHERS, record={})
        said = []
        if _is_renamed(task, answer):
            said.append(f"the name {task.row.display_name!r} {RENAMED}")
        dropped = [] if answer.code == RECOVERED else self._dropped(task, answer.record)
        if dropped:
            said.append(_DROPPED.format(", ".join(dropped)))
        return answer._replace(error="; ".join(said))

    def _dropped(self, task: Task, record: Record) -> list[str]:
        """Return the custom fields that did not come back as they were sent."""
        found = {
            str(one.get("DefinitionId")): str(one.get("StringValue") or "")
            for one in record.get(CUSTOM) or ()
        }
        return [
            self._definitions.get(one["DefinitionId"], one["DefinitionId"])
            for one in task.fields.get(CUSTOM) or ()
            if found.get(one["DefinitionId"], "") != one["StringValue"]
        ]


class _Group:
    """Tasks that travel together, and those that go again."""

    def __init__(self, port: Port, names_of: NextNames, tasks: Sequence[Task]) -> None:
        self._port, self._names_of, self._tasks = port, names_of, tasks
        self._changes: list[Change] = [change_of(task) for task in tasks]
        self._names: dict[int, Iterator[tuple[str, str]]] = {}
        self._answers: list[Answer] = []

    def sent(self, request_id: str) -> list[Answer]:
        """Return the last answer to each task."""
        self._answers = list(self._port.batch(self._changes, request_id))
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
        return self._answers

    def _send_again(self, again: dict[int, Change], first_id: str, number: int) -> None:
        # Of the same tasks alone: an id never gets the answers to other ones.
        keys = " ".join(self._tasks[place].row.key for place in again)
        request_id = str(uuid.uuid5(NAMESPACE, f"{first_id} {number} {keys}"))
        self._port.take_turn(len(again))
        answers = self._port.batch(list(again.values()), request_id)
        for place, answer in zip(again, answers):
            self._changes[place] = again[place]
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
        names = [str(self._changes[place][1]["DisplayName"]) for place in places]
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
        task, (operation, record) = self._tasks[place], self._changes[place]
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
        edited = edited_since(task, record)
        if edited:
            return self._fail(place, _EDITED.format(", ".join(edited)))
        if CUSTOM not in task.fields and not differing(record, task.fields):
            self._answers[place] = _found(self._answers[place], record)
            return None
        operation, change = self._changes[place]
        return operation, {**change, "SyncToken": str(record.get("SyncToken") or "")}

    def _among(self, name: str, values: Sequence[str]) -> Iterator[Record]:
        return among(self._port, name, values)

    def _fail(self, place: int, error: str) -> None:
        self._answers[place] = self._answers[place]._replace(error=error, code="")


def edited_since(task: Task, record: Record) -> list[str]:
    """Return the fields that hold neither what the plan saw nor what it wants."""
    before = before_of(task.row)
    found = differing(record, task.fields)
    return [name for name in found if differing(record, {name: before.get(name)})]


def _found(refused: Answer, record: Record) -> Answer:
    """Return the answer of what turned out to be there already."""
    found = str(record.get("Id") or "")
    return refused._replace(
        kind=APPLIED, remote_id=found, error="", code=RECOVERED, advice="", record=record
    )


def _is_renamed(task: Task, answer: Answer) -> bool:
    name = str(answer.record.get("DisplayName") or task.row.display_name)
    names = {normalize_display_name(one) for one in (name, task.row.display_name)}
    return task.is_create and len(names) > 1


def _is_its_own(task: Task, answer: Answer) -> bool:
    """Return whether an answer is about the customer of the task, as far as it tells."""
    if not task.is_create:
        return answer.remote_id == task.row.quickbooks_id
    return listing.mark_in(answer.record) in ("", task.mark)
