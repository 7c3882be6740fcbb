"""Every page in a browser: text that stays text, any width, any light, by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote

import pytest

from src.kit.guarding import LOGIN
from tests.browser.conftest import IS_DENSE, PHONE, of
from tests.browser.driver import ENTER, SHIFT, SPACE, TAB, Chromium
from tests.browser.filled import HOSTILE, PLACES, fill
from tests.office.pages.markup import EVIL
from tests.site import ServedSite

SHOWN = EVIL.replace("\x1b", r"\x1b").replace("\u202e", r"\u202e")
DENSE = ("without",) if IS_DENSE else ()  # what is looked at with assets in any case
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

    def made_of_names(self) -> list[str]:
        """Return the markup that a name has become; its text has to be there."""
        tags = ("img", "script:not([src])", "style", "[onerror]", "[style]")
        found = [one for one in tags if self.browser.read(f"!!document.querySelector('{one}')")]
        if self.place in HOSTILE:
            shown = self.browser.read("document.body.textContent").replace("\n", "")
            found += [] if SHOWN in shown else ["no name"]
        return found

    def missed(self) -> list[str]:
        """Return what could not be loaded or broke the policy, but for a page that is none."""
        own = f"{self.place} - Failed to load"
        is_there = any(own in one for one in self.complaints) == (self.place == "/nowhere")
        return [one for one in self.complaints if own not in one] + [""] * (not is_there)

    def faint(self) -> list[str]:
        """Return the text that cannot be read in one of the two lights."""
        light = self.browser.read(FAINT)
        self.browser.scheme("dark")
        return [*light, *self.browser.read(FAINT)]

    def wide(self) -> list[str]:
        """Return what a person has to scroll sideways for on a telephone."""
        self.browser.size(*PHONE, is_phone=True)
        width = self.browser.read(WIDTH)
        return [*self.browser.read(TOO_WIDE), *([f"{width}"] if width > PHONE[0] else [])]

    def heads(self) -> tuple[int, str, bool]:
        """Return the headings, the language, and whether it has its title."""
        count = self.browser.read("document.querySelectorAll('h1').length")
        language = self.browser.read("document.documentElement.lang")
        return count, language, self.browser.title.endswith(" · Carryover")


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> Iterator[Callable[[str], ServedSite]]:
    """Return what gives a site with something on every page, made once for each look."""
    made: dict[str, ServedSite] = {}

    def site(word: str) -> ServedSite:
        if word not in made:
            made[word] = ServedSite(tmp_path_factory.mktemp("site"), of(word))
            fill(made[word])
        return made[word]

    yield site
    for one in made.values():
        one.stop()


def opened(browser: Chromium, site: ServedSite, place: str) -> None:
    browser.complaints()
    browser.go(f"{site.url}{place}")


@pytest.mark.parametrize(
    ("place", "word"),
    [
        *((place, "with") for place in PLACES),
        *((place, "without") for place in (PLACES if IS_DENSE else HOSTILE)),
    ],
)
def test_a_page_is_whole_harmless_and_can_be_read_by_everybody(place, word, full, window):
    opened(window, full(word), place)
    page = Shown(place, window, window.complaints())

    assert page.missed() == []
    assert page.made_of_names() == []
    assert page.heads() == (1, "en", True)
    assert page.faint() == []
    assert page.wide() == []


@pytest.mark.parametrize(
    ("measure", "markup"),
    [
        (
            FAINT,
            "<p style='color:#999'>faint</p>"
            "<div style='background:rgb(0 0 0/.9)'><b style='color:#444'>faint</b></div>",
        ),
        (FAINT, "<body style='background:#222'>" + 2 * "<p style='color:#555'>faint</p>"),
        (TOO_WIDE, "<div style='width:1400px'>wide</div><b>" + 400 * "wide" + "</b>"),
    ],
)
def test_the_measures_find_what_they_are_to_find(window, measure, markup):
    window.go(f"data:text/html,<!doctype html>{quote(markup)}")

    assert len(window.read(measure)) == 2


# --- light, keyboard, login -----------------------------------------------------------


@pytest.mark.parametrize("look", ["with", "without"])
def test_dark_is_dark_and_light_is_light(look, full, window):
    grounds = []
    for scheme in ("light", "dark"):
        window.scheme(scheme)
        opened(window, full(look), "/")
        color = window.read("getComputedStyle(document.body).backgroundColor")
        grounds.append(sum(map(int, color[4:-1].split(",")[:3])))

    assert grounds[0] > 600 and grounds[1] < 200


@pytest.mark.parametrize("look", ["with", "without"])
def test_by_keyboard_the_first_stop_leads_to_the_content_and_every_stop_is_seen(
    look, full, window
):
    opened(window, full(look), "/sync/wms")
    window.press(TAB, ENTER)
    assert window.read(f"{FOCUSED}.id") == "main"

    stops = []
    for _ in range(40):
        window.press(TAB)
        stops.append(window.read(f"{FOCUSED}.name || {FOCUSED}.textContent"))
        if stops[-1].startswith("Start"):
            break
        outline = window.read(f"getComputedStyle({FOCUSED})[['outlineStyle']]")
        assert (
            outline != "none"
            or window.read(f"getComputedStyle({FOCUSED}).boxShadow") != "none"
        )

    assert stops[-1] == "Start synchronization" and "objects" in stops


@pytest.mark.parametrize("linked", ["with", *DENSE], indirect=True)
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


@pytest.mark.parametrize("look", ["with", *DENSE])
def test_going_back_by_keyboard_is_going_the_same_way(look, full, window):
    opened(window, full(look), "/")
    window.press(TAB, TAB, TAB)
    third = window.read(f"{FOCUSED}.outerHTML")
    window.press(TAB, f"{SHIFT}+{TAB}")

    assert window.read(f"{FOCUSED}.outerHTML") == third


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
