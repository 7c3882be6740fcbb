"""Made-up packages and their archives, as a registry would hand them out."""

from __future__ import annotations

import io
import tarfile
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256, sha512
from pathlib import Path
from typing import Union

from src.office.pages.packages import Member, Package

CSS, JS, LICENCE = b".btn{color:red}", b"var htmx={}", b"Do what you like."
STYLED = {"package/dist/a.css": CSS, "package/LICENSE": LICENCE}
SCRIPTED = {"package/dist/h.js": JS}
Contents = Mapping[str, Union[bytes, str]]  # a str is where a symbolic link leads


def packed(contents: Contents) -> bytes:
    """Return an archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for path, content in contents.items():
            info = tarfile.TarInfo(path)
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def integrity(archive: bytes) -> str:
    return "sha512-" + b64encode(sha512(archive).digest()).decode()


def member(path: str, content: bytes) -> Member:
    return Member(path, path.rpartition("/")[2], sha256(content).hexdigest())


def package(
    folder: Path, name: str, contents: Contents, wanted: Mapping[str, bytes]
) -> Package:
    """Put an archive with `contents` in a folder; return the package that wants it."""
    archive = packed(contents)
    members = tuple(member(path, content) for path, content in wanted.items())
    made = Package(name, "1.2.3", integrity(archive), members)
    (folder / made.archive).write_bytes(archive)
    return made


def two(folder: Path) -> tuple[Package, Package]:
    """Put two good archives in a folder; return their packages."""
    folder.mkdir(parents=True, exist_ok=True)
    styled = package(folder, "styled", {**STYLED, "package/x.js": b"more"}, STYLED)
    return styled, package(folder, "scripted", SCRIPTED, SCRIPTED)
