"""The proof of exactly-once: real uploader processes, killed at random, logs damaged.

A lane is one company, served over HTTP by a process of its own, and one uploader after
the other that is killed there; several lanes run at once, because most of their time is
waiting. What counts is the company's own ledger.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from src.adapters.fakes.givens import MappingRow
from src.adapters.fakes.ledger import CREATED, LEDGER, Effect
from src.config import ROOT
from src.kit import runlog, tables
from src.kit.errors import NOTHING_DONE, OK, Refused
from src.office import damage
from src.office.demo_login import CLIENT, log_in

FILES = 12  # of one campaign; three travel together
LONGEST_RUN = 0.6  # seconds in which most runs end
LATENCY = 0.03  # seconds that the company lingers before an effect, at most
BOUND = 1.0  # seconds; far above what the company needs on a busy laptop
FORGETS_AFTER = 0.05  # seconds, in the model that forgets request ids
KILLS_PER_CAMPAIGN = 6
MODELS = ("honoured", "ignored", "forgotten")


class Design(NamedTuple):
    """One way to upload, against one model of the company."""

    name: str
    door: str
    model: str


class Result(NamedTuple):
    """What became of a design: the columns of prove.csv."""

    design: str
    request_ids: str
    kills: str
    items: str
    lost: str
    duplicates: str


DESIGNS = (
    *(Design("Carryover", "src.qbo_attach_demo", model) for model in MODELS),
    Design("log of successes only", "src.office.naive", "honoured"),
)


class Lane:
    """One company and its uploaders, in a folder; `run` fills the counts."""

    def __init__(self, folder: Path, design: Design, seed: str) -> None:
        self.design = design
        self.kills = self.items = 0
        self._folder, self._dice = folder, Random(seed)
        self._mapping: list[MappingRow] = []
        self._url = ""

    def run(self, is_over: Callable[[], bool]) -> None:
        """Run campaigns, one at least, until it is over; the last one is finished."""
        self._company.mkdir(parents=True)
        tables.write(self._company / "mapping.csv", MappingRow, [])
        with self._served() as line:
            self._url = line.decode().strip()
            log_in(self._url.partition("=")[2], self._folder / "token.json")
            while not self.items or not is_over():
                self._campaign()

    @property
    def _company(self) -> Path:
        return self._folder / "data/fake_qbo"

    def _served(self) -> _Server:
        forgets = FORGETS_AFTER if self.design.model == "forgotten" else 0
        return _Server(
            self._command(
                "src.fake_qbo_server",
                *("--state", str(self._company)),
                *("--port", "0", "--requests-per-minute", "0", "--parallel", "0"),
                *("--latency", str(LATENCY), "--fail-rate", "0.1", "--no-contents"),
                *("--forget-after", str(forgets)),
                f"--set=FAKE_QBO_REQUEST_IDS={self.design.model}",
            )
        )

    def _command(self, door: str, *options: str) -> list[str]:
        settings = {
            "DATA_DIR": self._folder / "data",
            "LOG_DIR": self._folder / "logs",
            "FILES_DIR": self._folder / "files",
            "QBO_TOKEN_FILE": self._folder / "token.json",
        }
        given = [f"--set={name}={value}" for name, value in settings.items()]
        return [sys.executable, "-m", door, "--progress=off", *given, *options]

    def _uploading(self, door: str) -> list[str]:
        settings = {
            "QBO_API": "http",
            "QBO_CLIENT_ID": CLIENT,
            "QBO_CLIENT_SECRET": CLIENT,
            "QBO_FILES_PER_REQUEST": "3",
            "QBO_REQUESTS_PER_MINUTE": "0",
            "QBO_PARALLEL": "2",
            "QBO_SETTLE_SECONDS": f"{BOUND:g}",
            "QBO_BACKOFF_SECONDS": "0.02",
        }
        given = [f"--set={name}={value}" for name, value in settings.items()]
        return self._command(door, f"--set={self._url}", *given)

    # --- a campaign -------------------------------------------------------------------

    def _campaign(self) -> None:
        """Plan new files, upload them with kills and damage in between, and finish."""
        self._new_files()
        self._plan()
        wanted = self._dice.randrange(1, KILLS_PER_CAMPAIGN + 1)
        for _ in range(wanted):
            if not self._killed():
                break
            damage.done_to(self._folder / "logs", self._dice)
            if damage.leaves_no_trace(self._folder / "logs"):
                time.sleep(BOUND)  # the one thing that the promise leaves to people
        self._finish()
        self.items += FILES

    def _new_files(self) -> None:
        for _ in range(FILES):
            number = 1000 + len(self._mapping)
            legacy = f"{number:X}-1409571840"
            folder = self._folder / f"files/Attach/Client/Txn/80{legacy}"
            folder.mkdir(parents=True)
            (folder / f"scan {number}.pdf").write_bytes(b"%%PDF-1.4 %d" % number)
            self._mapping.append(MappingRow(legacy, "INVOICE", "INVOICE", str(number)))
        mapping = self._folder / "data/mapping_export.csv"
        tables.write(mapping, MappingRow, self._mapping)

    def _plan(self) -> None:
        for door in ("build_attachment_inventory", "mapping_verifier"):
            code = self._run(self._command(f"src.{door}"))
            if code != OK:
                raise Refused(f"prove: {door} ended with {code}; run it by hand to see why")

    def _killed(self) -> bool:
        """Start the uploader and kill it; return False if it ended before that."""
        uploader = subprocess.Popen(
            self._uploading(self.design.door), cwd=ROOT, **_SILENT
        )
        try:
            uploader.wait(self._dice.uniform(0.05, LONGEST_RUN))
            return False
        except subprocess.TimeoutExpired:
            uploader.kill()
            uploader.wait()
            self.kills += 1
            return True

    def _finish(self) -> None:
        for _ in range(12):
            code = self._run(self._uploading(self.design.door))
            if code == OK:
                return
            if code == NOTHING_DONE:  # the plan's receipt is among what was damaged
                self._plan()
        raise Refused(f"prove: {self.design.door} is not done after 12 runs, exit {code}")

    def _run(self, command: list[str]) -> int:
        return subprocess.run(command, cwd=ROOT, check=False, **_SILENT).returncode

    # --- the truth --------------------------------------------------------------------

    def lost_and_doubled(self) -> tuple[int, int]:
        """Return how many files the company lacks, and how many it has once too often."""
        rows = filter(None, runlog.rows(self._company / LEDGER, Effect))
        effects = (Effect(*map(runlog.text, row)) for row in rows)
        there = Counter(one.file_name for one in effects if one.status == CREATED)
        return self.items - len(there), sum(count - 1 for count in there.values())


_OWN = {"start_new_session": True}  # Ctrl-C is for the proof alone
_SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **_OWN}


class _Server:
    """A process that serves while the block lasts; yields the line that it printed."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            [*command, "--while-stdin"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **_OWN,
        )

    def __enter__(self) -> bytes:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            self.__exit__()
            raise Refused('prove: the server did not start; try "make server"')
        return line

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout and self._process.stdin
        self._process.stdout.close()
        self._process.stdin.close()


def results(lanes: Iterable[Lane]) -> Iterator[Result]:
    """Yield one row per design, its lanes added up."""
    together: dict[Design, list[Lane]] = {}
    for lane in lanes:
        together.setdefault(lane.design, []).append(lane)
    for design, some in together.items():
        ends = [lane.lost_and_doubled() for lane in some]
        counts = (
            sum(lane.kills for lane in some),
            sum(lane.items for lane in some),
            sum(lost for lost, _ in ends),
            sum(doubled for _, doubled in ends),
        )
        yield Result(design.name, design.model, *map(str, counts))
