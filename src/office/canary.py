"""The canary: one small file, uploaded twice under one request id, and taken away again.

It measures what Intuit does not promise for uploads: whether a request id is honoured, and
whether the mark in `Tag` comes back and can be asked for. The answer is in the receipts.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import NamedTuple

from src.adapters.qbo import Attachables, Change, Company
from src.config import Settings
from src.kit import receipts
from src.kit.answers import APPLIED, Unanswered
from src.kit.clock import Clock
from src.office import connect

DOOR = "auth_qbo_demo"
LONGEST_LAG = 20.0  # seconds until a query must show what was uploaded
LOOK_EVERY = 0.5
HONOURED, IGNORED = "honoured", "ignored"
LISTED = "listed"


class Probe(NamedTuple):
    """A file that is attached to nothing."""

    key: str
    name: str = "carryover canary.txt"
    content: bytes = b"Carryover measures request ids and marks; this file may be deleted.\n"
    entity_type: str = ""
    entity_id: str = ""
    content_type: str = "text/plain"

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return len(self.content)

    def blocks(self) -> Iterator[bytes]:
        """Yield the content."""
        yield self.content


def measure(settings: Settings, run_id: str, clock: Clock) -> str:
    """Return the verdict as a sentence, and write it into the receipts.

    Raises Refused where the company does not take the file.
    """
    company = connect.company(settings, clock)
    probe = Probe(f"canary-{uuid.uuid4().hex}")  # no key: no log will look for it
    with connect.realm_lock(settings):
        manners = connect.courtesy(settings, run_id, clock)
        looks = Attachables(connect.query(company, manners))
        ids: list[str] = []
        try:
            ids = _uploaded_twice(company, probe, ids)
            is_listed = _is_listed(looks, probe.key, clock)
        finally:
            left = _left_behind(company, looks, probe.key, ids)
    verdict = {
        "request_ids": HONOURED if len(set(ids)) == 1 else IGNORED,
        "mark": LISTED if is_listed else connect.MISSING,
    }
    row = (clock.timestamp(), run_id, DOOR, receipts.CANARY, settings.qbo_realm_id)
    detail = receipts.words(verdict)
    receipts.append(settings.log_dir, (*row, str(len(set(ids))), "", detail))
    note = f"; delete attachable {', '.join(left)} by hand" if left else ""
    return f"canary: {sentence(settings)}{note}"


def _uploaded_twice(company: Company, probe: Probe, ids: list[str]) -> list[str]:
    """Return the ids that two uploads got; `ids` has them also where one fails."""
    request_id = str(uuid.uuid4())
    for _ in range(2):
        answer = company.upload([probe], request_id)[0]
        if answer.kind != APPLIED:
            raise Unanswered("the canary was not taken", answer)
        ids.append(answer.remote_id)
    return ids


def _is_listed(looks: Attachables, key: str, clock: Clock) -> bool:
    """Return whether a mark can be asked for within the time that queries may lag."""
    until = clock.monotonic() + LONGEST_LAG
    while not looks.find([key]):
        if clock.monotonic() > until:
            return False
        clock.sleep(LOOK_EVERY)
    return True


def _left_behind(
    company: Company, looks: Attachables, key: str, ids: list[str]
) -> list[str]:
    """Take away every file of the canary; return the ids of those that could not be."""
    try:  # an upload whose answer was lost may be there too
        marked = [found.remote_id for found in looks.find([key]).get(key, [])]
    except Unanswered:
        marked = []
    return [one for one in dict.fromkeys([*ids, *marked]) if not _is_deleted(company, one)]


def _is_deleted(company: Company, found: str) -> bool:
    try:
        record = company.read("Attachable", found)
    except Unanswered:
        return False
    return company.write(Change("delete", "Attachable", record)).kind == APPLIED


def sentence(settings: Settings) -> str:
    """Return what was measured, as a sentence, or how to measure it."""
    found = connect.canary_of(settings)
    if found is None:
        return 'not measured; run "python -m src.auth_qbo_demo canary"'
    ids, mark = (receipts.value(found, name) for name in ("request_ids", "mark"))
    return f"request ids are {ids}, marks are {mark} (measured {found.ts[:10]})"
