"""A company after uploads: what it has, what people do to it, which run it was."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from src.adapters.fakes.company import FakeCompany
from src.adapters.fakes.scenario import Temper
from src.adapters.qbo import Change
from src.kit import receipts
from src.kit.clock import REAL


def company_of(folder: Path) -> FakeCompany:
    return FakeCompany(folder, Temper(), REAL)


def there(folder: Path) -> Counter[str]:
    """Return how often the company has each file now."""
    found = company_of(folder).query("select * from Attachable maxresults 1000")
    return Counter(one["FileName"] for one in found.get("Attachable", ()))


def edit(folder: Path, name: str, **changes: Any) -> None:
    """Let a person change an attachable."""
    company = company_of(folder)
    [found] = company.query(f"select * from Attachable where FileName = '{name}'")["Attachable"]
    answer = company.write(Change("update", "Attachable", {**found, **changes}))
    assert answer.remote_id, answer


def delete(folder: Path, name: str) -> None:
    """Let a person delete an attachable."""
    company = company_of(folder)
    [found] = company.query(f"select * from Attachable where FileName = '{name}'")["Attachable"]
    assert company.write(Change("delete", "Attachable", found)).remote_id


def last_run(logs: Path, door: str = "qbo_attach_demo") -> str:
    """Return the id of the last run of a door."""
    return [r for r in receipts.read(logs) if r.door == door and r.kind == "run"][-1].run_id
