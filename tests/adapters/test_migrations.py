"""Schema files: carried out once, in order, all of one or nothing."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from src.adapters import migrations
from src.adapters.psql import Psql
from src.adapters.sqlite_file import SqliteFile
from src.kit.database import BadData
from src.kit.errors import NOTHING_DONE, Refused

NOW = "2024-05-01T00:00:00.000000+00:00"
NAMES = ["0001_customers", "0002_salespro"]


@pytest.fixture
def connect(database_url, tmp_path):
    """Return what opens one more connection to the same database."""
    opened = []

    def connect(url=database_url):
        path = tmp_path / "books.db"
        opened.append(Psql(url) if url else SqliteFile(path))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


@pytest.fixture
def database(connect):
    return connect()


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder of two schema files."""
    found = tmp_path / "schema"
    found.mkdir()
    write(found, "0001_first.sql", "CREATE TABLE IF NOT EXISTS first (id integer);\n")
    write(found, "0002_second.sql", "CREATE TABLE IF NOT EXISTS second (id integer);\n")
    return found


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"-- a heading\n\n{text}", "utf-8")


def count(database, table: str) -> int:
    ((number,),) = database.rows(f"SELECT COUNT(*) FROM {table}", "i")
    return number


def test_a_new_database_gets_every_file_in_order(database):
    assert migrations.migrate(database, NOW) == NAMES

    rows = database.rows("SELECT * FROM schema_versions ORDER BY number", "itz")
    assert list(rows) == [(1, NAMES[0], NOW), (2, NAMES[1], NOW)]
    assert count(database, "customers") == count(database, "salespro_appointment") == 0


def test_every_table_of_the_schema_is_named(database):
    migrations.migrate(database, NOW)

    tables = [name for one in migrations.known() for name in one.tables()]

    assert [count(database, name) for name in tables] == [0] * len(tables)
    assert {"customers", "companies", "salespro_users"} <= set(tables)


def test_what_was_carried_out_is_not_carried_out_again(database):
    migrations.migrate(database, NOW)

    assert migrations.migrate(database, NOW) == []
    assert migrations.pending(database) == []


def test_every_file_can_be_carried_out_twice(database):
    migrations.migrate(database, NOW)

    for migration in migrations.known():
        for statement in migration.statements():
            assert database.run(statement) == 0


def test_only_what_is_new_is_carried_out(database, folder):
    migrations.migrate(database, NOW, folder)
    write(folder, "0003_third.sql", "CREATE TABLE IF NOT EXISTS third (id integer);")

    assert [one.name for one in migrations.pending(database, folder)] == ["0003_third"]
    assert migrations.migrate(database, NOW, folder) == ["0003_third"]


def test_a_file_that_fails_leaves_nothing_of_itself(database, folder):
    text = "CREATE TABLE half (id integer PRIMARY KEY);\n"
    text += "INSERT INTO half VALUES (1), (1);\n"
    write(folder, "0002_second.sql", text)

    with pytest.raises(BadData):
        migrations.migrate(database, NOW, folder)

    assert migrations.applied(database) == {1: "0001_first"}
    write(folder, "0002_second.sql", "CREATE TABLE half (id integer);\n")
    assert migrations.migrate(database, NOW, folder) == ["0002_second"]


def test_a_newer_database_is_refused_by_name(database, folder):
    write(folder, "0009_future.sql", "CREATE TABLE future (id integer);\n")
    migrations.migrate(database, NOW, folder)
    (folder / "0009_future.sql").unlink()

    with pytest.raises(
        Refused, match=r"newer.*\(0009_future\); use the newer"
    ) as refused:
        migrations.migrate(database, NOW, folder)

    assert refused.value.exit_code == NOTHING_DONE


def test_a_statement_ends_at_the_end_of_a_line_only():
    text = "CREATE TABLE a (\n  b text DEFAULT 'x;y'\n);\n\nDROP TABLE a;\n"

    found = migrations.Migration(1, "x", text).statements()

    assert found == ["CREATE TABLE a (\n  b text DEFAULT 'x;y'\n)", "DROP TABLE a"]


@pytest.mark.parametrize("attempt", range(6))
def test_starts_at_the_same_time_all_succeed_and_each_file_is_applied_once(
    database_url, tmp_path, attempt
):
    applied, failed = [], []
    barrier = threading.Barrier(4)

    def start() -> None:
        barrier.wait()
        try:
            path = tmp_path / "books.db"
            one = Psql(database_url) if database_url else SqliteFile(path)
            applied.extend(migrations.migrate(one, NOW))
            one.close()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert sorted(applied) == NAMES


def test_a_start_that_waited_for_anothers_table_of_versions_goes_on(postgresql):
    url, waiting = postgresql.fresh(), "SELECT COUNT(*) FROM pg_locks WHERE NOT granted"
    first, second = Psql(url), Psql(url)
    applied = []
    slower = threading.Thread(
        target=lambda: applied.extend(migrations.migrate(second, NOW))
    )

    with first.transaction():
        first.run(migrations.VERSIONS)
        slower.start()
        while list(first.rows(waiting, "i")) == [(0,)]:
            assert slower.is_alive()
    slower.join()

    assert applied == NAMES
    first.close()
    second.close()


def test_a_user_without_rights_to_make_tables_needs_none_when_nothing_is_pending(
    postgresql,
):
    url = postgresql.fresh()
    schema = url.rpartition("%3D")[2]
    postgresql.sql(f"CREATE ROLE clerk LOGIN; GRANT USAGE ON SCHEMA {schema} TO clerk")
    owner, reader = Psql(url), Psql(url.replace("carryover@", "clerk@"))

    with pytest.raises(Refused, match="permission denied.*; let the owner"):
        migrations.migrate(reader, NOW)

    migrations.migrate(owner, NOW)
    postgresql.sql(f"GRANT SELECT ON {schema}.schema_versions TO clerk")
    assert migrations.migrate(reader, NOW) == []
    owner.close()
    reader.close()
