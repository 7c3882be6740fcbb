"""The description of the API, OpenAPI 3.1, made from the table of its addresses."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from src.office.rest.answers import SESSION_ID, WHEN
from src.office.rest.operations import Number, Operation
from src.office.rest.schemas import FAILURE, TEXT, success

PLACE = "/api/v1/openapi.json"
# What every address may answer, with a server that is busy or somebody else's name.
ALWAYS = (400, 401, 403, 408, 421, 431, 500, 503)
OF_A_BODY = (411, 413, 415)
_ABOUT = (
    "Start, stop and watch synchronizations; see what runs did. Beside what is described, "
    "an address that is not here answers 404, one with another method 405, whose Allow "
    "names those it knows, and a method that nobody knows 501; all in the shape of Failure."
)
_SENTENCES = {
    400: "limit=0: is not a whole number from 1 to 100; give one",
    401: "this server needs a token; send it as Authorization: Bearer",
    403: "the page is too old; reload it and try again",
    404: "r1: no such run; see /api/v1/runs",
    409: f"session {SESSION_ID} runs since 2026-11-20 08:00:00 UTC; wait until it has "
    "ended, or cancel it: POST /api/v1/sync/customers/cancel",
    408: "the request did not come in time; send it at once",
    411: "Content-Length: is missing; say how long the body is",
    413: "the body is larger than 65,536 bytes; send less",
    415: "Content-Type: send application/json in UTF-8",
    421: "Host: is not this server; use the address that it printed",
    431: "the request's head is too large",
    500: "something went wrong; the server's own output has more",
    503: 'data/mis.db: not found; run "make mis" for a demo, or set MIS_DATABASE_URL',
}


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the whole description."""
    paths: dict[str, dict[str, Any]] = {PLACE: {"get": _itself()}}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _described(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Carryover",
            "version": "1",
            "description": _ABOUT,
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {"Failure": FAILURE},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "needed where the setting SERVE_TOKEN is not empty",
                }
            },
        },
        "security": [{}, {"token": []}],
    }


def _described(one: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {"summary": one.summary, "operationId": _id(one)}
    parameters = [_parameter(number) for number in one.query]
    if one.part:
        part = {"name": one.part, "in": "path", "required": True, "schema": TEXT}
        parameters.append(part)
    if parameters:
        found["parameters"] = parameters
    if one.body is not None:
        content = {"schema": one.body, "example": one.body_example}
        found["requestBody"] = {
            "required": False,
            "content": {"application/json": content},
        }
    found["responses"] = {
        str(one.status): _success(one),
        **{str(code): _failure(code) for code in sorted(_refusals(one))},
    }
    if one.path == "/health":
        found["security"] = []  # whoever watches the server needs no token
    return found


def _refusals(one: Operation) -> set[int]:
    return {*ALWAYS, *one.refusals, *(OF_A_BODY if one.method == "POST" else ())}


def _id(one: Operation) -> str:
    words = one.path.removeprefix("/api/v1").translate(str.maketrans("/", "_", "{}"))
    return f"{one.method.lower()}{words}"


def _parameter(number: Number) -> dict[str, Any]:
    limits = {
        "minimum": number.least,
        "maximum": number.most,
        "default": number.default,
    }
    return {
        "name": number.name,
        "in": "query",
        "required": False,
        "description": number.about,
        "schema": {"type": "integer", **limits},
    }


def _success(one: Operation) -> dict[str, Any]:
    head = {"success": True, "message": "…", "timestamp": WHEN}
    content = {"schema": success(one.data), "example": {**head, "data": one.example}}
    phrase = HTTPStatus(one.status).phrase
    return {"description": phrase, "content": {"application/json": content}}


def _failure(code: int) -> dict[str, Any]:
    phrase = HTTPStatus(code).phrase
    example = {
        "success": False,
        "message": phrase,
        "timestamp": WHEN,
        "error": _SENTENCES[code],
        "details": None,
    }
    schema = {"$ref": "#/components/schemas/Failure"}
    content = {"schema": schema, "example": example}
    return {"description": phrase, "content": {"application/json": content}}


def _itself() -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {
        "summary": "Return this description.",
        "operationId": "get_openapi",
        "responses": {
            "200": {"description": "OK", "content": content},
            **{str(code): _failure(code) for code in ALWAYS},
        },
    }
