"""Golden pairs: what a door makes of tests/golden/<door>/<case>/in is .../out, byte by byte.

`UPDATE_GOLDEN=1` writes `out` anew.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from src import config
from tests.desk import SECOND, Desk

GOLDEN = config.ROOT / "tests/golden"


def cases(door: str) -> pytest.MarkDecorator:
    """Return the parametrization of a test over the cases of a door."""
    names = sorted(path.name for path in (GOLDEN / door).iterdir())
    return pytest.mark.parametrize("case", names)


def check(desk: Desk, door: ModuleType, case: str, **settings: str) -> int:
    """Run a door on a case's `in`, compare what it wrote with `out`; return its code."""
    folder = GOLDEN / door.__name__.rpartition(".")[2] / case
    shutil.copytree(folder / "in", desk.root, dirs_exist_ok=True)
    for path in (desk.root / "files").rglob("*"):
        os.utime(path, (SECOND, SECOND))
    before = written(desk.root)
    code = desk.run(door, RUN_ID="golden", **settings)
    made = {name: data for name, data in written(desk.root).items() if name not in before}
    if os.environ.get("UPDATE_GOLDEN"):
        update(folder / "out", made)
    assert made == written(folder / "out")
    return code


def written(root: Path) -> dict[str, bytes]:
    """Return every CSV below a folder but the receipts, which hold the time of day."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*.csv"))
        if path.name != "receipts.csv"
    }


def update(folder: Path, made: dict[str, bytes]) -> None:
    """Write the golden files anew."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
