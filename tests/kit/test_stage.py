"""The outermost frame of every door: one sentence, one exit code, with --debug more."""

import pytest

from src.kit import errors, stage
from src.kit.errors import Locked, Refused

FAILURES = [
    (Refused("x.csv: not found; check the path"), errors.NOTHING_DONE),
    (Locked("logs: in use; wait until it ends"), errors.LOCKED),
    (OSError(28, "No space left on device", "x.csv"), errors.INPUT_OUTPUT),
]


def failing(error: Exception):
    def main(argv):
        raise error

    return main


@pytest.mark.parametrize(("error", "code"), FAILURES)
def test_an_expected_failure_is_one_sentence_and_its_code(capsys, error, code):
    assert stage.run(failing(error), []) == code

    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(("error", "code"), FAILURES)
def test_with_debug_a_traceback_stands_above_the_sentence(capsys, error, code):
    assert stage.run(failing(error), ["--debug"]) == code

    first, *_, last = capsys.readouterr().err.splitlines()
    assert first == "Traceback (most recent call last):"
    assert last.split(": ")[0] in str(error)


@pytest.mark.parametrize("argv", [[], ["--debug"]])
def test_a_mistake_in_the_program_is_not_hidden(argv):
    with pytest.raises(ZeroDivisionError):
        stage.run(failing(ZeroDivisionError()), argv)


def test_a_sentence_cannot_steer_the_terminal(capsys):
    stage.run(failing(Refused("\x1b[2J: no file")), ["--debug"])

    assert "\x1b" not in capsys.readouterr().err


def test_help_says_of_what_there_may_be_so_many(capsys):
    with pytest.raises(SystemExit):
        stage.start("door", "", ["--help"], stage.acting_options)

    said = capsys.readouterr().out
    assert "stop after N errors" in said and "stop after N minutes" in said
