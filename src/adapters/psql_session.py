r"""One long-lived psql, which echoes a line that no row can be after each statement.

A backslash begins no cell's text unescaped. No value ever travels on this channel: what
psql does not take for data it would carry out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from src.adapters.client_session import AGAIN, Client, ClientSession
from src.adapters.psql_address import Address
from src.kit.database import BadData, ConnectionLost, MissingTable
from src.kit.errors import BrokenDisk, Locked, Refused

_COMMAND = ("psql", "-X", "-q", "-A", "-t", "--no-password", "--dbname")
_MARK = b"\\= "
# Its complaints are all on standard error, with codes; COPY sets no :ERROR (psql 15).
_OPENING = """\\set VERBOSITY verbose
SET client_min_messages = error;
SET TIME ZONE 'UTC';
SET datestyle = 'ISO';
SET temp_buffers = '64MB';
SET work_mem = '32MB';
SET jit = off;
"""


class Session(ClientSession):
    """A psql that is connected; raises Refused where it cannot be."""

    def __init__(
        self,
        address: Address,
        environ: Mapping[str, str],
        inherited: Sequence[int] = (),
    ) -> None:
        absent = (
            "psql is not installed; install the PostgreSQL client (Debian: apt-get "
            f"install postgresql-client), or leave {address.setting} empty for SQLite"
        )
        command = (*_COMMAND, address.url)
        client = Client(command, _environment(address, environ), absent, inherited)
        super().__init__(address.label, address.setting, client)

    def _open(self) -> None:
        self.send(_OPENING)
        for _ in self._until_mark():
            pass
        text = self._complaint()  # of a password file that others may read, perhaps
        if _COMPLAINT.search(text):
            raise self._refusal(text)

    def _mark(self, number: int) -> str:
        return f"\\echo '\\\\=' {number} :ROW_COUNT"

    def _until_mark(self) -> Iterator[bytes]:
        """Yield lines up to the mark at the end of a command."""
        for line in self._client.stdout:
            if not line.startswith(_MARK):
                yield line
                continue
            self._read, rows = int(line.split()[1]), line.split()[2]
            self.changed = int(rows) if rows.isdigit() else 0
            if rows == b":ROW_COUNT":
                raise Refused("psql: too old; install version 11 or newer")
            return
        raise self._lost()

    # --- errors -----------------------------------------------------------------------

    def _reason(self, complaint: str) -> str:
        found = _COMPLAINT.search(complaint)
        return found[2] if found else complaint.partition("\n")[0]

    def _unopened(self, complaint: str) -> Refused:
        said = " ".join(complaint.removeprefix("psql: error: ").split())
        return Refused(
            f"{self._setting}: {said or 'psql ended'}; check host, port, user, password "
            "and database name, and that the server runs"
        )

    def _refusal(self, complaint: str) -> Refused:
        found = _COMPLAINT.search(complaint)
        if not found:  # psql's own
            said = " ".join(complaint.split())
            return Refused(f"{self.label}: {said}; put that right and {AGAIN}")
        state, message = found.groups()
        details = [f" ({detail[1]})" for detail in _DETAIL.finditer(complaint)]
        known = (state[:length] for length in (5, 2) if state[:length] in _MEANINGS)
        kind, way_out = _MEANINGS.get(
            next(known, ""), (Refused, "see --debug for where")
        )
        return kind(f"{self.label}: {message}{''.join(details)}; {way_out}")


def _environment(address: Address, environ: Mapping[str, str]) -> dict[str, str]:
    found = {"PGCONNECT_TIMEOUT": "10", **environ}
    found |= {"PGCLIENTENCODING": "UTF8", "PGAPPNAME": "carryover"}
    return found | ({"PGPASSWORD": address.password} if address.password else {})


# Severity (in the server's language), SQLSTATE, message.
_COMPLAINT = re.compile(r"^\w+:  ([0-9A-Z]{5}): (.*)", re.MULTILINE)
_DETAIL = re.compile(r"^(?:DETAIL|CONTEXT):  (.*)", re.MULTILINE)
# By the beginning of SQLSTATE; the longest that fits counts.
_MEANINGS: dict[str, tuple[type[Refused], str]] = {
    "08": (ConnectionLost, f"{AGAIN}, what was committed stays"),
    "57": (ConnectionLost, f"{AGAIN}, what was committed stays"),
    "22": (BadData, "put that value right and start again"),
    "23": (BadData, "put that value right and start again"),
    "53100": (BrokenDisk, f"free some disk space on the server and {AGAIN}"),
    "58030": (BrokenDisk, f"look after the server's disk and {AGAIN}"),
    "25006": (BrokenDisk, "use a server that may be written to (not a standby)"),
    "55P03": (Locked, f"wait until it ends, then {AGAIN}"),
    "40": (Locked, f"another session was in the way; {AGAIN}"),
    "42501": (Refused, "let the owner of the database grant it to this user"),
    "42P01": (MissingTable, 'run "python -m src.database migrate" first'),
}
