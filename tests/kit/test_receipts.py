"""Receipts: one file for all, appended under its lock, read in order."""

import os
from pathlib import Path

import pytest

from src.kit import receipts
from src.kit.errors import Refused
from src.kit.receipts import FILE, OPEN, RUN, SEAL

TS = "2026-11-20T09:15:42.000000+00:00"


def receipt(kind: str, subject: str, rows: int = 0, detail: str = "") -> tuple[str, ...]:
    return (TS, "run-1", "door", kind, subject, str(rows), "", detail)


def test_what_is_appended_is_read_in_order(tmp_path):
    receipts.append(tmp_path, receipt(RUN, "x"), receipt(FILE, "logs/a.csv", 3))
    receipts.append(tmp_path, receipt(SEAL, "logs/b.csv", 5))

    found = [(one.kind, one.subject, one.rows) for one in receipts.read(tmp_path)]

    assert found == [(RUN, "x", "0"), (FILE, "logs/a.csv", "3"), (SEAL, "logs/b.csv", "5")]


def test_no_receipts_are_no_error(tmp_path):
    assert list(receipts.read(tmp_path)) == []
    assert receipts.last(tmp_path, "logs/a.csv", FILE) is None


def test_the_newest_of_the_asked_kinds_about_the_asked_file_counts(tmp_path):
    for kind, subject, rows in (
        *((SEAL, "a", 1), (OPEN, "a", 2), (SEAL, "b", 3)),
        *((SEAL, "a", 4), (FILE, "a", 5), (RUN, "a", 6)),
    ):
        receipts.append(tmp_path, receipt(kind, subject, rows))

    assert receipts.last(tmp_path, "a", OPEN, SEAL).rows == "4"
    assert receipts.last(tmp_path, "a", FILE).rows == "5"
    assert receipts.last(tmp_path, "c", FILE) is None


def test_a_damaged_receipt_is_not_believed(tmp_path):
    receipts.append(tmp_path, receipt(SEAL, "a", 1), receipt(SEAL, "a", 2))
    path = tmp_path / "receipts.csv"
    path.write_bytes(path.read_bytes().replace(b",2,", b",3,"))

    assert receipts.last(tmp_path, "a", SEAL).rows == "1"


def test_a_torn_receipt_does_not_spoil_the_next(tmp_path):
    receipts.append(tmp_path, receipt(SEAL, "a", 1), receipt(SEAL, "a", 2))
    path = tmp_path / "receipts.csv"
    path.write_bytes(path.read_bytes()[:-9])

    receipts.append(tmp_path, receipt(SEAL, "a", 3))

    assert [one.rows for one in receipts.read(tmp_path)] == ["1", "3"]


@pytest.mark.parametrize(
    ("detail", "name", "value"),
    [
        ("realm=1 remote=58", "remote", "58"),
        ("realm=1 remote=", "remote", ""),
        ("realm=1", "remote", ""),
        ("", "realm", ""),
        ("a=b=c", "a", "b=c"),
    ],
)
def test_a_detail_is_words_with_values(detail, name, value, tmp_path):
    receipts.append(tmp_path, receipt(RUN, "x", detail=detail))

    assert receipts.value(receipts.last(tmp_path, "x", RUN), name) == value


def test_words_are_read_back():
    assert receipts.words({"a": 1, "b": "x"}) == "a=1 b=x"
    assert receipts.value(None, "a") == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork (no Windows)")
def test_four_processes_at_once_interleave_nothing(tmp_path):
    children = [os.fork() or append_many(tmp_path, number) for number in range(4)]
    codes = [os.waitpid(child, 0)[1] for child in children]

    found = [one.subject for one in receipts.read(tmp_path)]

    assert codes == [0] * 4
    assert sorted(found) == sorted(f"p{n}-{i}" for n in range(4) for i in range(25))
    assert len((tmp_path / "receipts.csv").read_bytes().splitlines()) == 101


def append_many(folder: Path, number: int) -> int:
    try:
        for i in range(25):
            receipts.append(folder, receipt(RUN, f"p{number}-{i}"))
        os._exit(0)
    except BaseException:
        os._exit(1)


def test_a_plan_that_nobody_made_is_refused_with_the_way_out(tmp_path):
    plan = tmp_path / receipts.TABLE.name
    with pytest.raises(Refused, match='not found; run "make demo" first'):
        receipts.of_plan(tmp_path, plan, receipts.TABLE)

    receipts.append(tmp_path, receipt(RUN, "x"))
    with pytest.raises(Refused, match="does not know this plan"):
        receipts.of_plan(tmp_path, plan, receipts.TABLE)


def test_the_newest_receipt_of_a_plan_counts(tmp_path):
    for rows in (1, 2):
        receipts.append(tmp_path, receipt(FILE, receipts.TABLE.place, rows))

    found = receipts.of_plan(tmp_path, tmp_path / "receipts.csv", receipts.TABLE)

    assert found.rows == "2"
