"""Which database is the warehouse's, and in what state it is handed over."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from src import config
from src.adapters import migrations
from src.kit.errors import Locked, Refused
from src.office import connect_database, connect_wms
from src.office.connect_wms import SCHEMA


@pytest.fixture
def settings(desk, database_url):
    desk.settings["WMS_DATABASE_URL"] = database_url
    return desk.config


def counted(database, table="customers"):
    ((count,),) = database.rows(f"SELECT COUNT(*) FROM {table}", "i")
    return count


def test_the_database_is_handed_over_with_its_schema(settings):
    with connect_wms.database(settings) as found:
        assert migrations.pending(found, SCHEMA) == []
        assert counted(found, "wms_base") == 0


def test_the_schema_can_be_made_again(settings):
    with connect_wms.database(settings) as found:
        found.run("INSERT INTO customers (id, name) VALUES ('c', 'C')")

    with connect_wms.database(settings) as found:
        for statement in migrations.known(SCHEMA)[0].statements():
            found.run(statement)
        assert counted(found) == 1


def test_it_is_not_the_importers_database(desk):
    with connect_wms.database(desk.config) as found:
        found.run("INSERT INTO customers (id, name) VALUES ('c', 'C')")

    assert desk.config.wms_database_file.exists()
    with connect_database.database(desk.config) as other:
        assert counted(other) == 0


def test_an_error_closes_the_connection(settings):
    with pytest.raises(KeyError), connect_wms.database(settings) as found:
        raise KeyError

    assert found.is_closed


def test_an_error_in_a_snapshot_leaves_nothing_behind(settings):
    with pytest.raises(KeyError), connect_wms.snapshot(settings) as found:
        found.run("INSERT INTO customers (id, name) VALUES ('c', 'C')")
        raise KeyError

    with connect_wms.database(settings) as found:
        assert counted(found) == 0


def test_nobody_changes_a_file_while_it_is_read_out(desk):
    with connect_wms.snapshot(desk.config), pytest.raises(Locked):
        from src.adapters.sqlite_file import SqliteFile

        other = SqliteFile(desk.config.wms_database_file, busy_seconds=0)
        try:
            other.run("INSERT INTO customers (id, name) VALUES ('c', 'C')")
        finally:
            other.close()


@pytest.mark.parametrize(
    ("url", "left_out"), [("", "psql"), ("postgresql://127.0.0.1:1/x", "sqlite_file")]
)
def test_only_the_adapter_that_is_used_is_loaded(tmp_path, url, left_out):
    code = (
        "import sys\nfrom src import config\nfrom src.office import connect_wms\n"
        "from src.kit.errors import Refused\n"
        "try:\n    connect_wms.connection(config.load(dict(DATA_DIR=sys.argv[1], "
        "LOG_DIR=sys.argv[1], ENV_FILE='/dev/null', WMS_DATABASE_URL=sys.argv[2])))\n"
        "except Refused:\n    pass\nprint(*sys.modules)"
    )

    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), url],
        cwd=config.ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip

    assert f"src.adapters.{left_out}" not in said.stdout.split()


@pytest.mark.parametrize("rest", ["nobody@127.0.0.1:1/x", "a@b@c", "h/x?sslpassword=a"])
def test_what_is_wrong_with_its_address_is_said_of_its_own_setting(desk, rest):
    desk.settings["WMS_DATABASE_URL"] = f"postgresql://{rest}"

    with pytest.raises(Refused, match="^WMS_DATABASE_URL: "):
        connect_wms.connection(desk.config)


@pytest.mark.skipif(os.name == "nt", reason="Windows takes no time zone from TZ")
def test_times_that_sqlite_makes_are_utc_wherever_the_computer_is(tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from src.adapters.sqlite_file import SqliteFile\n"
        "found = SqliteFile(Path(sys.argv[1]) / 'a.db')\n"
        "print(*next(found.rows(\"SELECT '2026-01-01 12:00:00'\", 'z')))"
    )

    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=config.ROOT, check=True, capture_output=True, text=True,
        env={**os.environ, "TZ": "Asia/Tokyo"},
    )  # fmt: skip

    assert said.stdout.strip() == "2026-01-01T12:00:00.000000+00:00"
