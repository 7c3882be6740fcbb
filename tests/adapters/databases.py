"""A throw-away PostgreSQL server, made of the binaries that Debian installs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

USER, PASSWORD = "carryover", "correct horse/battery@staple"
QUOTED_PASSWORD = "correct%20horse%2Fbattery%40staple"
_NUMBERS = count(1)
_OPTIONS = (
    "fsync=off full_page_writes=off synchronous_commit=off shared_buffers=32MB "
    "max_connections=40 listen_addresses=127.0.0.1"
).split()


def binaries() -> Path | None:
    """Return the folder that has initdb and pg_ctl, the newest version's."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(debian, key=lambda path: path.parent.name, reverse=True)
    needed = ("initdb", "pg_ctl", "postgres")
    return next((f for f in folders if all((f / n).exists() for n in needed)), None)


def client() -> Path | None:
    """Return the folder of the client that belongs to the server, if it is there."""
    found = binaries()
    return found if found and (found / "psql").exists() else None


class Server:
    """A server in a folder of its own: a trusting socket, a port with passwords.

    The folder is not below pytest's: a socket's path has at most 107 bytes, and root's
    server runs as another user, who may not look into root's folders.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._binaries = binaries()
        os.chmod(folder, 0o755)
        if os.getuid() == 0:
            shutil.chown(folder, _who())
        (folder / "password").write_text(PASSWORD)
        os.chmod(folder / "password", 0o644)
        self._run("initdb", "-U", USER, *_INITIAL, f"{folder}/password")
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        words = [
            *_OPTIONS,
            f"port={self.port}",
            f"unix_socket_directories={self.folder}",
        ]
        options = " ".join(f"-c {word}" for word in words)
        self._run("pg_ctl", "start", "-w", "-l", f"{self.folder}/log", "-o", options)

    def stop(self) -> None:
        """Stop the server at once, as a power cut would."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def fresh(self) -> str:
        """Return the URL of a new, empty schema: a database takes 20 times as long."""
        name = f"test_{next(_NUMBERS)}"
        self.sql(f"CREATE SCHEMA {name}")
        return f"{self.url()}&options=-csearch_path%3D{name}"

    def url(self, name: str = "postgres", user: str = USER) -> str:
        """Return a database's URL through the socket, where everyone is trusted."""
        return f"postgresql://{user}@/{name}?host={self.folder}&port={self.port}"

    def tcp(self, name: str = "postgres", password: str = QUOTED_PASSWORD) -> str:
        """Return a database's URL through the port, where passwords are asked for."""
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str, url: str = "") -> str:
        """Return what psql answers, beside the adapter that is tested."""
        command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", url or self.url()]
        asked = subprocess.run(
            [*command, "-c", statement], check=True, capture_output=True, text=True
        )
        return asked.stdout.strip()

    def _run(self, program: str, *words: str) -> None:
        identity = {"user": _who(), "extra_groups": []} if os.getuid() == 0 else {}
        with open(self.folder / "said", "ab") as said:
            subprocess.run(
                [self._binaries / program, "-D", self.folder / "data", *words],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                check=True,
                **identity,
            )


_INITIAL = (
    "-E UTF8 --locale=C --no-sync --auth-local=trust --auth-host=scram-sha-256 --pwfile"
).split()


@contextmanager
def running() -> Iterator[Server]:
    """Yield a server that is stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        server = Server(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _who() -> str:
    """Return an unprivileged user: PostgreSQL does not run as root."""
    import pwd  # Windows has none

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
