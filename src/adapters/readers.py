"""How what a database gives becomes a value; see `kit.database.Database.rows`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal

from src.kit.cells import TIMESTAMP
from src.kit.database import Misfit


def decimal(places: str) -> Callable[[str], Decimal]:
    """Return what reads a number's digits, with so many places as `places` has."""
    unit = Decimal(places)
    return lambda text: Decimal(text).quantize(unit)


def sorted_json(text: str) -> str:
    """Return JSON with its keys sorted."""
    return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False)


def flag(value: object) -> bool:
    """Return a bool that is stored as 0 or 1."""
    if value not in (0, 1):
        raise ValueError
    return bool(value)


def or_misfits(readers: Mapping[str, Callable]) -> dict[str, Callable]:
    """Return what reads values by capital letters; see `kit.database.Database.rows`."""
    return {kind.upper(): _or_misfit(kind, read) for kind, read in readers.items()}


def _or_misfit(kind: str, read: Callable) -> Callable:
    is_good = _GOOD.get(kind)

    def found(value: object) -> object:
        try:
            made = read(value)
        except (ValueError, TypeError, AttributeError, ArithmeticError):
            return Misfit(str(value))
        is_right = made is None or is_good is None or is_good(made)
        return made if is_right else Misfit(str(value))

    return found


_GOOD: dict[str, Callable] = {
    "m": Decimal.is_finite,
    "p": Decimal.is_finite,
    "z": TIMESTAMP.fullmatch,
}
