"""The door that fetches what pages are nicer with: by npm, by hand, or a sentence."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from src import web_assets
from src.kit import stage
from src.kit.errors import NOTHING_DONE, OK
from src.office.pages import assets
from tests.office.pages.archives import CSS, JS, two

FILES = {"a.css", "LICENSE", "h.js"}


class Shelf:
    """A registry's archives, a client that knows them, and where files go."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.archives, self.to, self.bin = root / "from", root / "to", root / "bin"
        self.wanted = two(self.archives)
        self._capsys = capsys
        self.out = self.err = ""
        self.bin.mkdir()

    def npm(self, *lines: str) -> None:
        """Put a client of the registry on the path."""
        script = self.bin / "npm"
        script.write_text("\n".join([f"#!{sys.executable}", "import shutil, sys", *lines]))
        script.chmod(0o755)

    def run(self, *argv: str) -> int:
        def main(argv: list[str]) -> int:
            return web_assets.main(argv, self.wanted)

        code = stage.run(main, ["--to", str(self.to), "--set", f"PATH={self.bin}", *argv])
        self.out, self.err = self._capsys.readouterr()
        return code

    def brought(self) -> set[str]:
        return {path.name for path in self.to.glob("*")}


@pytest.fixture
def shelf(tmp_path, capsys) -> Shelf:
    return Shelf(tmp_path, capsys)


needs_scripts = pytest.mark.skipif(os.name == "nt", reason="npm is a batch file there")


def handing_out(folder: Path) -> str:
    return (
        "name, _, version = sys.argv[-1].rpartition('@'); "
        f"shutil.copy({str(folder)!r} + f'/{{name}}-{{version}}.tgz', '.')"
    )


# --- by hand --------------------------------------------------------------------------


def test_archives_given_by_hand_are_verified_and_written(shelf):
    assert shelf.run("--from", str(shelf.archives)) == OK

    assert "styled@1.2.3, scripted@1.2.3, digests verified" in shelf.out
    assert shelf.brought() == FILES
    assert (shelf.to / "a.css").read_bytes() == CSS


def test_what_was_written_is_what_pages_use(shelf):
    shelf.run("--from", str(shelf.archives))

    found = assets.load(shelf.to, shelf.wanted)
    assert [found.files[place].body for place in found.scripts] == [JS]
    assert found.notes == ()


def test_a_wrong_archive_is_refused_in_a_sentence(shelf):
    (shelf.archives / "scripted-1.2.3.tgz").write_bytes(b"something else")

    assert shelf.run("--from", str(shelf.archives)) == NOTHING_DONE

    assert "scripted-1.2.3.tgz: its digest is sha512-" in shelf.err
    assert shelf.brought() == set()


def test_a_missing_archive_is_named(shelf):
    (shelf.archives / "scripted-1.2.3.tgz").unlink()

    assert shelf.run("--from", str(shelf.archives)) == NOTHING_DONE

    assert "has no scripted-1.2.3.tgz; get styled-1.2.3.tgz and scripted" in shelf.err


def test_a_folder_that_is_not_there_lacks_them_all(shelf, tmp_path):
    assert shelf.run("--from", str(tmp_path / "nowhere")) == NOTHING_DONE

    assert "has no styled-1.2.3.tgz and no scripted-1.2.3.tgz" in shelf.err


# --- by npm ---------------------------------------------------------------------------


@needs_scripts
def test_npm_fetches_them_where_it_is(shelf):
    shelf.npm(handing_out(shelf.archives))

    assert shelf.run() == OK

    assert shelf.brought() == FILES


@needs_scripts
def test_nothing_is_fetched_that_is_there(shelf):
    shelf.run("--from", str(shelf.archives))
    shelf.npm("sys.exit('it was asked')")

    assert shelf.run() == OK

    assert "nothing to do, all files are there and intact" in shelf.out


@needs_scripts
def test_a_changed_file_is_fetched_again(shelf):
    shelf.run("--from", str(shelf.archives))
    (shelf.to / "a.css").write_bytes(b"*{display:none}")
    shelf.npm(handing_out(shelf.archives))

    assert shelf.run() == OK

    assert (shelf.to / "a.css").read_bytes() == CSS


@needs_scripts
def test_what_npm_brings_is_verified_like_anything_else(shelf):
    shelf.npm(handing_out(shelf.archives))
    (shelf.archives / "styled-1.2.3.tgz").write_bytes(b"something else")

    assert shelf.run() == NOTHING_DONE

    assert "its digest is" in shelf.err
    assert shelf.brought() == set()


@needs_scripts
def test_what_npm_complains_of_is_told_with_a_way_out(shelf):
    shelf.npm("sys.exit('notice\\nnpm error code ENOTFOUND\\nmore')")

    assert shelf.run() == NOTHING_DONE

    assert shelf.err.startswith("npm pack styled@1.2.3: npm error code ENOTFOUND; try again")
    assert "with --from; without them the pages work, plainer" in shelf.err


@needs_scripts
def test_npm_that_brings_nothing_is_no_success(shelf):
    shelf.npm("")

    assert shelf.run() == NOTHING_DONE

    assert "has no styled-1.2.3.tgz" in shelf.err


@needs_scripts
def test_npm_that_cannot_be_started_is_told(shelf):
    shelf.npm("")
    (shelf.bin / "npm").write_text("#!/nowhere/at/all\n")

    assert shelf.run() == NOTHING_DONE

    assert "npm pack styled@1.2.3: No such file or directory" in shelf.err


def test_without_npm_there_is_a_sentence(shelf):
    assert shelf.run() == NOTHING_DONE

    assert shelf.err.startswith("npm: not found; install it, or get styled-1.2.3.tgz and")
    assert "Traceback" not in shelf.err


def test_no_registry_is_named_in_the_source():
    for module in (web_assets, web_assets.packages, assets):
        assert "registry." not in Path(module.__file__).read_text("utf-8")
