"""What the two imports read and where they store it: fields, kinds, limits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import tzinfo
from functools import partial
from typing import NamedTuple

from src.kit.database import Staging, Value
from src.kit.tables import columns
from src.salespro import values
from src.salespro.records import Appointment, User
from src.salespro.values import Rule

TEXT, MOMENT, FLAG, PRICE, AMOUNT, DAY, OFFICE, JSON = (
    "text datetime flag price amount date office json".split()
)
UPDATED_AT = "updated_at"
SOURCE = "source_data"
READ = "salespro_read"  # the staging table of the rows of a file

# SQL type in a staging table, and the letter under which the database gives it back.
_SQL = {
    TEXT: ("text", "t"),
    OFFICE: ("text", "t"),
    MOMENT: ("timestamptz", "z"),
    FLAG: ("boolean", "b"),
    PRICE: ("numeric(15, 2)", "m"),
    AMOUNT: ("numeric(15, 2)", "m"),
    DAY: ("date", "t"),
    JSON: ("jsonb", "j"),
}


class Field(NamedTuple):
    """A column of the database, and what it is read from."""

    name: str
    kind: str = TEXT
    limit: int = 0  # characters, 0 = any
    read_from: str = ""  # the row's field, where it has another name

    @property
    def source(self) -> str:
        """Return the field of the row from which this one is read."""
        return self.read_from or self.name

    @property
    def sql(self) -> str:
        """Return its type in a staging table."""
        return _SQL[self.kind][0]

    @property
    def letter(self) -> str:
        """Return the letter under which the database gives it back."""
        return _SQL[self.kind][1]


HOMELESS = Field(SOURCE, JSON)  # what has no column of its own


class Shape(NamedTuple):
    """One kind of export: its rows, its table, its fields beside the key."""

    sync_type: str
    noun: str
    row: type
    table: str
    key: Field
    fields: tuple[Field, ...]
    indexes: tuple[str, ...]  # columns that are looked up beside the key
    has_sales: bool = False  # is_sale and sale_amount are summed up and flagged

    def header(self, name: str) -> str:
        """Return how the export spells a field of its rows."""
        spelled: Mapping[str, str] = dict(
            zip(self.row.__annotations__, (c.header for c in columns(self.row)))
        )
        return spelled[name]

    def present(self, lacking: Collection[str]) -> tuple[Field, ...]:
        """Return the fields that a file has, given the headers that it lacks."""
        return tuple(f for f in self.fields if self.header(f.source) not in lacking)

    def staging(self) -> Staging:
        """Return the staging table of a file's rows."""
        places = (("position", "integer PRIMARY KEY"), ("line", "integer"))
        fields = ((f.name, f.sql) for f in (self.key, *self.fields, HOMELESS))
        return Staging(READ, (*places, *fields))


APPOINTMENTS = Shape(
    "csv_appointments",
    "appointments",
    Appointment,
    "salespro_appointment",
    Field("id", TEXT, 50),
    (
        Field("created_at", MOMENT),
        Field(UPDATED_AT, MOMENT),
        Field("is_sale", FLAG),
        Field("result_full_string"),
        Field("customer_last_name", TEXT, 100),
        Field("customer_first_name", TEXT, 100),
        Field("customer_estimate_name", TEXT, 255),
        Field("salesrep_email", TEXT, 254),
        Field("salesrep_first_name", TEXT, 100),
        Field("salesrep_last_name", TEXT, 100),
        Field("sale_amount", PRICE),
    ),
    ("created_at", "salesrep_email"),
    has_sales=True,
)
USERS = Shape(
    "csv_users",
    "users",
    User,
    "salespro_users",
    Field("user_object_id", TEXT, 50),
    (
        Field("first_name", TEXT, 100),
        Field("last_name", TEXT, 100),
        Field("username", TEXT, 255),
        Field("email", TEXT, 254),
        Field("last_login", DAY),
        Field("is_active", FLAG),
        Field("send_credit_apps", FLAG),
        Field("search_other_users_estimates", FLAG),
        Field("assigned_office", TEXT, 255),
        Field("office_id", OFFICE, 50, "assigned_office"),
        Field("license_number", TEXT, 100),
        Field("additional_amount", AMOUNT),
        Field("unique_identifier", TEXT, 255),
        Field("job_representative_id", TEXT, 50),
        Field("is_manager", FLAG),
        Field("created_at", MOMENT),
        Field(UPDATED_AT, MOMENT),
    ),
    ("email",),
)


def rule_of(field: Field, zone: tzinfo | None) -> Rule:
    """Return the rule by which a field's cells are read."""
    if field.kind == MOMENT:
        return values.moments(zone)
    if field.kind == TEXT:
        return values.texts(field.limit)
    one: dict[str, Callable[[str], Value]] = {
        OFFICE: partial(values.office, limit=field.limit),
        FLAG: values.flag,
        PRICE: values.price,
        AMOUNT: values.amount,
        DAY: values.day,
    }
    return values.distinct(one[field.kind])
