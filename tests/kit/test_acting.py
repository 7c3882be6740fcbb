"""Log rows that follow from no request: sealed if the books were relied on before."""

from __future__ import annotations

import pytest

from src.attachments.records import Attempt
from src.kit import acting, receipts
from src.kit.book import Shelf
from src.kit.clock import REAL
from src.kit.logbook import Author
from src.kit.memory import key_of

PLACE = "logs/log.csv"


def shelf(tmp_path) -> Shelf:
    return Shelf(
        tmp_path / "log.csv", tmp_path / "inflight.csv", PLACE, Attempt, ("key",), "1"
    )


def row(name: str) -> tuple[str, ...]:
    blank = Attempt(*[""] * len(Attempt._fields))
    return blank._replace(seq="1", key=key_of([name]), outcome="adopted")[:-1]


def recorded(tmp_path, *names: str) -> int:
    with acting.open_book(shelf(tmp_path), Author("run", "door", REAL)) as book:
        return acting.record(book, map(row, names), lambda: "7")


def kinds(tmp_path) -> list[str]:
    return [one.kind for one in receipts.read(tmp_path)]


def test_rows_are_sealed_with_the_count(tmp_path):
    assert recorded(tmp_path, "a", "b") == 2

    seal = receipts.last(tmp_path, PLACE, receipts.SEAL)
    assert (seal.rows, receipts.value(seal, "remote")) == ("2", "7")


def test_without_rows_nothing_is_written(tmp_path):
    assert recorded(tmp_path) == 0

    assert kinds(tmp_path) == []


@pytest.mark.parametrize("times", [1, 2])
def test_rows_after_an_unclean_end_are_not_sealed(tmp_path, times):
    with acting.open_book(shelf(tmp_path), Author("run", "door", REAL)) as book:
        book.open()

    for _ in range(times):
        recorded(tmp_path, "a")

    assert kinds(tmp_path) == [receipts.OPEN] * (1 + times)


def test_rows_beside_an_open_attempt_are_not_sealed(tmp_path):
    with acting.open_book(shelf(tmp_path), Author("run", "door", REAL)) as book:
        book.intend([(key_of(["b"]), 1, "request")])
        book.commit()

    recorded(tmp_path, "a")

    assert receipts.SEAL not in kinds(tmp_path)
