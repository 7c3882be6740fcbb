"""The screen and the REST API over logs of a real size, while rows are being appended."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from src.attachments.records import PLAN, RUNLOG, Attempt, Verified
from src.kit import tables
from src.kit.appender import Appender
from src.mis.records import RUNLOG as MIS_RUNLOG
from src.mis.records import Pushed
from tests.bench import parts

ROWS = 170_000
ASKED = 200  # times, each after some rows more
TOGETHER = 20  # rows
PLACES = {  # and the milliseconds that 99 of 100 answers may take
    "/api/v1/sync/wms/status": 10,
    "/api/v1/sync/customers/status": 10,
    "/sync/wms/progress": 10,
    "/sync/mis/progress": 10,
    "/": 100,
    "/runs": 100,
    "/logs": 100,
    f"/logs/{RUNLOG.name.removesuffix('.csv')}": 100,
    f"/logs/{RUNLOG.name.removesuffix('.csv')}?q=Scan+77": 500,
    f"/logs/{RUNLOG.name.removesuffix('.csv')}?outcome=uploaded": 500,
    "/api/v1/runs": 100,
    "/health": 10,  # last: in the first seconds the logs are still being read
}


def attachments(folder: Path, rows: int) -> None:
    """Write a run log and the plan of as many files."""
    folder.mkdir(parents=True, exist_ok=True)
    parts.log(folder / RUNLOG.name, rows)
    tables.write(folder / PLAN.name, Verified, map(_planned, range(rows)))


def customers(folder: Path, rows: int) -> None:
    """Write a run log of the MIS customers beside it."""
    appender = Appender(folder / MIS_RUNLOG.name, Pushed)
    for start in range(0, rows, 1000):
        appender.append(map(_pushed, range(start, min(rows, start + 1000))))
    appender.close()


def _pushed(number: int) -> tuple[str, ...]:
    sent = parts.row(number)
    people = ("Student", str(number), str(number), f"Aline Uwase {number}", "create", "")
    answer = ("200", str(number), "0", "1-674e1a2b", "12")
    is_bad = number % 50 == 0
    said = ("failed", "Duplicate Name Exists Error (6240)") if is_bad else ("created", "")
    return (*sent[:4], *people, *sent[14:17], *answer, *said)


def _planned(number: int) -> tuple[str, ...]:
    sent = parts.row(number)
    norm, kind, raw, target, target_id, name, path, size, stamp = sent[4:13]
    status = "missing_mapping" if number % 40 == 0 else "ok"
    where = (norm, kind, raw, "Client", name, path, size, stamp)
    row = f"r{number:010x}"
    return (row, "", status, "", *where, target, target_id, name, "x00000000")


class Screen:
    """A server that is asked, and a log that grows meanwhile."""

    def __init__(self, url: str, log: Path) -> None:
        self._host = url.removeprefix("http://").rstrip("/")
        self._log = Appender(log, Attempt)
        self._numbers = count(ROWS)

    def once(self, place: str) -> float:
        """Return how many milliseconds an answer takes."""
        began = time.perf_counter()
        connection = http.client.HTTPConnection(self._host, timeout=60)
        connection.request("GET", place)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status >= 400:
            raise RuntimeError(f"{place}: {answer.status}")
        return 1000 * (time.perf_counter() - began)

    def often(self, place: str, times: int) -> Sequence[float]:
        """Return what each of many answers takes, in order of time taken."""
        found = []
        for _ in range(times):
            self._log.append(parts.row(next(self._numbers)) for _ in range(TOGETHER))
            found.append(self.once(place))
        return sorted(found)

    def p99(self, place: str, times: int = ASKED) -> float:
        """Return what one answer of a hundred takes longer than."""
        return self.often(place, times)[-1 - times // 100]


@contextmanager
def served(command: Sequence[str], root: Path, cwd: str) -> Iterator[tuple[Screen, float]]:
    """Yield a screen, and the seconds until its first page of all pipelines was there."""
    began = time.perf_counter()
    child = subprocess.Popen(
        [*command, "--port", "0"], cwd=cwd, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout
        found = re.search(r"http://\S+", child.stdout.readline())
        assert found, "the server did not say where it is"
        screen = Screen(found[0], root / "logs" / RUNLOG.name)
        screen.once("/")
        seconds = time.perf_counter() - began
        for place in PLACES:  # what follows the logs on its own has read them, too
            screen.once(place)
        yield screen, seconds
    finally:
        child.terminate()
        child.wait(30)


def memory(command: Sequence[str], cwd: str) -> float:
    """Return the MB that following the logs takes beyond what the program itself does."""
    source = (
        "import resource\n"
        "from src import config; import os\n"
        "from src.office.overview import Watch\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak(); watch = Watch(config.load(os.environ)); watch.standings()\n"
        "print((peak() - before) / (1e6 if os.uname()[0] == 'Darwin' else 1e3))"
    )
    pairs = (word.split("=", 1) for word in command if word[:1].isupper() and "=" in word)
    environ = {**os.environ, **dict(pairs)}
    done = [sys.executable, "-c", source]
    out = subprocess.run(done, cwd=cwd, env=environ, capture_output=True, text=True)
    return float(out.stdout)


if __name__ == "__main__":
    {"attachments": attachments, "customers": customers}[sys.argv[1]](
        Path(sys.argv[2]), int(sys.argv[3])
    )
