"""An upload's files as the simulated company takes them, metadata and all."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from typing import Any

from src.adapters.fakes import rules
from src.adapters.fakes.core import Incoming
from src.adapters.fakes.parts import Upload
from src.adapters.fakes.refusal import Refusal

NOT_KEPT = ("FileName", "Tag", "Id", "SyncToken", "domain", "sparse", "Size", "MetaData")


def name_of(one: Upload) -> str:
    """Return a file's name, from its metadata or its part."""
    filename = one.content.filename if one.content else ""
    return str(one.metadata.get("FileName") or filename or "untitled")


def tag_of(one: Upload) -> str:
    """Return a file's mark."""
    return str(one.metadata.get("Tag") or "")


def incoming(one: Upload, fate: str) -> Incoming:
    """Return one file of an upload; a fate such as 200:6041 is its refusal."""
    status, _, code = fate.partition(":")
    refs = _references(one)
    owner: Mapping[str, Any] = refs[0]["EntityRef"] if refs else {}
    refused = f"{status}:{code}" if code and status in ("200", "400") else ""
    content = one.content
    if content is None or not content.size:
        refused = refused or "6041"
    return Incoming(
        name_of(one),
        owner.get("type", ""),
        str(owner.get("value", "")),
        tag_of(one),
        content.size if content else 0,
        content.blocks if content else lambda: iter(()),
        json.dumps(_more(one, refs)),
        refused,
    )


def _references(one: Upload) -> list[dict[str, Any]]:
    """Return what a file is attached to, the types as QuickBooks spells them."""
    found = []
    given = one.metadata.get("AttachableRef") or []
    for reference in given if isinstance(given, list) else [given]:
        owner = (reference.get("EntityRef") or {}) if isinstance(reference, dict) else None
        if not isinstance(owner, dict):
            raise Refusal("6040", "an AttachableRef is no reference", "AttachableRef")
        told = str(owner.get("type", ""))
        known = rules.ENTITIES.get(told.casefold(), told)
        shown = {"type": known, "value": str(owner.get("value", ""))}
        if owner:
            sends = bool(reference.get("IncludeOnSend", False))
            found.append({"EntityRef": {**owner, **shown}, "IncludeOnSend": sends})
    return found


def _more(one: Upload, refs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a file brought along beside its name, owner and mark."""
    more = {k: v for k, v in rules.cleaned(one.metadata).items() if k not in NOT_KEPT}
    told = one.content.headers.get("content-type", "") if one.content else ""
    guessed = mimetypes.guess_type(name_of(one))[0] or "application/octet-stream"
    content_type = str(more.get("ContentType") or told or guessed)
    more["ContentType"] = {"image/jpg": "image/jpeg"}.get(content_type, content_type)
    if refs:
        more["AttachableRef"] = refs
    return more
