"""Sessions in the background, and who wants one to stop."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

import pytest

from src.kit import stage
from src.office import background as office
from src.office import wms_session
from src.office.background import Background

OUTPUT = "x_sync.out"
OWN_GROUP = "import os, sys; print(os.getpgid(0) == os.getpid(), file=sys.stderr)"


@pytest.fixture
def background(tmp_path) -> Callable[[str], Background]:
    """Return what starts a script as a session, beside the output of an earlier one."""
    (tmp_path / OUTPUT).write_text("of yesterday\n")

    def begin(script: str) -> Background:
        command = [sys.executable, "-S", "-c", script]
        return Background(command, os.environ, tmp_path / OUTPUT)

    return begin


def test_a_background_session_that_ends_says_its_last_words(background):
    begun = background("raise SystemExit('the lock is held; wait')")

    while begun.ended() is None:
        pass

    assert (begun.ended(), begun.said()) == (1, "the lock is held; wait")


def test_a_background_session_has_a_group_of_its_own(background):
    begun = background(OWN_GROUP)

    while begun.ended() is None:
        pass

    assert begun.said() == "True"


# --- who wants it to stop -------------------------------------------------------------


@pytest.fixture
def asked(desk) -> tuple[stage.Run, Callable[[], str]]:
    """Return a run, and what tells who wants its session s1 to stop."""
    run = stage.start("wms_sync", "", desk.argv())
    outside = wms_session.outside(desk.config, run)
    return run, office.asking(outside, run, "s1")


def test_nobody_wants_a_session_to_stop_unless_it_is_said(asked):
    assert asked[1]() == ""


@pytest.mark.parametrize(("wanted", "by"), [("s1", "wms_sync cancel"), ("s2", ""), ("", "")])
def test_a_wish_is_for_the_session_that_it_names(desk, asked, wanted, by):
    (desk.logs / "wms_sync.cancel").write_text(wanted)

    assert asked[1]() == by


def test_a_signal_is_a_wish(asked):
    run, who = asked
    run.signal = signal.SIGTERM

    assert who() == "a signal"
