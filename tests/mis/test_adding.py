"""What the synchronization adds to the MIS's tables, once, with every database."""

from __future__ import annotations

import pytest

from src.kit.database import ConnectionLost, Database
from src.kit.errors import BrokenDisk, Refused
from src.mis import adding, tables
from src.mis.columns import Columns
from src.mis.records import APPLICANT, STUDENT, SYNCED
from src.mis.store import Store
from src.mis.tables import Status
from src.office import connect_database
from tests.mis.beside import Listening
from tests.mis.university import OLD_TRACKING, TABLE, TABLES, University

NEW = list(tables.TRACKING)
PEOPLE = ("tbl_online_application", "tbl_personal_ug", "tbl_register_program_ug")


def small(database: Database, **columns: str) -> University:
    """Return a university that has no look-ups: servers take their time for tables."""
    others = dict.fromkeys(TABLES.keys() - set(PEOPLE), "")
    return University(database, **{**others, **columns})


def steps(*structure: dict[str, list[str]]) -> list[str]:
    """Return the statements for a structure that has the tables of people."""
    found = {
        "tbl_online_application": ["appl_Id"],
        "tbl_personal_ug": ["per_id_ug", "reg_no"],
        "tbl_register_program_ug": ["reg_no"],
    }
    for one in structure:
        found |= one
    return [step.statement for step in adding.steps(Columns(found), "DATETIME")]


# --- what is to be added --------------------------------------------------------------


def test_the_columns_are_the_specifications_and_ours():
    found = [one for one in steps() if "tbl_online_application" in one]

    start = 'ALTER TABLE "tbl_online_application" ADD COLUMN'
    assert found == [
        f'{start} "QuickBk_Status" INT DEFAULT 0',
        f"{start} \"pushed_by\" VARCHAR(200) DEFAULT 'System Auto Push'",
        f'{start} "pushed_date" DATETIME',
        f'{start} "quickbooks_id" VARCHAR(255)',
        f'{start} "sync_token" VARCHAR(50)',
        f'{start} "qb_run_id" VARCHAR(200)',
        'CREATE INDEX "carryover_tbl_online_application_status" ON '
        '"tbl_online_application" ("QuickBk_Status", "appl_Id")',
        f'{start} "qb_lease_until" DATETIME',
    ]


def test_registrations_get_an_index_for_their_students():
    assert (
        'CREATE INDEX "carryover_tbl_register_program_ug_reg_no" ON '
        '"tbl_register_program_ug" ("reg_no")'
    ) in steps()


def test_without_registrations_no_index_over_them_is_made():
    assert "tbl_register" not in str(steps({"tbl_register_program_ug": ["other"]}))


@pytest.mark.parametrize("name", [*NEW[:-1], "QuickBk_status", "PUSHED_BY"])
def test_what_is_there_in_any_spelling_is_not_added(name):
    found = steps({"tbl_online_application": ["appl_Id", name]})

    added = [one for one in found if one.startswith('ALTER TABLE "tbl_online_app')]
    assert len(added) == len(NEW) - 1
    assert name.lower() not in str(added).lower()


def test_the_index_is_over_the_column_as_it_is_spelt():
    found = steps({"tbl_online_application": ["APPL_ID", "quickbk_STATUS"]})

    assert '("quickbk_STATUS", "APPL_ID")' in str(found)


def test_a_column_that_somebody_dropped_is_added_again():
    have = [name for name in NEW if name != "sync_token"]
    found = steps(
        {"tbl_online_application": ["appl_Id", *NEW]},
        {"tbl_personal_ug": ["per_id_ug", "reg_no", *have]},
    )

    assert found == [
        'ALTER TABLE "tbl_personal_ug" ADD COLUMN "sync_token" VARCHAR(50)'
    ]


# --- added ----------------------------------------------------------------------------


def test_what_is_missing_is_added_once(mis_database):
    university = small(mis_database)

    added = university.store.prepare()

    assert len(added) == 2 * len(NEW) + 3
    assert added[0] == "tbl_online_application: column QuickBk_Status added"
    assert {one.rpartition(" ")[2] for one in added} == {"added"}
    assert "tbl_personal_ug: index carryover_tbl_personal_ug_status added" in added
    for table in TABLE.values():
        assert mis_database.structure()[table][-len(NEW) :] == NEW
    assert university.store.prepare() == []


def test_people_who_were_there_before_are_unsynchronized(mis_database):
    university = small(mis_database)
    university.many(STUDENT, 3)
    before = university.store.unsynchronized(STUDENT, 2, 1)
    counts = university.store.counts(STUDENT)

    university.store.prepare()

    assert before == university.store.unsynchronized(STUDENT, 2, 1) == [2, 3]
    assert (
        counts == university.store.counts(STUDENT) == {"0": 3, "1": 0, "2": 0, "3": 0}
    )


def test_before_anything_is_added_nobody_is_leased_and_nothing_written(mis_database):
    university = small(mis_database)
    university.many(STUDENT, 1)

    assert university.store.leased() == []
    with pytest.raises(
        Refused, match='QuickBk_Status, .* missing; run "make mis-fetch"'
    ):
        university.store.write([Status(STUDENT, "1", SYNCED)])
    with pytest.raises(Refused, match='run "make mis-fetch" first'):
        university.store.lease(STUDENT, {1: ""}, "me", "2026-01-01 00:00:00")


def test_what_the_originals_program_added_is_taken_as_it_is(mis_database):
    added = {name: f"{TABLES[name]} {OLD_TRACKING}" for name in TABLE.values()}
    university = small(mis_database, **added)
    university.applicant(1, sync_token="4")

    sentences = university.store.prepare()

    names = ("quickbooks_id", "qb_run_id", "qb_lease_until")
    assert [
        one.split()[2] for one in sentences if "tbl_online" in one and "column" in one
    ] == [*names]
    assert university.only(APPLICANT).sync_token == "4"
    assert university.store.counts(APPLICANT)["0"] == 1


def test_to_prepare_again_costs_one_query(sqlite_university):
    sqlite_university.store.prepare()
    database = Listening(sqlite_university.database)

    assert Store(database).prepare() == []
    assert database.said == ["structure"]


def dying(database: Database, number: int) -> Listening:
    """Return a database that is lost when more than a number of things were added."""
    left = iter(range(number))

    def refuse(statement: str) -> None:
        is_step = "ADD COLUMN" in statement or "CREATE INDEX" in statement
        if is_step and next(left, None) is None:
            raise ConnectionLost("killed")

    return Listening(database, refuse)


def made(database: Database) -> str:
    """Return the columns and indexes of a SQLite file."""
    query = "SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name"
    return f"{database.structure()} {list(database.rows(query, 't'))}"


def test_killed_after_any_step_the_next_start_adds_the_rest(tmp_path):
    found = set()
    for number in range(17):
        database = connect_database.opened("", tmp_path / f"{number}.db", "MIS")
        university = small(database)
        with pytest.raises(ConnectionLost):
            Store(dying(database, number)).prepare()

        assert university.store.prepare()[-1].endswith("qb_lease_until added")
        found.add(made(database))
        database.close()
    assert len(found) == 1


def test_tables_are_named_as_the_mis_spells_them():
    found = {"Tbl_Online_Application": ["appl_Id"], "TBL_PERSONAL_UG": ["per_id_ug", "reg_no"]}

    told = {step.what.partition(":")[0] for step in adding.steps(Columns(found), "DATETIME")}
    assert told == found.keys()


def test_an_index_that_is_there_already_is_no_trouble(mis_database):
    university = small(mis_database)
    university.store.prepare()
    mis_database.run("ALTER TABLE tbl_personal_ug DROP COLUMN qb_lease_until")

    added = university.store.prepare()

    assert added == [
        "tbl_personal_ug: index carryover_tbl_personal_ug_status is there",
        "tbl_register_program_ug: index carryover_tbl_register_program_ug_reg_no is there",
        "tbl_personal_ug: column qb_lease_until added",
    ]
    assert university.store.prepare() == []


def test_what_somebody_else_added_meanwhile_is_not_added_again(sqlite_university):
    store = sqlite_university.store
    store.check()
    Store(sqlite_university.database).prepare()

    assert store.prepare() == []


def test_a_mysql_that_knows_no_if_not_exists_gets_its_indexes(mariadb):
    def refuse(statement: str) -> None:
        if "IF NOT EXISTS" in statement:
            raise Refused("You have an error in your SQL syntax")

    database = connect_database.opened(mariadb.fresh(), None, "MIS")
    small(database)
    store = Store(Listening(database, refuse))

    first = store.prepare()
    database.run("ALTER TABLE tbl_personal_ug DROP COLUMN qb_lease_until")
    again = store.prepare()

    database.close()
    assert len([one for one in first if one.endswith("status added")]) == 2
    assert again[0].endswith("status is there")
    assert again[-1] == "tbl_personal_ug: column qb_lease_until added"
    assert not [one for one in first + again if "slow" in one]


# --- where it may not -----------------------------------------------------------------


def test_an_index_that_is_refused_is_said_and_the_rest_is_added(sqlite_university):
    def refuse(statement: str) -> None:
        if "INDEX" in statement and "reg_no" in statement:
            raise Refused("mis: the key is too long; shorten it")

    store = Store(Listening(sqlite_university.database, refuse))

    added = store.prepare()

    (said,) = [one for one in added if "slow" in one]
    assert said == (
        "mis: the key is too long; shorten it; without this, reading is slow: CREATE "
        'INDEX "carryover_tbl_register_program_ug_reg_no" ON '
        '"tbl_register_program_ug" ("reg_no");'
    )
    assert added[-1] == "tbl_personal_ug: column qb_lease_until added"
    assert store.prepare() == []


def test_a_column_that_somebody_else_added_meanwhile_is_not_called_added(sqlite_university):
    database = sqlite_university.database

    def overtake(statement: str) -> None:
        if "pushed_date" in statement:
            database.run(statement)

    added = Store(Listening(database, overtake)).prepare()

    assert [one.rpartition("pushed_date ")[2] for one in added if "date" in one] == [
        "is there",
        "is there",
    ]


def test_an_index_that_was_refused_is_among_the_owners_statements(sqlite_university):
    def refuse(statement: str) -> None:
        if "INDEX" in statement or "qb_lease_until" in statement:
            raise Refused("mis: not yours")

    with pytest.raises(Refused) as refused:
        Store(Listening(sqlite_university.database, refuse)).prepare()

    for part in ("_application_status", "qb_lease_until", "tbl_personal_ug_status"):
        assert part in str(refused.value)
    assert 'ADD COLUMN "qb_run_id" VARCHAR(200); CREATE INDEX' in str(refused.value)
    assert 'tbl_online_application" ADD COLUMN "qb_run_id' not in str(refused.value)


@pytest.mark.parametrize("server", ["postgresql", "mariadb"])
def test_who_may_not_gets_the_statements_for_the_owner(request, server):
    running = request.getfixturevalue(server)
    url = running.fresh()
    owner = connect_database.opened(url, None, "MIS")
    small(owner)
    guest = connect_database.opened(guest_of(running, url), None, "MIS")

    with pytest.raises(Refused) as refused:
        Store(guest).prepare()

    found = str(refused.value).partition("start again: ")[2]
    carry_out(running, url, found)
    assert Store(guest).prepare() == Store(owner).prepare() == []
    assert len(found.split(";")) == 2 * len(NEW) + 4
    guest.close()
    owner.close()


def guest_of(server, url: str) -> str:
    """Return the URL of somebody who may read and write, and change no table."""
    if url.startswith("mysql"):
        name = url.split("/")[3].partition("?")[0]
        server.sql(
            f"CREATE USER IF NOT EXISTS mis_guest@localhost; "
            f"GRANT SELECT, INSERT, UPDATE ON {name}.* TO mis_guest@localhost",
            user="root",
        )
    else:
        name = url.rpartition("%3D")[2]
        server.sql(
            "CREATE ROLE mis_guest LOGIN; "
            f"GRANT USAGE ON SCHEMA {name} TO mis_guest; "
            f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA {name} TO mis_guest"
        )
    return url.replace("carryover@", "mis_guest@")


def carry_out(server, url: str, statements: str) -> None:
    """Let the owner do it, with the program that people have."""
    if url.startswith("mysql"):
        server.sql(statements, url.split("/")[3].partition("?")[0])
    else:
        server.sql(statements, url)


@pytest.mark.parametrize("error", [ConnectionLost, BrokenDisk])
def test_what_broke_is_no_matter_of_rights(sqlite_university, error):
    def refuse(statement: str) -> None:
        if "ADD COLUMN" in statement:
            raise error("it broke")

    with pytest.raises(error, match="^it broke$"):
        Store(Listening(sqlite_university.database, refuse)).prepare()


def test_no_mis_gets_no_columns(mis_database):
    mis_database.run("CREATE TABLE tbl_personal_ug (id integer)")

    with pytest.raises(Refused, match="no MIS"):
        Store(mis_database).prepare()

    assert mis_database.structure()["tbl_personal_ug"] == ["id"]
