"""A file's biography, by whatever a person has in hand."""

from __future__ import annotations

import pytest

from src import undo
from src.attachments.records import PLAN, RUNLOG
from src.kit import reading, runlog
from tests.desk import SECOND, Desk
from tests.told import Told


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a desk where one file arrived, one was refused and one has no mapping."""
    desk = Desk(tmp_path_factory.mktemp("files") / "desk")
    desk.files("a.pdf", "b.pdf")
    desk.file(f"Client/Txn/80FFF-{SECOND}/lost.pdf")
    desk.file("note.pdf")
    desk.scenario(",b.pdf,200:6041")
    desk.prepare()
    desk.upload()
    return desk


def path_of(name: str) -> str:
    number = {"a.pdf": "3E9", "b.pdf": "3EA"}.get(name, "FFF")
    return f"Attach/Client/Txn/80{number}-{SECOND}/{name}"


def logged(desk: Desk, name: str) -> dict[str, str]:
    """Return the log's row about a file."""
    rows = [
        tuple(map(runlog.text, row))
        for row in runlog.rows(desk.path(RUNLOG), RUNLOG.row)
    ]
    found = (dict(zip(RUNLOG.row._fields, row)) for row in rows)
    return next(row for row in found if row["file_name"] == name)


def planned(desk: Desk, name: str) -> str:
    """Return the plan's row about a file."""
    rows = reading.table(desk.path(PLAN), PLAN)
    return next(row.row for row in rows if row.file_name == name)


def test_of_a_file_that_was_taken_back_it_says_who_decides(tmp_path):
    desk = Desk(tmp_path / "desk")
    desk.files("a.pdf")
    desk.prepare()
    desk.upload()
    run_id = logged(desk, "a.pdf")["run_id"]
    desk.run(undo, run_id)
    desk.upload()
    desk.verify()

    told = Told(desk, path_of("a.pdf")).only

    assert "it is not sent: taken back by run " in told["state"], told
    assert f"decide row {planned(desk, 'a.pdf')} in " in str(told)


@pytest.mark.parametrize("column", ["key", "attachable_id", "intuit_tid", "file_path"])
def test_a_file_is_found_by_what_the_log_says_of_it(desk, column):
    told = Told(desk, logged(desk, "a.pdf")[column])

    assert told.only["title"] == path_of("a.pdf")


@pytest.mark.parametrize(
    "spelling",
    [
        f"803E9-{SECOND}",
        f"3e9-{SECOND}",
        f"  80803E9-{SECOND} ",
        "a.pdf",
        "A.PDF",
        "Invoice 1001",
        f"files/Attach/Client/Txn/803E9-{SECOND}/a.pdf",
        f"Attach\\Client\\Txn\\803E9-{SECOND}\\a.pdf",
    ],
)
def test_a_file_is_found_however_it_is_spelled(desk, spelling):
    assert Told(desk, spelling).only["title"] == path_of("a.pdf")


def test_a_file_is_found_by_the_row_of_the_plan(desk):
    assert Told(desk, planned(desk, "b.pdf")).only["title"] == path_of("b.pdf")


def test_a_file_is_found_by_its_whole_path(desk):
    told = Told(desk, str(desk.root / "files" / path_of("a.pdf")))

    assert told.only["title"] == path_of("a.pdf")


def test_a_request_id_means_all_files_that_travelled_with_it(desk):
    told = Told(desk, logged(desk, "a.pdf")["request_id"])

    assert sorted(told.names) == sorted(
        planned(desk, name) for name in ("a.pdf", "b.pdf")
    )


def test_what_arrived_is_told_from_the_source_to_the_attachable(desk):
    told = Told(desk, "a.pdf")

    assert [one["title"] for one in told.only["chapters"]] == [
        *("Source", "Normalization", "Mapping", "Plan", "Decision", "Attempts")
    ]
    assert told.state.startswith("it is attached to Invoice 1001 as ")
    assert told.next_step == "nothing to do"


def test_the_normalization_says_what_was_written_and_by_what_it_is_joined(desk):
    [line] = Told(desk, "a.pdf").chapter("Normalization")

    assert line.startswith(
        f"the folder says “803E9-{SECOND}”; joined by “3E9-{SECOND}”"
    )


def test_an_attempt_has_its_request_tid_and_status(desk):
    row = logged(desk, "a.pdf")

    first = Told(desk, "a.pdf").chapter("Attempts")[0]

    assert f"uploaded  attempt 1, request {row['request_id']}" in first
    assert f"tid {row['intuit_tid']}, status 200" in first


def test_a_refused_file_says_why_and_what_to_do(desk):
    told = Told(desk, "b.pdf")

    assert "Invalid Uploaded File (6041)" in told.state
    assert told.next_step == "make attach"


def test_a_file_without_a_mapping_names_the_id_that_nobody_has(desk):
    told = Told(desk, "lost.pdf")

    assert told.chapter("Mapping") == [
        f"no row of data/mapping_export.csv has the id FFF-{SECOND}"
    ]
    assert told.state == "it is not sent: missing_mapping"
    assert f"decide row {planned(desk, 'lost.pdf')}" in told.next_step


def test_a_file_that_is_left_out_says_so(desk):
    assert Told(desk, "note.pdf").state.startswith("it is left out: no_owner")


def test_a_changed_row_is_told_as_one(desk, tmp_path):
    other = Desk(tmp_path / "desk")
    other.files("a.pdf")
    other.prepare()
    other.upload()
    log = other.path(RUNLOG)
    log.write_bytes(log.read_bytes().replace(b",uploaded,", b",failed,"))

    assert "changed since it was written" in " ".join(
        Told(other, "a.pdf").chapter("Attempts")
    )


def test_a_mapping_of_another_class_is_a_candidate_that_was_not_meant(tmp_path):
    other = Desk(tmp_path / "desk")
    other.files("a.pdf")
    other.mapping((f"3E9-{SECOND}", "CUSTOMER", "CUSTOMER", "77"))
    other.prepare()

    lines = Told(other, "a.pdf").chapter("Mapping")

    assert lines[0] == "2 candidates"
    assert "INVOICE → Invoice 1001" in lines[1] and "not meant" not in lines[1]
    assert lines[2].endswith("not meant: the folder is of the class txn")
