"""The specification's commands, typed as they stand, in a fresh copy of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from src import config

COMMANDS = (
    "src.download_mapping_demo",
    "src.build_attachment_inventory",
    "src.mapping_verifier",
    "src.qbo_attach_demo",
)


def type_in(folder: Path, module: str) -> subprocess.CompletedProcess:
    """Run `python -m module` in a folder, as a person's shell would."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", module], cwd=folder, env=kept, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list]:
    """Return a fresh copy in which the four commands and the last again were typed."""
    folder = tmp_path_factory.mktemp("fresh")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(config.ROOT / "src", folder / "src", ignore=ignore)
    for name in ("data", "files", "logs"):
        (folder / name).mkdir()
        (folder / name / "README.md").write_text("kept\n")
    return folder, [type_in(folder, module) for module in (*COMMANDS, COMMANDS[-1])]


def test_every_command_ends_well_or_says_that_some_rows_failed(typed):
    codes = [found.returncode for found in typed[1]]

    assert codes[:3] == [0, 0, 0]
    assert set(codes[3:]) <= {0, 1}
    assert "Traceback" not in "".join(found.stderr for found in typed[1])


@pytest.mark.parametrize(
    "name",
    [
        "data/mapping_export.csv",
        "data/attachments_inventory.csv",
        "logs/mapping_verification_log.csv",
        "logs/mapping_verification_skips.csv",
        "logs/qbo_attach_runlog.csv",
        "logs/qbo_attach_errors.csv",
        "logs/qbo_attach_dups.csv",
    ],
)
def test_every_file_that_the_specification_names_has_rows(typed, name):
    lines = (typed[0] / name).read_text("utf-8-sig").splitlines()

    assert len(lines) > 1


def test_each_summary_names_the_next_command(typed):
    for found in typed[1]:
        assert "  next: make " in found.stdout


def test_nothing_is_written_outside_of_the_folders(typed):
    names = {path.name for path in typed[0].iterdir()}

    assert names == {"src", "data", "files", "logs"}
