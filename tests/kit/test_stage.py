"""The outermost frame of every door: one sentence, one exit code, with --debug more."""

import pytest

from src.kit import errors, stage
from src.kit.errors import Locked, Refused
from src.kit.stage import Balance, Report

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


# --- the summary ----------------------------------------------------------------------


@pytest.fixture
def ended(tmp_path, capsys):
    """Return what a run with these options says of a report."""

    def end(report: Report, *options: str) -> str:
        run = stage.start("door", "", options)
        assert run.finish(report, tmp_path) == report.exit_code
        return capsys.readouterr().out

    return end


def test_what_was_left_undone_is_said_after_what_was_done(ended):
    report = Report({"sent": 2}, notes=["planned 3"], warnings=["1 held"], next_step="look")

    assert ended(report) == (
        "door: 2 sent\n  planned 3\n  1 held\n  next: look\n"
    )


def test_brief_runs_say_no_more_than_the_sum_and_what_was_left_undone(ended):
    report = Report({"sent": 2}, Balance(3, 2, held=1), [("x.csv", 3)], ["planned 3"])

    said = ended(report._replace(warnings=["1 held"]), "--brief")
    assert said == "door: 2 sent\n  3 read = 2 out + 1 held\n  1 held\n"


@pytest.mark.parametrize("part", ["rejected", "held", "failed", "not_attempted"])
def test_a_run_that_left_something_does_not_say_that_nothing_was_to_do(ended, part):
    said = ended(Report({"sent": 0}, Balance(11, **{part: 11})))

    assert said == f"door: nothing done\n  11 read = 11 {part.replace('_', ' ')}\n"


@pytest.mark.parametrize("balance", [None, Balance(0), Balance(11, skipped=11)])
def test_a_run_that_left_nothing_had_nothing_to_do(ended, balance):
    assert ended(Report({}, balance)).startswith("door: nothing to do\n")


# --- options --------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "inf"])
def test_no_time_at_all_is_refused_like_no_records_at_all(minutes):
    run = stage.start("door", "", [f"--max-minutes={minutes}"], stage.acting_options)

    with pytest.raises(Refused, match=r"^--max-minutes .*: expected a number above 0$"):
        stage.seconds_allowed(run.args)


@pytest.mark.parametrize(("options", "seconds"), [([], 0), (["--max-minutes=1.5"], 90)])
def test_minutes_that_are_not_given_are_no_limit(options, seconds):
    run = stage.start("door", "", options, stage.acting_options)

    assert stage.seconds_allowed(run.args) == seconds


def test_help_says_of_what_there_may_be_so_many(capsys):
    with pytest.raises(SystemExit):
        stage.start("door", "", ["--help"], stage.acting_options)

    said = capsys.readouterr().out
    assert "stop after N errors" in said and "stop after N minutes" in said
