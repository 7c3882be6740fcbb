"""The SalesPro pipeline's CSVs: the two exports as given, and what is written."""

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
    Rest,
    Table,
)


def _maybe(header: str, *aliases: str) -> Column:
    """Return a column that an export may lack: what is stored then stays."""
    return Column(header=header, aliases=aliases, is_optional=True)


class Appointment(NamedTuple):
    """One row of the appointments' export; the aliases are its second generation."""

    line: Line
    id: Annotated[str, Column(header="_id")]
    created_at: Annotated[str, _maybe("_created_at")]
    updated_at: Annotated[str, Column(header="_updated_at")]
    is_sale: Annotated[str, _maybe("isSale")]
    result_full_string: Annotated[str, _maybe("resultFullString")]
    customer_last_name: Annotated[str, _maybe("customer.nameLast", "customerLastName")]
    customer_first_name: Annotated[
        str, _maybe("customer.nameFirst", "customerFirstName")
    ]
    customer_estimate_name: Annotated[
        str, _maybe("customer.estimateName", "estimateName")
    ]
    salesrep_email: Annotated[str, _maybe("salesrep.email", "salesRepEmail")]
    salesrep_first_name: Annotated[
        str, _maybe("salesrep.nameFirst", "salesRepFirstName")
    ]
    salesrep_last_name: Annotated[str, _maybe("salesrep.nameLast", "salesRepLastName")]
    sale_amount: Annotated[str, _maybe("saleAmount")]
    rest: Rest


class User(NamedTuple):
    """One row of the users' export; the aliases are its second generation."""

    line: Line
    user_object_id: Annotated[
        str, Column(header="User Object ID", aliases=("objectId",))
    ]
    first_name: Annotated[str, _maybe("First Name", "nameFirst")]
    last_name: Annotated[str, _maybe("Last Name", "nameLast")]
    username: Annotated[str, _maybe("Username")]
    email: Annotated[str, _maybe("Email")]
    last_login: Annotated[str, _maybe("Last Login")]
    is_active: Annotated[str, _maybe("Active/Inactive", "isActive")]
    send_credit_apps: Annotated[str, _maybe("Send Credit Apps")]
    search_other_users_estimates: Annotated[str, _maybe("Search Other Users Estimates")]
    assigned_office: Annotated[str, _maybe("Assigned Office")]
    license_number: Annotated[str, _maybe("License Number")]
    additional_amount: Annotated[str, _maybe("Additional Amount")]
    unique_identifier: Annotated[str, _maybe("Unique Identifier")]
    job_representative_id: Annotated[str, _maybe("Job Representative ID")]
    is_manager: Annotated[str, _maybe("isManager")]
    created_at: Annotated[str, _maybe("createdAt")]
    updated_at: Annotated[str, _maybe("updatedAt")]
    rest: Rest


class Previewed(NamedTuple):
    """One field that an import would change, or one row to be created or left."""

    line: Number
    id: str
    action: str  # created, updated, stale, held
    field: str
    before: str
    after: str
    reason: str


PLAN = Table("DATA_DIR", "salespro_plan.csv", Previewed, GENERATED, "make salespro FILE=export.csv")
RUNLOG = Table("LOG_DIR", "salespro_runlog.csv", LogRow, APPEND_ONLY, "make salespro FILE=export.csv")
ERRORS = Table("LOG_DIR", "salespro_errors.csv", ErrorRow, VIEW, "make salespro FILE=export.csv")
REJECTS = Table("LOG_DIR", "salespro_rejects.csv", Reject, GENERATED, "make salespro FILE=export.csv")
