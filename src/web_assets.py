"""Fetch Bootstrap and htmx for the pages, pinned and verified, to .web-assets.

The npm client fetches them, or --from names a folder that holds their two archives. The
pages work without them, plainer.
"""

from __future__ import annotations

import shutil
import subprocess
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from src import config
from src.kit import stage
from src.kit.errors import Refused
from src.office.pages import assets, packages
from src.office.pages.packages import PACKAGES, Package

SECONDS = 300  # for one archive; a slow line has its chance
WITHOUT = "without them the pages work, plainer"


def main(
    argv: Sequence[str] | None = None, wanted: Sequence[Package] = PACKAGES
) -> int:
    """Fetch what is not there, verify it, and say what was written."""
    run = stage.start("web_assets", __doc__, argv, _options)
    folder = Path(run.args.to) if run.args.to else config.ROOT / assets.FETCHED
    if not run.args.given and not any(_faults(folder, wanted)):
        print("web_assets: nothing to do, all files are there and intact")
        return stage.OK
    with TemporaryDirectory(prefix="carryover-") as temporary:
        source = Path(run.args.given or temporary)
        if not run.args.given:
            _fetch(run, wanted, source)
        _check_there(source, wanted)
        places = list(packages.written(wanted, source, folder))
    specs = ", ".join(package.spec for package in wanted)
    print(stage.printable(f"web_assets: {specs}, digests verified"))
    for place in places:
        print(stage.printable(f"  wrote {place}"))
    return stage.OK


def _faults(folder: Path, wanted: Sequence[Package]) -> list[str]:
    members = (member for package in wanted for member in package.members)
    return [packages.read(folder, member)[1] for member in members]


def _fetch(run: stage.Run, wanted: Sequence[Package], folder: Path) -> None:
    """Let npm fetch the archives: it knows the registry, and how to get there."""
    npm = shutil.which("npm", path=run.environ.get("PATH"))
    if npm is None:
        raise Refused(f"npm: not found; install it, or {_by_hand(wanted)}; {WITHOUT}")
    for package in wanted:
        command = (npm, "pack", "--silent", "--ignore-scripts", package.spec)
        try:
            # Its folder holds no .npmrc that could lead it elsewhere.
            subprocess.run(
                command,
                cwd=folder,
                env=dict(run.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=SECONDS,
                check=True,
            )
        except subprocess.TimeoutExpired:
            raise _unfetched(package, f"not within {SECONDS} s", wanted) from None
        except (OSError, subprocess.CalledProcessError) as error:
            raise _unfetched(package, _said(error), wanted) from None


def _said(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    lines = error.stderr.decode(errors="replace").split("\n")
    return next((line for line in lines if "error" in line.lower()), f"{error}")


def _unfetched(package: Package, reason: str, wanted: Sequence[Package]) -> Refused:
    way = f"try again, or {_by_hand(wanted)}; {WITHOUT}"
    return Refused(f"npm pack {package.spec}: {reason.strip()}; {way}")


def _check_there(folder: Path, wanted: Sequence[Package]) -> None:
    missing = [one.archive for one in wanted if not (folder / one.archive).is_file()]
    if missing:
        raise Refused(f"{folder}: has no {' and no '.join(missing)}; {_by_hand(wanted)}")


def _by_hand(wanted: Sequence[Package]) -> str:
    names = " and ".join(package.archive for package in wanted)
    return f"get {names} on any machine that has npm and give their folder with --from"


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--from", dest="given", default="", metavar="DIR", help="has the two archives")
    add("--to", default="", metavar="DIR", help="where they go, default .web-assets")


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
