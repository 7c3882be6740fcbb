"""Plans of random histories: what differs is found, and carried out it is over."""

from __future__ import annotations

from random import Random

import pytest

from src.wms import truth
from src.wms.comparing import Change, Rule, Sides, Three, changes, is_changed
from src.wms.fields import CUSTOMERS, KINDS, SALES_ORDERS, VENDORS, places
from src.wms.planning import Tally
from src.wms.records import HOLD, QBD, WMS, Planned
from src.wms.truth import verdict
from tests.wms.three import LATER, LATEST, NOON, Desktop, Said, cells

FIELDS = {
    "customers": ("name", "phone", "email", "company_name", "balance"),
    "vendors": ("name", "phone", "first_name", "billing_address.city"),
    "service_items": ("name", "description", "sales_description"),
    "purchase_orders": ("ref_number", "memo", "due_date", "total_amount"),
    "invoices": ("ref_number", "due_date", "balance_remaining"),
}
TIMES = (NOON, LATER, LATEST)


def history(kind: str, dice: Random) -> tuple[Said, Said, Said]:
    """Return a record that was agreed on, as each side has edited it since."""
    base = {name: f"{name} {dice.randint(1, 3)}" for name in FIELDS[kind]}
    sides = []
    for _ in (WMS, QBD):
        edited = {n: f"{n} {dice.randint(1, 3)}" for n in base if dice.random() < 0.3}
        at = dice.choice(TIMES) if edited else NOON
        sides.append(Said({**base, **edited}, at, revision=at))
    numeric = {"balance", "total_amount", "balance_remaining"}
    return tuple(
        one._replace(
            values={n: v[-1] if n in numeric else v for n, v in one.values.items()}
        )
        for one in (Said(base, revision=NOON), *sides)
    )


def carried_out(three: tuple, cards: list[Planned]) -> tuple:
    """Return a record after its cards: the loser and the base have the winner's value."""
    base, wms, qbd = (dict(one.values) for one in three)
    for name in base:
        base[name] = wms[name] if wms[name] == qbd[name] else base[name]
    for card in cards:
        if card.winner:
            won = card.wms if card.winner == WMS else card.qbd
            base[card.field] = wms[card.field] = qbd[card.field] = won
    return tuple(one._replace(values=v) for one, v in zip(three, (base, wms, qbd)))


def histories(desktop: Desktop, kind: str, seed: int) -> dict[str, tuple]:
    dice = Random(seed)
    rows = {f"{n:02}/80-{n}": history(kind, dice) for n in range(60)}
    desktop.write(kind, rows)
    return rows


def of_record(cards: list[Planned], ids: str) -> list[Planned]:
    return [card for card in cards if f"{card.wms_id}/{card.id}" == ids]


@pytest.mark.parametrize("kind", FIELDS)
@pytest.mark.parametrize("seed", range(3))
def test_a_plan_that_was_carried_out_leaves_only_what_was_held(desktop, kind, seed):
    rows = histories(desktop, kind, seed)
    cards = desktop.plan(kind, is_forced=True)
    held = {(card.wms_id, card.field) for card in cards if card.action == HOLD}

    after = {ids: carried_out(three, of_record(cards, ids)) for ids, three in rows.items()}
    desktop.write(kind, after)
    again = desktop.plan(kind, is_forced=True)

    assert {(card.wms_id, card.field) for card in again} == held


@pytest.mark.parametrize("kind", FIELDS)
def test_every_difference_between_the_sides_has_a_card(desktop, kind):
    rows = histories(desktop, kind, 7)

    found = {(c.wms_id, c.field) for c in desktop.plan(kind, is_forced=True)}

    for ids, (_, wms, qbd) in rows.items():
        for name in FIELDS[kind]:
            if wms.values[name] != qbd.values[name]:
                assert (ids.partition("/")[0], name) in found


@pytest.mark.parametrize("kind", FIELDS)
def test_no_value_is_lost_that_no_card_shows(desktop, kind):
    histories(desktop, kind, 11)

    for card in desktop.plan(kind, is_forced=True):
        loser = {WMS: card.qbd, QBD: card.wms}.get(card.winner, card.base)
        is_lost = loser not in (card.base, card.wms if card.winner == WMS else card.qbd)

        assert card.discarded == (loser if is_lost else "")


@pytest.mark.parametrize("kind", FIELDS)
def test_every_record_is_counted_once(desktop, kind):
    histories(desktop, kind, 13)
    planner = desktop.planner(kind, is_forced=True)

    cards = list(planner.rows())

    tally = planner.tally
    assert tally.read == 60 == tally.same + tally.planned + tally.held
    assert sum(tally.cards.values()) == len(cards)
    assert len({card.row for card in cards}) == len(cards)


def test_the_bill_is_in_minutes_and_counts_records_not_fields():
    tally = Tally()
    tally.requests = 100

    assert tally.bill == (
        "100 request(s) to QuickBooks, one at a time, 3 to 6 s each: "
        "about 5 to 10 minute(s)"
    )


# --- single fields --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wms_at", "qbd_at", "skew", "later"),
    [
        (LATER, NOON, 120, "wms"),
        (NOON, LATER, 120, "qbd"),
        (NOON, "2026-05-04T12:01:59+00:00", 120, ""),
        (NOON, "2026-05-04T12:02:00+00:00", 120, "qbd"),
        (NOON, NOON, 0, ""),
        (NOON, "2026-05-04T12:00:00.000001+00:00", 0, "qbd"),
        (NOON, "2026-05-04T14:00:00+02:00", 120, ""),
        ("", NOON, 120, ""),
        (NOON, "", 120, ""),
    ],
)
def test_the_later_side_is_told_only_beyond_the_skew(wms_at, qbd_at, skew, later):
    assert truth.later_side(wms_at, qbd_at, skew) == later


@pytest.mark.parametrize(
    ("winner", "sides", "discarded"),
    [
        (WMS, Sides("b", "w", "q"), "q"),
        (QBD, Sides("b", "w", "q"), "w"),
        (WMS, Sides("b", "w", "b"), ""),
        (QBD, Sides("b", "b", "q"), ""),
        (QBD, Sides("b", "w", "b"), "w"),
        ("", Sides("b", "w", "q"), ""),
    ],
)
def test_what_is_discarded_is_an_edit_of_the_loser(winner, sides, discarded):
    change = Change("phone", sides, verdict(truth.LATEST, winner, "because"))

    assert change.discarded == discarded


CUSTOMER = KINDS[CUSTOMERS]


def differences(base: dict, wms: dict, qbd: dict, type_word: str = VENDORS) -> list[str]:
    """Return what differs of a customer's fields by the rules of a type."""
    three = Three(*(cells(CUSTOMER.fields, side) for side in (base, wms, qbd)))
    found = changes(CUSTOMER.fields, three, Rule(type_word, ""))
    return [f"{c.field} {c.target} {c.verdict.rule}" for c in found]


NET, CASH = {"terms.id": "1", "terms.name": "Net"}, {"terms.id": "2", "terms.name": "Cash"}


@pytest.mark.parametrize(
    ("wms", "qbd", "expected"),
    [
        (NET, CASH, ["terms.id wms only_qbd", "terms.name wms follows"]),
        (CASH, NET, ["terms.id qbd only_wms"]),
        ({**CASH, "terms.name": "Net"}, NET, ["terms.id qbd only_wms"]),
        (NET, {**NET, "terms.name": "Net 30"}, ["terms.name wms only_qbd"]),
        ({**NET, "terms.name": "?"}, NET, ["terms.name wms not_writable"]),
    ],
)
def test_a_name_goes_with_its_id(wms, qbd, expected):
    assert differences(NET, wms, qbd) == expected


def test_what_is_the_warehouse_s_own_is_no_difference():
    fields = KINDS["inventory_adjustments"].fields
    plain, covered = cells(fields, {}), cells(fields, {"covered_by": "n"})

    assert changes(fields, Three(plain, covered, plain), Rule("inventory_adjustments", "")) == []
    assert not is_changed(fields, plain, covered)


def test_a_name_that_changed_elsewhere_is_no_edit():
    at = places(KINDS[SALES_ORDERS])
    before = cells(KINDS[SALES_ORDERS].fields, {"customer.id": "1", "memo": "m"})
    after = list(before)
    after[at["customer.full_name"]] = "Renamed"

    assert not is_changed(KINDS[SALES_ORDERS].fields, before, after)
    after[at["memo"]] = "other"
    assert is_changed(KINDS[SALES_ORDERS].fields, before, after)
