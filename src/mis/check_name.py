"""The name that QuickBooks prints on checks: shorter than a DisplayName may be.

QuickBooks fills PrintOnCheckName with the DisplayName when a customer is made, whatever
its length, and refuses every later update of a customer that has one too long.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.mis.fitting import cut, width

CHECK_NAME = "PrintOnCheckName"
MOST = 110  # characters (Intuit's entity page of Customer)


def filled(display_name: str) -> dict[str, str]:
    """Return the field as it is sent where QuickBooks would fill in one too long."""
    return {CHECK_NAME: cut(display_name, MOST)} if width(display_name) > MOST else {}


def too_long(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the field as a record has it, where it is too long."""
    name = record.get(CHECK_NAME)
    return {CHECK_NAME: name} if isinstance(name, str) and width(name) > MOST else {}


def shortened(record: Mapping[str, Any], display_name: str) -> dict[str, str]:
    """Return the field as it is sent where a record's is too long; a short one stays.

    A customer that is renamed meanwhile has another `display_name`.
    """
    return {
        name: cut(display_name or old, MOST) for name, old in too_long(record).items()
    }
