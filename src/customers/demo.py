"""Demo exports of customers, with every problem of real ones, the same every time."""

from __future__ import annotations

from pathlib import Path


def make(folder: Path) -> str:
    """Return the demo export's path; make it where it is not there."""
    raise NotImplementedError
