"""Statements in MySQL's words; tests/adapters/test_databases.py has what they do."""

from __future__ import annotations

import pytest

from src.adapters.mysql_dialect import is_definition, kind, translated


def spaced(statement: str) -> str:
    return " ".join(statement.split())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("UPDATE t SET a = 1 FROM s WHERE s.id = t.id",
         "UPDATE t, s SET t.a = 1 WHERE s.id = t.id"),
        ("update t set a = s.a, b = (select max(x) from y), c = f(1, 2) from s",
         "UPDATE t, s SET t.a = s.a, t.b = (select max(x) from y), t.c = f(1, 2)"),
        ('UPDATE "a set" AS k SET "from" = \'x, FROM y\' FROM s JOIN u ON u.id = s.id',
         'UPDATE "a set" AS k, s JOIN u ON u.id = s.id SET k."from" = \'x, FROM y\''),
        ("UPDATE t SET a = 'it''s WHERE' FROM s, u WHERE x IN (SELECT 1 FROM v WHERE w)",
         "UPDATE t, s, u SET t.a = 'it''s WHERE' WHERE x IN (SELECT 1 FROM v WHERE w)"),
        ("UPDATE t SET a = s.a FROM (SELECT 1 AS a WHERE true) AS s -- FROM x\nWHERE 1",
         "UPDATE t, (SELECT 1 AS a WHERE true) AS s -- FROM x SET t.a = s.a WHERE 1"),
        ("UPDATE t SET a = b IS DISTINCT FROM c FROM s WHERE 1",
         "UPDATE t, s SET t.a = b <=> c = 0 WHERE 1"),
    ],
)  # fmt: skip
def test_an_update_from_another_table_names_both(given, expected):
    assert spaced(translated(given)) == spaced(expected)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE t SET a = 1 WHERE b IN (SELECT c FROM d)", "SELECT a FROM b WHERE c",
     "INSERT INTO t SELECT a FROM s", "DELETE FROM t WHERE a = 'UPDATE t SET a FROM b'",
     "UPDATE t SET a = 'b FROM c'", "SELECT SUM(a) AS integer FROM t", "SET a = 1"],
)  # fmt: skip
def test_what_mysql_says_in_the_same_way_stays(statement):
    assert translated(statement) == statement


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a IS NOT DISTINCT FROM b", "a <=> b"),
        ("a is distinct\nfrom b", "a <=> b = 0"),
        ("(a || 'x' IS DISTINCT FROM t.b) AND c", "(a || 'x' <=> t.b = 0 ) AND c"),
        ("a IS DISTINCT FROM f(b, c) AND d", "a <=> f(b, c) = 0 AND d"),
        ("a IS DISTINCT FROM b OR c IS DISTINCT FROM d", "a <=> b = 0 OR c <=> d = 0"),
        ("CASE WHEN a IS DISTINCT FROM 'AND' THEN 1 END", "CASE WHEN a <=> 'AND' = 0 THEN 1 END"),
    ],
)  # fmt: skip
def test_values_are_compared_as_mysql_compares_them(given, expected):
    assert spaced(translated(given)) == expected


def test_whole_numbers_are_signed():
    given = "SELECT CAST(a AS BIGINT), CAST(f(b) AS integer ), c AS d"

    assert (
        translated(given) == "SELECT CAST(a AS SIGNED), CAST(f(b) AS SIGNED ), c AS d"
    )


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("CREATE TABLE a (b int)", True),
        ("\n  alter table a add b int", True),
        ("DROP TABLE a", True),
        ("CREATE INDEX temp_a ON b (c)", True),
        ("TRUNCATE a", True),
        ("CREATE TEMPORARY TABLE a (b int)", False),
        ("CREATE OR REPLACE TEMPORARY TABLE a (b int)", False),
        ("DROP TEMPORARY TABLE a", False),
        ("INSERT INTO a VALUES ('CREATE TABLE')", False),
    ],
)
def test_what_would_end_a_transaction_is_told_apart(statement, expected):
    assert is_definition(statement) is expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [("TEXT", "LONGTEXT"), ("jsonb", "JSON"), ("DATETIME", "DATETIME(6)"),
     ("varchar(9)", "varchar(9)"), ("integer", "integer")],
)  # fmt: skip
def test_columns_of_staging_tables_have_types_that_hold_what_comes(given, expected):
    assert kind(given) == expected
