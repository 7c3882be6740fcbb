"""The frame of pages: landmarks, links, what polls, and the file of its own."""

import json

import pytest

from src.kit.templates import Html, text
from src.office.pages import assets, layout, parts
from src.office.pages.assets import Asset, Assets
from src.office.pages.layout import Page
from tests.office.pages.markup import EVIL, faults, read

BODY = Html("<p>All is well.</p>")
PAGE = Page("WMS sync", "/sync/wms", BODY)
FETCHED = Assets(
    {"/assets/a.css": Asset("text/css", b""), "/assets/h.js": Asset("text/javascript", b"")},
    ("/assets/b.css", "/assets/a.css"),
    ("/assets/h.js",),
)


def test_a_page_has_landmarks_one_heading_and_a_way_past_the_navigation():
    page = read(layout.document(PAGE, "token"))

    assert [page.one(tag).tag for tag in ("header", "nav", "main", "footer", "h1")]
    assert page.one("a", href="#main").text == "Skip to the content"
    assert page.one("main").attributes["id"] == "main"


def test_a_page_says_what_it_is_and_in_which_language():
    page = read(layout.document(PAGE, "token"))

    assert page.one("title").text == "WMS sync · Carryover"
    assert page.one("h1").text == "WMS sync"
    assert page.one("html").attributes["lang"] == "en"


@pytest.mark.parametrize("page", [PAGE, PAGE._replace(refresh_seconds=5)])
@pytest.mark.parametrize("found", [assets.PLAIN, FETCHED])
def test_no_page_does_what_none_may_do(page, found):
    assert faults(layout.document(page, "token", found)) == []


def test_the_navigation_marks_the_current_place_and_no_other():
    nav = read(layout.document(PAGE, "token")).one("nav")

    [current] = nav.all("a", **{"aria-current": "page"})
    assert current.attributes["href"] == "/sync/wms"
    assert nav.all("a", **{"class": "nav-link active"}) == [current]
    assert [link.attributes["href"] for link in nav.all("a")] == list(layout.PLACES)


def test_a_page_outside_the_navigation_marks_nothing():
    page = read(layout.document(PAGE._replace(place=""), "token"))

    assert page.all("a", **{"aria-current": "page"}) == []


@pytest.mark.parametrize("field", ["title", "place"])
def test_hostile_names_are_text(field):
    page = PAGE._replace(**{field: EVIL})

    assert faults(layout.document(page, EVIL, FETCHED)) == []
    assert "<img" not in layout.document(page, EVIL, FETCHED)


def test_a_body_that_is_no_markup_is_escaped():
    html = layout.document(PAGE._replace(body="<b>"), "token")

    assert "&lt;b&gt;" in html and "<b>" not in html


# --- what it links to -----------------------------------------------------------------


def test_styles_come_in_their_order_ours_last():
    page = read(layout.document(PAGE, "token", FETCHED))

    links = page.all("link", rel="stylesheet")
    assert [link.attributes["href"] for link in links] == list(FETCHED.styles)


def test_without_what_was_fetched_there_is_no_script_and_no_token_in_the_body():
    page = read(layout.document(PAGE, "token"))

    assert page.all("script") == []
    assert "hx-headers" not in page.one("body").attributes


def test_requests_of_htmx_carry_the_token():
    body = read(layout.document(PAGE, 'to"ken', FETCHED)).one("body")

    assert json.loads(body.attributes["hx-headers"]) == {"X-CSRF-Token": 'to"ken'}


def test_htmx_may_run_no_text_as_a_script_and_ask_no_other_host():
    meta = read(layout.document(PAGE, "token", FETCHED)).one("meta", name="htmx-config")

    config = json.loads(meta.attributes["content"])
    assert config["allowEval"] is config["allowScriptTags"] is False
    assert config["selfRequestsOnly"] is True
    assert config["includeIndicatorStyles"] is False


def test_htmx_is_told_what_it_may_before_it_is_loaded():
    html = layout.document(PAGE, "token", FETCHED)

    assert html.index("htmx-config") < html.index("<script")


# --- reloading ------------------------------------------------------------------------


def refreshes(html: str) -> list[str]:
    metas = read(html).all("meta", **{"http-equiv": "refresh"})
    return [meta.attributes["content"] for meta in metas]


def test_a_page_that_stands_still_does_not_reload_itself():
    assert refreshes(layout.document(PAGE, "token")) == []


def test_without_htmx_a_page_that_moves_reloads_itself():
    html = layout.document(PAGE._replace(refresh_seconds=5), "token")

    assert refreshes(html) == ["5"]
    assert "noscript" not in html


def test_with_htmx_it_does_so_only_where_scripting_is_off():
    html = layout.document(PAGE._replace(refresh_seconds=5), "token", FETCHED)

    assert refreshes(html) == ["5"]
    assert read(html).one("noscript").all("meta")


# --- the file of its own --------------------------------------------------------------


def test_an_offline_file_needs_nothing_else():
    page = read(layout.offline(PAGE._replace(refresh_seconds=5)))

    assert [one.tag for tag in ("link", "script", "nav") for one in page.all(tag)] == []
    assert [a.attributes["href"] for a in page.all("a")] == ["#main"]
    assert page.all("meta", **{"http-equiv": "refresh"}) == []


def test_an_offline_file_has_the_style_as_it_is():
    html = layout.offline(PAGE)

    assert assets.own_style() in html
    assert "</style" not in assets.own_style()


def test_an_offline_file_shows_the_same_body():
    body = parts.card(text(EVIL), parts.notice(EVIL))

    assert body in layout.offline(PAGE._replace(body=body))
    assert body in layout.document(PAGE._replace(body=body), "token")
