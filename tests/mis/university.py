"""A university's MIS: the tables of the original, in any database, and people in them."""

from __future__ import annotations

from itertools import count

from src.kit.database import Database, Staging
from src.mis import tables
from src.mis.records import APPLICANT, STUDENT
from src.mis.store import Store
from src.mis.tables import Raw

_TEXT = "varchar(255)"
TABLES = {
    "tbl_online_application": "appl_Id:pk tracking_id reg_no first_name middlename "
    "family_name sex phone1 email1 country_of_birth nation_Id_passPort_no camp_id "
    "opt_1 opt_2 intake_id:i level_id:i prg_mode_id:i appl_date:d status:i",
    "tbl_personal_ug": "per_id_ug:pk reg_no prg_type:i sex fname lname national_id "
    "cntr_id:i nationality phone1 phone2 email1 email2 reg_date:d",
    "tbl_register_program_ug": "reg_prg_id:pk reg_no intake_id:i prg_id:i splz_id:i "
    "level_id:i prg_mode_id:i prg_type camp_id:i reg_date:d reg_active:i",
    "tbl_campus": "camp_id:pk camp_full_name camp_short_name camp_city",
    "tbl_intake": "intake_id:pk prg_type intake_no:i intake_month intake_start:d",
    "tbl_specialization": "splz_id:pk prg_id:i splz_full_name splz_short_name",
    "tbl_level": "level_id:pk level_no level_full_name level_short_name",
    "tbl_program_mode": "prg_mode_id:pk prg_mode_full_name prg_mode_short_name",
    "tbl_program_type": "prg_type_id:pk prg_type_full_name prg_type_short_name",
    "tbl_country": "cntr_id:pk cntr_code cntr_name cntr_nationality",
}
# What the original's own program added, spelt as there.
OLD_TRACKING = "QuickBk_status:i pushed_by pushed_date:d qk_id sync_token"
KEYS = {APPLICANT: "appl_Id", STUDENT: "per_id_ug"}
TABLE = {type_: people.table for type_, people in tables.PEOPLE.items()}


class University:
    """A MIS in a database."""

    def __init__(self, database: Database, **columns: str) -> None:
        """Make the tables; `columns` has other columns by table, '' leaves one out."""
        self.database = database
        self.store = Store(database)
        self._kinds = {
            "": _TEXT,
            "t": "text",
            "i": "integer",
            "pk": "integer PRIMARY KEY",
            "d": database.datetime_type,
        }
        self._numbers = count(1)
        self._filled: set[str] = set()
        self._tables: dict[str, dict[str, str]] = {}
        if (
            database.text_type == "CHAR"
        ):  # what a server takes for granted may be latin1
            database.run("ALTER DATABASE CHARACTER SET utf8mb4")
        for name in [*TABLES, *(columns.keys() - TABLES.keys())]:
            if listed := columns.get(name, TABLES.get(name)):
                self.make(name, listed)

    def clear(self) -> None:
        """Let nobody be there, and nobody have been."""
        for table in self._filled:
            self.database.run(f"DELETE FROM {table}")
        self._filled.clear()
        self._numbers = count(1)
        self.store = Store(self.database)

    def make(self, name: str, columns: str) -> None:
        """Make a table of columns, each with the letter of its kind behind a colon."""
        pairs = [column.partition(":")[::2] for column in columns.split()]
        found = {column: self._kinds[kind] for column, kind in pairs}
        self._tables[name] = found
        listed = ", ".join(f"{column} {kind}" for column, kind in found.items())
        self.database.run(f"CREATE TABLE {name} ({listed})")

    def put(self, table: str, *rows: dict[str, str | int | None]) -> None:
        """Put rows into a table, with the columns of the first of them."""
        self._filled.add(table)
        names = list(rows[0])
        # The synchronization's own columns are not among a table's.
        kinds = {**dict.fromkeys(names, _TEXT), '"QuickBk_Status"': "integer"}
        kinds.update(self._tables[table])
        columns = [(name, kinds[name].removesuffix(" PRIMARY KEY")) for name in names]
        staging = Staging("new_rows", tuple(columns))
        self.database.stage(staging)
        self.database.load(staging, ([row.get(n) for n in names] for row in rows))
        listed = ", ".join(names)
        self.database.run(
            f"INSERT INTO {table} ({listed}) SELECT {listed} FROM new_rows"
        )

    # --- people -----------------------------------------------------------------------

    def applicant(self, key: int, **cells: str | int | None) -> None:
        """Put an applicant in."""
        self.put("tbl_online_application", {"appl_Id": key, **cells})

    def student(self, key: int, reg_no: str = "", **cells: str | int | None) -> None:
        """Put a student in."""
        row = {"per_id_ug": key, "reg_no": reg_no or f"REG{key}", **cells}
        self.put("tbl_personal_ug", row)

    def registration(self, reg_no: str, **cells: str | int | None) -> None:
        """Put a registration in, with a key of its own."""
        row = {"reg_prg_id": next(self._numbers), "reg_no": reg_no, **cells}
        self.put("tbl_register_program_ug", row)

    def many(self, type_: str, number: int, **cells: str | int | None) -> None:
        """Put people in, with the keys 1 to `number`."""
        rows = [{KEYS[type_]: n, **cells} for n in range(1, number + 1)]
        if type_ == STUDENT:
            rows = [{**row, "reg_no": f"REG{row['per_id_ug']}"} for row in rows]
        self.put(TABLE[type_], *rows)

    # --- what is there ----------------------------------------------------------------

    def only(self, type_: str) -> Raw:
        """Return the one person of a type."""
        (found,) = self.store.people(type_)
        return found

    def row(self, type_: str, key: int, columns: str) -> list[str | None]:
        """Return some columns of a person, as texts; names are taken as SQL has them."""
        query = f"SELECT {columns} FROM {TABLE[type_]} WHERE {KEYS[type_]} = {key}"
        ((*found,),) = self.database.rows(query, "t" * (columns.count(",") + 1))
        return found

    def set(self, type_: str, key: int, values: str) -> None:
        """Change a person behind the synchronization's back."""
        self.database.run(
            f"UPDATE {TABLE[type_]} SET {values} WHERE {KEYS[type_]} = {key}"
        )
