"""Run every test, on all cores: each process takes its share of them.

    python -m tests [pytest options]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence

MOST = 4  # processes; more wait for one disk
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b")


def main(options: Sequence[str]) -> int:
    """Print what failed and the sum of all; return pytest's worst exit code."""
    shares = max(1, min(MOST, os.cpu_count() or 1))
    outputs = [tempfile.TemporaryFile("w+", encoding="utf-8") for _ in range(shares)]
    running = [
        _start(options, f"{number}/{shares}", output)
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


def _start(options: Sequence[str], share: str, output: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    environ = {**os.environ, "SHARE": share}
    return subprocess.Popen(command, stdout=output, stderr=output, env=environ)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
