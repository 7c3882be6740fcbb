"""Either database: the same rows from the same exports, and every text as it was."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from src.customers.records import CHECKED, PLAN
from src.kit import errors
from tests.customers.register import Register, Row, customer
from tests.desk import Desk
from tests.exports import PAYLOADS
from tests.kit import hostile

TEXTS = [
    *PAYLOADS,
    *(text for text in hostile.MEASURED + hostile.ODD if "\0" not in text),
    "\ufdfa" * 60,
    "é" * 255,
    "\U0001f4bb" * 255,
    "İstanbul ΣΑΣ ß",
    "$$ ; SELECT pg_sleep(9); --",
    "\\copy customers to program 'id'",
    "\\! id",
    "x' OR '1'='1",
]
VALID = [t for t in TEXTS if t in PAYLOADS or (t.strip() and t.isprintable())]


def collapsed(text: str) -> str:
    return " ".join(text.split())


def test_texts_as_names_come_back_unchanged(register):
    rows = [customer(text, str(n)) for n, text in enumerate(VALID)]

    assert register.take(*rows) == errors.OK, register.desk.err

    assert register.names() == {str(n): text.strip(" ") for n, text in enumerate(VALID)}


def test_texts_in_other_fields_come_back_unchanged(register):
    fields = ("company_name", "first_name", "terms", "billing_line2", "shipping_city")
    texts = [text for text in VALID if len(text) <= 100]
    rows = [customer("C", str(n), **dict.fromkeys(fields, t)) for n, t in enumerate(texts)]

    assert register.take(*rows) == errors.OK, register.desk.err

    for n, row in sorted(register.customers().items()):
        expected = collapsed(texts[int(n)])
        assert {row[field] for field in fields[:3]} == {expected}
    lines = {row[0] for row in register.query("SELECT line2 FROM addresses", "t")}
    assert lines - {""} <= set(map(collapsed, texts)) and len(lines) > 100


def test_texts_as_ids_find_their_records_again(register):
    ids = sorted({text.strip() for text in VALID if len(text.strip()) <= 64})
    rows = [customer("C", id) for id in ids]

    assert register.take(*rows) == errors.OK, register.desk.err
    assert set(register.names()) == set(ids)
    before = register.stored()
    assert register.take(*rows) == errors.OK

    assert register.stored() == before


def test_texts_in_columns_without_a_home_come_back_unchanged(register):
    rows = [{**customer("C", str(n)), "Notes": t, "'); DROP--": t} for n, t in enumerate(VALID)]

    assert register.take(*rows) == errors.OK, register.desk.err

    for n, row in register.customers().items():
        found = json.loads(row["source_data"])
        assert found == {"Notes": VALID[int(n)], "'); DROP--": VALID[int(n)]}


def test_texts_are_planned_as_they_stand(sqlite_register):
    rows = [customer(text, str(n)) for n, text in enumerate(VALID)]
    sqlite_register.take(*rows)

    for table in (CHECKED, PLAN):
        names = [row.name for row in sqlite_register.rows(table)]
        assert names == [text.strip(" ") for text in VALID]
        lines = sqlite_register.desk.path(table).read_bytes().count(b"\n")
        assert lines == len(VALID) + 1


# --- both -----------------------------------------------------------------------------


def random_export(dice: Random) -> list[Row]:
    """Return rows with a little of everything, bad values too."""
    pick = dice.choice
    return [
        customer(
            pick(["Acme LLC", "ACME", "Zoë Müller", "Müller, Zoë", "Jo Smith", "---", "日本"]),
            pick(["", "", "1", "2", "3", "80-4"]),
            main_email=pick(["", "a@acme.com;b@acme.com", "bob@gmail.com", "none"]),
            main_phone=pick(["", "555-123-4567 x1", "ask Bob"]),
            mobile=pick(["", "+250 788 123 456"]),
            billing_line1=pick(["", "1 Main St", "1 MAIN ST", "Straße 5"]),
            billing_city=pick(["", "Springfield"]),
            shipping_line1=pick(["", "1 Main St"]),
            credit_limit=pick(["", "$1,234.50", "-0", "9999999999999.99", "1,2"]),
            modified_on=pick(["", "01-02-2025", "01-03-2025"]),
            status=pick(["", "true", "false"]),
            terms=pick(["", "N30", "=1+1"]),
            Notes=pick(["", "two\nlines", "\\N"]),
        )
        for _ in range(dice.randrange(4, 14))
    ]


@pytest.mark.parametrize("seed", range(5))
def test_two_exports_give_the_same_rows_in_both(tmp_path: Path, postgresql, seed):
    dice = Random(seed)
    ours = Register(Desk(tmp_path / "sqlite"), "")
    theirs = Register(Desk(tmp_path / "postgresql"), postgresql.fresh())

    for _ in range(2):
        rows, size = random_export(dice), str(dice.randrange(1, 6))
        codes = {one.take(*rows, BATCH_SIZE=size) for one in (ours, theirs)}

        assert len(codes) == 1
        assert ours.stored() == theirs.stored()
        assert [p[:-1] for p in ours.rows(PLAN)] == [p[:-1] for p in theirs.rows(PLAN)]
        assert ours.errors() == theirs.errors() and ours.outcomes() == theirs.outcomes()
        assert ours.take(*rows) == theirs.take(*rows)
        assert ours.stored() == theirs.stored()
