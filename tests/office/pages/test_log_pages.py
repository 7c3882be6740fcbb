"""The logs' pages: which there are, their rows, what is searched and downloaded."""

import pytest

from src.attachments.records import ERRORS as ATTACH_ERRORS
from src.attachments.records import RUNLOG as ATTACHMENTS
from src.attachments.records import Attempt
from src.kit import receipts, tables
from src.kit.appender import append_in_turn
from src.kit.importing import LogRow
from src.kit.tables import APPEND_ONLY, VIEW
from src.office.pages.log_tables import LOGS
from src.office.pipelines import ALL, SHARED
from tests.office.pages.markup import EVIL
from tests.wms.control import attempt

WMS = "/logs/wms_runlog"
ROW = Attempt(*[""] * len(Attempt._fields))


def attach(visitor, *names, **cells):
    """Append attempts to the log of attachments."""
    rows = [ROW._replace(file_name=name, **cells)[:-1] for name in names]
    append_in_turn(visitor.logs / ATTACHMENTS.name, Attempt, rows)


def rows(root):
    return [[cell.text for cell in row.children] for row in root.all("tbody")[0].all("tr")]


def about(root):
    return [row.all("summary")[0].text for row in root.all("tbody")[0].all("tr")]


def choices(root):
    return [option.text for option in root.one("select", name="outcome").all("option")]


# --- which logs there are -------------------------------------------------------------


def test_every_log_and_view_of_every_pipeline_is_in_the_table():
    everything = [*(t for pipeline in ALL for t in pipeline.tables), *SHARED]

    logs = {table for table in everything if table.kind in (APPEND_ONLY, VIEW)}
    assert logs <= {log.table for log in LOGS.values()}


def test_what_holds_national_ids_is_not_in_the_table():
    private = {"mis_customers", "qbo_names", "mis_plan", "mis_coverage"}

    assert private & set(LOGS) == set()


def test_logs_are_listed_with_rows_size_and_newest_row(visitor):
    attach(visitor, "a", "b", outcome="failed", ts="2026-11-20T08:00:00+00:00")

    card = visitor.page("/logs").all("section")[0]

    size = (visitor.logs / ATTACHMENTS.name).stat().st_size
    expected = f"{size} bytes"
    told = ["logs/qbo_attach_runlog.csv", "2", expected, "2026-11-20 08:00 UTC failed"]
    assert rows(card) == [told]
    assert "logs/qbo_attach_errors.csv (make attach)" in card.text


def test_logs_are_listed_by_whose_they_are(visitor):
    attach(visitor, "a")

    found = visitor.page("/logs").all("section")

    titles = [*(pipeline.name for pipeline in ALL), "all pipelines"]
    assert [one.one("h2").text for one in found] == titles
    assert found[0].one("caption").text == "Logs of attachments"


def test_a_log_is_asked_only_for_what_it_has(visitor):
    visitor.wms.log("s1", attempt("a", "created"))
    rejects = LOGS["customers_rejects"].table
    tables.write(visitor.logs / rejects.name, rejects.row, [["a", "1", "b", "c", "d"]])

    asked = [visitor.page(place).all("div") for place in (WMS, "/logs/customers_rejects")]

    hidden = [sum("hidden" in one.attributes for one in divs) for divs in asked]
    assert hidden == [0, 2]


def test_a_damaged_newest_row_is_called_so_in_the_list(visitor):
    attach(visitor, "a")
    with open(visitor.logs / ATTACHMENTS.name, "ab") as file:
        file.write(b"half a row\n")

    assert rows(visitor.page("/logs").all("section")[0])[0][3] == "damaged"


# --- rows -----------------------------------------------------------------------------


def test_rows_are_shown_newest_first(visitor):
    attach(visitor, "a", "b", "c", qbo_entity_type="Bill")

    root = visitor.page("/logs/qbo_attach_runlog")

    assert about(root) == ["Bill · c", "Bill · b", "Bill · a"]
    assert "3 rows, newest first." in root.text


def test_a_row_opens_to_all_that_it_says(visitor):
    attach(visitor, "a", request_id="q1", intuit_tid="t1")

    row = visitor.page("/logs/qbo_attach_runlog").one("tbody").one("tr")

    facts = dict(zip(row.all("dt"), row.all("dd")))
    told = {name.text: value.text for name, value in facts.items()}
    assert (told["request_id"], told["intuit_tid"]) == ("q1", "t1")
    assert "error" not in told


def test_fifty_rows_are_a_page(visitor):
    attach(visitor, *map(str, range(120)), outcome="failed")
    place = "/logs/qbo_attach_runlog"

    pages = [visitor.page(f"{place}?outcome=failed&page={n}") for n in (1, 2, 3)]

    assert [len(about(page)) for page in pages] == [50, 50, 20]
    link = pages[0].all("a", rel="next")[0].attributes["href"]
    assert link == f"{place}?outcome=failed&page=2"


def test_a_page_behind_the_last_one_has_no_rows(visitor):
    attach(visitor, "a")

    assert visitor.page("/logs/qbo_attach_runlog?page=9").all("tbody") == []


def test_cells_that_are_markup_are_shown_as_text(visitor):
    attach(visitor, EVIL, outcome=EVIL, error=EVIL, request_id=EVIL)

    root = visitor.page("/logs/qbo_attach_runlog?q=onerror")

    assert root.all("img") == root.all("script") == []
    assert "\\x1b\\u202e" in root.text


def test_a_long_name_is_cut_and_a_long_error_opens(visitor):
    attach(visitor, "n" * 10_000, error="e" * 10_000)

    row = visitor.page("/logs/qbo_attach_runlog").one("tbody").one("tr")

    assert row.all("summary")[0].text == "n" * 160 + "…"
    assert "e" * 160 + "…" in [one.text for one in row.all("summary")]
    assert row.text.count("e" * 10_000) == 2


def test_a_damaged_row_is_shown_and_counted(visitor):
    attach(visitor, "a", "b")
    path = visitor.logs / ATTACHMENTS.name
    path.write_bytes(path.read_bytes().replace(b",b,", b",<b>,"))

    root = visitor.page("/logs/qbo_attach_runlog")

    assert [row[1] for row in rows(root)] == ["damaged", ""]
    assert "1 row of it is damaged: see make verify-logs" in root.text


def test_a_plan_that_people_edit_is_not_called_damaged(visitor):
    log = LOGS["mapping_verification_log"].table
    row = ["r1", "skip", "ok", *[""] * 12, "x00000000"]
    tables.write(visitor.logs / log.name, log.row, [row])

    root = visitor.page("/logs/mapping_verification_log")

    assert [row[1] for row in rows(root)] == ["ok"]


def test_a_log_that_cannot_be_read_is_a_sentence_on_its_page(visitor):
    (visitor.logs / "wms_errors.csv").write_text("what,is,this\n1,2,3\n", "utf-8")

    root = visitor.page("/logs/wms_errors")

    assert "missing column(s) type" in root.text


@pytest.mark.parametrize("name", LOGS)
def test_every_log_can_be_shown_once_it_has_a_row(visitor, name):
    log = LOGS[name]
    path = visitor.logs / log.table.name
    if log.table.folder == "DATA_DIR":
        path = visitor.data / log.table.name
    cells = ["" if column == "key" else EVIL for column in log.columns]
    is_checked = log.columns[-1] == "row_check"
    made = tables.checked(cells[:-1]) if is_checked else tables.escaped(cells)
    spell = tables.line_of(log.table.row)
    path.write_bytes(tables.encoded_header(log.table.row) + spell(made).encode())

    root = visitor.page(f"/logs/{name}")

    assert len(root.one("tbody").all("tr")) == 1
    assert "damaged" not in root.one("tbody").text


# --- search and filters ---------------------------------------------------------------


def test_a_search_is_in_every_column_and_minds_no_case(visitor):
    attach(visitor, "Scan Ä.pdf", "other.pdf")
    attach(visitor, "third.pdf", error="SCAN ä failed")

    root = visitor.page("/logs/qbo_attach_runlog?q=scan+%C3%A4")

    assert about(root) == ["third.pdf", "Scan Ä.pdf"]
    assert "2 rows found" in root.text
    assert root.one("input", name="q").attributes["value"] == "scan ä"


def test_a_cell_that_was_copied_with_its_guard_is_found(visitor):
    attach(visitor, "00123", "other.pdf")

    assert about(visitor.page("/logs/qbo_attach_runlog?q='00123")) == ["00123"]


def test_outcomes_are_offered_with_their_numbers(visitor):
    visitor.wms.log("s1", *[attempt(w, "created") for w in "abc"], attempt("d", "held"))

    root = visitor.page(f"{WMS}?outcome=held")

    assert choices(root) == ["all", "created (3)", "held (1)"]
    assert len(about(root)) == 1
    chosen = [o for o in root.all("option") if "selected" in o.attributes]
    assert [option.attributes["value"] for option in chosen] == ["held"]


def test_importers_offer_the_words_that_their_rows_have(visitor):
    row = LogRow(*[""] * len(LogRow._fields))._replace(outcome="batch", created="3")
    append_in_turn(visitor.logs / "customers_runlog.csv", LogRow, [row[:-1]])

    assert choices(visitor.page("/logs/customers_runlog")) == ["all", "batch"]


def test_views_offer_the_words_of_their_newest_rows(visitor):
    row = [*[""] * 21, "failed", "", "open"]
    tables.write(visitor.logs / ATTACH_ERRORS.name, ATTACH_ERRORS.row, [row])

    assert choices(visitor.page("/logs/qbo_attach_errors")) == ["all", "failed"]


def test_a_word_that_no_row_has_finds_nothing_and_stays_chosen(visitor):
    visitor.wms.log("s1", attempt("a", "created"))

    root = visitor.page(f"{WMS}?outcome=nothing")

    assert "No row is like that." in root.text
    assert choices(root) == ["all", "created (1)", "nothing"]


def test_rows_of_one_run_are_found(visitor):
    visitor.wms.log("s1", attempt("a", "created"))
    visitor.wms.log("s12", attempt("b", "created"))

    root = visitor.page(f"{WMS}?run=s1")

    assert about(root) == ["customers · a"]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("?outcome=created", "60 rows found"),
        ("?run=s1", "61 rows found"),
        ("?run=s1&outcome=failed", "1 row found"),
        ("?run=s2", "3 rows found"),
        ("?run=s3", "No row is like that."),
        ("?run=s1&outcome=held", "No row is like that."),
        ("", "64 rows, newest first"),
    ],
)
@pytest.mark.parametrize("damage", ["", "nonsense\n"], ids=["whole", "damaged"])
def test_what_is_counted_already_is_what_looking_would_count(visitor, asked, count, damage):
    visitor.wms.log("s1", *[attempt(str(n), "created") for n in range(60)])
    visitor.wms.log("s1", attempt("x", "failed"))
    visitor.wms.log("s2", *[attempt(w, "held") for w in "abc"])
    with open(visitor.logs / "wms_runlog.csv", "a") as log:
        log.write(damage)

    said = count.replace("64", "65") if damage else count
    assert said in visitor.page(f"{WMS}{asked}").text


def test_rows_that_came_since_are_counted(visitor):
    tables.write(visitor.logs / ATTACH_ERRORS.name, ATTACH_ERRORS.row, [[""] * 24])
    before = visitor.page("/logs").text
    tables.write(visitor.logs / ATTACH_ERRORS.name, ATTACH_ERRORS.row, [[""] * 24] * 2)

    assert visitor.page("/logs").text != before
    assert "2 rows" in visitor.page("/logs/qbo_attach_errors").text


def test_sessions_are_found_by_their_own_id(visitor):
    visitor.wms.writer("s1").start(["items"])
    visitor.wms.writer("s2").start(["items"])

    root = visitor.page("/logs/wms_sessions?run=s2&outcome=started")

    assert len(about(root)) == 1


def test_receipts_of_all_pipelines_can_be_searched(visitor):
    told = ("2026-11-20T08:00:00+00:00", "r1", "wms_plan", "run", "", "0", "", "exit=0")
    receipts.append(visitor.logs, told)

    assert about(visitor.page("/logs/receipts?q=EXIT&outcome=run")) == ["wms_plan"]


def test_what_is_longer_than_anybody_types_is_refused(visitor):
    attach(visitor, "a")

    reply = visitor.ask(f"/logs/qbo_attach_runlog?q={'x' * 201}")

    assert reply.status == 400
    assert b"has more than 200 characters" in reply.body


# --- downloads ------------------------------------------------------------------------


def download(visitor, place):
    reply = visitor.ask(place)
    assert reply.status == 200
    with reply.body as file:
        file.seek(0)
        return reply, file.read()


def test_a_download_is_the_log_byte_by_byte(visitor):
    attach(visitor, "=1+1", EVIL, "Zoë", "a,b")

    reply, content = download(visitor, "/logs/qbo_attach_runlog.csv")

    assert content == (visitor.logs / ATTACHMENTS.name).read_bytes()
    assert reply.content_type == "text/csv; charset=utf-8"
    name = 'attachment; filename="qbo_attach_runlog.csv"'
    assert reply.headers["Content-Disposition"] == name


def test_a_download_has_the_rows_that_the_page_shows(visitor):
    attach(visitor, "a", "=b", outcome="failed")
    attach(visitor, "c", "=d", outcome="uploaded")
    lines = (visitor.logs / ATTACHMENTS.name).read_bytes().splitlines(keepends=True)

    link = visitor.page("/logs/qbo_attach_runlog?q=%3D&outcome=failed").all("a", download="")
    content = download(visitor, link[0].attributes["href"])[1]

    assert content == lines[0] + lines[2]
    assert b",'=b," in content


def test_a_log_that_is_not_there_cannot_be_downloaded(visitor):
    reply = visitor.ask("/logs/wms_runlog.csv")

    assert reply.status == 404
    assert b"not written yet" in reply.body


def test_a_download_knows_no_other_words(visitor):
    attach(visitor, "a")

    assert visitor.ask("/logs/qbo_attach_runlog.csv?format=xlsx").status == 400
