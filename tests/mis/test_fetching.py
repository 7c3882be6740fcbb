"""Everybody and every name, one by one, counted while they pass."""

from __future__ import annotations

import pytest

from src.mis.enriching import Tally
from src.mis.fetching import Names, People
from tests.mis.people import Read, applicant, student


def people(*raws):
    return People(Read(raws), Tally())


def names(**lists):
    return Names(lambda entity: [{"Id": found} for found in lists.get(entity, [])])


def test_applicants_come_first_and_nobody_is_left_out():
    everybody = people(student(1), applicant(2), student(3), applicant(4))

    found = [one.type[0] + one.mis_id for one in everybody.read()]

    assert found == ["A2", "A4", "S1", "S3"]
    assert everybody.counts == {"applicants": 2, "students": 2}
    assert everybody.count == 4


def test_nobody_is_dropped_for_what_is_missing():
    nobodies = [applicant(n, identifier="") for n in range(9)]

    assert len(list(people(*nobodies).read())) == 9


def test_students_of_one_regno_are_both_there_and_are_told():
    everybody = people(student(1, identifier="24-9"), student(2, identifier=" 24-9 "))

    assert len(list(everybody.read())) == 2
    assert list(everybody.notes())[-1] == (
        "several students have one RegNo (24-9): each is a customer"
    )


@pytest.mark.parametrize(
    ("first", "second"), [("24/a", "24/A"), ("", ""), ("24-9", " 24-9")]
)
def test_a_regno_is_one_whatever_its_case_and_blanks(first, second):
    everybody = people(student(1, identifier=first), student(2, identifier=second))
    list(everybody.read())

    assert "several students" in list(everybody.notes())[-1]


def test_a_note_names_five_of_many_regnos():
    everybody = people(*(student(n, identifier=str(n // 2)) for n in range(14)))
    list(everybody.read())

    assert list(everybody.notes())[-1].startswith(
        "several students have one RegNo (0, 1, 2, 3, 4 and 2 more)"
    )


def test_one_regno_each_is_worth_no_note():
    twins = applicant(1), applicant(2, identifier="1")
    everybody = people(student(1), student(2), *twins)
    list(everybody.read())

    assert not any("RegNo" in note for note in everybody.notes())


def test_names_of_all_three_lists_are_counted():
    listed = names(Customer=["1", "2"], Vendor=["1"], Employee=["1"])

    found = [one.list[0] + one.id for one in listed.read()]

    assert found == ["C1", "C2", "V1", "E1"]
    assert (listed.count, listed.repeated) == (4, 0)


def test_a_record_on_two_pages_is_one_name():
    listed = names(Customer=["1", "2", "2", "3", "1"])

    assert [one.id for one in listed.read()] == ["1", "2", "3"]
    assert (listed.count, listed.repeated) == (5, 2)


def test_a_note_tells_how_many_names_there_are():
    listed = names(Customer=["1", "2"], Vendor=["1"])
    list(listed.read())

    assert list(listed.notes()) == [
        "QuickBooks has 2 customers, 1 vendor, 0 employees; 0 of the customers are "
        "ours, 0 of all are inactive"
    ]
