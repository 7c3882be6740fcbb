"""Where a MySQL or MariaDB database is, its password kept apart."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from src.adapters.server_url import SPECIAL, Pieces, pieces
from src.kit.errors import Refused

# What both clients, or one of them, take as an option of the same name.
_OPTIONS = (
    "socket",
    "ssl-ca",
    "ssl-capath",
    "ssl-cert",
    "ssl-key",
    "ssl-cipher",
    "ssl-mode",
    "ssl-verify-server-cert",
    "tls-version",
    "connect-timeout",
)


class Address(NamedTuple):
    """The client's options, how messages name the database, and the password."""

    options: tuple[str, ...]
    label: str
    password: str
    setting: str  # that holds the URL


def address(url: str, setting: str = "DATABASE_URL") -> Address:
    """Return a database's address; raises Refused where it cannot be read.

    Nothing of such a URL is repeated. The `charset` that other programs want in it is
    passed over.
    """
    found = pieces(url, "mysql|mariadb")
    if not found or "," in found.hosts or len(found.name) < 2:
        raise Refused(
            f"{setting}: cannot be read; expected mysql://user:password@host:3306/"
            f"database, {SPECIAL}"
        )
    parameters = {_name(key): unquote(value) for key, value in found.parameters}
    parameters.pop("charset", None)
    if not parameters.keys() <= set(_OPTIONS):
        raise Refused(
            f"{setting}: a parameter after the ? is not known; take it out (there are "
            f"{', '.join(_OPTIONS)}), or have {SPECIAL}"
        )
    options = [*_where(found, parameters), f"--database={unquote(found.name[1:])}"]
    options += [f"--{name}={value}" for name, value in parameters.items()]
    return Address(tuple(options), found.label, unquote(found.password), setting)


def _name(key: str) -> str:
    name = unquote(key).replace("_", "-")
    return "socket" if name == "unix-socket" else name


def _where(found: Pieces, parameters: dict[str, str]) -> list[str]:
    options = [f"--user={unquote(found.user)}"] if found.user else []
    if "socket" in parameters:
        return [*options, "--protocol=SOCKET"]
    host, _, port = found.hosts.rpartition(":")
    if not port.isdigit():  # an IPv6 address has colons too
        host, port = found.hosts.removesuffix(":"), ""
    if host:  # "localhost" alone would be a socket
        options += ["--protocol=TCP", f"--host={unquote(host.strip('[]'))}"]
    return options + ([f"--port={port}"] if port else [])
