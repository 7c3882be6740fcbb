"""What the run log says of uploads that were taken back, and which files they are."""

from __future__ import annotations

import pytest

from src.attachments.records import UNDONE, Attempt, Verified
from src.attachments.undone import Undone
from src.kit.memory import key_of
from src.kit.runlog import RawRow

WHEN, LATER = "2014-08-30T10:00:00.000000+00:00", "2015-01-01T00:00:00.000000+00:00"
CONTENT = "ab" * 32
ABOUT = {
    "qbo_entity_type": "Invoice",
    "qbo_entity_id": "7",
    "file_name": "a.pdf",
    "file_path": "Attach/A/Txn/1/a.pdf",
    "size_bytes": "3",
    "modified_at": WHEN,
}
KEY = key_of(["1", "Invoice", "7", "a.pdf", CONTENT])
REMOVED = {"outcome": "removed", "error": f"{UNDONE}uploaded by run-1"}


def logged(**cells: str) -> RawRow:
    """Return a raw row of the log about a.pdf."""
    known = {"key": KEY, "realm_id": "1", "run_id": "run-2", "sha256": CONTENT, **ABOUT}
    row = Attempt(*[""] * len(Attempt._fields))._replace(**{**known, **cells})
    return [cell.encode() for cell in row]


def planned(**cells: str) -> Verified:
    """Return the row of the plan about a.pdf."""
    return Verified(*[""] * len(Verified._fields))._replace(**{**ABOUT, **cells})


def learnt(*rows: RawRow, content: str = "") -> Undone:
    """Return what a log tells; `content` is what every file has now, if it can be read."""
    found = Undone("1", lambda path: content)
    assert list(found.over(rows)) == list(rows)
    return found


def test_a_file_that_lies_as_it_lay_is_known_without_being_read():
    assert learnt(logged(**REMOVED)).run_of(planned()) == "run-2"


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [logged(outcome="uploaded")],
        [logged(outcome="removed")],
        [logged(outcome="removed", error="a person decided")],
        [logged(**REMOVED, realm_id="2")],
        [logged(**REMOVED, key="k")],
        [logged(**REMOVED), logged(outcome="uploaded")],
        [logged(**REMOVED), logged(outcome="recovered")],
        [logged(**REMOVED), logged(outcome="adopted")],
    ],
)
def test_what_no_undo_took_back_or_what_is_there_again_is_not_known(rows):
    assert learnt(*rows, content=CONTENT).run_of(planned()) == ""


@pytest.mark.parametrize("outcome", ["failed", "absent", "in_doubt", "held", "removed", "skipped"])
def test_what_did_not_arrive_since_is_still_taken_back(outcome):
    found = learnt(logged(**REMOVED), logged(outcome=outcome))

    assert found.run_of(planned()) == "run-2"


def test_the_last_undo_counts():
    rows = (logged(**REMOVED), logged(outcome="uploaded"), logged(**REMOVED, run_id="run-4"))

    assert learnt(*rows).run_of(planned()) == "run-4"


@pytest.mark.parametrize("cells", [{"modified_at": LATER}, {"file_path": "Attach/B/a.pdf"}])
@pytest.mark.parametrize(("content", "run_id"), [(CONTENT, "run-2"), ("cd" * 32, ""), ("", "")])
def test_elsewhere_its_content_tells(cells, content, run_id):
    found = learnt(logged(**REMOVED), content=content)

    assert found.run_of(planned(**cells)) == run_id


@pytest.mark.parametrize(
    "cells",
    [
        {"qbo_entity_id": "8"},
        {"qbo_entity_type": "Bill"},
        {"file_name": "b.pdf", "file_path": "Attach/A/Txn/1/b.pdf"},
        {"size_bytes": "4"},
    ],
)
def test_another_record_name_or_size_is_another_upload(cells):
    assert learnt(logged(**REMOVED), content=CONTENT).run_of(planned(**cells)) == ""


def test_only_files_of_the_same_record_and_size_are_read():
    read: list[str] = []
    found = Undone("1", lambda path: read.append(path) or CONTENT)  # type: ignore[func-returns-value]
    list(found.over([logged(**REMOVED)]))

    for cells in ({"size_bytes": "4"}, {"qbo_entity_id": "8"}, {}):
        found.run_of(planned(**cells))

    assert read == []
