"""What the end of a door means for what comes after it."""

from __future__ import annotations

import pytest

from src.kit import doors
from src.kit.doors import Ended, Stage

STAGE = Stage("fetched", "mis_fetch", ("python",))


@pytest.mark.parametrize(
    ("code", "may_go_on"),
    [(0, True), (1, True), (4, True), (2, False), (3, False), (75, False), (-9, False)],
)
def test_the_next_door_may_follow_one_that_has_done_what_it_could(code, may_go_on):
    assert Ended(code, "").is_done is may_go_on


def test_an_exception_is_no_end_after_which_the_next_may_follow():
    assert not Ended(1, "KeyError: 'x'", has_finished=False).is_done


@pytest.mark.parametrize(
    ("code", "signal", "as_a_shell"),
    [(0, 0, 0), (75, 0, 75), (-9, 9, 137), (143, 15, 143)],
)
def test_a_signal_is_known_however_the_door_took_it(code, signal, as_a_shell):
    assert (Ended(code, "").signal, Ended(code, "").code) == (signal, as_a_shell)


@pytest.mark.parametrize(("code", "shown"), [(0, 2), (1, 1), (4, 4)])
def test_a_door_without_a_summary_never_counts_as_well_done(code, shown):
    assert Ended(code, "", has_finished=False).code == shown


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        (Ended(2, "data/x.csv: not found; run y"), "data/x.csv: not found; run y"),
        (Ended(2, ""), "mis_fetch: ended with 2 and without a word"),
        (Ended(1, "KeyError", False), "mis_fetch: crashed: KeyError"),
        (Ended(-9, "at work"), f"mis_fetch: killed by signal 9; {doors.SILENT}"),
    ],
)
def test_a_door_that_ended_badly_is_told_in_its_own_words_where_it_has_any(ended, said):
    assert doors.problem(STAGE, ended) == said
