"""The addresses of pages: framed, with their token, and their errors as pages, too."""

from __future__ import annotations

import pytest

from src.kit import web
from src.kit.templates import Html
from src.office.overview import Watch
from src.office.pages import assets, layout, routes
from src.office.pages.layout import Page
from src.office.pages.office import Office
from tests.office.pages.markup import EVIL, faults, read
from tests.office.pages.test_overview_page import Manager


@pytest.fixture
def office(desk) -> Office:
    return Office(desk.config, Watch(desk.config), Manager(), Manager())


def answer(office: Office, path: str) -> web.Reply:
    [route] = [one for one in routes.routes(office) if one[:2] == ("GET", path)]
    return route.view(web.Request("GET", path, csrf="to-ken"))


def test_the_overview_is_a_whole_page(office):
    reply = answer(office, "/")

    assert (reply.status, reply.content_type) == (200, "text/html; charset=utf-8")
    assert read(reply.body.decode()).one("title").text == "Overview · Carryover"
    assert faults(reply.body.decode()) == []


def test_what_is_polled_is_a_part_of_one(office):
    assert not answer(office, "/progress").body.startswith(b"<!doctype")


def test_everything_that_pages_link_to_is_served(office):
    page = read(answer(office, "/").body.decode())

    places = [one.attributes["href"] for one in page.all("link")]
    assert places and all(answer(office, place).status == 200 for place in places)


def test_every_address_is_named_once(office):
    named = [route[:2] for route in routes.routes(office)]

    assert len(set(named)) == len(named)


def test_every_place_of_the_navigation_answers(office):
    known = {path for method, path, _ in routes.VIEWS if method == "GET"}

    assert layout.PLACES.keys() <= known


def test_a_page_keeps_its_status(office):
    def view(office: Office, request: web.Request) -> Page:
        return Page("Running", "/", Html(""), status=409)

    assert routes.framed(office, view, web.Request("GET", "/")).status == 409


def test_an_answer_that_is_no_page_is_left_as_it_is(office):
    reply = web.Reply(303, b"", "text/plain")

    assert routes.framed(office, lambda *_: reply, web.Request("GET", "/")) is reply


# --- errors ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 421, 500, 503])
def test_an_error_is_a_page_with_its_sentence_and_a_way_out(status):
    html = routes.error_page(assets.PLAIN, status, "locked by pid 7; wait for it")

    page = read(html)
    role = "alert" if status >= 500 else "status"
    assert page.one("div", role=role).text.startswith("locked")
    assert page.one("main").one("a").attributes["href"] == "/"
    assert faults(html) == []


def test_an_error_s_text_is_never_markup():
    html = routes.error_page(assets.PLAIN, 400, EVIL)

    assert "<img" not in html and faults(html) == []
