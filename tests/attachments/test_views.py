"""The two views of the run log: what failed and what became of it, what was met again."""

from __future__ import annotations

import pytest

from src.attachments import views
from src.attachments.records import DUPS, ERRORS, RUNLOG, Attempt, Duplicate, Failure
from src.kit import tables

WORDS = ("failed", "file_missing", "in_doubt", "absent", "held", "file_changed")


def log_of(desk, *rows: tuple[str, str]) -> None:
    """Write a run log of (file, outcome) rows, one key per file."""
    blank = Attempt(*[""] * len(Attempt._fields))
    made = []
    for number, (name, outcome) in enumerate(rows, 1):
        key = f"k{ord(name[0]):032x}"
        row = blank._replace(
            seq=str(number),
            ts=f"2026-11-20T09:00:{number:02}+00:00",
            file_name=name,
            file_path=f"Attach/{name}",
            key=key,
            attempt="1",
            outcome=outcome,
        )
        made.append(tables.checked(row[:-1]))
    tables.write(desk.path(RUNLOG), Attempt, made)
    write(desk)


def write(desk) -> None:
    views.write(desk.path(RUNLOG), desk.path(ERRORS), desk.path(DUPS))


@pytest.mark.parametrize(
    ("words", "now"),
    [
        (["failed"], "open"),
        (["failed", "uploaded"], "uploaded"),
        (["failed", "failed", "uploaded"], "uploaded"),
        (["in_doubt"], "in_doubt"),
        (["in_doubt", "absent"], "open"),
        (["in_doubt", "recovered"], "recovered"),
        (["held"], "held"),
        (["held", "adopted"], "adopted"),
        (["failed", "uploaded", "removed"], "removed"),
        (["file_missing"], "open"),
        (["file_changed", "uploaded"], "uploaded"),
    ],
)
def test_every_failed_attempt_says_what_became_of_its_file(desk, words, now):
    log_of(desk, *[("a.pdf", word) for word in words])

    rows = desk.errors()

    assert [row.outcome for row in rows] == [word for word in words if word in WORDS]
    assert {row.now for row in rows} == {now}


@pytest.mark.parametrize("word", ["uploaded", "skipped_already_uploaded", "not_attempted"])
def test_what_did_not_fail_is_no_error(desk, word):
    log_of(desk, ("a.pdf", word))

    assert desk.errors() == []


def test_the_errors_have_the_logs_columns_without_the_check_and_now():
    assert Failure._fields == (*Attempt._fields[:-1], "now")


def test_the_duplicates_have_the_columns_of_the_contract():
    assert " ".join(Duplicate._fields) == (
        "qbo_entity_type qbo_entity_id file_name file_path first_uploaded_at "
        "times_skipped last_skipped_at outcome"
    )


def test_a_file_met_again_is_one_row_however_often_it_was_met(desk):
    again = ("a.pdf", "skipped_already_uploaded")
    log_of(desk, ("a.pdf", "uploaded"), again, ("b.pdf", "uploaded"), again, again)

    (row,) = desk.dups()

    assert (row.file_name, row.times_skipped) == ("a.pdf", "3")
    assert row.first_uploaded_at == "2026-11-20T09:00:01+00:00"
    assert row.last_skipped_at == "2026-11-20T09:00:05+00:00"


def test_a_row_that_was_damaged_says_nothing_in_the_views(desk):
    log_of(desk, ("a.pdf", "failed"), ("b.pdf", "failed"))
    path = desk.path(RUNLOG)
    path.write_bytes(path.read_bytes().replace(b"Attach/a.pdf", b"Attach/z.pdf"))

    write(desk)

    assert [row.file_name for row in desk.errors()] == ["b.pdf"]
