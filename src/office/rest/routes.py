"""The addresses of the API, as routes for a server."""

from __future__ import annotations

from functools import partial

from src.kit import web
from src.office.rest import openapi, table
from src.office.rest.operations import Operation, Rest


def routes(rest: Rest) -> list[web.Route]:
    """Return every address of the API, and the one that describes them."""
    operations = table.operations()
    description = web.json_reply(openapi.document(operations))

    def describe(request: web.Request) -> web.Reply:
        web.only(request.query)
        return description

    answered = [
        web.Route(one.method, one.path, partial(_answered, rest, one))
        for one in operations
    ]
    return [*answered, web.Route("GET", openapi.PLACE, describe)]


def _answered(rest: Rest, one: Operation, request: web.Request) -> web.Reply:
    if one.body is None:
        web.only(request.json)
    return one.view(rest, request)
