"""The index: what is done, open, refused, after any order of rows."""

from typing import NamedTuple

import pytest

from src.kit import cells
from src.kit.memory import Attempt, Index, Try, key_of, number_of
from src.kit.tables import Number

KEY = key_of(["a"])
OTHER = key_of(["b"])


class Row(NamedTuple):
    """The columns that the index looks at."""

    path: str
    size: Number
    key: str
    request_id: str
    attempt: Number
    status_code: Number
    outcome: str
    error: str
    row_check: str


UPLOADED = ("uploaded", 1, 200)
REFUSED = ("failed", 1, 400)  # a refusal that a server stores
FAULT = ("failed", 1, 200)
THROTTLED = ("failed", 1, 429)
NO_CONNECTION = ("failed", 1, 0)
UNHEARD = ("in_doubt", 1, 503)
ABSENT = ("absent", 1, 0)
TORN_APART = ("absent", 1, 0, "the request arrived without this one")
RECOVERED = ("recovered", 1, 0)
ADOPTED = ("adopted", 0, 0)
REMOVED = ("removed", 0, 0)
CLOSED = ("closed", 1, 200)
HELD = ("held", 1, 200)
CHANGED = ("file_changed", 1, 0)
ALREADY = ("skipped_already_uploaded", 0, 0)
REPEATED = ("skipped_repeated_row", 0, 0)


def raw(said: tuple, key: str = KEY, path: str = "x/a.pdf") -> list[bytes]:
    word, attempt, status, error = (*said, "")[:4]
    row = (path, "7", key, "r1", str(attempt or ""), str(status or ""), word, error)
    return [cell.encode() for cell in (*row, "x")]


def later(said: tuple, attempt: int) -> tuple:
    return (said[0], attempt, *said[2:])


def after(*said: tuple, begun: int = 0) -> Index:
    """Return an index that learnt these rows, with intents up to `begun`."""
    index = Index(Row, ("path", "size"))
    index.intend(Attempt(KEY, number, "r1") for number in range(1, begun + 1))
    index.learn(map(raw, said))
    return index


# --- done -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "is_done"),
    [
        ([], False),
        ([UPLOADED], True),
        ([RECOVERED], True),
        ([ADOPTED], True),
        ([("created", 1, 200)], True),
        ([("updated", 1, 200)], True),
        ([("linked", 1, 200)], True),
        ([REFUSED], False),
        ([THROTTLED], False),
        ([UNHEARD], False),
        ([ABSENT], False),
        ([HELD], False),
        ([CHANGED], False),
        ([REMOVED], False),
        ([REPEATED], False),
        ([UPLOADED, ALREADY], True),
        ([UPLOADED, REMOVED], False),
        ([UPLOADED, REMOVED, later(UPLOADED, 2)], True),
        ([UPLOADED, REMOVED, later(UPLOADED, 2), REMOVED], False),
        ([REFUSED, later(UPLOADED, 2)], True),
        ([UNHEARD, RECOVERED], True),
        ([UNHEARD, ABSENT], False),
        ([UNHEARD, ABSENT, later(UPLOADED, 2)], True),
        ([UNHEARD, ABSENT, later(UNHEARD, 2)], False),
        ([HELD, ABSENT, later(UPLOADED, 2)], True),
    ],
)
def test_a_key_is_done_if_its_last_outcome_is_a_success(said, is_done):
    index = after(*said)

    assert index.is_done(KEY) == is_done
    assert bool(index.unchanged(("x/a.pdf", "7"))) == is_done


@pytest.mark.parametrize("done", [UPLOADED, RECOVERED, ADOPTED, later(UPLOADED, 3)])
def test_an_unchanged_thing_is_recognised_by_its_cells_alone(done):
    index = after(done)

    assert index.unchanged(("x/a.pdf", "7")) == KEY
    assert index.unchanged(("x/a.pdf", "8")) == ""
    assert index.unchanged(("x/b.pdf", "7")) == ""


def test_a_skipped_row_teaches_another_place_of_the_same_content():
    index = after(UPLOADED)

    index.learn([raw(ALREADY, path="y/a.pdf")])

    assert index.unchanged(("y/a.pdf", "7")) == KEY


@pytest.mark.parametrize("path", ["'00123.pdf", "a\\b", "O'Neil.pdf", "-1", "=1+1", "é"])
def test_cells_are_recognised_as_meant_not_as_written(path):
    index = Index(Row, ("path", "size"))
    index.learn([raw(UPLOADED, path=cells.guard(cells.escape(path)))])

    assert index.unchanged((path, "7")) == KEY


def test_one_column_is_enough_to_recognise_a_thing():
    index = Index(Row, ("path",))
    index.learn([raw(UPLOADED)])

    assert index.unchanged(("x/a.pdf",)) == KEY


def test_keys_do_not_mix():
    index = after(UPLOADED)

    assert not index.is_done(OTHER)
    assert index.tried(OTHER) == Try()


def test_a_row_without_a_key_says_nothing():
    index = Index(Row, ("path", "size"))

    index.learn([raw(("file_missing", 0, 0), key=""), raw(UPLOADED, key="")])

    assert index.unchanged(("x/a.pdf", "7")) == ""


@pytest.mark.parametrize(
    ("key", "attempt", "status"),
    [
        ("k" + 32 * "g", "1", "200"),
        ("k12", "1", "200"),
        ("k", "1", "200"),
        (KEY[1:], "1", "200"),
        ("x" + KEY[1:], "1", "200"),
        (KEY + "0", "1", "200"),
        ("k-" + KEY[2:], "1", "200"),
        ("k_" + KEY[2:], "1", "200"),
        (KEY, "one", "200"),
        (KEY, "-2", "200"),
        (KEY, "9" * 5000, "200"),
        (KEY, "2", "200 OK"),
    ],
)
def test_a_row_that_cannot_be_meant_is_damaged_and_says_nothing(key, attempt, status):
    row = ("x/a.pdf", "7", key, "r1", attempt, status, "created", "", "x")
    index = Index(Row, ("path", "size"))
    index.learn([[cell.encode() for cell in row]])

    assert index.damaged == 1
    assert not index.is_sound([cell.encode() for cell in row])
    assert (index.unchanged(("x/a.pdf", "7")), index.tried(KEY)) == ("", Try())


@pytest.mark.parametrize("said", [UPLOADED, ALREADY, NO_CONNECTION, ADOPTED])
def test_a_row_of_ours_is_sound(said):
    index = after(said)

    assert index.damaged == 0
    assert index.is_sound(raw(said)) and index.is_sound(raw(said, key=""))


# --- attempts and generations ---------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "tried"),
    [
        ([], Try()),
        ([UPLOADED], Try(1)),
        ([REFUSED], Try(1, 1, "failed")),
        ([FAULT], Try(1, 1, "failed")),
        ([THROTTLED], Try(1, 0, "failed")),
        ([NO_CONNECTION], Try(1, 0, "failed")),
        ([("failed", 1, 401)], Try(1, 0, "failed")),
        ([("failed", 1, 403)], Try(1, 0, "failed")),
        ([REFUSED, later(REFUSED, 2)], Try(2, 2, "failed")),
        ([REFUSED, later(UPLOADED, 2)], Try(2, 1, "uploaded")),
        ([THROTTLED, later(UPLOADED, 2)], Try(2, 0, "uploaded")),
        ([UNHEARD], Try(1, 0, "in_doubt")),
        ([UNHEARD, ABSENT], Try(1, 0, "absent")),
        ([UNHEARD, TORN_APART], Try(1, 1, "absent")),
        ([UNHEARD, RECOVERED], Try(1, 0, "recovered")),
        ([ADOPTED], Try(0, 0, "adopted")),
        ([HELD], Try(1, 0, "held")),
        ([CHANGED], Try(1, 0, "file_changed")),
        ([UPLOADED, REMOVED], Try(1, 1, "removed")),
        ([UPLOADED, REMOVED, later(UPLOADED, 2), REMOVED], Try(2, 2, "removed")),
        ([THROTTLED, later(CLOSED, 2)], Try(2, 1, "closed")),
    ],
)
def test_attempts_count_across_runs_and_stored_refusals_raise_the_generation(said, tried):
    assert after(*said).tried(KEY) == tried


def test_an_attempt_that_was_only_begun_counts():
    assert after(begun=3).tried(KEY).attempt == 3


# --- doubt ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begun", "said", "is_doubtful"),
    [
        (1, [], True),
        (1, [UPLOADED], False),
        (1, [REFUSED], False),
        (1, [THROTTLED], False),
        (1, [HELD], False),
        (1, [CHANGED], False),
        (1, [RECOVERED], False),
        (1, [ABSENT], False),
        (1, [UNHEARD], True),
        (1, [ALREADY], True),
        (1, [REPEATED], True),
        (2, [THROTTLED], True),  # the first attempt's outcome closes the first alone
        (2, [THROTTLED, later(UPLOADED, 2)], False),
        (2, [THROTTLED, later(UNHEARD, 2)], True),
        (2, [later(ABSENT, 1)], True),
        (2, [later(ABSENT, 2)], False),
        (2, [RECOVERED], True),
        (2, [later(RECOVERED, 2)], False),
        (2, [ADOPTED], False),
        (0, [UNHEARD], True),
        (0, [UNHEARD, RECOVERED], False),
        (0, [UNHEARD, ABSENT], False),
        (0, [UNHEARD, later(THROTTLED, 2)], True),
    ],
)
def test_an_attempt_is_in_doubt_until_its_own_outcome_closes_it(begun, said, is_doubtful):
    assert bool(after(*said, begun=begun).doubtful) == is_doubtful


def test_doubt_names_the_attempt_and_its_request():
    assert after(begun=2).doubtful == [Attempt(KEY, 2, "r1")]


@pytest.mark.parametrize(
    ("said", "has_arrived"),
    [([], False), ([UPLOADED], True), ([RECOVERED], True), ([REFUSED], False)],
)
def test_a_request_has_arrived_when_a_part_of_it_has(said, has_arrived):
    assert after(*said, begun=1).has_arrived("r1") == has_arrived


# --- the rest -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "is_settled"),
    [([], 0), ([UPLOADED], 1), ([HELD], 1), ([UNHEARD], 1), ([REFUSED], 0), ([ABSENT], 0)],
)
def test_a_settled_key_is_not_sent_as_things_stand(said, is_settled):
    assert after(*said).is_settled(KEY) == bool(is_settled)


@pytest.mark.parametrize("mark", ["", "k12", "somebody's", "k" + 32 * "G", "x" + 32 * "0"])
def test_a_mark_of_somebody_else_is_nothing_to_send(mark):
    assert after().is_settled(mark)


@pytest.mark.parametrize(
    ("said", "count"),
    [([UPLOADED], 0), ([REFUSED], 1), ([HELD], 1), ([UNHEARD], 0), ([REMOVED], 0)],
)
def test_what_failed_and_is_not_done_since_is_counted(said, count):
    assert after(*said).count_open() == count


def test_a_forgotten_index_knows_nothing():
    index = after(REFUSED, later(UPLOADED, 2))

    index.forget()

    assert index.count_open() == 0
    assert index.unchanged(("x/a.pdf", "7")) == ""


@pytest.mark.parametrize("parts", [["a"], ["a", ""], ["é\udcff"], ["a\x1fb"], ["", ""]])
def test_a_key_is_a_letter_and_32_digits(parts):
    key = key_of(parts)

    assert (key[0], len(key)) == ("k", 33)
    assert f"k{number_of(key):032x}" == key


def test_parts_do_not_run_into_each_other():
    keys = {key_of(parts) for parts in (["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""])}

    assert len(keys) == 4


@pytest.mark.parametrize("said", [ABSENT, UPLOADED, RECOVERED], ids=lambda said: said[0])
def test_what_ended_an_earlier_attempt_leaves_a_later_one_open(said):
    index = after(said, begun=2)

    assert [one.attempt for one in index.doubtful] == [2]


@pytest.mark.parametrize("said", [ADOPTED, REMOVED], ids=lambda said: said[0])
def test_what_names_no_attempt_leaves_none_open(said):
    assert after(said, begun=2).doubtful == []


@pytest.mark.parametrize(
    "said",
    [
        [UNHEARD, ABSENT],
        [UNHEARD, ("absent", 0, 0)],
        [HELD, ("absent", 0, 0)],
        [UPLOADED, REMOVED],
        [UNHEARD],
    ],
    ids=lambda said: " ".join(f"{one[0]}-{one[1]}" for one in said),
)
def test_an_attempt_of_the_journal_is_open_whatever_ended_those_before_it(said):
    index = after(*said, begun=2)

    assert [one.attempt for one in index.doubtful] == [2]
    assert index.tried(KEY).attempt == 2


def test_a_person_may_end_an_attempt_that_the_log_has_in_doubt():
    index = after(UNHEARD, later(UNHEARD, 2), ("absent", 0, 0), begun=2)

    assert index.doubtful == []
