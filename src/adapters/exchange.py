"""What an HTTP exchange with an API comes to: sent or not, heard or not, how long."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from src.kit import answers as said
from src.kit import net
from src.kit.answers import Answer

LONGEST_TRACE_ID = 100  # characters in the log


class Heard(NamedTuple):
    """An answer as far as it was heard: what it said, and the body if it was good."""

    answer: Answer
    body: Mapping[str, Any] = {}
    raw: bytes = b""


class Line(NamedTuple):
    """The way to an API, and what tells its answers apart."""

    client: net.Client
    trace_header: str  # in lower case: the API's own id of an exchange
    understand: Callable[[net.Response], Heard]

    def ask(self, request: net.Request) -> Heard:
        """Return what came of one request; nothing is repeated."""
        began = time.monotonic()
        try:
            response = self.client.send(request)
        except net.NotSent as error:
            return Heard(Answer(said.NOT_APPLIED, error=str(error)))
        except net.Broken as error:
            return Heard(Answer(said.UNKNOWN, error=str(error), duration_ms=_ms(began)))
        heard = self.understand(response)
        answer = heard.answer._replace(
            trace_id=response.headers.get(self.trace_header, "")[:LONGEST_TRACE_ID],
            duration_ms=_ms(began),
            retry_after=net.retry_after(response.headers),
        )
        return heard._replace(answer=answer)


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def parsed_json(body: bytes) -> Any:
    """Return the value of a JSON text, None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # RecursionError: nested thousands deep
        return None
