"""The SQLite file: its copies, and what can be wrong with it or around it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

from src.adapters.sqlite_file import SqliteFile
from src.kit.database import Staging
from src.kit.errors import (
    INPUT_OUTPUT,
    LOCKED,
    NOTHING_DONE,
    BrokenDisk,
    Locked,
    Refused,
)

TEXTS = Staging("texts", (("number", "integer"), ("text", "text")))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "books.db"


@pytest.fixture
def database(path):
    """Return a database with a table and a row."""
    found = SqliteFile(path)
    found.run("CREATE TABLE kept (id integer PRIMARY KEY, text text)")
    found.run("INSERT INTO kept VALUES (1, 'a')")
    yield found
    found.close()


def texts(path) -> list[str]:
    """Return what is stored, as a program of its own sees it."""
    other = sqlite3.connect(path)
    found = [text for (text,) in other.execute("SELECT text FROM kept ORDER BY id")]
    other.close()
    return found


# --- the file -------------------------------------------------------------------------


def test_the_file_is_plain_after_the_end(database, path):
    assert path.with_name("books.db-wal").exists()

    database.close()

    assert [found.name for found in path.parent.iterdir()] == ["books.db"]


def test_who_reads_is_not_in_the_way(database, path):
    reader = sqlite3.connect(path)
    reader.execute("BEGIN")
    assert reader.execute("SELECT COUNT(*) FROM kept").fetchone() == (1,)

    database.run("INSERT INTO kept VALUES (2, 'b')")
    database.close()

    reader.close()
    assert texts(path) == ["a", "b"]


def test_the_log_is_emptied_at_the_end_while_others_are_connected(database, path):
    other = sqlite3.connect(path)
    assert other.execute("SELECT COUNT(*) FROM kept").fetchall() == [(1,)]

    database.close()

    assert path.with_name("books.db-wal").stat().st_size == 0
    other.close()


def test_timestamps_of_other_programs_are_read_too(database):
    query = "SELECT '2024-01-01 10:00:00+02:00', '2024-01-01T10:00:00Z'"

    assert list(database.rows(query, "zz")) == [
        ("2024-01-01T08:00:00.000000+00:00", "2024-01-01T10:00:00.000000+00:00")
    ]


# --- copies ---------------------------------------------------------------------------


def test_a_copy_is_a_plain_file_that_opens_alone(database, tmp_path):
    place = database.keep_copy("run-1")

    (tmp_path / "elsewhere").mkdir()
    moved = shutil.move(place, tmp_path / "elsewhere")
    assert texts(moved) == ["a"]
    assert place == str(tmp_path / "books.db.before-run-1")
    assert os.listdir(tmp_path / "elsewhere") == ["books.db.before-run-1"]
    with open(moved, "rb") as file:
        assert file.read(20)[18:] == b"\1\1"  # no write-ahead log


def test_the_newest_three_copies_are_kept(database, tmp_path):
    for number in range(5):
        os.utime(database.keep_copy(f"run-{number}"), (number, number))

    database.keep_copy("run-5")

    kept = sorted(found.name for found in tmp_path.glob("*.before-*"))
    assert kept == [f"books.db.before-run-{number}" for number in (3, 4, 5)]


def test_an_empty_database_is_not_copied(path):
    database = SqliteFile(path)

    assert database.keep_copy("run-1") == ""

    database.close()
    assert [found.name for found in path.parent.iterdir()] == ["books.db"]


def test_a_half_copy_of_a_killed_run_is_removed(database, tmp_path):
    half = tmp_path / "books.db.before-run-0.tmp"
    half.write_bytes(b"half")

    database.keep_copy("run-1")

    assert not half.exists()


def test_a_copy_is_named_inside_the_folder_whatever_the_run_is_called(
    database, tmp_path
):
    place = database.keep_copy("../../run 1")

    assert place == str(tmp_path / "books.db.before-..-..-run-1")


# --- what can be wrong ----------------------------------------------------------------


@pytest.mark.parametrize("content", [b"PK\3\4" * 1000, b"name;email\n" * 1000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path, content):
    path.write_bytes(content)

    with pytest.raises(
        Refused, match="file is not a database; move the file"
    ) as refused:
        SqliteFile(path)

    assert refused.value.exit_code == NOTHING_DONE
    assert path.read_bytes() == content


def test_a_damaged_file_is_refused(database, path):
    database.stage(TEXTS)
    database.load(TEXTS, ((number, "x" * 500) for number in range(2000)))
    database.run("INSERT INTO kept SELECT number + 2, text FROM texts")
    database.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)

    damaged = SqliteFile(path)
    with pytest.raises(Refused, match="malformed; move the file away, or put back"):
        list(damaged.rows("SELECT * FROM kept", "it"))

    damaged.close()


@pytest.mark.parametrize("name", ["missing/books.db", "."])
def test_a_place_that_cannot_be_opened_is_74(tmp_path, name):
    with pytest.raises(BrokenDisk, match="unable to open.*DATA_DIR") as refused:
        SqliteFile(tmp_path / name)

    assert refused.value.exit_code == INPUT_OUTPUT


READ_ONLY = """
import sys
from pathlib import Path
from src.adapters.sqlite_file import SqliteFile
from src.kit.errors import Refused

try:
    SqliteFile(Path(sys.argv[1])).run("INSERT INTO kept VALUES (2, 'b')")
except Refused as refused:
    print(refused)
    sys.exit(refused.exit_code)
"""


@pytest.mark.skipif(os.name == "nt", reason="permissions of files (no Windows)")
def test_a_file_that_may_not_be_written_is_74(database, path, tmp_path):
    database.close()
    command = [sys.executable, "-c", READ_ONLY, str(path)]
    if os.getuid() == 0:  # who may write everywhere
        if not shutil.which("setpriv"):
            pytest.skip("setpriv is not installed")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    path.chmod(0o444)

    ended = subprocess.run(command, capture_output=True, text=True)

    assert ended.returncode == INPUT_OUTPUT, ended.stderr
    assert ended.stdout.startswith(
        f"{path}: attempt to write a readonly database; allow"
    )
    assert texts(path) == ["a"]


HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(database, path):
    """Return another process that writes to the database until its input ends."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_database_that_another_program_writes_is_75(holder, path):
    impatient = SqliteFile(path, busy_seconds=0.05)

    with pytest.raises(Locked, match="database is locked; another program") as refused:
        with impatient.transaction():
            pass

    assert refused.value.exit_code == LOCKED
    holder.stdin.close()
    holder.wait()
    assert impatient.run("INSERT INTO kept VALUES (2, 'b')") == 1
    impatient.close()


def test_a_new_file_that_another_start_has_just_begun_is_waited_for(path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    opened = []
    start = threading.Thread(target=lambda: opened.append(SqliteFile(path).close()))

    start.start()
    start.join(0.1)
    assert start.is_alive()
    other.execute("COMMIT")
    other.close()

    start.join()
    assert opened == [None]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork (no Windows)")
@pytest.mark.parametrize("room", [0, 1, 5_000, 50_000, 200_000])
def test_a_full_disk_is_74_and_nothing_is_stored(database, path, room):
    database.close()

    code = in_a_child(lambda: store_beyond(path, path.stat().st_size + room))

    assert code == INPUT_OUTPUT
    assert texts(path) == ["a"]
    again = SqliteFile(path)
    assert again.run("INSERT INTO kept VALUES (2, 'b')") == 1
    again.close()


def store_beyond(path, limit: int) -> int:
    """Store more than the limit allows; return the exit code that follows."""
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        database = SqliteFile(path)
        with database.transaction():
            for number in range(2, 4000):
                database.run(f"INSERT INTO kept VALUES ({number}, '{'x' * 300}')")
    except BrokenDisk as problem:
        return problem.exit_code if "free some disk space" in str(problem) else 1
    return 0


def in_a_child(work) -> int:
    child = os.fork()
    if child == 0:
        try:
            os._exit(work())
        except BaseException:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


STORING = """
import sys
from pathlib import Path
from src.adapters.sqlite_file import SqliteFile

database = SqliteFile(Path(sys.argv[1]))
with database.transaction():
    database.run("INSERT INTO kept VALUES (2, 'b')")
    database.run("DELETE FROM kept WHERE id = 1")
    print("half", flush=True)
    sys.stdin.read()
"""


def test_a_killed_importer_leaves_nothing_half_stored(database, path):
    command = [sys.executable, "-c", STORING, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)

    assert texts(path) == ["a"]
    assert database.run("INSERT INTO kept VALUES (3, 'c')") == 1
