"""conductor-py's own tests, unmodified, against the simulated company file.

    python -m tests.contracts.conductor_harness FOLDER-OF-THE-SDK

They use made-up ids and break QuickBooks' rules, so the company is emptied before each
request, given the records that the request names, and told to check no rules. Keys, end
users, routes, fields, types, lengths and what an answer looks like are the company's own:
in here nothing is answered.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Lock, Thread

from src.adapters.conductor import RESOURCES
from src.adapters.fakes.conductor import server
from src.adapters.fakes.conductor.core import Core, Manners
from src.kit.serving import Call, Reply, Server

END_USER = "end_usr_1234567abcdefg"
TESTS = 1055
# The SDK's example is 14 characters long where the API takes 13.
CHARACTER = server.Character(
    END_USER, manners=Manners(checks_rules=False), any_length=frozenset({"shipmentOrigin"})
)
_PASSED = re.compile(r"(\d+) passed")


class Seeded:
    """The company's application, with the records that each request names in it."""

    def __init__(self, app: server.Logged) -> None:
        self._app, self._lock = app, Lock()

    def __call__(self, call: Call) -> Reply:
        """Return the company's answer."""
        with self._lock:
            seed(self._app.world.core, call)
            return self._app(call)


def seed(core: Core, call: Call) -> None:
    """Empty the company file, then put the records there that a request names."""
    core.reset()
    _, _, resource, *rest = call.path.strip("/").split("/")
    if resource in RESOURCES:
        named = [value for name, value in call.pairs if name == "ids"]
        for record_id in {*rest[:1], *named}:
            core.seed(resource, record_id)


def serving(folder: Path) -> Server:
    """Return a server for the SDK's tests, serving."""
    found = server.served(folder, 0, CHARACTER)
    found.app = Seeded(found.app)
    Thread(target=found.serve_forever, args=(0.01,), daemon=True).start()
    return found


def tests_of(sdk: Path) -> list[str]:
    """Return the SDK's test files of what Carryover uses."""
    names = [resource.replace("-", "_") for resource in RESOURCES]
    return [str(sdk / f"tests/api_resources/qbd/test_{name}.py") for name in names]


def main(argv: Sequence[str]) -> int:
    """Print what passed; return 0 where all did."""
    sdk = Path(argv[0]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        there = serving(Path(folder))
        environ = {**os.environ, "TEST_API_BASE_URL": server.base_url(there)}
        command = [sys.executable, "-m", "pytest", "-o", "addopts=", "-q", "--tb=short"]
        command += ["-p", "no:cacheprovider", *argv[1:], *tests_of(sdk)]
        done = subprocess.run(command, cwd=sdk, env=environ, stdout=subprocess.PIPE, text=True)
        there.shutdown()
        there.server_close()
    found = _PASSED.search(done.stdout.rpartition("\n")[0].rpartition("\n")[2])
    passed = int(found[1]) if found else 0
    if done.returncode or passed != TESTS:
        print(done.stdout)
    print(f"conductor-py's own tests: {passed} of {TESTS} passed")
    return 0 if done.returncode == 0 and passed == TESTS else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
