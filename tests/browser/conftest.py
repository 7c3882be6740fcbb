"""A browser for all tests, and a site for each: with and without the web assets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from src import config
from src.office.pages import assets
from src.office.pages.assets import PLAIN, Assets
from tests.browser.driver import Chromium, missing
from tests.site import ServedSite

DESKTOP, PHONE = (1280, 900), (390, 844)
# Every page and every walk, in each kind of browser: what CI sets; else one of each.
IS_DENSE = bool(os.environ.get("BROWSER_WALKS"))
UNFETCHED = "the web assets are not there (make web-assets)"


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """Return the browser that all tests share."""
    if why := missing():
        pytest.skip(why)
    one = Chromium(tmp_path_factory.mktemp("profile"))
    yield one
    one.close()


@pytest.fixture
def window(chromium: Chromium) -> Chromium:
    """Return it as it is when it was just opened; whatever it complained of is an error."""
    chromium.scripts(are_on=True)
    chromium.scheme("light")
    chromium.size(*DESKTOP)
    chromium.complaints()
    return chromium


@pytest.fixture
def browser(window: Chromium) -> Iterator[Chromium]:
    """Return it for a site that ends with the test: nothing is polled any more then."""
    yield window
    window.go("about:blank")


def of(word: str) -> Assets:
    """Return what pages link to `with` or `without` what is fetched; skips if it was not."""
    if word == "without":
        return PLAIN
    found = assets.load(config.ROOT / assets.FETCHED)
    if not found.scripts:
        pytest.skip(UNFETCHED)
    return found


@pytest.fixture(params=["with", "without"], ids=["with assets", "without assets"])
def linked(request: pytest.FixtureRequest) -> Assets:
    """Return what pages link to."""
    return of(request.param)


@pytest.fixture
def site(tmp_path: Path, linked: Assets) -> Iterator[ServedSite]:
    """Return a site where nothing has been done yet."""
    one = ServedSite(tmp_path, linked)
    yield one
    one.stop()
