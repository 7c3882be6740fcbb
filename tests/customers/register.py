"""A register of customers: exports as rows, the three doors, and what is stored then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType

from src import customers_check, customers_import, customers_match
from src.customers.records import (
    CHECKED,
    ERRORS,
    PLAN,
    REJECTS,
    RUNLOG,
    Checked,
    Export,
    Planned,
)
from src.kit import judgements, reading, runlog, tables
from src.office import connect_database
from tests.adapters.breaking import Breaking
from tests.desk import Desk
from tests.exports import text_of

# How the export with internal ids names the columns.
TITLES = {
    field: column.header
    for field, column in zip(Export._fields, tables.columns(Export))
}
FIELDS = (
    "id quickbooks_id name normalized_name company_domain company_name first_name "
    "middle_name last_name billing_address_id shipping_address_id status account_number "
    "customer_type terms tax_code tax_item resale_number credit_limit "
    "quickbooks_created_on quickbooks_modified_on source_data"
).split()
KINDS = "t" * 18 + "m" + "tt" + "j"
TABLES = {  # everything but the times: columns, and the letters they are read with
    "customers": (", ".join(FIELDS), KINDS),
    "addresses": ("id, line1, line2, line3, city, state, postal_code, country", "t" * 8),
    "companies": ("domain, name", "tt"),
    "customer_emails": ("customer_id, email, type, is_primary", "tttb"),
    "customer_phones": ("customer_id, phone, type, is_primary", "tttb"),
}

Row = dict[str, str]


def customer(name: str, id: str = "", **cells: str) -> Row:
    """Return a row of an export; the cells by the fields of `Export`, or by headers."""
    return {"quickbooks_id": id, "name": name, **cells}


def text_of_rows(*rows: Row) -> str:
    """Return an export with the columns that any of the rows has."""
    fields = list(dict.fromkeys(field for row in rows for field in row))
    lines = ([row.get(field, "") for field in fields] for row in rows)
    return text_of([TITLES.get(field, field) for field in fields], *lines)


class Register:
    """A desk with a database of either kind."""

    def __init__(self, desk: Desk, url: str) -> None:
        self.desk = desk
        desk.settings["DATABASE_URL"] = url
        self._files = 0

    # --- exports ----------------------------------------------------------------------

    def export(self, *rows: Row) -> Path:
        """Write an export under a name of its own."""
        return self.raw(text_of_rows(*rows))

    def table(self, header: Sequence[str], *lines: Sequence[str]) -> Path:
        """Write an export with any header."""
        return self.raw(text_of(header, *lines))

    def raw(self, content: str | bytes) -> Path:
        """Write a file as it stands."""
        self._files += 1
        path = self.desk.root / f"export{self._files}.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    # --- doors ------------------------------------------------------------------------

    def check(self, path: Path) -> int:
        """Check an export; return the exit code."""
        return self.desk.run(customers_check, str(path))

    def match(self) -> int:
        """Plan what the checked customers come to."""
        return self.desk.run(customers_match)

    def plan_for(self, *rows: Row) -> dict[str, Planned]:
        """Check and match an export of these rows; return the plan by name."""
        self.check(self.export(*rows))
        assert self.match() == 0, self.desk.err
        return self.plan()

    def load(self, *options: str, **settings: str) -> int:
        """Import the plan."""
        return self.desk.run(customers_import, *options, **settings)

    def load_with(self, breaking: Breaking, *options: str, **settings: str) -> int:
        """Import the plan through a database that breaks."""
        door = ModuleType("breaking")
        door.main = partial(customers_import.main, connect=breaking.connect)
        return self.desk.run(door, *options, **settings)

    def take(self, *rows: Row, **settings: str) -> int:
        """Check, match and import an export of these rows."""
        self.plan_for(*rows)
        return self.load(**settings)

    @property
    def out(self) -> str:
        """Return what the last door printed."""
        return self.desk.out

    # --- what people do ---------------------------------------------------------------

    def decide(self, decisions: Mapping[str | int, str]) -> None:
        """Fill in `decision` in the plan, by name or by line."""

        def decided(row: Planned) -> Planned:
            found = decisions.get(row.name, decisions.get(int(row.line), row.decision))
            return row._replace(decision=found)

        self.change_plan(decided)

    def change_plan(self, change: Callable[[Planned], Planned | None]) -> None:
        """Save the plan with every row changed, dropped where `change` returns None."""
        rows = [row for row in map(change, self.rows(PLAN)) if row is not None]
        tables.write(self.desk.path(PLAN), Planned, rows)

    def change(self, statement: str) -> None:
        """Carry out a statement, beside the importer."""
        with connect_database.database(self.desk.config) as database:
            database.run(statement)

    # --- what came of it --------------------------------------------------------------

    def rows(self, table: tables.Table) -> list:
        """Return the rows of a table."""
        return list(reading.table(self.desk.path(table), table))

    def checked(self) -> list[Checked]:
        """Return the checked customers."""
        return self.rows(CHECKED)

    def only(self) -> Checked:
        """Return the one checked customer."""
        [row] = self.checked()
        return row

    def rejects(self) -> list[tuple[str, str, str]]:
        """Return line, column and reason of each reject."""
        return [(row.line, row.column, row.reason) for row in self.rows(REJECTS)]

    def plan(self) -> dict[str, Planned]:
        """Return the plan's rows by name."""
        return {row.name: row for row in self.rows(PLAN)}

    def actions(self) -> dict[int, str]:
        """Return the plan's action for each line."""
        return {int(row.line): row.action for row in self.rows(PLAN)}

    def log(self) -> list:
        """Return the run log's rows."""
        raw = runlog.rows(self.desk.path(RUNLOG), RUNLOG.row)
        return [RUNLOG.row(*map(runlog.text, found)) for found in raw if found]

    def outcomes(self) -> Counter[str]:
        """Return how often the log has each outcome."""
        return Counter(row.outcome for row in self.log())

    def errors(self) -> list[tuple[str, str, str]]:
        """Return key, category and error of each row of the errors view."""
        return [(row.key, row.category, row.error) for row in self.rows(ERRORS)]

    def verdicts(self) -> dict[str, str]:
        """Return the judgements that are remembered."""
        return judgements.verdicts(self.desk.config.data_dir, "customers")

    def query(self, query: str, kinds: str) -> list[tuple]:
        """Return the rows of a query."""
        with connect_database.database(self.desk.config) as database:
            return list(database.rows(query, kinds))

    def stored(self) -> dict[str, list[tuple]]:
        """Return every row of every table, without the times."""
        with connect_database.database(self.desk.config) as database:
            return {
                table: sorted(database.rows(f"SELECT {columns} FROM {table}", kinds), key=repr)
                for table, (columns, kinds) in TABLES.items()
            }

    def customers(self) -> dict[str, dict]:
        """Return the stored customers by primary key."""
        found = self.query(f"SELECT {', '.join(FIELDS)} FROM customers", KINDS)
        return {row[0]: dict(zip(FIELDS, row)) for row in found}

    def names(self) -> dict[str, str]:
        """Return the name of each stored customer, by primary key."""
        return {key: row["name"] for key, row in self.customers().items()}

    def times(self) -> dict[str, tuple[str, str]]:
        """Return when each customer was created and modified."""
        found = self.query("SELECT id, created_at, modified_at FROM customers", "tzz")
        return {key: (created, modified) for key, created, modified in found}

    def emails(self, id: str) -> list[tuple[str, str, bool]]:
        """Return address, type and whether it is the primary one."""
        return self._contacts("emails", "email", id)

    def phones(self, id: str) -> list[tuple[str, str, bool]]:
        """Return number, type and whether it is the primary one."""
        return self._contacts("phones", "phone", id)

    def _contacts(self, table: str, value: str, id: str) -> list[tuple[str, str, bool]]:
        query = f"SELECT customer_id, {value}, type, is_primary FROM customer_{table}"
        return sorted(row[1:] for row in self.query(query, "tttb") if row[0] == id)
