"""Stock that moved while QuickBooks could not list its adjustments."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from src.wms import levels, movements, records
from src.wms.fields import ADJUSTMENTS, ITEMS
from tests.wms.three import Desktop, Said, fact

ITEM = "inventory_items"
T9, T10, T11, T12, T13 = (f"2026-05-04T{hour:02}:00:00+00:00" for hour in range(9, 14))


def item(on_hand: str, at: str = T9) -> Said:
    return Said({"name": "Bolt", "full_name": "Bolt", "quantity_on_hand": on_hand}, at)


def moved(quantity: str, at: str, **more: str) -> Said:
    values = {"transaction_date": "2026-05-04", "account.id": "80-A"}
    local = {name: more.pop(name) for name in list(more) if name.startswith("cover")}
    lines = {"L": {"item.id": "80-I", "quantity_difference": quantity}}
    return Said({**values, **local}, at, lines, more=more)


def timed_out(
    desktop: Desktop, items: tuple, documents: Mapping[str, tuple] = {}
) -> None:
    """Write one item and some documents; the list of these did not come at 13 o'clock."""
    desktop.write(ADJUSTMENTS, documents)
    desktop.write("inventory_assembly_items", {})
    desktop.write(ITEM, {"1/80-I": items})
    levelled = fact(records.MIRROR[ITEM], 1)
    desktop.receipt((T13, *levelled[1:]))
    count = sum(three[2] is not None for three in documents.values())
    desktop.receipt(fact(records.MIRROR[ADJUSTMENTS], count, detail="list=timed_out"))


def planned(desktop: Desktop, *kinds: str) -> dict[str, str]:
    """Return the values that the warehouse gets of net changes, by field."""
    cards = desktop.plan(*(kinds or (ITEM, ADJUSTMENTS)))
    return {row.field: row.qbd for row in cards if row.rule == levels.NET_CHANGE}


def test_the_net_change_is_one_document_with_the_level_it_explains(desktop):
    timed_out(desktop, (item("10"), item("10"), item("7")))

    assert planned(desktop) == {
        "": "",
        "transaction_date": "2026-05-04",
        "memo": "Net change of stock while QuickBooks could not list its adjustments",
        "covers_from": T9,
        "covers_to": T13,
        "lines[new 1].item.id": "80-I",
        "lines[new 1].item.full_name": "Bolt",
        "lines[new 1].quantity_difference": "-3",
        "quantity_on_hand": "7",
    }


@pytest.mark.parametrize(
    ("sent_at", "now", "net"),
    [
        (T11, "15", ""),  # our +5 explains it
        (T11, "12", "-3"),  # 10 + 5 - 3
        (T11, "10", "-5"),  # nothing to be seen, and yet something moved
        ("2026-05-04T08:00:00+00:00", "15", "5"),  # was in the level already
    ],
)
def test_what_we_sent_since_is_not_counted_again(desktop, sent_at, now, net):
    ours = moved("5", sent_at)
    documents = {"9/T-9": (ours, ours, None)}
    timed_out(desktop, (item("10"), item("10"), item(now)), documents)

    found = planned(desktop)

    assert found.get("lines[new 1].quantity_difference", "") == net
    assert found["quantity_on_hand"] == now


# QuickBooks' clock is ahead of ours, behind it, or right.
CLOCKS = tuple(f"2026-05-04T{at}:00+00:00" for at in ("09:35", "08:05", "08:35"))


@pytest.mark.parametrize("made_at", CLOCKS)
def test_documents_that_were_known_when_the_level_was_agreed_on_are_in_it(
    desktop, made_at
):
    first_listed(desktop, T9, "2026-05-04T09:00:30+00:00")
    theirs = moved("5", "2026-05-04T09:00:30+00:00", created_at=made_at)
    timed_out(desktop, (item("15"), item("15"), item("15")), {"9/T-9": (theirs,) * 3})

    assert planned(desktop) == {}


@pytest.mark.parametrize("made_at", CLOCKS)
def test_documents_that_nobody_knew_of_then_count_as_moved_since(desktop, made_at):
    first_listed(desktop, T9, "2026-05-04T09:00:30+00:00")
    theirs = moved("5", "2026-05-04T09:40:00+00:00", created_at=made_at)
    timed_out(desktop, (item("10"), item("10"), item("15")), {"9/T-9": (theirs,) * 3})

    assert planned(desktop) == {"quantity_on_hand": "15"}


def test_a_document_of_long_ago_that_was_edited_since_is_in_the_level(desktop):
    theirs = moved("5", T12, created_at="2026-05-04T06:00:00+00:00")
    timed_out(desktop, (item("15"), item("15"), item("15")), {"9/T-9": (theirs,) * 3})

    assert planned(desktop) == {}


def test_a_list_that_did_not_come_says_nothing_about_what_is_in_a_level(desktop):
    first_listed(desktop, T9, T10)
    desktop.receipt((T12, *fact(records.MIRROR[ADJUSTMENTS], 1, "fetch-0", "list=timed_out")[1:]))
    theirs = moved("5", T11, created_at=T11)
    timed_out(desktop, (item("10"), item("10"), item("15")), {"9/T-9": (theirs,) * 3})

    assert planned(desktop) == {"quantity_on_hand": "15"}


def first_listed(desktop: Desktop, items_at: str, documents_at: str) -> None:
    """Write down one fetch of items and of documents."""
    desktop.receipt((items_at, *fact(records.MIRROR[ITEM], 1, "fetch-0")[1:]))
    place = records.MIRROR[ADJUSTMENTS]
    desktop.receipt((documents_at, *fact(place, 1, "fetch-0")[1:]))


def test_documents_that_quickbooks_listed_before_are_not_counted_again(desktop):
    theirs = moved("5", T11, created_at=T11)
    documents = {"/T-9": (None, None, theirs)}
    timed_out(desktop, (item("10"), item("10"), item("15")), documents)

    assert planned(desktop) == {"quantity_on_hand": "15"}


def test_a_document_that_waits_to_be_recorded_counts_in_the_net_document_of_its_time(
    desktop,
):
    net = moved("5", T10, covers_from=T9, covers_to=T11)
    late = moved("5", T12, created_at="2026-05-04T10:00:00+00:00")
    documents = {"net/": (None, net, None), "/T-9": (None, None, late)}
    timed_out(desktop, (item("15", T11), item("15", T11), item("18")), documents)

    assert planned(desktop)["lines[new 1].quantity_difference"] == "3"


def test_stock_that_did_not_move_makes_no_document(desktop):
    timed_out(desktop, (item("10"), item("10"), item("10")))

    assert planned(desktop) == {}


def test_the_same_facts_make_the_same_document(desktop):
    timed_out(desktop, (item("10"), item("10"), item("7")))

    once, again = (desktop.plan(ITEM, ADJUSTMENTS) for _ in range(2))

    assert once == again
    assert len({row.wms_id for row in once if row.kind == ADJUSTMENTS}) == 1


def test_the_cards_spell_the_document_again(desktop):
    timed_out(desktop, (item("10"), item("10"), item("7")))
    found = movements.levels(desktop.folders)

    document = levels.document_of(desktop.plan(ITEM, ADJUSTMENTS))

    assert document == levels.document(found, T13)
    assert levels.document_of([]) is None


def test_a_level_alone_is_held_while_its_documents_are_not_planned(desktop):
    timed_out(desktop, (item("10"), item("10"), item("7")))

    (card,) = desktop.plan(ITEM)

    assert (card.action, card.field) == ("hold", "quantity_on_hand")
    assert f"plan {ADJUSTMENTS} together with {ITEMS}" in card.reason


def test_a_level_is_an_ordinary_field_where_the_documents_were_listed(desktop):
    desktop.write(ITEM, {"1/80-I": (item("10"), item("10"), item("7"))})

    (card,) = desktop.plan(ITEM)

    assert (card.rule, card.winner) == ("only_qbd", "qbd")


NET = moved("-3", T13, covers_from=T9, covers_to=T13)


def test_a_net_document_stays_in_the_warehouse(desktop):
    desktop.write(ADJUSTMENTS, {"n/": (None, NET, None), "m/": (NET, NET, None)})

    assert desktop.plan(ADJUSTMENTS) == []


@pytest.mark.parametrize(
    ("made_at", "rules"),
    [
        ("2026-05-04T08:00:00+00:00", ["new_in_qbd"]),
        (T9, ["cover_unsure"]),
        ("2026-05-04T09:01:59+00:00", ["cover_unsure"]),
        ("2026-05-04T09:02:00+00:00", ["new_in_qbd", "covered"]),
        (T11, ["new_in_qbd", "covered"]),
        (T13, ["cover_unsure"]),
        ("2026-05-04T13:02:00+00:00", ["new_in_qbd"]),
    ],
)
def test_a_document_that_is_listed_later_counts_once(desktop, made_at, rules):
    theirs = moved("-3", made_at, created_at=made_at)
    desktop.write(ADJUSTMENTS, {"n/": (None, NET, None), "/T-9": (None, None, theirs)})

    cards = desktop.plan(ADJUSTMENTS)

    assert [row.rule for row in cards] == rules
    assert all(row.qbd == "n" for row in cards if row.rule == "covered")


def test_what_a_net_document_covers_is_no_movement(desktop):
    theirs = moved("-3", T11, created_at=T11)
    ours = moved("-3", T11, covered_by="n")
    timed_out(desktop, (item("10"), item("10"), item("10")), {"8/T-8": (ours, ours, theirs)})

    assert movements.moves(desktop.folders) == []


# --- documents that both sides know, changed in QuickBooks meanwhile ----------------------

LATER = "2026-05-04T14:00:00+00:00"


def known(desktop: Desktop, theirs: Said, agreed_at: str = T10, **ours: str) -> list:
    """Plan a document of 5 that was agreed on, beside a net document until 13 o'clock."""
    before = moved("5", agreed_at, **ours)
    documents = {"n/": (None, NET, None), "9/T-9": (before, before, theirs)}
    desktop.write(ADJUSTMENTS, documents)
    return desktop.plan(ADJUSTMENTS)


def changed(quantity: str = "9", revision: str = "2", **values: str) -> Said:
    """Return a document as QuickBooks has it by now."""
    found = moved(quantity, T11)
    return found._replace(revision=revision, values={**found.values, **values})


@pytest.mark.parametrize(
    ("theirs", "agreed_at"),
    [
        (changed(), T10),
        (changed(memo="theirs"), T10),
        (changed()._replace(at=LATER), T10),  # once more, after the time that counts
        (changed()._replace(lines={}), T10),
        (changed(revision="1"), LATER),  # the rest of a change that was decided in part
    ],
)
def test_a_movement_that_a_net_document_may_have_is_held(desktop, theirs, agreed_at):
    cards = known(desktop, theirs, agreed_at)

    assert {(row.action, row.rule) for row in cards} == {("hold", "cover_changed")}
    assert all("n may have that already" in row.reason for row in cards)


def test_a_deletion_that_a_net_document_may_have_says_so(desktop):
    gone = changed("5")._replace(more={"deleted_at": T11})

    (card,) = known(desktop, gone)

    assert (card.action, card.field, card.rule) == ("hold", "", "cover_changed")


@pytest.mark.parametrize(
    ("theirs", "agreed_at"),
    [
        (changed(), T13),  # agreed on since
        (changed("5", memo="theirs"), T10),  # moves nothing
    ],
)
def test_a_change_that_no_net_document_can_have_is_taken(desktop, theirs, agreed_at):
    cards = known(desktop, theirs, agreed_at)

    assert [row.rule for row in cards] == ["only_qbd"]


def test_a_change_of_what_counts_in_a_net_document_is_held(desktop):
    cards = known(desktop, changed(), LATER, covered_by="n")

    assert [row.rule for row in cards] == ["cover_changed"]


def test_our_own_change_of_a_movement_is_judged_as_ever(desktop):
    theirs, ours = changed("5"), moved("7", T11)
    documents = {"n/": (None, NET, None), "9/T-9": (moved("5", T10), ours, theirs)}
    desktop.write(ADJUSTMENTS, documents)

    (card,) = desktop.plan(ADJUSTMENTS)

    assert card.rule == "sent_movement"
