"""The customers pipeline's CSVs: every table, its columns in order, its words."""

from typing import Annotated, NamedTuple

from src.kit.importing import ErrorRow, LogRow
from src.kit.reading import Reject
from src.kit.tables import (
    APPEND_ONLY,
    GENERATED,
    VIEW,
    Column,
    Line,
    Number,
    Raw,
    Rest,
    Table,
)

PIPELINE = "customers"

# --- the plan's words -----------------------------------------------------------------

CREATE = "create"
UPDATE = "update"
UNCHANGED = "unchanged"
REPEATED = "repeated"  # the file has the same row before
STALE = "stale"  # what is stored was modified later
HOLD = "hold"  # a person has to decide
SKIP = "skip"  # a person decided to leave it out

BY_ID = "quickbooks id"
BY_NAME = "exact name"
BY_NORMALIZED = "normalized name"
BY_JUDGEMENT = "judgement"  # of a person, remembered
IN_FILE = "same file"  # other rows of the file mean the same customer
NOWHERE = "none"


def _maybe(header: str, *aliases: str) -> Column:
    return Column(header=header, aliases=aliases, is_optional=True)


class Export(NamedTuple):
    """A customer export of QuickBooks Desktop or Online; only the name must be there.

    Aliases are the headers of Desktop's own list export (`Bill to 1`), of the export with
    internal ids (`Billing Address Line 1`), and of Online's list and contact report.
    """

    line: Line
    name: Annotated[
        str,
        Column(
            header="Customer Name",
            aliases=("Customer", "Customer full name", "Name", "Display Name"),
        ),
    ]
    quickbooks_id: Annotated[
        str, _maybe("QuickBooks Internal Id", "QuickBooks Id", "List ID", "Customer Id")
    ]
    company_name: Annotated[str, _maybe("Company Name", "Company")]
    first_name: Annotated[str, _maybe("First Name", "Given Name")]
    middle_name: Annotated[str, _maybe("Middle Name", "M.I.", "Middle Initial")]
    last_name: Annotated[str, _maybe("Last Name", "Family Name", "Surname")]
    main_email: Annotated[str, _maybe("Main Email", "Email", "E-mail", "Email Address")]
    cc_email: Annotated[str, _maybe("CC Email", "Cc Emails")]
    work_email: Annotated[str, _maybe("Work Email")]
    main_phone: Annotated[
        str, _maybe("Main Phone", "Phone", "Phone Number", "Phone Numbers")
    ]
    mobile: Annotated[str, _maybe("Mobile", "Mobile Number")]
    work_phone: Annotated[str, _maybe("Work Phone")]
    alt_phone: Annotated[str, _maybe("Alt. Phone", "Other Phone")]
    fax: Annotated[str, _maybe("Fax", "Fax Number")]
    billing_line1: Annotated[
        str,
        _maybe(
            "Billing Address Line 1",
            "Bill to 1",
            "Billing Street",
            "Street Address",
            "Billing Address",
            "Bill Address",
        ),
    ]
    billing_line2: Annotated[str, _maybe("Billing Address Line 2", "Bill to 2")]
    billing_line3: Annotated[str, _maybe("Billing Address Line 3", "Bill to 3")]
    billing_line4: Annotated[str, _maybe("Billing Address Line 4", "Bill to 4")]
    billing_line5: Annotated[str, _maybe("Billing Address Line 5", "Bill to 5")]
    billing_city: Annotated[str, _maybe("Billing Address City", "Billing City", "City")]
    billing_state: Annotated[
        str, _maybe("Billing Address State", "Billing State", "State")
    ]
    billing_postal_code: Annotated[
        str,
        _maybe("Billing Address Postal Code", "Billing Zip", "Zip", "Postal Code"),
    ]
    billing_country: Annotated[
        str, _maybe("Billing Address Country", "Billing Country", "Country")
    ]
    shipping_line1: Annotated[
        str,
        _maybe(
            "Shipping Address Line 1",
            "Ship to 1",
            "Shipping Street",
            "Shipping Address",
            "Ship Address",
        ),
    ]
    shipping_line2: Annotated[str, _maybe("Shipping Address Line 2", "Ship to 2")]
    shipping_line3: Annotated[str, _maybe("Shipping Address Line 3", "Ship to 3")]
    shipping_line4: Annotated[str, _maybe("Shipping Address Line 4", "Ship to 4")]
    shipping_line5: Annotated[str, _maybe("Shipping Address Line 5", "Ship to 5")]
    shipping_city: Annotated[str, _maybe("Shipping Address City", "Shipping City")]
    shipping_state: Annotated[str, _maybe("Shipping Address State", "Shipping State")]
    shipping_postal_code: Annotated[
        str, _maybe("Shipping Address Postal Code", "Shipping Zip")
    ]
    shipping_country: Annotated[
        str, _maybe("Shipping Address Country", "Shipping Country")
    ]
    status: Annotated[str, _maybe("Status", "Active Status", "Active")]
    account_number: Annotated[str, _maybe("Account Number", "Account No.")]
    customer_type: Annotated[str, _maybe("Customer Type")]
    terms: Annotated[str, _maybe("Terms")]
    tax_code: Annotated[str, _maybe("Tax Code", "Sales Tax Code")]
    tax_item: Annotated[str, _maybe("Tax Item")]
    resale_number: Annotated[str, _maybe("Resale No", "Resale Num", "Resale Number")]
    credit_limit: Annotated[str, _maybe("Credit Limit")]
    created_on: Annotated[str, _maybe("Created Date", "Created On")]
    modified_on: Annotated[str, _maybe("Modified Date", "Last Modified")]
    rest: Rest
    raw: Raw


class Checked(NamedTuple):
    """One customer of an export, every value in its one spelling; empty = not said.

    What was changed by hand since is no checked customer any more: `row_check` tells.

    `emails` and `phones` are `TYPE value` joined by `; `, the main one first.
    """

    line: Number
    quickbooks_id: str
    name: str
    company_name: str
    first_name: str
    middle_name: str
    last_name: str
    emails: str
    phones: str
    billing_line1: str
    billing_line2: str
    billing_line3: str
    billing_city: str
    billing_state: str
    billing_postal_code: str
    billing_country: str
    shipping_line1: str
    shipping_line2: str
    shipping_line3: str
    shipping_city: str
    shipping_state: str
    shipping_postal_code: str
    shipping_country: str
    status: str
    account_number: str
    customer_type: str
    terms: str
    tax_code: str
    tax_item: str
    resale_number: str
    credit_limit: str  # text: a spreadsheet makes 1000.5 of 1000.50
    quickbooks_created_on: str
    quickbooks_modified_on: str
    source_data: str  # JSON: columns that have no home, and values that fit in none
    warnings: str
    row_check: str


class Planned(NamedTuple):
    """What becomes of one customer of the file; people edit `decision` only."""

    row: str
    decision: str
    action: str
    rung: str
    line: Number
    quickbooks_id: str
    name: str
    customer_id: str  # of the record that is created, updated or meant
    matched_name: str
    candidates: str
    reason: str
    fields: str  # that change
    before: str  # JSON: field to value
    after: str
    row_check: str


CHECKED = Table(
    "DATA_DIR", "customers_checked.csv", Checked, GENERATED, "make customers FILE=export.csv"
)
REJECTS = Table(
    "LOG_DIR", "customers_rejects.csv", Reject, GENERATED, "make customers FILE=export.csv"
)
PLAN = Table("DATA_DIR", "customers_plan.csv", Planned, GENERATED, "make customers-match")
RUNLOG = Table(
    "LOG_DIR", "customers_runlog.csv", LogRow, APPEND_ONLY, "make customers-import"
)
ERRORS = Table("LOG_DIR", "customers_errors.csv", ErrorRow, VIEW, "make customers-import")
