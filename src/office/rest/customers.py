"""The specification's customer synchronization over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from src.kit import web
from src.kit.web import Problem, Reply, Request
from src.mis.customer_sync import BATCH_SIZE
from src.mis.records import TYPES
from src.office.rest import syncs
from src.office.rest.operations import Number, Rest, answer, page, shown, told

BATCH = Number("batch_size", BATCH_SIZE, 1, 100, "how many customers go at a time")
FLAGS = {f"sync_{word}": word for word in TYPES}


def analyze(rest: Rest, request: Request) -> Reply:
    """Count applicants and students by status."""
    web.only(request.query)
    return answer(rest, "Customer statistics", told(rest.service.analyze))


def status(rest: Rest, request: Request) -> Reply:
    """Return how far everything is."""
    web.only(request.query)
    return answer(rest, "Customer synchronization", told(rest.service.status))


def preview(word: str) -> Callable[[Rest, Request], Reply]:
    """Return the view of those of a type who are not synchronized."""

    def view(rest: Rest, request: Request) -> Reply:
        wanted = page(request)
        data = told(partial(rest.service.preview, word, *wanted))
        return answer(rest, f"Unsynchronized {word}", data)

    return view


def start(word: str) -> Callable[[Rest, Request], Reply]:
    """Return the view that starts synchronizing one type."""

    def view(rest: Rest, request: Request) -> Reply:
        web.only(request.query)
        web.only(request.json, BATCH.name)
        batch_size = BATCH.of(request.json)
        return syncs.started(rest, rest.mis, [word], batch_size=batch_size)

    return view


def start_all(rest: Rest, request: Request) -> Reply:
    """Start synchronizing both types, or the one that is not left out."""
    web.only(request.query)
    web.only(request.json, BATCH.name, *FLAGS)
    batch_size = BATCH.of(request.json)
    wanted = {name: request.json.get(name, True) for name in FLAGS}
    for name, is_wanted in wanted.items():
        if not isinstance(is_wanted, bool):
            raise Problem(400, f"{name}={shown(is_wanted)}: is neither true nor false")
    words = [FLAGS[name] for name, is_wanted in wanted.items() if is_wanted]
    if not words:
        names = ", ".join(FLAGS)
        raise Problem(400, f"{names}: all are false; leave one of them true")
    return syncs.started(rest, rest.mis, words, batch_size=batch_size)
