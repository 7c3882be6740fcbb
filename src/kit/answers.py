"""What a remote side said: not applied, applied, or unknown; everything follows from it."""

from __future__ import annotations

from typing import NamedTuple

NOT_APPLIED = "not applied"  # certainly without effect
APPLIED = "applied"  # certainly with effect: 2xx, parsed, id present
UNKNOWN = "unknown"  # the effect may or may not be there

NO_CONNECTION = 0  # the status of a request of which no byte left
UNAUTHORIZED = 401
THROTTLED = 429
# 408 and 409 do not say whether the request is still at work; 5xx neither.
_SAYS_NOTHING = frozenset({408, 409})
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


class Found(NamedTuple):
    """One effect that the remote side shows."""

    remote_id: str
    size: int = -1
    name: str = ""
    entity_type: str = ""
    entity_id: str = ""
    key: str = ""  # what its mark says, empty = no mark of ours
    created_at: str = ""


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
    return (
        answer.kind == NOT_APPLIED
        and answer.status_code in (NO_CONNECTION, THROTTLED)
        and not answer.is_withdrawn
    )


class Withdrawn(Exception):
    """An item is not what was promised (its file changed); nothing of it may be sent."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key
