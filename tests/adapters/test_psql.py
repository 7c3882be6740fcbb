"""psql as a database: passwords, servers that go away, doors that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from src.adapters.psql import Psql
from src.adapters.psql_address import address
from src.kit.database import BadData, ConnectionLost, Staging
from src.kit.errors import (
    INPUT_OUTPUT,
    NOTHING_DONE,
    STOPPED_EARLY,
    BrokenDisk,
    Refused,
)
from tests.adapters.databases import PASSWORD, QUOTED_PASSWORD

TEXTS = Staging("texts", (("number", "integer"), ("text", "varchar(10)")))


@pytest.fixture
def url(postgresql):
    return postgresql.fresh()


@pytest.fixture
def database(url):
    """Return a database with a table and a row."""
    found = Psql(url)
    found.run("CREATE TABLE kept (id integer PRIMARY KEY, text varchar(10))")
    found.run("INSERT INTO kept VALUES (1, 'a')")
    yield found
    found.close()


def texts(database) -> list[str]:
    return [text for (text,) in database.rows("SELECT text FROM kept ORDER BY id", "t")]


# --- the address ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown", "password"),
    [
        ("postgresql://u:p@h:5433/db", "postgresql://u@h:5433/db", "p"),
        ("postgres://u:p%40%2F%3A@h/db", "postgres://u@h/db", "p@/:"),
        ("postgresql://u@h/db?password=p%26q", "postgresql://u@h/db", "p&q"),
        ("postgresql://u@h/db?a=b&password=p&c=d", "postgresql://u@h/db?a=b&c=d", "p"),
        ("postgresql://u@h/db?%70assword=p", "postgresql://u@h/db", "p"),
        ("postgresql://u:p@a:1,b:2/db", "postgresql://u@a:1,b:2/db", "p"),
        ("postgresql://u:p@[::1]:5433/db", "postgresql://u@[::1]:5433/db", "p"),
        ("postgresql:///db?host=/run/pg", "postgresql:///db?host=/run/pg", ""),
        ("postgresql://h/db?user=a@b", "postgresql://h/db?user=a@b", ""),
        ("postgresql://", "postgresql://", ""),
    ],
)
def test_the_password_is_taken_out_of_the_address(url, shown, password):
    found = address(url)

    assert (found.url, found.password) == (shown, password)
    assert found.label == shown.partition("?")[0]


@pytest.mark.parametrize(
    "password", ["hunter#2", "12?hunter", "hunter/2", "hunter?2", "hun:ter?x=2/"]
)
def test_an_address_that_cannot_be_read_is_not_repeated(password):
    with pytest.raises(
        Refused, match="DATABASE_URL: cannot be read.*%40 for @"
    ) as refused:
        address(f"postgresql://u:{password}@h/db")

    assert "hun" not in str(refused.value)


def test_a_password_of_a_key_file_has_no_place_on_a_command_line():
    with pytest.raises(Refused, match="sslpassword would stand") as refused:
        address("postgresql://h/db?sslpassword=hunter2")

    assert "hunter2" not in str(refused.value)


# --- no connection --------------------------------------------------------------------


def test_a_wrong_password_is_one_sentence_that_does_not_show_it(postgresql):
    with pytest.raises(Refused, match="password authentication failed") as refused:
        Psql(postgresql.tcp(password="hunter2"))

    said = str(refused.value)
    assert said.startswith("DATABASE_URL: ") and "\n" not in said
    assert said.endswith(
        "; check host, port, user, password and database name, and that the server runs"
    )
    assert "hunter2" not in said
    assert refused.value.exit_code == NOTHING_DONE


def test_the_right_password_opens(postgresql):
    database = Psql(postgresql.tcp())

    assert list(database.rows("SELECT current_user", "t")) == [("carryover",)]

    database.close()


def test_no_password_is_asked_for_at_a_terminal(postgresql):
    url = postgresql.tcp().replace(f":{QUOTED_PASSWORD}", "")

    with pytest.raises(Refused, match="no password supplied"):
        Psql(url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://carryover@127.0.0.1:1/db", "Connection refused"),
        ("postgresql://carryover@/db?host=/nowhere", "No such file or directory"),
        ("postgresql://h/db?nonsense=1", 'invalid URI query parameter: "nonsense"'),
    ],
)
def test_a_server_that_is_not_there_is_one_sentence(postgresql, url, words):
    with pytest.raises(Refused, match=words) as refused:
        Psql(url)

    assert str(refused.value).startswith("DATABASE_URL: ")
    assert "\n" not in str(refused.value) and "psql: error" not in str(refused.value)


def test_a_database_that_does_not_exist_is_refused(postgresql):
    with pytest.raises(Refused, match='database "nowhere" does not exist; check'):
        Psql(postgresql.url("nowhere"))


def test_a_machine_without_psql_is_told_how_to_get_it(tmp_path):
    with pytest.raises(Refused, match="psql is not installed; install the PostgreSQL"):
        Psql("postgresql://h/db", {"PATH": str(tmp_path)})


# --- secrets --------------------------------------------------------------------------


@pytest.mark.skipif(
    not Path("/proc").exists(), reason="command lines are read in /proc"
)
def test_no_command_line_shows_the_password(postgresql):
    database = Psql(f"{postgresql.tcp()}?password={QUOTED_PASSWORD}")

    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]

    assert any(b"127.0.0.1" in line and b"psql" in line for line in lines)
    for secret in (PASSWORD, QUOTED_PASSWORD):
        assert not any(secret.encode() in line for line in lines)
    assert PASSWORD not in database.label and QUOTED_PASSWORD not in database.label
    database.close()


# --- data that does not fit -----------------------------------------------------------


@pytest.mark.parametrize("row", [(1, "x" * 11), (2**40, "x"), (1, "\0")])
def test_a_value_that_does_not_fit_is_bad_data_and_the_session_goes_on(database, row):
    database.stage(TEXTS)
    database.load(TEXTS, [(7, "before")])

    with pytest.raises(BadData, match=r"put that value right") as refused:
        database.load(TEXTS, [(1, "a"), row])

    assert "\n" not in str(refused.value)
    assert list(database.rows("SELECT * FROM texts", "it")) == [(7, "before")]


def test_bad_data_early_in_a_large_load_ends_it(database):
    database.stage(TEXTS)
    rows = ((number, "x" * (11 if number == 5 else 10)) for number in range(1_000_000))

    with pytest.raises(BadData, match="line 6, column text"):
        database.load(TEXTS, rows)

    assert next(rows)[0] < 600_000
    assert list(database.rows("SELECT COUNT(*) FROM texts", "i")) == [(0,)]


def test_rows_that_could_not_be_copied_are_no_statements(database):
    missing = Staging("nowhere", TEXTS.columns)
    rows = [(1, "x"), (2, "\n;"), (3, "\nDELETE FROM kept;\n"), (4, "\\! touch /tmp/x")]

    with pytest.raises(Refused):
        database.load(missing, rows * 1000)

    assert texts(database) == ["a"]


@pytest.mark.parametrize("width", [1, 3])
def test_a_row_of_another_width_is_bad_data(database, width):
    database.stage(TEXTS)

    with pytest.raises(BadData):
        database.load(TEXTS, [("1",) * width])

    assert list(database.rows("SELECT COUNT(*) FROM texts", "i")) == [(0,)]


def test_a_server_that_may_not_be_written_is_74(postgresql, url, database):
    standby = Psql(f"{url}%20-cdefault_transaction_read_only%3Don")

    with pytest.raises(
        BrokenDisk, match="read-only transaction; use a server"
    ) as refused:
        standby.run("INSERT INTO kept VALUES (2, 'b')")

    assert refused.value.exit_code == INPUT_OUTPUT
    standby.close()


def test_a_full_disk_under_the_rows_in_transit_is_74(database, tmp_path):
    resource = pytest.importorskip("resource")
    database.stage(TEXTS)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(
            BrokenDisk, match="carryover-.*: File too large; "
        ) as refused:
            database.load(TEXTS, ((number, "x" * 10) for number in range(100_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert refused.value.exit_code == INPUT_OUTPUT
    assert list(database.rows("SELECT COUNT(*) FROM texts", "i")) == [(0,)]


@pytest.mark.skipif(os.name == "nt", reason="files without a name (no Windows)")
def test_no_row_is_left_in_the_folder_of_temporary_files(url, database):
    there = set(Path(tempfile.gettempdir()).glob("carryover-*"))
    with half_done(url, "load") as door:
        assert set(Path(tempfile.gettempdir()).glob("carryover-*")) == there
        door.kill()

    assert set(Path(tempfile.gettempdir()).glob("carryover-*")) == there


def test_each_complaint_is_told_once(database):
    for word in ("SELEKT", "DELEET"):
        with pytest.raises(Refused) as refused:
            database.run(word)
        words = (
            f'postgresql://carryover@/postgres: syntax error at or near "{word}"; see'
        )
        assert str(refused.value).startswith(words)


# --- servers that go away -------------------------------------------------------------


@pytest.fixture
def stopping(postgresql):
    """Return what stops the server at once; it runs again after the test."""
    yield postgresql.stop
    postgresql.start()


def test_a_server_that_stops_between_statements_is_lost_with_3(url, database, stopping):
    with pytest.raises(
        ConnectionLost, match="connection was lost .*; start"
    ) as refused:
        with database.transaction():
            database.run("INSERT INTO kept VALUES (2, 'b')")
            stopping()
            database.run("INSERT INTO kept VALUES (3, 'c')")

    assert refused.value.exit_code == STOPPED_EARLY
    assert "\n" not in str(refused.value)


def test_a_server_that_stops_while_rows_are_loaded_is_lost(database, stopping):
    def rows():
        for number in range(500_000):
            if number == 200_000:
                stopping()
            yield number, "x"

    database.stage(TEXTS)

    with pytest.raises(ConnectionLost):
        database.load(TEXTS, rows())


def test_a_server_that_stops_while_rows_are_read_is_lost(database, stopping):
    rows = database.rows(
        "SELECT repeat('x', 1000) FROM generate_series(1, 100000)", "t"
    )
    next(rows)

    stopping()

    with pytest.raises(ConnectionLost):
        sum(1 for _ in rows)


def test_after_a_loss_every_statement_says_so_and_closing_works(postgresql, url):
    database = Psql(url)
    backend = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
    postgresql.sql(f"{backend} application_name = 'carryover'")

    for _ in range(2):
        with pytest.raises(ConnectionLost):
            database.run("SELECT 1")
    with pytest.raises(ConnectionLost):
        list(database.rows("SELECT 1", "i"))

    database.close()


# --- doors that are killed ------------------------------------------------------------

DOOR = """
import sys
from src.adapters.psql import Psql
from tests.adapters.test_psql import TEXTS

database = Psql(sys.argv[1])
database.stage(TEXTS)

def rows():
    for number in range(2, 400_000):
        if number == 300_000:
            print("half", flush=True)
            sys.stdin.read()
        yield number, "x"

with database.transaction():
    database.run("DELETE FROM kept WHERE id = 1")
    if "load" in sys.argv:
        database.load(TEXTS, rows())
    print("half", flush=True)
    sys.stdin.read()
"""


def half_done(url: str, *words: str) -> subprocess.Popen:
    """Return a door that has stopped in the middle of a transaction."""
    command = [sys.executable, "-c", DOOR, url, *words]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    door = subprocess.Popen(command, text=True, start_new_session=True, **pipes)
    assert door.stdout.readline() == "half\n"
    return door


@pytest.mark.parametrize("words", [(), ("load",)])
def test_a_killed_door_leaves_nothing_half_stored(url, database, words):
    with half_done(url, *words) as door:
        door.kill()

    with database.transaction():  # waits for the killed one's row to be free
        assert database.run("UPDATE kept SET text = 'b' WHERE id = 1") == 1
    assert texts(database) == ["b"]


def test_a_killed_doors_lock_is_free_again(url, database):
    code = DOOR.replace("with database.transaction()", "with database.lock()")
    command = [sys.executable, "-c", code, url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as door:
        assert door.stdout.readline() == "half\n"
        door.kill()

    with database.lock():
        assert texts(database) == []


def test_a_statement_alone_is_carried_out_inside_a_transaction(database):
    inside = "CASE WHEN now() < statement_timestamp() THEN 'inside' ELSE 'alone' END"

    database.run(f"INSERT INTO kept SELECT 2, {inside}")

    assert texts(database) == ["a", "inside"]


def test_a_statement_that_is_cut_short_commits_nothing(postgresql, url, database):
    session = database._session
    session._client.stdin.write(b"BEGIN;\nDELETE FROM kept")
    session._client.stdin.close()
    session._client.wait()

    other = Psql(url)
    assert texts(other) == ["a"]
    other.close()


@pytest.mark.skipif(os.name == "nt", reason="signals to a group (no Windows)")
def test_ctrl_c_reaches_the_door_and_not_psql(url):
    door = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, url],
        text=True,
        start_new_session=True,
        stdout=subprocess.PIPE,
    )
    assert door.stdout.readline() == "ready\n"

    os.killpg(door.pid, signal.SIGINT)

    assert door.communicate()[0] == "interrupted\n[(1,)]\n"


INTERRUPTED = """
import signal, sys
from src.adapters.psql import Psql

database = Psql(sys.argv[1])
database.run("CREATE TABLE kept (id integer)")
with database.transaction():
    database.run("INSERT INTO kept VALUES (1)")
    try:
        print("ready", flush=True)
        while True:
            signal.pause()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
print(list(database.rows("SELECT id FROM kept", "i")))
"""


def test_an_answer_that_was_interrupted_is_not_taken_for_the_next(database):
    session = database._session
    session.send("SELECT 'stale' FROM generate_series(1, 50000);")
    session.send("SELEKT;")

    assert list(database.rows("SELECT 'fresh'", "t")) == [("fresh",)]
    assert texts(database) == ["a"]
