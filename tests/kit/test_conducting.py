"""A session from its first stage to its end, with stages that end as they are told."""

from __future__ import annotations

import pytest

from src.kit import living
from src.kit.doors import SILENT, Ended
from src.kit.errors import Locked, Refused
from src.kit.living import AtWork
from src.kit.sessions import Count
from src.wms.records import UPDATE
from tests.wms.control import Control, attempt, card

ALL = ["wms_fetch", "wms_plan", "wms_apply"]


@pytest.fixture
def control(tmp_path) -> Control:
    return Control(tmp_path)


def asked_after(control: Control, count: int):
    """Return what asks for a stop as soon as some stages were begun."""
    control.performed = []
    return lambda: "wms_sync cancel" if len(control.performed) >= count else ""


def plans(control: Control, *ids: str):
    cards = [card(id, action=UPDATE) for id in ids]
    return lambda: control.plan("s1", *cards) or 0


def applies(control: Control, code: int, **outcomes: str):
    rows = [attempt(id, outcome, name=id.upper()) for id, outcome in outcomes.items()]
    return lambda: control.log("s1", *rows) or code


def test_a_session_fetches_plans_and_applies(control):
    end = control.conduct()

    assert control.performed == ALL
    assert (end.status, end.exit_code, end.message) == ("completed", 0, "")
    assert control.told() == ["started", "fetched", "planned", "applied", "completed"]


def test_what_is_planned_is_known_before_it_is_applied(control):
    seen = []

    def looks() -> int:
        seen.append(control.manager.get_sync_status()["total_objects"])
        return 0

    control.conduct(0, plans(control, "a", "b"), looks)

    assert seen == [2]


def test_the_end_counts_what_was_written(control):
    end = control.conduct(0, plans(control, "a", "b"), applies(control, 0, a="updated"))

    assert end.counts == {"customers": Count(2, 1, 0)}
    assert control.events()[-1][6:9] == ("2", "1", "0")


@pytest.mark.parametrize(("code", "outcome"), [(1, "failed"), (4, "in_doubt")])
def test_failed_records_do_not_fail_a_session(control, code, outcome):
    end = control.conduct(
        0, plans(control, "a", "b"), applies(control, code, a="updated", b=outcome)
    )

    assert (end.status, end.exit_code) == ("completed", code)
    assert end.counts == {"customers": Count(2, 1, 1)}


@pytest.mark.parametrize("code", [2, 3, 74, 75, 77])
@pytest.mark.parametrize("stage", [0, 1, 2])
def test_a_stage_that_cannot_go_on_fails_the_session_in_its_words(control, code, stage):
    end = control.conduct(*[0] * stage, code)

    assert control.performed == ALL[: stage + 1]
    assert (end.status, end.exit_code) == ("failed", code)
    assert end.message == f"{ALL[stage]} said it"


def test_a_crash_is_not_taken_for_failed_records(control):
    end = control.conduct(0, 0, Ended(1, "KeyError: 'x'", has_finished=False))

    assert end.status == "failed"
    assert end.message == "wms_apply: crashed: KeyError: 'x'"


def test_a_stage_that_ends_well_without_its_summary_is_not_believed(control):
    end = control.conduct(Ended(0, "", has_finished=False))

    assert (end.status, end.exit_code) == ("failed", 2)
    assert end.message == "wms_fetch: crashed: wms_fetch: ended with 0 and without a word"


def test_a_killed_stage_fails_the_session(control):
    end = control.conduct(0, 0, -9)

    assert (end.status, end.exit_code) == ("failed", 137)
    assert end.message == f"wms_apply: killed by signal 9; {SILENT}"


@pytest.mark.parametrize("code", [143, 130, -15, -2])
def test_a_stage_that_somebody_told_to_stop_cancels_the_session(control, code):
    end = control.conduct(0, code)

    assert (end.status, end.exit_code) == ("cancelled", 128 + abs(code) % 128)
    assert end.message == "stopped during wms_plan, by a signal; nothing was written"


def test_a_fetch_that_left_records_out_lets_the_rest_go_on(control):
    end = control.conduct(1, 0, 0)

    assert control.performed == ALL
    assert (end.status, end.exit_code) == ("completed", 1)


def test_where_the_plan_cannot_go_on_what_the_fetch_left_out_is_told_first(control):
    end = control.conduct(1, 2)

    assert (end.status, end.exit_code) == ("failed", 2)
    assert end.message == "wms_fetch said it\nwms_plan said it"


def test_records_that_could_not_be_read_have_failed(control):
    def fetches() -> int:
        control.reject("s1", "w1")
        return 1

    end = control.conduct(fetches, plans(control, "a"), applies(control, 0, a="updated"))

    assert end.counts == {"customers": Count(2, 1, 1)}
    assert control.manager.get_sync_status()["errors"] == ["customers w1: is odd"]


def test_the_exit_code_is_that_of_the_worst_stage(control):
    assert control.conduct(1, 0, 4).exit_code == 4
    assert control.conduct(0, 1, 0, session_id="s2").exit_code == 1
    assert control.conduct(4, 2, session_id="s3").exit_code == 2


# --- cancelling -----------------------------------------------------------------------


def test_a_session_that_was_cancelled_among_held_records_has_written_nothing(control):
    end = control.conduct(
        0,
        plans(control, "a", "b"),
        applies(control, 143, a="held"),
        asked=asked_after(control, 3),
    )

    assert end.message.endswith("by wms_sync cancel; nothing was written")


def test_a_cancelled_session_says_where_it_stopped(control):
    end = control.conduct(
        0,
        plans(control, "a", "b", "c"),
        applies(control, 143, a="updated", b="failed"),
        asked=asked_after(control, 3),
    )

    assert (end.status, end.exit_code) == ("cancelled", 143)
    assert end.message == (
        "stopped during wms_apply, by wms_sync cancel; "
        "2 of 3 records, the last one customers B"
    )
    assert "cancelling" in control.told()


def test_between_stages_a_cancel_begins_no_other(control):
    end = control.conduct(asked=asked_after(control, 1))

    assert control.performed == ["wms_fetch"]
    assert (end.status, end.exit_code) == ("cancelled", 143)
    assert end.message.startswith("stopped before wms_plan, by wms_sync cancel")


def test_a_cancel_that_comes_too_late_cancels_nothing(control):
    end = control.conduct(asked=asked_after(control, 3))

    assert (end.status, end.exit_code) == ("completed", 0)


def test_a_stage_that_fails_while_it_is_stopped_has_failed(control):
    end = control.conduct(0, 0, 74, asked=asked_after(control, 3))

    assert (end.status, end.exit_code) == ("failed", 74)


def test_a_stop_as_windows_tells_it_cancels_as_well(control):
    control_break = 128 + 21
    end = control.conduct(control_break, asked=asked_after(control, 1))

    assert (end.status, end.exit_code) == ("cancelled", control_break)


def test_an_answered_request_is_taken_away(control):
    control.outside.request.write_text("s1")

    control.conduct(asked=asked_after(control, 1))

    assert not control.outside.request.exists()


# --- one at a time --------------------------------------------------------------------


def test_another_session_is_refused_and_leaves_no_row(control):
    with control.outside.lock, pytest.raises(Locked, match="held by process"):
        control.conduct()

    assert control.told() == [] and control.performed == []


def test_the_lock_is_held_until_the_end(control):
    def tries() -> int:
        with pytest.raises(Locked):
            control.conduct(session_id="s2")
        return 0

    assert control.conduct(tries).status == "completed"
    assert control.conduct(session_id="s3").status == "completed"


def test_a_session_ends_those_that_died(control):
    control.writer("s0").start(["customers"])

    control.conduct()

    assert control.told()[:3] == ["started", "failed", "started"]


def test_an_id_that_was_used_is_refused(control):
    control.conduct()

    with pytest.raises(Refused, match="^RUN_ID=s1: logs/wms_sessions.csv has a session"):
        control.conduct()


@pytest.mark.parametrize("error", [Refused("no plan; make one"), OSError("no plan; make one")])
def test_a_session_that_cannot_go_on_itself_says_so(control, error):
    def breaks() -> int:
        raise error

    with pytest.raises(type(error)):
        control.conduct(breaks)

    last = control.events()[-1]
    assert (last.event, last.message) == ("failed", "wms_sync: no plan; make one")


def test_while_a_session_is_at_work_whoever_wants_its_lock_learns_which(control):
    found: list[str] = []

    def looks() -> int:
        with pytest.raises(AtWork) as refused, living.alive(control.outside):
            pass
        found.append(refused.value.session.id)
        return 0

    control.conduct(looks, session_id="s7")

    assert found == ["s7"]
