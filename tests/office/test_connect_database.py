"""Which database the settings mean, and in what state it is handed over."""

from __future__ import annotations

import subprocess
import sys

import pytest

from src import config
from src.adapters import migrations
from src.office import connect_database


@pytest.fixture
def settings(desk, database_url):
    desk.settings["DATABASE_URL"] = database_url
    return desk.config


def test_a_database_is_handed_over_with_its_schema(settings):
    with connect_database.database(settings) as found:
        assert migrations.pending(found) == []
        assert list(found.rows("SELECT COUNT(*) FROM customers", "i")) == [(0,)]


def test_a_database_can_be_looked_at_as_it_stands(settings):
    with connect_database.database(settings, prepared=False) as found:
        assert migrations.applied(found) == {}


def test_what_was_stored_is_there_the_next_time(settings):
    row = "('a.example', 'A', '2024-01-01T00:00:00+00:00')"
    with connect_database.database(settings) as found:
        found.run(f"INSERT INTO companies VALUES {row}")

    with connect_database.database(settings) as found:
        assert list(found.rows("SELECT name FROM companies", "t")) == [("A",)]


def test_an_error_closes_the_connection(settings):
    with pytest.raises(KeyError), connect_database.database(settings) as found:
        raise KeyError

    assert found.is_closed


@pytest.mark.parametrize(
    ("url", "left_out"), [("", "psql"), ("postgresql://127.0.0.1:1/x", "sqlite_file")]
)
def test_only_the_adapter_that_is_used_is_loaded(tmp_path, url, left_out):
    code = (
        "import sys\nfrom src import config\nfrom src.office import connect_database\n"
        "from src.kit.errors import Refused\n"
        "try:\n    connect_database.connection(config.load(dict(DATA_DIR=sys.argv[1], "
        "LOG_DIR=sys.argv[1], ENV_FILE='/dev/null', DATABASE_URL=sys.argv[2])))\n"
        "except Refused:\n    pass\nprint(*sys.modules)"
    )

    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), url],
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert f"src.adapters.{left_out}" not in said.split()
