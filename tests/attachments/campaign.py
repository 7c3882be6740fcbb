"""Real uploader processes, killed at any instruction, their logs damaged in between."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from src import build_attachment_inventory, download_mapping_demo, mapping_verifier
from src import qbo_attach_demo
from src.adapters.fakes.givens import MappingRow
from src.adapters.fakes.ledger import CREATED, Effect
from src.kit import runlog, stage, tables
from src.office import damage

FILES = 10
# Where the disk or the company changes; between two such lines nothing can be told apart.
WRITERS = ("kit/appender.py", "kit/files.py", "kit/receipts.py", "kit/book.py", "fakes/core.py", "fakes/ledger.py")


class Campaign:
    """One company, one tree, one set of logs; `run` starts a door in a process."""

    def __init__(self, root: Path, *settings: str) -> None:
        self.root = root
        self.kills = 0
        self.files = FILES
        self._settings = settings
        self.upload: Callable[[list[str]], int] = qbo_attach_demo.main

    @property
    def argv(self) -> list[str]:
        """Return the settings as every door takes them."""
        folders = {"DATA_DIR": "data", "LOG_DIR": "logs", "FILES_DIR": "files"}
        pairs = [f"{name}={self.root / folder}" for name, folder in folders.items()]
        argv = ["--progress", "off"]
        for pair in (*pairs, "QBO_FILES_PER_REQUEST=3", *self._settings):
            argv += ["--set", pair]
        return argv

    def prepare(self) -> None:
        """Make the tree and the mapping, and plan."""
        rows = []
        for number in range(self.files):
            folder = self.root / f"files/Attach/Client/Txn/801a{number:02x}-1409571840"
            folder.mkdir(parents=True)
            (folder / f"scan {number}.pdf").write_bytes(b"%PDF-1.4 " + bytes([number]))
            norm = f"1A{number:02X}-1409571840"
            rows.append(MappingRow(norm, "INVOICE", "INVOICE", str(1000 + number)))
        (self.root / "data/fake_qbo").mkdir(parents=True)
        tables.write(self.root / "data/fake_qbo/mapping.csv", MappingRow, rows)
        for door in (download_mapping_demo, build_attachment_inventory, mapping_verifier):
            assert self.run(door.main) == 0

    def copy(self, root: Path, *settings: str) -> Campaign:
        """Return a campaign that begins where this one is; it may have other settings."""
        shutil.copytree(self.root, root)
        copied = Campaign(root, *(settings or self._settings))
        copied.upload, copied.files = self.upload, self.files
        return copied

    # --- processes --------------------------------------------------------------------

    def run(self, main: Callable[[list[str]], int], armed: Callable = lambda: None) -> int:
        """Return the exit code of a door in its own process, negative if it was killed.

        `armed` is called in the new process, to lay the mine.
        """
        child = os.fork()
        if child == 0:
            silence = os.open(os.devnull, os.O_WRONLY)
            if "CAMPAIGN_DEBUG" not in os.environ:
                os.dup2(silence, 1), os.dup2(silence, 2)
            try:
                armed()
                os._exit(stage.run(main, self.argv))
            except BaseException:
                (self.root / "traceback.txt").write_text(traceback.format_exc())
                os._exit(70)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def kill_after(self, seconds: float) -> bool:
        """Start the uploader and kill it after so long; return whether it was killed."""
        return self._killed(lambda: _alarm(seconds))

    def kill_at(self, line: int) -> bool:
        """Start the uploader and kill it before the n-th line that it executes."""
        return self._killed(lambda: _trace(_KillAt(line)))

    def _killed(self, armed: Callable[[], None]) -> bool:
        killed = self.run(self.upload, armed) < 0
        self.kills += killed
        return killed

    def finish(self) -> None:
        """Run the uploader, planning again where it asks for it, until all is done."""
        for _ in range(12):
            code = self.run(self.upload)
            if code == 0:
                return
            if code == 2:
                assert self.run(mapping_verifier.main) == 0
        raise AssertionError(f"not done after 12 runs, last exit code {code}")

    # --- damage -----------------------------------------------------------------------

    def damage(self, dice: Random) -> str:
        """Do to the logs what people and disks do; return what was done."""
        return damage.done_to(self.root / "logs", dice)

    # --- the truth --------------------------------------------------------------------

    def effects(self) -> Counter[str]:
        """Return how often the company has each file."""
        ledger = runlog.rows(self.root / "data/fake_qbo/ledger.csv", Effect)
        found = (Effect(*map(runlog.text, row)) for row in ledger if row)
        return Counter(one.file_name for one in found if one.status == CREATED)

    def lost_and_doubled(self) -> tuple[int, int]:
        """Return how many files are missing, and how many are there more than once."""
        effects = self.effects()
        return self.files - len(effects), sum(count - 1 for count in effects.values())


# --- mines ----------------------------------------------------------------------------


def _alarm(seconds: float) -> None:
    """End this process after so long; SIGALRM's default spares no instruction."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-4))


def _trace(seen: Callable[[], None]) -> None:
    """Call `seen` before each line of the modules that write."""

    def local(frame: object, event: str, _: object) -> Callable:
        if event == "line":
            seen()
        return local

    def trace(frame, event: str, _: object) -> Callable | None:  # noqa: ANN001
        name = frame.f_code.co_filename
        return local if name.endswith(WRITERS) else None

    sys.settrace(trace)


class _KillAt:
    def __init__(self, line: int) -> None:
        self._left = line

    def __call__(self) -> None:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def count_lines(campaign: Campaign) -> int:
    """Return how many lines of the writing modules an undisturbed run executes."""
    counted = campaign.root / "lines"

    def main(argv: list[str]) -> int:
        lines = [0]
        _trace(lambda: lines.__setitem__(0, lines[0] + 1))
        code = qbo_attach_demo.main(argv)
        sys.settrace(None)
        counted.write_text(str(lines[0]))
        return code

    assert campaign.run(main) == 0
    return int(counted.read_text())
