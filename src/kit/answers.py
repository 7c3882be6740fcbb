"""What a remote side said: not applied, applied, or unknown; everything follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from src.kit.errors import AUTHORIZE_AGAIN, NOTHING_DONE, STOPPED_EARLY, Refused

NOT_APPLIED = "not applied"  # certainly without effect
APPLIED = "applied"  # certainly with effect: 2xx, parsed, id present
UNKNOWN = "unknown"  # the effect may or may not be there

# What to do about a refusal, where its status alone does not tell.
PERMANENT = "permanent"  # the same again would be refused again
RETRY = "retry"  # may go again later
SLOW_DOWN = "slow down"  # too many requests; everything waits, then it goes again
REREAD = "re-read"  # the record was changed meanwhile
REAUTHORIZE = "re-authorize"
STOP = "stop the run"  # nothing else would fare better
LOOK_UP = "look up"  # the request may be there already

NO_CONNECTION = 0  # the status of a request of which no byte left
UNAUTHORIZED = 401
THROTTLED = 429
# 408 and 409 do not say whether the request is still at work; 3xx and 5xx neither.
_SAYS_NOTHING = frozenset({408, 409, 499, *range(300, 400)})
# Refused at the door: the server neither worked on the request nor kept an answer.
_NOT_STORED = frozenset({NO_CONNECTION, UNAUTHORIZED, 403, THROTTLED})


class Answer(NamedTuple):
    """The outcome of one item of a request."""

    kind: str
    status_code: int = NO_CONNECTION
    remote_id: str = ""
    size: int = -1  # bytes the server says it holds, -1 where it does not say
    error: str = ""
    trace_id: str = ""
    duration_ms: int = 0
    retry_after: float = 0.0  # seconds the server asked for
    is_withdrawn: bool = False  # our side took the item back before it was complete
    code: str = ""  # the remote side's own code of the error
    advice: str = ""
    record: Mapping[str, Any] = {}  # what the remote side holds now

    @property
    def is_throttled(self) -> bool:
        """Return whether the remote side asked for fewer requests."""
        return self.status_code == THROTTLED or self.advice == SLOW_DOWN

    @property
    def is_unauthorized(self) -> bool:
        """Return whether somebody has to authorize again."""
        return self.status_code == UNAUTHORIZED or self.advice == REAUTHORIZE


class Found(NamedTuple):
    """One effect that the remote side shows."""

    remote_id: str
    size: int = -1
    name: str = ""
    entity_type: str = ""
    entity_id: str = ""
    key: str = ""  # what its mark says, empty = no mark of ours
    created_at: str = ""
    sync_token: str = ""


def kind_of(status_code: int) -> str:
    """Return what an HTTP status without a usable body says about a write."""
    if status_code >= 500 or status_code in _SAYS_NOTHING:
        return UNKNOWN
    return NOT_APPLIED


def is_stored(status_code: int) -> bool:
    """Return whether a server that honours request ids would replay this refusal."""
    return status_code not in _NOT_STORED and kind_of(status_code) == NOT_APPLIED


def may_be_repeated(answer: Answer) -> bool:
    """Return whether the same request may simply go again, under the same id."""
    return is_worth_another_try(answer) and not is_stored(answer.status_code)


def is_worth_another_try(answer: Answer) -> bool:
    """Return whether a refusal is about the moment, not about what was sent."""
    if answer.kind != NOT_APPLIED or answer.is_withdrawn:
        return False
    if answer.advice:
        return answer.advice in (RETRY, SLOW_DOWN)
    return answer.status_code in (NO_CONNECTION, THROTTLED)


class Unanswered(Refused):
    """A question was not answered; `answer` says how that went."""

    def __init__(self, question: str, answer: Answer) -> None:
        was_asked = answer.status_code or not answer.advice
        told = f"{question}: {answer.error}" if was_asked else answer.error
        self.answer = answer
        if self.exit_code == STOPPED_EARLY and "try again" not in told.casefold():
            told += "; try again later"
        super().__init__(told)

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """Return the exit code of a run that cannot go on without the answer."""
        if self.answer.is_unauthorized:
            return AUTHORIZE_AGAIN
        is_down = self.answer.kind == UNKNOWN or is_worth_another_try(self.answer)
        return STOPPED_EARLY if is_down else NOTHING_DONE


def concerns_one(answer: Answer) -> bool:
    """Return whether an answer is about its item, not about the request as a whole."""
    return 200 <= answer.status_code < 300 or answer.is_withdrawn


def is_over(answer: Answer) -> bool:
    """Return whether an unclear answer was at least a whole one: an error, by its code."""
    return answer.kind == UNKNOWN and answer.code != "" and answer.status_code < 500


class Withdrawn(Exception):
    """An item is not what was promised (its file changed); nothing of it may be sent."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key
