"""Every page is there before anything was ever run."""

import pytest

from src.office.pages.log_tables import LOGS
from src.office.pages.plan_sights import PLANS

PLACES = [
    *("/logs", "/plans", "/runs", "/sync/wms", "/sync/mis"),
    *("/sync/wms/history", "/sync/mis/history", "/sync/wms/progress"),
    *(f"/logs/{name}" for name in LOGS),
    *(f"/plans/{name}" for name in PLANS),
]


@pytest.mark.parametrize("place", PLACES)
def test_a_page_is_there_before_anything_was_run(visitor, place):
    assert visitor.see(place)


@pytest.mark.parametrize(
    "place",
    [
        "/logs/mis_customers",
        "/logs/qbo_names.csv",
        "/logs/..%2Freceipts",
        "/plans/mis_customers",
        "/plans/receipts",
        "/runs/nobody",
        "/sync/wms/history/nobody",
        "/logs/judgements.csv",
    ],
)
def test_what_is_not_in_the_table_is_not_there(visitor, place):
    assert visitor.ask(place).status == 404


@pytest.mark.parametrize("place", ["/logs/receipts", "/plans/wms_plan", "/runs"])
@pytest.mark.parametrize("query", ["x=1", "page=0", "page=1&page=2", "page=x", "page=9e9"])
def test_a_query_that_means_nothing_is_refused(visitor, place, query):
    assert visitor.ask(f"{place}?{query}").status == 400
