"""Archives of packages: verified before anything is read, and only what is pinned."""

import gzip
import re

import pytest

from src.kit.errors import Refused
from src.office.pages import packages
from src.office.pages.packages import BOOTSTRAP, HTMX, PACKAGES
from tests.office.pages.archives import (
    CSS,
    JS,
    LICENCE,
    STYLED,
    integrity,
    member,
    package,
    packed,
    two,
)

WANTED = {"package/dist/a.css": CSS}


def refusal(wanted, folder) -> str:
    with pytest.raises(Refused) as refused:
        packages.unpacked(wanted, folder)
    return str(refused.value)


def test_the_pinned_files_are_read_from_the_archive(tmp_path):
    styled, scripted = two(tmp_path)

    assert packages.unpacked(styled, tmp_path) == {"a.css": CSS, "LICENSE": LICENCE}
    assert packages.unpacked(scripted, tmp_path) == {"h.js": JS}


def test_an_archive_of_another_digest_is_not_even_opened(tmp_path):
    styled, _ = two(tmp_path)
    (tmp_path / styled.archive).write_bytes(b"no archive at all")

    assert "its digest is sha512-" in refusal(styled, tmp_path)


def test_one_changed_byte_is_noticed(tmp_path):
    styled, _ = two(tmp_path)
    content = bytearray((tmp_path / styled.archive).read_bytes())
    content[9] ^= 1  # the operating system in gzip's header: it unpacks to the same
    (tmp_path / styled.archive).write_bytes(content)

    assert gzip.decompress(content)
    assert f"not {styled.integrity}; fetch it again" in refusal(styled, tmp_path)


def test_a_missing_file_is_named(tmp_path):
    wanted = package(tmp_path, "p", {"package/other": b""}, WANTED)

    assert "there is no file package/dist/a.css in it" in refusal(wanted, tmp_path)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../etc/passwd", "other.css"])
def test_a_link_in_place_of_a_file_is_not_followed(tmp_path, target):
    contents = {"package/dist/other.css": CSS, "package/dist/a.css": target}
    wanted = package(tmp_path, "p", contents, WANTED)

    assert "there is no file package/dist/a.css in it" in refusal(wanted, tmp_path)


def test_of_two_files_of_one_name_the_first_counts_and_its_digest_has_to_hold(tmp_path):
    wanted = package(tmp_path, "p", {"package/dist/a.css": b"evil"}, WANTED)

    assert "is another file than the pinned one" in refusal(wanted, tmp_path)


def test_a_huge_file_is_not_read(tmp_path):
    huge = b" " * (packages.LARGEST_FILE + 1)
    wanted = package(tmp_path, "p", {"package/dist/a.css": huge}, WANTED)

    assert "has more than 1,000,000 bytes" in refusal(wanted, tmp_path)


def made_of(folder, archive: bytes) -> packages.Package:
    made = packages.Package("p", "1", integrity(archive), (member("a.css", CSS),))
    (folder / made.archive).write_bytes(archive)
    return made


def test_a_huge_archive_is_not_read_to_its_end(tmp_path):
    wanted = made_of(tmp_path, b" " * (packages.LARGEST_ARCHIVE + 1))

    assert "it has more than 8,000,000 bytes" in refusal(wanted, tmp_path)


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path):
    bomb = gzip.compress(b"\0" * (packages.LARGEST_UNPACKED + 1), 1)

    assert "it unpacks to more than" in refusal(made_of(tmp_path, bomb), tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"no archive", "it is not compressed"),
        (b"", "it is no archive"),
        (gzip.compress(b"no tar file" * 99), "it is no archive"),
        (packed(STYLED)[:40], "it is no archive"),
    ],
)
def test_what_is_no_archive_is_told_in_a_sentence(tmp_path, content, told):
    assert told in refusal(made_of(tmp_path, content), tmp_path)


# --- writing --------------------------------------------------------------------------


def test_files_are_written_under_their_own_names(tmp_path):
    wanted = two(tmp_path / "from")

    places = list(packages.written(wanted, tmp_path / "from", tmp_path / "to"))

    assert [place.name for place in places] == ["a.css", "LICENSE", "h.js"]
    assert sorted(p.name for p in (tmp_path / "to").iterdir()) == ["LICENSE", "a.css", "h.js"]
    assert (tmp_path / "to/a.css").read_bytes() == CSS


def test_where_one_archive_is_refused_nothing_is_written(tmp_path):
    styled, scripted = two(tmp_path / "from")
    (tmp_path / "from" / scripted.archive).write_bytes(b"")

    with pytest.raises(Refused):
        list(packages.written((styled, scripted), tmp_path / "from", tmp_path / "to"))

    assert not (tmp_path / "to").exists()


# --- reading what was fetched ---------------------------------------------------------


def test_a_file_that_is_as_it_was_fetched_is_used(tmp_path):
    (tmp_path / "a.css").write_bytes(CSS)

    assert packages.read(tmp_path, member("a.css", CSS)) == (CSS, "")


@pytest.mark.parametrize(
    ("content", "told"),
    [(CSS + b" ", "was changed"), (b"", "was changed"), (b" " * 1_000_001, "cannot be read")],
)
def test_a_file_that_was_changed_is_not(tmp_path, content, told):
    (tmp_path / "a.css").write_bytes(content)

    assert packages.read(tmp_path, member("a.css", CSS)) == (b"", told)


def test_neither_is_one_that_is_missing_or_no_file(tmp_path):
    (tmp_path / "a.css").mkdir()

    assert packages.read(tmp_path, member("b.css", CSS)) == (b"", "is missing")
    assert packages.read(tmp_path, member("a.css", CSS)) == (b"", "cannot be read")


# --- what is pinned -------------------------------------------------------------------


@pytest.mark.parametrize("pinned", PACKAGES, ids=lambda pinned: pinned.name)
def test_every_pin_is_a_whole_digest(pinned):
    assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", pinned.integrity)
    assert all(re.fullmatch("[0-9a-f]{64}", one.sha256) for one in pinned.members)


@pytest.mark.parametrize("pinned", PACKAGES, ids=lambda pinned: pinned.name)
def test_every_package_brings_its_licence(pinned):
    assert "package/LICENSE" in [one.path for one in pinned.members]


def test_packages_have_the_names_that_their_registry_knows():
    assert (BOOTSTRAP.spec, BOOTSTRAP.archive) == ("bootstrap@5.3.8", "bootstrap-5.3.8.tgz")
    assert (HTMX.spec, HTMX.archive) == ("htmx.org@2.0.8", "htmx.org-2.0.8.tgz")


def test_no_two_files_share_a_name():
    names = [one.name for pinned in PACKAGES for one in pinned.members]

    assert len(set(names)) == len(names)
