"""Exports to be imported: rows as a CSV, and texts that something would run or change."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

PAYLOADS = [
    "Robert'); DROP TABLE customers;--",
    '" OR ""="',
    "=cmd|' /C calc'!A0",
    "+1-555-0100",
    "@SUM(1+1)",
    "\\.",
    "\\N",
    "NULL",
    "a\tb",
    "two\nlines",
    "carriage\rreturn",
    "\x1b[31mred\x07",
    "\u202eright to left",
    "日本語 \U0001f4bb",
    "'quoted'",
    "%s {0} $1 :name",
    " blanks around ",
    "{}",
    "00123",
    "1E5",
]


def text_of(*lines: Sequence[str]) -> str:
    """Return lines of cells as a CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)  # its line ends let it quote a carriage return
    return text.getvalue()
