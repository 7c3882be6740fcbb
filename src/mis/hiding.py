"""National ids stay where they belong: what repeats one is cleaned before it is said."""

from __future__ import annotations

import re
from collections.abc import Iterable

from src.mis.tasks import Fields

FIELD = "NationalID"
HIDDEN = "***"
LEAST = 5  # letters and digits of one, or of a part of one; what is shorter is no secret
_LINE = re.compile(rf"(?:^|[\r\n])[ \t]*{FIELD}=([^\r\n]*)")
_WORD = re.compile(rf"\w{{{LEAST},}}")


def secrets_in(fields: Fields, definition_id: str = "") -> set[str]:
    """Return the national ids in what is sent; `definition_id` is of their field."""
    found = set(_LINE.findall(str(fields.get("Notes") or "")))
    for one in fields.get("CustomField") or ():
        if definition_id and one.get("DefinitionId") == definition_id:
            found.add(str(one.get("StringValue") or ""))
    return {secret.strip() for secret in found if secret.strip()}


def cleaned(text: str, secrets: Iterable[str]) -> str:
    """Return a text without the secrets, and without long parts of them.

    An error may repeat a value cut off, or with other blanks.
    """
    known = {secret for secret in secrets if len(secret) >= LEAST}
    for secret in known:
        text = text.replace(secret, HIDDEN)
    bare = [re.sub(r"\W", "", secret) for secret in known]
    return _WORD.sub(lambda m: HIDDEN if any(m[0] in one for one in bare) else m[0], text)
