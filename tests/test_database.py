"""The door that looks after the database, on both kinds."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys

import pytest

from src import config, database
from tests.adapters.databases import PASSWORD, QUOTED_PASSWORD

TABLES = [
    "companies",
    "addresses",
    "customers",
    "customer_emails",
    "customer_phones",
    "salespro_users",
    "salespro_appointment",
    "salespro_sync_history",
]


@pytest.fixture
def door(desk, database_url):
    """Return what runs the door on an empty database."""
    desk.settings["DATABASE_URL"] = database_url
    return lambda *words: desk.run(database, *words)


def lines(text: str) -> dict[str, str]:
    """Return what the door prints below its first line, by the words in front."""
    found = [line.strip().partition(" ") for line in text.split("\n")[1:] if line]
    return {name: rest.strip() for name, _, rest in found}


def test_migrate_makes_the_schema_and_says_so(desk, door):
    assert door("migrate") == 0
    assert desk.out.endswith(": applied 0001_customers, 0002_salespro\n")

    assert door("migrate") == 0
    assert desk.out.endswith(": nothing was pending\n")


def test_check_shows_what_is_there(desk, door, database_url):
    door("migrate")

    assert door("check") == 0

    product = "PostgreSQL 1" if database_url else "SQLite 3."
    assert desk.out.startswith(f"database: {product}")
    told = lines(desk.out)
    assert told.pop("schema") == "0001_customers, 0002_salespro"
    assert told == {name: "0 rows" for name in TABLES}


def test_check_changes_nothing_and_names_what_is_pending(desk, door):
    assert door("check") == 0
    assert door("check") == 0

    assert 'run "python -m src.database migrate"' in desk.out
    assert not list(desk.root.glob("data/*.db*"))
    if "pending" in desk.out:
        told = lines(desk.out)
        assert told["schema"] == "nothing yet"
        assert told["pending"].startswith("0001_customers, 0002_salespro; ")


def test_a_file_that_is_not_there_yet_is_no_error(desk):
    assert desk.run(database, "check") == 0

    place = desk.root / "data/carryover.db"
    assert desk.out.startswith(f"database: {place}: not there yet; run ")


def test_check_counts_rows(desk):
    desk.run(database, "migrate")
    other = sqlite3.connect(desk.root / "data/carryover.db")
    other.execute("INSERT INTO companies VALUES ('a.example', 'A', '2024-01-01')")
    other.commit()
    other.close()

    desk.run(database, "check")

    assert lines(desk.out)["companies"] == "1 row"


def test_a_schema_of_a_newer_program_is_2(desk):
    desk.run(database, "migrate")
    other = sqlite3.connect(desk.root / "data/carryover.db")
    other.execute(
        "INSERT INTO schema_versions VALUES (99, '0099_future', '2034-01-01')"
    )
    other.commit()
    other.close()

    for command in ("check", "migrate"):
        assert desk.run(database, command) == 2
        assert "newer than this program (0099_future); use the newer" in desk.err
        assert desk.err.count("\n") == 1


@pytest.mark.parametrize("command", ["check", "migrate"])
def test_no_connection_is_one_sentence_and_2(desk, command):
    url = "postgresql://u:hunter2@127.0.0.1:1/books"

    assert desk.run(database, command, DATABASE_URL=url) == 2

    assert desk.err.startswith("DATABASE_URL: ") and desk.err.count("\n") == 1
    assert "hunter2" not in desk.out + desk.err


def test_the_door_needs_a_command(desk):
    with pytest.raises(SystemExit) as ended:
        desk.run(database)

    assert ended.value.code == 2


# --- shells ---------------------------------------------------------------------------


def test_the_shell_of_a_file_is_sqlites(desk):
    assert desk.run(database, "shell-hint") == 0

    assert desk.out == f"sqlite3 {desk.root}/data/carryover.db\n"
    assert desk.err == ""


def test_the_shell_of_a_server_is_psql_without_the_password(desk):
    url = "postgresql://u:hunter2@h:5433/books?sslmode=require&password=hunter3"

    assert desk.run(database, "shell-hint", DATABASE_URL=url) == 0

    assert desk.out == "psql 'postgresql://u@h:5433/books?sslmode=require'\n"
    assert desk.err == (
        "the password comes from PGPASSWORD, or from ~/.pgpass; export PGPASSWORD as in "
        "DATABASE_URL, but decoded (%40 is @)\n"
    )
    assert "hunter" not in desk.out + desk.err


# --- secrets --------------------------------------------------------------------------


@pytest.mark.parametrize("debug", [(), ("--debug",)])
@pytest.mark.parametrize("command", ["check", "migrate", "shell-hint"])
@pytest.mark.parametrize("password", ["canary-7f3a", QUOTED_PASSWORD])
def test_the_password_is_never_shown(postgresql, tmp_path, command, password, debug):
    environ = {
        **os.environ,
        "DATA_DIR": str(tmp_path / "data"),
        "LOG_DIR": str(tmp_path / "logs"),
        "DATABASE_URL": postgresql.tcp("nowhere", password),
    }
    ended = subprocess.run(
        [sys.executable, "-m", "src.database", *debug, command],
        cwd=config.ROOT,
        env=environ,
        capture_output=True,
        text=True,
    )

    assert ended.returncode == (0 if command == "shell-hint" else 2)
    said = ended.stdout + ended.stderr
    assert "127.0.0.1" in said
    assert password not in said and PASSWORD not in said


def test_the_settings_do_not_show_the_password(tmp_path):
    environ = {**os.environ, "DATABASE_URL": "postgresql://u:canary-7f3a@h/books"}

    said = subprocess.run(
        [sys.executable, "-m", "src.config"],
        cwd=config.ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "DATABASE_URL" in said and "canary" not in said
