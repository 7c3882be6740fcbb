"""Batches of a QuickBooks Online company, faults included: in process as over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from src.adapters.fakes.company import FakeCompany
from src.adapters.fakes.scenario import Temper
from src.adapters.qbo import Change, Company, pages
from src.kit.answers import APPLIED, NOT_APPLIED, UNKNOWN, Answer
from src.kit.clock import REAL
from tests.adapters.fakes.town import define
from tests.served import CALM, ServedCompany

Open = Callable[..., Company]
FIELD = [{"DefinitionId": "1000000001", "StringValue": "Kigali"}]


def build(folder: Path, lines: tuple[str, ...]) -> None:
    """Make a company's folder, with a scenario."""
    folder.mkdir(exist_ok=True)
    define(folder, {"1000000001": "Campus"})
    (folder / "scenario.csv").write_text("\n".join(["call,match,answer", *lines, ""]))


@pytest.fixture(params=["in process", "over HTTP"])
def opened(request, tmp_path) -> Iterator[Open]:
    """Return what opens a company with a scenario; again = as it is after a restart."""
    servers: list[ServedCompany] = []

    def opened(
        *lines: str, temper: Temper = Temper(), with_custom_fields: bool = False
    ) -> Company:
        folder = tmp_path / "company"
        build(folder, lines)
        if request.param == "in process":
            return FakeCompany(folder, temper, REAL, with_custom_fields)
        while servers:
            servers.pop().stop()
        servers.append(ServedCompany(folder, CALM._replace(temper=temper)))
        return servers[-1].company(with_custom_fields=with_custom_fields)

    yield opened
    for server in servers:
        server.stop()


def creates(*names: str, **more: Any) -> list[Change]:
    return [Change("create", "Customer", {"DisplayName": name, **more}) for name in names]


def names(company: Company) -> list[str]:
    where = "where Active in (true, false) orderby Id"
    return [one["DisplayName"] for one in pages(company.query, "Customer", where)]


def told(answers: list[Answer]) -> list[tuple[str, int, str]]:
    """Return what answers say, as far as both faces must agree on it."""
    return [(one.kind, one.status_code, one.code) for one in answers]


DONE = (APPLIED, 200, "")


# --- faults of the request as a whole -------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "kind", "status", "is_there"),
    [
        ("429", NOT_APPLIED, 429, False),
        ("403", NOT_APPLIED, 403, False),
        ("400:1040", NOT_APPLIED, 400, False),
        ("200:5010", UNKNOWN, 200, False),
        ("200:10000", UNKNOWN, 200, False),
        ("503", UNKNOWN, 503, False),
        ("500", UNKNOWN, 500, False),
        ("500_applied", UNKNOWN, 500, True),
        ("drop", UNKNOWN, 0, False),
        ("drop_applied", UNKNOWN, 0, True),
    ],
)
def test_what_befalls_a_batch_befalls_all_of_it(opened, fate, kind, status, is_there):
    company = opened(f"1,batch,{fate}")

    answers = company.batch(creates("A", "B"), "r1")

    assert {(one.kind, one.status_code) for one in answers} == {(kind, status)}
    assert all(one.error and not one.remote_id for one in answers)
    assert names(company) == (["A", "B"] if is_there else [])


@pytest.mark.parametrize("fate", ["cut_applied", "empty_applied", "garbage_applied"])
def test_an_answer_that_is_none_leaves_every_item_unknown(opened, fate):
    company = opened(f"1,batch,{fate}")

    answers = company.batch(creates("A", "B"), "r1")

    assert {one.kind for one in answers} == {UNKNOWN}
    assert names(company) == ["A", "B"]


@pytest.mark.parametrize("fate", ["429:7", "500", "drop", "500_applied", "drop_applied"])
def test_a_repetition_of_a_batch_has_one_effect(opened, fate):
    company = opened(f"1,batch,{fate}")
    company.batch(creates("A", "A", "B"), "r1")

    again = company.batch(creates("A", "A", "B"), "r1")

    assert told(again) == [DONE, (NOT_APPLIED, 200, "6240"), DONE]
    assert names(company) == ["A", "B"]


def test_a_hint_to_wait_is_heard(opened):
    answers = opened("1,batch,429:7").batch(creates("A", "B"), "r1")

    assert [one.retry_after for one in answers] == [7, 7]


def test_a_token_is_renewed_once_and_said_when_it_is_refused_again(opened):
    company = opened("1,batch,401", "3-4,batch,401")

    first, second = company.batch(creates("A"), "r1"), company.batch(creates("B"), "r2")

    assert (told(first), second[0].is_unauthorized) == ([DONE], True)
    assert names(company) == ["A"]


def test_a_fault_that_is_meant_for_any_of_its_items_befalls_the_whole_batch(opened):
    company = opened("2,create Customer,500")

    answers = company.batch(creates("A", "B", "C"), "r1")

    assert told(answers) == [(UNKNOWN, 500, answers[0].code)] * 3
    assert names(company) == []


# --- faults of single items -----------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"), [("6240", NOT_APPLIED), ("5010", NOT_APPLIED), ("10000", UNKNOWN)]
)
def test_an_item_may_fail_inside_an_answer_of_success(opened, code, kind):
    company = opened(f"2,create Customer,200:{code}")

    answers = company.batch(creates("A", "B", "C"), "r1")

    assert told(answers) == [DONE, (kind, 200, code), DONE]
    assert names(company) == ["A", "C"]


def test_a_fault_is_for_the_operation_that_it_names(opened):
    company = opened("1,update Customer,200:5010")
    [made] = company.batch(creates("A"), "r1")
    change = {"Id": made.remote_id, "SyncToken": "0", "sparse": True, "Notes": "x"}

    answers = company.batch([*creates("B"), Change("update", "Customer", change)], "r2")

    assert told(answers) == [DONE, (NOT_APPLIED, 200, "5010")]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_refused_item_is_refused_again_and_goes_under_another_id(opened, restarts):
    company = opened("1,create Customer,200:6240")
    first = company.batch(creates("A", "B"), "r1")
    company = opened() if restarts else company

    assert told(company.batch(creates("A", "B"), "r1")) == told(first)
    assert told(company.batch(creates("A"), "r2")) == [DONE]
    assert names(company) == ["B", "A"]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_breakdown_of_one_item_is_not_kept(opened, restarts):
    company = opened("1,create Customer,200:10000")
    company.batch(creates("A", "B"), "r1")
    company = opened() if restarts else company

    assert told(company.batch(creates("A", "B"), "r1")) == [DONE, DONE]
    assert sorted(names(company)) == ["A", "B"]


def test_lines_count_the_batches_and_each_item_of_them(opened):
    company = opened("2,batch,500", "4,create Customer,200:6240")

    said = [company.batch(creates(f"A{n}", f"B{n}"), f"r{n}") for n in range(3)]

    assert [[one.code or one.status_code for one in answers] for answers in said] == [
        [200, 200],
        [said[1][0].code or 500] * 2,
        [200, 200],
    ]


# --- writes that come alone -----------------------------------------------------------


@pytest.mark.parametrize("fate", ["200:6240", "400:6240"])
@pytest.mark.parametrize("restarts", [False, True])
def test_a_write_that_was_refused_is_refused_again(opened, fate, restarts):
    company = opened(f"1,create Customer,{fate}")
    [change] = creates("A")
    first = company.write(change, "r1")
    company = opened() if restarts else company

    again = company.write(change, "r1")

    assert told([first, again]) == [(NOT_APPLIED, int(fate[:3]), "6240")] * 2
    assert told([company.write(change, "r2")]) == [DONE]


@pytest.mark.parametrize(
    ("fate", "kind", "is_there"),
    [("500", UNKNOWN, False), ("drop_applied", UNKNOWN, True), ("401", APPLIED, True)],
)
def test_a_write_meets_its_fate_and_arrives_once(opened, fate, kind, is_there):
    company = opened(f"1,create Customer,{fate}")
    [change] = creates("A")

    assert company.write(change, "r1").kind == kind
    assert (names(company) == ["A"]) == is_there
    assert company.write(change, "r1").kind == APPLIED
    assert names(company) == ["A"]


# --- chance ---------------------------------------------------------------------------


def fared(company: Company, requests: int = 40) -> list[list[tuple[str, int, str]]]:
    return [
        told(company.batch(creates(*(f"{n} {m}" for m in range(20))), f"request {n}"))
        for n in range(requests)
    ]


def test_the_same_chance_befalls_both_faces(opened, tmp_path):
    temper = Temper(0.3, "7")
    build(tmp_path / "other", ())
    other = FakeCompany(tmp_path / "other", temper, REAL)

    found = fared(opened(temper=temper))

    assert [_known(one) for one in found] == [_known(one) for one in fared(other)]


def _known(answers: list[tuple[str, int, str]]) -> list[tuple[str, int]]:
    return [(kind, status) for kind, status, _ in answers]


def test_by_chance_some_batches_are_lost_and_some_items_fail(opened):
    found = fared(opened(temper=Temper(0.1, "1")), 60)

    whole = [answers for answers in found if len(set(answers)) == 1 and answers[0] != DONE]
    items = [one for answers in found for one in answers if answers not in whole]
    refused = sum(kind == NOT_APPLIED for kind, _, _ in items)
    assert 2 <= len(whole) <= 14
    assert 3 <= refused <= 25
    assert UNKNOWN in {kind for kind, _, _ in items}


@pytest.mark.parametrize("number", range(6))
def test_what_failed_by_chance_fares_better_some_time(opened, number):
    company = opened(temper=Temper(0.7, str(number)))
    [alone], batch = creates("A"), creates("B", "C")

    ways = (lambda: [company.write(alone, "r1")], lambda: company.batch(batch, "r2"))
    for send in ways:
        assert any({one.kind for one in send()} == {APPLIED} for _ in range(60))
    assert names(opened()) == ["A", "B", "C"]


# --- what is in an answer -------------------------------------------------------------


def test_custom_fields_come_back_to_who_writes_them_and_to_nobody_else(opened):
    company = opened()

    with_fields = company.batch([*creates("A", CustomField=FIELD), *creates("B")], "r1")
    written = company.write(creates("C", CustomField=FIELD)[0], "r2")

    kept = [{**FIELD[0], "Type": "StringType", "Name": "Campus"}]
    assert [one.record.get("CustomField") for one in with_fields] == [kept, None]
    assert written.record["CustomField"] == kept
    assert "CustomField" not in company.read("Customer", written.remote_id)


@pytest.mark.parametrize("with_custom_fields", [True, False])
def test_where_it_is_wished_everything_about_customers_shows_them(opened, with_custom_fields):
    company = opened(with_custom_fields=with_custom_fields)
    made = company.write(creates("A", CustomField=FIELD)[0], "r1").record

    shown = everything_about(company, "Customer", made)

    kept = [{**FIELD[0], "Type": "StringType", "Name": "Campus"}]
    assert [one.get("CustomField") for one in shown] == [kept if with_custom_fields else None] * 5


def test_about_vendors_nobody_wished_anything(opened):
    company = opened(with_custom_fields=True)
    make = Change("create", "Vendor", {"DisplayName": "V", "CustomField": FIELD})
    made = company.write(make, "r1").record

    shown = everything_about(company, "Vendor", made)

    assert "CustomField" in made
    assert not any("CustomField" in one for one in shown)


def everything_about(company: Company, entity: str, made: Mapping[str, Any]) -> list[Any]:
    """Return a record as each way to it shows it; the writes say nothing of custom fields."""
    change = {"Id": made["Id"], "sparse": True, "Notes": "x"}
    tokens = ({"SyncToken": token} for token in "012")
    updates = (Change("update", entity, {**change, **token}) for token in tokens)
    written = company.write(next(updates), "r2").record
    [batched] = company.batch([next(updates)], "r3")
    statement = f"select * from {entity} where Id = '{made['Id']}'"
    [selected] = company.query(statement)[entity]
    [paged] = pages(company.query, entity, "orderby Id")
    return [written, batched.record, company.read(entity, made["Id"]), selected, paged]


def test_an_unknown_custom_field_is_dropped_and_the_record_taken(opened):
    unknown = [{**FIELD[0], "DefinitionId": "7"}]

    [answer] = opened().batch(creates("A", CustomField=unknown), "r1")

    assert answer.kind == APPLIED and "CustomField" not in answer.record


def test_an_update_clears_what_it_empties(opened):
    company = opened()
    phone = {"FreeFormNumber": "+250 788 000 851"}
    [made] = company.batch(creates("A", PrimaryPhone=phone, Notes="x"), "r1")
    change = {"Id": made.remote_id, "SyncToken": "0", "sparse": True, "Notes": ""}
    change["PrimaryPhone"] = {"FreeFormNumber": ""}

    [answer] = company.batch([Change("update", "Customer", change)], "r2")

    assert {"PrimaryPhone", "Notes"}.isdisjoint(answer.record)


def test_the_answers_to_one_batch_have_one_trace(opened):
    first, second = (opened().batch(creates(*name), name) for name in ("AB", "CD"))

    traces = [{one.trace_id for one in answers} for answers in (first, second)]
    assert [len(one) for one in traces] == [1, 1]
    assert "" not in traces[0] | traces[1]
