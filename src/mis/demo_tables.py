"""The MIS's tables as the demo makes them, what stands in the look-ups, and loading.

Columns are those of the real system that matter here, and some that do not. Those of
the synchronization are as they were before its first run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from src.kit.database import Database, Staging, Value
from src.mis.tables import MYSQL

TEXT, NUMBER, TIME = "text", "number", "time"
Row = Mapping[str, Value]  # by column; what is not named is NULL


class Layout(NamedTuple):
    """One table: its name and its columns, the primary key first."""

    name: str
    columns: tuple[tuple[str, str], ...]


def _table(name: str, key: str, columns: str) -> Layout:
    """Return a table; a column is text, or as its name says: `sex`, `dob:time`."""
    found = [(key, NUMBER)]
    for word in columns.split():
        column, _, kind = word.partition(":")
        found.append((column, kind or TEXT))
    return Layout(name, tuple(found))


APPLICATIONS = _table(
    "tbl_online_application",
    "appl_Id",
    "tracking_id reg_no first_name middlename family_name dob:time sex phone1 email1 "
    "country_of_birth nation_Id_passPort_no present_nationality father_name "
    "mother_name high_school_name camp_id opt_1 opt_2 intake_id:number level_id:number "
    "prg_mode_id:number appl_date:time status:number QuickBk_Status:number pushed_by "
    "pushed_date:time",
)
PERSONS = _table(
    "tbl_personal_ug",
    "per_id_ug",
    "reg_no prg_type:number sex fname middlename lname dob:time marital_status "
    "father_name mother_name national_id cntr_id:number nationality phone1 phone2 "
    "email1 email2 secondary_school reg_date:time registered_by QuickBk_status:number "
    "qk_id pushed_by pushed_date:time",
)
REGISTRATIONS = _table(
    "tbl_register_program_ug",
    "reg_prg_id",
    "reg_no intake_id:number prg_id:number splz_id:number level_id:number "
    "prg_mode_id:number prg_type year_id:number camp_id:number reg_date:time "
    "spon_id:number reg_active:number status_comment",
)
CAMPUS = _table(
    "tbl_campus",
    "camp_id",
    "camp_full_name camp_short_name camp_city camp_active:number",
)
INTAKE = _table(
    "tbl_intake",
    "intake_id",
    "prg_type acad_cycle_id:number intake_no:number intake_month intake_start:time "
    "intake_end:time status:number",
)
PROGRAM = _table(
    "tbl_specialization",
    "splz_id",
    "prg_id:number prg_type splz_full_name splz_short_name degree_name status:number",
)
LEVEL = _table(
    "tbl_level", "level_id", "level_no level_full_name level_short_name status:number"
)
MODE = _table(
    "tbl_program_mode", "prg_mode_id", "prg_mode_full_name prg_mode_short_name"
)
TYPE = _table(
    "tbl_program_type", "prg_type_id", "prg_type_full_name prg_type_short_name"
)
COUNTRY = _table("tbl_country", "cntr_id", "cntr_code cntr_name cntr_nationality")
# What tells a demo from somebody's own MIS: a row for each step that was finished.
MARKER = _table("carryover_demo", "step", "what")
TABLES = (
    MARKER,
    *(APPLICATIONS, PERSONS, REGISTRATIONS),
    *(CAMPUS, INTAKE, PROGRAM, LEVEL, MODE, TYPE, COUNTRY),
)
_LENGTHS = {"sex": 6, "phone1": 100, "phone2": 20, "national_id": 20, "prg_type": 20}

# Ids of rows that are there, and are of no use, or of some; a missing one has no row.
NAMELESS, SHORT_ONLY, MISSING = 8, 7, 99
CAMPUSES, PROGRAMS, LEVELS, MODES, TYPES = 4, 6, 4, 3, 2  # that are as they should be
INTAKES, ONLY_MONTH, ONLY_YEAR = 6, 7, 8
RWANDA, BURUNDI, CONGO, NATIONALITY_ONLY = 178, 35, 50, 66
LOOK_UPS: Mapping[Layout, Sequence[Sequence[Value]]] = {
    CAMPUS: (
        (1, "Kigali Campus", "KGL", "Kigali", 1),
        (2, "Huye Campus", "HUY", "Huye", 1),
        (3, "Musanze Campus", "MUS", "Musanze", 1),
        (4, "Rwamagana Campus", "RWA", "Rwamagana", 1),
        (SHORT_ONLY, None, "NYA", "Nyagatare", 0),
        (NAMELESS, "", " ", None, 0),
    ),
    INTAKE: tuple(
        (n, "UG", 20 + n, 1 + n % 2, month, start, None, 1)
        for n, month, start in (
            (1, "January", "2024-01-15 00:00:00"),
            (2, "September", "2024-09-09 00:00:00"),
            (3, "January", "2025-01-13 00:00:00"),
            (4, "September", "2025-09-08 00:00:00"),
            (5, "January", "2026-01-12 00:00:00"),
            (6, "September", "2026-09-07 00:00:00"),
        )
    )
    + (
        (ONLY_MONTH, "UG", 30, None, "May", None, None, 0),
        (ONLY_YEAR, "UG", 31, 2, "", "2023-05-08 00:00:00", None, 0),
    ),
    PROGRAM: (
        (1, 1, "UG", "Bachelor of Business Administration", "BBA", "Bachelor", 1),
        (2, 2, "UG", "Computer Science", "CS", "Bachelor", 1),
        (3, 2, "UG", "Information Technology", "IT", "Bachelor", 1),
        (4, 3, "UG", "Hotel and Tourism Management", "HTM", "Bachelor", 1),
        (5, 4, "UG", "Nursing", "NUR", "Bachelor", 1),
        (6, 5, "UG", "Education in Mathematics & Physics", "EMP", "Bachelor", 1),
        (SHORT_ONLY, 6, "UG", None, "LAW", "Bachelor", 0),
        (NAMELESS, 7, "UG", "", None, None, 0),
    ),
    LEVEL: tuple(
        (n, str(n), f"Level {word}", f"L{n}", 1)
        for n, word in enumerate(("One", "Two", "Three", "Four"), 1)
    )
    + ((SHORT_ONLY, "7", "", "L7", 0), (NAMELESS, "8", None, "", 0)),
    MODE: (
        (1, "Day", "D"),
        (2, "Evening", "E"),
        (3, "Weekend", "W"),
        (SHORT_ONLY, None, "DL"),
        (NAMELESS, None, ""),
    ),
    TYPE: ((1, "Undergraduate", "UG"), (2, "Diploma", "DIP"), (NAMELESS, "", "")),
    COUNTRY: (
        (RWANDA, "RW", "Rwanda", "Rwandan"),
        (BURUNDI, "BI", "Burundi", "Burundian"),
        (CONGO, "CD", "DR Congo", "Congolese"),
        (113, "KE", "Kenya", "Kenyan"),
        (222, "UG", "Uganda", "Ugandan"),
        (NATIONALITY_ONLY, "TD", "", "Chadian"),
        (NAMELESS, "XX", "", None),
    ),
}


def create(database: Database) -> None:
    """Make the tables anew, the marker first: what is killed here is known as ours."""
    for table in TABLES:
        columns = [f"{name} {kind}" for name, kind in _typed(database, table)]
        columns[0] += " PRIMARY KEY"
        database.run(f"DROP TABLE IF EXISTS {table.name}")
        text = ", ".join(columns)
        database.run(f"CREATE TABLE {table.name} ({text}){_charset(database)}")


def _charset(database: Database) -> str:
    """Return what lets a table hold every name, whatever its database's own is."""
    is_mysql = database.text_type == MYSQL
    return " CHARACTER SET utf8mb4" if is_mysql else ""


def fill(database: Database) -> None:
    """Write what stands in the look-ups."""
    for table, rows in LOOK_UPS.items():
        names = [name for name, _ in table.columns]
        insert(database, table, [dict(zip(names, row)) for row in rows])


def insert(database: Database, table: Layout, rows: Iterable[Row]) -> int:
    """Add rows to a table; return their number."""
    columns = tuple((f"n_{name}", kind) for name, kind in _typed(database, table))
    staging = Staging(f"new_{table.name}", columns)
    database.stage(staging)
    names = [name for name, _ in table.columns]
    database.load(staging, [[row.get(name) for name in names] for row in rows])
    staged = ", ".join(name for name, _ in columns)
    return database.run(
        f"INSERT INTO {table.name} ({', '.join(names)}) "
        f"SELECT {staged} FROM {staging.name}"
    )


def change(
    database: Database, table: Layout, column: str, values: Mapping[int, Value]
) -> int:
    """Set one column of some rows; return how many there were."""
    kind = dict(_typed(database, table))[column]
    staging = Staging("new_values", (("n_id", "INT"), ("n_value", kind)))
    database.stage(staging)
    database.load(staging, values.items())
    key = table.columns[0][0]
    return database.run(
        f"UPDATE {table.name} SET {column} = new_values.n_value FROM new_values "
        f"WHERE {table.name}.{key} = new_values.n_id"
    )


def _typed(database: Database, table: Layout) -> Iterator[tuple[str, str]]:
    """Yield a table's columns with their SQL types."""
    for name, kind in table.columns:
        yield name, _sql_type(database, name, kind)


def _sql_type(database: Database, name: str, kind: str) -> str:
    if kind == TEXT:
        return f"VARCHAR({_LENGTHS.get(name, 200)})"
    return "INT" if kind == NUMBER else database.datetime_type
