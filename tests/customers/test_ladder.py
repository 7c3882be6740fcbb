"""The ladder: QuickBooks id, exact name, normalized name, create; and what nobody may join."""

from __future__ import annotations

from random import Random
from uuid import UUID

import pytest

from src.config import normalize_customer_name
from src.customers import ladder
from src.customers.records import (
    BY_ID,
    BY_NAME,
    BY_NORMALIZED,
    CHECKED,
    CREATE,
    HOLD,
    IN_FILE,
    NOWHERE,
    PLAN,
    REPEATED,
    STALE,
    UNCHANGED,
    UPDATE,
    Checked,
)
from src.kit import errors, tables
from tests.customers.register import Register, Row, customer
from tests.desk import Desk

# --- rungs ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "row", "rung"),
    [
        (("Acme", "1"), ("Acme", "1"), BY_ID),
        (("Acme Tools", "1"), ("Acme Tool", "1"), BY_ID),
        (("Acme", ""), ("Acme", ""), BY_NAME),
        (("Acme", ""), ("Acme", "1"), BY_NAME),
        (("Acme", "1"), ("Acme", ""), BY_NAME),
        (("Peterson, Chris", ""), ("Chris Peterson", "1"), BY_NORMALIZED),
        (("Chris Peterson", ""), ("Peterson, Chris", "1"), BY_NORMALIZED),
        (("Acme LLC.", "1"), ("ACME L.L.C.", ""), BY_NORMALIZED),
        (("ACME L.L.C.", "1"), ("Acme LLC.", ""), BY_NORMALIZED),
        (("Müller", "1"), ("MULLER", ""), BY_NORMALIZED),
    ],
)
def test_a_row_meets_the_record_that_it_means(register, stored, row, rung):
    register.take(customer(*stored, terms="N30"))
    [(key, _)] = register.names().items()

    plan = register.plan_for(customer(*row, terms="N60"))[row[0]]

    assert (plan.action, plan.rung, plan.customer_id) == (UPDATE, rung, key)
    assert plan.matched_name == stored[0]


@pytest.mark.parametrize(
    ("stored", "row"),
    [
        (("Acme", "1"), ("Acme", "2")),
        (("Acme LLC", "1"), ("ACME, L.L.C.", "2")),
        (("Acme LLC", ""), ("Acme Inc", "")),
        (("---", "1"), ("---", "2")),
        (("---", "1"), ("...", "2")),
        (("Parent:Acme", ""), ("Acme", "")),
    ],
)
def test_two_customers_stay_two(register, stored, row):
    register.take(customer(*stored))

    plan = register.plan_for(customer(*row))[row[0]]
    assert (plan.action, plan.rung) == (CREATE, NOWHERE)
    assert register.load() == errors.OK

    assert len(register.names()) == 2


@pytest.mark.parametrize("row", ["---", "..."])
def test_a_name_without_letters_finds_nobody(sqlite_register, row):
    sqlite_register.take(customer("---", "1"))
    sqlite_register.change("UPDATE customers SET quickbooks_id = NULL")

    assert sqlite_register.plan_for(customer(row, "2"))[row].action == CREATE


def test_the_id_counts_before_the_name(sqlite_register):
    sqlite_register.take(customer("Acme", "1"), customer("Acme Tools"))

    plan = sqlite_register.plan_for(customer("Acme Tools", "1"))["Acme Tools"]

    assert (plan.rung, plan.customer_id) == (BY_ID, "1")


def test_the_exact_name_counts_before_the_normalized(sqlite_register):
    sqlite_register.take(customer("Acme LLC", "1"), customer("ACME LLC", "2"))

    plan = sqlite_register.plan_for(customer("ACME LLC"))["ACME LLC"]

    assert (plan.rung, plan.customer_id) == (BY_NAME, "2")


@pytest.mark.parametrize("row", ["Acme", "ACME"])
def test_of_several_none_is_picked_and_all_are_shown(register, row):
    register.take(*(customer("Acme", str(n)) for n in range(1, 8)))

    plan = register.plan_for(customer(row))[row]

    assert (plan.action, plan.customer_id) == (HOLD, "")
    assert plan.reason == "7 customers have this name"
    assert plan.candidates == "; ".join(f"{n} Acme" for n in range(1, 6))


def test_the_candidates_of_many_rows_are_not_confused(register):
    register.take(*(customer(f"C{n % 3}", str(n)) for n in range(6)))

    plan = register.plan_for(customer("C0"), customer("c1"), customer("C2", "5"))

    assert plan["C0"].candidates == "0 C0; 3 C0"
    assert plan["c1"].candidates == "1 C1; 4 C1"
    assert plan["C2"].action == UNCHANGED


# --- names that change ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Jane Smith", "Jane Smyth", True),
        ("Jane Smith", "Jane Jones", False),
        ("Acme", "Acme Holdings", True),
        ("Green Landscaping LLC", "Brown Landscaping LLC", False),
        ("Acme", "ACME, Inc.", True),
        ("Acme Tools", "Acne Tool", True),
        ("Acme LLC", "Zenith LLC", False),
        ("The Corner Store", "The Best Bank", False),
        ("Customer 10", "Project 10", False),
        ("Acme", "---", False),
        ("---", "...", True),
        ("Parent:Smith", "Smith", True),
    ],
)
def test_names_are_alike_if_what_tells_them_apart_is_little(one, other, alike):
    assert ladder.are_alike(one, other) is ladder.are_alike(other, one) is alike


@pytest.mark.parametrize("name", ["Zenith", "…"])
def test_an_id_that_returns_with_a_very_different_name_is_held(sqlite_register, name):
    sqlite_register.take(customer("Acme", "1"))

    plan = sqlite_register.plan_for(customer(name, "1"))[name]
    assert sqlite_register.load() == errors.SOME_ROWS_FAILED

    assert (plan.action, plan.rung, plan.customer_id) == (HOLD, BY_ID, "1")
    assert plan.reason == "the id is that of 'Acme', a very different name"
    assert plan.candidates == "1 Acme" and sqlite_register.names() == {"1": "Acme"}


def test_a_record_found_by_its_name_learns_the_id_and_keeps_everything(register):
    register.take(customer("Acme", main_email="a@acme.com", terms="N30"))
    [key] = register.names()
    contacts = register.emails(key)

    register.take(customer("ACME", "80-1"))

    found = register.customers()[key]
    assert (found["quickbooks_id"], found["name"], found["terms"]) == ("80-1", "ACME", "N30")
    assert register.emails(key) == contacts
    assert register.plan_for(customer("Acme Inc", "80-1"))["Acme Inc"].customer_id == key


def test_the_key_is_a_function_of_the_full_raw_name():
    key = ladder.new_id("", "Acme")

    assert UUID(key).version == 5 and key == "4b76b95f-7d66-50d2-9f16-8e023a29a164"
    assert key != ladder.new_id("", "ACME") != ladder.new_id("", "Acme ")
    assert ladder.new_id("80-1", "Acme") == "80-1"


def test_a_key_that_another_customer_has_is_held(sqlite_register):
    sqlite_register.take(customer("Acme"))
    [key] = sqlite_register.names()
    sqlite_register.take(customer("ACME", "1"))
    sqlite_register.take(customer("Acme Tools", "1"))

    plan = sqlite_register.plan_for(customer("Acme"))["Acme"]

    assert (plan.action, plan.customer_id) == (HOLD, key)
    assert plan.reason == f"the id {key} belongs to Acme Tools"


# --- rows of one file -----------------------------------------------------------------


@pytest.mark.parametrize("id", ["", "1"])
def test_a_repeated_row_is_created_once(sqlite_register, id):
    sqlite_register.take(customer("Acme", id), customer("Other"), customer("Acme", id))

    assert sqlite_register.actions() == {2: CREATE, 3: CREATE, 4: REPEATED}
    assert sorted(sqlite_register.names().values()) == ["Acme", "Other"]


@pytest.mark.parametrize("id", ["", "1"])
def test_two_rows_that_say_different_things_of_one_customer_are_held(register, id):
    register.take(
        customer("Acme", id, terms="N30"),
        customer("Acme", id, terms="N60"),
        customer("Acme", id, terms="N30"),
    )

    assert register.actions() == {2: HOLD, 3: HOLD, 4: REPEATED}
    [first, *_] = register.rows(PLAN)
    assert "on lines 2, 3 with different values" in first.reason
    assert first.rung == IN_FILE and not register.names()


def test_two_spellings_without_an_id_are_held(sqlite_register):
    sqlite_register.take(customer("Acme LLC"), customer("ACME, L.L.C."))

    assert set(sqlite_register.actions().values()) == {HOLD}


def test_a_row_without_an_id_beside_one_with_an_id_is_held(sqlite_register):
    sqlite_register.take(
        customer("Acme"), customer("ACME", "1"), customer("acme", "2"), customer("Acme")
    )

    assert sqlite_register.actions() == {2: HOLD, 3: CREATE, 4: CREATE, 5: REPEATED}
    assert sqlite_register.rows(PLAN)[0].reason == (
        "may be the same as line(s) 3, 4, which have an id"
    )


def test_of_two_rows_that_mean_one_record_the_id_has_it(register):
    register.take(customer("Acme", "1"))

    register.plan_for(customer("Acme Works", "1"), customer("Acme"))

    plan = register.plan()
    assert (plan["Acme Works"].action, plan["Acme"].action) == (UPDATE, HOLD)
    assert plan["Acme"].reason == "line(s) 2 mean the same customer"
    assert (plan["Acme"].candidates, plan["Acme"].rung) == ("1", IN_FILE)


def test_of_two_rows_that_mean_one_record_by_the_same_rung_none_has_it(sqlite_register):
    sqlite_register.take(customer("Acme"))

    sqlite_register.plan_for(customer("Acme", "1"), customer("Acme", "2"))

    assert set(sqlite_register.actions().values()) == {HOLD}


# --- time -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("modified", "action"),
    [("01-01-2025", STALE), ("01-02-2025", UPDATE), ("01-03-2025", UPDATE), ("", UPDATE)],
)
def test_a_row_older_than_what_is_stored_changes_nothing(register, modified, action):
    register.take(customer("Acme", "1", terms="N30", modified_on="01-02-2025"))

    register.take(customer("Acme", "1", terms="N60", modified_on=modified))

    assert register.actions() == {2: action}
    assert register.customers()["1"]["terms"] == ("N30" if action == STALE else "N60")


# --- a new plan -----------------------------------------------------------------------


def test_a_new_plan_takes_over_decisions_and_lists_those_it_cannot(sqlite_register):
    register = sqlite_register
    register.plan_for(customer("Acme", "1"), customer("Zenith", "2"))
    register.decide({"Acme": "skip", "Zenith": "hold"})

    register.plan_for(customer("Acme", "1"), customer("Zenith", "2", terms="N30"))

    assert {r.name: r.decision for r in register.rows(PLAN)} == {"Acme": "skip", "Zenith": ""}
    assert "took over 1 decision(s)" in register.out
    assert "1 decision(s) not taken over" in register.out


def test_a_failing_match_leaves_the_plan_as_it_was(sqlite_register):
    sqlite_register.plan_for(customer("Acme", "1"))
    before = sqlite_register.desk.path(PLAN).read_bytes()
    sqlite_register.desk.path(CHECKED).write_bytes(b"line\n")

    assert sqlite_register.match() == errors.NOTHING_DONE

    assert sqlite_register.desk.path(PLAN).read_bytes() == before
    assert 'run "make customers FILE=export.csv" again' in sqlite_register.desk.err


def test_an_earlier_plan_that_cannot_be_read_is_not_overwritten(sqlite_register):
    sqlite_register.plan_for(customer("Acme", "1"))
    sqlite_register.desk.path(PLAN).write_bytes(b"a,b\n1,2\n")

    assert sqlite_register.match() == errors.NOTHING_DONE

    assert sqlite_register.desk.path(PLAN).read_bytes() == b"a,b\n1,2\n"
    assert sqlite_register.desk.err.endswith(
        "found a, b; put it right, or move it away with its decisions\n"
    )


def test_without_a_check_there_is_nothing_to_match(sqlite_register):
    assert sqlite_register.match() == errors.NOTHING_DONE

    assert 'not found; run "make customers FILE=export.csv" first' in sqlite_register.desk.err


def test_a_checked_file_that_a_person_sorted_finds_the_same_records(sqlite_register):
    register = sqlite_register
    rows = [customer(f"C{n}", str(n)) for n in range(9)]
    register.take(*rows)
    register.check(register.export(*rows))
    tables.write(register.desk.path(CHECKED), Checked, register.checked()[::-1])

    register.match()

    assert set(register.actions().values()) == {UNCHANGED}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Evil"},
        {"quickbooks_id": "666"},
        {"line": "3"},
        {"source_data": "no JSON"},
        {"credit_limit": "99999999999999"},
        {"row_check": ""},
    ],
)
def test_a_checked_row_that_a_person_changed_is_named_and_left_out(sqlite_register, change):
    register = sqlite_register
    register.check(register.export(customer("Acme", "1"), customer("Zenith", "2")))
    first, second = register.checked()
    tables.write(register.desk.path(CHECKED), Checked, [first._replace(**change), second])

    assert register.match() == errors.SOME_ROWS_FAILED

    assert list(register.plan()) == ["Zenith"]
    assert "2 read = 1 out + 1 rejected" in register.out
    assert "was changed since the check; change the export" in register.out


def test_a_checked_row_that_stands_twice_is_refused(sqlite_register):
    register = sqlite_register
    register.check(register.export(customer("Acme", "1")))
    tables.write(register.desk.path(CHECKED), Checked, register.checked() * 2)

    assert register.match() == errors.NOTHING_DONE

    assert "data/customers_checked.csv: a row stands in it twice" in register.desk.err


# --- against a naive ladder -----------------------------------------------------------

NAMES = ["Acme", "ACME", "Acme, Inc.", "acme inc", "Smith, Jo", "Jo Smith", "Zenith", "---"]


def random_rows(dice: Random) -> list[Row]:
    found = []
    for _ in range(dice.randrange(1, 12)):
        row = customer(dice.choice(NAMES), dice.choice(["", "", "1", "2", "3", "4"]))
        found.append({**row, "terms": dice.choice(["N30", "N60"])})
    return [row for row in found if row["quickbooks_id"] or row["name"] != "---"]


def naive(rows: list[Row], stored: dict[str, dict]) -> list[tuple[str, str]]:
    """Return (action, customer id or nothing) for each row, by comparing all with all."""
    clear = [_among(rows, n) for n in range(len(rows))]
    hits = [None if clear[n] else _climb(row, stored) for n, row in enumerate(rows)]
    return [clear[n] or _outcome(rows, n, hits, stored) for n in range(len(rows))]


def _normal(row: dict) -> str:
    return normalize_customer_name(row["name"])


def _among(rows: list[Row], n: int) -> tuple[str, str] | None:
    row, id = rows[n], rows[n]["quickbooks_id"]
    twins = [
        other
        for other in rows
        if other["quickbooks_id"] == id and (id or _normal(other) == _normal(row))
    ]
    named = [o for o in rows if o["quickbooks_id"] and _normal(o) == _normal(row)]
    if row in rows[:n]:
        return REPEATED, ""
    if any(other != row for other in twins) or (not id and named):
        return HOLD, ""
    return None


def _climb(row: Row, stored: dict[str, dict]) -> tuple[int, list[str]] | None:
    id, normal = row["quickbooks_id"], _normal(row)
    may_join = [k for k, s in stored.items() if normal and not (id and s["quickbooks_id"])]
    rungs = [
        [k for k, s in stored.items() if id and s["quickbooks_id"] == id],
        [k for k in may_join if stored[k]["name"] == row["name"]],
        [k for k in may_join if _normal(stored[k]) == normal],
    ]
    return next(((n, found) for n, found in enumerate(rungs) if found), None)


def _outcome(
    rows: list[Row], n: int, hits: list, stored: dict[str, dict]
) -> tuple[str, str]:
    row = rows[n]
    new = ladder.new_id(row["quickbooks_id"], row["name"])
    created = (HOLD, new) if new in stored else (CREATE, new)
    if not hits[n]:
        return created
    rung, found = hits[n]
    if len(found) > 1:
        return HOLD, ""
    claims = [(h[0], m) for m, h in enumerate(hits) if h and h[1] == found]
    best = [m for strength, m in claims if strength == min(claims)[0]]
    if best != [n]:
        is_other = len(best) == 1 and row["quickbooks_id"] and rows[best[0]]["quickbooks_id"]
        return created if is_other else (HOLD, "")
    record = stored[found[0]]
    if rung == 0 and not ladder.are_alike(record["name"], row["name"]):
        return HOLD, found[0]
    said = {key: value for key, value in row.items() if value}
    is_same = all(record[key] == value for key, value in said.items())
    return (UNCHANGED if is_same else UPDATE), found[0]


@pytest.mark.parametrize("seed", range(25))
def test_the_plan_is_that_of_a_naive_ladder(sqlite_register, seed):
    register, dice = sqlite_register, Random(seed)
    for _ in range(4):
        rows, stored = random_rows(dice), register.customers()
        if not rows:
            continue
        register.plan_for(*rows)

        found = [(plan.action, plan.customer_id) for plan in register.rows(PLAN)]
        assert found == naive(rows, stored)
        register.load()
        assert {category for _, category, _ in register.errors()} <= {"for a person"}


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_the_rows_does_not_matter(tmp_path, seed):
    dice = Random(f"order {seed}")
    ordered, shuffled = (Register(Desk(tmp_path / name), "") for name in "ab")
    for _ in range(4):
        if rows := random_rows(dice):
            ordered.take(*rows)
            shuffled.take(*dice.sample(rows, len(rows)))

        assert ordered.stored() == shuffled.stored()
