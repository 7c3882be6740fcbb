"""An export's every row becomes a customer, a reject, or the end of a report."""

from __future__ import annotations

import json
from random import Random

import pytest

from src.kit import errors
from src.customers.records import CHECKED, REJECTS
from tests.customers.register import Register, customer, text_of_rows
from tests.exports import text_of

ONLINE_LIST = (
    "Name,Company name,Street Address,City,State,Country,Zip,Phone,Email,Attachments,"
    "Open balance"
).split(",")
DESKTOP_LIST = (
    ",Active Status,Customer,Balance,Balance Total,Company,Mr./Ms./...,First Name,M.I.,"
    "Last Name,Primary Contact,Main Phone,Fax,Alt. Phone,Job Title,Main Email,CC Email,"
    "Bill to 1,Bill to 2,Bill to 3,Bill to 4,Ship to 1,Ship to 2,Customer Type,Terms,Rep,"
    "Sales Tax Code,Tax item,Resale Num,Account No.,Credit Limit,Job Status"
).split(",")
CONTACT_REPORT = (
    "Customer full name,Phone numbers,Email,Full name,Bill address,Ship address"
).split(",")


def check_one(register: Register, **cells: str):
    """Return the customer that a row with these cells becomes."""
    assert register.check(register.export(customer("Acme", "1", **cells))) == 0, register.out
    return register.only()


def reject_of(register: Register, **cells: str) -> tuple[str, str]:
    """Return column and reason of the reject that a row becomes, beside a good one."""
    path = register.export(customer("Good", "0"), {**customer("Acme", "1"), **cells})
    assert register.check(path) == errors.SOME_ROWS_FAILED
    [(line, column, reason)] = register.rejects()
    assert line == "3" and [row.name for row in register.checked()] == ["Good"]
    return column, reason


# --- kinds of files -------------------------------------------------------------------


def test_an_export_with_internal_ids_is_read_whole(sqlite_register):
    row = check_one(
        sqlite_register,
        **{
            "company_name": "Acme Tools",
            "first_name": "Jo",
            "last_name": "Doe",
            "main_email": "Jo@Acme.com",
            "cc_email": "al@acme.com",
            "main_phone": "5551234567",
            "status": "true",
            "credit_limit": "$1,234.50",
            "created_on": "12-31-2024",
            "modified_on": "01-02-2025",
            "billing_line1": "1 Main St",
            "billing_city": "Springfield",
            "shipping_postal_code": "00501",
            "resale_number": "00123",
        },
    )

    assert (row.quickbooks_id, row.name, row.company_name) == ("1", "Acme", "Acme Tools")
    assert row.emails == "MAIN jo@acme.com; CC al@acme.com"
    assert row.phones == "MAIN (555) 123-4567"
    assert (row.status, row.credit_limit) == ("ACTIVE", "1234.50")
    assert row.quickbooks_created_on == "2024-12-31"
    assert row.quickbooks_modified_on == "2025-01-02"
    assert (row.billing_line1, row.billing_city) == ("1 Main St", "Springfield")
    assert (row.shipping_postal_code, row.resale_number) == ("00501", "00123")
    assert (row.source_data, row.warnings) == ("{}", "")


def test_desktops_list_is_read_with_its_leading_empty_column(sqlite_register):
    cells = dict(zip(DESKTOP_LIST, [""] * len(DESKTOP_LIST)))
    cells.update({"Active Status": "Active", "Customer": "Acme:East", "Company": "Acme"})
    cells.update({"Bill to 1": "Acme", "Bill to 2": "1 Main St", "Bill to 4": "IL"})
    cells.update({"Sales Tax Code": "Tax", "Account No.": "007", "M.I.": "B", "Rep": "AB"})

    path = sqlite_register.table(DESKTOP_LIST, list(cells.values()))
    assert sqlite_register.check(path) == errors.OK, sqlite_register.desk.err

    row = sqlite_register.only()
    assert (row.name, row.status, row.tax_code) == ("Acme:East", "ACTIVE", "Tax")
    assert (row.account_number, row.middle_name, row.company_name) == ("007", "B", "Acme")
    assert (row.billing_line1, row.billing_line2) == ("Acme", "1 Main St")
    assert (row.billing_line3, json.loads(row.source_data)) == ("IL", {"Rep": "AB"})


def test_onlines_list_is_read(sqlite_register):
    line = ["Acme", "Acme Inc", "1 Main St", "Troy", "NY", "US", "12180", "555 123 4567"]

    path = sqlite_register.table(ONLINE_LIST, [*line, "a@acme.com", "", "12.00"])
    assert sqlite_register.check(path) == errors.OK

    row = sqlite_register.only()
    assert (row.billing_line1, row.billing_city, row.billing_country) == ("1 Main St", "Troy", "US")
    assert (row.billing_state, row.billing_postal_code) == ("NY", "12180")
    assert (row.emails, row.phones) == ("MAIN a@acme.com", "MAIN (555) 123-4567")
    assert json.loads(row.source_data) == {"Open balance": "12.00"}


REPORT = [
    ["Customer Contact List"],
    ["Some Company, Inc."],
    [],
    CONTACT_REPORT,
    [
        "Acme",
        "Phone:(555) 010-7788 Mobile:(555) 010-7789",
        "a@acme.com,b@acme.com",
        "Jo Doe",
        "1 Main St\nSuite 5\nTroy NY 12180\nUS",
        "",
    ],
]


@pytest.mark.parametrize(
    "ending",
    [
        [["", "", "", "", "", ""], ["Thursday, Nov 20, 2025 04:47:43 AM GMT-8", *[""] * 5]],
        [["Monday, January 5, 2026 10:30 AM GMT-05:00", *[""] * 5]],
        [[], ["Sunday, March 01, 2026 12:00 PM GMTZ"]],
        [["", "", "", "", "", "Friday, Feb 6, 2026 01:02 PM GMT+2"]],
    ],
)
def test_onlines_contact_report_is_read_between_its_title_and_its_end(sqlite_register, ending):
    path = sqlite_register.raw(text_of(*REPORT, *ending))

    assert sqlite_register.check(path) == errors.OK, sqlite_register.out

    row = sqlite_register.only()
    assert row.phones == "MAIN (555) 010-7788; MOBILE (555) 010-7789"
    assert row.emails == "MAIN a@acme.com; MAIN b@acme.com"
    assert row.billing_line1 == "1 Main St" and row.billing_line2 == "Suite 5"
    assert row.billing_line3 == "Troy NY 12180, US"
    assert json.loads(row.source_data) == {"Full name": "Jo Doe"}
    assert "left out" in sqlite_register.out


@pytest.mark.parametrize(
    "name", ["Sunday, Inc.", "Holiday, Inn 5, 2020", "Monday, Jan 5, 2026 10:30 AM"]
)
def test_a_customer_with_a_strange_name_is_no_footer(sqlite_register, name):
    path = sqlite_register.export(customer("x", "0"), customer(name, "1"))

    assert sqlite_register.check(path) == errors.OK

    assert [row.name for row in sqlite_register.checked()] == ["x", name]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be"])
def test_a_file_is_read_in_its_encoding(sqlite_register, encoding):
    text = text_of_rows(customer("Müller – Søn", "1"))

    sqlite_register.check(sqlite_register.raw(text.encode(encoding)))

    assert sqlite_register.only().name == "Müller – Søn"
    assert ("encoded as" in sqlite_register.out) == (not encoding.startswith("utf-8"))


def test_a_row_in_another_encoding_than_its_file_is_a_reject_and_never_mojibake(sqlite_register):
    header, ours, theirs = text_of_rows(customer("Søn", "1"), customer("Müller", "2")).split("\r\n")[:3]
    lines = [header.encode(), ours.encode("cp1252"), theirs.encode("utf-8")]

    assert sqlite_register.check(sqlite_register.raw(b"\n".join(lines))) == 1

    assert sqlite_register.only().name == "Søn"
    [(line, column, reason)] = sqlite_register.rejects()
    assert (line, column) == ("3", "name") and reason.startswith("is in UTF-8")


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_is_read_with_the_separators_that_spreadsheets_write(
    sqlite_register, separator, end
):
    text = text_of_rows(customer("Acme", "1", terms="N30")).replace(",", separator)

    sqlite_register.check(sqlite_register.raw(text.replace("\r\n", end)))

    assert sqlite_register.only().terms == "N30"
    assert "separated by" in sqlite_register.out


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("QuickBooks Internal Id,Invoice No,Customer,Invoice Date,Product/Service", "invoices"),
        ("invoice no.,Customer,Invoice Date", "invoices"),
        ("Sales Receipt No,Sales Receipt Date,Customer,Payment Method", "sales receipts"),
        ("Customer,Product/Service,Product/Service  Amount", "sales"),
        ("Date,Transaction Type,Num,Name,Amount", "transactions"),
    ],
)
def test_an_export_of_something_else_is_refused_whole(sqlite_register, header, kind):
    cells = header.split(",")
    path = sqlite_register.table(cells, ["Acme"] * len(cells))

    assert sqlite_register.check(path) == errors.NOTHING_DONE

    assert f"so these are {kind}; export the customer list" in sqlite_register.desk.err
    assert not sqlite_register.desk.path(CHECKED).exists()


def test_items_are_refused_because_they_name_no_customer(sqlite_register):
    path = sqlite_register.table(["S.No", "Item Name", "Item Type"], ["1", "Cup", "Part"])

    assert sqlite_register.check(path) == errors.NOTHING_DONE

    assert "missing column(s) Customer Name; found S.No, Item Name" in sqlite_register.desk.err


def test_two_columns_for_one_thing_are_refused_by_name(sqlite_register):
    path = sqlite_register.table(["Customer Name", "Email", "Main Email"], ["a", "b", "c"])

    assert sqlite_register.check(path) == errors.NOTHING_DONE

    assert "column(s) found twice: Main Email" in sqlite_register.desk.err


@pytest.mark.parametrize("content", [b"", b"\n", b"PK\x03\x04\x14\0\0\0", b"\xff\xfe"])
def test_a_file_that_is_no_table_is_refused_with_a_sentence(sqlite_register, content):
    path = sqlite_register.raw(content)

    assert sqlite_register.check(path) == errors.NOTHING_DONE

    assert str(path) in sqlite_register.desk.err and "; " in sqlite_register.desk.err


def test_a_missing_file_is_refused_with_a_sentence(sqlite_register):
    assert sqlite_register.check(sqlite_register.desk.root / "no.csv") == errors.NOTHING_DONE

    assert "no.csv: File not found; check the path" in sqlite_register.desk.err


# --- contacts -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "emails"),
    [
        ("A@x.org", "MAIN a@x.org"),
        ("a@x.org; b@x.org", "MAIN a@x.org; MAIN b@x.org"),
        ("a@x.org,A@X.ORG;", "MAIN a@x.org"),
        ("a@x.org\nb@x.org", "MAIN a@x.org; MAIN b@x.org"),
        ("<a@x.org>", "MAIN a@x.org"),
        ("MAILTO:a@x.org", "MAIN a@x.org"),
        ("  ", ""),
        ("-", ""),
    ],
)
def test_every_email_address_of_a_cell_is_found(sqlite_register, cell, emails):
    row = check_one(sqlite_register, main_email=cell)

    assert (row.emails, row.warnings) == (emails, "")


@pytest.mark.parametrize("cell", ["none", "Bob Smith <a@x.org>", "a@x.org (old)", "a@b@x.org"])
def test_what_is_no_email_address_is_kept_and_told(sqlite_register, cell):
    row = check_one(sqlite_register, main_email=cell)

    assert row.emails in ("", "MAIN a@x.org")
    assert json.loads(row.source_data) == {"(contacts)": cell}
    assert row.warnings == f"kept in source_data: {cell}"
    assert "1 customer(s) with contacts that are none" in sqlite_register.out


@pytest.mark.parametrize(
    ("cell", "phones"),
    [
        ("555.123.4567 x12", "MAIN (555) 123-4567 x12"),
        ("(555) 123-4567, ext. 12", "MAIN (555) 123-4567 x12"),
        ("5551234/5557654", "MAIN 5551234; MAIN 5557654"),
        ("5551234567 or 5557654321", "MAIN (555) 123-4567; MAIN (555) 765-4321"),
        ("5551234567, 5557654321;", "MAIN (555) 123-4567; MAIN (555) 765-4321"),
        ("5551234\n5557654", "MAIN 5551234; MAIN 5557654"),
        ("030/1234567", "MAIN 030/1234567"),
        ("Fax: 555-123-4567 Work:555-123-4568", "FAX (555) 123-4567; WORK (555) 123-4568"),
        ("555-123-4567 Mobile: 555-123-4568", "MAIN (555) 123-4567; MOBILE (555) 123-4568"),
        (" ", ""),
        ("-", ""),
    ],
)
def test_every_phone_number_of_a_cell_is_found(sqlite_register, cell, phones):
    row = check_one(sqlite_register, main_phone=cell)

    assert (row.phones, row.warnings) == (phones, "")


def test_a_number_in_two_columns_is_kept_once_as_the_first(sqlite_register):
    row = check_one(sqlite_register, main_phone="5551234567", mobile="(555) 123-4567", fax="5550000000")

    assert row.phones == "MAIN (555) 123-4567; FAX (555) 000-0000"


@pytest.mark.parametrize("cell", ["ask Bob", "555-12", "5551234567; ask Bob", "n/a"])
def test_what_is_no_phone_number_is_kept_and_told(sqlite_register, cell):
    row = check_one(sqlite_register, mobile=cell)

    assert row.phones in ("", "MOBILE (555) 123-4567")
    assert json.loads(row.source_data) == {"(contacts)": cell}


def test_an_email_address_hidden_among_phones_is_found(sqlite_register):
    row = check_one(sqlite_register, alt_phone="bob@x.org", mobile="555-123-4567 al@x.org")

    assert row.emails == "OTHER al@x.org; OTHER bob@x.org"
    assert (row.phones, row.warnings) == ("MOBILE (555) 123-4567", "")


# --- values ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("", ""),
        ("1234.5", "1234.50"),
        ("$1,234.50", "1234.50"),
        (" -12 ", "-12.00"),
        ("-$5", "-5.00"),
        ("-0", "0.00"),
        ("9999999999999.99", "9999999999999.99"),
    ],
)
def test_an_amount_is_exact(sqlite_register, cell, amount):
    assert check_one(sqlite_register, credit_limit=cell).credit_limit == amount


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"credit_limit": "1,23"}, "Credit Limit", "'1,23' is no amount such as 1,234.50"),
        ({"credit_limit": "1.234,50"}, "Credit Limit", "is no amount"),
        ({"credit_limit": "(5)"}, "Credit Limit", "is no amount"),
        ({"credit_limit": "1e5"}, "Credit Limit", "is no amount"),
        ({"credit_limit": "0.005"}, "Credit Limit", "is no amount"),
        ({"credit_limit": "nan"}, "Credit Limit", "is no amount"),
        ({"credit_limit": "10000000000000"}, "Credit Limit", "has more than 15 digits"),
        ({"credit_limit": "10,000,000,000,000.00"}, "Credit Limit", "has more than 15 digits"),
        ({"created_on": "31-12-2025"}, "Created Date", "is no date such as 12-31-2025"),
        ({"modified_on": "02-30-2025"}, "Modified Date", "is no date"),
        ({"modified_on": "1/2/25"}, "Modified Date", "is no date"),
        ({"modified_on": "0000-01-01"}, "Modified Date", "is no date"),
        ({"modified_on": "soon"}, "Modified Date", "'soon' is no date"),
        ({"status": "maybe"}, "Status", "'maybe' is neither active nor inactive"),
        ({"name": ""}, "Customer Name", "is empty"),
        ({"name": " \u00a0"}, "Customer Name", "is empty"),
        ({"name": "…", "quickbooks_id": ""}, "Customer Name", "has no letter or digit"),
        ({"name": "&", "quickbooks_id": " "}, "Customer Name", "has no letter or digit"),
        ({"name": "n" * 256}, "name", "is longer than 255 characters"),
        ({"name": "\ufdfa" * 255}, "Customer Name", "is too long when its letters"),
        ({"quickbooks_id": "1" * 65}, "quickbooks_id", "is longer than 64 characters"),
        ({"terms": "t" * 101}, "terms", "is longer than 100 characters"),
        ({"billing_city": "c" * 256}, "billing_city", "is longer than 255 characters"),
        ({"shipping_postal_code": "9" * 65}, "shipping_postal_code", "is longer than 64"),
    ],
)
def test_a_value_that_fits_nowhere_is_a_reject_that_stops_no_other(
    sqlite_register, cells, column, reason
):
    found = reject_of(sqlite_register, **cells)

    assert found[0] == column and reason in found[1]


@pytest.mark.parametrize(
    ("cell", "date"),
    [("1-2-2025", "2025-01-02"), ("01/02/2025", "2025-01-02"), ("2025-01-02", "2025-01-02")]
    + [("2025-01-02T10:00:00Z", "2025-01-02"), ("01/02/2025 10:00 AM", "2025-01-02")],
)
def test_a_date_is_month_first_or_iso(sqlite_register, cell, date):
    assert check_one(sqlite_register, modified_on=cell).quickbooks_modified_on == date


@pytest.mark.parametrize(
    ("cell", "status"),
    [("true", "ACTIVE"), ("Not-active", "INACTIVE"), ("FALSE", "INACTIVE"), ("", "")],
)
def test_a_status_is_active_or_not(sqlite_register, cell, status):
    assert check_one(sqlite_register, status=cell).status == status


def test_a_name_without_letters_is_a_customer_where_it_has_an_id(sqlite_register):
    sqlite_register.check(sqlite_register.export(customer("---", "9")))

    assert sqlite_register.only().name == "---"


@pytest.mark.parametrize("value", ["nan", "None", "NULL", "0"])
def test_an_id_is_text_and_never_guessed(sqlite_register, value):
    sqlite_register.check(sqlite_register.export(customer("Acme", value)))

    assert sqlite_register.only().quickbooks_id == value


def test_a_reject_keeps_the_line_and_the_text_and_the_first_are_told(sqlite_register):
    path = sqlite_register.export(customer("Acme", "1", status="maybe", terms="N30"))

    sqlite_register.check(path)

    [reject] = sqlite_register.rows(REJECTS)
    assert (reject.line, reject.original) == ("2", "1,Acme,maybe,N30")
    assert f"{path}: line 2: Status 'maybe' is neither" in sqlite_register.out


# --- torture --------------------------------------------------------------------------

_ODD_LINES = [
    "a,b\n",
    ",,,,\n",
    "\n",
    "   \n",
    '"never closed,1,2\n',
    'x"y,1,2\n',
    "?NUL?,nul,,,\n",
    "?BAD?,bytes,,,\n",
    "9,Long,a@x.org,5,true,13\n",
    '9,"a ""b"" c",,,\n',
    '9,"a\nb\n\nc",,,\n',
    ";;;;\n",
    "\t\t\n",
    '"Thursday, Nov 20, 2025 04:47 AM GMT-8"\n',
]


def test_a_reject_without_a_column_is_told_without_a_gap(sqlite_register):
    path = sqlite_register.raw("Name,QuickBooks Internal Id\nAcme,1\nBolt\n")

    sqlite_register.check(path)

    assert f"  {path}: line 3: has 1 cell, the header has 2\n" in sqlite_register.out


def test_a_last_line_without_its_end_is_checked_and_named(sqlite_register):
    path = sqlite_register.raw(text_of_rows(customer("Acme", "1")).rstrip("\r\n"))

    assert sqlite_register.check(path) == errors.OK

    assert f"{path}: the last line has no line end" in sqlite_register.out


def malformed(dice: Random) -> bytes:
    """Return a file that a hundred things were done to."""
    pick = dice.choice
    rows = [
        customer(
            pick(["Acme", "…", "", "Müller", "n" * 300]),
            pick(["", "1", "2", "x" * 70]),
            main_email=pick(["", "a@x.org", "none"]),
            credit_limit=pick(["", "5", "1,23"]),
            status=pick(["", "true", "maybe"]),
        )
        for _ in range(dice.randrange(1, 20))
    ]
    header, *lines = text_of_rows(*rows).replace("\r\n", "\n").splitlines(keepends=True)
    for _ in range(dice.randrange(8)):
        lines.insert(dice.randrange(len(lines) + 1), pick(_ODD_LINES))
    data = (header + "".join(lines)).encode()
    if dice.random() < 0.3:
        data = data[: dice.randrange(len(header), len(data) + 1)]
    if dice.random() < 0.3:
        data = data.replace(b"\n", b"\r\n")
    return data.replace(b"?NUL?", b"\0").replace(b"?BAD?", b"\xff\xfe\x81")


@pytest.mark.parametrize("seed", range(60))
def test_every_record_of_a_malformed_file_ends_in_exactly_one_place(sqlite_register, seed):
    path = sqlite_register.raw(malformed(Random(seed)))

    code = sqlite_register.check(path)

    rejects, checked = sqlite_register.rejects(), sqlite_register.checked()
    assert code == (errors.SOME_ROWS_FAILED if rejects else errors.OK)
    lines = [int(row.line) for row in checked] + [int(line) for line, _, _ in rejects]
    assert len(set(lines)) == len(lines)
    assert [int(line) for line, _, _ in rejects] == sorted(int(r[0]) for r in rejects)
    assert " read = " in sqlite_register.out
