"""Writes whose answer nobody heard are looked up, as narrowly as QuickBooks can."""

from __future__ import annotations

import pytest

from src.kit.answers import NOT_APPLIED, UNKNOWN, Answer, Unanswered
from src.kit.requests import Item
from src.wms import keys
from src.wms.fields import KINDS
from src.wms.finishing import Port, Task
from src.wms.looking import MANY, Lookup
from src.wms.outgoing import Writing
from src.wms.records import CREATE, DELETE, INACTIVATE, QBD
from tests.wms.units import CUSTOMER, ORDER, card, mirrored, stored, unit

ADJUSTMENT = KINDS["inventory_adjustments"]
SPELLED = {"revisionNumber": "7", "createdAt": "2026-11-20T09:00:00+00:00"}
SPELLED["updatedAt"] = SPELLED["createdAt"]


class Files:
    """QuickBooks' lists and the warehouse's side, as notes of who asked what."""

    def __init__(self, *records, **given):
        self.asked, self.finished, self.given = [], [], given
        self._there = [{**SPELLED, **record} for record in records]
        self.refuses = None
        self.port = Port(self._records, self._read, None)

    def _records(self, resource, query):
        self.asked.append(dict(query))
        if self.refuses and len(self.asked) == 1:
            raise Unanswered("the list", self.refuses)
        return [one for one in self._there if len(query) <= one.get("shown_by", 9)]

    def _read(self, resource, record_id):
        return next((one for one in self._there if one["id"] == record_id), None)

    def stored(self, the_unit):
        return stored(the_unit.kind, **self.given)

    def is_linked(self, the_unit, record_id):
        return record_id == "linked"

    def resolve(self, type_word, cell):
        return cell

    def writing(self, task, its_record):
        return Writing(task.unit, (), its_record, self.resolve)

    def after_recovery(self, task, found):
        self.finished.append(found.head.id)

    def after_update(self, task, found):
        self.finished.append(found.head.id)

    def after_end(self, task, found):
        self.finished.append(task.unit.id)

    def find(self, *tasks):
        items = [Item(task.key, source=task) for task in tasks]
        return Lookup(self.port, self).find(items)


def create(kind=CUSTOMER, wms_id="w1"):
    the_unit = unit(kind, action=CREATE, target=QBD, wms_id=wms_id, id="")
    return Task(the_unit, keys.create_key(kind, wms_id), None)


def made_by(task, record_id="q9", **more):
    return {"id": record_id, "externalId": keys.external_id(task.key), **more}


def ids(found):
    return {key: [one.remote_id for one in hits] for key, hits in found.items()}


def test_a_create_is_told_by_its_mark():
    task = create()
    files = Files(made_by(task), {"id": "q8", "externalId": "of another"}, name="A")

    assert ids(files.find(task)) == {task.key: ["q9"]}
    assert files.finished == ["q9"]


@pytest.mark.parametrize(
    ("kind", "given", "query"),
    [
        (CUSTOMER, {"name": "A"}, {"nameContains": "A", "status": "all"}),
        (
            ORDER,
            {"customer_id": "c1", "transaction_date": "2026-11-20"},
            {
                "transactionDateFrom": "2026-11-20",
                "transactionDateTo": "2026-11-20",
                "customerIds": ["c1"],
            },
        ),
        (
            ORDER,
            {"customer_id": "wms:w7", "transaction_date": "2026-11-20"},
            {"transactionDateFrom": "2026-11-20", "transactionDateTo": "2026-11-20"},
        ),
    ],
)
def test_a_list_is_narrowed_by_what_was_sent(kind, given, query):
    task = create(kind)
    files = Files(made_by(task), **given)

    files.find(task)

    assert files.asked == [query]


def test_what_the_narrow_list_does_not_show_is_looked_for_in_the_whole_one():
    task = create()
    files = Files(made_by(task, shown_by=1), name="A")

    assert ids(files.find(task)) == {task.key: ["q9"]}
    assert files.asked[-1] == {"status": "all"}


def test_adjustments_are_never_listed_from_the_beginning():
    files = Files(transaction_date="2026-11-20")

    files.find(create(ADJUSTMENT))

    assert files.asked[-1] == {"updatedAfter": "2026-11-19"}


def test_many_creates_cost_one_list():
    tasks = [create(wms_id=f"w{number}") for number in range(MANY)]
    files = Files(*(made_by(task, f"q{at}") for at, task in enumerate(tasks)), name="A")

    assert len(files.find(*tasks)) == MANY
    assert files.asked == [{"status": "all"}]


def test_a_narrow_list_that_is_refused_is_no_end():
    task = create()
    files = Files(made_by(task), name="A")
    files.refuses = Answer(NOT_APPLIED, 502, advice="permanent")

    assert ids(files.find(task)) == {task.key: ["q9"]}


def test_a_list_that_is_not_answered_is_no_answer():
    files = Files(name="A")
    files.refuses = Answer(UNKNOWN, 504)

    with pytest.raises(Unanswered):
        files.find(create())


def test_what_is_there_twice_is_finished_by_nobody():
    task = create()
    files = Files(made_by(task, "q1"), made_by(task, "q2"), name="A")

    assert ids(files.find(task)) == {task.key: ["q1", "q2"]}
    assert files.finished == []


def test_what_is_linked_already_is_not_finished_again():
    task = create()
    files = Files(made_by(task, "linked"), name="A")

    assert ids(files.find(task)) == {task.key: ["linked"]}
    assert files.finished == []


# --- updates and ends -------------------------------------------------------------------


def update(phone="2"):
    the_unit = unit(CUSTOMER, card(CUSTOMER, "phone", "wms", wms=phone))
    return Task(the_unit, "k" + 32 * "1", mirrored(CUSTOMER))


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"id": "q1", "phone": "2"}, ["q1"]),
        ({"id": "q1", "phone": "3"}, []),
        ({"id": "q1", "phone": "2", "revisionNumber": "2"}, []),  # as the plan saw it
        ({"id": "other"}, []),
    ],
)
def test_an_update_is_told_by_its_values_and_its_revision(record, found):
    files, task = Files(record), update()

    assert ids(files.find(task)) == {task.key: found}
    assert files.finished == found


@pytest.mark.parametrize(
    ("action", "record", "found"),
    [
        (INACTIVATE, {"id": "q1", "isActive": False}, ["q1"]),
        (INACTIVATE, {"id": "q1", "isActive": True}, []),
        (DELETE, {"id": "q1"}, []),
        (DELETE, {"id": "other"}, ["q1"]),
    ],
)
def test_an_end_is_told_by_what_is_left(action, record, found):
    files = Files(record)
    task = Task(unit(CUSTOMER, action=action, target=QBD), "k" + 32 * "2", None)

    assert ids(files.find(task)) == {task.key: found}
    assert files.finished == found
