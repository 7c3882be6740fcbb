"""What MySQL and MariaDB complain of, as kinds of Refused with a way out."""

from __future__ import annotations

import re
from typing import NamedTuple

from src.adapters.client_session import AGAIN
from src.kit.database import BadData, ConnectionLost, MissingTable
from src.kit.errors import BrokenDisk, Locked, Refused

_COMPLAINT = re.compile(
    r"^ERROR (\d+)(?: \((\w{5})\))?(?: at line \d+)?(?: in [^:]*)?: (.*)", re.M | re.S
)
_WARNING = re.compile(r"^warning: .*|^.*\[Warning\].*", re.M | re.I)


class Complaint(NamedTuple):
    """One error: its number, its SQLSTATE, and the words in one line."""

    number: int
    state: str
    words: str


def complaint(text: str) -> Complaint | None:
    """Return the first error in what a client wrote, None where it is not a server's."""
    found = _COMPLAINT.search(text)
    if not found:
        return None
    number, state, words = found.groups("")
    first = re.split(r"\nERROR \d", words)[0]
    return Complaint(int(number), state, " ".join(first.split()))


def unopened(setting: str, text: str) -> Refused:
    """Return why there is no connection."""
    found = complaint(text)
    own = " ".join(_WARNING.sub("", text).split())
    words = found.words if found else own or "the client ended"
    way_out = _UNOPENED.get(found.number if found else 0, _CHECK)
    return Refused(f"{setting}: {words}; {way_out.format(setting=setting)}")


def refusal(label: str, setting: str, text: str) -> Refused:
    """Return what was said of a statement."""
    found = complaint(text)
    if not found:  # the client's own
        return Refused(f"{label}: {' '.join(text.split())}; put that right and {AGAIN}")
    kind, way_out = _meaning(found)
    return kind(f"{label}: {found.words}; {way_out.format(setting=setting)}")


def _meaning(found: Complaint) -> tuple[type[Refused], str]:
    for numbers, meaning in _BY_NUMBER:
        if found.number in numbers:
            return meaning
    for state, meaning in _BY_STATE.items():
        if found.state.startswith(state):
            return meaning
    return Refused, "see --debug for where"


_CHECK = "check host, port or socket and database name in it, and that the server runs"
_LOGIN = (
    "check user and password in {setting}, or set MYSQL_PWD; a ~/.my.cnf is not read"
)
_GRANT = "let the owner of the database grant it to this user"
_UNOPENED = {
    1045: _LOGIN,
    1698: _LOGIN,
    1251: "let the owner of the database give this user a password that the client knows",
    1044: _GRANT,
    1049: "check the name of the database in {setting}",
    1040: f"wait a moment, then {AGAIN}",
}
_LOST = (ConnectionLost, f"{AGAIN}, what was committed stays")
_BAD = (BadData, "put that value right and start again")
_NAMED = "check that {setting} names the right database"
# https://mariadb.com/kb/en/mariadb-error-codes/ and MySQL's error reference
_BY_NUMBER: tuple[tuple[set[int], tuple[type[Refused], str]], ...] = (
    # The client's 2xxx, shutting down, killed, too long idle.
    ({2002, 2003, 2006, 2013, 2055, 1053, 1927, 3169, 4031}, _LOST),
    # Columns, rows and packets that do not fit; what constraints forbid.
    (
        {
            1136,
            1153,
            1264,
            1265,
            1292,
            1300,
            1364,
            1366,
            1406,
            1411,
            2020,
            3140,
            3819,
            4025,
        },
        _BAD,
    ),
    # Disk or table full, failed writes.
    (
        {3, 1021, 1026, 1030, 1114},
        (BrokenDisk, f"look after the server's disk and {AGAIN}"),
    ),
    (
        {1290, 1792, 1836},
        (BrokenDisk, "use a server that may be written to (not a replica)"),
    ),
    ({1205, 3572}, (Locked, f"wait until the other session ends, then {AGAIN}")),
    ({1213}, (Locked, f"another session was in the way; {AGAIN}")),
    ({1044, 1142, 1143, 1227, 1370}, (Refused, _GRANT)),
    ({1146}, (MissingTable, _NAMED)),
    (
        {1267, 1270, 1271},
        (Refused, "let the owner of the database give both columns one collation"),
    ),
)
_BY_STATE: dict[str, tuple[type[Refused], str]] = {
    "08": _LOST,
    "22": _BAD,
    "23": _BAD,
    "40": (Locked, f"another session was in the way; {AGAIN}"),
}
