"""The mysql client as a database: old tables, passwords, servers and doors that end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from src.adapters.mysql import Mysql
from src.adapters.mysql_address import address
from src.kit.database import BadData, ConnectionLost, Staging
from src.kit.errors import (
    INPUT_OUTPUT,
    LOCKED,
    NOTHING_DONE,
    STOPPED_EARLY,
    BrokenDisk,
    Locked,
    Refused,
)
from tests.adapters.databases import PASSWORD, QUOTED_PASSWORD
from tests.kit import hostile

TEXTS = Staging("texts", (("number", "integer"), ("text", "varchar(10)")))


@pytest.fixture
def url(mariadb):
    return mariadb.fresh()


@pytest.fixture
def database(url):
    """Return a database with a table and a row."""
    found = Mysql(url)
    found.run("CREATE TABLE kept (id integer PRIMARY KEY, text varchar(10))")
    found.run("INSERT INTO kept VALUES (1, 'a')")
    yield found
    found.close()


def texts(database) -> list[str]:
    return [text for (text,) in database.rows("SELECT text FROM kept ORDER BY id", "t")]


# --- the address ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "label", "options", "password"),
    [
        ("mysql://u:p@h:3307/d", "mysql://u@h:3307/d",
         "--user=u --protocol=TCP --host=h --port=3307 --database=d", "p"),
        ("mariadb://u:p%40%2F@h/d", "mariadb://u@h/d",
         "--user=u --protocol=TCP --host=h --database=d", "p@/"),
        ("mysql://u:p@h/d?charset=utf8mb4", "mysql://u@h/d",
         "--user=u --protocol=TCP --host=h --database=d", "p"),
        ("mysql://u@/d?socket=/run/my%20sql", "mysql://u@/d",
         "--user=u --protocol=SOCKET --database=d --socket=/run/my sql", ""),
        ("mysql://u@localhost/d?unix_socket=/s", "mysql://u@localhost/d",
         "--user=u --protocol=SOCKET --database=d --socket=/s", ""),
        ("mysql://a%40b:p@[::1]:3306/d", "mysql://a%40b@[::1]:3306/d",
         "--user=a@b --protocol=TCP --host=::1 --port=3306 --database=d", "p"),
        ("mysql://[::1]/d%20e", "mysql://[::1]/d%20e",
         "--protocol=TCP --host=::1 --database=d e", ""),
        ("mysql://u@h/d?ssl_ca=/ca.pem&ssl-verify-server-cert=1", "mysql://u@h/d",
         "--user=u --protocol=TCP --host=h --database=d --ssl-ca=/ca.pem "
         "--ssl-verify-server-cert=1", ""),
    ],
)  # fmt: skip
def test_the_password_is_taken_out_of_the_address(url, label, options, password):
    found = address(url)

    assert (found.label, " ".join(found.options)) == (label, options)
    assert found.password == password


@pytest.mark.parametrize(
    "rest",
    ["u:hunter#2@h/d", "u:hunter/2@h/d", "u:hunter?2@h/d", "u:hun:ter?x=2/@h/d",
     "u:12?hunter=2@h/d", "u:hunter2@h", "u:hunter2@h/", "u:hunter2@a,b/d",
     "u:hunter2@h/d?nonsense=1", "u@h/d?password=hunter2"],
)  # fmt: skip
def test_an_address_that_cannot_be_read_is_not_repeated(rest):
    with pytest.raises(Refused, match="^MIS_DATABASE_URL: .*%40 for @") as refused:
        address(f"mysql://{rest}", "MIS_DATABASE_URL")

    assert "hun" not in str(refused.value)


# --- no connection --------------------------------------------------------------------


def test_a_wrong_password_is_one_sentence_that_does_not_show_it(mariadb):
    with pytest.raises(Refused, match="Access denied for user") as refused:
        Mysql(mariadb.tcp(password="hunter2"), setting="MIS_DATABASE_URL")

    said = str(refused.value)
    assert said.startswith("MIS_DATABASE_URL: ") and "\n" not in said
    assert said.endswith(
        "; check user and password in MIS_DATABASE_URL, or set MYSQL_PWD; "
        "a ~/.my.cnf is not read"
    )
    assert "hunter2" not in said
    assert refused.value.exit_code == NOTHING_DONE


def test_the_right_password_opens(mariadb):
    database = Mysql(mariadb.tcp())

    assert list(database.rows("SELECT CURRENT_USER", "t")) == [("carryover@127.0.0.1",)]

    database.close()


def test_the_password_may_come_from_the_environment(mariadb):
    url = mariadb.tcp().replace(f":{QUOTED_PASSWORD}", "")

    database = Mysql(url, {**os.environ, "MYSQL_PWD": PASSWORD})

    assert database.product.startswith("MariaDB ")
    database.close()


def test_no_password_is_asked_for_at_a_terminal(mariadb):
    url = mariadb.tcp().replace(f":{QUOTED_PASSWORD}", "")

    with pytest.raises(Refused, match="using password: NO"):
        Mysql(url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://u@127.0.0.1:1/d", "Can't connect to server on '127.0.0.1'"),
        ("mysql://u@/d?socket=/nowhere", "Can't connect .* '/nowhere'"),
        (
            "mysql://u@127.0.0.1:1/d?ssl-mode=NONE",
            ": mariadb: unknown variable 'ssl-mode",
        ),
    ],
)
def test_a_server_that_is_not_there_is_one_sentence(mariadb, url, words):
    with pytest.raises(Refused, match=words) as refused:
        Mysql(url)

    assert str(refused.value).startswith("DATABASE_URL: ")
    assert str(refused.value).endswith("in it, and that the server runs")
    assert not any(w in str(refused.value) for w in ("\n", "ERROR", "Warning"))


def test_a_database_that_does_not_exist_is_refused(mariadb):
    with pytest.raises(Refused, match="Unknown database 'nowhere'; check the name"):
        Mysql(mariadb.url("nowhere"))


def test_a_machine_without_the_client_is_told_how_to_get_it(tmp_path):
    with pytest.raises(Refused, match="is installed; install .*default-mysql-client"):
        Mysql("mysql://h/d", {"PATH": str(tmp_path)})


def test_the_client_of_mysql_does_as_well(url, tmp_path):
    (tmp_path / "mysql").symlink_to("/usr/bin/mariadb")

    database = Mysql(url, {"PATH": str(tmp_path)})

    assert list(database.rows("SELECT 1", "i")) == [(1,)]
    database.close()


def test_what_the_user_has_switched_on_elsewhere_is_not_read(url, tmp_path):
    (tmp_path / ".my.cnf").write_text("[client]\nsafe-updates\nnonsense\nhtml\n")

    database = Mysql(url, {**os.environ, "HOME": str(tmp_path)})

    assert list(database.rows("SELECT 1", "i")) == [(1,)]
    database.close()


# --- secrets --------------------------------------------------------------------------


@pytest.mark.skipif(
    not Path("/proc").exists(), reason="command lines are read in /proc"
)
def test_no_command_line_shows_the_password(mariadb):
    database = Mysql(mariadb.tcp())

    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]

    # Clients paint over a password that they found on theirs, a moment later.
    lines.append(" ".join(database._session._client.args).encode())
    assert any(b"--host=127.0.0.1" in line for line in lines)
    for secret in (PASSWORD, QUOTED_PASSWORD):
        assert not any(secret.encode() in line for line in lines)
    assert PASSWORD not in database.label and QUOTED_PASSWORD not in database.label
    database.close()


# --- values ---------------------------------------------------------------------------


def test_odd_texts_come_back_from_a_table_as_they_were(database):
    rows = list(enumerate(filter(is_text, hostile.ODD + hostile.texts(3000))))
    long = Staging("texts", (("number", "integer"), ("text", "text")))
    database.stage(long)
    database.run("CREATE TABLE odd (id integer, text longtext)")

    database.load(long, rows)
    database.run("INSERT INTO odd SELECT * FROM texts")

    assert list(database.rows("SELECT * FROM odd ORDER BY id", "it")) == rows


def is_text(text: str) -> bool:
    return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)


def test_columns_may_have_any_names_and_the_same_name(database):
    query = """SELECT 1 AS "a<b>&""'", '>' AS "</field>", 3 AS x, NULL AS x"""

    assert list(database.rows(query, "itit")) == [(1, ">", 3, None)]


def test_a_long_text_comes_back(database):
    wide = Staging("wide", (("text", "text"),))
    database.stage(wide)

    database.load(wide, [("é" * 1_000_000,), ("&<>" * 300_000,)])

    (first,), (second,) = database.rows("SELECT text FROM wide", "t")
    assert first == "é" * 1_000_000 and second == "&<>" * 300_000


def test_bytes_that_are_no_text_come_as_lone_surrogates(database):
    assert list(database.rows("SELECT x'41ff42'", "t")) == [("A\udcffB",)]


@pytest.mark.parametrize("written", ["0000-00-00 00:00:00", "2024-00-00 00:00:00"])
def test_a_date_that_is_none_is_read_as_none_and_left_alone(database, written):
    database.run("CREATE TABLE old (id integer PRIMARY KEY, seen datetime)")
    database.run(f"INSERT INTO old VALUES (1, '{written}')")

    database.run("ALTER TABLE old ADD COLUMN status integer DEFAULT 0")
    database.run("UPDATE old SET status = 2")

    query = "SELECT seen, seen, seen, status FROM old"
    assert list(database.rows(query, "zZti")) == [(None, None, written, 2)]


def test_moments_are_stored_in_utc(database):
    times = Staging("times", (("number", "integer"), ("at", database.datetime_type)))
    given = ["2026-11-21T22:00:00+02:00", "2026-11-21T20:00:00Z", "2026-11-21 20:00:00"]
    database.stage(times)

    database.load(times, enumerate(given))

    assert (
        list(database.rows('SELECT "at" FROM times', "z"))
        == [("2026-11-21T20:00:00.000000+00:00",)] * 3
    )


def test_a_session_is_in_utc(database):
    query = "SELECT FROM_UNIXTIME(0), @@session.time_zone"

    assert list(database.rows(query, "zt")) == [
        ("1970-01-01T00:00:00.000000+00:00", "+00:00")
    ]


def test_a_backslash_in_a_statement_is_a_letter(database):
    query = r"SELECT 'C:\new\', 1 WHERE 'a_b' LIKE 'a\_b' ESCAPE '\'"

    assert list(database.rows(query, "ti")) == [("C:\\new\\", 1)]


# --- an old system's tables -----------------------------------------------------------


@pytest.mark.parametrize(
    "sorting",
    ["latin1 COLLATE latin1_swedish_ci", "utf8mb3 COLLATE utf8mb3_general_ci",
     "utf8mb4 COLLATE utf8mb4_unicode_ci", "utf8mb4 COLLATE utf8mb4_bin"],
)  # fmt: skip
def test_staged_texts_and_casts_meet_columns_however_sorted(database, sorting):
    database.run(
        f"CREATE TABLE old (id integer, name varchar(9)) CHARACTER SET {sorting}"
    )
    database.run("INSERT INTO old VALUES (7, 'é7'), (8, '8')")
    database.stage(TEXTS)
    database.load(TEXTS, [(1, "é7"), (2, "日本")])

    staged = "SELECT number FROM texts JOIN old ON old.name = texts.text"
    cast = "SELECT id FROM old WHERE CAST(id AS CHAR) = name AND name <> 'x'"

    assert list(database.rows(staged, "i")) == [(1,)]
    assert list(database.rows(cast, "i")) == [(8,)]


def test_a_text_that_a_column_cannot_hold_is_bad_data(database):
    database.run("CREATE TABLE old (name varchar(9)) CHARACTER SET latin1")
    database.stage(TEXTS)
    database.load(TEXTS, [(1, "日本")])

    with pytest.raises(BadData, match="Incorrect string value"):
        database.run("INSERT INTO old SELECT text FROM texts")


def test_columns_that_cannot_be_compared_are_a_sentence(database):
    database.run(
        "CREATE TABLE two (a varchar(9) COLLATE utf8mb4_unicode_ci, "
        "b varchar(9) COLLATE utf8mb4_general_ci)"
    )

    with pytest.raises(Refused, match="Illegal mix .*; let the owner .* one collation"):
        list(database.rows("SELECT 1 FROM two WHERE a = b", "i"))


# --- data that does not fit -----------------------------------------------------------


@pytest.mark.parametrize(
    "row", [(1, "x" * 11), (2**40, "x"), ("x", "x"), (1, "\0"), (1, "x" * 12_000_000)]
)
def test_a_value_that_does_not_fit_is_bad_data(database, row):
    database.stage(TEXTS)

    with pytest.raises(BadData, match="put that value right") as refused:
        database.load(TEXTS, [(1, "a"), row])

    assert "\n" not in str(refused.value) and len(str(refused.value)) < 300


def test_after_bad_data_the_session_goes_on(database):
    database.stage(TEXTS)
    database.load(TEXTS, [(7, "before")])

    with pytest.raises(BadData):
        database.load(TEXTS, [(1, "a"), (1, "x" * 11)])

    assert list(database.rows("SELECT * FROM texts", "it")) == [(7, "before")]


def test_bad_data_early_in_a_large_load_ends_it_and_names_the_row(database):
    database.stage(TEXTS)
    rows = ((number, "x" * (11 if number == 1204 else 10)) for number in range(100_000))

    with pytest.raises(BadData, match="column 'text' at row 1205;"):
        database.load(TEXTS, rows)

    assert next(rows)[0] < 3000
    assert list(database.rows("SELECT COUNT(*) FROM texts", "i")) == [(0,)]


@pytest.mark.parametrize("width", [1, 3])
def test_a_row_of_another_width_is_bad_data(database, width):
    database.stage(TEXTS)

    with pytest.raises(BadData):
        database.load(TEXTS, [("1",) * width])

    assert list(database.rows("SELECT COUNT(*) FROM texts", "i")) == [(0,)]


def test_a_server_that_may_not_be_written_is_74(database):
    database.run("SET SESSION TRANSACTION READ ONLY")

    with pytest.raises(BrokenDisk, match="; use a server that may be") as refused:
        database.run("INSERT INTO kept VALUES (2, 'b')")

    assert refused.value.exit_code == INPUT_OUTPUT


def test_a_table_that_is_full_is_74(database):
    database.run("SET max_heap_table_size = 16384")
    database.run("CREATE TABLE small (text varchar(2000)) ENGINE = MEMORY")

    with pytest.raises(BrokenDisk, match="is full; look after the server's disk"):
        database.run("INSERT INTO small SELECT REPEAT('x', seq) FROM seq_1_to_2000")


def test_what_a_user_may_not_do_is_said_with_who_can_help(mariadb, url, database):
    name = url.partition("?")[0].rpartition("/")[2]
    user = f"{name}@localhost"
    mariadb.sql(f"CREATE USER {user}; GRANT SELECT ON {name}.* TO {user}", user="root")
    reader = Mysql(mariadb.url(name, user=name))

    for statement in ("UPDATE kept SET text = 'b'", "ALTER TABLE kept ADD x integer"):
        with pytest.raises(Refused, match="denied .*; let the owner .* grant it"):
            reader.run(statement)
    with pytest.raises(Refused, match="denied .*; let the owner .* grant it"):
        reader.stage(TEXTS)

    assert texts(reader) == ["a"]
    reader.close()


def test_each_complaint_is_told_once(database):
    for word in ("SELEKT", "DELEET"):
        with pytest.raises(Refused, match=f"near '{word}' at line 1; see --debug"):
            database.run(word)


# --- statements -----------------------------------------------------------------------


def test_rows_that_were_so_before_count_too(database):
    assert database.run("UPDATE kept SET text = 'a'") == 1
    assert database.run("UPDATE kept SET text = 'a' WHERE id = 2") == 0


def test_a_definition_inside_a_transaction_is_refused(database):
    with pytest.raises(RuntimeError, match="commit"), database.transaction():
        database.run("INSERT INTO kept VALUES (2, 'b')")
        database.run("CREATE TABLE more (id integer)")

    assert texts(database) == ["a"]
    assert "more" not in database.structure()


def test_the_structure_is_this_databases_alone(mariadb, database):
    other = Mysql(mariadb.fresh())
    other.run("CREATE TABLE elsewhere (id integer)")
    database.run("CREATE VIEW shown AS SELECT text AS Name, id FROM kept")
    database.stage(TEXTS)

    assert database.structure() == {"kept": ["id", "text"], "shown": ["Name", "id"]}
    other.close()


# --- other sessions -------------------------------------------------------------------


def test_a_row_that_another_session_holds_is_75(url, database):
    other = Mysql(url)
    other.run("SET innodb_lock_wait_timeout = 0")

    with database.transaction():
        list(database.rows(f"SELECT id FROM kept{database.for_update}", "i"))
        with pytest.raises(Locked, match="; wait until the other") as refused:
            other.run("UPDATE kept SET text = 'b'")

    assert refused.value.exit_code == LOCKED
    other.close()


def test_a_transaction_that_the_server_has_ended_stores_nothing_more(database):
    insert = "INSERT INTO kept VALUES ({}, 'b')"

    with (
        pytest.raises(BadData, match="nothing of its transaction"),
        database.transaction(),
    ):
        with pytest.raises(BadData, match="Duplicate"):
            database.run(insert.format(1))
        database._session.ask("ROLLBACK;")  # as a deadlock does
        database.run(insert.format(2))

    assert texts(database) == ["a"]


def test_the_lock_is_the_databases_and_not_the_servers(mariadb, url):
    here, there, again = Mysql(url), Mysql(mariadb.fresh()), Mysql(url, lock_seconds=0)

    with here.lock(), there.lock():
        with pytest.raises(Locked, match="another import is running"), again.lock():
            pass

    with again.lock():
        assert not again.is_closed
    for one in (here, there, again):
        one.close()


# --- servers and clients that go away -------------------------------------------------


@pytest.fixture
def stopping(mariadb):
    """Return what stops the server at once; it runs again after the test."""
    yield mariadb.stop
    mariadb.start()


def test_a_server_that_stops_is_lost_with_3_and_stays_lost(database, stopping):
    rows = database.rows("SELECT REPEAT('x', 1000) FROM seq_1_to_100000", "t")
    next(rows)

    stopping()

    with pytest.raises(ConnectionLost, match="; start the same command") as refused:
        sum(1 for _ in rows)
    assert refused.value.exit_code == STOPPED_EARLY
    for _ in range(2):
        with pytest.raises(ConnectionLost):
            database.run("SELECT 1")
    with pytest.raises(ConnectionLost):
        database.stage(TEXTS)


def killed(mariadb, database) -> None:
    """End a session as the server's administrator would."""
    ((number,),) = database.rows("SELECT CONNECTION_ID()", "i")
    mariadb.sql(f"KILL {number}")


def test_a_session_that_the_server_ends_is_lost_with_its_transaction(mariadb, database):
    with pytest.raises(ConnectionLost) as refused, database.transaction():
        database.run("INSERT INTO kept VALUES (2, 'b')")
        killed(mariadb, database)
        database.run("INSERT INTO kept VALUES (3, 'c')")

    assert "\n" not in str(refused.value)
    assert (
        mariadb.sql("SELECT COUNT(*) FROM kept", database.label.rpartition("/")[2])
        == "1"
    )


def test_a_session_that_ends_while_rows_are_loaded_is_lost(mariadb, database):
    def rows():
        for number in range(10_000):
            if number == 2000:
                mariadb.sql(f"KILL {session}")
            yield number, "x"

    ((session,),) = database.rows("SELECT CONNECTION_ID()", "i")
    database.stage(TEXTS)

    with pytest.raises(ConnectionLost):
        database.load(TEXTS, rows())


@pytest.mark.skipif(os.name == "nt", reason="signals (no Windows)")
def test_a_client_that_is_killed_is_a_connection_lost(database):
    os.kill(database._session._client.pid, signal.SIGKILL)

    with pytest.raises(ConnectionLost, match=r"lost \(mariadb ended\); start"):
        database.run("SELECT 1")

    with pytest.raises(ConnectionLost):
        list(database.rows("SELECT 1", "i"))


# --- doors that are killed ------------------------------------------------------------

DOOR = """
import sys
from src.adapters.mysql import Mysql
from tests.adapters.test_mysql import TEXTS

database = Mysql(sys.argv[1])
database.stage(TEXTS)

with database.transaction():
    database.run("DELETE FROM kept WHERE id = 1")
    print("half", flush=True)
    sys.stdin.read()
"""


def half_done(url: str, code: str = DOOR) -> subprocess.Popen:
    """Return a door that has stopped in the middle of a transaction."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    command = [sys.executable, "-c", code, url]
    door = subprocess.Popen(command, text=True, start_new_session=True, **pipes)
    assert door.stdout.readline() == "half\n"
    return door


def test_a_killed_door_leaves_nothing_half_stored(url, database):
    with half_done(url) as door:
        door.kill()

    with database.transaction():  # waits for the killed one's row to be free
        assert database.run("UPDATE kept SET text = 'b' WHERE id = 1") == 1
    assert texts(database) == ["b"]


def test_a_killed_doors_lock_is_free_again(url, database):
    code = DOOR.replace("with database.transaction()", "with database.lock()")
    with half_done(url, code) as door:
        door.kill()

    with database.lock():
        assert texts(database) == []


@pytest.mark.parametrize(
    "rest", [b"DELETE FROM kept", b"DELETE FROM kept WHERE id > 0\n"]
)
def test_a_statement_that_is_cut_short_commits_nothing(url, database, rest):
    client = database._session._client
    client.stdin.write(b"BEGIN;\n" + rest)
    client.stdin.close()
    client.wait()

    other = Mysql(url)
    assert texts(other) == ["a"]
    other.close()


def test_a_statement_alone_is_carried_out_inside_a_transaction(database):
    database.run("INSERT INTO kept SELECT 2, @@in_transaction")

    assert texts(database) == ["a", "1"]


@pytest.mark.skipif(os.name == "nt", reason="signals to a group (no Windows)")
def test_ctrl_c_reaches_the_door_and_not_the_client(url, database):
    with half_done(url, INTERRUPTED) as door:
        os.killpg(door.pid, signal.SIGINT)

        assert door.communicate()[0] == "interrupted\n[(2,)]\n"


INTERRUPTED = """
import os, signal, sys
from src.adapters.mysql import Mysql

database = Mysql(sys.argv[1])
assert os.getpgid(database._session._client.pid) != os.getpgid(0)
with database.transaction():
    database.run("UPDATE kept SET id = 2")
    try:
        print("half", flush=True)
        while True:
            signal.pause()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
print(list(database.rows("SELECT id FROM kept", "i")))
"""


def test_an_answer_that_was_interrupted_is_not_taken_for_the_next(database):
    session = database._session
    session.send("SELECT 'stale' FROM seq_1_to_50000;")
    session.send("SELEKT;")

    assert list(database.rows("SELECT 'fresh'", "t")) == [("fresh",)]
    assert texts(database) == ["a"]


@pytest.mark.skipif(os.name == "nt", reason="signals (no Windows)")
def test_a_command_that_is_interrupted_half_way_is_never_carried_out(url, database):
    session = database._session

    with pytest.raises(KeyboardInterrupt), database.transaction():
        os.kill(session._client.pid, signal.SIGSTOP)  # its input fills up
        with interrupted():
            session.send(f"DELETE FROM kept; SELECT '{'x' * 1_000_000}")

    with pytest.raises(ConnectionLost):
        database.run("DELETE FROM kept")
    other = Mysql(url)
    assert texts(other) == ["a"]
    other.close()


@contextmanager
def interrupted():
    """Interrupt the block when it waits, as Ctrl-C does."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_value_that_looks_like_a_mark_is_a_value(database):
    looking = f"{'-' * 14}\n<carryover 9>\n{'-' * 14}\n"
    wide = Staging("wide", (("text", "text"),))
    database.stage(wide)

    database.load(wide, [(looking,)])

    assert list(database.rows("SELECT text FROM wide", "t")) == [(looking,)]
