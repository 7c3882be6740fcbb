"""README's commands print what README says, its tables say what the code has."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from src import config
from src.kit import tables
from src.office import pipelines
from src.wms.fields import KINDS
from src.wms.records import (
    AgreedHead,
    MirrorHead,
    MirrorLineHead,
    StoredHead,
    StoredLineHead,
    lines_name,
)

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
needs_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
_WHEN = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Return a copy of what a fresh clone holds."""
    copy = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "Makefile", copy)
    for name in ("data", "logs", "files"):
        (copy / name).mkdir()
        shutil.copy(ROOT / name / "README.md", copy / name)
    return copy


def make(checkout: Path, *targets: str) -> subprocess.CompletedProcess[str]:
    """Return a finished `make` in the copy, as if no other make had started it."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFL"))}
    return subprocess.run(
        ["make", *targets],
        cwd=checkout,
        env=inherited,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@needs_make
def test_make_demo_prints_what_the_readme_shows_and_make_clean_takes_it_away(checkout):
    shown = re.search(r"\$ make demo\n(.*?)\n```", README, re.DOTALL)[1]

    printed = make(checkout, "demo")

    assert printed.returncode == 0
    assert _WHEN.sub("WHEN", printed.stdout.strip()) == _WHEN.sub("WHEN", shown)
    assert make(checkout, "clean").returncode == 0
    for name in ("data", "logs", "files"):
        assert os.listdir(checkout / name) == ["README.md"]


@needs_make
def test_make_help_lists_every_target():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    listed = make(ROOT, "help").stdout

    for target in targets:
        assert re.search(rf"^{target} ", listed, re.MULTILINE), target


TABLES = [table for pipeline in pipelines.ALL for table in pipeline.tables]


@pytest.mark.parametrize(
    "table", [*TABLES, *pipelines.SHARED], ids=lambda table: table.name
)
def test_the_table_of_csvs_names_every_column_in_order(table):
    columns = ", ".join(tables.header(table.row))

    assert f"| `{table.place}` | {table.kind} | {columns} |" in README


WMS_KINDS = [(k.name, k.fields) for k in KINDS.values()]
WMS_KINDS += [(lines_name(k), k.lines) for k in KINDS.values() if k.lines]


@pytest.mark.parametrize(("name", "fields"), WMS_KINDS, ids=lambda value: str(value)[:30])
def test_the_table_of_kinds_names_every_field_in_order(name, fields):
    columns = ", ".join(field.name for field in fields)

    assert f"| {name} | {columns} |" in README


@pytest.mark.parametrize(
    ("place", "head"),
    [
        ("`data/qbd_<kind>.csv`", MirrorHead),
        ("`data/wms_<kind>.csv`", StoredHead),
        ("`data/wms_base_<kind>.csv`", AgreedHead),
        ("`data/qbd_<kind>_lines.csv`", MirrorLineHead),
        ("`data/wms_base_<kind>_lines.csv`", StoredLineHead),
    ],
)
def test_the_table_of_kinds_names_what_their_rows_begin_with(place, head):
    assert f"{place} | {', '.join(tables.header(head))} |" in README


@pytest.mark.parametrize(
    "table",
    [table for one in pipelines.ALL[1:] for table in one.tables] + [*pipelines.SHARED],
    ids=lambda table: table.name,
)
def test_the_folders_own_pages_name_what_the_importers_write(table):
    page = (ROOT / table.place).with_name("README.md").read_text("utf-8")

    assert f"`{table.name}`" in page


@pytest.mark.parametrize("setting", config.SETTINGS, ids=lambda setting: setting.name)
def test_the_table_of_settings_has_every_setting(setting):
    default = f"`{setting.default}`" if setting.default else ""

    assert f"| {setting.name} | {default} | {setting.meaning} |" in README
