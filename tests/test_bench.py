"""The benchmark runs, whatever this machine has to compare with."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_benchmark_writes_its_table(tmp_path):
    out = tmp_path / "bench.csv"
    small = ["--scale", "0.0005", "--runs", "1", "--out", str(out)]

    subprocess.run([sys.executable, "-m", "tests.bench", *small], cwd=ROOT, check=True)

    with open(out, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["verdict"] for row in rows} <= {
        *("met", "missed", "told"),
        *("no peer here", "no server here"),
    }
    assert {"end to end, 4 stages", "start of a door"} <= {row["what"] for row in rows}


def test_only_what_is_asked_for_is_measured(tmp_path):
    out = tmp_path / "bench.csv"
    small = ["--scale", "0.0005", "--runs", "1", "--only", "wms", "--out", str(out)]

    subprocess.run([sys.executable, "-m", "tests.bench", *small], cwd=ROOT, check=True)

    with open(out, encoding="utf-8-sig", newline="") as file:
        names = [row["what"] for row in csv.DictReader(file)]
    assert names == [
        *("plan of 100,000, 5 % changed", "the same: peak memory"),
        *("plan of 100,000, none changed", "the same: peak memory"),
    ]
