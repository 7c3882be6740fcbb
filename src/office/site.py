"""The pages and the REST API put together, behind the guard."""

from __future__ import annotations

from functools import partial
from string import Template

from src.kit import bodies, guarding, web
from src.kit.guarding import Address, Guard
from src.kit.serving import App, Limits, Reply
from src.office.pages import layout, parts
from src.office.pages import routes as pages
from src.office.pages.assets import Assets
from src.office.pages.layout import Page
from src.office.pages.office import Office
from src.office.rest import routes as api
from src.office.rest.operations import Rest

_FIELD = Template(  # whoever keeps passwords wants a name to keep them under
    '<input type="text" name="username" value="carryover" autocomplete="username" hidden>'
    '<label class="form-label">SERVE_TOKEN<input class="form-control" type="password" '
    'name="token" autocomplete="current-password" required autofocus></label>'
)


def app(rest: Rest, linked: Assets, address: Address) -> App:
    """Return what answers: pages, what they link to, and the REST API."""
    if rest.settings.serve_token:
        linked = linked._replace(links={guarding.LOGOUT: "Log out"})
    office = Office(rest.settings, rest.watch, rest.wms, rest.mis, rest.clock, linked)
    guard = Guard(address, rest.settings.serve_token, linked.files.__contains__)
    routes = [*api.routes(rest), *pages.routes(office), *_login(office, guard)]
    return web.site(routes, guard, partial(pages.error_page, linked))


def refusal(status: int, message: str) -> Reply:
    """Return the answer to what is no request, or one too many."""
    return guarding.dressed(web.failure(web.Problem(status, message)))


LIMITS = Limits(
    connections=32,
    idle_seconds=5.0,
    whole_seconds=30.0,
    largest_body=bodies.LARGEST,
    refusal=refusal,
)


def _login(office: Office, guard: Guard) -> list[web.Route]:
    """Return what lets a browser in and out again, where there is a token."""

    def shown(title: str, place: str, request: web.Request, more: web.Html) -> Reply:
        body = parts.join([more, parts.button(title)])
        page = Page(title, "", parts.card(title, parts.form(place, request.csrf, body)))
        return web.page(layout.document(page, request.csrf, office.assets))

    def ask(request: web.Request) -> Reply:
        return shown("Log in", guarding.LOGIN, request, web.Html(_FIELD.template))

    def answer(request: web.Request) -> Reply:
        return guard.login(request.form)

    def ask_again(request: web.Request) -> Reply:
        return shown("Log out", guarding.LOGOUT, request, parts.NOTHING)

    def leave(request: web.Request) -> Reply:
        return guard.logout(request.headers)

    routes = [
        web.Route("GET", guarding.LOGIN, ask),
        web.Route("POST", guarding.LOGIN, answer),
        web.Route("GET", guarding.LOGOUT, ask_again),
        web.Route("POST", guarding.LOGOUT, leave),
    ]
    return routes if office.settings.serve_token else []
