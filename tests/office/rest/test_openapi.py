"""The description of the API, and that it is one of all addresses."""

from __future__ import annotations

import json

import pytest

from src.office.rest import openapi, routes, table
from tests.office.rest import schema
from tests.office.rest.caller import CUSTOMERS, WAREHOUSE, Answer, Caller, described

OPERATIONS = table.operations()
SPECIFIED = {
    "get": [
        *[f"{CUSTOMERS}/{word}" for word in ("analyze", "status")],
        *[f"{CUSTOMERS}/preview/{word}" for word in ("applicants", "students")],
        *[f"{WAREHOUSE}/{word}" for word in ("status", "history")],
        *["/api/v1/runs", "/health", "/api/v1/openapi.json"],
    ],
    "post": [
        *[f"{CUSTOMERS}/{word}" for word in ("applicants", "students", "all")],
        *[f"{WAREHOUSE}/{word}" for word in ("start", "cancel")],
    ],
}


@pytest.mark.parametrize(
    ("method", "path"), [(m, path) for m, paths in SPECIFIED.items() for path in paths]
)
def test_every_address_that_is_asked_for_is_there(caller, method, path):
    assert method in caller.description["paths"][path]


def test_no_address_is_without_a_description(caller):
    for route in routes.routes(caller.rest):
        found = caller.description["paths"][route.path][route.method.lower()]
        assert found["summary"].endswith(".")


def test_no_description_is_without_an_address(caller):
    known = {(route.method.lower(), route.path) for route in routes.routes(caller.rest)}
    paths = caller.description["paths"]

    assert {(method, path) for path in paths for method in paths[path]} == known


def test_operations_have_names_of_their_own(caller):
    paths = caller.description["paths"].values()
    names = [one["operationId"] for path in paths for one in path.values()]

    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_every_example_is_as_its_schema_says(caller, one):
    found = caller.description["paths"][one.path][one.method.lower()]
    contents = [answer["content"] for answer in found["responses"].values()]
    contents += [found["requestBody"]["content"]] if one.body is not None else []

    for content in contents:
        told = content["application/json"]
        assert schema.problems(told["schema"], told["example"], caller.description) == []


def test_what_a_body_may_be_refused_for_is_described_where_one_is_sent(caller):
    found = caller.description["paths"]
    sent = found[f"{WAREHOUSE}/start"]["post"]["responses"]

    assert {"411", "413", "415"} <= set(sent)
    assert "415" not in found[f"{WAREHOUSE}/status"]["get"]["responses"]


def test_a_body_of_another_type_is_answered_as_described(caller):
    reply = caller.reply("POST", f"{WAREHOUSE}/start", b"x", **{"content-type": "text/plain"})

    answer = Answer(reply.status, json.loads(reply.body))
    assert reply.status == 415
    assert described(caller.description, "post", f"{WAREHOUSE}/start", answer) == []


def test_what_answers_no_operation_is_told_in_words(caller):
    said = caller.description["info"]["description"]

    assert caller.reply("PUT", f"{WAREHOUSE}/start").status == 405
    assert "404" in said and "405" in said and "501" in said


def test_limits_are_described_as_they_are_checked(caller):
    path = caller.description["paths"][f"{CUSTOMERS}/preview/students"]["get"]
    limit, offset = (one["schema"] for one in path["parameters"])

    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 100, 10)
    assert (offset["minimum"], offset["default"]) == (0, 0)


def test_a_token_is_described_and_health_needs_none(caller):
    found = caller.description

    assert found["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert found["security"] == [{}, {"token": []}]
    assert found["paths"]["/health"]["get"]["security"] == []


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_every_address_answers_as_it_is_described(caller: Caller, one):
    place = one.path.replace("{run_id}", "r1")

    found = caller.get(place) if one.method == "GET" else caller.post(place)

    assert found.status in (one.status, *one.refusals)


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_no_address_takes_a_question_that_it_does_not_know(caller, one):
    place = f"{one.path.replace('{run_id}', 'r1')}?surprise=1"

    found = caller.get(place) if one.method == "GET" else caller.post(place)

    assert found.status == 400


def test_an_answer_with_a_key_too_many_would_be_noticed(caller):
    told = {**OPERATIONS[0].example, "surprise": 1}

    assert schema.problems(OPERATIONS[0].data, told, {}) == [": surprise is not described"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"status": "ok"}, ": no sessions"),
        ({"status": "no", "sessions": {"wms": None, "mis": None}}, ".status: 'no' is none"),
        ({"status": "ok", "sessions": {"wms": 7, "mis": None}}, ".sessions.wms: 7 is no"),
    ],
)
def test_the_validator_sees_what_is_wrong(value, told):
    health = next(one for one in OPERATIONS if one.path == "/health")

    [problem] = schema.problems(health.data, value, {})
    assert problem.startswith(told)


def test_the_description_is_answered_at_its_place(caller):
    assert caller.reply("GET", openapi.PLACE).status == 200
    assert caller.description["openapi"] == "3.1.0"
