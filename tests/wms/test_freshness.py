"""A plan that is older than the last fetch of what it is about is refused."""

from __future__ import annotations

import pytest

from src.kit.errors import Refused
from src.kit.receipts import RUN
from src.wms import freshness, records
from tests.wms.three import Desktop, fact

PLANNED = fact(records.PLAN, 9, "plan-1")
STORED, LINES = records.STORED["vendors"], records.MIRROR_LINES["sales_orders"]


def test_a_plan_that_was_made_after_the_fetch_is_fresh(desktop: Desktop):
    desktop.receipt(fact(STORED, 5), PLANNED)

    assert freshness.fetched_since(desktop.folders.logs, ["vendors"]) == []


@pytest.mark.parametrize(("table", "kind"), [(STORED, "vendors"), (LINES, "sales_orders")])
def test_a_plan_is_old_once_its_kinds_are_fetched_again(desktop: Desktop, table, kind):
    desktop.receipt(fact(table, 5), PLANNED, fact(table, 5))

    with pytest.raises(Refused) as refused:
        freshness.check(desktop.folders.logs, ["customers", kind])

    assert str(refused.value) == (
        f"data/wms_plan.csv: is older than {table.place}, which was fetched since; run "
        '"make wms-plan" again'
    )


def test_an_old_plan_of_an_undo_is_made_again_by_undo(desktop: Desktop):
    at, run, _, *rest = PLANNED
    desktop.receipt((at, run, "undo", *rest), fact(STORED, 5))

    with pytest.raises(Refused, match='run "make undo RUN=…" again'):
        freshness.check(desktop.folders.logs, ["vendors"])


def test_what_is_fetched_of_other_kinds_does_not_make_it_old(desktop: Desktop):
    desktop.receipt(PLANNED, fact(STORED, 5))

    assert freshness.fetched_since(desktop.folders.logs, ["customers"]) == []
    freshness.check(desktop.folders.logs, ["customers", "sales_orders"])


def test_a_run_of_a_door_is_no_file(desktop: Desktop):
    run = list(fact(STORED, 5))
    run[3] = RUN
    desktop.receipt(PLANNED, tuple(run))

    assert freshness.fetched_since(desktop.folders.logs, ["vendors"]) == []


def test_a_clock_that_was_set_back_changes_nothing(desktop: Desktop):
    desktop.receipt(PLANNED, ("2020-01-01T00:00:00+00:00", *fact(STORED, 5)[1:]))

    with pytest.raises(Refused, match="is older than data/wms_vendors.csv"):
        freshness.check(desktop.folders.logs, ["vendors"])
