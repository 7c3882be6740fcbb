"""What a database server's URL is made of, for those who keep its password apart."""

from __future__ import annotations

import re
from typing import NamedTuple

SPECIAL = (
    "special characters in user and password written as %40 for @, %23 for #, %2F for / "
    "and so on"
)
_REST = (
    r"(?:([^:@/?#]*)(?::([^/?#]*))?@)?"  # user, password: up to the last @ of the host
    r"([^@/?#:]*(?:\[[^]@/?#]*\])?(?::\d*)?(?:,[^@/?#]*)*)"  # hosts and ports
    r"(/[^@?#]*)?"  # database
    r"(?:\?([^#]*))?"
)


class Pieces(NamedTuple):
    """The pieces of a URL, still escaped; what is not there is empty."""

    scheme: str  # with ://
    user: str
    password: str
    hosts: str  # with ports
    name: str  # of the database, with its /
    parameters: list[tuple[str, str]]

    @property
    def label(self) -> str:
        """Return how messages name the database."""
        return (
            f"{self.scheme}{self.user}{'@' if self.user else ''}{self.hosts}{self.name}"
        )


def pieces(url: str, scheme: str) -> Pieces | None:
    """Return a URL's pieces, or None where they cannot be told apart.

    The scheme is a regular expression.

    A URL that is misread could show a part of the password: do not repeat it.
    """
    found = re.fullmatch(f"((?:{scheme})://){_REST}", url)
    parameters = [one for one in (found[6] or "").split("&") if one] if found else []
    if not found or not all("=" in one for one in parameters):
        return None
    pairs = [
        (key, value) for key, _, value in (one.partition("=") for one in parameters)
    ]
    return Pieces(*found.groups("")[:5], pairs)
