"""What pages link to: a fixed table, read once, of what is as it was fetched."""

import re

import pytest

from src.kit import web
from src.office.pages import assets, packages
from src.office.pages.assets import PLAIN
from tests.office.pages.archives import CSS, JS, two


@pytest.fixture
def fetched(tmp_path):
    """Return a folder with what two packages brought, and the packages."""
    wanted = two(tmp_path / "from")
    list(packages.written(wanted, tmp_path / "from", tmp_path / "to"))
    return tmp_path / "to", wanted


def names(found: assets.Assets) -> list[str]:
    """Return what is served, without the digests."""
    return [re.sub(r"\.[0-9a-f]{12}\.", ".", place) for place in found.files]


def test_without_anything_fetched_there_is_our_own(tmp_path):
    found = assets.load(tmp_path / "nothing")

    assert found == PLAIN
    assert names(found) == ["/assets/app.css", "/assets/icon.svg"]
    assert found.notes == ()


def test_what_was_fetched_is_served_and_linked_ours_last(fetched):
    found = assets.load(*fetched)

    assert names(found._replace(files=dict.fromkeys(found.styles))) == [
        "/assets/a.css",
        "/assets/app.css",
    ]
    assert [found.files[place].body for place in found.scripts] == [JS]
    assert found.notes == ()


def test_a_licence_is_kept_but_not_served(fetched):
    found = assets.load(*fetched)

    assert (fetched[0] / "LICENSE").exists()
    assert not any("LICENSE" in place for place in found.files)


def test_an_address_changes_with_its_content(fetched, tmp_path):
    folder, (styled, scripted) = fetched
    one = styled.members[0]
    changed = one._replace(sha256=assets.sha256(b"new").hexdigest())
    before = assets.load(folder, (styled,)).styles[0]
    (folder / "a.css").write_bytes(b"new")

    after = assets.load(folder, (styled._replace(members=(changed,)),)).styles[0]

    assert before != after


def test_a_changed_file_is_not_served_and_it_is_said(fetched):
    folder, wanted = fetched
    (folder / "h.js").write_bytes(JS + b";alert(1)")

    found = assets.load(folder, wanted)

    assert found.scripts == ()
    [note] = found.notes
    assert note.startswith('.web-assets/h.js: was changed; run "make web-assets"')


def test_a_missing_file_is_said_and_the_rest_is_served(fetched):
    folder, wanted = fetched
    (folder / "a.css").unlink()

    found = assets.load(folder, wanted)

    assert len(found.styles) == len(found.scripts) == 1
    assert [note.split(";")[0] for note in found.notes] == [".web-assets/a.css: is missing"]


def test_other_files_in_the_folder_are_never_served(fetched):
    folder, wanted = fetched
    (folder / "mine.css").write_bytes(b"*{}")

    assert assets.load(folder, wanted) == assets.load(*fetched)
    assert "/assets/mine.css" not in names(assets.load(folder, wanted))


def test_what_is_on_the_disk_is_read_once(fetched):
    folder, wanted = fetched
    routes = assets.routes(assets.load(folder, wanted))
    for path in folder.iterdir():
        path.unlink()

    bodies = [route.view(web.Request("GET", route.path)).body for route in routes]

    assert CSS in bodies and JS in bodies


# --- answers --------------------------------------------------------------------------


def answers(found: assets.Assets) -> dict[str, web.Reply]:
    routes = assets.routes(found)
    return {one.path: one.view(web.Request("GET", one.path)) for one in routes}


def test_each_address_answers_with_its_type(fetched):
    found = answers(assets.load(*fetched))

    types = {place.rpartition(".")[2]: reply.content_type for place, reply in found.items()}
    assert types == {
        "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    }


def test_a_browser_may_keep_them_and_no_proxy():
    kept = [reply.headers["Cache-Control"] for reply in answers(PLAIN).values()]

    assert set(kept) == {"private, max-age=31536000, immutable"}


def test_an_address_holds_nothing_that_a_route_would_read_as_a_part():
    assert all(re.fullmatch(r"/assets/[\w.-]+", place) for place in PLAIN.files)


def test_every_page_s_own_files_are_in_the_table():
    assert set(PLAIN.styles) | set(PLAIN.icons) == set(PLAIN.files)


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        PLAIN.files["/assets/x.css"] = None
