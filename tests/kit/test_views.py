"""Views: what the log says, for people; each failure with what became of it."""

from typing import NamedTuple

import pytest

from src.kit import runlog, tables, views


class Row(NamedTuple):
    """A small log row."""

    name: str
    key: str
    outcome: str
    row_check: str


class Failure(NamedTuple):
    """The same row in the view."""

    name: str
    key: str
    outcome: str
    now: str


def fates(*said: str, key: bytes = b"k1") -> list[tuple[str, str]]:
    """Return outcome and fate of each failure, after these outcomes of one thing."""
    failures = views.Failures(Row, lambda row: row[0])
    for word in said:
        without = word == "file_missing"
        failures.learn([b"a.pdf", b"" if without else key, word.encode(), b"x"])
    return [(row[2].decode(), row[3].decode()) for row in failures.rows()]


@pytest.mark.parametrize(
    ("said", "view"),
    [
        ([], []),
        (["uploaded"], []),
        (["skipped_already_uploaded"], []),
        (["failed"], [("failed", "open")]),
        (["absent"], [("absent", "open")]),
        (["file_changed"], [("file_changed", "open")]),
        (["file_missing"], [("file_missing", "open")]),
        (["held"], [("held", "held")]),
        (["in_doubt"], [("in_doubt", "in_doubt")]),
        (["failed", "uploaded"], [("failed", "uploaded")]),
        (["in_doubt", "recovered"], [("in_doubt", "recovered")]),
        (["held", "adopted"], [("held", "adopted")]),
        (["failed", "failed"], [("failed", "open")] * 2),
        (["failed", "failed", "uploaded"], [("failed", "uploaded")] * 2),
        (["failed", "in_doubt"], [("failed", "in_doubt"), ("in_doubt", "in_doubt")]),
        (["in_doubt", "absent"], [("in_doubt", "open"), ("absent", "open")]),
        (["file_missing", "uploaded"], [("file_missing", "uploaded")]),
        (["failed", "uploaded", "removed"], [("failed", "removed")]),
        (["failed", "closed"], [("failed", "removed")]),
        (["failed", "skipped_repeated_row"], [("failed", "open")]),
        (["uploaded", "removed", "failed"], [("failed", "open")]),
    ],
)
def test_each_failure_says_what_became_of_it(said, view):
    assert fates(*said) == view


def test_another_thing_changes_nothing():
    failures = views.Failures(Row, lambda row: row[0])

    failures.learn([b"a.pdf", b"k1", b"failed", b"x"])
    failures.learn([b"b.pdf", b"k2", b"uploaded", b"x"])

    assert [row[3] for row in failures.rows()] == [b"open"]


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a;b", "=1+1", "00123", "it's", "a\nb", ""])
def test_cells_keep_their_escapes_and_guards(name, tmp_path):
    line = tables.line_of(Row)(tables.checked((name, "k1", "failed")))
    (tmp_path / "log.csv").write_bytes(tables.encoded_header(Row) + line.encode())
    rows = list(runlog.rows(tmp_path / "log.csv", Row))

    count = views.write_raw(tmp_path / "view.csv", Row, rows)

    assert count == 1
    assert (tmp_path / "view.csv").read_bytes() == (tmp_path / "log.csv").read_bytes()
