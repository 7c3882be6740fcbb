"""The original's failures, one test for each clause: none of them happens here."""

from __future__ import annotations

import pytest

from src.config import normalize_customer_name
from src.customers.records import BY_NORMALIZED, CHECKED, CREATE, HOLD, UNCHANGED
from src.kit import errors
from tests.customers.register import Register, customer, text_of_rows

# --- 1. a missing id ------------------------------------------------------------------


@pytest.mark.parametrize("blank", ["", "  ", "\u00a0"])
def test_customers_without_an_id_are_one_record_each(register, blank):
    names = ["Acme", "Zenith", "Jo Smith"]

    register.take(*(customer(name, blank) for name in names))

    found = register.customers()
    assert sorted(row["name"] for row in found.values()) == sorted(names)
    assert {row["quickbooks_id"] for row in found.values()} == {None}
    assert all(len(key) == 36 for key in found) and "nan" not in found


def test_an_id_that_reads_nan_is_an_id_like_any_other(sqlite_register):
    sqlite_register.take(customer("Acme", "nan"), customer("Zenith", ""))

    assert sqlite_register.names()["nan"] == "Acme" and len(sqlite_register.names()) == 2


def test_a_rerun_finds_the_keys_of_customers_without_an_id_again(register):
    register.take(customer("Acme"), customer("Zenith"))
    before = register.stored()

    register.take(customer("Zenith"), customer("Acme"))

    assert register.stored() == before


# --- 2. a match that was one-sided ----------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "row"),
    [("Peterson, Chris", "Chris Peterson"), ("Acme LLC.", "Acme LLC"), ("ACME", "acme")],
)
@pytest.mark.parametrize("is_turned", [False, True])
def test_both_sides_are_normalized(sqlite_register, stored, row, is_turned):
    one, other = (row, stored) if is_turned else (stored, row)
    sqlite_register.take(customer(one))

    plan = sqlite_register.plan_for(customer(other))[other]

    assert plan.rung == BY_NORMALIZED and plan.matched_name == one


# --- 3. normalization -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "normalized"),
    [
        ("Acme, Inc.", "acme inc"),
        ("Smith, John, Jr.", "john smith jr"),
        ("Firstservice Residential, Ault, Eric", "firstservice residential ault eric"),
        ("Acme.", "acme"),
        ("Müller GmbH", "muller gmbh"),
        ("Société S.A.", "societe sa"),
        ("Kigali Pty. Ltd.", "kigali pty ltd"),
    ],
)
def test_the_originals_garbage_is_a_name(name, normalized):
    assert normalize_customer_name(name) == normalized
    assert normalize_customer_name(normalized) == normalized


@pytest.mark.parametrize("form", ["GmbH", "S.A.", "Pty", "Inc.", "LLC"])
def test_a_company_with_a_comma_before_its_form_is_not_turned(form):
    assert normalize_customer_name(f"Acme, {form}").startswith("acme ")


def test_two_people_with_one_name_are_never_merged_silently(register):
    register.take(customer("Jo Smith", "1"), customer("Jo Smith", "2"))

    plan = register.plan_for(customer("Jo Smith"))["Jo Smith"]
    register.load()

    assert (plan.action, plan.candidates) == (HOLD, "1 Jo Smith; 2 Jo Smith")
    assert sorted(register.names()) == ["1", "2"]


# --- 4. updates -----------------------------------------------------------------------


def test_a_hit_by_id_updates_everything_that_is_said(register):
    register.take(customer("Acme", "1"))

    register.take(
        customer(
            "Acme Tools",
            "1",
            company_name="Acme Tools Inc",
            billing_line1="1 Main St",
            main_email="a@acme.com",
            status="false",
        )
    )

    found = register.customers()["1"]
    assert (found["name"], found["company_name"]) == ("Acme Tools", "Acme Tools Inc")
    assert (found["status"], found["company_domain"]) == ("INACTIVE", "acme.com")
    assert found["billing_address_id"] is not None


def test_a_hit_by_name_learns_the_id(register):
    register.take(customer("Acme"))
    [key] = register.names()

    register.take(customer("Acme", "80-1"))

    assert register.customers()[key]["quickbooks_id"] == "80-1"


def test_a_hit_by_name_without_an_address_leaves_the_address(register):
    register.take(customer("Acme", "1", billing_line1="1 Main St", shipping_line1="2 Main St"))
    before = register.customers()["1"]

    register.take(customer("ACME", terms="N30", billing_line1=""))

    after = register.customers()["1"]
    assert after == {**before, "name": "ACME", "terms": "N30"}


def test_nothing_changed_is_not_modified(register):
    register.take(customer("Acme", "1", main_email="a@acme.com"))
    times = register.times()

    register.take(customer("Acme", "1", main_email="A@ACME.com"))

    assert register.times() == times


def test_a_change_keeps_when_the_customer_was_created(register):
    register.take(customer("Acme", "1"))
    [(created, modified)] = register.times().values()

    register.take(customer("Acme", "1", terms="N30"))

    [(created_then, modified_then)] = register.times().values()
    assert created_then == created and modified_then > modified


# --- 5. customers without an e-mail address -------------------------------------------


def test_customers_without_an_email_address_are_stored(register):
    rows = [customer(f"C{n}", str(n)) for n in range(5)]

    assert register.take(*rows, customer("C5", "5", main_email="c@acme.com")) == errors.OK

    assert len(register.names()) == 6
    assert register.query("SELECT domain FROM companies", "t") == [("acme.com",)]


@pytest.mark.parametrize("domain", ["gmail.com", "Yahoo.com", "hotmail.com", "aol.com"])
def test_mail_for_everybody_is_no_company(sqlite_register, domain):
    sqlite_register.take(customer("Jo", "1", main_email=f"jo@{domain}"))

    assert sqlite_register.query("SELECT domain FROM companies", "t") == []
    assert len(sqlite_register.emails("1")) == 1


# --- 6. errors that were not counted, batches that were lost --------------------------


def refused_at(register: Register, *numbers: int) -> None:
    """Plan six new customers of which the database will refuse some."""
    register.take(*(customer(f"Old{n}", f"old{n}") for n in numbers))
    register.plan_for(*(customer(f"C{n}", str(n)) for n in range(6)))
    for n in numbers:
        register.change(f"UPDATE customers SET quickbooks_id = '{n}' WHERE id = 'old{n}'")


def test_a_row_that_fails_is_counted_and_named_in_the_errors(register):
    refused_at(register, 4)

    assert register.load() == errors.SOME_ROWS_FAILED

    assert [key for key, _, _ in register.errors()] == ["4"]
    assert "6 read = 5 out + 1 failed" in register.out


def test_a_row_that_fails_costs_no_other_of_its_batch(register):
    refused_at(register, 1, 4)

    register.load()

    assert sorted(register.names()) == ["0", "2", "3", "5", "old1", "old4"]


def test_the_error_limit_stops_the_import(sqlite_register):
    refused_at(sqlite_register, 0, 1, 2)

    assert sqlite_register.load("--max-errors", "1", BATCH_SIZE="1") == errors.STOPPED_EARLY

    assert "1 failed + 5 not attempted" in sqlite_register.out


def test_a_batch_is_counted_once_and_only_when_it_is_committed(sqlite_register):
    refused_at(sqlite_register, 0, 1)

    sqlite_register.load(BATCH_SIZE="6", RUN_ID="second")

    batches = [r for r in sqlite_register.log() if r.run_id == "second" and r.outcome == "batch"]
    assert sum(int(row.created) for row in batches) == 4
    assert [row.line for row in batches] == ["4 to 4", "5 to 7"]


@pytest.mark.parametrize("id", ["", "1"])
def test_the_same_new_customer_twice_in_a_batch_is_seen_before_it_is_written(register, id):
    assert register.take(customer("Acme", id), customer("Acme", id)) == errors.OK

    assert len(register.names()) == 1 and register.outcomes() == {"batch": 1}


# --- 7. contacts ----------------------------------------------------------------------


def test_contacts_are_not_inserted_again(register):
    row = customer("Acme", "1", main_email="a@x.org;b@x.org", main_phone="5551234567")
    for _ in range(3):
        register.take(row)

    assert len(register.emails("1")) == 2 and len(register.phones("1")) == 1


def test_one_email_address_and_one_phone_of_several_are_primary(register):
    register.take(customer("Acme", "1", main_email="a@x.org;b@x.org", main_phone="5551234567"))
    register.take(customer("Acme", "1", main_email="c@x.org", main_phone="5550000000"))

    assert [is_first for _, _, is_first in register.emails("1")] == [False, False, True]
    assert [is_first for _, _, is_first in register.phones("1")] == [True, False]


# --- 8. to 10. files of orders --------------------------------------------------------

INVOICES = (
    "QuickBooks Internal Id,Invoice No,Customer,Invoice Date,Due Date,Terms,Status,"
    "Product/Service,Product/Service  Amount,Total Amount,Billing Address Line1"
).split(",")
RECEIPTS = "Sales Receipt No,Sales Receipt Date,Customer,Product/Service Amount".split(",")
ITEMS = "S.No,Item Name,Item Type,Purchase Cost,Sales Price,Status".split(",")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (INVOICES, "has the column Invoice No, so these are invoices"),
        (RECEIPTS, "has the column Sales Receipt No, so these are sales receipts"),
        (ITEMS, "missing column(s) Customer Name; found S.No, Item Name"),
    ],
)
def test_a_file_of_orders_or_items_is_refused_and_not_half_read(sqlite_register, header, said):
    path = sqlite_register.table(header, *[[f"x{n}" for _ in header] for n in range(3)])

    assert sqlite_register.check(path) == errors.NOTHING_DONE

    assert said in sqlite_register.desk.err
    assert not sqlite_register.desk.path(CHECKED).exists()


def test_a_refused_file_leaves_the_customers_of_the_last_check_alone(sqlite_register):
    sqlite_register.check(sqlite_register.export(customer("Acme", "1")))

    sqlite_register.check(sqlite_register.table(INVOICES, ["x"] * len(INVOICES)))

    assert sqlite_register.only().name == "Acme"


@pytest.mark.parametrize("title", ["Billing Address Line 1", "Billing Address Line1", "Bill to 1"])
def test_an_address_is_read_however_its_header_is_spaced(sqlite_register, title):
    sqlite_register.check(sqlite_register.export({**customer("Acme"), title: "1 Main St"}))

    assert sqlite_register.only().billing_line1 == "1 Main St"


def test_a_column_that_nobody_knows_is_told_and_kept(sqlite_register):
    sqlite_register.check(sqlite_register.export({**customer("Acme"), "Ship Via": "UPS"}))

    assert sqlite_register.only().source_data == '{"Ship Via": "UPS"}'
    assert "kept aside column(s) Ship Via" in sqlite_register.out


def test_dates_are_read_as_quickbooks_and_as_spreadsheets_write_them(sqlite_register):
    for cell in ("12-31-2025", "12/31/2025", "2025-12-31"):
        sqlite_register.check(sqlite_register.export(customer("Acme", modified_on=cell)))

        assert sqlite_register.only().quickbooks_modified_on == "2025-12-31"


def test_a_bad_date_costs_its_row_alone_and_is_named(sqlite_register):
    path = sqlite_register.export(
        customer("Acme", "1", created_on="31-12-2025"), customer("Zenith", "2")
    )

    assert sqlite_register.check(path) == errors.SOME_ROWS_FAILED

    assert sqlite_register.only().name == "Zenith"
    assert sqlite_register.rejects() == [
        ("2", "Created Date", "'31-12-2025' is no date such as 12-31-2025")
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_names_with_accents_are_never_mojibake(register, encoding):
    text = text_of_rows(customer("Müller & Søn – Zoë", "1"))
    register.check(register.raw(text.encode(encoding)))

    register.match()
    register.load()

    assert register.names() == {"1": "Müller & Søn – Zoë"}


def test_money_is_exact_and_never_wrong_for_a_moment(register):
    register.take(customer("Acme", "1", credit_limit="$9,999,999,999,999.99"))

    register.take(customer("Acme", "1", terms="N30"))

    assert str(register.customers()["1"]["credit_limit"]) == "9999999999999.99"


# --- 11. exit codes and statistics ----------------------------------------------------


def test_every_failure_shows_in_the_exit_code(sqlite_register):
    register = sqlite_register
    assert register.check(register.desk.root / "no.csv") == errors.NOTHING_DONE
    assert register.match() == errors.NOTHING_DONE
    assert register.load() == errors.NOTHING_DONE
    assert register.check(register.export(customer("Acme", status="maybe"))) == 1

    refused_at(register, 2)
    assert register.load() == errors.SOME_ROWS_FAILED


def test_every_record_is_counted_once_and_truly(register):
    register.take(customer("Acme", "1"), customer("Same", "2"))
    register.plan_for(
        customer("Acme", "1", terms="N30"),
        customer("Same", "2"),
        customer("New", "3"),
        customer("New", "3"),
        customer("Jo"),
        customer("Jo", terms="N30"),
    )

    register.load()

    assert "6 read = 2 out + 2 skipped + 2 held" in register.out
    assert list(register.actions().values())[1] == UNCHANGED


# --- 12. addresses --------------------------------------------------------------------


def test_an_address_in_capitals_is_the_same_address(register):
    register.take(customer("Acme", "1", billing_line1="1 Main St", billing_city="Troy"))
    before = register.stored()

    register.take(customer("Acme", "1", billing_line1="1 MAIN ST", billing_city="TROY "))

    assert register.stored() == before


@pytest.mark.parametrize("cells", [{"billing_line1": "1 Main St"}, {"billing_city": "Troy"}])
def test_an_address_that_is_not_whole_is_kept_as_far_as_it_goes(register, cells):
    assert register.take(customer("Acme", "1", **cells)) == errors.OK

    [row] = register.query("SELECT line1, city, state FROM addresses", "ttt")
    assert row == (cells.get("billing_line1", ""), cells.get("billing_city", ""), "")


def test_no_address_is_no_row_of_blanks(register):
    plan = register.plan_for(customer("Acme", "1", billing_line1=" ", billing_city=""))
    register.load()

    assert plan["Acme"].action == CREATE
    assert register.query("SELECT id FROM addresses", "t") == []
    assert register.customers()["1"]["billing_address_id"] is None
