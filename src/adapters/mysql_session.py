r"""One long-lived mysql client, which prints a line that no value can be as a mark.

The mark is the client's own doing (`\p` prints what it was given, `\c` forgets that, and
`\w` makes it write out what it holds back), so it comes from one without a server, too.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping

from src.adapters import mysql_errors
from src.adapters.client_session import Client, ClientSession
from src.adapters.mysql_address import Address
from src.kit.errors import Refused

_FLAGS = (
    "--no-defaults",  # a ~/.my.cnf may switch on anything; it must come first
    "--batch",
    "--xml",
    "--verbose",  # twice: how many rows a statement met is told
    "--verbose",
    "--quick",
    "--unbuffered",
    "--force",  # an error does not end the client
    "--loose-skip-reconnect",  # a session made anew would lack transaction and staging
    "--no-auto-rehash",
    "--local-infile=0",  # a server could ask for any file
    "--default-character-set=utf8mb4",
    "--loose-commands",  # MySQL's newest take none unless asked
)
_MARK = b"--------------\n<carryover "
_CHANGED = re.compile(
    rb"^Query OK, (\d+) rows? affected.*(?:\nRows matched: (\d+) )?", re.MULTILINE
)
_CHUNK = 1 << 18
_HELD = 400  # bytes in which a mark begins, and the count before it
# Dates such as 0000-00-00 are read, and left, as they are: no NO_ZERO_DATE.
_OPENING = """SET NAMES utf8mb4 COLLATE utf8mb4_bin;
SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,\
STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION';
SET SESSION time_zone = '+00:00';
SET SESSION autocommit = 1;
SET SESSION sql_safe_updates = 0;
SET SESSION wait_timeout = 28800;
SET SESSION net_write_timeout = 3600;
SET SESSION lock_wait_timeout = 60;
"""


class Session(ClientSession):
    """A mysql client that is connected; raises Refused where it cannot be."""

    def __init__(self, address: Address, environ: Mapping[str, str]) -> None:
        path = environ.get("PATH")
        name = "mariadb" if shutil.which("mariadb", path=path) else "mysql"
        absent = (
            "neither mariadb nor mysql is installed; install the client (Debian: apt-get "
            f"install default-mysql-client), or leave {address.setting} empty for SQLite"
        )
        password = {"MYSQL_PWD": address.password} if address.password else {}
        command = (name, *_FLAGS, *address.options)
        client = Client(command, {**environ, **password}, absent)
        super().__init__(address.label, address.setting, client)

    def _open(self) -> None:
        self.send(_OPENING)
        for _ in self._until_mark():
            pass
        text = self._complaint()  # that it knows an option not, perhaps
        if mysql_errors.complaint(text):
            raise self._unopened(text)

    def _mark(self, number: int) -> str:
        return f"<carryover {number}>\\p\\c\\w"

    def _until_mark(self) -> Iterator[bytes]:
        """Yield what is written up to the mark at the end of a command."""
        held = b""
        while chunk := self._client.stdout.read1(_CHUNK):
            held += chunk
            answer, _, number = held.partition(_MARK)
            if b">" in number:
                self._read = int(number.partition(b">")[0])
                self.changed = _changed(answer)
                yield answer
                return
            yield held[:-_HELD]
            held = held[-_HELD:]
        raise self._lost()

    # --- errors -----------------------------------------------------------------------

    def _reason(self, complaint: str) -> str:
        found = mysql_errors.complaint(complaint)
        return found.words if found else complaint.partition("\n")[0]

    def _unopened(self, complaint: str) -> Refused:
        return mysql_errors.unopened(self._setting, complaint)

    def _refusal(self, complaint: str) -> Refused:
        return mysql_errors.refusal(self.label, self._setting, complaint)


def _changed(text: bytes) -> int:
    """Return how many rows a statement met, also those that were so before."""
    found = _CHANGED.findall(text[-_HELD:])
    changed, matched = found[-1] if found else (b"0", b"")
    return int(matched or changed)
