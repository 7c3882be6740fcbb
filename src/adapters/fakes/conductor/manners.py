"""How a simulated company file behaves where QuickBooks files differ, or nobody knows."""

from __future__ import annotations

from typing import Any, NamedTuple

Record = dict[str, Any]


class Manners(NamedTuple):
    """What one company file is like."""

    checks_rules: bool = True  # False: schema alone, for suites that use made-up ids
    utc_offset: str = "+00:00"  # of the computer that QuickBooks runs on
    clock_ahead: float = 0.0  # seconds by which that computer's clock is ahead
    slow_adjustments_above: int = 0  # rows above which that list times out, 0 = never
    missing_is_404: bool = False  # else 502 with QuickBooks' code 500
    quantities_touch_items: bool = False  # whether a movement changes the item's revision
    invoices_move_stock: bool = True
    seed: str = "1"  # of the order in which lists come
