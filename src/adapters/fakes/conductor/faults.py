"""What goes wrong between a program and a simulated company file: by script, by chance.

scenario.csv is read as the one of the simulated QuickBooks Online company; `match` is a
pattern for the call (`create customers`, `list *`, `update invoices`, `health-check`,
`list deleted-transactions`), `answer` what happens:

    401, 403, 429, 429:7        refused, without effect (429:7 asks to wait 7 s)
    409, 409:not_set_up         the Web Connector is off, or was never set up
    502, 502:0x80040408         QuickBooks refuses the connection
    502:3175, 502:3180 …        QuickBooks refuses the request, by its own number
    500, 504, drop              no effect, and no answer that tells
    500_applied, 504_applied, drop_applied
                                the effect is there, and no answer that tells
    cut, empty, garbage         the answer of a read is cut, empty, nonsense
    cut_applied, empty_applied, garbage_applied
                                likewise of a write: the effect is there
    slow:3                      the answer comes after 3 s
"""

from __future__ import annotations

import re
from pathlib import Path

from src.adapters.fakes import scenario
from src.adapters.fakes.conductor import refusal
from src.adapters.fakes.conductor.refusal import Refusal
from src.adapters.fakes.scenario import Grammar, Step, Temper
from src.kit.tables import GIVEN, Table

__all__ = ["Faults", "Temper", "is_applied", "refusal_of", "wait_of"]

TABLE = Table("DATA_DIR", "fake_conductor/scenario.csv", Step, GIVEN, "make demo-data")
_ANSWER = re.compile(
    r"401|403|429(?::[0-9]+)?|409(?::not_set_up)?|50[04]|(?:50[04]|drop)_applied|drop"
    r"|502(?::(?:[0-9]+|0x[0-9A-Fa-f]{8}))?|(?:cut|empty|garbage)(?:_applied)?"
    r"|slow:[0-9]+(?:\.[0-9]+)?"
)
COMPANY_FILE = Grammar(
    TABLE,
    _ANSWER,
    ("429", "502:3175", "502:3175", "500", "504", "504_applied", "drop", "drop_applied"),
)


class Faults(scenario.Faults):
    """Tells what happens to each call; what it said before decides what it says next."""

    def __init__(self, folder: Path, temper: Temper) -> None:
        super().__init__(folder, temper, COMPANY_FILE)


def refusal_of(fate: str) -> Refusal | None:
    """Return the refusal that a fate is, None where it is none.

    Where `is_applied` holds, it is what is answered after the effect.
    """
    word, _, more = fate.removesuffix("_applied").partition(":")
    if word == "502" and more.isdigit():
        return _refused_by_quickbooks(more)
    if word == "409":
        return refusal.not_set_up() if more else refusal.not_active()
    if word == "502":
        return refusal.no_connection(more or "0x80040420")
    plain = {
        "401": refusal.bad_key,
        "403": refusal.forbidden,
        "429": refusal.rate_limited,
        "500": refusal.broken,
        "504": refusal.timed_out,
    }
    return plain[word]() if word in plain else None


def is_applied(fate: str) -> bool:
    """Return whether a call that meets this fate has its effect all the same."""
    word = fate.partition(":")[0]
    return word in ("", "slow", "cut", "empty", "garbage") or word.endswith("_applied")


def wait_of(fate: str) -> str:
    """Return the seconds that a fate asks a program to wait, empty where it asks none."""
    word, _, more = fate.partition(":")
    return more if word == "429" else ""


def _refused_by_quickbooks(code: str) -> Refusal:
    if code in ("3175", "3176"):
        return refusal.in_use(code)
    if code == "3200":
        return refusal.stale("0")
    return refusal.rejected(code, "The request failed, says the scenario.")
