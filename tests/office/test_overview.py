"""Where the pipeline stands, and the next step, in every state it can be in."""

from __future__ import annotations

import os
from contextlib import closing

import pytest

from src import (
    customers_check,
    customers_import,
    customers_match,
    mis_fetch,
    mis_plan,
    mis_push,
    reconcile_attachments,
    wms_apply,
    wms_demo,
    wms_fetch,
    wms_plan,
)
from src.attachments.records import DUPS, ERRORS, INVENTORY, MAPPING, PLAN, RUNLOG, Attempt
from src.customers import records as customers
from src.kit import clock, receipts, sessions, tables
from src.kit.appender import Appender
from src.kit.book import Intent
from src.kit.errors import OK, SOME_ROWS_FAILED
from src.mis.records import APPLICANT, Pushed
from src.office import connect_database, overview
from src.office.next_steps import ALL_DONE
from src.wms import records as wms
from tests.mis.university import University
from tests.wms.control import writer

BLANK = [""] * len(Attempt._fields)


def standing(desk, name: str = "attachments") -> overview.Standing:
    [found] = [one for one in overview.standings(desk.config) if one.name == name]
    return found


def age(desk, *tables) -> None:
    """Give tables times one second apart, the last one the newest."""
    for second, table in enumerate(tables, 1_700_000_000):
        os.utime(desk.path(table), (second, second))


@pytest.fixture
def sent(desk):
    """Return a desk on which everything was sent."""
    desk.files("a.pdf", "b.pdf")
    desk.prepare()
    desk.upload()
    return desk


def test_a_new_checkout_begins_with_the_mapping(desk):
    found = standing(desk)

    assert (found.last_run, found.next_step) == ("", "make mapping")
    assert (found.open_errors, found.in_doubt, found.outcomes) == (0, 0, {})


def test_each_stage_asks_for_the_next_one(desk):
    desk.files("a.pdf")
    desk.prepare()
    steps = []
    for table in (PLAN, INVENTORY, MAPPING):
        steps.append(standing(desk).next_step)
        desk.path(table).unlink()
    steps.append(standing(desk).next_step)

    assert steps == ["make attach", "make verify", "make inventory", "make mapping"]


def test_everything_sent_leaves_nothing_to_do(sent):
    found = standing(sent)

    assert found.next_step == ALL_DONE
    assert found.outcomes == {"uploaded": 2}
    assert "qbo_attach_demo, exit 0" in found.last_run


@pytest.mark.parametrize(
    ("order", "step"),
    [
        ((MAPPING, INVENTORY, PLAN, RUNLOG, ERRORS), ALL_DONE),
        ((INVENTORY, MAPPING, PLAN, RUNLOG, ERRORS), ALL_DONE),
        ((INVENTORY, PLAN, RUNLOG, ERRORS, MAPPING), "make verify"),
        ((MAPPING, PLAN, RUNLOG, ERRORS, INVENTORY), "make verify"),
        ((MAPPING, INVENTORY, RUNLOG, ERRORS, PLAN), "make attach"),
    ],
    ids=["in order", "mapping later", "new mapping", "new inventory", "new plan"],
)
def test_what_is_older_than_what_it_is_made_from_is_made_again(sent, order, step):
    age(sent, *order)

    assert standing(sent).next_step == step


def test_open_errors_are_counted_until_they_are_mended(desk):
    desk.files("a.pdf", "b.pdf")
    desk.scenario("1,b.pdf,200:6041")
    desk.prepare()
    desk.upload()
    assert standing(desk).open_errors == 1
    assert standing(desk).next_step == "logs/qbo_attach_errors.csv, then make attach"

    desk.upload()

    assert standing(desk).open_errors == 0
    assert standing(desk).next_step == ALL_DONE


def test_an_attempt_without_an_outcome_is_in_doubt(sent):
    log = sent.path(RUNLOG)
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:-1]))
    row = sent.log()[0]

    intent = ("2026-11-20T09:00:00+00:00", "r1", "k" + "a" * 32, "1", row.request_id)
    journal = sent.logs / "qbo_attach_inflight.csv"
    tables.write(journal, Intent, [tables.checked(intent)])

    assert standing(sent).in_doubt == 1
    assert standing(sent).next_step.startswith("make attach, then decide")


@pytest.mark.parametrize("view", [ERRORS, DUPS])
def test_a_view_that_is_older_than_its_log_is_written_anew(sent, view):
    sent.path(view).write_bytes(b"old")
    age(sent, view, RUNLOG)

    standing(sent)

    assert sent.rows(view) == []


@pytest.mark.parametrize("view", [ERRORS, DUPS])
def test_a_view_that_is_missing_is_written_anew(sent, view):
    sent.path(view).unlink()

    standing(sent)

    assert sent.rows(view) == []


def test_a_view_that_is_written_anew_does_not_pass_for_an_upload(sent):
    age(sent, MAPPING, INVENTORY, RUNLOG, ERRORS, PLAN)
    sent.path(ERRORS).unlink()

    steps = [standing(sent).next_step for _ in range(2)]

    assert steps == ["make attach"] * 2


def test_a_view_that_is_newer_than_its_log_is_left_alone(sent):
    age(sent, RUNLOG, DUPS, ERRORS)
    before = sent.path(ERRORS).stat().st_mtime_ns

    standing(sent)

    assert sent.path(ERRORS).stat().st_mtime_ns == before


def test_views_are_right_after_a_run_that_was_killed_before_writing_them(desk):
    desk.files("a.pdf")
    desk.scenario(",a.pdf,200:6041")
    desk.prepare()
    desk.upload()
    for view in (ERRORS, DUPS):
        desk.path(view).unlink()

    standing(desk)

    assert [row.now for row in desk.errors()] == ["open"]


# --- importers ------------------------------------------------------------------------

EXPORT = "QuickBooks Internal Id,Customer Name\n1,Acme\n,Twin\n,TWIN\n"


@pytest.fixture
def imported(desk):
    """Return a desk on which one customer was imported, and two wait for a person."""
    export = desk.root / "export.csv"
    export.write_text(EXPORT)
    desk.run(customers_check, str(export))
    desk.run(customers_match)
    desk.run(customers_import)
    return desk


def test_an_importer_begins_with_its_first_door(desk):
    for name in ("customers", "salespro"):
        own = f"make {name} FILE=export.csv for a file of yours"
        assert standing(desk, name).next_step == f"make {name} for a demo, {own}"


def test_where_there_is_no_mis_the_next_step_is_to_have_one(desk):
    told = "make mis for a demo, or set MIS_DATABASE_URL"

    assert standing(desk, "mis").next_step == told


def test_where_there_is_a_mis_the_next_step_is_to_read_it(desk):
    desk.config.mis_database_file.write_bytes(b"")

    assert standing(desk, "mis").next_step == "make mis-fetch"


def test_an_importer_counts_what_it_stored_and_what_waits(imported):
    found = standing(imported, "customers")

    assert found.outcomes == {"created": 1, "held": 2}
    assert (found.open_errors, found.in_doubt) == (2, None)
    assert found.next_step == (
        "logs/customers_errors.csv, decide in data/customers_plan.csv, "
        "then make customers-import"
    )


def test_an_older_plan_is_made_again(imported):
    age(imported, customers.PLAN, customers.CHECKED)

    assert standing(imported, "customers").next_step == "make customers-match"


def test_what_waits_is_that_of_the_last_run_alone(imported):
    imported.run(customers_check, str(imported.root / "export.csv"))
    imported.run(customers_match)
    plan = imported.path(customers.PLAN)
    lines = plan.read_text("utf-8-sig").replace(",,hold", ",skip,hold")
    plan.write_text(lines, "utf-8-sig")
    imported.run(customers_import)

    assert standing(imported, "customers").open_errors == 0
    assert standing(imported, "customers").next_step == ALL_DONE


@pytest.mark.parametrize("options", [["--limit=1"], ["--dry-run"]])
def test_what_a_run_did_not_come_to_is_the_next_step(desk, options):
    desk.files("a.pdf", "b.pdf")
    desk.prepare()
    desk.upload(*options)
    before = standing(desk).next_step
    desk.upload()

    assert (before, standing(desk).next_step) == ("make attach", ALL_DONE)


def test_held_records_of_the_warehouse_are_open_and_the_plan_is_where_to_decide(desk):
    for door, *words in ((wms_demo, "make"), (wms_fetch,), (wms_plan,), (wms_apply,)):
        desk.run(door, *words)

    found = standing(desk, "wms")

    assert found.open_errors == found.outcomes["held"] > 0
    assert found.in_doubt == 0
    assert found.next_step == (
        "logs/wms_errors.csv, decide in data/wms_plan.csv, then make wms-apply"
    )


def test_what_is_in_doubt_is_not_an_open_error_too(desk):
    for door, *words in ((wms_demo, "make"), (wms_fetch,), (wms_plan,), (wms_apply,)):
        desk.run(door, *words)
    row = wms.Failure("items", "7", "no answer", "in_doubt", "r1", clock.REAL.timestamp())
    before = standing(desk, "wms").open_errors

    with desk.path(wms.ERRORS).open("a", encoding="utf-8", newline="") as file:
        file.write(tables.line_of(wms.Failure)(row))

    assert standing(desk, "wms").open_errors == before


def test_the_last_run_of_a_cancelled_session_was_cancelled(desk):
    now = clock.REAL.timestamp()
    told = ("wms_sync", receipts.RUN, "", "", "", "exit=143")
    receipts.append(desk.logs, (now, "s1", *told))
    stopped = standing(desk, "wms").last_run

    writer(desk.logs, wms.SESSIONS, "s1").end(
        sessions.CANCELLED, "wms_apply", "", sessions.Count()
    )

    assert stopped.endswith("wms_sync, exit 143")
    assert standing(desk, "wms").last_run.endswith("wms_sync, cancelled, exit 143")


def test_the_warehouse_begins_with_a_fetch_and_goes_on_with_a_plan(desk):
    assert standing(desk, "wms").next_step == "make wms-fetch"

    desk.run(wms_demo, "make")
    desk.run(wms_fetch)

    assert standing(desk, "wms").next_step == "make wms-plan"


def in_turn(desk, *doors) -> list[str]:
    """Run doors one after the other, no two at one time; return the next step of each."""
    steps = []
    for door in doors:
        assert desk.run(door) in (OK, SOME_ROWS_FAILED), desk.err
        for path in (*desk.config.data_dir.iterdir(), *desk.logs.iterdir()):
            os.utime(path, ns=(path.stat().st_mtime_ns - 10**9,) * 2)
        steps.append(standing(desk, PIPELINE_OF[door]).next_step)
    return steps


MIS = (mis_fetch, mis_plan, mis_push)
WMS = (wms_fetch, wms_plan, wms_apply)
PIPELINE_OF = {**dict.fromkeys(MIS, "mis"), **dict.fromkeys(WMS, "wms")}


@pytest.fixture
def small_mis(desk):
    """Return a desk with a MIS of three."""
    file = desk.config.mis_database_file
    with closing(connect_database.opened("", file, "MIS")) as database:
        University(database).many(APPLICANT, 3, first_name="Aline")
    return desk


def test_applicants_and_students_are_done_after_a_push_that_had_nothing_to_do(small_mis):
    before = standing(small_mis, "mis").next_step

    steps = ["make mis-plan", "make mis-push", ALL_DONE]
    assert before == "make mis-fetch"
    assert in_turn(small_mis, *MIS) == steps
    assert in_turn(small_mis, *MIS) == steps


def test_the_warehouse_is_as_far_after_an_apply_that_had_nothing_to_do(desk):
    desk.run(wms_demo, "make")

    assert in_turn(desk, *WMS) == in_turn(desk, *WMS)


def test_a_row_whose_key_is_none_stops_nobody(sent):
    log = Appender(sent.logs / RUNLOG.name, Attempt)
    log.append([Attempt(*BLANK)._replace(key="k1", outcome="failed")[:-1]])
    log.close()

    assert overview.Watch(sent.config).standings()[0].outcomes == {"uploaded": 2}
    assert overview.Watch(sent.config).tally("attachments").bad_rows == 1
    assert sent.upload() == OK
    assert sent.run(reconcile_attachments) in (OK, SOME_ROWS_FAILED)


# --- followed -------------------------------------------------------------------------


def test_what_is_watched_stands_where_it_stands(sent):
    watch = overview.Watch(sent.config)
    before = watch.standings()
    sent.files("c.pdf")
    sent.prepare()

    between = watch.standings()[0].next_step
    sent.upload()

    assert (before[0].next_step, between) == (ALL_DONE, "make attach")
    assert watch.standings() == list(overview.standings(sent.config))
    assert watch.standings()[0].outcomes["uploaded"] == 3


def test_watching_writes_nothing(sent):
    for view in (ERRORS, DUPS):
        sent.path(view).unlink()

    overview.Watch(sent.config).standings()

    assert not any(sent.path(view).exists() for view in (ERRORS, DUPS))


def test_runs_are_told_newest_first_with_what_their_receipts_say(sent):
    runs = overview.Watch(sent.config).runs()

    assert [one.door for one in runs][0] == "qbo_attach_demo"
    assert {one.pipeline for one in runs} == {"attachments"}
    assert runs[0].exit == "0"
    assert runs[0].counts["read"] == "2"
    assert "2020-01-01" < runs[0].started <= runs[0].ended


def test_a_run_without_a_receipt_is_told_by_its_rows(sent):
    log = receipts.TABLE.name
    lines = (sent.logs / log).read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if b",qbo_attach_demo,run," not in line]
    (sent.logs / log).write_bytes(b"".join(kept))

    [killed] = [one for one in overview.Watch(sent.config).runs() if not one.ended]

    assert (killed.door, killed.pipeline) == ("", "attachments")
    assert killed.counts == {"uploaded": "2"}
    assert killed.run_id == sent.log()[0].run_id


def test_rows_of_a_run_are_those_and_no_others(sent):
    sent.files("c.pdf")
    sent.prepare()
    sent.upload()
    watch = overview.Watch(sent.config)
    runs = list(watch.tally("attachments").runs)

    rows = [watch.rows_of_run("attachments", one) for one in (*runs, "nobody")]

    expected = [[row for row in sent.log() if row.run_id == one] for one in runs]
    assert [len(list(found)) for found in rows] == [*map(len, expected), 0]
    assert len(runs) == 2


def test_rows_of_runs_that_alternate_are_told_apart(desk):
    row = Pushed(*[""] * len(Pushed._fields))._replace(outcome="created")
    log = Appender(desk.logs / "mis_runlog.csv", Pushed)
    log.append(row._replace(run_id=f"r{number % 2}")[:-1] for number in range(300))
    log.close()

    watch = overview.Watch(desk.config)

    assert len(list(watch.rows_of_run("mis", "r1"))) == 150


def test_receipts_are_followed(sent):
    watch = overview.Watch(sent.config)
    before = len(watch.receipts())
    sent.prepare()

    assert watch.receipts()[before:] == list(receipts.read(sent.logs))[before:] != []


def test_what_the_last_run_left_to_a_person_is_read_again_when_it_changes(imported):
    watch = overview.Watch(imported.config)
    before = watch.standings()[1].open_errors
    tables.write(imported.path(customers.ERRORS), customers.ERRORS.row, [])

    assert (before, watch.standings()[1].open_errors) == (2, 0)
