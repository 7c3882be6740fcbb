"""The runs: every start of a door, what it read and wrote, what to type next."""

import pytest

from src.kit import receipts
from src.kit.sessions import CANCELLED, FAILED, Count
from tests.office.pages.markup import EVIL
from tests.wms.control import attempt

RUN = "20261120T080000Z-abcdef"
READ = "read=5 out=2 rejected=1 skipped=0 held=2 failed=0 not_attempted=0 exit=1"


def told(visitor, door="wms_apply", detail=READ, run=RUN, kind=receipts.RUN, **more):
    cells = {"subject": "", "rows": "5", "sha256": "", **more}
    now = "2026-11-20T08:00:07+00:00"
    receipts.append(visitor.logs, (now, run, door, kind, *cells.values(), detail))


def rows(root):
    return [[cell.text for cell in row.children] for row in root.one("tbody").all("tr")]


def cards(visitor, run=RUN):
    return {one.one("h2").text: one for one in visitor.page(f"/runs/{run}").all("section")}


# --- all runs -------------------------------------------------------------------------


def test_before_any_run_it_says_how_to_begin(visitor):
    assert 'start with "make demo"' in visitor.page("/runs").text


def test_a_run_says_when_what_and_how_it_ended(visitor):
    told(visitor)

    assert rows(visitor.page("/runs")) == [
        [
            "2026-11-20 08:00 UTC",
            "wms_apply",
            "done, some rows failed (exit 1)",
            "5 read = 2 out + 1 rejected + 2 held",
        ]
    ]


@pytest.mark.parametrize(
    ("status", "code", "shown"),
    [
        (CANCELLED, 143, "cancelled (exit 143)"),
        (CANCELLED, 0, "all done (exit 0)"),  # a door before the one that was stopped
        (FAILED, 143, "stopped by a signal (exit 143)"),
    ],
)
def test_a_door_that_a_cancelled_session_stopped_says_so(visitor, status, code, shown):
    writer = visitor.wms.writer("s1")
    writer.start(["items"])
    writer.end(status, "wms_apply", "", Count())
    told(visitor, detail=f"exit={code}", run="s1")

    assert rows(visitor.page("/runs"))[0][2] == shown
    assert shown in cards(visitor, "s1")["Doors"].text


@pytest.mark.parametrize(
    ("detail", "shown"),
    [
        ("read=0 out=0 exit=0", "0 read = 0"),
        ("read=2050 out=2050 exit=0", "2,050 read = 2,050 out"),
        ("files=3 exit=0", "3 files"),
        ("exit=0", ""),
        ("read=x out=2 exit=0", "x read = 2 out"),
    ],
)
def test_the_sum_of_a_run_is_spelled_out(visitor, detail, shown):
    told(visitor, detail=detail)

    assert rows(visitor.page("/runs"))[0][3] == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("0", "all done (exit 0)"),
        ("4", "left rows in doubt (exit 4)"),
        ("143", "stopped by a signal (exit 143)"),
        ("", "no receipt"),
    ],
)
def test_how_a_run_ended_is_said_in_words(visitor, code, shown):
    told(visitor, detail=f"exit={code}")

    assert rows(visitor.page("/runs"))[0][2] == shown


def test_a_run_without_a_receipt_is_known_by_its_rows(visitor):
    visitor.wms.log(RUN, attempt("w1", "created", ts="2026-11-20T08:00:00+00:00"))

    [row] = rows(visitor.page("/runs"))

    assert row[1:] == ["a door of wms", "no receipt", "1 created"]


def test_many_runs_have_pages(visitor):
    for number in range(60):
        told(visitor, run=f"20261120T0800{number:02}Z-abcdef")

    first = visitor.page("/runs")

    assert len(rows(first)) == 50
    assert len(rows(visitor.page(first.all("a", rel="next")[0].attributes["href"]))) == 10


def test_a_run_leads_to_its_own_page(visitor):
    told(visitor)

    [link] = visitor.page("/runs").one("tbody").all("a")

    assert link.attributes["href"] == f"/runs/{RUN}"


# --- one run --------------------------------------------------------------------------


def test_all_doors_of_a_session_are_on_its_page(visitor):
    for door in ("wms_fetch", "wms_plan", "wms_apply"):
        told(visitor, door, "read=1 out=1 exit=0")

    assert [row[0] for row in rows(cards(visitor)["Doors"])] == [
        "wms_fetch",
        "wms_plan",
        "wms_apply",
    ]


def test_a_door_says_when_it_began_and_ended(visitor):
    told(visitor)

    [row] = rows(cards(visitor)["Doors"])

    assert row[1:3] == ["2026-11-20 08:00 UTC", "2026-11-20 08:00 UTC"]
    assert row[4] == "5 read = 2 out + 1 rejected + 2 held"


def test_files_are_named_with_what_they_were_made_from(visitor):
    made = {"subject": "data/customers_plan.csv", "rows": "52", "sha256": "ab" * 32}
    told(visitor, "customers_match", "from=a%20b.csv", kind=receipts.FILE, **made)

    found = rows(cards(visitor)["Files that it wrote"])

    assert found == [["data/customers_plan.csv", "52", "a b.csv", "abababababab…"]]


def test_seals_are_shown(visitor):
    seal = {"subject": "logs/wms_runlog.csv", "rows": "129", "sha256": "cd" * 32}
    told(visitor, "wms_apply", "realm=7", kind=receipts.SEAL, **seal)

    [row] = rows(cards(visitor)["Seals and other receipts"])

    assert row[:5] == ["seal", "logs/wms_runlog.csv", "129", "cdcdcdcdcdcd…", "realm=7"]


def test_rows_in_a_log_are_counted_and_can_be_reached(visitor):
    visitor.wms.log(RUN, attempt("a", "created"), attempt("b", "failed"))
    told(visitor)

    card = cards(visitor)["Rows in logs/wms_runlog.csv"]

    assert "1 created" in card.text
    assert "1 failed" in card.text
    places = [a.attributes["href"] for a in card.all("a")]
    assert f"/logs/wms_runlog?run={RUN}" in places


@pytest.mark.parametrize(
    ("outcomes", "is_offered"),
    [(["updated", "failed"], True), (["held", "failed"], False), ([], False)],
)
def test_only_what_changed_something_can_be_taken_back(visitor, outcomes, is_offered):
    rows = [attempt(f"w{n}", word, target="qbd") for n, word in enumerate(outcomes)]
    visitor.wms.log(RUN, *rows)
    told(visitor)

    commands = [code.text for code in cards(visitor)["What to type"].all("code")]

    assert (f"make undo RUN={RUN}" in commands) is is_offered
    assert "make why KEY=…" in commands


def test_what_went_to_the_warehouse_alone_is_not_offered(visitor):
    visitor.wms.log(RUN, attempt("w1", "updated", target="wms"))
    told(visitor)

    commands = [code.text for code in cards(visitor)["What to type"].all("code")]

    assert f"make undo RUN={RUN}" not in commands


def test_a_run_that_nobody_knows_is_not_there(visitor):
    reply = visitor.ask("/runs/20261120T080000Z-nobody")

    assert reply.status == 404
    assert b"no receipt and no log knows such a run" in reply.body


def test_what_receipts_say_is_shown_as_text(visitor):
    told(visitor, EVIL, f"{EVIL} exit={EVIL}", kind=receipts.FILE, subject=EVIL, rows=EVIL)
    told(visitor, EVIL, f"a={EVIL} exit={EVIL}")

    root = visitor.page(f"/runs/{RUN}")

    assert root.all("img") == visitor.page("/runs").all("img") == []
    assert "</script><img src=x" in root.text
