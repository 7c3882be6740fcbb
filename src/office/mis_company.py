"""A company's customers as the room of the MIS needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from src.adapters.qbo import Change, Company, pages, quote
from src.kit.answers import UNKNOWN, Answer, Unanswered
from src.kit.retry import Courtesy
from src.mis.looking import Port, Record

CUSTOMER = "Customer"
EVERY_ONE = "Active in (true, false)"  # inactive ones are ours all the same
BATCHES_PER_MINUTE = 120  # of one company (Intuit, since October 2025)
_COUNT = f"select count(*) from {CUSTOMER} where {EVERY_ONE}"


def port(company: Callable[[], Company], manners: Courtesy) -> Port:
    """Return what is asked of a company, and sent to it, with courtesy.

    It is connected to when something is asked first.
    """
    ask = manners.asking(lambda statement: company().query(statement))

    def customers(where: str = "") -> Iterator[Record]:
        return pages(ask, CUSTOMER, f"where {where}{EVERY_ONE} orderby Id")

    def among(name: str, values: Sequence[str]) -> Iterator[Record]:
        return customers(f"{name} in ({', '.join(map(quote, values))}) and ")

    def batch(changes: Sequence[tuple[str, Record]], request_id: str) -> list[Answer]:
        made = [Change(one, CUSTOMER, record) for one, record in changes]
        return company().batch(made, request_id)

    def take_turn(changes: int) -> None:
        manners.take_turn(manners.pacer.weight(changes, BATCHES_PER_MINUTE))

    return Port(
        batch,
        customers,
        lambda moment: customers(f"MetaData.CreateTime >= {quote(moment)} and "),
        among,
        lambda: _counted(ask),
        take_turn,
    )


def _counted(ask: Callable[[str], dict[str, Any]]) -> int:
    found = ask(_COUNT).get("totalCount")
    if not isinstance(found, int):
        unclear = Answer(UNKNOWN, error="an answer of another shape")
        raise Unanswered("the count of customers", unclear)
    return found
