"""What people read of the customer synchronization, character by character."""

from __future__ import annotations

import json
from typing import Any

import pytest

from src.kit.errors import Locked
from src.mis import shown
from src.mis.customer_sync import Synced

SAMPLE = """\
📊 Customer Synchronization Statistics:

👥 APPLICANTS:
   Total Applicants: 850
   ✅ Already Synced: 0
   ⏳ Not Synced: 850
   ❌ Failed: 0
   🔄 In Progress: 0
   📈 Progress: 0.0%

🎓 STUDENTS:
   Total Students: 1,200
   ✅ Already Synced: 0
   ⏳ Not Synced: 1,200
   ❌ Failed: 0
   🔄 In Progress: 0
   📈 Progress: 0.0%

🌟 OVERALL:
   Total Customers: 2,050
   ✅ Total Synced: 0
   ⏳ Total Not Synced: 2,050
   📈 Overall Progress: 0.0%
"""
NAMES = ("total", "not_synced", "synced", "failed", "in_progress")


def counted(*numbers: int) -> dict[str, int]:
    return dict(zip(NAMES, numbers))


def statistics(applicants: dict[str, int], students: dict[str, int]) -> dict[str, Any]:
    overall = {
        f"total_{name}": applicants[one] + students[one]
        for name, one in zip(("customers", *NAMES[1:4]), NAMES)
    }
    return {"applicants": applicants, "students": students, "overall": overall}


FRESH = statistics(counted(850, 850, 0, 0, 0), counted(1200, 1200, 0, 0, 0))


def printed(lines: object) -> str:
    return "".join(f"{line}\n" for line in lines)  # type: ignore[attr-defined]


# --- statistics -----------------------------------------------------------------------


def test_the_statistics_are_the_specifications_sample_character_by_character():
    assert printed(shown.statistics(FRESH)) == SAMPLE


def test_the_statistics_of_a_filled_mis_have_their_numbers_in_the_same_places():
    found = statistics(counted(1000, 1, 995, 3, 1), counted(1234567, 0, 1234567, 0, 0))

    lines = printed(shown.statistics(found)).splitlines()

    assert lines[3:9] == [
        "   Total Applicants: 1,000",
        "   ✅ Already Synced: 995",
        "   ⏳ Not Synced: 1",
        "   ❌ Failed: 3",
        "   🔄 In Progress: 1",
        "   📈 Progress: 99.5%",
    ]
    assert lines[-4:-1] == [
        "   Total Customers: 1,235,567",
        "   ✅ Total Synced: 1,235,562",
        "   ⏳ Total Not Synced: 1",
    ]


# --- previews -------------------------------------------------------------------------

ALINE = {
    "applicant_id": 12,
    "DisplayName": "Aline Uwera",
    "GivenName": "Aline",
    "FamilyName": "Uwera",
    "PrimaryPhone": "0788 123 456",
    "PrimaryEmailAddr": "",
    "CustomField": {
        "CustomerType": "Applicant",
        "ApplicationID": "12",
        "Gender": "",
        "NationalID": "***",
        "Campus": "Ngoma Main Campus",
        "Program": "Bachelor of Science in Computer Science",
    },
    "notes": ["e-mail left out: 'aline@' is no address"],
    "is_name_planned": True,
}


def previewed(*people: dict[str, Any], offset: int = 0) -> list[str]:
    found = {"applicants": list(people), "count": len(people), "limit": 10, "offset": offset}
    return list(shown.preview("applicants", found))


def test_a_preview_shows_a_customer_in_a_few_lines():
    assert previewed(ALINE) == [
        "👀 Unsynchronized applicants, 1 to 1:",
        "",
        "1. Aline Uwera                                   Applicant 12",
        "   GivenName: Aline  FamilyName: Uwera  PrimaryPhone: 0788 123 456  "
        "PrimaryEmailAddr: -",
        "   🏷 CustomerType=Applicant  ApplicationID=12  NationalID=***  "
        "Campus=Ngoma Main Campus",
        "     Program=Bachelor of Science in Computer Science",
        "   ⚠ e-mail left out: 'aline@' is no address",
    ]


@pytest.mark.parametrize(
    ("unplanned", "told"), [(1, "1 name is not planned yet"), (2, "2 names are not planned yet")]
)
def test_a_preview_says_which_names_may_change(unplanned, told):
    people = [ALINE] + [{**ALINE, "is_name_planned": False}] * unplanned

    said = f"ℹ {told}; one that QuickBooks has already gets a suffix (make mis-plan)"
    assert previewed(*people)[-2:] == ["", said]


def test_customers_are_numbered_by_their_place_among_all():
    lines = previewed(ALINE, ALINE, offset=2000)

    assert lines[0] == "👀 Unsynchronized applicants, 2,001 to 2,002:"
    assert [line[:6] for line in lines if "Applicant 12" in line] == ["2,001.", "2,002."]


def test_no_line_of_a_preview_is_wider_than_a_terminal():
    wide = {**ALINE, "DisplayName": "N" * 400, "GivenName": "G" * 300, "notes": ["n" * 300]}
    wide["CustomField"] = {f"Field{n}": "word " * n for n in range(40)}

    assert max(map(len, previewed(wide))) <= 100


@pytest.mark.parametrize(("length", "end"), [(87, "n"), (88, "…")])
def test_a_note_that_does_not_fit_into_a_line_is_cut(length, end):
    line = previewed({**ALINE, "notes": ["n" * length]})[-1]

    assert line == "   ⚠ " + "n" * 86 + end


@pytest.mark.parametrize(
    ("offset", "said"),
    [
        (0, "👀 No unsynchronized applicants"),
        (2000, "👀 No unsynchronized applicants after the first 2,000"),
    ],
)
def test_a_preview_of_nobody_says_so(offset, said):
    assert previewed(offset=offset) == [said]


# --- results --------------------------------------------------------------------------


def result(arrived: int, *errors: tuple[int, str], called: str = "applicant_id") -> dict:
    return {
        "total_processed": arrived + len(errors),
        "successful": arrived,
        "failed": len(errors),
        "waiting": 0,
        "errors": [{called: number, "error": error} for number, error in errors],
        "success_details": [{called: n, "quickbooks_id": str(n)} for n in range(arrived)],
        "waiting_details": [],
    }


def waiting(*people: tuple[int, str], called: str = "applicant_id") -> dict:
    named = [{called: number, "error": reason} for number, reason in people]
    return {**result(0), "waiting": len(named), "waiting_details": named}


def lines_of(words: list[str], data: dict, problem: str = "", is_brief: bool = False) -> list:
    return list(shown.results(words, Synced(data, 0, problem), is_brief))


def test_the_results_of_one_type_are_laid_out_like_the_statistics():
    assert lines_of(["applicants"], result(849, (7, "no name"))) == [
        "🔄 Customer Synchronization Results:",
        "",
        "👥 APPLICANTS:",
        "   Total Processed: 850",
        "   ✅ Successful: 849",
        "   ❌ Failed: 1",
        "   📈 Success Rate: 99.8%",
        "",
        "❌ ERRORS:",
        "   Applicant 7: no name",
        "   see logs/mis_errors.csv",
    ]


def test_the_results_of_all_end_with_the_sum():
    data = {"applicants": result(850), "students": result(1199, (3, "x"), called="student_id")}
    data |= {"start_time": "", "end_time": ""}

    lines = lines_of(["applicants", "students"], data)

    at = lines.index("🌟 OVERALL:")
    assert lines[at + 1 : at + 4] == [
        "   Total Processed: 2,050",
        "   ✅ Successful: 2,049",
        "   ❌ Failed: 1",
    ]
    assert "   Student 3: x" in lines


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1 waits, neither sent nor failed"), (2000, "2,000 wait, neither sent nor failed")],
)
def test_whoever_waits_is_counted_and_found(number, said):
    found = Synced(result(0), waiting=number)

    lines = list(shown.results(["applicants"], found))
    assert lines[-1] == f"⏸ {said}; decide in data/mis_plan.csv"
    answer = json.loads(shown.answer("Sync", "now", found))
    assert answer["message"] == f"Sync; {said}; decide in data/mis_plan.csv"


def test_whoever_waits_is_named_with_the_reason_and_is_no_error():
    found = Synced(waiting((6, "is inactive"), (9, "has a twin")), waiting=3)

    lines = list(shown.results(["applicants"], found))
    assert lines[lines.index("   ❌ Failed: 0") + 1 :] == [
        "",
        "⏸ 3 wait, neither sent nor failed; decide in data/mis_plan.csv",
        "   Applicant 6: is inactive",
        "   Applicant 9: has a twin",
        "   see logs/mis_errors.csv",
    ]


def test_brief_results_count_who_waits():
    found = Synced(waiting((6, "is inactive")), waiting=1)

    assert list(shown.results(["applicants"], found, is_brief=True))[-1].startswith("⏸ 1 waits,")


def test_where_there_was_nothing_to_do_no_rate_is_shown():
    assert lines_of(["applicants"], result(0))[-1] == "   ❌ Failed: 0"


def test_the_first_errors_are_shown_and_the_rest_is_counted():
    data = result(0, *((number, "x") for number in range(1234)))

    lines = lines_of(["applicants"], data)

    assert sum(line.startswith("   Applicant") for line in lines) == shown.SHOWN
    assert lines[-1] == "   and 1,224 more; see logs/mis_errors.csv"


def test_no_error_is_counted_as_one_more_where_all_are_shown():
    data = result(0, *((number, "x") for number in range(shown.SHOWN)))

    assert lines_of(["applicants"], data)[-1] == "   see logs/mis_errors.csv"


def test_a_long_error_is_wrapped_below_its_own_beginning():
    lines = lines_of(["applicants"], result(0, (1, "a long word " * 20)))

    told = lines[lines.index("❌ ERRORS:") + 1 : -1]
    assert len(told) > 1 and max(map(len, told)) <= shown.WIDTH
    assert [line[:6] for line in told[1:]] == [" " * 6] * (len(told) - 1)


def test_brief_results_name_nobody():
    lines = lines_of(["applicants"], result(1, (1, "x")), is_brief=True)

    assert not any("Applicant 1" in line for line in lines)


def test_where_nobody_s_turn_had_come_there_is_only_the_reason():
    assert lines_of(["applicants"], result(0), "mis_fetch: refused") == []
    assert lines_of(["applicants"], result(1), "mis_push: stopped") != []
    assert lines_of(["applicants"], result(0)) != []


# --- status ---------------------------------------------------------------------------

STATUS = {
    "statistics": statistics(counted(850, 1, 849, 0, 0), counted(1200, 0, 1200, 0, 0)),
    "progress": {"applicants": 99.8, "students": 100.0, "overall": 99.9},
    "quickbooks_connected": True,
    "last_updated": "2026-11-20T08:00:00.123456+00:00",
    "last_run": {
        "run_id": "r1",
        "ended": "2026-11-20T07:59:00.123456+00:00",
        "exit_code": 1,
        "total_processed": 2050,
        "successful": 2049,
        "failed": 1,
        "waiting": 0,
    },
    "last_session": None,
}


def test_a_status_is_laid_out_like_the_statistics():
    assert list(shown.status(STATUS)) == [
        "📊 Customer Synchronization Status:",
        "",
        "👥 APPLICANTS: 849 of 850 synced, 📈 99.8%",
        "🎓 STUDENTS: 1,200 of 1,200 synced, 📈 100.0%",
        "🌟 OVERALL: 2,049 of 2,050 synced, 📈 99.9%",
        "",
        "🔗 QuickBooks: connected",
        "🕒 Last Updated: 2026-11-20 08:00:00 UTC",
        "🏁 Last Run: 2026-11-20 07:59:00 UTC, exit code 1, 2,049 successful, 1 failed",
    ]


def test_a_status_counts_who_waits():
    last = {**STATUS["last_run"], "waiting": 3}

    line = list(shown.status({**STATUS, "last_run": last}))[-1]
    assert line.endswith(", 3 wait, neither sent nor failed; decide in data/mis_plan.csv")


def test_a_status_says_what_to_do_first():
    lines = list(shown.status({**STATUS, "quickbooks_connected": False, "last_run": None}))

    assert lines[6] == "🔗 QuickBooks: not connected; run make login"
    assert lines[8] == '🏁 Last Run: none yet; "all" starts one'


def test_a_status_shows_how_far_the_session_is_that_runs():
    session = {"session_id": "s7", "status": "running"}
    session |= {"progress_percentage": 40, "synced_objects": 1200}

    line = list(shown.status({**STATUS, "last_session": session}))[-1]
    assert line == "🔄 Running: session s7, 40 %, 1,200 synced"


def test_a_session_that_has_ended_is_told_as_the_last_run():
    ended = {**STATUS, "last_session": {"session_id": "s7", "status": "completed"}}

    assert list(shown.status(ended)) == list(shown.status(STATUS))


# --- for programs ---------------------------------------------------------------------


def test_json_is_plain_ascii_whatever_is_in_it():
    assert json.loads(shown.as_json({"a": "é\u202e🎓"})) == {"a": "é\u202e🎓"}
    assert shown.as_json({"a": "é\u202e🎓"}).isascii()


def test_an_answer_has_what_was_found():
    found = json.loads(shown.answer("Customer statistics", "now", Synced({"a": 1})))

    assert (found["success"], found["data"]) == (True, {"a": 1})


def test_an_answer_to_what_ended_early_has_the_reason_and_what_was_found():
    found = json.loads(shown.answer("Sync", "now", Synced({"a": 1}, 3, "x: stopped")))

    assert (found["success"], found["error"]) == (False, "x: stopped")
    assert found["details"] == {"exit_code": 3, "results": {"a": 1}}


def test_an_expected_failure_is_told_to_programs():
    text = shown.failure("mis_sync_customers all failed", "now", Locked("x: held; wait"))

    assert json.loads(text) == {
        "success": False,
        "message": "mis_sync_customers all failed",
        "timestamp": "now",
        "error": "x: held; wait",
        "details": {"exit_code": 75},
    }


def test_a_failing_disk_is_told_to_programs_in_a_sentence():
    text = shown.failure("failed", "now", OSError(28, "No space left", "logs/x"))

    assert json.loads(text)["details"] == {"exit_code": 74}
    assert json.loads(text)["error"].startswith("logs/x: No space left; free some ")


def test_a_programming_error_is_no_answer():
    assert shown.failure("failed", "now", KeyError("x")) == ""
