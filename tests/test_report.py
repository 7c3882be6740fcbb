"""The report: one file that says everything, runs nothing and asks nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from src import (
    customers_check,
    customers_import,
    customers_match,
    mis_demo,
    mis_fetch,
    mis_plan,
    mis_push,
    qbo_attach_demo,
    report,
    undo,
    wms_apply,
    wms_demo,
    wms_fetch,
    wms_plan,
)
from src.kit import runlog
from src.kit.appender import Appender, append_in_turn
from src.kit.errors import OK
from src.kit.importing import BATCH, LogRow
from src.mis import records as mis
from tests.office.pages import markup
from tests.salespro.counter import Sales, row

HOSTILE = "</svg><script>alert('1')</script><b>.pdf"
EXPORT = "QuickBooks Internal Id,Customer Name\n1,Acme\n,Twin\n,TWIN\n"


def made(desk, *options: str) -> str:
    """Return the report as it is written now."""
    assert desk.run(report, *options) == OK, desk.err
    return (desk.logs / "report.html").read_text("utf-8")


def read(desk) -> markup.Element:
    return markup.read(made(desk))


def rows(page: markup.Element, caption: str) -> list[list[str]]:
    """Return the rows of the table with a caption."""
    [found] = [t for t in page.all("table") if caption in t.one("caption").text]
    body = found.one("tbody").all("tr")
    return [[c.text for c in row.children] for row in body]


def test_what_a_limited_run_did_not_come_to_did_not_move(desk):
    desk.files("a.pdf", "b.pdf", "c.pdf")
    desk.prepare()
    desk.run(qbo_attach_demo, "--limit", "1")

    found = rows(read(desk), "What did not move, and why")

    stopped = "the run was stopped, or limited, before it came to them"
    assert [stopped, "not attempted", "2", "make attach"] in found


@pytest.fixture
def sent(desk):
    """Return a desk on which one file was sent, one refused, one is not mapped."""
    desk.files("a.pdf", "b.pdf")
    desk.file("Client/Txn/80ABC-1409571840/lost.pdf")
    desk.scenario("1,b.pdf,200:6041")
    desk.prepare()
    desk.upload()
    return desk


# --- the file -------------------------------------------------------------------------


def test_a_new_checkout_has_a_report(desk):
    page = read(desk)

    assert "Nothing has been done here yet" in page.text
    assert page.one("h1").text == "Report"


def test_the_door_says_what_it_wrote(desk):
    made(desk)

    assert re.search(r"wrote logs/report.html \(\d+ kB\)", desk.out)
    assert "next: open logs/report.html" in desk.out
    assert b",report,run," in (desk.logs / "receipts.csv").read_bytes()


def test_another_file_is_written_where_it_is_asked_for(desk, tmp_path):
    assert desk.run(report, "--output", str(tmp_path / "mail.html")) == OK

    assert "</html>" in (tmp_path / "mail.html").read_text("utf-8")
    assert not (desk.logs / "report.html").exists()


def test_a_folder_that_is_missing_is_a_sentence(desk, tmp_path):
    code = desk.run(report, "--output", str(tmp_path / "none/mail.html"))

    assert code == 74
    assert "none" in desk.err and "Traceback" not in desk.err


def test_it_refers_to_nothing_outside(sent):
    text = made(sent)
    page = markup.read(text)

    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"})
    assert policy.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    tags = {one.tag for one in page.walk()}
    assert not tags & {"script", "link", "img", "iframe", "form", "object", "base"}
    places = [one.attributes["href"] for one in page.all("a") if "href" in one.attributes]
    assert places == ["#main"]
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)", text)


def test_it_is_sound_for_readers_of_every_kind(sent):
    named = [one for one in markup.faults(made(sent)) if one != "an svg without a name"]

    assert named == []  # drawings are named by their titles


def test_hostile_names_are_text(desk):
    desk.files("a.pdf")
    desk.mapping(("BAD-1409571840", "INVOICE", "INVOICE", "9"))
    desk.file(f"{HOSTILE.replace('/', '')}/Txn/80BAD-1409571840/x<i>.pdf")
    desk.scenario(",x<i>.pdf,200:6041")
    desk.prepare()
    desk.upload()

    page = read(desk)

    assert not page.all("script") and not page.all("b", onclick="1") and not page.all("i")
    assert "x<i>.pdf" in page.text


def test_secrets_are_masked(desk):
    desk.settings["CONDUCTOR_SECRET_KEY"] = "sk_conductor_canary"

    text = made(desk)

    assert "canary" not in text
    assert "CONDUCTOR_SECRET_KEY" in text


def test_two_parts_of_the_page_share_no_id(sent):
    ids = re.findall(r'\bid="([^"]+)"', made(sent))

    assert len(ids) == len({*ids})


# --- what it says ---------------------------------------------------------------------


def test_what_did_not_move_is_said_with_its_reason(sent):
    found = {row[0]: row[1:3] for row in rows(read(sent), "What did not move")}

    assert found["missing mapping"] == ["not sent", "1"]
    assert found["200 Invalid Uploaded File (…)"] == ["failed", "1"]


def test_what_was_mended_is_no_longer_left_behind(sent):
    sent.upload()

    page = read(sent)

    assert [row[0] for row in rows(page, "What did not move")] == ["missing mapping"]
    assert "200 Invalid Uploaded File" in page.text  # among the errors of the log


def test_the_plan_is_compared_with_what_became_of_it(sent):
    page = read(sent)

    lines = rows(page, "The last plan")
    assert ["Attachments", "logs/mapping_verification_log.csv", "upload", "2", "1", "1"] in lines
    [differs] = rows(page, "not as planned")
    assert differs[1].endswith("b.pdf") and "6041" in differs[3]


def test_everything_as_planned_is_said(sent):
    sent.upload()

    assert "Everything came out as planned." in read(sent).text


def test_what_is_mapped_is_drawn_by_type_and_year(sent):
    page = read(sent)

    assert ["Invoice", "2", "0", "2"] in rows(page, "By type")
    assert ["no target, below Txn", "0", "1", "1"] in rows(page, "By type")
    assert rows(page, "By year") == [["2014", "2", "1", "3"]]


def test_runs_are_listed_with_what_became_of_what_they_read(sent):
    found = {row[1]: row[3:] for row in rows(read(sent), "All runs")}

    assert found["qbo_attach_demo"][0] == "3 = 1 out + 1 held + 1 failed"
    assert "exit 1" in found["qbo_attach_demo"][1]


def test_a_seal_that_fits_is_intact(sent):
    [[log, count, seal]] = rows(read(sent), "Seals")

    assert (log, count) == ("logs/qbo_attach_runlog.csv", "2")
    assert seal.startswith("intact by its count, sealed 20")


def test_a_changed_row_is_seen_by_the_seal(sent):
    log = sent.logs / "qbo_attach_runlog.csv"
    log.write_bytes(log.read_bytes().replace(b"uploaded", b"uplodaed"))

    assert rows(read(sent), "Seals")[0][2] == "1 row changed elsewhere, or damaged"


def test_a_missing_row_is_seen_by_the_seal(sent):
    log = sent.logs / "qbo_attach_runlog.csv"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:-1]))

    assert "another count than the 2 rows" in rows(read(sent), "Seals")[0][2]


# --- the other pipelines --------------------------------------------------------------


def compared(desk) -> dict[str, list[list[str]]]:
    """Return the lines of the comparison, by pipeline."""
    found: dict[str, list[list[str]]] = {}
    for name, _, *line in rows(read(desk), "The last plan"):
        found.setdefault(name, []).append(line)
    return found


@pytest.fixture
def imported(desk):
    export = desk.root / "export.csv"
    export.write_text(EXPORT)
    for door, *words in ((customers_check, str(export)), (customers_match,)):
        desk.run(door, *words)
    return desk


def test_a_plan_that_waits_is_compared_with_nothing(imported):
    [[note, *counts]] = compared(imported)["Customers"]

    assert (note, counts) == ("this plan was not applied yet", ["", "", ""])


def test_customers_are_compared_with_what_was_stored(imported):
    imported.run(customers_import)

    assert sorted(compared(imported)["Customers"]) == [
        ["create", "1", "1", "0"],
        ["left to a person", "2", "2", "0"],
    ]


def test_the_warehouse_is_compared_with_what_was_written(desk):
    for door, *words in ((wms_demo, "make"), (wms_fetch,), (wms_plan,), (wms_apply,)):
        desk.run(door, *words)

    found = {line[0]: line[1:] for line in compared(desk)["WMS and QuickBooks Desktop"]}

    assert found["create"][0] == found["create"][1] != "0"
    assert found["left to a person"][0] != "0"
    assert all(line[2] == "0" for line in found.values())


def test_no_national_id_is_in_the_report(desk):
    for door, *words in ((mis_demo, "make"), (mis_fetch,), (mis_plan,), (mis_push,)):
        desk.run(door, *words, MIS_DEMO_PEOPLE="40")
    people = desk.rows(mis.PEOPLE)

    text = made(desk)

    ids = [one.national_id for one in people if len(one.national_id) > 6]
    assert ids and not [one for one in ids if one in text]
    assert "MIS customers" in text


def test_a_very_long_list_of_reasons_ends(desk):
    log = Appender(desk.logs / mis.RUNLOG.name, mis.Pushed)
    blank = mis.Pushed(*[""] * len(mis.Pushed._fields))
    names = [chr(97 + n // 26) + chr(97 + n % 26) for n in range(300)]
    rows_of_it = [blank._replace(outcome="failed", error=f"why {one}") for one in names]
    log.append([one[:-1] for one in rows_of_it])
    log.close()

    page = read(desk)

    assert len(rows(page, "Errors by class")) == 21
    assert sum(1 for _ in runlog.rows(desk.logs / mis.RUNLOG.name, mis.Pushed)) == 300


def test_writing_it_twice_says_the_same_but_for_its_own_run(sent):
    first, second = made(sent), made(sent)

    def lines(text: str) -> list[str]:
        return [s for s in re.split(r"(?=<tr>|<p>)", text) if "report" not in s and "Made" not in s]

    assert len(lines(first)) == len(lines(second))


def test_no_half_report_is_left(sent):
    made(sent)

    assert not [one for one in Path(sent.logs).iterdir() if one.name.endswith(".tmp")]


def test_what_earlier_files_left_is_told_with_its_file(desk):
    sales = Sales(desk, "")
    path = sales.export(row("x", "soon"))
    sales.take(path)
    sales.take_rows(row("b"))

    page = read(desk)

    [[why, outcome, count, example]] = rows(page, "What did not move, and why")
    assert (outcome, count) == ("rejected", "1")
    assert example.startswith(f"x of {path}: Could not parse")
    assert "1 record was left behind in earlier files." in page.text


def batch(run: str, outcome: str, **cells: str) -> LogRow:
    blank = LogRow(*[""] * len(LogRow._fields))
    return blank._replace(ts="2026-11-20T09:00:00", run_id=run, outcome=outcome, **cells)


def imports(desk, *logged: LogRow) -> markup.Element:
    """Return the report about a log of SalesPro."""
    append_in_turn(desk.logs / "salespro_runlog.csv", LogRow, [one[:-1] for one in logged])
    return read(desk)


def test_only_runs_that_moved_something_moved_it(desk):
    page = imports(
        desk, batch("r1", "rejected", line="3"), batch("r2", BATCH, created="5"), batch("r3", BATCH)
    )

    assert "Moved: 5 created, in 1 run." in page.text


def test_an_older_row_of_a_file_waits_for_nobody(desk):
    page = imports(desk, batch("r1", "stale", key="a"), batch("r1", "held", key="b"))

    [[name, *counts]] = rows(page, "Rows of all runs and attempts, by outcome")
    assert (name, counts) == ("SalesPro", ["1", "1", "2"])
    heads = [one.text for one in page.all("th")]
    assert heads.index("no change") < heads.index("for a person")


def test_after_a_run_was_taken_back_something_is_left(desk):
    desk.files("a.pdf")
    desk.prepare()
    desk.upload()
    run_id = desk.log()[0].run_id

    for door, *words in ((undo, run_id), (qbo_attach_demo,)):
        assert desk.run(door, *words) == OK

    assert "Not finished; next: make verify." in made(desk)
