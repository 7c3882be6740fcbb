"""One long-lived client program of a database: statements go in, answers come out.

After each statement the client writes a mark, which no value can be, so an error does not
end the session and its temporary tables. No value ever travels as a part of a statement
that a client could take for something else.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from src.kit.database import ConnectionLost
from src.kit.errors import Refused

AGAIN = "start the same command again"
_ENDING_SECONDS = 10.0


class Client(NamedTuple):
    """How a client program is started."""

    command: Sequence[str]
    environ: Mapping[str, str]
    absent: str  # the sentence where it is not installed
    inherited: Sequence[int] = ()


class ClientSession(ABC):
    """A client that is connected; raises Refused where it cannot be."""

    def __init__(self, label: str, setting: str, client: Client) -> None:
        self.label, self._setting = label, setting
        self._name = client.command[0]
        self._sent = self._read = self.changed = 0
        self._is_connected = False
        # Its position is the client's too: unbuffered, at the start whenever it writes.
        self._complaints = tempfile.TemporaryFile("w+b", buffering=0)
        self._client = self._started(client)
        try:
            self._open()
            self._is_connected = True
        except BaseException:
            self.close()
            raise

    def _started(self, client: Client) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                client.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                env=client.environ,
                pass_fds=client.inherited,
                **_OWN_GROUP,
            )
        except FileNotFoundError:
            self._complaints.close()
            raise Refused(f"{self._setting}: {client.absent}") from None

    def ask(self, command: str) -> int:
        """Carry out a command that gives no rows; return how many rows it changed."""
        self.send(command)
        return self.wait()

    def send(self, command: str) -> None:
        """Send a command, whose answer is read by `wait` or `answer`."""
        if self._client.stdin.closed:
            raise self._lost()
        while self._read < self._sent:  # what an interruption left
            for _ in self._until_mark():
                pass
            self._complaint()
        # The line end comes first: a comment may be the command's last line.
        text = f"{command}\n{self._mark(self._sent + 1)}\n".encode()
        try:
            self._client.stdin.write(text)
            self._client.stdin.flush()
        except BrokenPipeError:
            raise self._lost() from None
        except BaseException:  # half a command is there, and the next would be its rest
            self._client.kill()
            raise
        self._sent += 1

    def wait(self) -> int:
        """Wait for the command's end; return how many rows it changed."""
        for _ in self.answer():
            pass
        return self.changed

    def answer(self) -> Iterator[bytes]:
        """Yield what the command gives, piece by piece; raises what was said of it."""
        yield from self._until_mark()
        if complaint := self._complaint():
            raise self._refusal(complaint)

    def _complaint(self) -> str:
        """Return what the client wrote to standard error since, and forget it."""
        self._complaints.seek(0)
        text = self._complaints.read().decode("utf-8", "replace").strip()
        self._complaints.seek(0)
        self._complaints.truncate()
        return text

    def _lost(self) -> Refused:
        self._end()
        text = self._complaint()
        if not self._is_connected:
            return self._unopened(text)
        reason = self._reason(text) or f"{self._name} ended"
        return ConnectionLost(
            f"{self.label}: the connection was lost ({reason}); {AGAIN}, what was "
            "committed stays"
        )

    def close(self) -> None:
        """End the client; the server rolls back an open transaction."""
        self._end()
        self._complaints.close()

    def _end(self) -> None:
        for pipe in (self._client.stdin, self._client.stdout):
            with suppress(OSError):
                pipe.close()
        try:
            self._client.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._client.kill()
            self._client.wait()

    @abstractmethod
    def _open(self) -> None:
        """Say what every session begins with."""

    @abstractmethod
    def _mark(self, number: int) -> str:
        """Return what makes the client write the n-th mark."""

    @abstractmethod
    def _until_mark(self) -> Iterator[bytes]:
        """Yield what the client writes up to the mark at the end of a command."""

    @abstractmethod
    def _reason(self, complaint: str) -> str:
        """Return why the client has ended, as far as it said so."""

    @abstractmethod
    def _unopened(self, complaint: str) -> Refused:
        """Return why there is no connection, with a way out."""

    @abstractmethod
    def _refusal(self, complaint: str) -> Refused:
        """Return what was said of a command, with a way out."""


# A Ctrl-C at the terminal goes to the whole group, and must not end the client.
_OWN_GROUP: dict = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)
