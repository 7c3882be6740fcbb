"""Which types a plan was asked for, and which run was the last to carry out one of each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from src.kit import receipts
from src.wms.records import ERRORS, PLAN

TYPES = "types"  # the kind of receipt; detail = the words


class Author(NamedTuple):
    """Who writes something down, and when."""

    ts: str
    run_id: str
    door: str


def note_planned(folder: Path, author: Author, types: Iterable[str]) -> None:
    """Write down what a plan was asked for."""
    _note(folder, author, PLAN.place, types)


def note_applied(folder: Path, author: Author, plan_run: str) -> None:
    """Write down that a run has met all that a plan was asked for."""
    for receipt in receipts.read(folder):
        if receipt.run_id == plan_run and is_of_plan(receipt):
            return _note(folder, author, ERRORS.place, types_of(receipt))
    return None


def is_of_plan(receipt: receipts.Receipt) -> bool:
    """Return whether a receipt tells what a plan was asked for."""
    return (receipt.kind, receipt.subject) == (TYPES, PLAN.place)


def types_of(receipt: receipts.Receipt) -> list[str]:
    """Return the types that a receipt of this kind tells of."""
    return receipts.value(receipt, TYPES).split(",")


def last_runs(folder: Path) -> dict[str, str]:
    """Return the run that was the last to meet all there is of a type, by type."""
    return {
        word: receipt.run_id
        for receipt in receipts.read(folder)
        if (receipt.kind, receipt.subject) == (TYPES, ERRORS.place)
        for word in types_of(receipt)
    }


def _note(folder: Path, author: Author, subject: str, types: Iterable[str]) -> None:
    words = sorted(types)
    detail = receipts.words({TYPES: ",".join(words)})
    receipts.append(folder, (*author, TYPES, subject, str(len(words)), "", detail))
