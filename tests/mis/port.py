"""A company's customers in memory, as the room of the MIS asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from src.config import normalize_display_name
from src.kit.answers import APPLIED, NOT_APPLIED, UNKNOWN, Answer, Unanswered
from src.mis.looking import Change, Port

Record = dict[str, Any]
SILENCE = Answer(UNKNOWN, error="no answer")
DOWN = Unanswered("the query of Customer", Answer(UNKNOWN, 503, error="unavailable"))


class Customers:
    """Customers by id.

    `script` has what the next batches come to: None = as usual, a list of answers = those
    and no effect, a function = what it makes of the answers, after the effect.
    """

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.taken: set[str] = set()  # names of vendors and employees
        self.batches: list[tuple[str, list[Change]]] = []
        self.questions: list[str] = []
        self.turns: list[int] = []
        self.script: list[Callable[[list[Answer]], list[Answer]] | list[Answer] | None] = []
        self.is_down = False
        self.drops: set[str] = set()  # DefinitionIds that nobody defined

    def port(self) -> Port:
        """Return the functions."""
        return Port(
            self.batch,
            lambda: self._asked("everybody", list(self.records.values())),
            lambda since: self._asked(f"since {since}", list(self.records.values())),
            self.among,
            lambda: len(self.records),
            self.turns.append,
        )

    def add(self, **record: Any) -> Record:
        """Return a new customer."""
        number = str(len(self.records) + 1)
        self.records[number] = {"Id": number, "SyncToken": "0", **record}
        return self.records[number]

    def edit(self, found: str, **changes: Any) -> None:
        """Let somebody change a customer."""
        token = str(int(self.records[found]["SyncToken"]) + 1)
        self.records[found] = {**self.records[found], **changes, "SyncToken": token}

    def _asked(self, question: str, found: Sequence[Record]) -> Iterator[Record]:
        self.questions.append(question)
        if self.is_down:
            raise DOWN
        return iter(found)

    def among(self, name: str, values: Sequence[str]) -> Iterator[Record]:
        wanted = {normalize_display_name(value) for value in values}
        found = [
            record
            for record in self.records.values()
            if normalize_display_name(record.get(name, "")) in wanted
        ]
        return self._asked(f"{name} of {len(values)}", found)

    def batch(self, changes: Sequence[Change], request_id: str) -> list[Answer]:
        self.batches.append((request_id, list(changes)))
        spoil = self.script.pop(0) if self.script else None
        if isinstance(spoil, list):
            return spoil
        answers = [self._written(*change) for change in changes]
        return spoil(answers) if spoil else answers

    def _written(self, operation: str, record: Mapping[str, Any]) -> Answer:
        if operation == "create":
            return self._created(record)
        old = self.records.get(record["Id"])
        if old is None:
            return refused("610", "Object Not Found")
        if old["SyncToken"] != record["SyncToken"]:
            return refused("5010", "Stale Object Error")
        fields = {k: v for k, v in record.items() if k not in ("Id", "SyncToken", "sparse")}
        self.edit(record["Id"], **fields)
        return self._told(self.records[record["Id"]])

    def _created(self, record: Mapping[str, Any]) -> Answer:
        names = {one["DisplayName"] for one in self.records.values()} | self.taken
        name = normalize_display_name(record["DisplayName"])
        if name in map(normalize_display_name, names):
            return refused("6240", "The name supplied already exists.")
        return self._told(self.add(**record))

    def _told(self, record: Record) -> Answer:
        fields = record.get("CustomField") or []
        kept = [one for one in fields if one["DefinitionId"] not in self.drops]
        shown = {**record, "CustomField": kept} if fields else record
        return Answer(APPLIED, 200, record["Id"], record=shown)


def refused(code: str, error: str) -> Answer:
    """Return what QuickBooks says to one item of a batch."""
    return Answer(NOT_APPLIED, 200, error=f"{error} ({code})", code=code)
