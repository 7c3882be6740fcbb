"""The uploader is stopped: by a signal, by the disk. What is in flight is logged."""

from __future__ import annotations

import os
import signal

import pytest

from src import qbo_attach_demo
from src.adapters.fakes.ledger import Ledger
from src.kit import errors

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork (no Windows)")

FILES = [f"{number:02}.pdf" for number in range(20)]
ONE_EACH = {"QBO_FILES_PER_REQUEST": "1"}


@pytest.fixture
def planned(desk):
    """Return a desk with twenty planned files."""
    desk.files(*FILES)
    assert desk.prepare() == errors.OK
    return desk


def stopping(number: int, times: int = 1):
    """Return a main whose fifth upload sends this process a signal while in flight."""

    append = Ledger.append

    def signalling(self: Ledger, rows: list) -> list:
        effects = append(self, rows)
        if int(effects[-1].id or 0) % 1000 == 4:
            for _ in range(times):
                os.kill(os.getpid(), number)
        return effects

    def main(argv: list[str]) -> int:
        Ledger.append = signalling  # in a process of its own
        return qbo_attach_demo.main(argv)

    return main


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_what_is_in_flight_be_logged(planned, number, code):
    assert planned.fork(stopping(number), **ONE_EACH) == code

    assert "stopping after what is in flight" in planned.err
    assert 5 <= len(planned.received()) < 20
    assert planned.outcomes()["uploaded"] == len(planned.received())
    assert "not attempted" in planned.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_same_command_finishes_what_a_signal_stopped(planned, number):
    planned.fork(stopping(number), **ONE_EACH)

    assert planned.upload(FAKE_QBO_REQUEST_IDS="ignored") == errors.OK

    assert sorted(planned.received()) == FILES
    assert "effects there first" not in planned.out


def limited(size: int):
    """Return a main for which no file may grow beyond so many bytes: a full disk."""

    def main(argv: list[str]) -> int:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return qbo_attach_demo.main(argv)

    return main


@pytest.mark.parametrize("size", [0, 100, 700, 1500, 3000, 5000])
def test_a_full_disk_is_one_sentence_and_74_and_nothing_is_lost(planned, size):
    settings = {"FAKE_QBO_REQUEST_IDS": "ignored", **ONE_EACH}

    assert planned.fork(limited(size), **settings) == 74

    sentences = [line for line in planned.err.splitlines() if line]
    assert len(sentences) == 1 and "Traceback" not in planned.err, planned.err
    assert planned.upload(**settings) == errors.OK
    assert sorted(planned.received()) == FILES


def test_a_log_that_cannot_be_written_is_one_sentence_and_74(planned):
    (planned.logs / "qbo_attach_runlog.csv").mkdir()

    assert planned.upload() == 74

    assert planned.err.count("\n") == 1 and "qbo_attach_runlog" in planned.err
    assert planned.received() == []


def test_a_log_folder_that_is_a_file_is_one_sentence_and_74(planned):
    (planned.root / "file").write_text("x")

    assert planned.upload(LOG_DIR=str(planned.root / "file")) == 74

    assert planned.err.count("\n") == 1 and "Traceback" not in planned.err
