"""Statuses in the MIS: counted, found, written, leased, with every database."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from src.kit.errors import Refused
from src.mis.records import APPLICANT, FAILED, IN_PROGRESS, NOT_SYNCED, STUDENT, SYNCED
from src.mis.store import Lease, Store
from src.mis.tables import Status
from src.office import connect_database
from tests.mis.beside import Listening
from tests.mis.university import KEYS, OLD_TRACKING, TABLE, TABLES, University

BOTH = pytest.mark.parametrize("type_", [APPLICANT, STUDENT])
PEOPLE = {*TABLE.values(), "tbl_register_program_ug"}
NOW, SOON, LATER = (f"2026-11-21 {hour}:00:00" for hour in (20, 21, 22))
ME, OTHER = "2026-11-21T20-a1@here", "2026-11-21T19-b2@there"


def put(university: University, type_: str, *statuses: int | None) -> None:
    """Put people in with the keys 1, 2, …, each with a status."""
    rows = [
        {KEYS[type_]: key, '"QuickBk_Status"': status, "reg_no": f"R{key}"}
        for key, status in enumerate(statuses, 1)
    ]
    university.put(TABLE[type_], *rows)


def lease(
    university: University, ids: Iterable[int], owner: str = ME, until: str = LATER
) -> list[int]:
    """Let a run take students in hand of whom the plan knew no customer."""
    return university.store.lease(STUDENT, dict.fromkeys(ids, ""), owner, until)


def status_of(university: University, type_: str = STUDENT, key: int = 1) -> str | None:
    return university.row(type_, key, '"QuickBk_Status"')[0]


# --- counted and found ----------------------------------------------------------------


@BOTH
def test_statuses_are_counted_and_what_is_none_is_not_synchronized(university, type_):
    put(university, type_, None, 0, 0, 1, 1, 1, 2, 3, 9, -1)

    assert university.store.counts(type_) == {"0": 5, "1": 3, "2": 1, "3": 1}


@BOTH
def test_nobody_is_counted_as_nobody(university, type_):
    assert university.store.counts(type_) == {"0": 0, "1": 0, "2": 0, "3": 0}
    assert university.store.unsynchronized(type_, 10) == []


@BOTH
def test_unsynchronized_is_who_has_no_status_or_0_or_failed(university, type_):
    put(university, type_, 2, 1, None, 3, 0, 1, 2, None, 0)

    assert university.store.unsynchronized(type_, 10) == [1, 3, 5, 7, 8, 9]


def test_a_status_that_nobody_knows_hides_nobody(university):
    put(university, STUDENT, 9, 1, -1, 3, 4)

    assert university.store.unsynchronized(STUDENT, 10) == [1, 3, 5]


@pytest.mark.parametrize(
    ("limit", "offset", "found"),
    [(2, 0, [1, 2]), (2, 1, [2, 4]), (3, 3, [5, 6]), (1, 5, []), (0, 0, [])],
)
def test_the_first_are_found_and_those_behind_them(university, limit, offset, found):
    put(university, APPLICANT, 0, None, 1, 2, 0, 9)

    assert university.store.unsynchronized(APPLICANT, limit, offset) == found


def test_who_is_counted_as_not_synchronized_or_failed_is_found(university):
    put(university, APPLICANT, *[None, 0, 1, 2, 3, 7] * 5)

    counts = university.store.counts(APPLICANT)

    found = university.store.unsynchronized(APPLICANT, 100)
    assert len(found) == counts["0"] + counts["2"] == 20


def test_offset_over_a_shrinking_set_skips_nobody(university):
    university.many(APPLICANT, 11)

    found = []
    while batch := university.store.unsynchronized(APPLICANT, 3):
        university.store.write(Status(APPLICANT, str(key), SYNCED) for key in batch)
        found += batch

    assert found == list(range(1, 12))


def test_looking_reads_no_more_of_the_tables_than_it_shows(sqlite_university):
    database = Listening(sqlite_university.database)
    store = Store(database)
    store.prepare()
    database.said.clear()

    store.unsynchronized(STUDENT, 10)
    store.some(STUDENT, [1, 2, 3])

    for query in [one for one in database.said if "1 = 0" not in one][1:]:
        plan = list(database.rows(f"EXPLAIN QUERY PLAN {query}", "iiit"))
        steps = [step for *_, step in plan]
        assert "USING COVERING INDEX carryover" in str(steps) or "PRIMARY KEY" in str(
            steps
        )
        assert not {"SCAN tbl_personal_ug", "SCAN g"} & set(steps)


def test_the_first_of_many_are_found_without_sorting_them_all(mariadb):
    database = connect_database.opened(mariadb.fresh(), None, "MIS")
    university = University(database, **dict.fromkeys(TABLES.keys() - PEOPLE, ""))
    university.store.prepare()
    put(university, STUDENT, *[None] * 3000)
    listening = Listening(database)
    Store(listening).unsynchronized(STUDENT, 10)

    plan = list(database.rows(f"EXPLAIN {listening.said[-1]}", "t" * 10))

    database.close()
    (first, *_) = [row for row in plan if row[2] == "tbl_personal_ug"]
    assert first[5] == "carryover_tbl_personal_ug_status"
    assert "filesort" not in first[9]


# --- the column's spelling ------------------------------------------------------------


@pytest.fixture
def old_university(mis_database) -> University:
    """Return a university whose tables the original's own program extended."""
    added = {name: f"{TABLES[name]} {OLD_TRACKING}" for name in TABLE.values()}
    return University(mis_database, **added)


def test_analyze_and_select_agree_whatever_the_status_columns_spelling(old_university):
    columns = old_university.database.structure()
    old_university.store.prepare()
    old_university.student(1)
    old_university.student(2)

    old_university.store.write([Status(STUDENT, "2", SYNCED)])

    assert old_university.store.counts(STUDENT)["1"] == 1
    assert old_university.store.unsynchronized(STUDENT, 10) == [1]
    after = old_university.database.structure()
    for table in TABLE.values():
        assert after[table][: len(columns[table])] == columns[table]
        assert [c.lower() for c in after[table]].count("quickbk_status") == 1


# --- written --------------------------------------------------------------------------

COLUMNS = '"QuickBk_Status", quickbooks_id, sync_token, pushed_by'


@BOTH
def test_a_status_is_written_with_what_quickbooks_gave(university, type_):
    university.many(type_, 2)

    count = university.store.write([Status(type_, "2", SYNCED, "77", "0", NOW)])

    found = university.row(type_, 2, f"{COLUMNS}, pushed_date")
    assert count == 1
    assert found[:4] == ["1", "77", "0", "System Auto Push"]
    assert found[4][:19] == NOW
    assert university.row(type_, 1, f"{COLUMNS}, pushed_date")[1:3] == [None, None]


def test_what_is_not_given_stays(university):
    university.student(1)
    university.store.write([Status(STUDENT, "1", SYNCED, "77", "4", NOW)])

    university.store.write([Status(STUDENT, "1", FAILED)])

    found = university.row(STUDENT, 1, f"{COLUMNS}, pushed_date")
    assert found[:3] == ["2", "77", "4"]
    assert found[4][:19] == NOW


def test_who_pushes_is_a_setting(university):
    university.student(1)

    Store(university.database, "Mrs. O'Hara").write([Status(STUDENT, "1", SYNCED)])
    Store(university.database, "").write([Status(STUDENT, "1", FAILED)])

    assert university.row(STUDENT, 1, COLUMNS)[3] == "Mrs. O'Hara"
    assert status_of(university) == FAILED


def test_of_several_statuses_of_a_person_the_last_counts(university):
    university.student(1)
    words = [IN_PROGRESS, SYNCED, FAILED, SYNCED]

    count = university.store.write(
        [Status(STUDENT, "1", word, str(place)) for place, word in enumerate(words)]
    )

    assert count == 1
    assert university.row(STUDENT, 1, COLUMNS)[:2] == ["1", "3"]


def test_an_applicant_and_a_student_with_one_key_are_two(university):
    university.many(APPLICANT, 1)
    university.many(STUDENT, 1)

    count = university.store.write(
        [Status(APPLICANT, "1", SYNCED, "a"), Status(STUDENT, "1", FAILED)]
    )

    assert count == 2
    assert university.row(APPLICANT, 1, COLUMNS)[:2] == ["1", "a"]
    assert university.row(STUDENT, 1, COLUMNS)[:2] == ["2", None]


def test_who_is_not_there_is_not_counted(university):
    university.student(1)
    statuses = [Status(STUDENT, key, SYNCED) for key in ("1", "99")]

    assert university.store.write(statuses) == 1
    assert university.store.write(statuses) == 1
    assert university.store.write([]) == 0


def test_all_statuses_are_written_or_none(university):
    university.many(APPLICANT, 1)
    university.many(STUDENT, 1)

    def refuse(statement: str) -> None:
        if statement.startswith('UPDATE "tbl_personal_ug"'):
            raise Refused("no room")

    store = Store(Listening(university.database, refuse))
    with pytest.raises(Refused, match="no room"):
        store.write([Status(APPLICANT, "1", SYNCED), Status(STUDENT, "1", SYNCED)])

    assert status_of(university, APPLICANT) == status_of(university, STUDENT) == "0"


def test_no_statement_says_what_a_record_has(university):
    university.student(1, fname="canary", qk_id="canary")
    database = Listening(university.database)
    store = Store(database, "canary")

    store.lease(STUDENT, {1: "canary"}, "canary@x", LATER)
    store.take_over(store.leased(), "canary@y", LATER)
    store.write([Status(STUDENT, "1", SYNCED, "canary", "canary", NOW)])
    store.some(STUDENT, [1])

    assert [one for one in database.said if "UPDATE" in one]
    assert not [one for one in database.said if "canary" in one or "2026" in one]


def test_many_are_written_together(university):
    university.many(APPLICANT, 3000)
    statuses = [Status(APPLICANT, str(n), SYNCED, f"Q{n}", "0") for n in range(1, 3001)]

    assert university.store.write(statuses) == 3000
    assert university.store.counts(APPLICANT) == {"0": 0, "1": 3000, "2": 0, "3": 0}
    assert university.row(APPLICANT, 2999, COLUMNS)[1] == "Q2999"


# --- leases ---------------------------------------------------------------------------

LEASE = '"QuickBk_Status", qb_run_id'


@BOTH
def test_a_lease_names_the_run_and_its_end(university, type_):
    university.many(type_, 3)

    assert university.store.lease(type_, {3: "", 1: ""}, ME, LATER) == [1, 3]

    assert university.row(type_, 1, LEASE) == ["3", ME]
    assert university.row(type_, 2, LEASE) == ["0", None]
    assert university.store.leased() == [
        Lease(type_, "1", ME, LATER),
        Lease(type_, "3", ME, LATER),
    ]


def test_leases_of_both_types_are_told(university):
    university.many(STUDENT, 1)
    university.many(APPLICANT, 1)
    lease(university, [1])
    university.set(APPLICANT, 1, '"QuickBk_Status" = 3')

    assert university.store.leased() == [
        Lease(APPLICANT, "1", "", ""),
        Lease(STUDENT, "1", ME, LATER),
    ]


def test_what_another_run_has_in_hand_is_left_to_it(university):
    university.many(STUDENT, 3)
    lease(university, [2], OTHER, SOON)

    assert lease(university, [1, 2, 3]) == [1, 3]
    assert university.row(STUDENT, 2, LEASE) == ["3", OTHER]


def test_a_lease_that_is_over_is_not_taken_unasked(university):
    university.many(STUDENT, 1)
    lease(university, [1], OTHER, "1999-01-01 00:00:00")

    assert lease(university, [1]) == []


def test_a_run_may_lease_again_for_longer(university):
    university.many(STUDENT, 1)
    lease(university, [1], ME, SOON)

    assert lease(university, [1]) == [1]
    assert university.store.leased() == [Lease(STUDENT, "1", ME, LATER)]


@pytest.mark.parametrize(
    "left",
    [
        "qb_run_id = NULL",
        "qb_lease_until = NULL",
        "qb_run_id = NULL, qb_lease_until = NULL",
    ],
)
def test_stuck_in_progress_without_a_run_or_an_end_is_anybodys(university, left):
    university.many(STUDENT, 1)
    lease(university, [1], OTHER)
    university.set(STUDENT, 1, left)

    assert lease(university, [1]) == [1]


@pytest.mark.parametrize("status", [None, 0, 1, 2, 9])
def test_whoever_is_not_in_progress_may_be_leased(university, status):
    put(university, STUDENT, status)

    assert lease(university, [1]) == [1]


def test_only_those_who_are_asked_for_and_are_there_are_leased(university):
    university.many(STUDENT, 3)
    lease(university, [1])

    assert lease(university, [3, 99, 3]) == [3]
    assert lease(university, []) == []


@pytest.mark.parametrize("status", [NOT_SYNCED, SYNCED, FAILED])
def test_a_status_ends_the_lease(university, status):
    university.many(STUDENT, 2)
    lease(university, [1, 2])

    university.store.write([Status(STUDENT, "1", status)])

    assert university.row(STUDENT, 1, f"{LEASE}, qb_lease_until") == [
        status,
        None,
        None,
    ]
    assert university.store.leased() == [Lease(STUDENT, "2", ME, LATER)]


def test_the_status_in_progress_keeps_the_lease(university):
    university.many(STUDENT, 1)
    lease(university, [1])

    university.store.write([Status(STUDENT, "1", IN_PROGRESS, "77")])

    assert university.store.leased() == [Lease(STUDENT, "1", ME, LATER)]


# --- which customer it is by now ------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    ("status", "customer", "known_as", "is_taken"),
    [
        (1, "86", "", False),  # made by another run since the plan
        (1, "86", "85", False),
        (1, " 86 ", "86", True),
        (1, None, "86", True),  # it names no other one
        (0, "86", "86", True),
        (2, "86", "", False),  # made, and a change of it failed
        (None, "", "", True),
    ],
)
def test_who_is_another_customer_since_the_plan_is_not_leased(
    university, type_, status, customer, known_as, is_taken
):
    put(university, type_, status)
    university.set(type_, 1, f"quickbooks_id = {_value(customer)}")

    found = university.store.lease(type_, {1: known_as}, ME, LATER)

    assert found == [1] * is_taken
    assert (status_of(university, type_) == IN_PROGRESS) == is_taken


def _value(text: str | None) -> str:
    return "NULL" if text is None else f"'{text}'"


def test_a_student_is_also_the_customer_that_the_originals_column_says(university):
    university.student(1, qk_id="86")

    assert lease(university, [1]) == []
    assert university.store.lease(STUDENT, {1: "86"}, ME, LATER) == [1]


def test_who_is_in_hand_already_stays_so_whatever_customer_it_is_by_now(university):
    university.many(STUDENT, 1)
    lease(university, [1], ME, SOON)
    university.set(STUDENT, 1, "quickbooks_id = '86'")

    assert lease(university, [1]) == [1]


# --- taken over -----------------------------------------------------------------------


@BOTH
def test_a_lease_is_taken_over_as_it_was_seen(university, type_):
    university.many(type_, 2)
    university.store.lease(type_, {1: "", 2: ""}, OTHER, SOON)
    seen = university.store.leased()

    assert university.store.take_over(seen[:1], ME, LATER) == [(type_, "1")]

    assert university.store.leased() == [
        Lease(type_, "1", ME, LATER),
        Lease(type_, "2", OTHER, SOON),
    ]


def test_leases_of_both_types_are_taken_over(university):
    university.many(APPLICANT, 1)
    university.many(STUDENT, 1)
    university.set(APPLICANT, 1, '"QuickBk_Status" = 3')  # by no run, and for ever
    lease(university, [1], OTHER)

    found = university.store.take_over(university.store.leased(), ME, LATER)

    assert found == [(APPLICANT, "1"), (STUDENT, "1")]


@pytest.mark.parametrize(
    "since",
    [
        f"qb_lease_until = '{LATER}'",  # it lives, and has taken it for longer
        "qb_run_id = 'r3@there'",
        '"QuickBk_Status" = 1, qb_run_id = NULL, qb_lease_until = NULL',
        "qb_run_id = NULL",
    ],
)
def test_a_lease_that_is_another_by_now_is_left(university, since):
    university.many(STUDENT, 1)
    lease(university, [1], OTHER, SOON)
    seen = university.store.leased()
    university.set(STUDENT, 1, since)

    assert university.store.take_over(seen, ME, LATER) == []
    assert university.row(STUDENT, 1, "qb_run_id") != [ME]


def test_a_lease_is_taken_over_whatever_the_mis_says_of_the_customer(university):
    university.many(STUDENT, 1)
    lease(university, [1], OTHER, SOON)
    university.set(STUDENT, 1, "quickbooks_id = '86'")

    found = university.store.take_over(university.store.leased(), ME, LATER)

    assert found == [(STUDENT, "1")]
    assert university.store.take_over([], ME, LATER) == []
