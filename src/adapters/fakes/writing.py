"""Writes to a simulated company's records, each answered once per request id."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol, Union

from src.adapters.fakes import custom_fields, rules
from src.adapters.fakes.records import Records, Version
from src.adapters.fakes.refusal import Refusal
from src.adapters.qbo_errors import SYSTEM_FAULT

Record = dict[str, Any]


class Company(Protocol):
    """What writes need of the company."""

    definitions: Mapping[str, str]  # the name of each custom field, by its id

    @property
    def records(self) -> Records:
        """Return the records beside the attached files."""

    def read(self, entity: str, found: str) -> Record:
        """Return one record; raises Refusal."""

    def new_id(self, entity: str) -> str:
        """Return the next id."""


class Writing:
    """What becomes of writes; whoever calls holds the company's lock."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._answers: dict[str, Union[Record, Refusal]] = {}  # by request id

    def remember(self, version: Version) -> None:
        """Let a version be the answer to whoever repeats its request."""
        self._answers[version.request_id] = _answered(version)

    def write(self, new: Version, body: Mapping[str, Any]) -> Record:
        """Create, update or delete a record and return it; raises Refusal."""
        return self._once(new, lambda: self._written(new, body))

    def refuse(self, new: Version, refusal: Refusal) -> Record:
        """Raise a refusal, unless the request was answered before."""

        def refused() -> Record:
            raise refusal

        return self._once(new, refused)

    def _once(self, new: Version, act: Callable[[], Record]) -> Record:
        """Return what an act says, and say the same to whoever repeats the request."""
        request_id = new.request_id
        if request_id in self._answers and request_id:
            return _again(self._answers[request_id])
        try:
            answer: Union[Record, Refusal] = act()
        except Refusal as refusal:
            if refusal.fault.code == SYSTEM_FAULT:  # a breakdown is no answer to keep
                raise
            said = f"{refusal.status}:{refusal.fault.code}"
            if request_id:
                detail = json.dumps(refusal.fault.detail)
                self._company.records.refuse(new._replace(code=said, body=detail))
            answer = refusal
        if request_id:
            self._answers[request_id] = answer
        return _again(answer)

    def _written(self, new: Version, body: Mapping[str, Any]) -> Record:
        company, records = self._company, self._company.records
        if new.entity in rules.READ_ONLY or new.operation not in ("create", "update", "delete"):
            detail = f"Operation {new.operation} is not supported on {new.entity}."
            raise Refusal("500", detail, "Operation")
        body = custom_fields.kept(new.entity, body, company.definitions)
        if new.operation == "create":
            return records.create(new.entity, body, new._replace(id=company.new_id(new.entity)))
        found = str(body.get("Id") or "")
        if not found:
            raise Refusal("2020", "Required parameter Id is missing", "Id")
        old = company.read(new.entity, found)
        if new.operation == "update":
            return records.update(old, body, new._replace(id=found))
        if new.entity in rules.NAMES:
            raise Refusal("500", "Operation delete is not supported.", "Operation")
        return records.delete(old, body, new._replace(id=found))


def known(entity: str) -> str:
    """Return an entity's name as QuickBooks spells it; raises Refusal."""
    folded = entity.casefold()
    read_only = {name.casefold(): name for name in rules.READ_ONLY}
    name = rules.ENTITIES.get(folded) or read_only.get(folded)
    if not name:
        raise Refusal("500", f"Unsupported Operation : {entity} is no entity", entity)
    return name


def _again(answer: Union[Record, Refusal]) -> Record:
    if isinstance(answer, Refusal):
        raise answer
    return answer


def _answered(version: Version) -> Union[Record, Refusal]:
    if not version.code:
        return json.loads(version.body)
    status, _, code = version.code.partition(":")
    return Refusal(code, json.loads(version.body), status=int(status))
