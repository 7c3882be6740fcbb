"""The books: what a run can rely on, and what it is told to doubt."""

from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

import pytest

from src.kit import receipts, runlog
from src.kit.appender import Appender
from src.kit.book import Book, Intent, Shelf, journal_attempts
from src.kit.clock import Clock
from src.kit.logbook import Author
from src.kit.memory import Attempt, key_of
from src.kit.tables import Number

CLOCK = Clock(lambda: datetime(2026, 11, 20, tzinfo=timezone.utc))
KEYS = [key_of([name]) for name in "abc"]


class Row(NamedTuple):
    """The columns that the books need."""

    seq: Number
    key: str
    request_id: str
    attempt: Number
    status_code: Number
    outcome: str
    error: str
    row_check: str


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    log, journal = tmp_path / "log.csv", tmp_path / "inflight.csv"
    return Shelf(log, journal, "logs/log.csv", Row, ("seq", "key"), "1")


def opened(shelf: Shelf) -> Book:
    return Book(shelf, Author("run-1", "door", CLOCK))


def doubts(shelf: Shelf) -> list[str]:
    book = opened(shelf)
    book.close()
    return book.doubts


def uploaded(book: Book, *keys: str, attempt: int = 1) -> None:
    """Begin, commit and note an upload of each key."""
    attempts = [Attempt(key, attempt, "r1") for key in keys]
    book.intend(attempts)
    book.commit()
    for key in keys:
        book.note((book.next_seq(), key, "r1", str(attempt), "200", "uploaded", ""))


def ended(shelf: Shelf, *keys: str) -> None:
    """Leave the books as a clean run does."""
    book = opened(shelf)
    uploaded(book, *keys)
    book.seal("3")
    book.empty_journal()
    book.close()


# --- a clean end ----------------------------------------------------------------------


def test_after_a_clean_end_nothing_is_doubted(shelf):
    ended(shelf, *KEYS)

    book = opened(shelf)

    assert (book.doubts, book.repairs, book.index.doubtful) == ([], [], [])
    assert (book.has_history, book.sealed_count) == (True, "3")
    assert all(map(book.index.is_done, KEYS))


def test_where_there_was_no_run_there_is_nothing_to_doubt(shelf):
    book = opened(shelf)

    assert (book.doubts, book.has_history, book.sealed_count) == ([], False, "")


def test_a_clean_end_empties_the_journal(shelf):
    ended(shelf, *KEYS)

    assert list(journal_attempts(shelf.journal)) == []


def test_run_after_run_is_sealed(shelf):
    for key in KEYS:
        ended(shelf, key)

    assert doubts(shelf) == []
    assert receipts.last(shelf.log.parent, shelf.place, receipts.SEAL).rows == "3"


def test_row_numbers_go_on(shelf):
    ended(shelf, *KEYS)

    assert opened(shelf).next_seq() == "4"


def test_a_count_of_another_realm_says_nothing(shelf):
    ended(shelf, *KEYS)

    assert opened(shelf._replace(realm="2")).sealed_count == ""


# --- what is doubted ------------------------------------------------------------------


def changed_row(shelf: Shelf) -> None:
    shelf.log.write_bytes(shelf.log.read_bytes().replace(b"uploaded", b"failed", 1))


def missing_row(shelf: Shelf) -> None:
    shelf.log.write_bytes(b"".join(shelf.log.read_bytes().splitlines(True)[:-1]))


def swapped_rows(shelf: Shelf) -> None:
    header, first, *rest = shelf.log.read_bytes().splitlines(True)
    shelf.log.write_bytes(b"".join([header, *rest, first]))


def repeated_row(shelf: Shelf) -> None:
    lines = shelf.log.read_bytes().splitlines(True)
    shelf.log.write_bytes(b"".join([*lines, lines[-1]]))


def unmeant_row(shelf: Shelf, key: str = "k" + 32 * "?") -> None:
    log = Appender(shelf.log, Row)
    log.append([("9", key, "r1", "1", "200", "uploaded", "")])
    log.close()


def torn_row(shelf: Shelf) -> None:
    shelf.log.write_bytes(shelf.log.read_bytes()[:-4])


def empty_log(shelf: Shelf) -> None:
    shelf.log.write_bytes(b"")


def no_log(shelf: Shelf) -> None:
    shelf.log.unlink()


def no_receipts(shelf: Shelf) -> None:
    (shelf.log.parent / "receipts.csv").unlink()


def another_dialect(shelf: Shelf) -> None:
    shelf.log.write_bytes(shelf.log.read_bytes().decode("utf-8-sig").encode("utf-16"))


def damaged_journal(shelf: Shelf) -> None:
    shelf.journal.write_bytes(shelf.journal.read_bytes() + b"nonsense\n")


def unmeant_journal(shelf: Shelf) -> None:
    journal = Appender(shelf.journal, Intent)
    journal.append([("2026-11-20T00:00:00.000000+00:00", "run-1", "k12", "one", "r1")])
    journal.close()


def torn_journal(shelf: Shelf) -> None:
    shelf.journal.write_bytes(shelf.journal.read_bytes() + b"2026-11-20T00:0")


def killed_run(shelf: Shelf) -> None:
    book = opened(shelf)
    uploaded(book, KEYS[0], attempt=2)
    book.commit()
    book.close()


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (changed_row, "the log was changed since the last run"),
        (missing_row, "rows of the log are missing"),
        (swapped_rows, "the log was changed since the last run"),
        (repeated_row, "the log has rows that no run wrote"),
        (unmeant_row, "1 damaged row(s) in the log"),
        (torn_row, "the logs had to be mended"),
        (torn_row, "rows of the log are missing"),
        (empty_log, "rows of the log are missing"),
        (no_log, "rows of the log are missing"),
        (no_receipts, "the last run was not ended cleanly"),
        (another_dialect, "the logs had to be mended"),
        (damaged_journal, "the journal has a damaged row"),
        (unmeant_journal, "the journal has a damaged row"),
        (torn_journal, "the logs had to be mended"),
        (killed_run, "the log has rows that no run wrote"),
    ],
)
def test_what_happened_to_the_books_is_doubted(shelf, deed, said):
    ended(shelf, *KEYS)

    deed(shelf)

    assert said in doubts(shelf)


def test_a_row_without_meaning_is_doubted_until_it_is_sealed(shelf):
    ended(shelf, *KEYS)
    unmeant_row(shelf)
    ended(shelf)

    assert doubts(shelf) == []


def test_a_deleted_journal_of_a_clean_run_is_nothing_to_doubt(shelf):
    ended(shelf, *KEYS)
    shelf.journal.unlink()

    assert doubts(shelf) == []


def test_a_first_run_that_was_killed_is_doubted(shelf):
    killed_run(shelf)

    book = opened(shelf)

    assert "the last run was not ended cleanly" in book.doubts
    assert book.has_history


def test_a_log_that_was_opened_and_never_sealed_is_doubted(shelf):
    ended(shelf, *KEYS)
    book = opened(shelf)
    book.open()
    book.close()

    assert "the last run was not ended cleanly" in doubts(shelf)


# --- intents --------------------------------------------------------------------------


def test_intents_are_in_the_file_before_commit_returns(shelf):
    book = opened(shelf)
    attempts = [Attempt(key, 1, "r1") for key in KEYS]

    book.intend(attempts)
    assert list(journal_attempts(shelf.journal)) == []

    book.commit()
    assert list(journal_attempts(shelf.journal)) == attempts


def test_an_intent_without_outcome_is_open_in_the_next_run(shelf):
    book = opened(shelf)
    book.intend([Attempt(KEYS[0], 1, "r1"), Attempt(KEYS[1], 1, "r1")])
    book.commit()
    book.note((book.next_seq(), KEYS[0], "r1", "1", "200", "uploaded", ""))
    book.commit()
    book.close()

    assert opened(shelf).index.doubtful == [Attempt(KEYS[1], 1, "r1")]


def test_outcomes_are_in_the_file_after_commit_and_a_thousand_of_them_at_once(shelf):
    book = opened(shelf)
    for _ in range(1001):
        uploaded_row = (book.next_seq(), KEYS[0], "r1", "1", "200", "uploaded", "")
        book.note(uploaded_row)

    assert len(list(runlog.rows(shelf.log, Row))) == 1000
    book.commit()
    assert len(list(runlog.rows(shelf.log, Row))) == 1001


def test_journal_rows_are_read_with_their_damage(shelf):
    killed_run(shelf)
    shelf.journal.write_bytes(shelf.journal.read_bytes() + b"x\n")

    assert list(journal_attempts(shelf.journal)) == [Attempt(KEYS[0], 2, "r1"), None]
    assert len(list(runlog.rows(shelf.journal, Intent))) == 2
