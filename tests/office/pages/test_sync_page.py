"""A synchronization's page: every element that the specification names, at every moment."""

import json

import pytest

from src.kit import receipts
from src.kit.errors import LOCKED
from src.kit.sessions import CANCELLED, COMPLETED, FAILED, FETCHED, PLANNED, Count
from src.office.pages.syncs import SYNCS
from src.wms.fields import TYPES
from tests.office.pages.markup import EVIL, read
from tests.wms.control import Started, attempt

RUNNING_SINCE = "2026-11-20 08:00:00 UTC"


def begun(visitor, *stages, name="wms"):
    """Let a session begin, with customers and items; return what adds its rows."""
    writer = getattr(visitor, name).writer("s1")
    types = ["customers", "items"] if name == "wms" else ["applicants", "students"]
    writer.start(types)
    for stage in stages:
        writer.stage(stage, "a door", 0, "")
    writer.count({types[0]: Count(4), types[1]: Count(2)} if PLANNED in stages else {})
    return writer


@pytest.fixture
def at_work(visitor):
    """Let a session be at work: its lock is held."""
    begun(visitor, FETCHED, PLANNED)
    with visitor.wms.outside.lock:
        yield visitor


def cards(root):
    return {one.one("h2").text: one for one in root.all("section")}


def facts(card):
    return dict(zip([dt.text for dt in card.all("dt")], [dd.text for dd in card.all("dd")]))


def forms(root):
    return {form.attributes["action"]: form for form in root.all("form")}


# --- before and between sessions ------------------------------------------------------


def test_every_type_can_be_chosen_and_is(visitor):
    form = forms(visitor.page("/sync/wms"))["/sync/wms/start"]

    boxes = form.all("input", type="checkbox", name="objects")
    assert tuple(box.attributes["value"] for box in boxes) == TYPES
    assert all("checked" in box.attributes for box in boxes)


def test_the_mis_asks_for_a_batch_size(visitor):
    form = forms(visitor.page("/sync/mis"))["/sync/mis/start"]

    field = form.one("input", name="batch_size").attributes
    assert (field["value"], field["min"], field["max"]) == ("50", "1", "100")
    boxes = form.all("input", type="checkbox")
    assert [box.attributes["value"] for box in boxes] == ["applicants", "students"]


@pytest.mark.parametrize("name", SYNCS)
def test_where_none_ever_ran_it_says_so(visitor, name):
    card = cards(visitor.page(f"/sync/{name}"))["Status"]

    assert facts(card) == {"Status": "there was no session yet", "Last sync": "never"}


@pytest.mark.parametrize("status", [COMPLETED, FAILED, CANCELLED])
def test_the_last_session_stays_in_sight(visitor, status):
    writer = begun(visitor, FETCHED, PLANNED)
    writer.end(status, "wms_apply", "a sentence of its own", Count())

    root = visitor.page("/sync/wms")

    assert root.one("p", role="status").text.startswith(status.capitalize())
    assert "/sync/wms/start" in forms(root)
    assert "a sentence of its own" in cards(root)["Error log"].text


def test_the_last_sync_time_is_that_of_the_last_completed_session(visitor):
    begun(visitor).end(COMPLETED, "", "", Count())
    visitor.wms.seconds = 3600
    writer = visitor.wms.writer("s2")
    writer.start(["items"])
    writer.end(FAILED, "", "no", Count())

    card = cards(visitor.page("/sync/wms"))["Status"]

    assert facts(card)["Last sync (completed)"] == RUNNING_SINCE
    assert facts(card)["Started"] == "2026-11-20 09:00:00 UTC"


def ran(visitor, run_id="r1", hour=9, exit_code=0, door="wms_apply", is_dry=False):
    """Leave the receipts of a door."""
    run = f"2026-11-20T{hour:02}:00:00+00:00", run_id, door
    told = ["", "", "", f"read=1 out=1 exit={exit_code}"]
    kinds = [receipts.RUN] if is_dry else [receipts.RUN, receipts.FILE]
    receipts.append(visitor.logs, *((*run, kind, *told) for kind in kinds))


def last_sync(visitor, name="wms"):
    card = cards(visitor.page(f"/sync/{name}"))["Status"]
    [found] = [dd for dt, dd in zip(card.all("dt"), card.all("dd")) if "Last sync" in dt.text]
    return found


@pytest.mark.parametrize(("name", "door"), [("wms", "wms_apply"), ("mis", "mis_push")])
def test_without_a_session_the_last_sync_is_that_of_the_door_and_says_so(
    visitor, name, door
):
    ran(visitor, door=door)

    found = last_sync(visitor, name)

    assert found.text == f"2026-11-20 09:00:00 UTC, by {door} without a session"
    assert found.one("a").attributes["href"] == "/runs/r1"


@pytest.mark.parametrize("hour", [7, 9])
def test_the_last_sync_is_the_later_of_session_and_door(visitor, hour):
    begun(visitor).end(COMPLETED, "", "", Count())
    ran(visitor, hour=hour)

    assert ("without a session" in last_sync(visitor).text) == (hour == 9)


@pytest.mark.parametrize(
    "other",
    [{"exit_code": 2}, {"exit_code": 143}, {"is_dry": True}]
    + [{"door": "wms_plan"}, {"door": "mis_push"}],
)
def test_a_door_that_failed_or_writes_nothing_there_did_not_synchronize(visitor, other):
    ran(visitor, **other)

    assert last_sync(visitor).text == "never"


def test_the_door_of_a_session_that_failed_did_not_synchronize_either(visitor):
    begun(visitor).end(FAILED, "", "no", Count())
    ran(visitor, "s1")

    assert last_sync(visitor).text == "never"


def ended_with(visitor, count):
    writer = begun(visitor, FETCHED, PLANNED)
    writer.count({"customers": count})
    writer.end(COMPLETED, "wms_apply", "", count)
    return visitor.page("/sync/wms")


@pytest.mark.parametrize(("failed", "look"), [(0, "success"), (4, "warning")])
def test_a_completed_session_is_green_only_where_nothing_was_left_behind(
    visitor, failed, look
):
    root = ended_with(visitor, Count(4, 4 - failed, failed))

    badge = root.one("p", role="status").one("span")
    assert badge.text == "Completed"
    assert f"bg-{look}-subtle" in badge.attributes["class"]


def test_what_was_not_synchronized_fills_the_bars_in_its_own_colour(visitor):
    root = ended_with(visitor, Count(4, 1, 3))

    overall, customers = root.all("div", role="progressbar")[:2]
    told = "1/4, 3 not synchronized"
    assert customers.text == f"Customers: {told}"
    shares = [(one.attributes["class"], one.attributes["width"]) for one in customers.all("rect")]
    assert shares == [("fill-success", "25.000%"), ("fill-warning", "75.000%")]


def test_a_session_that_ended_before_its_plan_does_not_say_that_all_is_well(visitor):
    begun(visitor, FETCHED).end(CANCELLED, "wms_plan", "stopped", Count())

    told = visitor.page("/sync/wms").one("p", role="status").text

    assert told == "Cancelled Nothing was planned when it ended."


def test_a_session_that_had_nothing_to_do_says_so(visitor):
    writer = begun(visitor)
    writer.end(COMPLETED, "wms_apply", "", Count())

    root = visitor.page("/sync/wms")

    assert root.one("p", role="status").text == (
        "Completed No record was to be synchronized."
    )
    assert root.one("progress").attributes == {"max": "100", "value": "100"}


def test_a_page_that_nothing_happens_on_does_not_reload_itself(visitor):
    begun(visitor).end(COMPLETED, "", "", Count())

    root = visitor.page("/sync/wms")

    assert root.all("meta", **{"http-equiv": "refresh"}) == []
    assert root.one("div", id="progress").attributes["hx-trigger"] == "every 10s"


def test_the_page_leads_to_history_held_cards_and_log(visitor):
    places = {a.attributes["href"] for a in visitor.page("/sync/wms").all("a")}

    wanted = {"/sync/wms/history", "/plans/wms_plan?show=held", "/logs/wms_runlog"}
    assert wanted <= places


# --- while one runs -------------------------------------------------------------------


def test_a_running_session_can_be_cancelled_and_not_started(at_work):
    places = forms(at_work.page("/sync/wms"))

    assert list(places) == ["/sync/wms/cancel"]
    assert places["/sync/wms/cancel"].one("input", name="csrf").attributes["value"]


def test_the_page_of_a_running_session_looks_every_second(at_work):
    root = at_work.page("/sync/wms")

    polled = root.one("div", id="progress").attributes
    assert polled["hx-get"] == "/sync/wms/progress?seen=s1-running"
    assert polled["hx-trigger"] == "every 1s"
    assert root.one("meta", **{"http-equiv": "refresh"}).attributes["content"] == "2"


@pytest.mark.parametrize(
    ("name", "stages", "told"),
    [
        ("wms", [], "Running Fetching; nothing is planned yet."),
        ("wms", [FETCHED], "Running Planning; nothing is planned yet."),
        ("wms", [FETCHED, PLANNED], "Running Writing to both sides; 0 of 6 records"),
        ("mis", [FETCHED, PLANNED], "Running Sending to QuickBooks; 0 of 6 records"),
    ],
)
def test_the_status_names_the_stage_at_work(visitor, name, stages, told):
    begun(visitor, *stages, name=name)

    with getattr(visitor, name).outside.lock:
        root = visitor.page(f"/sync/{name}")

    assert root.one("p", role="status").text.startswith(told)


def test_progress_is_shown_overall_and_by_type(at_work):
    done = [attempt("w1", "updated"), attempt("w2", "updated"), attempt("w3", "failed")]
    at_work.wms.log("s1", *done)

    root = at_work.page("/sync/wms")

    bars = root.all("div", role="progressbar")
    assert [(bar.text, bar.attributes["aria-valuenow"]) for bar in bars] == [
        ("Overall progress: 50 %, 3 of 6 records processed, 1 not synchronized", "3"),
        ("Customers: 2/4, 1 not synchronized", "3"),
        ("Items: 0/2", "0"),
    ]
    rows = cards(root)["Progress by type"].one("tbody").all("tr")
    assert [[td.text for td in row.all("td")] for row in rows] == [
        ["4", "2", "1"],
        ["2", "0", "0"],
    ]


def test_the_error_log_has_type_id_and_description(at_work):
    at_work.wms.log("s1", attempt("w7", "failed", name="Acme", error="too long"))

    row = cards(at_work.page("/sync/wms"))["Error log"].one("tbody").one("tr")

    found = [cell.text for cell in row.children]
    assert found == ["customers", "w7", "Acme: too long"]


def test_an_error_of_the_mis_has_type_and_id_too(visitor):
    begun(visitor, FETCHED, PLANNED, name="mis").end(
        FAILED, "", "Applicant 7 Moses: no such field", Count()
    )

    row = cards(visitor.page("/sync/mis"))["Error log"].one("tbody").one("tr")

    assert [cell.text for cell in row.children] == ["Applicant", "7", "Moses: no such field"]


def test_a_session_without_errors_says_so(at_work):
    card = cards(at_work.page("/sync/wms"))["Error log"]

    assert "Nothing went wrong." in card.text


def test_only_the_first_errors_are_on_the_page_and_a_link_leads_to_all(at_work):
    at_work.wms.log("s1", *[attempt(f"w{n}", "failed", error="no") for n in range(90)])

    card = cards(at_work.page("/sync/wms"))["Error log"]

    assert len(card.one("tbody").all("tr")) == 50
    assert card.all("a")[-1].attributes["href"] == "/sync/wms/history/s1"


def test_names_that_are_markup_are_shown_as_text(at_work):
    at_work.wms.log("s1", attempt("w1", "failed", name=EVIL, error=EVIL))

    root = at_work.page("/sync/wms")

    assert root.all("script") == root.all("img", src="x") == []
    assert "</script><img src=x" in root.text


def test_somebody_else_has_seen_that_it_was_asked_to_stop(at_work):
    at_work.wms.manager.cancel_sync()

    told = at_work.page("/sync/wms").one("p", role="status").text

    assert "Writing to both sides, asked to stop;" in told


def test_one_that_was_asked_to_stop_is_not_asked_again(at_work):
    at_work.wms.manager.cancel_sync()

    root = at_work.page("/sync/wms")

    assert forms(root) == {}
    assert root.all("div", role="status")[0].text.startswith("Asked to stop; the record")


# --- what is polled -------------------------------------------------------------------


def test_what_is_polled_is_a_part_of_the_page(at_work):
    part = at_work.see("/sync/wms/progress?seen=s1-running")

    assert "<html" not in part
    assert part in at_work.see("/sync/wms")
    assert "HX-Refresh" not in at_work.ask("/sync/wms/progress?seen=s1-running").headers


@pytest.mark.parametrize("seen", ["nothing", "s0-completed", "s1-completed"])
def test_a_page_that_knows_of_no_session_is_loaded_anew(at_work, seen):
    reply = at_work.ask(f"/sync/wms/progress?seen={seen}")

    assert reply.headers["HX-Refresh"] == "true"


def test_the_end_of_a_session_loads_the_page_anew(visitor):
    begun(visitor).end(COMPLETED, "", "", Count())

    reply = visitor.ask("/sync/wms/progress?seen=s1-running")

    assert reply.headers["HX-Refresh"] == "true"


def test_whoever_says_nothing_gets_the_part_alone(visitor):
    assert visitor.ask("/sync/wms/progress").headers == {}


# --- start and cancel -----------------------------------------------------------------


def test_a_start_starts_what_was_ticked_and_leads_back(visitor):
    reply = visitor.send("/sync/wms/start", objects=["items", "customers"])

    assert (reply.status, reply.headers["Location"]) == (303, "/sync/wms")
    assert visitor.wms.launched == [("s1", ("customers", "items"))]


def test_a_start_of_the_mis_takes_its_batch_size_along(visitor):
    visitor.send("/sync/mis/start", objects=["students"], batch_size="7")

    assert visitor.mis.launched == [("s1", ("students",))]
    assert visitor.mis.options == {"batch_size": 7}


@pytest.mark.parametrize("size", ["0", "101", "x", "1.5", "-1", "٣"])
def test_a_batch_size_that_is_none_starts_nothing(visitor, size):
    reply = visitor.send("/sync/mis/start", objects=["students"], batch_size=size)

    assert reply.status == 400
    assert "batch_size: is not a whole number from 1 to 100" in reply.body.decode()
    assert visitor.mis.launched == []


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "nothing was ticked"),
        ({"objects": ["orders"]}, "orders: nothing of that name"),
        ({"objects": [EVIL]}, "nothing of that name"),
    ],
)
def test_what_cannot_be_started_is_said_on_the_page(visitor, form, told):
    reply = visitor.send("/sync/wms/start", **form)

    assert reply.status == 400
    root = read(reply.body.decode())
    assert told in root.all("div", role="status")[0].text
    assert root.all("img") == visitor.wms.launched == []


def test_a_start_while_one_runs_shows_the_one_that_runs(at_work):
    reply = at_work.send("/sync/wms/start", objects=["items"])

    root = read(reply.body.decode())
    assert reply.status == 409
    assert "A session runs already" in root.text
    assert "s1" in facts(cards(root)["Status"])["Session"]
    assert at_work.wms.launched == []


def test_a_start_while_nobody_knows_who_is_at_work_does_not_name_a_session(visitor):
    locked = Started(LOCKED, "/somewhere/logs/mis.lock: held by process 7 on a machine")
    visitor.wms.on_launch = lambda *_: locked

    reply = visitor.send("/sync/wms/start", objects=["items"])

    told = read(reply.body.decode()).all("div", role="status")[0].text
    assert reply.status == 409
    assert told.startswith("Not started: another door or session is at work")
    assert "process 7" not in told


def test_a_session_that_does_not_come_to_its_start_says_why(visitor):
    visitor.wms.on_launch = lambda *_: Started(2, f"wms: no such company {EVIL}")

    reply = visitor.send("/sync/wms/start", objects=["items"])

    assert reply.status == 400
    assert "Not started: wms: no such company" in read(reply.body.decode()).text


def test_a_cancel_asks_the_running_session_and_leads_back(at_work):
    reply = at_work.send("/sync/wms/cancel")

    assert (reply.status, reply.headers["Location"]) == (303, "/sync/wms")
    assert at_work.wms.outside.request.read_text() == "s1"


def test_a_cancel_where_none_runs_changes_nothing(visitor):
    reply = visitor.send("/sync/wms/cancel")

    assert reply.status == 303
    assert not visitor.wms.outside.request.exists()


@pytest.mark.parametrize("place", ["/sync/wms/start", "/sync/mis/cancel"])
def test_nothing_starts_or_stops_by_looking(visitor, place):
    assert visitor.ask(place).status == 405


def test_a_session_that_died_is_shown_as_failed(visitor):
    begun(visitor, FETCHED)

    root = visitor.page("/sync/wms")

    assert root.one("p", role="status").text.startswith("Failed")
    assert json.dumps(visitor.wms.told()).count("failed") == 1
