"""Whether a plan still speaks of what is there: nothing was fetched after it was made."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from src.kit.errors import Refused
from src.kit.receipts import FILE, Receipt
from src.wms.records import MIRROR, PLAN, PLAN_IT, STORED


def check(receipts: Iterable[Receipt], kinds: Collection[str]) -> None:
    """Raise Refused where a side of these kinds was fetched after the last plan.

    Receipts are told by their order: no clock is asked.
    """
    sides = {table[kind].place for table in (MIRROR, STORED) for kind in kinds}
    newer = ""
    for receipt in receipts:
        if receipt.kind == FILE and receipt.subject == PLAN.place:
            newer = ""
        elif receipt.kind == FILE and receipt.subject in sides:
            newer = newer or receipt.subject
    if newer:
        raise Refused(
            f'{PLAN.place}: was made before {newer} was fetched; run "{PLAN_IT}" again'
        )
