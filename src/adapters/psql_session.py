r"""One long-lived psql: statements into its input, answers out of its output.

After each statement psql echoes a line that no row can be (a backslash begins no cell's
text unescaped), so an error does not end the session and its temporary tables. No value
ever travels on this channel: what psql does not take for data it would carry out.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from src.adapters.psql_address import Address
from src.kit.database import BadData, ConnectionLost, MissingTable
from src.kit.errors import BrokenDisk, Locked, Refused

_COMMAND = ("psql", "-X", "-q", "-A", "-t", "--no-password", "--dbname")
_MARK = b"\\= "
_ENDING_SECONDS = 10.0
# Its complaints are all on standard error, with codes; COPY sets no :ERROR (psql 15).
_OPENING = """\\set VERBOSITY verbose
SET client_min_messages = error;
SET TIME ZONE 'UTC';
SET datestyle = 'ISO';
SET temp_buffers = '64MB';
SET work_mem = '32MB';
SET jit = off;
"""


class Session:
    """A psql that is connected; raises Refused where it cannot be."""

    def __init__(
        self,
        address: Address,
        environ: Mapping[str, str],
        inherited: Sequence[int] = (),
    ) -> None:
        self.label, self._setting = address.label, address.setting
        self._sent = self._read = self.changed = 0
        self._is_connected = False
        # Its position is psql's too: unbuffered, and at the start whenever psql writes.
        self._complaints = tempfile.TemporaryFile("w+b", buffering=0)
        self._psql = self._started(address, _environment(address, environ), inherited)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        self.send(_OPENING)
        for _ in self._until_mark():
            pass
        text = self._complaint()  # of a password file that others may read, perhaps
        if _COMPLAINT.search(text):
            raise _refusal(self.label, text)
        self._is_connected = True

    def _started(
        self, address: Address, environ: Mapping[str, str], inherited: Sequence[int]
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                (*_COMMAND, address.url),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                env=environ,
                pass_fds=inherited,
                **_OWN_GROUP,
            )
        except FileNotFoundError:
            self._complaints.close()
            raise Refused(
                f"{self._setting}: psql is not installed; install the PostgreSQL client "
                f"(Debian: apt-get install postgresql-client), or leave {self._setting} "
                "empty for SQLite"
            ) from None

    def ask(self, command: str) -> int:
        """Carry out a command that gives no rows; return how many rows it changed."""
        self.send(command)
        return self.wait()

    def send(self, command: str) -> None:
        """Send a command, whose answer is read by `wait` or `lines`."""
        if self._psql.stdin.closed:
            raise self._lost()
        while self._read < self._sent:  # what an interruption left
            for _ in self._until_mark():
                pass
            self._complaint()
        try:
            # The line end comes first: a comment may be the command's last line.
            end = "\\echo '\\\\=' %d :ROW_COUNT\n" % (self._sent + 1)
            self._psql.stdin.write(f"{command}\n{end}".encode())
            self._psql.stdin.flush()
        except BrokenPipeError:
            raise self._lost() from None
        self._sent += 1

    def wait(self) -> int:
        """Wait for the command's end; return how many rows it changed."""
        for _ in self.lines():
            pass
        return self.changed

    def lines(self) -> Iterator[bytes]:
        """Yield the lines that the command gives; raises what the server said of it."""
        yield from self._until_mark()
        if complaint := self._complaint():
            raise _refusal(self.label, complaint)

    def _until_mark(self) -> Iterator[bytes]:
        """Yield lines up to the mark at the end of a command."""
        for line in self._psql.stdout:
            if not line.startswith(_MARK):
                yield line
                continue
            self._read, rows = int(line.split()[1]), line.split()[2]
            self.changed = int(rows) if rows.isdigit() else 0
            if rows == b":ROW_COUNT":
                raise Refused("psql: too old; install version 11 or newer")
            return
        raise self._lost()

    def _complaint(self) -> str:
        """Return what psql wrote to standard error since, and forget it."""
        self._complaints.seek(0)
        text = self._complaints.read().decode("utf-8", "replace").strip()
        self._complaints.seek(0)
        self._complaints.truncate()
        return text

    def _lost(self) -> Refused:
        self._end()
        text = self._complaint()
        found = _COMPLAINT.search(text)
        reason = found[2] if found else text.partition("\n")[0] or "psql ended"
        if self._is_connected:
            return ConnectionLost(
                f"{self.label}: the connection was lost ({reason}); start the same "
                "command again, what was committed stays"
            )
        reason = " ".join(text.removeprefix("psql: error: ").split()) or reason
        return Refused(
            f"{self._setting}: {reason}; check host, port, user, password and database "
            "name, and that the server runs"
        )

    def close(self) -> None:
        """End psql; the server rolls back an open transaction."""
        self._end()
        self._complaints.close()

    def _end(self) -> None:
        for pipe in (self._psql.stdin, self._psql.stdout):
            with suppress(OSError):
                pipe.close()
        try:
            self._psql.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._psql.kill()
            self._psql.wait()


# A Ctrl-C at the terminal goes to the whole group, and must not end psql in the middle.
_OWN_GROUP: dict = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)


def _environment(address: Address, environ: Mapping[str, str]) -> dict[str, str]:
    found = {"PGCONNECT_TIMEOUT": "10", **environ}
    found |= {"PGCLIENTENCODING": "UTF8", "PGAPPNAME": "carryover"}
    return found | ({"PGPASSWORD": address.password} if address.password else {})


# --- errors ---------------------------------------------------------------------------

# Severity (in the server's language), SQLSTATE, message.
_COMPLAINT = re.compile(r"^\w+:  ([0-9A-Z]{5}): (.*)", re.MULTILINE)
_DETAIL = re.compile(r"^(?:DETAIL|CONTEXT):  (.*)", re.MULTILINE)
_AGAIN = "start the same command again"
# By the beginning of SQLSTATE; the longest that fits counts.
_MEANINGS: dict[str, tuple[type[Refused], str]] = {
    "08": (ConnectionLost, f"{_AGAIN}, what was committed stays"),
    "57": (ConnectionLost, f"{_AGAIN}, what was committed stays"),
    "22": (BadData, "put that value right and start again"),
    "23": (BadData, "put that value right and start again"),
    "53100": (BrokenDisk, f"free some disk space on the server and {_AGAIN}"),
    "58030": (BrokenDisk, f"look after the server's disk and {_AGAIN}"),
    "25006": (BrokenDisk, "use a server that may be written to (not a standby)"),
    "55P03": (Locked, f"wait until it ends, then {_AGAIN}"),
    "40": (Locked, f"another session was in the way; {_AGAIN}"),
    "42501": (Refused, "let the owner of the database grant it to this user"),
    "42P01": (MissingTable, 'run "python -m src.database migrate" first'),
}


def _refusal(label: str, text: str) -> Refused:
    found = _COMPLAINT.search(text)
    if not found:  # psql's own
        return Refused(
            f"{label}: {' '.join(text.split())}; put that right and {_AGAIN}"
        )
    state, message = found.groups()
    details = [f" ({detail[1]})" for detail in _DETAIL.finditer(text)]
    known = (state[:length] for length in (5, 2) if state[:length] in _MEANINGS)
    kind, way_out = _MEANINGS.get(next(known, ""), (Refused, "see --debug for where"))
    return kind(f"{label}: {message}{''.join(details)}; {way_out}")
