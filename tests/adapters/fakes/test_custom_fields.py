"""Custom fields of customers and vendors: which are kept, who sees them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from src.adapters.fakes.company import FakeCompany
from src.adapters.fakes.core import Core
from src.adapters.fakes.refusal import Refusal
from src.adapters.fakes.scenario import Temper
from src.adapters.qbo import Change
from src.kit.clock import REAL
from src.kit.errors import Refused
from tests.adapters.fakes.town import define

DEFINED = {"1000000001": "Campus", "1000000002": "Intake"}
INCLUDED = "include=enhancedAllCustomFields"


def field(number: int, value: str = "Kigali") -> dict[str, str]:
    return {"DefinitionId": f"{1000000000 + number}", "StringValue": value}


def came_back(number: int, value: str = "Kigali") -> dict[str, str]:
    sent = {**field(number, value), "Type": "StringType"}
    return {**sent, "Name": DEFINED[sent["DefinitionId"]]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "company"
    found.mkdir()
    define(found, DEFINED)
    return found


def created(folder: Path, entity: str = "Customer", *fields: Any) -> dict[str, Any]:
    body = {"DisplayName": "A", "CustomField": list(fields)}
    return Core(folder, REAL).write("create", entity, body)


# --- what is kept ---------------------------------------------------------------------


@pytest.mark.parametrize("entity", ["Customer", "Vendor"])
def test_a_field_that_is_defined_comes_back_with_its_name(folder, entity):
    assert created(folder, entity, field(1))["CustomField"] == [came_back(1)]


def test_a_field_that_is_not_defined_is_dropped_without_a_word(folder):
    assert created(folder, "Customer", field(3), field(2))["CustomField"] == [came_back(2)]


def test_a_company_without_definitions_keeps_none(tmp_path):
    assert "CustomField" not in created(tmp_path / "company", "Customer", field(1))


def test_an_employee_has_no_custom_fields(folder):
    assert "CustomField" not in created(folder, "Employee", field(1))


@pytest.mark.parametrize("value", ["", None])
def test_a_field_without_a_value_is_not_kept(folder, value):
    found = created(folder, "Customer", {"DefinitionId": "1000000001", "StringValue": value})

    assert "CustomField" not in found


@pytest.mark.parametrize(
    ("fields", "is_refused"),
    [
        ([field(n) for n in range(12)], False),
        ([field(n) for n in range(13)], True),
        ([{"Name": "Campus", "StringValue": "x"}], True),
        ([{"DefinitionId": "\u0661", "StringValue": "x"}], True),
        ([{"DefinitionId": "-1", "StringValue": "x"}], True),
        (["1000000001"], True),
    ],
)
def test_an_id_that_is_none_or_a_thirteenth_field_is_refused(folder, fields, is_refused):
    if not is_refused:
        assert len(created(folder, "Customer", *fields)["CustomField"]) == 2
        return

    with pytest.raises(Refusal) as refused:
        created(folder, "Customer", *fields)
    assert refused.value.fault.code == "3000"


def test_definitions_that_are_no_table_are_refused_at_the_start(folder):
    (folder / "custom_fields.csv").write_text("id\n1\n")

    with pytest.raises(Refused, match=r"custom_fields\.csv"):
        Core(folder, REAL)


# --- updates --------------------------------------------------------------------------


def updated(folder: Path, is_sparse: bool, **body: Any) -> dict[str, Any]:
    """Return a customer with two fields after an update."""
    old = created(folder, "Customer", field(1), field(2, "2024"))
    told = {"Id": old["Id"], "SyncToken": "0", "sparse": is_sparse, "DisplayName": "A"}
    return Core(folder, REAL).write("update", "Customer", {**told, **body})


@pytest.mark.parametrize("is_sparse", [True, False])
def test_an_update_that_names_no_custom_fields_leaves_them(folder, is_sparse):
    found = updated(folder, is_sparse, Notes="x")

    assert found["CustomField"] == [came_back(1), came_back(2, "2024")]


def test_an_update_replaces_all_of_them(folder):
    assert updated(folder, True, CustomField=[field(1, "Huye")])["CustomField"] == [
        came_back(1, "Huye")
    ]


@pytest.mark.parametrize("empty", [[], None, [field(1, "")]])
def test_an_update_clears_them(folder, empty):
    assert "CustomField" not in updated(folder, True, CustomField=empty)


# --- who sees them over HTTP ----------------------------------------------------------


def seen(town: Any, rest: str) -> list[bool]:
    """Return whether each way to look at a customer shows its custom fields."""
    since = town.now.isoformat().replace("+", "%2B")
    asked = "query?query=select%20*%20from%20Customer&"
    bodies = [
        town.call("GET", f"customer/1?{rest}").body,
        town.call("GET", f"{asked}{rest}").body,
        town.call("GET", f"cdc?entities=Customer&changedSince={since}&{rest}").body,
        town.call("POST", f"batch?{rest}", QUESTION).body,
        town.create(rest=rest, Id="1", SyncToken="0", sparse=True, Notes="x").body,
    ]
    assert all(json.loads(body) for body in bodies)
    return [b"CustomField" in body for body in bodies]


QUESTION = {"BatchItemRequest": [{"bId": "b0", "Query": "select * from Customer"}]}


@pytest.mark.parametrize("rest", ["", "include=x", INCLUDED, f"{INCLUDED},x"])
def test_only_who_includes_them_sees_them(open_town, rest):
    town = open_town(definitions=DEFINED)
    town.create(rest=INCLUDED, DisplayName="A", CustomField=[field(1)])

    assert seen(town, rest) == [INCLUDED in rest] * 5


def test_who_does_not_include_them_does_not_clear_them(open_town):
    town = open_town(definitions=DEFINED)
    made = town.create(rest=INCLUDED, DisplayName="A", CustomField=[field(1)]).named()
    made["CustomField"] = []

    town.create(**made)

    found = town.call("GET", f"customer/1?{INCLUDED}").named()
    assert (found["SyncToken"], found["CustomField"]) == ("1", [came_back(1)])


@pytest.mark.parametrize(("rest", "is_kept"), [("", False), (INCLUDED, True)])
def test_a_batch_keeps_them_where_it_includes_them(open_town, rest, is_kept):
    town = open_town(definitions=DEFINED)
    record = {"DisplayName": "A", "CustomField": [field(1)]}
    item = {"bId": "b0", "operation": "create", "Customer": record}

    said = town.call("POST", f"batch?{rest}", {"BatchItemRequest": [item]}).json

    [answer] = said["BatchItemResponse"]
    assert answer["Customer"].get("CustomField") == ([came_back(1)] if is_kept else None)


# --- in process -----------------------------------------------------------------------


def test_in_process_who_writes_them_sees_them_and_nobody_else(folder):
    company = FakeCompany(folder, Temper(), REAL)
    with_fields = {"DisplayName": "A", "CustomField": [field(1)]}
    made = company.write(Change("create", "Customer", with_fields)).record
    change = {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "x"}

    assert made["CustomField"] == [came_back(1)]
    changed = company.write(Change("update", "Customer", change)).record
    listed = company.query("select * from Customer")["Customer"]
    captured = company.changes_since(["Customer"], made["MetaData"]["CreateTime"])
    by_others = [changed, company.read("Customer", "1"), *listed, *captured["Customer"]]
    assert not any("CustomField" in record for record in by_others)


@pytest.mark.parametrize("is_one_with_fields", [True, False])
def test_a_batch_in_process_includes_them_for_all_or_for_none(folder, is_one_with_fields):
    company = FakeCompany(folder, Temper(), REAL)
    made = company.write(
        Change("create", "Customer", {"DisplayName": "A", "CustomField": [field(1)]})
    ).record
    update = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "x"}
    changes = [Change("update", "Customer", update)]
    other = {"DisplayName": "B", "CustomField": [field(2)]}

    found = company.batch([*changes, *[Change("create", "Customer", other)] * is_one_with_fields])

    assert {"CustomField" in one.record for one in found} == {is_one_with_fields}
