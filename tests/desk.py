"""A desk to test at: a legacy tree, a simulated company and the doors, in one folder."""

from __future__ import annotations

import io
import os
import shutil
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType

from src import (
    build_attachment_inventory,
    config,
    download_mapping_demo,
    mapping_verifier,
    qbo_attach_demo,
)
from src.adapters.fakes.givens import MappingRow
from src.adapters.fakes.ledger import CREATED, Effect
from src.attachments.records import DUPS, ERRORS, INVENTORY, PLAN, RUNLOG, SKIPS
from src.kit import reading, runlog, stage, tables
from src.office import pipelines

SECOND = 1_409_571_840  # when every file of the desk was last modified
PDF = b"%PDF-1.4 "
CRASHED = 99  # the exit code of a forked door that ended in a traceback


class Desk:
    """Everything below one folder; `out` and `err` are what the last door said."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.out = self.err = ""
        self.settings = {
            "DATA_DIR": str(root / "data"),
            "FILES_DIR": str(root / "files"),
            "LOG_DIR": str(root / "logs"),
            "FAKE_QBO_FAIL_RATE": "0",
        }
        self.company = root / "data/fake_qbo"
        self.logs = root / "logs"
        self._mapping: list[MappingRow] = []
        for folder in (self.company, self.logs, root / "files"):
            folder.mkdir(parents=True)
        self.mapping()

    def copy_to(self, other: Desk) -> None:
        """Let another desk begin where this one is."""
        shutil.copytree(self.root, other.root, dirs_exist_ok=True)
        other._mapping = [*self._mapping]

    # --- what there is ----------------------------------------------------------------

    def file(self, path: str, content: bytes | None = None) -> Path:
        """Write a file at Client/Txn/… below files/Attach; return where it is."""
        found = self.root / "files/Attach" / path
        found.parent.mkdir(parents=True, exist_ok=True)
        found.write_bytes(PDF + found.name.encode() if content is None else content)
        os.utime(found, (SECOND, SECOND))
        return found

    def mapping(self, *rows: tuple[str, str, str, str]) -> None:
        """Add rows to the company's mapping: id, desktop type, online type, id."""
        self._mapping += [MappingRow(*row) for row in rows]
        tables.write(self.company / "mapping.csv", MappingRow, self._mapping)

    def scenario(self, *lines: str) -> None:
        """Let the company behave by these lines: call,match,answer."""
        text = "\n".join(["call,match,answer", *lines]) + "\n"
        (self.company / "scenario.csv").write_text(text)

    def files(self, *names: str) -> None:
        """Write one file per name, each on an invoice of its own: 1001, 1002 …"""
        for name in names:
            number = 1001 + len(self._mapping)
            self.file(f"Client/Txn/80{number:X}-{SECOND}/{name}")
            self.mapping((f"{number:X}-{SECOND}", "INVOICE", "INVOICE", str(number)))

    # --- doors ------------------------------------------------------------------------

    def argv(self, *options: str, **settings: str) -> list[str]:
        """Return a command line with the desk's settings."""
        argv = ["--progress", "off", *options]
        for name, value in {**self.settings, **settings}.items():
            argv += ["--set", f"{name}={value}"]
        return argv

    def run(self, door: ModuleType, *options: str, **settings: str) -> int:
        """Run a door in this process; return its exit code."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = stage.run(door.main, self.argv(*options, **settings))
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    def fork(self, main: Callable, *options: str, **settings: str) -> int:
        """Run a door's main in a process of its own; return its exit code."""
        reading_end, writing_end = os.pipe()  # no limit on files concerns a pipe
        child = os.fork()
        if child == 0:
            _end_as(lambda: stage.run(main, self.argv(*options, **settings)), writing_end)
        os.close(writing_end)
        with open(reading_end, encoding="utf-8", errors="replace") as pipe:
            self.out = self.err = pipe.read()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def prepare(self, **settings: str) -> int:
        """Run the three doors before the upload; return the verifier's exit code."""
        assert self.run(download_mapping_demo, **settings) == 0, self.err
        assert self.run(build_attachment_inventory, **settings) == 0, self.err
        return self.run(mapping_verifier, **settings)

    def verify(self, **settings: str) -> int:
        """Run the verifier."""
        return self.run(mapping_verifier, **settings)

    def upload(self, *options: str, **settings: str) -> int:
        """Run the uploader."""
        return self.run(qbo_attach_demo, *options, **settings)

    # --- what came of it --------------------------------------------------------------

    @property
    def config(self) -> config.Settings:
        """Return the settings in force."""
        return config.load(self.settings)

    def path(self, table: tables.Table) -> Path:
        """Return where a table of the desk lies."""
        return pipelines.path_of(self.config, table)

    def rows(self, table: tables.Table) -> list:
        """Return a table's rows."""
        return list(reading.table(self.path(table), table))

    def plan(self) -> dict[str, object]:
        """Return the plan's rows by file name."""
        return {row.file_name: row for row in self.rows(PLAN)}

    def statuses(self) -> dict[str, str]:
        """Return the plan's status of each file."""
        return {name: row.status for name, row in self.plan().items()}

    def skips(self) -> dict[str, str]:
        """Return the reason of each file that was left out."""
        return {row.file_name: row.reason for row in self.rows(SKIPS)}

    def inventory(self) -> list:
        """Return the inventory's rows."""
        return self.rows(INVENTORY)

    def log(self) -> list:
        """Return the run log's rows."""
        raw = runlog.rows(self.path(RUNLOG), RUNLOG.row)
        return [RUNLOG.row(*map(runlog.text, row)) for row in raw if row]

    def outcomes(self) -> Counter[str]:
        """Return how often the run log has each outcome."""
        return Counter(row.outcome for row in self.log())

    def errors(self) -> list:
        """Return the rows of the errors view."""
        return self.rows(ERRORS)

    def dups(self) -> list:
        """Return the rows of the duplicates view."""
        return self.rows(DUPS)

    def effects(self) -> list[Effect]:
        """Return what the company has, in the order of arrival."""
        raw = runlog.rows(self.company / "ledger.csv", Effect)
        found = [Effect(*map(runlog.text, row)) for row in raw if row]
        return [effect for effect in found if effect.status == CREATED]

    def received(self) -> list[str]:
        """Return the names of the files that the company has."""
        return [effect.file_name for effect in self.effects()]

    # --- what people do ---------------------------------------------------------------

    def decide(self, **decisions: str) -> None:
        """Fill in `decision` in the plan, by file name without extension."""
        self.change_plan(
            lambda row: row._replace(
                decision=decisions.get(row.file_name.partition(".")[0], row.decision)
            )
        )

    def change_plan(self, change: Callable) -> None:
        """Save the plan with every row changed, dropped where `change` returns None."""
        rows = [row for row in map(change, self.rows(PLAN)) if row is not None]
        tables.write(self.path(PLAN), PLAN.row, rows)


def _end_as(door: Callable[[], int], said: int) -> None:
    """Run a door in this forked process, its words into a pipe; never return."""
    code = CRASHED
    try:
        sys.stdout = sys.stderr = open(said, "w", encoding="utf-8")
        code = door()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)
