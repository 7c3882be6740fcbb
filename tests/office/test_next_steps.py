"""Every next step is one that works, and after it another one comes."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from src import (
    build_attachment_inventory,
    csv_salespro_appointments,
    customers_check,
    customers_import,
    customers_match,
    download_mapping_demo,
    mapping_verifier,
    mis_fetch,
    mis_plan,
    mis_push,
    qbo_attach_demo,
    undo,
    wms_apply,
    wms_demo,
    wms_fetch,
    wms_plan,
)
from src.kit import receipts
from src.kit.errors import OK, SOME_ROWS_FAILED, STOPPED_EARLY
from src.mis.records import APPLICANT
from src.office import connect_database, next_steps, overview
from src.office.next_steps import ALL_DONE, Left
from src.office.pipelines import ALL, ATTACHMENTS, CUSTOMERS, MIS, SALESPRO, WMS
from src.wms import covering
from tests.desk import Desk
from tests.mis.university import University
from tests.salespro.counter import Sales, row

MAKEFILE = (Path(__file__).parents[2] / "Makefile").read_text()
DOORS = {
    "make mapping": download_mapping_demo,
    "make inventory": build_attachment_inventory,
    "make verify": mapping_verifier,
    "make attach": qbo_attach_demo,
    "make customers": customers_check,
    "make customers-match": customers_match,
    "make customers-import": customers_import,
    "make salespro": csv_salespro_appointments,
    "make wms-fetch": wms_fetch,
    "make wms-plan": wms_plan,
    "make wms-apply": wms_apply,
    "make mis-fetch": mis_fetch,
    "make mis-plan": mis_plan,
    "make mis-push": mis_push,
}
EXPORT = "QuickBooks Internal Id,Customer Name,Credit Limit\n"


def step(desk: Desk, name: str) -> str:
    found = overview.Watch(desk.config).standings()
    return next(one.next_step for one in found if one.name == name)


def ran(desk: Desk, command: str) -> None:
    door = next(DOORS[one] for one in sorted(DOORS, key=len)[::-1] if command.startswith(one))
    assert desk.run(door) in (OK, SOME_ROWS_FAILED, STOPPED_EARLY), desk.err


def walked(desk: Desk, name: str) -> list[str]:
    """Type each next step until it is a person's turn; return them all."""
    steps = [step(desk, name)]
    while re.match("make [a-z-]+(?= for |$)", steps[-1]) and len(steps) < 9:
        ran(desk, steps[-1])
        steps.append(step(desk, name))
        assert steps[-1] != steps[-2]
    return steps


def take_back(desk: Desk, door: str) -> None:
    """Plan to take the first run of a door back."""
    told = [r for r in receipts.read(desk.logs) if (r.door, r.kind) == (door, "run")]
    assert desk.run(undo, told[0].run_id) in (OK, SOME_ROWS_FAILED), desk.err


@pytest.fixture
def university(desk):
    """Return a desk with a MIS of three."""
    file = desk.config.mis_database_file
    with closing(connect_database.opened("", file, "MIS")) as database:
        University(database).many(APPLICANT, 3, first_name="Aline")
    return desk


@pytest.fixture
def warehouse(desk):
    """Return a desk with the demo's warehouse, everything applied once."""
    for door, *words in ((wms_demo, "make"), (wms_fetch,), (wms_plan,), (wms_apply,)):
        desk.run(door, *words)
    return desk


# --- walks ----------------------------------------------------------------------------


def test_attachments_lead_from_nothing_to_the_end_and_through_an_undo(desk):
    desk.files("a.pdf")
    first = walked(desk, "attachments")

    take_back(desk, "qbo_attach_demo")

    there = ["make mapping", "make inventory", "make verify", "make attach", ALL_DONE]
    assert first == there
    steps = walked(desk, "attachments")
    assert steps[:4] == ["make attach", "make verify", "make attach", steps[-1]]
    assert steps[-1].startswith("decide about 1 held in logs/mapping_verification_log.csv")


def test_an_upload_that_had_nothing_to_send_leads_to_who_decides(desk):
    desk.file("Client/Txn/80ABC-1409571840/lost.pdf")

    steps = walked(desk, "attachments")

    assert steps[-2] == "make attach"
    assert steps[-1] == (
        "decide about 1 held in logs/mapping_verification_log.csv, then make attach"
    )


def test_an_undo_does_not_lead_back_to_errors_of_long_ago(desk):
    desk.files("a.pdf", "b.pdf")
    desk.scenario(",b.pdf,200:6041")
    desk.prepare()
    desk.upload()
    take_back(desk, "qbo_attach_demo")

    desk.upload()

    assert step(desk, "attachments") == "make verify"


def test_customers_of_the_mis_lead_to_the_end_and_through_an_undo(university):
    first = walked(university, "mis")

    take_back(university, "mis_push")

    there = ["make mis-fetch", "make mis-plan", "make mis-push", ALL_DONE]
    assert first == there
    steps = walked(university, "mis")
    assert steps[:4] == ["make mis-push", *there[:3]]
    assert "decide in data/mis_plan.csv, then make mis-push" in steps[4]


def test_the_warehouse_leads_to_a_person_and_through_an_undo(warehouse):
    first = step(warehouse, "wms")

    warehouse.run(wms_fetch)
    take_back(warehouse, "wms_apply")

    steps = walked(warehouse, "wms")
    assert steps[:4] == ["make wms-apply", "make wms-fetch", "make wms-plan", "make wms-apply"]
    assert first == steps[-1] == (
        "logs/wms_errors.csv, decide in data/wms_plan.csv, then make wms-apply"
    )


def test_errors_that_the_plan_leaves_out_are_to_be_planned_first(warehouse):
    for door in (wms_plan, wms_apply):
        warehouse.run(door, *["customers"][: door is wms_plan])
    partial = step(warehouse, "wms")

    warehouse.run(wms_plan)

    assert partial == "logs/wms_errors.csv, then make wms-plan for all types"
    assert walked(warehouse, "wms")[0] == "make wms-apply"
    assert "decide in data/wms_plan.csv" in step(warehouse, "wms")


def test_customers_lead_to_the_held_ones_then_to_the_export(desk):
    export = desk.root / "export.csv"
    export.write_text(EXPORT + "1,Acme,\n,Twin,1\n,TWIN,2\n3,Bad,many\n")
    desk.run(customers_check, str(export))
    steps = walked(desk, "customers")
    plan = desk.path(CUSTOMERS.steps[1][0])
    plan.write_text(plan.read_text("utf-8-sig").replace(",,hold", ",skip,hold"), "utf-8-sig")

    desk.run(customers_import)

    decide = "decide in data/customers_plan.csv, then make customers-import"
    assert steps[:2] == ["make customers-match", "make customers-import"]
    assert steps[2] == f"logs/customers_errors.csv, {decide}"
    assert step(desk, "customers") == (
        "logs/customers_errors.csv, mend it in the export, "
        "then make customers FILE=export.csv"
    )


def test_appointments_lead_to_salespro_and_from_earlier_files_too(desk):
    sales = Sales(desk, "")
    sales.take_rows(row("a"), row("x", "soon"))
    now = step(desk, "salespro")

    sales.take_rows(row("b"))

    again = "then make salespro FILE=export.csv"
    assert now == f"logs/salespro_errors.csv, mend it in SalesPro, {again}"
    assert step(desk, "salespro") == (
        f"mend what logs/salespro_runlog.csv says was rejected or held, {again}"
    )


# --- states ---------------------------------------------------------------------------

NOTHING = Left(Counter(), frozenset(), 0, 0, ())


def said(desk: Desk, pipeline, **left) -> str:
    """Return the step where every table is there, each later than what it is of."""
    for tables in pipeline.steps:
        for table in tables:
            desk.path(table).write_bytes(b"")
    return next_steps.next_step(desk.config, pipeline, NOTHING._replace(**left))


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("held", "decide in data/mis_plan.csv, then make mis-push"),
        ("failed", "mend it in the MIS, then make mis-sync"),
        ("updated", "mend it in the MIS, then make mis-sync"),
    ],
)
def test_only_what_is_held_is_decided_in_the_plan(desk, outcome, told):
    found = said(desk, MIS, errors=Counter({outcome: 5}))

    assert found == f"logs/mis_errors.csv, {told}"


def test_what_failed_in_the_warehouse_is_mended_and_synchronized(desk):
    told = receipts.Receipt("", "r", "", covering.TYPES, WMS.plan.place, "", "", "types=items", "")

    found = said(desk, WMS, errors=Counter(failed=1), types={"items"}, told=[told])

    assert found.endswith("mend it in the warehouse or QuickBooks, then make wms-sync")


def test_doubts_come_before_errors(desk):
    found = said(desk, MIS, errors=Counter(failed=1), in_doubt=1)

    assert found == "make mis-push, then decide what is left in doubt"


def test_errors_of_now_come_before_those_of_earlier_files(desk):
    found = said(desk, SALESPRO, errors=Counter(rejected=1), earlier=3)

    assert found.startswith("logs/salespro_errors.csv")


@pytest.mark.parametrize("pipeline", ALL, ids=lambda one: one.name)
def test_every_step_is_a_target_of_the_makefile(desk, pipeline):
    states = [
        {},
        dict(errors=Counter(held=1)),
        dict(errors=Counter(failed=1)),
        dict(errors=Counter(failed=1), types={"items"}),
        dict(in_doubt=1),
        dict(earlier=1),
    ]

    steps = [said(desk, pipeline, **state) for state in states]
    steps += [pipeline.after_undo or ALL_DONE, *(t.made_by for s in pipeline.steps for t in s)]

    for one in {*steps} - {ALL_DONE}:
        [target] = re.findall("make ([a-z-]+)", one)
        assert re.search(f"^(?:[a-z-]+ )*{target}(?: [a-z-]+)*:.*##", MAKEFILE, re.MULTILINE), one


def test_a_plan_that_cannot_be_read_takes_nothing_back(desk):
    desk.path(ATTACHMENTS.plan).write_bytes(b"\x00no table")

    assert not next_steps.is_taken_back(desk.config, ATTACHMENTS)
