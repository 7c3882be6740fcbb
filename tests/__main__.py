"""Run every test, on all cores: each process takes its share of them.

    python -m tests [pytest options]
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

MOST = 4  # processes; more wait for one disk
IN_MEMORY, ROOM = "/dev/shm", 3_000_000_000  # bytes that have to be free there
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b")


def main(options: Sequence[str]) -> int:
    """Print what failed and the sum of all; return pytest's worst exit code."""
    shares = max(1, min(MOST, os.cpu_count() or 1))
    outputs = [tempfile.TemporaryFile("w+", encoding="utf-8") for _ in range(shares)]
    with _temporary() as environ:
        running = [
            _start(options, {**environ, "SHARE": f"{number}/{shares}"}, output)
            for number, output in enumerate(outputs, 1)
        ]
        code = max(abs(process.wait()) for process in running)
    sums: Counter[str] = Counter()
    for process, output in zip(running, outputs):
        output.seek(0)
        text = output.read()
        if process.returncode:
            print(text)
        last = text.strip().rpartition("\n")[2]
        sums.update({word: int(count) for count, word in _COUNT.findall(last)})
    print(", ".join(f"{count:,} {word}" for word, count in sums.items()))
    return code


@contextmanager
def _temporary() -> Iterator[dict[str, str]]:
    """Yield the environment of the tests: their files wait for no disk, where they can.

    Most of the time would go into thousands of fsyncs of files that nobody keeps.
    """
    if not os.path.isdir(IN_MEMORY) or shutil.disk_usage(IN_MEMORY).free < ROOM:
        yield dict(os.environ)
        return
    with tempfile.TemporaryDirectory(prefix="carryover-", dir=IN_MEMORY) as folder:
        os.chmod(folder, 0o1777)  # a server's user of its own has files there
        yield {**os.environ, "TMPDIR": folder}


def _start(
    options: Sequence[str], environ: dict[str, str], output: object
) -> subprocess.Popen:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    return subprocess.Popen(command, stdout=output, stderr=output, env=environ)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
