"""Every page in a browser: text that stays text, any width, any light, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

import pytest

from src.kit.guarding import LOGIN
from tests.browser.conftest import DESKTOP, PHONE, of
from tests.browser.driver import ENTER, SHIFT, SPACE, TAB, Chromium
from tests.browser.filled import HOSTILE, PLACES, fill
from tests.office.pages.markup import EVIL
from tests.site import ServedSite

SHOWN = EVIL.replace("\x1b", r"\x1b").replace("\u202e", r"\u202e")
START = 'form[action$="/start"] button'
WIDTH = "document.documentElement.scrollWidth"
FOCUSED = "document.activeElement"
# What a person would have to scroll sideways for; what scrolls in its own box is theirs.
TOO_WIDE = """[...document.querySelectorAll('body *')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !one.closest('.table-responsive,svg,pre');
}).map(one => one.outerHTML.slice(0, 120))"""
# Text whose contrast with what is behind it is below 4.5 to 1 (WCAG 2.2, 1.4.3).
FAINT = """(() => {
    const numbers = text => (text.match(/[\\d.]+/g) || []).map(Number);
    const parts = text => {
        const [r, g, b, a = 1] = numbers(text);
        return text.startsWith('color(') ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
    };
    const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
    const behind = one => {
        if (!one) return getComputedStyle(document.documentElement).colorScheme.includes('dark')
            && matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
        const own = parts(getComputedStyle(one).backgroundColor);
        return own[3] === 1 ? own.slice(0, 3) : over(own, behind(one.parentElement));
    };
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(
        c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
    ).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return [...document.querySelectorAll('body *')].filter(one => {
        const said = [...one.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!said || !one.checkVisibility() || one.closest('svg,progress,[disabled],.disabled')) return false;
        const ground = behind(one), ink = over(parts(getComputedStyle(one).color), ground);
        return contrast(light(ink), light(ground)) < 4.5;
    }).map(one => one.outerHTML.slice(0, 120) + ' ' + getComputedStyle(one).color);
})()"""


# --- every page -----------------------------------------------------------------------


class Shown(NamedTuple):
    """A page that is open, and what the browser complained of meanwhile."""

    place: str
    browser: Chromium
    complaints: list[str]


@pytest.fixture(
    scope="module", params=["with", "without"], ids=["with assets", "without assets"]
)
def full(request, tmp_path_factory) -> Iterator[ServedSite]:
    one = ServedSite(tmp_path_factory.mktemp("site"), of(request.param))
    fill(one)
    yield one
    one.stop()


@pytest.fixture(scope="module", params=PLACES)
def page(request, full, chromium) -> Shown:
    chromium.scheme("light")
    chromium.size(*DESKTOP)
    opened(chromium, full, request.param)
    return Shown(request.param, chromium, chromium.complaints())


def opened(browser: Chromium, site: ServedSite, place: str) -> None:
    browser.complaints()
    browser.go(f"{site.url}{place}")


def test_a_page_makes_no_markup_of_a_name(page):
    for tag in ("img", "script:not([src])", "style", "[onerror]", "[style]"):
        assert page.browser.read(f"document.querySelectorAll('{tag}').length") == 0, tag

    if page.place in HOSTILE:
        shown = page.browser.read("document.body.textContent").replace("\n", "")
        assert SHOWN in shown


def test_a_page_breaks_no_policy_and_misses_nothing(page):
    missed = [one for one in page.complaints if f"{page.place} - Failed to load" not in one]

    assert missed == []
    assert bool(page.complaints) == (page.place == "/nowhere")


def test_every_text_of_a_page_can_be_read_in_both_lights(page):
    light = page.browser.read(FAINT)
    page.browser.scheme("dark")
    dark = page.browser.read(FAINT)
    page.browser.scheme("light")

    assert (light, dark) == ([], [])


def test_on_a_telephone_a_page_is_not_scrolled_sideways(page):
    page.browser.size(*PHONE, is_phone=True)
    wide, width = page.browser.read(TOO_WIDE), page.browser.read(WIDTH)
    page.browser.size(*DESKTOP)

    assert wide == [] and width <= PHONE[0]


def test_a_page_has_one_heading_a_language_and_a_title(page):
    assert page.browser.read("document.querySelectorAll('h1').length") == 1
    assert page.browser.read("document.documentElement.lang") == "en"
    assert page.browser.title.endswith(" · Carryover")


@pytest.mark.parametrize(
    ("measure", "markup"),
    [
        (FAINT, "<p style='color:#999'>faint</p>"),
        (FAINT, "<body style='background:#222'><p style='color:#555'>faint</p>"),
        (
            FAINT,
            "<div style='background:rgb(0 0 0/.9)'><b style='color:#444'>faint</b></div>",
        ),
        (TOO_WIDE, "<div style='width:1400px'>wide</div>"),
        (TOO_WIDE, "<b>" + 400 * "wide" + "</b>"),
    ],
)
def test_the_measures_find_what_they_are_to_find(browser, measure, markup):
    browser.go(f"data:text/html,<!doctype html>{quote(markup)}")

    assert len(browser.read(measure)) == 1


# --- light, keyboard, login -----------------------------------------------------------


def test_dark_is_dark_and_light_is_light(site, browser):
    grounds = []
    for scheme in ("light", "dark"):
        browser.scheme(scheme)
        opened(browser, site, "/")
        color = browser.read("getComputedStyle(document.body).backgroundColor")
        grounds.append(sum(map(int, color[4:-1].split(",")[:3])))

    assert grounds[0] > 600 and grounds[1] < 200


def test_by_keyboard_the_first_stop_leads_to_the_content_and_every_stop_is_seen(
    site, browser
):
    opened(browser, site, "/sync/wms")
    browser.press(TAB, ENTER)
    assert browser.read(f"{FOCUSED}.id") == "main"

    stops = []
    for _ in range(40):
        browser.press(TAB)
        stops.append(browser.read(f"{FOCUSED}.name || {FOCUSED}.textContent"))
        if stops[-1].startswith("Start"):
            break
        look = browser.read(f"getComputedStyle({FOCUSED})[['outlineStyle']]")
        assert (
            look != "none"
            or browser.read(f"getComputedStyle({FOCUSED}).boxShadow") != "none"
        )

    assert stops[-1] == "Start synchronization" and "objects" in stops


def test_by_keyboard_a_choice_is_taken_back_and_a_session_started(site, browser):
    opened(browser, site, "/sync/wms")
    browser.press(TAB, ENTER)
    while browser.read(f"{FOCUSED}.name") != "objects":
        browser.press(TAB)
    browser.press(SPACE)
    first = browser.read(f"{FOCUSED}.value")
    while not browser.read(f"{FOCUSED}.textContent").startswith("Start"):
        browser.press(TAB)
    browser.press(ENTER)
    browser.until(lambda: "Cancel this session" in browser.text("main"))

    ((_, objects),) = site.started
    assert objects and first not in objects


def test_going_back_by_keyboard_is_going_the_same_way(site, browser):
    opened(browser, site, "/")
    browser.press(TAB, TAB, TAB)
    third = browser.read(f"{FOCUSED}.outerHTML")
    browser.press(TAB, f"{SHIFT}+{TAB}")

    assert browser.read(f"{FOCUSED}.outerHTML") == third


@pytest.mark.parametrize("linked", ["without"], indirect=True)
def test_a_browser_logs_in_with_the_token(tmp_path, browser, linked):
    site = ServedSite(tmp_path, linked, "a-token-of-many-letters")
    browser.go(f"{site.url}/sync/wms")
    assert browser.url == f"{site.url}{LOGIN}"
    browser.type("input[type=password]", "a-token-of-many-letters" + ENTER)
    browser.until(lambda: browser.url == f"{site.url}/")
    browser.go(f"{site.url}/sync/wms")
    browser.click(START)
    browser.until(lambda: "Cancel this session" in browser.text("main"))

    assert len(site.started) == 1 and browser.complaints() == []
    site.stop()
