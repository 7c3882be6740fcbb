"""What is done, asked of many at once: it is what the uploader's own memory says."""

from __future__ import annotations

import random

import pytest

from src.kit import cells
from src.kit.memory import Index, key_of
from src.mis.records import Pushed
from src.office.sent import Sent

SAME = ("type", "mis_id")
AT = {name: place for place, name in enumerate(Pushed._fields)}


def raw(type_: str, mis_id: str, outcome: str, **more: str) -> list[bytes]:
    said = {"type": type_, "mis_id": mis_id, "outcome": outcome, "attempt": "1", **more}
    written = [cells.guard(cells.escape(said.get(name, ""))) for name in AT]
    return [cell.encode() for cell in written]


def asked(rows: list[list[bytes]], *looks: tuple[str, str]) -> list[bool]:
    sent, index = Sent(Pushed, SAME), Index(Pushed, ())
    sent.learn(rows)
    index.learn(rows)
    return sent.are_done(index.undone, list(zip(*looks)))


def keyed(name: str, outcome: str, type_: str = "Student") -> list[bytes]:
    return raw(type_, name, outcome, key=key_of([name]))


@pytest.mark.parametrize("name", ["7", "00123", "a\\b", "O'Neil", "'t Hooft", "é", "=1", ""])
def test_a_thing_is_known_by_what_its_cells_mean(name):
    rows = [keyed(name, "uploaded")]

    assert asked(rows, ("Student", name), ("Applicant", name)) == [True, False]


def test_what_was_taken_back_is_not_done():
    rows = [keyed("1", "uploaded"), keyed("2", "created"), keyed("2", "removed")]

    assert asked(rows, ("Student", "2"), ("Student", "1")) == [False, True]


def test_what_was_skipped_because_it_is_there_is_done_at_its_place_too():
    rows = [keyed("1", "uploaded"), keyed("1", "skipped_already_uploaded", "Copy")]

    assert asked(rows, ("Copy", "1")) == [True]


def test_a_row_without_a_key_says_nothing():
    assert asked([raw("Student", "1", "created")], ("Student", "1")) == [False]


def test_it_says_what_the_memory_says_of_each():
    dice = random.Random(14)
    words = ["uploaded", "created", "failed", "removed", "in_doubt", "absent", "held"]
    names = [str(number) for number in range(30)]
    rows = [keyed(dice.choice(names), dice.choice(words)) for _ in range(200)]
    index = Index(Pushed, SAME)
    index.learn(rows)

    looks = [("Student", name) for name in names]
    assert asked(rows, *looks) == [bool(index.unchanged(look)) for look in looks]
