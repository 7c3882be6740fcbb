"""A synchronization from start to end, as a person sees it in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from src.kit.sessions import CANCELLED, COMPLETED, Count
from tests.browser.conftest import IS_DENSE, of
from tests.browser.driver import Chromium
from tests.office.pages.markup import EVIL
from tests.site import ServedSite
from tests.wms.control import attempt

START, CANCEL = 'form[action$="/start"] button', 'form[action$="/cancel"] button'
STATUS = "p[role=status]"


MODES = {
    "scripts": (True, "with"),
    "no scripts": (False, "with"),
    "no assets": (True, "without"),
}
# Without scripts or without assets a page loads itself anew: one of them will do.
SHORT = ("scripts", "no scripts")


@pytest.fixture(params=MODES if IS_DENSE else SHORT)
def site(request, tmp_path, browser) -> Iterator[ServedSite]:
    """Return a site as each kind of browser finds it."""
    are_on, assets = MODES[request.param]
    browser.scripts(are_on)
    one = ServedSite(tmp_path, of(assets))
    yield one
    one.stop()


def shows(browser: Chromium, *texts: str) -> bool:
    shown = browser.text("main")
    return all(text in shown for text in texts)


def test_a_person_starts_watches_cancels_and_reads_what_went_wrong(site, browser):
    browser.go(f"{site.url}/sync/wms")
    for word in ("vendors", "items"):
        browser.click(f'label[for="type-{word}"]')
    browser.click(START)
    browser.until(lambda: shows(browser, "Cancel this session", "Fetching"))
    ((session, objects),) = site.started
    assert "customers" in objects and not {"vendors", "items"} & {*objects}

    site.planned(session, {"customers": Count(4)})
    site.wms.log(session, attempt("w1", "created"), attempt("w2", "failed", name=EVIL))
    browser.until(lambda: shows(browser, "1 of 4 records synchronized"))

    browser.click(CANCEL)
    browser.until(lambda: shows(browser, "asked to stop"))
    site.end(session, CANCELLED, Count(4, 1, 1))
    if not IS_DENSE:
        browser.go(browser.url)  # that it loads itself anew was seen above
    browser.until(lambda: shows(browser, "Cancelled", "Start synchronization"))

    browser.click('a[href="/sync/wms/history"]')
    browser.click(f'a[href="/sync/wms/history/{session}"]')
    assert shows(browser, "w2", session) and browser.complaints() == []


@pytest.mark.skipif(not IS_DENSE, reason="the walk with scripts shows nearly the same")
@pytest.mark.parametrize("site", ["scripts"], indirect=True)
def test_progress_moves_without_a_hand_and_ends_with_the_last_sync(site, browser):
    site.begin("s1", ("items",))
    browser.go(f"{site.url}/sync/wms")
    site.planned("s1", {"items": Count(2)})
    for number in (1, 2):
        site.wms.log("s1", attempt(f"w{number}", "created", type="items"))
    browser.until(lambda: shows(browser, "2 of 2 records synchronized", "Items: 2/2"))
    site.end("s1", COMPLETED, Count(2, 2))

    browser.until(lambda: shows(browser, "Completed", "2026-11-20 08:01:01 UTC"))
    assert browser.complaints() == []
