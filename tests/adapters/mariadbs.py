"""A throw-away MariaDB server, made of the binaries that Debian installs.

    python -m tests.adapters.mariadbs COMMAND …

runs a command whose MIS is a new database of such a server.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

from tests.adapters.databases import PASSWORD, QUOTED_PASSWORD, USER, free_port

_NUMBERS = count(1)
_OPTIONS = (
    "--bind-address=127.0.0.1 --skip-name-resolve --skip-log-bin "
    "--innodb-buffer-pool-size=32M --innodb-log-file-size=8M --innodb-doublewrite=0 "
    # What it gave to the operating system outlives a server that is killed.
    "--innodb-flush-method=nosync --innodb-flush-log-at-trx-commit=2 "
    "--innodb-use-native-aio=0"  # containers limit what it may lock in memory
).split()
_INITIAL = ("--skip-test-db", "--auth-root-authentication-method=normal")
_STARTING_SECONDS = 60.0  # of a busy machine


def program(name: str) -> str | None:
    """Return where a program of the server is: beside the root's, often."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


class Server:
    """A server in a folder of its own: a trusting socket, a port with passwords.

    The folder is not below pytest's: a socket's path has at most 107 bytes, and root's
    server runs as another user, who may not look into root's folders.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.socket = folder / "socket"
        os.chmod(folder, 0o755)
        if os.getuid() == 0:
            shutil.chown(folder, _who())
        installed = self._run("mariadb-install-db", *_INITIAL, *_OPTIONS)
        assert installed.wait() == 0, self._said()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        places = (f"--socket={self.socket}", f"--port={self.port}")
        self._server = self._run("mariadbd", *_OPTIONS, *places)
        latest = time.monotonic() + _STARTING_SECONDS
        while not self._answers():
            assert self._server.poll() is None and time.monotonic() < latest, (
                self._said()
            )
            time.sleep(0.02)

    def admit(self) -> None:
        """Make the users whom the URLs name."""
        self.sql(
            f"CREATE USER {USER}@localhost; GRANT ALL ON *.* TO {USER}@localhost;"
            f"CREATE USER {USER}@127.0.0.1 IDENTIFIED BY '{PASSWORD}';"
            f"GRANT ALL ON *.* TO {USER}@127.0.0.1",
            user="root",
        )

    def stop(self) -> None:
        """Stop the server at once, as a power cut would."""
        self._server.kill()
        self._server.wait()

    def fresh(self) -> str:
        """Return the URL of a new, empty database."""
        name = f"test_{next(_NUMBERS)}"
        self.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return self.url(name)

    def url(self, name: str = "mysql", user: str = USER) -> str:
        """Return a database's URL through the socket, where everyone is trusted."""
        return f"mysql://{user}@/{name}?socket={self.socket}"

    def tcp(self, name: str = "mysql", password: str = QUOTED_PASSWORD) -> str:
        """Return a database's URL through the port, where passwords are asked for."""
        return f"mysql://{USER}:{password}@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str, name: str = "mysql", user: str = USER) -> str:
        """Return what the client answers, beside the adapter that is tested."""
        words = ["--no-defaults", f"--socket={self.socket}", f"--user={user}", "-BN"]
        asked = subprocess.run(
            ["mariadb", *words, "--default-character-set=utf8mb4", name],
            input=statement,
            check=True,
            capture_output=True,
            text=True,
        )
        return asked.stdout.strip()

    def _answers(self) -> bool:
        command = [
            "mariadb",
            "--no-defaults",
            f"--socket={self.socket}",
            "-uroot",
            "-e",
            "",
        ]
        return not subprocess.run(command, capture_output=True).returncode

    def _said(self) -> str:
        return (self.folder / "said").read_text("utf-8", "replace")

    def _run(self, name: str, *words: str) -> subprocess.Popen:
        with open(self.folder / "said", "ab") as said:
            command = [program(name), "--no-defaults", f"--datadir={self.folder}/data"]
            return subprocess.Popen(
                [*command, f"--user={_who()}", *words],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )


@contextmanager
def running() -> Iterator[Server]:
    """Yield a server that is stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="my-"))
    try:
        server = Server(folder)
        try:
            server.start()
            server.admit()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def is_installed() -> bool:
    """Return whether there is a server to start and a client to ask it."""
    return all(map(program, ("mariadbd", "mariadb-install-db", "mariadb")))


def _who() -> str:
    """Return who runs the server: not root."""
    import pwd  # Windows has none

    names = {entry.pw_name for entry in pwd.getpwall()}
    if os.getuid():
        return getpass.getuser()
    return "mysql" if "mysql" in names else "nobody"


def main(
    command: Sequence[str],
    is_there: Callable[[], bool] = is_installed,
    serve: Callable[[], AbstractContextManager[Server]] = running,
) -> int:
    """Run a command with MIS_DATABASE_URL of a new database; return its exit code.

    Where no server is installed nothing is run, and that is no failure.
    """
    if not command:
        print("usage: python -m tests.adapters.mariadbs COMMAND …", file=sys.stderr)
        return 2
    if not is_there():
        print(f"MariaDB is not installed: {' '.join(command)} was not run with it")
        return 0
    with serve() as server:
        environ = {**os.environ, "MIS_DATABASE_URL": server.fresh()}
        code = subprocess.run(command, env=environ).returncode
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    raise SystemExit(main(sys.argv[1:]))
