"""The history: every column of the specification, every error of a session."""

import doctest

import pytest

from src.kit.sessions import CANCELLED, COMPLETED, FAILED, FETCHED, Count
from src.office.pages import history_page
from tests.office.pages.markup import EVIL
from tests.wms.control import attempt

HEADS = [
    *("Start Time", "End Time", "Status", "Total Objects", "Synced Objects"),
    *("Failed Objects", "Duration", "Details"),
]


def past(visitor, number, status=COMPLETED, failed=0, seconds=5):
    """Let a session have been, an hour after the one before it."""
    control = visitor.wms
    control.seconds = number * 3600
    writer = control.writer(f"s{number}")
    writer.start(["customers"])
    writer.stage(FETCHED, "wms_fetch", 0, "wms_fetch: 4 new")
    control.seconds += seconds
    writer.count({"customers": Count(4, 4 - failed, failed)})
    message = "" if status == COMPLETED else "it is like that"
    writer.end(status, "wms_apply", message, Count(4, 4 - failed, failed))


def rows(root):
    return [[cell.text for cell in row.children] for row in root.one("tbody").all("tr")]


def starts(visitor, query=""):
    root = visitor.page(f"/sync/wms/history{query}")
    return [row[0][11:16] for row in rows(root)]


# --- all sessions ---------------------------------------------------------------------


def test_a_session_has_every_column_of_the_specification(visitor):
    past(visitor, 1, failed=1)

    root = visitor.page("/sync/wms/history")

    assert [head.text for head in root.all("th", scope="col")] == HEADS
    day = "2026-11-20"
    times = [f"{day} 09:00:00", f"{day} 09:00:05"]
    assert rows(root) == [[*times, "Completed", "4", "3", "1", "5.0 s", "1 error"]]


def test_without_a_session_it_says_where_doors_run_by_themselves_are(visitor):
    notice = visitor.page("/sync/mis/history").one("div", role="status")

    assert notice.text.startswith("There was no session yet; doors")
    assert notice.one("a").attributes["href"] == "/runs"


@pytest.mark.parametrize(("failed", "look"), [(0, "success"), (1, "warning")])
def test_a_completed_session_that_left_records_behind_looks_like_it(visitor, failed, look):
    past(visitor, 1, failed=failed)

    badge = visitor.page("/sync/wms/history").one("tbody").one("span")

    assert badge.text == "Completed"
    assert f"text-{look}-emphasis" in badge.attributes["class"]


def test_a_running_session_has_no_end(visitor):
    visitor.wms.writer("s1").start(["items"])

    with visitor.wms.outside.lock:
        [row] = rows(visitor.page("/sync/wms/history"))

    assert row[1:3] == ["-", "Running"]
    assert row[6] == "-"


def test_the_newest_session_comes_first(visitor):
    for number in (1, 2, 3):
        past(visitor, number)

    assert starts(visitor) == ["11:00", "10:00", "09:00"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("start_time", ["09:00", "10:00", "11:00"]),
        ("-start_time", ["11:00", "10:00", "09:00"]),
        ("failed_objects", ["09:00", "11:00", "10:00"]),
        ("-failed_objects", ["10:00", "11:00", "09:00"]),
        ("status", ["11:00", "09:00", "10:00"]),
        ("duration_seconds", ["10:00", "09:00", "11:00"]),
    ],
)
def test_any_column_sorts(visitor, sort, order):
    past(visitor, 1, COMPLETED, 0, 20)
    past(visitor, 2, FAILED, 3, 10)
    past(visitor, 3, CANCELLED, 1, 30)

    assert starts(visitor, f"?sort={sort}") == order


@pytest.mark.parametrize("sort", ["end_time", "-end_time", "duration_seconds"])
def test_a_session_without_an_end_is_sorted_too(visitor, sort):
    past(visitor, 1)
    visitor.wms.writer("s2").start(["items"])

    with visitor.wms.outside.lock:
        assert len(starts(visitor, f"?sort={sort}")) == 2


def test_a_column_says_by_which_order_it_is_sorted_and_turns_it(visitor):
    past(visitor, 1)

    heads = visitor.page("/sync/wms/history?sort=status").all("th", scope="col")

    by_name = {head.text: head for head in heads}
    assert by_name["Status"].attributes["aria-sort"] == "ascending"
    assert by_name["Status"].one("a").attributes["href"].endswith("sort=-status")
    assert by_name["Duration"].one("a").attributes["href"].endswith("=duration_seconds")
    assert "aria-sort" not in by_name["Duration"].attributes


@pytest.mark.parametrize("sort", ["session_id", "--status", "x", EVIL.replace("&", "")])
def test_no_other_column_sorts(visitor, sort):
    assert visitor.ask(f"/sync/wms/history?sort={sort}").status == 400


def test_many_sessions_have_pages_that_keep_the_order(visitor):
    for number in range(60):
        past(visitor, number)

    first = visitor.page("/sync/wms/history?sort=start_time")

    place = first.all("a", rel="next")[0].attributes["href"]
    assert place == "/sync/wms/history?sort=start_time&page=2"
    assert len(rows(first)) == 50
    assert len(rows(visitor.page(place))) == 10


def test_the_link_to_a_session_leads_to_it(visitor):
    past(visitor, 1)

    [link] = visitor.page("/sync/wms/history").one("tbody").all("a")

    assert link.attributes["href"] == "/sync/wms/history/s1"
    assert visitor.page("/sync/wms/history/s1").one("h1").text == "Session s1"


# --- one session ----------------------------------------------------------------------


def session(visitor, query=""):
    root = visitor.page(f"/sync/wms/history/s1{query}")
    return {one.one("h2").text: one for one in root.all("section")}


def test_a_session_tells_its_stages_with_their_exit_codes(visitor):
    past(visitor, 1, FAILED)

    told = rows(session(visitor)["What happened"])

    assert [row[1:5] for row in told] == [
        ["started", "", "", ""],
        ["fetched", "wms_fetch", "0", "wms_fetch: 4 new"],
        ["failed", "wms_apply", "", "it is like that"],
    ]
    assert told[0][5] == "customers"


def test_a_session_lists_the_records_that_did_not_arrive(visitor):
    past(visitor, 1)
    wrong = attempt("w1", "failed", name="Acme", id="80-1", error="no", request_id="q1")
    visitor.wms.log("s1", wrong, attempt("w2", "created"), attempt("w3", "held"))

    told = rows(session(visitor)["Errors of records"])

    assert told == [
        ["customers", "80-1", "Acme", "no", "failed", "q1"],
        ["customers", "w3", "", "", "held", ""],
    ]


def test_a_record_that_arrived_later_is_no_error(visitor):
    past(visitor, 1)
    visitor.wms.log("s1", attempt("w1", "failed"), attempt("w1", "created"))

    assert "arrived" in session(visitor)["Errors of records"].text


def test_other_sessions_errors_are_not_shown(visitor):
    past(visitor, 1)
    visitor.wms.log("s12", attempt("w1", "failed"))

    assert session(visitor)["Errors of records"].all("tr") == []


def test_errors_have_pages(visitor):
    past(visitor, 1)
    visitor.wms.log("s1", *[attempt(f"w{n}", "failed") for n in range(70)])

    card = session(visitor)["Errors of records"]

    assert card.one("caption").text == "70 records did not arrive"
    place = card.all("a", rel="next")[0].attributes["href"]
    assert place == "/sync/wms/history/s1?page=2"
    assert len(rows(session(visitor, "?page=2")["Errors of records"])) == 20


def test_errors_that_are_markup_are_shown_as_text(visitor):
    past(visitor, 1)
    visitor.wms.log("s1", attempt("w1", "failed", name=EVIL, error="x" * 10_000))

    card = session(visitor)["Errors of records"]

    assert card.all("img") == []
    assert card.one("details").one("summary").text == "x" * 160 + "…"


def test_a_session_leads_to_its_log_and_its_receipts(visitor):
    past(visitor, 1)

    places = [a.attributes["href"] for a in session(visitor)["Elsewhere"].all("a")]

    assert places == ["/logs/wms_runlog?run=s1", "/runs/s1", "/sync/wms/history"]


def test_the_examples_are_true():
    assert doctest.testmod(history_page).failed == 0
