"""The pages and the REST API put together, behind the guard."""

from __future__ import annotations

from functools import partial
from string import Template

from src.config import ROOT, Settings
from src.kit import bodies, guarding, stage, web
from src.kit.guarding import Address, Guard
from src.kit.serving import App, Limits, Reply
from src.office.overview import Watch
from src.office.pages import assets, layout, parts
from src.office.pages import routes as pages
from src.office.pages.layout import Page
from src.office.pages.office import Office
from src.office.rest import followed
from src.office.rest import routes as api
from src.office.rest.operations import Rest

_FIELD = Template(
    '<label class="form-label">SERVE_TOKEN<input class="form-control" type="password" '
    'name="token" autocomplete="current-password" required autofocus></label>'
)


def app(office: Office, rest: Rest, address: Address) -> App:
    """Return what answers: pages, what they link to, and the REST API."""
    linked = office.assets
    guard = Guard(address, office.settings.serve_token, linked.files.__contains__)
    routes = [*pages.routes(office), *api.routes(rest), *_login(office, guard)]
    return web.site(routes, guard, partial(pages.error_page, linked))


def rest(settings: Settings, run: stage.Run) -> Rest:
    """Return what the API is made from; sessions that are started get the run's settings."""
    return followed.made(settings, run, Watch(settings))


def office(rest: Rest) -> Office:
    """Return what pages are made from: the same as the API."""
    found = assets.load(ROOT / assets.FETCHED)
    return Office(rest.settings, rest.watch, rest.wms, rest.mis, rest.clock, found)


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
    """Return the page that asks a browser for the token, where there is one."""

    def ask(request: web.Request) -> Reply:
        field = parts.join([web.Html(_FIELD.template), parts.button("Log in")])
        body = parts.card("Log in", parts.form(guarding.LOGIN, request.csrf, field))
        shown = Page("Log in", "", body)
        return web.page(layout.document(shown, request.csrf, office.assets))

    def answer(request: web.Request) -> Reply:
        return guard.login(request.form)

    routes = [
        web.Route("GET", guarding.LOGIN, ask),
        web.Route("POST", guarding.LOGIN, answer),
    ]
    return routes if office.settings.serve_token else []
