"""The two pinned packages that pages use where they are there: Bootstrap and htmx.

Their archives are taken apart only when the registry's published digest holds, and of what
is in them only the files named here are used, each with a digest of its own.
"""

from __future__ import annotations

import tarfile
import zlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256, sha512
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from src.kit import files
from src.kit.errors import Refused

LARGEST_ARCHIVE = 8_000_000  # bytes; the larger one has 1.7 million
LARGEST_UNPACKED = 64_000_000  # bytes; it unpacks to 9.8 million
LARGEST_FILE = 1_000_000  # bytes; the largest in use has 0.25 million
STYLE, SCRIPT = ".css", ".js"


class Member(NamedTuple):
    """A file in an archive."""

    path: str
    name: str  # what it is called here
    sha256: str


class Package(NamedTuple):
    """One version of a package."""

    name: str
    version: str
    integrity: str  # of its archive, as the registry publishes it
    members: tuple[Member, ...]

    @property
    def spec(self) -> str:
        """Return what a registry's client calls it."""
        return f"{self.name}@{self.version}"

    @property
    def archive(self) -> str:
        """Return what its archive is called."""
        return f"{self.name}-{self.version}.tgz"


BOOTSTRAP = Package(
    "bootstrap",
    "5.3.8",
    "sha512-HP1SZDqaLDPwsNiqRqi5NcP0SSXciX2s9E+RyqJIIqGo+vJeN5AJVM98CXmW/"
    "Wux0nQ5L7jeWUdplCEf0Ee+tg==",
    (
        Member(
            "package/dist/css/bootstrap.min.css",
            "bootstrap.min.css",
            "d85327d99c7a3ee1f9b5d0500d1370acea3ad2db39c163c2f51f232baedbdede",
        ),
        Member(
            "package/LICENSE",
            "bootstrap.LICENSE",
            "4620c84ad5ce8602ff65640ed6b7c8b78ebb9e036584f0ebc1ccc88206a4bb51",
        ),
    ),
)
HTMX = Package(
    "htmx.org",
    "2.0.8",
    "sha512-fm297iru0iWsNJlBrjvtN7V9zjaxd+69Oqjh4F/Vq9Wwi2kFisLcrLCiv5oBX0KLfOX/"
    "zG8AUo9ROMU5XUB44Q==",
    (
        Member(
            "package/dist/htmx.min.js",
            "htmx.min.js",
            "22283ef68cb7545914f0a88a1bdedc7256a703d1d580c1d255217d0a50d31313",
        ),
        Member(
            "package/LICENSE",
            "htmx.LICENSE",
            "d3d2456f76414f2456104660ebd65aff1c04cd7966b942bdabd63f3cdb316a38",
        ),
    ),
)
PACKAGES = (BOOTSTRAP, HTMX)


def unpacked(package: Package, folder: Path) -> dict[str, bytes]:
    """Return the files of a package, by name, from its archive in a folder.

    Raises Refused where the archive or one of the files is not the pinned one.
    """
    place = folder / package.archive
    content = _bounded(place, LARGEST_ARCHIVE)
    found = "sha512-" + b64encode(sha512(content).digest()).decode()
    if found != package.integrity:
        raise _not_that(place, f"its digest is {found}, not {package.integrity}")
    plain = BytesIO(_inflated(place, content))
    try:
        with tarfile.open(fileobj=plain, mode="r:") as archive:
            return {one.name: _member(place, archive, one) for one in package.members}
    except tarfile.TarError:
        raise _not_that(place, "it is no archive") from None


def written(packages: Sequence[Package], source: Path, folder: Path) -> Iterator[Path]:
    """Write the files of all packages, and yield where; none where one is refused."""
    contents: dict[str, bytes] = {}
    for package in packages:
        contents |= unpacked(package, source)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        with files.replacing(folder / name) as file:
            file.write(content)
        yield folder / name


def read(folder: Path, member: Member) -> tuple[bytes, str]:
    """Return a file that was fetched, and what keeps it from being used, if anything."""
    try:
        content = _bounded(folder / member.name, LARGEST_FILE)
    except FileNotFoundError:
        return b"", "is missing"
    except (OSError, Refused):
        return b"", "cannot be read"
    is_right = sha256(content).hexdigest() == member.sha256
    return (content, "") if is_right else (b"", "was changed")


def _bounded(place: Path, most: int) -> bytes:
    with open(place, "rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise _not_that(place, f"it has more than {most:,} bytes")
    return content


def _inflated(place: Path, content: bytes) -> bytes:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = inflater.decompress(content, LARGEST_UNPACKED)
    except zlib.error:
        raise _not_that(place, "it is not compressed as such archives are") from None
    if inflater.unconsumed_tail:
        raise _not_that(place, f"it unpacks to more than {LARGEST_UNPACKED:,} bytes")
    return plain


def _member(place: Path, archive: tarfile.TarFile, member: Member) -> bytes:
    found = next((one for one in archive if one.name == member.path), None)
    if found is None or not found.isreg():
        raise _not_that(place, f"there is no file {member.path} in it")
    if found.size > LARGEST_FILE:
        raise _not_that(place, f"{member.path} has more than {LARGEST_FILE:,} bytes")
    opened = archive.extractfile(found)
    content = opened.read() if opened else b""
    if sha256(content).hexdigest() != member.sha256:
        raise _not_that(place, f"{member.path} is another file than the pinned one")
    return content


def _not_that(place: Path, reason: str) -> Refused:
    return Refused(f"{place}: {reason}; fetch it again, nothing of it was used")
