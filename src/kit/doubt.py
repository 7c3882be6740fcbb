"""What became of requests whose answer nobody heard: found, absent, or for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from src.kit.answers import Found
from src.kit.memory import ABSENT, HELD, IN_DOUBT, Attempt
from src.kit.requests import RECOVERED, Desk, Item, Outcome, Request


UNTOLD = "nothing tells it there; look yourself, then decide adopt:<id> or send"


def requests_of(
    attempts: Iterable[Attempt], items: Mapping[str, Item]
) -> list[Request]:
    """Return the open attempts as the requests that they were."""
    grouped: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        grouped.setdefault(attempt.request_id, []).append(attempt)
    return [
        Request(
            request_id,
            tuple(items.get(one.key, Item(one.key)) for one in together),
            tuple(one.attempt for one in together),
            tries=0,
        )
        for request_id, together in grouped.items()
    ]


def conclude(
    desk: Desk,
    request: Request,
    hits: Sequence[Sequence[Found] | None],
    is_over: bool = False,
) -> list[Request]:
    """Write what became of a request; return what has to be sent again.

    `hits` are what was found of each item when nothing of the request could still be on
    its way, None where nothing could tell; that stays in doubt. Nothing of it there: the same whole request goes again, under its id. A part of it there: the
    server took the request without the rest, which goes file by file, under new ids; so
    does all of a request that `is_over` there, because its answer would be replayed.
    """
    arrived = any(hits) or desk.book.index.has_arrived(request.request_id)
    same_id = desk.id_of(request.items) == request.request_id
    for item, attempt, hit in zip(request.items, request.attempts, hits):
        error = "the request arrived without this one" if arrived else ""
        error = error or ("the request ended without an effect" if is_over else "")
        told = Outcome(item, ABSENT, request.request_id, attempt, error=error)
        if hit is None:
            told = told._replace(word=IN_DOUBT, error=UNTOLD)
        desk.write(verdict(told, hit) if hit else told)
    missing = [
        item for item, hit in zip(request.items, hits) if hit == [] and item.cargo is not None
    ]
    if len(missing) == len(request.items) and same_id and not (arrived or is_over):
        return [desk.again(request)]
    return [desk.alone(request, item) for item in missing]


def verdict(told: Outcome, hits: Sequence[Found]) -> Outcome:
    """Return the outcome of an item that the remote side shows once, or several times.

    One that is there in another size than was sent did not arrive as it left: held.
    """
    if len(hits) == 1:
        size, item = hits[0].size, told.item
        is_whole = item.cargo is None or size in (-1, item.size)
        error = "" if is_whole else f"{item.size} bytes were sent, {size} are there"
        word = RECOVERED if is_whole else HELD
        return told._replace(word=word, found=hits[0], error=error)
    ids = ", ".join(hit.remote_id for hit in hits)
    return told._replace(word=IN_DOUBT, error=f"is there {len(hits)} times: {ids}")
