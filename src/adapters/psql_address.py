"""Where a PostgreSQL database is, its password kept apart."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from src.adapters.server_url import SPECIAL, pieces
from src.kit.errors import Refused


class Address(NamedTuple):
    """A URL without the password, how messages name it, and the password."""

    url: str
    label: str
    password: str
    setting: str  # that holds the URL


def address(url: str, setting: str = "DATABASE_URL") -> Address:
    """Return a database's address; raises Refused where it cannot be read.

    A URL with unescaped special characters is refused without being repeated.
    """
    found = pieces(url, "postgresql|postgres")
    if not found:
        raise Refused(
            f"{setting}: cannot be read; expected postgresql://user:password@host/"
            f"database, {SPECIAL}"
        )
    password, others = found.password, []
    for key, value in found.parameters:
        if unquote(key) == "sslpassword":
            raise Refused(
                f"{setting}: sslpassword would stand on a command line for all; "
                "use a key file without a password, readable by you alone (sslkey)"
            )
        if unquote(key) == "password":
            password = value
        else:
            others.append(f"{key}={value}")
    place = "?".join(filter(None, (found.label, "&".join(others))))
    return Address(place, found.label, unquote(password), setting)
