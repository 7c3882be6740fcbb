"""What a log adds up to, and that following it says what reading it anew would say."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from src.kit.appender import Appender
from src.kit.book import Intent
from src.kit.following import Block
from src.kit.importing import BATCH, LogRow
from src.kit.memory import Attempt, key_of
from src.mis import counting
from src.mis.records import Pushed
from src.office import tallies
from src.office.tallies import Tally, fold

BLANK = Pushed(*[""] * len(Pushed._fields))
BATCH_ROW = LogRow(*[""] * len(LogRow._fields))
NINE, TEN = "2026-11-20T09:59:59.000000+00:00", "2026-11-20T10:00:01.000000+00:00"


def row(outcome: str, ts: str = NINE, run: str = "r1", **cells: str) -> Pushed:
    return BLANK._replace(ts=ts, run_id=run, outcome=outcome, **cells)


def attempt(name: str, outcome: str, number: int = 1, **cells: str) -> Pushed:
    key = {"key": key_of([name]), "attempt": str(number), "request_id": "q"}
    return row(outcome, **key, **cells)


class Shelf:
    """A log and its journal."""

    def __init__(self, folder: Path) -> None:
        self.log, self.journal = folder / "log.csv", folder / "inflight.csv"
        self.followed = self.fresh()

    def fresh(self) -> tallies.Followed[tallies.Books]:
        return tallies.followed(self.log, Pushed, self.journal)

    def add(self, *rows: Sequence[str]) -> None:
        self._append(self.log, Pushed, [one[:-1] for one in rows])

    def begin(self, *names: str, number: int = 1) -> None:
        keys = map(key_of, [[name] for name in names])
        rows = [(NINE, "r1", key, str(number), "q") for key in keys]
        self._append(self.journal, Intent, rows)

    def empty_journal(self) -> None:
        journal = Appender(self.journal, Intent)
        journal.empty()
        journal.close()

    def tally(self) -> Tally:
        return self.followed.ask(tallies.Books.tally)

    def anew(self) -> Tally:
        return self.fresh().ask(tallies.Books.tally)

    @staticmethod
    def _append(path: Path, row_type: type, rows: list[Sequence[str]]) -> None:
        appender = Appender(path, row_type)
        appender.append(rows)
        appender.close()


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


# --- sums -----------------------------------------------------------------------------


def test_no_log_adds_up_to_nothing(shelf):
    found = shelf.tally()

    assert (found.outcomes, found.hours, found.errors, found.runs) == ({}, {}, {}, {})
    assert (found.open_errors, found.in_doubt, found.rows) == (0, 0, 0)


def test_outcomes_are_counted_by_hour(shelf):
    shelf.add(row("created"), row("created", TEN), row("failed", TEN))

    found = shelf.tally()

    assert found.outcomes == {"created": 2, "failed": 1}
    assert found.hours["2026-11-20T09"] == {"created": 1}
    assert found.hours["2026-11-20T10"] == {"created": 1, "failed": 1}


def test_what_was_taken_away_counts_once(shelf):
    shelf.begin("a away")

    shelf.add(attempt("a", "removed"), attempt("a away", "closed"))

    found = shelf.tally()
    assert found.outcomes == found.runs["r1"].outcomes == {"removed": 1}
    assert (found.rows, found.open_errors, found.in_doubt) == (2, 0, 0)


def test_a_row_without_a_time_is_counted_all_the_same(shelf):
    shelf.add(row("created", ""), row("created", "2026"))

    found = shelf.tally()

    assert found.outcomes == {"created": 2}
    assert found.hours == {"": {"created": 1}, "2026": {"created": 1}}


def test_what_was_absent_is_the_error_that_left_it_in_doubt(shelf):
    shelf.add(attempt("a", "in_doubt", error="cut"), attempt("a", "absent"))

    assert list(shelf.tally().errors) == ["cut"]


def test_a_row_whose_key_is_none_is_damaged_and_counts_for_nothing_else(shelf):
    shelf.add(attempt("a", "created"), row("failed", TEN, "r2", key="k12"))

    found = shelf.tally()

    assert (found.rows, found.bad_rows, found.open_errors) == (2, 1, 0)
    assert (found.outcomes, found.errors, list(found.runs)) == ({"created": 1}, {}, ["r1"])


def test_an_attempt_whose_key_is_none_was_never_begun(shelf):
    shelf.add(row("created"))
    shelf._append(shelf.journal, Intent, [(NINE, "r1", "k12", "one", "q")])

    assert shelf.tally().in_doubt == 0


def test_a_batch_without_numbers_counts_for_nothing(tmp_path):
    rows = [BATCH_ROW._replace(ts=NINE, outcome=BATCH, created="some", updated="2")]
    shelf = tallies.followed(tmp_path / "log.csv", LogRow, None)
    Shelf._append(tmp_path / "log.csv", LogRow, [one[:-1] for one in rows])

    assert shelf.ask(tallies.Books.tally).outcomes == {"updated": 2}


def test_a_run_has_its_first_and_last_row_and_its_outcomes(shelf):
    shelf.add(row("created"), row("failed", TEN), row("created", TEN, "r2"))

    first, second = shelf.tally().runs.values()

    assert (first.run_id, first.first, first.last) == ("r1", NINE, TEN)
    assert (first.outcomes, second.outcomes) == (
        {"created": 1, "failed": 1},
        {"created": 1},
    )


def test_sums_and_the_newest_run_come_from_one_reading(shelf):
    kept = tallies.Kept(runs=counting.runs)
    followed = tallies.followed(shelf.log, Pushed, shelf.journal, kept)
    shelf.add(attempt("a", "created", type="Student"), attempt("b", "failed"))

    outcomes = followed.ask(lambda books: books.tally().outcomes)
    found = followed.ask(lambda books: books.found("r1"))

    assert outcomes == {"created": 1, "failed": 1}
    assert (found.synced, sum(found.failed.values())) == ({"students": 1}, 1)


def test_without_anybody_who_counts_runs_only_reading_tells(shelf):
    shelf.add(row("created"))

    assert shelf.followed.ask(lambda books: books.found("r1")) is None


def test_a_run_that_goes_on_stays_one_piece(shelf):
    for _ in range(5):
        shelf.add(row("created"), row("created"))
        shelf.tally()

    assert len(shelf.tally().runs["r1"].pieces) == 1


def test_a_log_whose_runs_alternate_has_few_pieces(shelf):
    shelf.add(*[row("created", run=f"r{number % 2}") for number in range(999)])

    pieces = [len(run.pieces) for run in shelf.tally().runs.values()]

    assert max(pieces) == tallies.PIECES


def test_a_bad_row_is_counted_and_says_nothing(shelf):
    shelf.add(row("created"), row("created"))
    shelf.log.write_bytes(shelf.log.read_bytes().replace(b"created", b"updated", 1))

    found = shelf.tally()

    assert (found.rows, found.bad_rows, found.outcomes) == (2, 1, {"created": 1})


def test_a_batch_counts_what_it_came_to(tmp_path):
    rows = [
        BATCH_ROW._replace(outcome=BATCH, created="2", updated="3", ts=NINE, run_id="r1"),
        BATCH_ROW._replace(outcome="held", category="name", error="two", ts=TEN),
    ]
    Shelf._append(tmp_path / "log.csv", LogRow, [one[:-1] for one in rows])

    books = tallies.followed(tmp_path / "log.csv", LogRow, None)
    found = books.ask(tallies.Books.tally)

    assert found.outcomes == {"created": 2, "updated": 3, "held": 1}
    assert found.runs["r1"].outcomes == {"created": 2, "updated": 3}
    assert list(found.errors) == ["name: two"]


# --- errors by class ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("", "413"),
        ("too large", "413 too large"),
        ("12,857 bytes are too large", "413 … bytes are too large"),
        ("'Smith & Co' is there twice", "413 … is there twice"),
        ("no date such as 2026-02-30T10:00:00Z; look", "413 no date such as …; look"),
        ("request 6b0226bd-aaaa-0001 (3001)", "413 request … (…)"),
        ("words " * 50, "413 " + "words " * 19 + "…"),
        ("ids a1, b2, c3", "413 ids …"),
        ("é" * 400, "413 " + "é" * 116 + " …"),
    ],
)
def test_errors_that_differ_in_names_and_numbers_are_one_class(error, said):
    assert fold("413", error) == said


def test_a_class_is_folded_once_more_to_itself():
    for error in ("id 12", "'a' and 'b'", "80000011-1748851275 Twice"):
        assert fold("", fold("", error)) == fold("", error)


def test_a_hostile_error_is_folded_quickly():
    assert len(fold("500", "'" * 30_000)) < 130
    assert len(fold("500", "a" * 30_000)) < 130


def test_errors_are_counted_by_class_with_the_first_as_example(shelf):
    large = {"status_code": "413", "outcome": "failed"}
    shelf.add(*[row(error=f"file {n}.pdf is too large", **large) for n in (7, 8, 9)])

    assert shelf.tally().errors == {
        "413 file … is too large": (3, "file 7.pdf is too large")
    }


def test_a_failure_that_says_nothing_is_classed_by_its_outcome(shelf):
    shelf.add(row("file_missing"), row("created", error="said in passing"))

    assert list(shelf.tally().errors) == ["file_missing"]


def test_classes_are_bounded(shelf):
    words = ["".join(c) for c in zip("abcdefghijklmnop" * 20, "qrstu" * 64, "vwx" * 107)]
    shelf.add(*[row("failed", error=f"{word} {word[::-1]}") for word in {*words}])

    found = shelf.tally().errors

    assert len(found) <= tallies.CLASSES + 1
    assert sum(one.count for one in found.values()) == len({*words})


# --- what is open ---------------------------------------------------------------------


def test_a_failure_is_open_until_it_is_done(shelf):
    shelf.add(attempt("a", "failed", status_code="400"))
    before = shelf.tally().open_errors
    shelf.add(attempt("a", "created", 2))

    assert (before, shelf.tally().open_errors) == (1, 0)


def test_an_attempt_is_in_doubt_until_it_has_its_outcome(shelf):
    shelf.begin("a", "b")
    shelf.add(attempt("a", "created"))
    before = shelf.tally().in_doubt
    shelf.add(attempt("b", "failed"))

    assert (before, shelf.tally().in_doubt) == (1, 0)


def test_a_journal_that_is_emptied_costs_no_second_reading(shelf):
    for number in (1, 2, 3):
        shelf.begin("a", "b", number=number)
        shelf.tally()
        shelf.add(attempt("a", "created", number), attempt("b", "created", number))
        shelf.empty_journal()
        assert shelf.tally().in_doubt == 0

    assert [shelf.tally().in_doubt for _ in range(3)] == [0, 0, 0]
    assert shelf.followed.restarts == 0


def test_a_journal_that_was_taken_away_leaves_nothing_in_doubt(shelf):
    shelf.begin("a")
    shelf.add(attempt("b", "created"))
    before = shelf.tally().in_doubt
    shelf.journal.unlink()

    assert before == 1
    assert [shelf.tally().in_doubt for _ in range(4)][-1] == 0


def test_rows_that_were_written_while_the_journal_was_read_are_waited_for():
    books, begun = tallies.Books(Pushed), Attempt(key_of(["a"]), 1, "q")
    books.intend(0, [begun])

    looks = [books.intend(1, []), books.intend(1, [])]  # emptied; its row comes now
    done = [cell.encode() for cell in attempt("a", "created")]
    books.learn(Block(0, [done], [0], 9))

    assert [*looks, books.intend(1, [])] == [True, True, True]
    assert books.tally().in_doubt == 0


def test_an_outcome_that_is_read_before_its_intent_leaves_nothing_open(shelf):
    shelf.add(attempt("a", "created"))
    shelf.tally()
    shelf.begin("b")
    shelf.add(attempt("b", "created"))

    assert shelf.tally().in_doubt == 0


# --- following is reading -------------------------------------------------------------


class Runs:
    """Runs as a pipeline makes them, some of them killed."""

    def __init__(self, shelf: Shelf, seed: int) -> None:
        self.shelf, self.dice, self.number = shelf, random.Random(seed), 0
        self.attempts: Counter[str] = Counter()

    def one(self) -> None:
        """Begin attempts, write the outcomes of some or of all, and end."""
        self.number += 1
        names = self.dice.sample("abcdefgh", 3)
        self.attempts.update(names)
        for name in names:
            self.shelf.begin(name, number=self.attempts[name])
            self._look()
        written = names[: self.dice.choice((0, 1, 3, 3, 3))]
        for name in written:
            word = self.dice.choice(("created", "failed", "held", "absent", "updated"))
            cells = {"run": f"r{self.number}", "ts": self.dice.choice((NINE, TEN))}
            self.shelf.add(attempt(name, word, self.attempts[name], **cells))
            self._look()
        is_left = self.shelf.anew().in_doubt
        if written == names and not is_left:
            self.shelf.empty_journal()

    def _look(self) -> None:
        if self.dice.random() < 0.4:
            self.shelf.tally()


@pytest.mark.parametrize("seed", range(25))
def test_what_is_followed_adds_up_to_what_is_read_anew(shelf, seed):
    runs = Runs(shelf, seed)
    for _ in range(8):
        runs.one()

    assert shelf.tally() == shelf.anew()
