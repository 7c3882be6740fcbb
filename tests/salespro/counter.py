"""A counter to import at: exports as rows, the doors, and what the database has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from src import config, csv_salespro_appointments, csv_salespro_users
from src.kit import reading, runlog, stage, tables
from src.kit.database import Database
from src.office import connect_database, salespro_import
from src.salespro.demo import FIRST_HEADER, SECOND_HEADER, USER_HEADER
from src.salespro.records import RUNLOG
from src.salespro.shapes import APPOINTMENTS, USERS, Shape
from tests.adapters.breaking import Breaking
from tests.desk import Desk
from tests.exports import text_of

DAY = "2025-06-06T00:16:45.538Z"
LATER = "2025-06-07T00:00:00.000Z"
STORED_DAY = "2025-06-06T00:16:45.538000+00:00"
STORED_LATER = "2025-06-07T00:00:00.000000+00:00"
HISTORY = (
    "status is_dry_run file_path file_sha256 batch_size records_processed "
    "records_created records_updated records_unchanged records_stale records_rejected "
    "records_held records_failed error_message run_id"
).split()
_PLACES = dict(
    id=0,
    created=1,
    updated=2,
    is_sale=3,
    result=4,
    last=5,
    first=6,
    estimate=7,
    email=8,
    rep_first=9,
    rep_last=10,
    amount=11,
)


def row(id: str, updated: str = LATER, **cells: str) -> list[str]:
    """Return the cells of an appointment under the first generation's header."""
    found = [id, DAY, updated, "FALSE", "[CC] Rescheduled", "Doe", "Jo", "Doe Jo 1"]
    found += ["rep@example.com", "Al", "Bo", ""]
    for name, cell in cells.items():
        found[_PLACES[name]] = cell
    return found


def user(id: str, **cells: str) -> list[str]:
    """Return the cells of a user; `cells` by header in lower case, blanks as _."""
    names = [name.lower().replace(" ", "_") for name in USER_HEADER]
    found = {
        **dict.fromkeys(names, ""),
        "user_object_id": id,
        "active/inactive": "Active",
    }
    found.update(cells)
    return [found[name] for name in names]


class Sales:
    """A desk with a database of either kind."""

    def __init__(self, desk: Desk, url: str) -> None:
        self.desk = desk
        desk.settings["DATABASE_URL"] = url
        self._files = 0

    # --- exports ----------------------------------------------------------------------

    def export(
        self, *rows: Sequence[str], header: Sequence[str] = FIRST_HEADER
    ) -> Path:
        """Write an export under a name of its own."""
        return self.raw(text_of(header, *rows).encode())

    def second(self, *rows: Sequence[str]) -> Path:
        """Write an export under the second generation's header."""
        return self.export(*rows, header=SECOND_HEADER[: len(rows[0])])

    def without(self, column: str, *rows: Sequence[str]) -> Path:
        """Write an export that lacks a column."""
        at = FIRST_HEADER.index(column)
        lines = [[*line[:at], *line[at + 1 :]] for line in (FIRST_HEADER, *rows)]
        return self.raw(text_of(*lines).encode())

    def raw(self, content: bytes) -> Path:
        """Write a file byte by byte."""
        self._files += 1
        path = self.desk.root / f"export{self._files}.csv"
        path.write_bytes(content)
        return path

    # --- doors ------------------------------------------------------------------------

    def take(self, path: Path | str, *options: str, **settings: str) -> int:
        """Import appointments; return the exit code."""
        return self._run(csv_salespro_appointments, path, *options, **settings)

    def take_rows(self, *rows: Sequence[str], **settings: str) -> int:
        """Import an export of these rows."""
        return self.take(self.export(*rows), **settings)

    def take_users(
        self, *rows: Sequence[str], header: Sequence[str] = USER_HEADER
    ) -> int:
        """Import users."""
        return self.take_users_of(self.export(*rows, header=header))

    def take_users_of(self, path: Path) -> int:
        """Import the users of a file."""
        return self._run(csv_salespro_users, path)

    def users(self, *rows: Sequence[str]) -> Path:
        """Write a users' export."""
        return self.export(*rows, header=USER_HEADER)

    def _run(
        self, door: ModuleType, path: Path | str, *options: str, **settings: str
    ) -> int:
        return self.desk.run(door, str(path), *options, **settings)

    def take_with(
        self, breaking: Breaking, path: Path, *options: str, **settings: str
    ) -> int:
        """Import appointments through a database that breaks."""

        def main(argv: Sequence[str]) -> int:
            run = stage.start(
                "csv_salespro_appointments", "", argv, salespro_import.options
            )
            settings = config.load(run.environ)
            return salespro_import.carry_out(
                run, settings, APPOINTMENTS, breaking.connect
            )

        door = ModuleType("breaking")
        door.main = main
        return self._run(door, path, *options, **settings)

    @property
    def out(self) -> str:
        """Return what the last door printed."""
        return self.desk.out

    # --- what came of it --------------------------------------------------------------

    def query(self, query: str, kinds: str) -> list[tuple]:
        """Return the rows of a query."""
        with connect_database.database(self.desk.config) as database:
            return list(database.rows(query, kinds))

    def change(self, statement: str) -> None:
        """Carry out a statement, beside the importer."""
        with connect_database.database(self.desk.config) as database:
            database.run(statement)

    def stored(self, shape: Shape = APPOINTMENTS) -> list[tuple]:
        """Return everything that is stored, but when it was imported."""
        with connect_database.database(self.desk.config) as database:
            return everything(database, shape)

    def values(self, *names: str) -> dict[str, tuple]:
        """Return some fields of the appointments, by id."""
        fields = {field.name: field for field in APPOINTMENTS.fields}
        letters = [fields[name].letter for name in names]
        query = f"SELECT id, {', '.join(names)} FROM salespro_appointment"
        return {
            key: tuple(rest) for key, *rest in self.query(query, "t" + "".join(letters))
        }

    def value(self, name: str, id: str = "a") -> object:
        """Return one field of one appointment."""
        return self.values(name)[id][0]

    def user_values(self, name: str, kind: str = "t") -> dict[str, object]:
        """Return one field of the users, by id."""
        query = f"SELECT user_object_id, {name} FROM {USERS.table}"
        return dict(self.query(query, "t" + kind))

    def history(self) -> list[dict]:
        """Return the history's rows, oldest first."""
        query = f"SELECT {', '.join(HISTORY)} FROM salespro_sync_history ORDER BY id"
        return [
            dict(zip(HISTORY, found))
            for found in self.query(query, "tbtt" + "i" * 9 + "tt")
        ]

    def counts(self) -> dict[str, int]:
        """Return what the last import counted, without zeros."""
        last = self.history()[-1]
        names = [name for name in HISTORY if name.startswith("records_")]
        return {name[8:]: last[name] for name in names if last[name]}

    def rows(self, table: tables.Table) -> list:
        """Return the rows of a table that an import wrote."""
        return list(reading.table(self.desk.path(table), table))

    def log(self) -> list:
        """Return the run log's rows."""
        raw = runlog.rows(self.desk.path(RUNLOG), RUNLOG.row)
        return [RUNLOG.row(*map(runlog.text, found)) for found in raw if found]

    def outcomes(self) -> Counter[str]:
        """Return how often the log has each outcome."""
        return Counter(found.outcome for found in self.log())


def everything(database: Database, shape: Shape = APPOINTMENTS) -> list[tuple]:
    """Return every field of every row, in the order of the ids."""
    fields = (shape.key, *shape.fields)
    names = [*(field.name for field in fields), "source_data"]
    kinds = "".join(field.letter for field in fields) + "j"
    query = f"SELECT {', '.join(names)} FROM {shape.table} ORDER BY {shape.key.name}"
    return list(database.rows(query, kinds))
