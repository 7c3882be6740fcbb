"""A dry run predicts what the run does; every record of any file ends in one place."""

from __future__ import annotations

from random import Random

import pytest

from src.kit import errors
from src.salespro.demo import FIRST_HEADER, SECOND_HEADER
from src.salespro.records import PLAN, REJECTS
from src.salespro.shapes import APPOINTMENTS
from tests.desk import Desk
from tests.exports import PAYLOADS, text_of
from tests.salespro.counter import Sales, row

FILES = 25  # random files, one after the other into one database
MOMENTS = ["", "soon", *(f"2025-06-{day:02}T00:00:00.000Z" for day in range(1, 5))]
AMOUNTS = ["", "", "5", "$1,234.50", "1,23", "-1", "0.10"]


def random_rows(dice: Random) -> list[list[str]]:
    return [
        row(
            dice.choice("abcdefghij") if dice.random() < 0.95 else "",
            dice.choice(MOMENTS),
            is_sale=dice.choice(["TRUE", "no", ""]),
            last=dice.choice(["Doe", "Poe", ""]),
            amount=dice.choice(AMOUNTS),
        )
        for _ in range(dice.randrange(14))
    ]


def random_file(sales: Sales, dice: Random):
    """Write random rows: all columns, without one, or of the second generation."""
    rows, kind = random_rows(dice), dice.randrange(4)
    if kind == 0:
        return sales.without(
            dice.choice(["saleAmount", "isSale", "customer.nameLast"]), *rows
        )
    if kind == 1:
        lines = [[*cells, dice.choice(["", "web", "tv"])] for cells in rows]
        header = [*SECOND_HEADER[:-1], dice.choice(["leadSource", "tag"])]
        return sales.export(*lines, header=header)
    return sales.export(*rows)


def planned_changes(sales: Sales) -> dict[tuple[str, str], str]:
    found = [plan for plan in sales.rows(PLAN) if plan.action == "updated"]
    return {(plan.id, plan.field): plan.after for plan in found}


def as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def cells_of(stored: list[tuple]) -> dict[tuple[str, str], str]:
    names = [*(field.name for field in APPOINTMENTS.fields), "source_data"]
    return {
        (key, name): as_text(value)
        for key, *values in stored
        for name, value in zip(names, values)
    }


@pytest.mark.parametrize("seed", range(3))
def test_a_dry_run_predicts_each_field_that_the_run_then_changes(sales, seed):
    dice = Random(seed)
    for _ in range(FILES if not sales.desk.settings["DATABASE_URL"] else FILES // 4):
        path, before = random_file(sales, dice), cells_of(sales.stored())
        size = str(dice.randrange(1, 5))
        dry = sales.take(path, "--dry-run", BATCH_SIZE=size)
        predicted, changes = sales.counts(), planned_changes(sales)
        assert cells_of(sales.stored()) == before

        real = sales.take(path, BATCH_SIZE=size)

        after = cells_of(sales.stored())
        assert (real, sales.counts()) == (dry, predicted)
        assert {k: v for k, v in after.items() if before.get(k, v) != v} == changes
        created = {plan.id for plan in sales.rows(PLAN) if plan.action == "created"}
        assert {key for key, _ in after.keys() - before.keys()} == created
        assert "NOT AS PREDICTED" not in sales.out and "EXPECTED" not in sales.out


def test_the_same_file_twice_in_a_row_changes_nothing_the_second_time(sqlite_sales):
    sales, dice = sqlite_sales, Random("twice")
    for _ in range(FILES):
        path = random_file(sales, dice)
        sales.take(path)
        before = sales.stored()

        sales.take(path)

        assert sales.stored() == before
        assert not {"created", "updated"} & sales.counts().keys()


def test_both_databases_have_the_same_rows_after_the_same_two_files(
    tmp_path, sqlite_sales, postgresql
):
    other = Sales(Desk(tmp_path / "other"), postgresql.fresh())
    names = [[*row(f"p{n}", last=text), "x"] for n, text in enumerate(PAYLOADS)]
    first = sqlite_sales.export(
        *names, *([*r, ""] for r in random_rows(Random(1))), header=SECOND_HEADER
    )
    second = sqlite_sales.export(*random_rows(Random(2)), *random_rows(Random(3)))

    for path in (first, second):
        assert sqlite_sales.take(path) == other.take(path) == errors.SOME_ROWS_FAILED

    assert sqlite_sales.stored() == other.stored()
    same = [f for f in sqlite_sales.history()[0] if f != "run_id"]
    for ours, theirs in zip(sqlite_sales.history(), other.history()):
        assert [ours[name] for name in same] == [theirs[name] for name in same]
    assert [r[2:] for r in sqlite_sales.rows(REJECTS)] == [
        r[2:] for r in other.rows(REJECTS)
    ]


# --- torture --------------------------------------------------------------------------


def malformed(dice: Random) -> bytes:
    """Return a file that a hundred things were done to."""
    lines = [text_of(cells) for cells in random_rows(dice) * 3]
    for _ in range(dice.randrange(8)):
        at = dice.randrange(len(lines) + 1)
        lines.insert(at, dice.choice(_ODD_LINES))
    header = text_of(FIRST_HEADER)
    data = (header + "".join(lines)).replace("\r\n", "\n").encode()
    if dice.random() < 0.3:
        cut = dice.randrange(len(header), len(data) + 1)
        data = data[:cut]
    if dice.random() < 0.3:
        data = data.replace(b"\n", b"\r\n")
    return data.replace(b"?NUL?", b"\0").replace(b"?BAD?", b"\xff\xfe\x81")


_ODD_LINES = [
    "a,b\n",
    ",,,,,,,,,,,\n",
    "\n",
    "   \n",
    '"never closed,1,2\n',
    'x"y,1,2\n',
    "?NUL?" + text_of(row("nul")),
    "?BAD?" + text_of(row("bytes")),
    text_of([*row("long"), "13"]),
    text_of(row("quoted", last='a "b" c')),
    text_of(row("lines", last="a\nb\n\nc")),
    ";;;;\n",
    "\t\t\n",
]


@pytest.mark.parametrize("seed", range(40))
def test_every_record_of_a_malformed_file_ends_in_exactly_one_place(sqlite_sales, seed):
    sales = sqlite_sales

    code = sales.take(sales.raw(malformed(Random(seed))))

    assert code in (errors.OK, errors.SOME_ROWS_FAILED), sales.desk.err
    counts = sales.counts()
    read = counts.pop("processed", 0)
    assert read == sum(counts.values())
    assert len(sales.rows(REJECTS)) == counts.get("rejected", 0)
    assert len(sales.stored()) == counts.get("created", 0)


def test_payloads_come_back_unchanged(sales):
    rows = [
        row(f"{n:02}", last=text, first=text, result=text)
        for n, text in enumerate(PAYLOADS)
    ]

    assert sales.take_rows(*rows) == errors.OK

    names = ("customer_last_name", "customer_first_name", "result_full_string")
    found = sales.values(*names)
    assert [found[f"{n:02}"] for n in range(len(PAYLOADS))] == [
        (t, t, t) for t in PAYLOADS
    ]


def test_payloads_as_ids_and_as_column_names_come_back_unchanged(sales):
    ids = [text for text in PAYLOADS if text == text.strip()]
    header = [*FIRST_HEADER, "'); DROP TABLE x;--", "=1+1"]

    assert (
        sales.take(sales.export(*([*row(i), i, "x"] for i in ids), header=header)) == 0
    )

    assert set(sales.values("is_sale")) == set(ids)
    assert sales.counts() == {"processed": len(ids), "created": len(ids)}
