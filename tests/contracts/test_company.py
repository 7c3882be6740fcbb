"""The face of a QuickBooks Online company: one suite, in process and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest

from src.adapters.fakes.company import FakeCompany
from src.adapters.fakes.scenario import Temper
from src.adapters.qbo import MARK, Attachables, Change, Company, pages, quote, shown
from src.kit.answers import APPLIED, NOT_APPLIED, REREAD, Unanswered
from src.kit.clock import REAL
from tests.served import ServedCompany


class File(NamedTuple):
    """A file in memory."""

    name: str
    content: bytes = b"%PDF-1.4 content"
    entity_type: str = "Invoice"
    entity_id: str = "1187"
    content_type: str = "application/pdf"

    @property
    def key(self) -> str:
        return f"k{abs(hash(self)):032x}"[:33]

    @property
    def size(self) -> int:
        return len(self.content)

    def blocks(self) -> Iterator[bytes]:
        yield self.content


A, B = File("a.pdf"), File("b.pdf", b"%PDF-1.4 other")
ALINE = {"DisplayName": "Aline Uwera", "GivenName": "Aline", "Notes": "MIS ApplicationID=851"}


@pytest.fixture(params=["in process", "over HTTP"])
def company(request, tmp_path) -> Iterator[Company]:
    if request.param == "in process":
        yield FakeCompany(tmp_path / "company", Temper(), REAL)
        return
    served = ServedCompany(tmp_path / "company")
    yield served.company()
    served.stop()


def create(company: Company, entity: str = "Customer", **fields) -> dict:
    answer = company.write(Change("create", entity, fields or ALINE))
    assert answer.kind == APPLIED, answer
    return dict(answer.record)


def update(company: Company, record: dict, **fields):
    named = {"Id": record["Id"], "SyncToken": record["SyncToken"]}
    return company.write(Change("update", "Customer", {**named, **fields}))


def names(company: Company, where: str = "") -> list[str]:
    return [one["DisplayName"] for one in pages(company.query, "Customer", where)]


# --- files ----------------------------------------------------------------------------


def test_files_are_attached_in_their_order_with_size_and_mark(company):
    answers = company.upload([A, B], "request-1")

    assert [(one.kind, one.size) for one in answers] == [(APPLIED, A.size), (APPLIED, B.size)]
    found = Attachables(company.query).find([A.key, B.key])
    assert [found[one.key][0].remote_id for one in (A, B)] == [
        one.remote_id for one in answers
    ]


def test_the_same_request_id_gets_the_same_answer_and_no_second_effect(company):
    first = company.upload([A, B], "request-1")
    again = company.upload([A, B], "request-1")

    assert [one.remote_id for one in first] == [one.remote_id for one in again]
    assert Attachables(company.query).count() == 2


def test_without_a_request_id_the_same_file_is_attached_twice(company):
    company.upload([A], "")
    company.upload([A], "")

    assert Attachables(company.query).count() == 2


def test_one_refused_file_leaves_the_others_alone(company):
    on_a_transfer = A._replace(entity_type="Transfer")

    refused, taken = company.upload([on_a_transfer, B], "request-1")

    assert (refused.kind, refused.code, refused.status_code) == (NOT_APPLIED, "6050", 200)
    assert taken.kind == APPLIED


@pytest.mark.parametrize(
    "name",
    ['a"b.pdf', "a\r\nX: y.pdf", "é 📎 שלום.pdf", "a;b='c'.pdf", "x" * 250 + ".pdf", "%22.pdf"],
)
def test_a_hostile_name_arrives_as_it_is_or_with_marks_of_replacement(company, name):
    company.upload([A._replace(name=name)], "")

    [record] = pages(company.query, "Attachable")
    assert record["FileName"] in (name, name.replace("\r", "\ufffd").replace("\n", "\ufffd"))
    assert record["Size"] == A.size


def test_an_attachable_is_found_by_its_owner(company):
    company.upload([A, B._replace(entity_id="7")], "")

    where = (
        "where AttachableRef.EntityRef.Type = 'invoice' "
        "and AttachableRef.EntityRef.value = '7'"
    )
    assert [one["FileName"] for one in pages(company.query, "Attachable", where)] == ["b.pdf"]


def test_an_attachable_is_read_changed_and_deleted(company):
    [answer] = company.upload([A], "")
    record = company.read("Attachable", answer.remote_id)

    changed = company.write(Change("update", "Attachable", {**record, "Note": "seen"}))
    assert (changed.record["Note"], changed.record["SyncToken"]) == ("seen", "1")
    assert changed.record["Size"] == A.size

    assert company.write(Change("delete", "Attachable", changed.record)).kind == APPLIED
    assert Attachables(company.query).count() == 0
    with pytest.raises(Unanswered, match="610"):
        company.read("Attachable", answer.remote_id)


def attached(company: Company) -> dict:
    """Return a new attachable, as it is read by its id."""
    [answer] = company.upload([A], "")
    return company.read("Attachable", answer.remote_id)


def test_an_attachable_is_read_with_mark_owner_and_revision(company):
    record = attached(company)

    [found] = Attachables(company.query).among([record["Id"]])
    assert shown(record) == found
    assert (found.sync_token, found.key, found.size) == ("0", A.key, A.size)
    assert (found.entity_type, found.entity_id) == (A.entity_type, A.entity_id)


def test_an_attachable_is_deleted_once_and_then_it_is_not_found(company):
    record = attached(company)
    deletion = Change("delete", "Attachable", record)

    first, again = company.write(deletion, "r1"), company.write(deletion, "r2")

    assert (first.kind, first.remote_id) == (APPLIED, record["Id"])
    assert (again.kind, again.code) == (NOT_APPLIED, "610")
    assert list(Attachables(company.query).among([record["Id"]])) == []


def test_a_deletion_under_the_same_request_id_gets_the_same_answer(company):
    deletion = Change("delete", "Attachable", attached(company))

    first, again = company.write(deletion, "r1"), company.write(deletion, "r1")

    assert (again.kind, again.remote_id) == (first.kind, first.remote_id)


def test_an_attachable_that_was_edited_since_it_was_read_is_not_deleted(company):
    record = attached(company)
    company.write(Change("update", "Attachable", {**record, "Note": "seen"}))

    stale = company.write(Change("delete", "Attachable", record))

    assert (stale.kind, stale.code, stale.advice) == (NOT_APPLIED, "5010", REREAD)
    assert company.read("Attachable", record["Id"])["Note"] == "seen"


def test_a_note_needs_no_file_and_something_without_either_is_refused(company):
    note = company.write(Change("create", "Attachable", {"Note": "call them"}))
    nothing = company.write(Change("create", "Attachable", {"FileName": "x.pdf"}))

    assert note.record["Note"] == "call them"
    assert (nothing.kind, nothing.code) == (NOT_APPLIED, "6000")


def test_pages_come_one_after_the_other_without_a_gap(company):
    for number in range(120):
        company.upload([File(f"{start}-{number}.pdf") for start in range(10)], "")

    listed = list(pages(company.query, "Attachable", "orderby Id"))

    assert len({one["Id"] for one in listed}) == 1200
    assert len(Attachables(company.query).list_all()) == 1200


# --- records --------------------------------------------------------------------------


def test_a_customer_is_created_read_and_found_by_name(company):
    created = create(company)

    assert company.read("Customer", created["Id"])["Notes"] == ALINE["Notes"]
    assert names(company, f"where DisplayName = {quote('Aline Uwera')}") == ["Aline Uwera"]
    assert (created["SyncToken"], created["Active"]) == ("0", True)


def test_a_sparse_update_keeps_what_it_does_not_name_and_a_full_one_clears_it(company):
    created = create(company)

    sparse = update(company, created, sparse=True, CompanyName="Uwera Ltd")
    full = update(company, sparse.record, DisplayName="Aline Uwera")

    assert (sparse.record["Notes"], sparse.record["SyncToken"]) == (ALINE["Notes"], "1")
    assert "Notes" not in full.record and full.record["SyncToken"] == "2"


def test_a_stale_update_asks_to_read_again(company):
    created = create(company)
    update(company, created, sparse=True, Notes="first")

    stale = update(company, created, sparse=True, Notes="second")

    assert (stale.kind, stale.code, stale.advice) == (NOT_APPLIED, "5010", REREAD)


@pytest.mark.parametrize("entity", ["Customer", "Vendor", "Employee"])
def test_a_name_is_unique_over_three_lists(company, entity):
    create(company)

    answer = company.write(Change("create", entity, {"DisplayName": "ALINE UWERA"}))

    assert (answer.kind, answer.code, answer.status_code) == (NOT_APPLIED, "6240", 400)


def test_an_inactive_customer_is_listed_only_where_it_is_asked_for(company):
    created = create(company)
    update(company, created, sparse=True, Active=False)

    assert names(company) == []
    assert names(company, "where Active in (true, false)") == ["Aline Uwera (deleted)"]


def test_an_inactive_customer_keeps_its_mark_and_becomes_active_under_its_name(company):
    created = create(company)

    away = update(company, created, sparse=True, Active=False)
    back = update(company, away.record, sparse=True, Active=True, DisplayName="Aline Uwera")

    assert [one.record["Notes"] for one in (away, back)] == [ALINE["Notes"]] * 2
    assert [one.record["SyncToken"] for one in (away, back)] == ["1", "2"]
    assert names(company) == ["Aline Uwera"]


def test_a_customer_becomes_inactive_in_a_batch_unless_it_was_edited(company):
    first, other = create(company), create(company, DisplayName="B")
    update(company, other, sparse=True, CompanyName="B Ltd")

    away, stale = company.batch(
        [
            Change("update", "Customer", {**_known(one), "sparse": True, "Active": False})
            for one in (first, other)
        ],
        "batch-1",
    )

    assert (away.kind, away.record["Active"]) == (APPLIED, False)
    assert (stale.kind, stale.code) == (NOT_APPLIED, "5010")
    assert names(company) == ["B"]


def _known(record: dict) -> dict:
    return {"Id": record["Id"], "SyncToken": record["SyncToken"]}


def test_the_name_of_an_inactive_customer_is_free_for_others(company):
    away = update(company, create(company), sparse=True, Active=False)
    create(company)

    back = update(company, away.record, sparse=True, Active=True, DisplayName="Aline Uwera")

    assert (back.kind, back.code) == (NOT_APPLIED, "6240")


EVERYBODY, ALL = "Active in (true, false)", ["A (deleted)", "B", "O'Brien"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (f"where {EVERYBODY} orderby Id", ALL),
        (f"where MetaData.CreateTime >= '2026-01-01' and {EVERYBODY}", ALL),
        (f"where MetaData.CreateTime >= '2999-01-01' and {EVERYBODY}", []),
        ("where Id in ('1', '2', '99')", ["B"]),
        (f"where Id in ('1', '2', '99') and {EVERYBODY} orderby Id", ["A (deleted)", "B"]),
        (f"where DisplayName in ('b', 'O\\'Brien') and {EVERYBODY}", ["B", "O'Brien"]),
        ("where displayname in ('a (deleted)') and active = false", ["A (deleted)"]),
    ],
)
def test_customers_are_found_by_what_they_are(company, where, found):
    first, *_ = (create(company, DisplayName=name) for name in ("A", "B", "O'Brien"))
    update(company, first, sparse=True, Active=False)

    assert names(company, where) == found
    count = company.query(f"select count(*) from Customer {where.partition(' orderby')[0]}")
    assert count == {"totalCount": len(found)}


def test_a_change_under_the_same_request_id_is_made_once(company):
    change = Change("create", "Customer", ALINE)

    first, again = company.write(change, "r1"), company.write(change, "r1")

    assert first.remote_id == again.remote_id
    assert names(company) == ["Aline Uwera"]


def test_in_a_batch_each_change_succeeds_or_fails_by_itself(company):
    changes = [
        Change("create", "Customer", {"DisplayName": name}) for name in ("A", "B", "a", "C")
    ]

    answers = company.batch(changes, "batch-1")

    assert [one.kind == APPLIED for one in answers] == [True, True, False, True]
    assert answers[2].code == "6240"
    assert [one.remote_id for one in company.batch(changes, "batch-1")] == [
        one.remote_id for one in answers
    ]


def test_what_changed_since_a_moment_is_told_also_what_was_deleted(company):
    before = (REAL.now() - timedelta(minutes=1)).isoformat()
    [answer] = company.upload([A], "")
    record = company.read("Attachable", answer.remote_id)
    company.write(Change("delete", "Attachable", record))
    create(company)

    changes = company.changes_since(["Customer", "Attachable", "Vendor"], before)

    assert [one["DisplayName"] for one in changes["Customer"]] == ["Aline Uwera"]
    assert [one["status"] for one in changes["Attachable"]] == ["Deleted"]
    assert changes["Vendor"] == []


# --- questions that are refused -------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("select * from Customer where a = 'x' or b = 'y'", "4000"),
        ("select * from Customer startposition 0", "4001"),
        ("delete from Customer", "4000"),
        ("select * from Nonsense", "4000"),
    ],
)
def test_a_question_that_is_none_is_refused_with_its_code(company, statement, code):
    with pytest.raises(Unanswered, match=code) as refused:
        company.query(statement)

    assert refused.value.exit_code == 2


def test_a_mark_has_a_prefix_that_tells_it_from_a_persons_tag(company):
    company.upload([A], "")

    [record] = pages(company.query, "Attachable")
    assert record["Tag"] == MARK + A.key
