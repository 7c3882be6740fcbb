"""The overview: one sentence for all, a card for each, and what to type next."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timezone

import pytest

from src.kit import web
from src.kit.sessions import COMPLETED, RUNNING, Session
from src.kit.sync_manager import Status
from src.office.leftovers import Earlier, Problem
from src.office.overview import RunSum, Standing, Watch
from src.office.pages import overview_page
from src.office.pages.office import Office
from src.office.pages.overview_page import Seen
from src.office.pipelines import ALL
from tests.office.pages.markup import EVIL, Element, faults, read

LEFT = Earlier([Problem(*"1 t r f.csv 7 k held c why".split())] * 2)
STARTED = "2026-11-21T23:18:30+00:00"
RUN = RunSum("20261121T231830Z-50397e", "wms_sync", "wms", STARTED, STARTED, "1", {})
STATUS = Status(
    RUNNING, datetime(2026, 11, 21, 23, 18, tzinfo=timezone.utc), None, 1200, 340, 12
)


class Manager:
    """Stands in for a sync manager: it has one session, or none."""

    def __init__(self, status: str = "") -> None:
        self.status = status

    def current(self) -> Session | None:
        if not self.status:
            return None
        return Session("s1", ("customers",), STARTED, "", self.status, "", {}, ())

    def status_of(self, session: Session) -> Status:
        return STATUS


def standing(name: str = "wms", **changes: object) -> Standing:
    whole = Standing(name, "", Counter(), 0, 0, "nothing to do")
    return whole._replace(**changes)


def done(name: str = "wms", **changes: object) -> Standing:
    some = standing(name, last_run="lately", outcomes=Counter(created=3))
    return some._replace(**changes)


def content(*standings: Standing, **changes: object) -> Element:
    return read(overview_page.content(Seen(standings, [RUN])._replace(**changes)))


def facts(root: Element) -> dict[str, Element]:
    return dict(zip([one.text for one in root.all("dt")], root.all("dd")))


def office(desk, wms: str = "", mis: str = "") -> Office:
    return Office(desk.config, Watch(desk.config), Manager(wms), Manager(mis))


# --- the sentence ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("in_doubt", "errors", "told"),
    [
        (0, 0, "Nothing is in doubt. Nothing waits for a person."),
        (0, 1, "Nothing is in doubt. 1 thing waits for a person."),
        (None, 1500, "Nothing is in doubt. 1,500 things wait for a person."),
        (1, 0, "1 attempt is in doubt: nobody knows yet whether it arrived."),
        (2, 0, "2 attempts are in doubt: nobody knows yet whether they arrived."),
    ],
)
def test_one_sentence_tells_how_everything_stands(in_doubt, errors, told):
    found = overview_page.verdict(Seen([done(in_doubt=in_doubt, open_errors=errors)], []))

    assert found.startswith(told)


def test_the_sentence_adds_the_pipelines_up():
    standings = [done(open_errors=12), done("mis", open_errors=3)]

    assert "15 things wait" in overview_page.verdict(Seen(standings, []))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (0, "Nothing is in doubt. 2 records were left behind in earlier files."),
        (3, "3 things wait for a person. 2 records were left behind in earlier files."),
    ],
)
def test_the_sentence_names_what_earlier_files_left(now, told):
    found = overview_page.verdict(Seen([done(open_errors=now, earlier=LEFT)], []))

    assert found.endswith(told)


def test_what_earlier_files_left_is_on_the_card():
    card = content(done("salespro", earlier=LEFT, in_doubt=None))

    assert facts(card)["Left behind"].text == "2 in earlier files"
    assert "waits for a person" in card.text and "in order" not in card.text
    assert card.all("a", href="/logs/salespro_runlog")


def test_the_sentence_names_what_runs():
    found = overview_page.verdict(Seen([done()], [], {"wms": STATUS}))

    assert found.endswith("WMS and QuickBooks Desktop: a synchronization is running.")


def test_where_nothing_was_done_it_names_the_demo():
    found = overview_page.verdict(Seen([standing(), standing("mis")], []))

    assert found.startswith("Nothing has been done here yet")
    assert '"make demo"' in found


# --- a card ---------------------------------------------------------------------------


@pytest.mark.parametrize("pipeline", ALL, ids=lambda one: one.name)
def test_every_pipeline_has_a_card_that_says_what_it_is(pipeline):
    card = content(done(pipeline.name)).one("section", **{"aria-labelledby": pipeline.name})

    assert card.one("h2").attributes["id"] == pipeline.name
    assert card.all("p")[0].text.endswith(".")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "in order"),
        ({"open_errors": 1}, "waits for a person"),
        ({"next_step": "make mis-fetch"}, "not finished"),
        ({"open_errors": 1, "in_doubt": 2}, "in doubt"),
        ({"last_run": "", "outcomes": Counter()}, "not begun"),
    ],
)
def test_a_badge_says_how_a_pipeline_stands(changes, told):
    card = content(done(**changes)).all("section")[0]

    badges = [one.text for one in card.all("span") if "badge" in one.attributes["class"]]
    assert badges == [told]


def test_the_last_run_is_told_with_its_door_its_end_and_what_the_code_means():
    last = facts(content(done()))["Last run"]

    assert last.text == "2026-11-21 23:18 UTC, wms_sync: done, some rows failed (exit 1)"
    assert last.one("a").attributes["href"] == f"/runs/{RUN.run_id}"
    assert last.one("time").attributes["datetime"] == STARTED


def test_a_run_of_another_pipeline_is_not_its_last_one():
    assert facts(content(done("customers")))["Last run"].text == "lately"
    assert facts(content(standing("customers")))["Last run"].text == "never"


def test_neither_is_one_that_left_no_receipt():
    untold = RUN._replace(door="", exit="")

    last = facts(content(done(), runs=[untold, RUN]))["Last run"]

    assert "wms_sync: done" in last.text


def test_a_door_of_a_cancelled_session_was_not_just_stopped():
    shown = content(done(), runs=[RUN._replace(exit="143", is_cancelled=True)])

    assert facts(shown)["Last run"].text.endswith("wms_sync: cancelled (exit 143)")
    assert shown.one("tbody").all("td")[-1].text == "cancelled (exit 143)"


def test_open_errors_lead_to_the_error_log():
    errors = facts(content(done(open_errors=1200)))["Open errors"]

    assert errors.text == "1,200, see the error log"
    assert errors.one("a").attributes["href"] == "/logs/wms_errors"


def test_no_open_errors_lead_nowhere():
    assert facts(content(done()))["Open errors"].all("a") == []


def test_a_pipeline_that_can_be_in_no_doubt_says_nothing_of_it():
    assert "In doubt" in facts(content(done()))
    assert "In doubt" not in facts(content(done("customers", in_doubt=None)))


def legend(**changes: object) -> list[Element]:
    return content(done(**changes)).one("ul").all("li")


def also(**changes: object) -> Element:
    shown = content(done(**changes)).all("p")
    [found] = [one for one in shown if one.text.startswith("The run log also has")]
    return found


def test_what_was_done_and_what_is_left_make_the_bar():
    outcomes = Counter(created=59, updated=90)

    found = legend(outcomes=outcomes, in_doubt=3, open_errors=12)

    told = "90 updated, 59 created, 3 in doubt now, 12 waiting for a person now"
    assert [one.text for one in found] == told.split(", ")


def test_an_attempt_that_was_settled_since_is_not_in_the_bar_but_told_as_one():
    outcomes = Counter(uploaded=37, in_doubt=6, failed=29)

    assert [one.text for one in legend(outcomes=outcomes)] == ["37 uploaded"]
    told = "The run log also has, over all runs and attempts: 29 failed, 6 in doubt."
    assert also(outcomes=outcomes).text == told


def test_done_rows_alone_leave_nothing_else_to_tell():
    assert "also has" not in content(done(outcomes=Counter(linked=1))).text


def test_where_nothing_was_done_and_nothing_is_left_there_is_no_bar():
    shown = content(done(outcomes=Counter(stale=2)))

    assert shown.all("svg") == []
    assert "2 stale" in shown.text


def test_a_bar_says_what_it_counts():
    shown = content(done(open_errors=1))

    told = "Done in all runs, and what is left now"
    assert f"{told}:" in [one.text for one in shown.all("p")]
    assert shown.one("svg", role="img").attributes["aria-label"].endswith(told.lower())


def test_outcomes_lead_to_their_rows():
    outcomes = Counter(created=59, held=31)

    [created, waiting] = legend(outcomes=outcomes, open_errors=1)

    assert created.one("a").attributes["href"] == "/logs/wms_runlog?outcome=created"
    assert waiting.one("a").attributes["href"] == "/logs/wms_errors"
    held = also(outcomes=outcomes).one("a")
    assert held.attributes["href"] == "/logs/wms_runlog?outcome=held"


def test_batches_of_an_importer_lead_nowhere_for_its_log_has_no_such_rows():
    shown = content(done("salespro", outcomes=Counter(created=59, held=31)))

    assert shown.one("ul").all("a") == []
    assert "held" in [one.text for one in shown.all("a")]


def test_without_a_log_there_is_no_bar():
    assert content(standing()).all("svg") == []


# --- the next step --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "typed", "linked"),
    [
        ("nothing to do", [], []),
        ("make wms-plan", ["make wms-plan"], []),
        ("make customers FILE=export.csv", ["make customers FILE=export.csv"], []),
        ("logs/wms_errors.csv, then make attach", ["make attach"], ["/logs/wms_errors"]),
        (
            "logs/wms_errors.csv, decide in data/wms_plan.csv, then make wms-apply",
            ["make wms-apply"],
            ["/logs/wms_errors", "/plans/wms_plan"],
        ),
    ],
)
def test_the_next_step_is_what_to_type_and_where_to_look(told, typed, linked):
    found = facts(content(done(next_step=told)))["Next"]

    assert found.text == told
    assert [one.text for one in found.all("code")] == typed
    assert [one.attributes["href"] for one in found.all("a")] == linked


def test_only_synchronizations_can_be_started_here():
    def starts(name: str) -> list[str]:
        places = (one.attributes["href"] for one in content(done(name)).all("a"))
        return [place for place in places if place.startswith("/sync/")]

    assert starts("wms") == ["/sync/wms", "/sync/wms/history"]
    assert starts("mis") == ["/sync/mis", "/sync/mis/history"]
    assert starts("attachments") == []


def test_a_session_that_runs_shows_how_far_it_is():
    card = content(done(), sessions={"wms": STATUS}).all("section")[0]

    bar = card.one("div", role="progressbar")
    assert (bar.attributes["aria-valuenow"], bar.attributes["aria-valuemax"]) == ("352", "1200")
    assert bar.text == "Synchronization: 352 of 1,200 records, 12 not synchronized"
    assert card.one("span").text == "running"


def test_a_session_without_a_plan_only_reads():
    card = content(done(), sessions={"wms": Status(RUNNING)}).all("section")[0]

    assert card.one("progress").attributes == {}
    assert card.one("label").text.startswith("Synchronization: reading")


# --- the latest runs ------------------------------------------------------------------


def test_the_latest_runs_are_shown_and_no_more_of_them():
    runs = [RUN._replace(run_id=f"r{n}") for n in range(20)]

    table = content(done(), runs=runs).one("table")

    places = [one.attributes["href"] for one in table.all("a")]
    assert places == [f"/runs/r{n}" for n in range(overview_page.LATEST)]


def test_a_run_without_a_receipt_says_so():
    table = content(done(), runs=[RUN._replace(door="", ended="", exit="")]).one("table")

    assert "no receipt: it runs, or was killed" in table.text
    assert "2026-11-21 23:18 UTC" in table.text


def test_without_runs_there_is_no_table():
    assert content(done(), runs=[]).all("table") == []


# --- hostile names, files of their own ------------------------------------------------


def test_hostile_names_are_text_everywhere():
    run = RUN._replace(run_id=EVIL, door=EVIL, exit=EVIL, ended=EVIL)
    hostile = done(last_run=EVIL, outcomes=Counter({EVIL: 3}), next_step=f"make x {EVIL}")

    html = overview_page.content(Seen([hostile], [run]))

    assert "<img" not in html and "\x1b" not in html
    assert [one for one in faults(html) if "after h0" not in one] == []


def test_a_file_of_its_own_links_to_nothing():
    waiting = done(open_errors=3, next_step="logs/x.csv, then make y")

    shown = content(waiting, is_offline=True)

    assert shown.all("a") == []
    assert [one.text for one in shown.all("code")] == ["logs/x.csv", "make y"]


# --- the page, of what lies on a desk -------------------------------------------------


@pytest.fixture
def sent(desk):
    """Return a desk on which everything was sent but one file."""
    desk.files("a.pdf", "b.pdf")
    desk.scenario(",b.pdf,400:6041")
    desk.prepare()
    desk.upload()
    return desk


def test_a_fresh_checkout_has_a_page(desk):
    page = overview_page.show(office(desk), web.Request("GET", "/"))

    assert page.refresh_seconds == 0
    assert read(page.body).one("p", id="verdict").text.startswith("Nothing has been done")
    assert len(read(page.body).all("section")) == len(ALL)


def test_what_was_done_is_on_the_page(sent):
    body = read(overview_page.show(office(sent), web.Request("GET", "/")).body)

    card = body.one("section", **{"aria-labelledby": "attachments"})
    links = [one.text for one in card.one("ul").all("a")]
    assert links == ["uploaded", "waiting for a person now"]
    assert facts(card)["Open errors"].text.startswith("1,")
    assert "1 thing waits" in body.one("p", id="verdict").text


def test_what_a_stopped_run_did_not_come_to_is_told():
    stopped = done(not_attempted=1250, next_step="make wms-apply")

    root = content(stopped)

    assert facts(root)["Not attempted"].text == "1,250"
    assert "1,250 not attempted yet" in root.text
    assert overview_page.verdict(Seen([stopped], [RUN])).endswith(
        "1,250 records were not attempted yet."
    )


def test_while_something_runs_the_page_reloads_itself_and_polls_often(desk):
    page = overview_page.show(office(desk, wms=RUNNING), web.Request("GET", "/"))

    polled = read(page.body).one("div", id="overview")
    assert page.refresh_seconds == overview_page.RELOAD_SECONDS
    assert polled.attributes["hx-trigger"] == "every 2s"


def test_a_session_that_ended_does_not_run(desk):
    page = overview_page.show(office(desk, mis=COMPLETED), web.Request("GET", "/"))

    polled = read(page.body).one("div", id="overview")
    assert polled.attributes["hx-trigger"] == "every 30s"
    assert read(page.body).all("progress") == []


def asked(place: str) -> web.Request:
    path, _, seen = place.partition("?seen=")
    return web.Request("GET", path, {"seen": seen} if seen else {})


def polled_at(root: Element) -> str:
    return root.one("div", id="overview").attributes["hx-get"]


def test_what_is_polled_is_nothing_while_nothing_changes(sent):
    place = polled_at(read(overview_page.show(office(sent), web.Request("GET", "/")).body))

    reply = overview_page.progress(office(sent), asked(place))

    assert re.fullmatch("/progress[?]seen=[0-9a-f]{16}[.][0-9a-f]{16}", place)
    assert (reply.status, reply.body) == (overview_page.SAME, b"")


def test_what_is_polled_is_the_cards_and_the_sentence_when_something_changed(sent):
    here = office(sent)
    place = polled_at(read(overview_page.show(here, web.Request("GET", "/")).body))
    sent.scenario()
    sent.upload()

    reply = overview_page.progress(here, asked(place))

    shown = read(reply.body.decode())
    assert polled_at(shown) != place
    assert shown.one("p", id="verdict").attributes["hx-swap-oob"] == "innerHTML"
    assert "Nothing waits" in shown.one("p", id="verdict").text


def test_the_sentence_is_said_again_only_when_it_is_a_new_one(sent):
    here = office(sent)
    place = polled_at(read(overview_page.show(here, web.Request("GET", "/")).body))
    sent.upload()  # fails again

    reply = overview_page.progress(here, asked(place))

    assert read(reply.body.decode()).all("p", id="verdict") == []


def test_every_link_has_an_id_so_that_the_focus_stays_where_it_is(sent):
    body = read(overview_page.show(office(sent), web.Request("GET", "/")).body)

    ids = [one.attributes.get("id") for one in body.all("a")]
    assert len(ids) > 10
    assert all(ids) and len(set(ids)) == len(ids)


def test_asked_without_a_digest_it_is_everything(desk):
    assert overview_page.progress(office(desk), asked("/progress")).status == 200


def test_asked_for_something_else_it_refuses(desk):
    with pytest.raises(web.Problem):
        overview_page.progress(office(desk), web.Request("GET", "/progress", {"x": "1"}))
