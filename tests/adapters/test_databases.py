"""What every database gives: one suite for SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from src.adapters.mysql import Mysql
from src.adapters.psql import Psql
from src.adapters.sqlite_file import SqliteFile
from src.kit.database import BadData, Misfit, MissingTable, Staging
from src.kit.errors import LOCKED, Locked, Refused

TEXTS = Staging("texts", (("number", "integer"), ("text", "text")))
KINDS = Staging(
    "kinds",
    (
        ("t", "varchar(50)"),
        ("i", "bigint"),
        ("b", "boolean"),
        ("m", "numeric(15,2)"),
        ("p", "numeric(15,5)"),
        ("z", "timestamptz"),
        ("j", "jsonb"),
    ),
)
MOMENT = "2024-02-29T23:59:59.000001+00:00"
HOSTILE = [
    "",
    " ",
    "NULL",
    "\\N",
    "\\.",
    "\n\\.\n",
    "before\n\\.\nafter",
    "\\",
    "\\\\",
    "\\=",
    "\\= 1 0",
    "\n\\= 3 0\n",
    "\\! touch /tmp/owned",
    "\\g",
    "a\tb",
    "\t",
    "a\nb\r\nc\rd",
    "'",
    '"',
    "''; DROP TABLE kept; --",
    "Robert'); DROP TABLE kept;--",
    "\n; DROP TABLE kept;\n",
    "\\\n; DROP TABLE kept;\n",
    "$$ || $1 :name :'name' %s ? {0}",
    "C:\\New\\table\\x41\\101",
    "naïve Žluťoučký 株式会社 \u202eabc",
    "\U0001f469\u200d\U0001f4bb",
    "\ufeff\ufffd\u2028\u0085",
    "x" * 100_000,
    *(f"<{chr(number)}>" for number in [*range(1, 32), *range(127, 160)]),
    *map(chr, range(1, 32)),
]


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database_url(request):
    """Return the URL of an empty database, of any kind; none is SQLite's."""
    if request.param == "sqlite":
        return ""
    return request.getfixturevalue(request.param).fresh()


def opened(url: str, path: Path, **options: int):
    """Return a connection to the server of a URL, to a file where there is none."""
    if not url:
        return SqliteFile(path, **options)
    return (Mysql if url.startswith("mysql") else Psql)(url, **options)


@pytest.fixture
def connect(database_url, tmp_path):
    """Return what opens one more connection to the same database."""
    connections = []

    def connect(**options):
        connections.append(opened(database_url, tmp_path / "books.db", **options))
        return connections[-1]

    yield connect
    for one in connections:
        one.close()


@pytest.fixture
def database(connect):
    return connect()


@pytest.fixture
def kept(database):
    """Return the database, with a table `kept` that has a key and a rule."""
    text = "longtext" if isinstance(database, Mysql) else "text"
    database.run(f"CREATE TABLE kept (id integer PRIMARY KEY, text {text} NOT NULL)")
    return database


def through(database, rows: list, staging: Staging = TEXTS, kinds: str = "it") -> list:
    """Return rows as they come back from a staging table."""
    database.stage(staging)
    database.load(staging, rows)
    order = staging.columns[0][0]
    return list(database.rows(f"SELECT * FROM {staging.name} ORDER BY {order}", kinds))


def keep(database, *rows: tuple) -> int:
    """Store rows in `kept` as importers do."""
    database.stage(TEXTS)
    database.load(TEXTS, rows)
    return database.run("INSERT INTO kept (id, text) SELECT number, text FROM texts")


def texts(database) -> list[str]:
    return [text for (text,) in database.rows("SELECT text FROM kept ORDER BY id", "t")]


# --- values ---------------------------------------------------------------------------


def test_every_text_comes_back_as_it_was(kept):
    rows = list(enumerate(HOSTILE))

    assert through(kept, rows) == rows
    assert keep(kept, *rows) == len(rows)
    assert texts(kept) == HOSTILE


@pytest.mark.parametrize("text", HOSTILE[:29])
def test_a_hostile_text_comes_back_alone_and_beside_null(database, text):
    rows = [(0, None), (1, text), (2, None)]

    assert through(database, rows[1:2]) == rows[1:2]
    assert through(database, rows) == rows


def test_empty_text_is_not_null(database):
    assert through(database, [(1, ""), (2, None)]) == [(1, ""), (2, None)]


@pytest.mark.parametrize(
    "digits",
    "0 0.01 -0.01 12.5 1234567890123.45 9999999999999.99 -9999999999999.99 0.10 "
    "1111111111111.11 4503599627370.49 100000000000".split(),
)
def test_money_is_exact_up_to_15_digits(database, digits):
    row = [None, None, None, digits, None, None, None]

    ((_, _, _, amount, *_),) = through(database, [row], KINDS, "tibmpzj")

    assert amount == Decimal(digits)
    assert isinstance(amount, Decimal) and amount.as_tuple().exponent == -2


def test_for_a_capital_letter_what_fits_comes_as_ever(database):
    row = ["a", "7", True, "1.5", "0.25", MOMENT, '{"b": 1, "a": 2}']

    small, capital = (through(database, [row], KINDS, k) for k in ("tibmpzj", "TIBMPZJ"))

    assert capital == small


@pytest.mark.parametrize(
    ("letter", "value"),
    [("I", "x"), ("B", "maybe"), ("B", "7"), ("M", "abc"), ("P", "inf"), ("M", "1e400"),
     ("Z", "yesterday"), ("Z", "5"), ("J", "not json"), ("M", b"\xff")],
)  # fmt: skip
def test_what_sqlite_stores_all_the_same_is_a_misfit(tmp_path, letter, value):
    database = SqliteFile(tmp_path / "books.db")
    place = "tibmpzj".index(letter.lower())
    row = [value if at == place else None for at in range(7)]

    ((*found,),) = through(database, [row], KINDS, "tibmpzj".replace(letter.lower(), letter))

    database.close()
    assert isinstance(found[place], Misfit)
    assert found[:place] + found[place + 1 :] == [None] * 6


@pytest.mark.parametrize(
    "digits", "0.00001 9999999999.99999 -1234567890.12345 7".split()
)
def test_prices_have_five_places(database, digits):
    row = [None, None, None, None, digits, None, None]

    ((_, _, _, _, price, *_),) = through(database, [row], KINDS, "tibmpzj")

    assert price == Decimal(digits)
    assert price.as_tuple().exponent == -5


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (MOMENT, MOMENT),
        ("2024-02-29T12:00:00+00:00", "2024-02-29T12:00:00.000000+00:00"),
        ("2024-02-29T12:00:00.500000+02:00", "2024-02-29T10:00:00.500000+00:00"),
        ("1901-01-01T00:00:00.120000+00:00", "1901-01-01T00:00:00.120000+00:00"),
        ("9999-12-31T23:59:59.999999+00:00", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_a_timestamp_comes_back_in_utc_with_microseconds(database, given, expected):
    row = [None, None, None, None, None, given, None]

    assert through(database, [row], KINDS, "tibmpzj")[0][5] == expected


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"b": 1, "a": {"d": [1, 2.5, None, True], "c": "x"}},
        {"é": "\n\t\\\"' \U0001f469 \\.", "": ""},
        {"long name": "2", "b": "1"},
    ],
)
def test_json_comes_back_with_sorted_keys(database, given):
    row = [None, None, None, None, None, None, json.dumps(given)]

    (found,) = through(database, [row], KINDS, "tibmpzj")

    assert found[6] == json.dumps(given, sort_keys=True, ensure_ascii=False)


def test_booleans_and_whole_numbers_keep_their_types(database):
    rows = [("1", 0, True, *[None] * 4), ("2", 2**63 - 1, False, *[None] * 4)]

    assert through(database, rows, KINDS, "tibmpzj") == rows
    assert through(database, rows, KINDS, "tibmpzj")[0][2] is True


def test_a_row_of_nulls_is_a_row(database):
    assert through(database, [(None,) * 7], KINDS, "tibmpzj") == [(None,) * 7]


def test_sums_of_money_are_made_of_whole_cents(database):
    rows = [(str(n), None, None, "0.10", None, None, None) for n in range(1000)]
    through(database, rows, KINDS, "tibmpzj")

    query = "SELECT SUM(CAST(ROUND(m * 100) AS BIGINT)) FROM kinds"

    assert list(database.rows(query, "i")) == [(10_000,)]


# --- statements -----------------------------------------------------------------------


def test_a_statement_tells_how_many_rows_it_changed(kept):
    assert keep(kept, (1, "a"), (2, "b"), (3, "c")) == 3
    assert kept.run("UPDATE kept SET text = text WHERE id > 1") == 2
    assert kept.run("UPDATE kept SET text = text WHERE id > 9") == 0
    assert kept.run("DELETE FROM kept WHERE id = 1") == 1


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_statement_that_begins_with_its_parts_tells_the_number_too(kept):
    keep(kept, (1, "a"), (2, "b"))

    count = "WITH old AS (SELECT id FROM kept) UPDATE kept SET text = 'x' FROM old "

    assert kept.run(f"{count} WHERE old.id = kept.id AND kept.id = 2") == 1


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_what_is_there_already_is_not_counted(kept):
    keep(kept, (1, "a"))
    kept.load(TEXTS, [(2, "b")])

    again = "INSERT INTO kept (id, text) SELECT number, text FROM texts WHERE true"

    assert kept.run(f"{again} ON CONFLICT (id) DO NOTHING") == 1


def test_null_is_compared_as_a_value(kept):
    kept.stage(TEXTS)
    kept.load(TEXTS, [(1, None), (2, "b"), (None, "c")])

    query = "SELECT COUNT(*) FROM texts WHERE text IS {}DISTINCT FROM 'b'"

    assert list(kept.rows(query.format(""), "i")) == [(2,)]
    assert list(kept.rows(query.format("NOT "), "i")) == [(1,)]


def test_rows_are_changed_by_those_of_another_table(kept):
    keep(kept, (1, "a"), (2, "b"), (3, "c"))
    through(kept, [(10, "b"), (20, "c, d")])

    changed = kept.run(
        "UPDATE kept SET text = COALESCE(texts.text, 'x, FROM y') || '!',\n"
        " id = kept.id + number FROM texts WHERE SUBSTR(texts.text, 1, 1) = kept.text"
    )

    rows = kept.rows("SELECT id, text FROM kept ORDER BY id", "it")
    assert changed == 2
    assert list(rows) == [(1, "a"), (12, "b!"), (23, "c, d!")]


def test_rows_that_are_changed_may_have_another_name(kept):
    keep(kept, (1, "a"), (2, "b"))
    longest = "(SELECT MAX(number) AS n FROM texts WHERE text <> 'a') AS longest"

    kept.run(f"UPDATE kept AS k SET text = 'x' FROM {longest} WHERE longest.n = k.id")

    assert texts(kept) == ["a", "x"]


def test_only_rows_that_differ_are_changed(kept):
    keep(kept, (1, "a"), (2, "b"), (3, "c"))
    through(kept, [(1, "a"), (2, None), (3, "z")])

    differ = "kept.id = number AND kept.text IS DISTINCT FROM texts.text AND number > 0"
    set_ = "text = CASE WHEN texts.text IS NOT DISTINCT FROM NULL THEN '-' ELSE 'z' END"

    assert kept.run(f"UPDATE kept SET {set_} FROM texts WHERE {differ}") == 2
    assert texts(kept) == ["a", "-", "z"]


def test_a_statement_may_end_in_a_comment(kept):
    assert kept.run("INSERT INTO kept VALUES (1, 'a') -- the first") == 1
    assert list(kept.rows("SELECT id FROM kept -- all", "i")) == [(1,)]


def test_rows_may_come_from_a_statement_that_stores(kept):
    stored = "INSERT INTO kept VALUES (1, 'a'), (2, 'b') RETURNING id"
    if isinstance(kept, SqliteFile):
        assert list(kept.rows(stored, "i")) == [(1,), (2,)]

    assert keep(kept, (7, "x")) == 1


def test_a_query_must_have_the_columns_that_are_asked_for(kept):
    kept.run("INSERT INTO kept VALUES (1, 'a')")

    with pytest.raises(ValueError, match="number of columns"):
        list(kept.rows("SELECT id, text FROM kept", "i"))

    assert texts(kept) == ["a"]


def test_a_missing_table_is_told_apart(database):
    with pytest.raises(MissingTable, match="nowhere.*; (run .*migrate|check)"):
        database.run("DELETE FROM nowhere")
    with pytest.raises(MissingTable):
        list(database.rows("SELECT 1 FROM nowhere", "i"))


def test_an_error_in_a_statement_is_a_sentence(database):
    with pytest.raises(Refused, match="syntax error|SQL syntax") as refused:
        database.run("SELEKT 1")

    assert "\n" not in str(refused.value)
    assert list(database.rows("SELECT 1", "i")) == [(1,)]


# --- staging --------------------------------------------------------------------------


def test_a_staging_table_made_anew_is_empty(database):
    through(database, [(1, "a")])

    assert through(database, [(2, "b")]) == [(2, "b")]


def test_rows_are_appended_and_counted(database):
    database.stage(TEXTS)

    assert database.load(TEXTS, [(1, "a")]) == 1
    assert database.load(TEXTS, iter([(2, "b"), (3, "c")])) == 2
    assert database.load(TEXTS, []) == 0
    database.settle(TEXTS)
    assert list(database.rows("SELECT COUNT(*) FROM texts", "i")) == [(3,)]


def test_a_staging_table_belongs_to_its_connection(connect):
    first, second = connect(), connect()
    through(first, [(1, "a")])

    assert through(second, [(2, "b")]) == [(2, "b")]
    assert list(first.rows("SELECT text FROM texts", "t")) == [("a",)]


def test_rows_that_end_in_an_error_are_not_loaded_at_all(database):
    def breaking():
        yield from ((number, "x" * 100) for number in range(50_000))
        raise KeyError("the file ended")

    database.stage(TEXTS)
    database.load(TEXTS, [(1, "a")])

    with pytest.raises(KeyError):
        database.load(TEXTS, breaking())

    assert list(database.rows("SELECT * FROM texts", "it")) == [(1, "a")]


def test_rows_cannot_be_loaded_from_a_query_of_the_same_connection(kept):
    keep(kept, (1, "a"))

    with pytest.raises(RuntimeError, match="same database"):
        kept.load(TEXTS, kept.rows("SELECT id, text FROM kept", "it"))

    assert texts(kept) == ["a"]


MEASURED = """
import resource, sys
from pathlib import Path
from src.adapters.mysql import Mysql
from tests.adapters.test_databases import TEXTS, opened

database = opened(sys.argv[1], Path(sys.argv[2]))
database.stage(TEXTS)
database.load(TEXTS, ((n, "x" * 100) for n in range(1000)))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(database.load(TEXTS, ((n, "x" * 100) for n in range(200_000))))
print(sum(1 for _ in database.rows("SELECT * FROM texts", "it")))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_many_rows_need_no_memory(database_url, tmp_path):
    command = [sys.executable, "-c", MEASURED, database_url, str(tmp_path / "books.db")]

    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    loaded, read, grown = map(int, said.split())
    assert (loaded, read) == (200_000, 201_000)
    assert grown < 24, f"{grown} MB more"


# --- reading --------------------------------------------------------------------------


def many(database) -> None:
    database.stage(TEXTS)
    database.load(TEXTS, ((number, "x" * 50) for number in range(20_000)))


def test_a_statement_between_the_rows_of_a_query_is_refused(database):
    many(database)
    rows = database.rows("SELECT * FROM texts", "it")
    next(rows)

    with pytest.raises(RuntimeError, match="not all read"):
        database.run("DELETE FROM texts")

    assert sum(1 for _ in rows) == 19_999


def test_rows_that_are_given_up_are_in_nobodys_way(database):
    many(database)
    rows = database.rows("SELECT * FROM texts", "it")
    next(rows)
    rows.close()

    assert database.run("DELETE FROM texts WHERE number = 7") == 1
    assert sum(1 for _ in database.rows("SELECT 1 FROM texts", "i")) == 19_999


def test_an_error_while_reading_rolls_the_transaction_back(kept):
    many(kept)
    rows = kept.rows("SELECT * FROM texts", "it")

    with pytest.raises(KeyError), kept.transaction():
        kept.run("INSERT INTO kept VALUES (1, 'a')")
        next(rows)
        raise KeyError

    assert texts(kept) == []
    assert list(rows) == []


# --- transactions ---------------------------------------------------------------------


def test_a_transaction_commits_all_of_it(kept, connect):
    with kept.transaction():
        keep(kept, (1, "a"), (2, "b"))
        kept.run("DELETE FROM kept WHERE id = 1")

    assert texts(connect()) == ["b"]


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, SystemExit])
def test_an_error_in_the_block_leaves_nothing(kept, error):
    with pytest.raises(error), kept.transaction():
        kept.run("INSERT INTO kept VALUES (1, 'a')")
        raise error

    assert texts(kept) == []
    assert keep(kept, (1, "b")) == 1


def test_bad_data_rolls_its_transaction_back_and_keeps_the_staging(kept):
    kept.run("INSERT INTO kept VALUES (1, 'a')")
    through(kept, [(2, "b"), (3, None)])

    with pytest.raises(BadData, match=r"\n?; put that value right"), kept.transaction():
        kept.run("DELETE FROM kept")
        kept.run("INSERT INTO kept SELECT number, text FROM texts")

    assert texts(kept) == ["a"]
    assert list(kept.rows("SELECT COUNT(*) FROM texts", "i")) == [(2,)]
    kept.run("INSERT INTO kept SELECT number, text FROM texts WHERE number = 2")
    assert texts(kept) == ["a", "b"]


@pytest.mark.parametrize("row", ["(1, NULL)", "(1, 'a'), (1, 'b')"])
def test_bad_data_outside_a_transaction_leaves_nothing_either(kept, row):
    with pytest.raises(BadData):
        kept.run(f"INSERT INTO kept VALUES {row}")

    assert texts(kept) == []


def test_a_failed_statement_cannot_be_passed_over(kept):
    with pytest.raises(BadData, match="nothing of its transaction"), kept.transaction():
        kept.run("INSERT INTO kept VALUES (1, 'a')")
        with pytest.raises(BadData):
            kept.run("INSERT INTO kept VALUES (1, 'b')")

    assert texts(kept) == []


@pytest.mark.parametrize("text", ["lone \ud800", "\udc00"])
def test_what_is_no_text_is_bad_data(kept, text):
    kept.stage(TEXTS)

    with pytest.raises(BadData):
        kept.load(TEXTS, [(1, "a"), (2, text)])

    assert list(kept.rows("SELECT * FROM texts", "it")) == []


def test_a_broken_reference_is_bad_data(kept):
    kept.run("CREATE TABLE part (kept_id integer NOT NULL REFERENCES kept (id))")

    with pytest.raises(BadData):
        kept.run("INSERT INTO part VALUES (7)")

    kept.run("INSERT INTO kept VALUES (7, 'x')")
    assert kept.run("INSERT INTO part VALUES (7)") == 1


def test_staging_inside_a_transaction_is_rolled_back_with_it(kept):
    through(kept, [(1, "before")])

    with pytest.raises(KeyError), kept.transaction():
        through(kept, [(2, "inside")])
        raise KeyError

    assert list(kept.rows("SELECT * FROM texts", "it")) == [(1, "before")]


def test_a_transaction_within_a_transaction_is_refused(kept):
    with pytest.raises(RuntimeError, match="open already"), kept.transaction():
        with kept.transaction():
            pass

    assert keep(kept, (1, "a")) == 1


def test_closing_rolls_back(connect):
    first = connect()
    first.run("CREATE TABLE kept (id integer)")
    frame = first.transaction()
    frame.__enter__()
    first.run("INSERT INTO kept VALUES (1)")

    first.close()

    assert list(connect().rows("SELECT COUNT(*) FROM kept", "i")) == [(0,)]


# --- locks and copies -----------------------------------------------------------------


def impatient(connect, database_url):
    seconds = 0 if database_url.startswith("mysql") else 1  # PostgreSQL's 0 is forever
    return connect(**({"lock_seconds": seconds} if database_url else {}))


def test_one_importer_at_a_time(connect, database_url):
    first, second = connect(), impatient(connect, database_url)

    with first.lock():
        with pytest.raises(Locked, match="; wait until it ends") as refused:
            with second.lock():
                pass
        assert refused.value.exit_code == LOCKED
        assert list(second.rows("SELECT 1", "i")) == [(1,)]

    with second.lock():
        pass


def test_a_lock_outlives_a_transaction_that_failed(connect, database_url):
    first, second = connect(), impatient(connect, database_url)

    with first.lock():
        with pytest.raises(KeyError), first.transaction():
            raise KeyError
        with pytest.raises(Locked), second.lock():
            pass


def test_an_error_frees_the_lock(connect):
    first, second = connect(), connect()
    many(first)
    rows = first.rows("SELECT * FROM texts", "it")

    with pytest.raises(KeyError), first.lock():
        next(rows)
        raise KeyError

    with second.lock():
        assert next(rows, None) is None or not first.is_in_transaction


def test_a_connection_that_ends_frees_the_lock(connect):
    first, second = connect(), connect()
    lock = first.lock()
    lock.__enter__()
    first.close()
    if isinstance(first, SqliteFile):
        lock.__exit__(None, None, None)

    with second.lock():
        assert not second.is_closed


def test_the_label_and_the_product_say_what_it_is(database, database_url):
    names = {"": "SQLite 3.", "postgresql": "PostgreSQL 1", "mysql": "MariaDB 1"}
    places = {"": ".*books.db", "postgresql": ".*@/postgres", "mysql": ".*@/test_[0-9]+"}
    kind = database_url.partition(":")[0]

    assert database.product.startswith(names[kind])
    assert re.fullmatch(places[kind], database.label)
