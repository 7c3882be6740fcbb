"""A held card takes the words that its reason tells, and no other."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from src.wms import brakes, fates, levels, limits, lines, matching, names, offers, truth
from src.wms.deciding import Cards
from src.wms.fields import KINDS
from src.wms.records import CREATE, DELETE, HOLD, INACTIVATE, LINK, UPDATE
from tests.wms.units import PLAN_RUN, card, signed

WORDS = ("wms", "qbd", "create", "link:80-1")
MODULES = (brakes, fates, levels, limits, lines, matching, names, truth)
ADJUSTMENT, CUSTOMER, ORDER = "inventory_adjustments", "customers", "sales_orders"
WHOLE = (CUSTOMER, "")


def held(rule, kind=CUSTOMER, field="", **given):
    row = card(KINDS[kind], field, "", action=HOLD, rule=rule, reason="why", **given)
    return offers.told(row)


def taken(row):
    """Return the words that carry something of a row out."""
    return [word for word in WORDS if Cards(PLAN_RUN).units([signed(row._replace(decision=word))])]


def told(row):
    """Return the words that a reason tells."""
    words = re.findall(r"\b(wms|qbd|create|link:)(?= |$|:|<)", row.reason)
    return [word for word in WORDS if word.partition("80")[0] in words]


@pytest.mark.parametrize("rule", offers.TABLE)
@pytest.mark.parametrize(("kind", "field"), [
    WHOLE, (ORDER, ""), (ADJUSTMENT, ""), (CUSTOMER, "phone"), (CUSTOMER, "balance"),
    (ORDER, "lines[7].quantity"), (ORDER, "lines[7]"),
])  # fmt: skip
@pytest.mark.parametrize("wms_id", ["w1", ""])
def test_a_held_card_takes_what_its_reason_tells_and_nothing_else(rule, kind, field, wms_id):
    row = held(rule, kind, field, wms_id=wms_id)

    assert taken(row) == told(row)


@pytest.mark.parametrize("module", MODULES)
def test_every_rule_that_holds_a_card_is_in_the_table(module):
    calls = [c for c in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(c, ast.Call)]

    rules = {getattr(module, name) for name in filter(None, map(holding, calls))}

    assert rules <= offers.TABLE.keys()


def holding(call):
    """Return what the rule is called that a call holds a card by, if it does."""
    called = getattr(call.func, "attr", getattr(call.func, "id", ""))
    given = [getattr(a, "id", getattr(a, "value", None)) for a in call.args]
    if called in ("hold", "held") or (called == "verdict" and given[1:2] == [""]):
        return given[0] if isinstance(given[0], str) else ""
    return given[2] if called == "Fate" and given[0] == "HOLD" and given[2] != "rule" else ""


def test_rules_that_nobody_wins_are_in_the_table():
    rules = [truth.TOO_CLOSE, truth.SENT_MOVEMENT, truth.DELETED_IN_WMS, truth.DELETED_IN_QBD]

    assert {truth.verdict(rule).winner for rule in rules[:2]} == {""}
    assert offers.TABLE.keys() >= set(rules)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (held(truth.DELETED_IN_QBD, ADJUSTMENT), ["qbd"]),
        (held(truth.DELETED_AND_CHANGED, ORDER), ["wms", "qbd"]),
        (held(matching.AMBIGUOUS, ORDER), ["create", "link:80-1"]),
        (held(matching.AMBIGUOUS, CUSTOMER), ["link:80-1"]),
        (held(matching.AMBIGUOUS, CUSTOMER, wms_id=""), ["create"]),
        (held(levels.COVER_UNSURE, ADJUSTMENT, wms_id=""), ["create"]),
        (held(truth.ONE_WAY, "invoices"), ["qbd"]),
        (held(fates.OTHER_ID), []),
        (held(limits.LIMIT), []),
        (held(limits.LIMIT, field="phone"), ["qbd"]),
        (held(truth.TOO_CLOSE, "vendors", "phone"), ["wms", "qbd"]),
        (held(brakes.FLIPS, field="balance"), ["qbd"]),
        (held(truth.SENT_MOVEMENT, ADJUSTMENT, "memo"), ["qbd"]),
        (held(lines.UNKNOWN_LINE, ORDER, "lines[7]"), []),
        (held("a rule of nobody"), []),
    ],
)
def test_the_words_of_a_rule(row, words):
    assert taken(row) == words


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (CREATE, ["create", "link:80-1"]),
        (LINK, ["create", "link:80-1"]),
        (INACTIVATE, ["wms", "qbd"]),
        (DELETE, ["wms", "qbd"]),
        (UPDATE, []),
    ],
)
def test_a_proposal_takes_what_may_be_done_instead(action, words):
    assert taken(card(KINDS[CUSTOMER], "", "", action=action)) == words


def test_a_word_that_is_not_offered_is_held_by_name():
    cards = Cards(PLAN_RUN)

    cards.units([signed(held(truth.DELETED_IN_QBD, ADJUSTMENT)._replace(decision="create"))])

    assert cards.held[0].reason == (
        "the decision 'create' means nothing here; why; decide qbd: its state goes to the "
        "warehouse, or skip"
    )


def test_a_level_that_waits_for_its_document_goes_nowhere():
    cards = Cards(PLAN_RUN)

    units = cards.units([signed(held(levels.NET_CHANGE, "inventory_items", "quantity_on_hand"))])

    assert (units, cards.net, cards.waiting) == ([], [], 1)


@pytest.mark.parametrize("action", [CREATE, UPDATE])
def test_only_what_is_held_tells_its_words(action):
    row = card(KINDS[CUSTOMER], "", "", action=action, rule=truth.TOO_CLOSE, reason="why")

    assert offers.told(row) == row
