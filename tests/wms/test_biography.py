"""A record's biography on both sides: cards, winners, what was lost, attempts."""

from __future__ import annotations

import pytest

from src.kit import judgements
from src.wms.records import PLAN, RUNLOG
from tests.desk import Desk
from tests.told import Told
from tests.wms.both import CUSTOMER, Both


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Return two sides on which both have changed one phone, and one has deleted."""
    both = Both(Desk(tmp_path_factory.mktemp("both")))
    both.create("customers", name="Alder", phone="1")
    gone = both.create("customers", name="Birch", phone="1")
    both.sync()
    stored = both.stored(CUSTOMER)
    both.change("customers", stored["Alder"].head.wms_id, phone="2")
    both.edit("customers", stored["Alder"].head.id, phone="3")
    both.change("customers", stored["Birch"].head.wms_id, phone="2")
    both.remove("customers", gone["id"])
    both.sync()
    return both


def told(both: Both, key: str) -> Told:
    return Told(both.desk, key)


def head(both: Both, name: str):
    return both.stored(CUSTOMER)[name].head


def test_a_record_is_found_by_either_id_its_name_and_its_key(both):
    alder = head(both, "Alder")
    key = next(row.key for row in both.log() if row.name == "Alder")

    titles = {
        told(both, one).only["title"] for one in (alder.id, alder.wms_id, "alder", key)
    }

    assert titles == {
        f"customers “Alder” (warehouse {alder.wms_id}, QuickBooks {alder.id})"
    }


def test_both_sides_and_what_they_agreed_on_are_told(both):
    found = told(both, "Alder")

    assert any("phone=“2”" in line for line in found.chapter("Warehouse"))
    assert "has phone=“3”" in found.chapter("QuickBooks")
    assert "has phone=“1”" in found.chapter("Both agreed")


def test_a_conflict_tells_all_three_values_the_winner_and_what_was_lost(both):
    lines = "\n".join(told(both, "Alder").chapter("Plan"))

    assert "base “1”, warehouse “2”, QuickBooks “3”" in lines
    assert "QuickBooks wins by the rule qbd_wins, and “2” is lost" in lines


def test_an_applied_plan_names_its_run(both):
    lines = told(both, "Alder").chapter("Plan")

    runs = [line for line in lines if line.startswith("data/plans/")]
    assert runs == sorted(
        f"data/plans/{run}.csv, applied by run {run}" for run in _runs(both)
    )


def _runs(both: Both) -> set[str]:
    return {row.run_id for row in both.desk.rows(RUNLOG) if row.name == "Alder"}


def test_what_is_planned_and_applied_is_done(both):
    found = told(both, "Alder")

    assert found.state.startswith("both sides have it, and nothing is planned since")
    assert found.next_step == "nothing to do"


def test_what_waits_for_a_person_says_what_to_decide(both):
    [card] = [card for card in both.cards if card.name == "Birch"]

    found = told(both, card.row)

    assert found.state.startswith("it waits for a person: deleted in QuickBooks")
    assert (
        found.next_step == f"decide row {card.row} in {PLAN.place}, then make wms-apply"
    )


def test_a_decision_is_told(both, desk):
    other = Both(desk)
    other.become(both)
    other.decide("wms", name="Birch")
    said = (
        other.clock.timestamp(),
        "r1",
        "wms",
        f"customers|{head(both, 'Birch').wms_id}",
    )
    judgements.append(desk.config.data_dir, [(*said, "skip", "it was asked")])

    lines = told(other, "Birch").chapter("Decision")

    assert lines[0].startswith("wms (row r")
    assert lines[1].endswith("skip, asked because it was asked")


def test_what_was_decided_and_not_applied_yet_is_planned(both, desk):
    other = Both(desk)
    other.become(both)
    other.decide("wms", name="Birch")

    assert told(other, "Birch").state == "1 change(s) are planned and not applied"


def test_the_attempts_name_their_side(both):
    lines = "\n".join(told(both, "Alder").chapter("Attempts"))

    assert "created  create, in wms" in lines
    assert "updated  update, in wms, phone" in lines


def test_a_record_is_found_by_its_type_and_id(both):
    birch = head(both, "Birch")
    type_ = next(row.type for row in both.log() if row.name == "Birch")

    assert "“Birch”" in told(both, f"{type_} {birch.wms_id}").only["title"]
