"""Pages elsewhere that want something of ours: what a real browser lets through."""

from __future__ import annotations

from collections.abc import Iterator
from string import Template

import pytest

from src.kit.serving import Reply, Server
from tests.attacks import API, FORM_PLACE
from tests.browser.driver import REBOUND
from tests.raw import Asked
from tests.site import ServedSite

EVIL_PAGE = Template("""<!doctype html><title>evil</title>
<form method="post" action="$form"><input name="objects" value="customers"><button>go</button></form>
<a href="$ours/">a link</a>
<iframe src="$ours/"></iframe><img src="$ours/assets/icon.svg">
<script>
    const told = [];
    const ask = (address, more) => fetch(address, more).then(
        async reply => told.push(reply.type + await reply.text()), () => told.push('refused'));
    const all = Promise.all([
        ask('$api', {method: 'POST', body: '{}', mode: 'no-cors', headers: {'Content-Type': 'text/plain'}}),
        ask('$api', {method: 'POST', body: '{}', headers: {'Content-Type': 'application/json'}}),
        ask('$api', {method: 'POST', mode: 'no-cors', credentials: 'include'}),
        ask('$ours/api/v1/runs'),
        ask('$ours/', {mode: 'no-cors'}),
    ]).then(() => document.title = told.join(','));
</script>""")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[ServedSite]:
    """Return a site at which nothing is to be started."""
    one = ServedSite(tmp_path_factory.mktemp("site"))
    yield one
    one.stop()


@pytest.fixture(scope="module")
def evil(site: ServedSite) -> Iterator[Asked]:
    """Return another server of this machine whose pages know where ours is."""
    page = EVIL_PAGE.substitute(
        ours=site.url, api=site.url + API, form=site.url + FORM_PLACE
    )
    other = Asked(Server(0, lambda call: Reply(200, page.encode(), "text/html")))
    yield other
    other.stop()


def test_no_script_of_another_page_starts_or_reads_anything(site, evil, window):
    window.go(evil.server.url)
    window.until(lambda: window.title != "evil")

    assert set(window.title.split(",")) <= {"refused", "opaque"}
    assert window.read("document.querySelector('img').naturalWidth") == 0
    assert site.started == []


@pytest.mark.parametrize("name", ["127.0.0.1", REBOUND])
def test_no_form_of_another_page_starts_anything(site, evil, window, name):
    window.go(f"http://{name}:{evil.port}")
    window.click("button")
    window.until(lambda: window.url == site.url + FORM_PLACE)

    assert site.started == []
    assert "another page" in window.text("main")


def test_a_link_on_another_page_leads_to_ours(site, evil, window):
    window.go(evil.server.url)
    window.click("a")

    assert window.until(lambda: window.title == "Overview · Carryover")


def test_under_a_name_that_points_here_nothing_is_shown(site, window):
    window.go(f"http://{REBOUND}:{site.port}/")

    assert "Host: is not this server" in window.text()
    assert "Attachments" not in window.text()


def test_a_script_that_got_into_a_page_would_not_run(site, window):
    window.go(site.url)
    window.complaints()
    window.tell("Runtime.evaluate", expression=_SMUGGLED)

    assert window.title == "Overview · Carryover"
    broken = [one for one in window.complaints() if "Content Security Policy" in one]
    assert len(broken) >= 3, broken


_SMUGGLED = """
    for (const [tag, set] of [
        ['script', one => one.textContent = 'document.title = 1'],
        ['script', one => one.src = 'https://example.org/x.js'],
        ['img', one => one.setAttribute('onerror', 'document.title = 2') || (one.src = 'x:')],
        ['style', one => one.textContent = 'body {display: none}'],
    ]) {
        const one = document.createElement(tag);
        set(one);
        document.body.append(one);
    }
"""


def test_a_form_from_before_a_restart_is_told_to_be_loaded_anew(site, window):
    window.go(f"{site.url}/sync/wms")
    token = "document.querySelector('input[name=csrf]')"
    window.tell("Runtime.evaluate", expression=f"{token}.value = 'old'")
    window.click('form[action$="/start"] button')
    window.until(lambda: "reload it and try again" in window.text("main"))

    assert site.started == []
