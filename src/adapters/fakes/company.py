"""A simulated QuickBooks Online company, in process: the face that pipelines use."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Union

from src.adapters import qbo_errors
from src.adapters.fakes import custom_fields, ledger
from src.adapters.fakes.core import Core, Incoming
from src.adapters.fakes.ledger import REFUSED, Effect
from src.adapters.fakes.refusal import Refusal
from src.adapters.fakes.scenario import (
    Asked,
    Faults,
    Temper,
    is_without_effect,
    refusal_of,
)
from src.adapters.qbo import (
    LARGEST_BATCH,
    MARK,
    Change,
    File,
    Inclusion,
    entity_in,
    withdrawn_answers,
)
from src.adapters.qbo_errors import CODES, Fault
from src.kit import answers as said
from src.kit.answers import Answer, Unanswered, Withdrawn
from src.kit.clock import Clock

MESSAGES = {
    401: "Token expired (3200)",
    403: "ApplicationAuthorizationFailed (3100)",
    429: "ThrottleExceeded (3001)",
    500: "An application error has occurred (10000)",
    503: "Service Unavailable",
}
REFUSED_TOKEN = "401"  # a fate: over HTTP it is renewed once, and the request repeated
NO_ANSWER = "connection closed without an answer"


Written = Union[dict[str, Any], Refusal]


class FakeQboSession(NamedTuple):
    """What stands for an authorized session; the simulated company asks for none."""

    name: str = "fake-qbo-session"

    def __str__(self) -> str:
        return self.name


class FakeCompany:
    """The company in a folder; safe for several threads, one process.

    `with_custom_fields`: everything about customers shows theirs.
    """

    def __init__(
        self,
        folder: Path,
        temper: Temper,
        clock: Clock,
        with_custom_fields: bool = False,
    ) -> None:
        self._inclusion = Inclusion(with_custom_fields)
        self._folder, self._temper, self._clock = folder, temper, clock
        self._core = Core(folder, clock)
        self._faults = Faults(folder, temper)
        self._is_open = False
        self._calls = 0

    def _open(self) -> None:
        """Rebuild the company's state from its files, at the first write."""
        if self._is_open:
            return
        for effect in self._core.remember(self._temper.request_ids == "honoured"):
            self._faults.met(effect.file_name)
            if effect.status == ledger.FAILED:
                self._faults.failed([effect.tag.removeprefix(MARK)])
        self._is_open = True

    # --- questions --------------------------------------------------------------------

    def query(self, statement: str) -> dict[str, Any]:
        """Return the QueryResponse to a statement."""
        found = _asked(lambda: self._core.query(statement))
        if self._inclusion.in_question(entity_in(statement)):
            return found
        return {name: _shown(value) for name, value in found.items()}

    def read(self, entity: str, found: str) -> dict[str, Any]:
        """Return one record."""
        record = _asked(lambda: self._core.read(entity, found))
        is_included = self._inclusion.in_question(entity)
        return dict(record if is_included else custom_fields.without(record))

    def changes_since(self, entities: Sequence[str], moment: str) -> dict[str, list]:
        """Return the records of each entity that changed since a moment."""
        found = _asked(lambda: self._core.changes(entities, moment))
        return dict(zip(entities, map(_shown, found)))

    def download(self, attachable_id: str) -> bytes:
        """Return an attachable's content; in process the company keeps none."""
        return _asked(lambda: self._core.content(attachable_id).read_bytes())

    # --- uploads ----------------------------------------------------------------------

    def upload(self, files: Sequence[File], request_id: str) -> list[Answer]:
        """Attach files in one request; return an answer per file, in their order."""
        began = time.perf_counter()
        with self._core.lock:
            self._open()
            found = self._answer(files, request_id)
            took = round((time.perf_counter() - began) * 1000)
        return [one._replace(duration_ms=took, trace_id=self._tid()) for one in found]

    def _tid(self) -> str:
        self._calls += 1
        return f"1-{int(self._clock.now().timestamp()):08x}-{self._calls:012x}"

    def _answer(self, files: Sequence[File], request_id: str) -> list[Answer]:
        fate, own = self._faults.fate([file.name for file in files], files[0].key)
        arrived = [_incoming(file, one or fate) for file, one in zip(files, own)]
        if is_without_effect(fate):
            self._core.fail(arrived, request_id, fate)
            self._faults.failed(file.key for file in files)
            return [_failed(fate)] * len(files)
        effects = None
        if self._temper.request_ids != "ignored":
            effects = self._core.replayed(request_id)
        if effects is None:
            try:
                effects = self._core.attach(arrived, request_id, fate == "wrong_size")
            except Withdrawn as withdrawn:
                return withdrawn_answers(files, withdrawn)
            if fate.endswith("_applied"):
                return [_failed(fate)] * len(files)
        return [_answer_of(effect) for effect in effects]

    # --- other writes -----------------------------------------------------------------

    def write(self, change: Change, request_id: str = "") -> Answer:
        """Create, update or delete one record."""
        with self._core.lock:
            self._open()
            asked = _as_asked(change, request_id)
            fate = self._faults.of_write(asked)
            if fate == REFUSED_TOKEN:
                fate = self._faults.of_write(asked)
            if is_without_effect(fate):
                return self._traced(_failed(fate))
            found = self._written(change, request_id, fate)
            if fate.endswith("_applied"):
                return self._traced(_failed(fate))
            return self._traced(_told(found, self._inclusion.in_writes([change])))

    def batch(self, changes: Sequence[Change], request_id: str = "") -> list[Answer]:
        """Carry out up to 30 changes in one request; one that fails leaves the others."""
        assert len(changes) <= LARGEST_BATCH
        with self._core.lock:
            self._open()
            ids = [f"{request_id}b{n}" if request_id else "" for n in range(len(changes))]
            asked = list(map(_as_asked, changes, ids))
            fate, own = self._faults.of_batch(asked, request_id)
            if fate == REFUSED_TOKEN:
                fate, own = self._faults.of_batch(asked, request_id)
            if refused := refusal_of(fate):
                return [self._traced(_of_whole_batch(refused))] * len(changes)
            if is_without_effect(fate):
                return [self._traced(_failed(fate))] * len(changes)
            found = list(map(self._written, changes, ids, own))
            if fate.endswith("_applied"):
                return [self._traced(_failed(fate))] * len(changes)
            shows, tid = self._inclusion.in_writes(changes), self._tid()
            told = (_told(one, shows, 200) for one in found)
            return [one._replace(trace_id=tid) for one in told]

    def _written(self, change: Change, request_id: str, fate: str) -> Written:
        """Return the record that a change makes, or its refusal."""
        if self._temper.request_ids == "ignored":
            request_id = ""
        refused = refusal_of(fate)
        try:
            if refused:
                return self._core.refuse(*change[:2], refused, request_id)
            return self._core.write(*change, request_id)
        except Refusal as refusal:
            return refusal


    def _traced(self, answer: Answer) -> Answer:
        """Return an answer with its trace, unless nothing at all came back."""
        return answer._replace(trace_id=self._tid()) if answer.status_code else answer


def _as_asked(change: Change, request_id: str) -> Asked:
    name = f"{change.operation} {change.entity}"
    return Asked(name, change.record, request_id)


def _told(found: Written, shows_custom_fields: bool, status: int = 0) -> Answer:
    """Return what a write is answered; a refusal in a batch has the batch's status."""
    if isinstance(found, Refusal):
        return qbo_errors.refusal(status or found.status, [found.fault])
    record = found if shows_custom_fields else custom_fields.without(found)
    return qbo_errors.success(record)


def _of_whole_batch(refused: Refusal) -> Answer:
    answer = qbo_errors.refusal(refused.status, [refused.fault])
    return qbo_errors.untold(answer) if refused.status == 200 else answer


def _shown(value: Any) -> Any:
    """Return a value of an answer; records without custom fields, if it has some."""
    is_list = isinstance(value, list)
    return list(map(custom_fields.without, value)) if is_list else value


def _asked(question: Callable[[], Any]) -> Any:
    try:
        return question()
    except Refusal as refusal:
        answer = qbo_errors.refusal(refusal.status, [refusal.fault])
        raise Unanswered("the question", answer) from None


def _incoming(file: File, fate: str) -> Incoming:
    """Return a file as it arrives; a fate such as 200:6041 is its refusal."""
    status, _, code = fate.partition(":")
    return Incoming(
        file.name,
        file.entity_type,
        file.entity_id,
        MARK + file.key,
        file.size,
        file.blocks,
        code=f"{status}:{code}" if code and status in ("200", "400") else "",
    )


def _failed(fate: str) -> Answer:
    status_text, _, wait = fate.partition("_")[0].partition(":")
    status = int(status_text) if status_text.isdigit() else 0
    applied = fate.endswith("_applied")
    kind = said.kind_of(status) if status and not applied else said.UNKNOWN
    error = MESSAGES.get(status, NO_ANSWER)
    return Answer(kind, status, error=error, retry_after=float(wait or 0))


def _answer_of(effect: Effect) -> Answer:
    if effect.status != REFUSED:
        return Answer(said.APPLIED, 200, effect.id, int(effect.size_bytes))
    status, code = effect.code.split(":")
    text = CODES[code].text if code in CODES else ""
    return qbo_errors.refusal(int(status), [Fault(code, text)])
