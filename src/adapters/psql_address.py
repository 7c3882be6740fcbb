"""Where a PostgreSQL database is, its password kept apart."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from src.kit.errors import Refused

_URL = re.compile(
    r"(postgres(?:ql)?://)"
    r"(?:([^:@/?#]*)(?::([^/?#]*))?@)?"  # user, password: up to the last @ of the host
    r"([^@/?#:]*(?:\[[^]@/?#]*\])?(?::\d*)?(?:,[^@/?#]*)*)"  # hosts and ports
    r"(/[^@?#]*)?"  # database
    r"(?:\?([^#]*))?"
)


class Address(NamedTuple):
    """A URL without the password, how messages name it, and the password."""

    url: str
    label: str
    password: str
    setting: str  # that holds the URL


def address(url: str, setting: str = "DATABASE_URL") -> Address:
    """Return a database's address; raises Refused where it cannot be read.

    A URL that is misread could show a part of the password, so one with unescaped
    special characters is refused without being repeated.
    """
    found = _URL.fullmatch(url)
    parameters = (found[6] or "").split("&") if found else []
    if not found or not all("=" in one for one in parameters if one):
        raise Refused(
            f"{setting}: cannot be read; expected postgresql://user:password@host/"
            "database, special characters in user and password written as %40 for @, "
            "%23 for #, %2F for / and so on"
        )
    scheme, user, password, hosts, name = found.groups("")[:5]
    others = []
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if unquote(key) == "sslpassword":
            raise Refused(
                f"{setting}: sslpassword would stand on a command line for all; "
                "use a key file without a password, readable by you alone (sslkey)"
            )
        if unquote(key) == "password":
            password = value
        else:
            others.append(parameter)
    label = f"{scheme}{user}{'@' if user else ''}{hosts}{name}"
    rest = "&".join(filter(None, others))
    return Address(f"{label}?{rest}" if rest else label, label, unquote(password), setting)
