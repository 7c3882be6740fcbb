"""Exports as SalesPro writes them, with every problem of real ones; always the same."""

from pathlib import Path

FILES = {"csv_appointments": "SalesPro2025-06-18.csv", "csv_users": "salespro_users.csv"}


def make_if_missing(folder: Path) -> bool:
    return False
