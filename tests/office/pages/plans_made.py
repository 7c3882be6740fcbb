"""Plans to be read: rows of each, written as their doors write them."""

from __future__ import annotations

import json
from pathlib import Path

from src.kit import tables
from src.office.pages.plan_sights import PLANS
from tests.office.pages.visitor import Visitor

SECRET = "1199880012345678"
_COMMON = {"row": "r1", "row_check": "x00000000"}
_ROWS = {
    "wms_plan": {"type": "customers", "kind": "customers", "action": "update"},
    "mis_plan": {"type": "Applicant", "mis_id": "7", "action": "create"},
    "customers_plan": {"action": "update", "rung": "exact name", "line": "2"},
    "salespro_plan": {"action": "updated", "line": "3", "id": "H7zYQ9HGff"},
    "mapping_verification_log": {"status": "ok", "file_name": "a.pdf"},
}


def row(plan: str, **cells: object) -> list[str]:
    """Return a row of a plan; what is no text is put as JSON."""
    said = {**_COMMON, **_ROWS[plan], **cells}
    texts = {n: v if isinstance(v, str) else json.dumps(v) for n, v in said.items()}
    return [texts.get(name, "") for name in PLANS[plan].columns]


def place(visitor: Visitor, plan: str) -> Path:
    """Return where a plan lies."""
    table = PLANS[plan].table
    folder = visitor.logs if table.folder == "LOG_DIR" else visitor.data
    return folder / table.name


def make(visitor: Visitor, plan: str, *rows: list[str]) -> Path:
    """Write a plan; return where."""
    path = place(visitor, plan)
    tables.write(path, PLANS[plan].table.row, rows)
    return path
