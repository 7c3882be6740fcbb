"""Imports into a database, measured: beside sqlite-utils and beside psql alone."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from src.salespro.shapes import APPOINTMENTS
from tests.adapters.databases import Server
from tests.bench import peers
from tests.bench.measure import Cost, in_turn, once

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = ROOT / "src/adapters/schema/0002_salespro.sql"
OURS, THEIRS = "bench_ours", "bench_theirs"  # schemas
_TABLE, _COLUMNS = APPOINTMENTS.table, [f.name for f in APPOINTMENTS.fields]

# What a person types who wants nothing but the rows: no checks, no log, no history.
_PSQL = r"""
\set ON_ERROR_STOP on
\i {schema}
CREATE TEMP TABLE given ({given});
\copy given from '{export}' csv header
INSERT INTO {table} (id, {columns}, source_data, imported_at)
SELECT id, {cells}, jsonb_build_object('leadSource', a, 'appointmentType', b), now()
FROM given ON CONFLICT (id) DO UPDATE SET {sets};
{indexes}
"""


def exports(*words: str) -> None:
    """Make what is imported, in a process of its own; see `tests.bench.exports`."""
    once([sys.executable, "-m", "tests.bench.exports", *words], str(ROOT))


def beside_sqlite_utils(
    door: Sequence[str], root: Path, export: Path, rounds: int
) -> dict[str, Cost]:
    """Return what an import into a new SQLite file costs, ours and the peer's."""
    made = root / "peer"
    commands = {"ours": [*door, str(export)]}
    commands |= peers.python(
        "sqlite_utils", peers.UPSERT, export=export, database=made / "peer.db"
    )

    def anew() -> None:
        for folder in (made, root / "data", root / "logs"):
            shutil.rmtree(folder, ignore_errors=True)
        made.mkdir()

    return in_turn(commands, rounds, str(ROOT), anew)


def beside_psql(
    server: Server, door: Sequence[str], export: Path, rounds: int
) -> dict[str, Cost]:
    """Return what an import into an empty schema costs, ours and psql's own."""
    script = server.folder / "peer.sql"
    script.write_text(_script(export))
    url = "--set=DATABASE_URL=" + _in_schema(server, OURS)
    theirs = ["psql", "-Xq", _in_schema(server, THEIRS), "-f", str(script)]
    commands = {"ours": [*door, url, str(export)], "psql": theirs}

    def anew() -> None:
        for schema in (OURS, THEIRS):
            server.sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            server.sql(f"CREATE SCHEMA {schema}")

    return in_turn(commands, rounds, str(ROOT), anew)


def _in_schema(server: Server, schema: str) -> str:
    return f"{server.url()}&options=-csearch_path%3D{schema}"


def _script(export: Path) -> str:
    fields = APPOINTMENTS.fields
    casts = {f.name: f.sql.partition("(")[0] for f in fields if f.sql != "text"}
    return _PSQL.format(
        schema=SCHEMA,
        export=export,
        table=_TABLE,
        given=", ".join(f"{name} text" for name in ["id", *_COLUMNS, "a", "b"]),
        columns=", ".join(_COLUMNS),
        cells=", ".join(
            f"NULLIF({name}, '')" + (f"::{casts[name]}" if name in casts else "")
            for name in _COLUMNS
        ),
        sets=", ".join(f"{name} = excluded.{name}" for name in _COLUMNS),
        indexes="\n".join(
            f"CREATE INDEX {_TABLE}_{name} ON {_TABLE} ({name});"
            for name in APPOINTMENTS.indexes
        ),
    )
