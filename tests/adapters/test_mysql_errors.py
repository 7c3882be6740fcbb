"""What the client writes to standard error, as kinds of Refused."""

from __future__ import annotations

import pytest

from src.adapters import mysql_errors
from src.kit.database import BadData, ConnectionLost, MissingTable
from src.kit.errors import BrokenDisk, Locked, Refused


def refused(text: str) -> Refused:
    return mysql_errors.refusal("mysql://u@h/d", "MIS_DATABASE_URL", text)


@pytest.mark.parametrize(
    ("number", "state", "kind", "way_out"),
    [
        (2006, "HY000", ConnectionLost, "start the same command again, what was"),
        (2013, "HY000", ConnectionLost, "start the same command again, what was"),
        (1053, "08S01", ConnectionLost, "start the same command again, what was"),
        (1927, "70100", ConnectionLost, "start the same command again, what was"),
        (4031, "HY000", ConnectionLost, "start the same command again, what was"),
        (1160, "08S01", ConnectionLost, "start the same command again, what was"),
        (1264, "22003", BadData, "put that value right"),
        (1265, "01000", BadData, "put that value right"),
        (1366, "HY000", BadData, "put that value right"),
        (1062, "23000", BadData, "put that value right"),
        (1690, "22003", BadData, "put that value right"),
        (3819, "HY000", BadData, "put that value right"),
        (1021, "HY000", BrokenDisk, "look after the server's disk"),
        (1114, "HY000", BrokenDisk, "look after the server's disk"),
        (1290, "HY000", BrokenDisk, "use a server that may be written to"),
        (1205, "HY000", Locked, "wait until the other session ends"),
        (1213, "40001", Locked, "another session was in the way"),
        (1146, "42S02", MissingTable, "check that MIS_DATABASE_URL names the right"),
        (1142, "42000", Refused, "let the owner of the database grant it"),
        (1044, "42000", Refused, "let the owner of the database grant it"),
        (1267, "HY000", Refused, "let the owner of the database give both columns"),
        (1064, "42000", Refused, "see --debug for where"),
    ],
)
def test_each_number_has_its_kind_and_a_way_out(number, state, kind, way_out):
    found = refused(f"ERROR {number} ({state}) at line 9: Something: is wrong")

    assert type(found) is kind
    assert str(found).startswith(f"mysql://u@h/d: Something: is wrong; {way_out}")


def test_the_first_of_several_errors_is_told_in_one_line():
    text = "ERROR 1064 (42000) at line 3: near 'a\n b' at line 1\nERROR 1146 (42S02): b"

    assert str(refused(text)).startswith("mysql://u@h/d: near 'a b' at line 1; see")


def test_what_the_client_says_itself_is_told_as_well():
    assert str(refused("mariadb:\n Out of memory")) == (
        "mysql://u@h/d: mariadb: Out of memory; put that right and start the same "
        "command again"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ERROR 1045 (28000): Access denied", "Access denied; check user and password in "
         "DATABASE_URL, or set MYSQL_PWD; a ~/.my.cnf is not read"),
        ("ERROR 1049 (42000): Unknown database 'x'", "Unknown database 'x'; check the name "
         "of the database in DATABASE_URL"),
        ("ERROR 1040 (08004): Too many connections", "Too many connections; wait a moment, "
         "then start the same command again"),
        ("ERROR 1193 (HY000) at line 2: Unknown system variable 'x'", "Unknown system "
         "variable 'x'; check host, port or socket and database name in it, and that the "
         "server runs"),
        ("mysql: [Warning] unknown option '--loose-x'\nWARNING: old\nmysql: nonsense",
         "mysql: nonsense; check host, port or socket and database name in it, and that "
         "the server runs"),
        ("", "the client ended; check host, port or socket and database name in it, and "
         "that the server runs"),
    ],
)  # fmt: skip
def test_why_there_is_no_connection_is_one_sentence(text, said):
    found = mysql_errors.unopened("DATABASE_URL", text)

    assert type(found) is Refused
    assert str(found) == f"DATABASE_URL: {said}"
