"""The look-ups of exactly-once delivery, made of queries."""

from __future__ import annotations

import re

import pytest

from src.adapters.fakes.query import Entity, answer_to
from src.adapters.qbo import MARK, MARKS_PER_QUERY, PAGE, Attachables, pages


class Asked:
    """A company of so many attachables; `statements` is what it was asked."""

    def __init__(self, count: int, foreign: int = 0) -> None:
        self.statements: list[str] = []
        self._records = [record(number) for number in range(count)]
        self._records += [{"Id": f"f{number}", "Tag": "mine"} for number in range(foreign)]

    def query(self, statement: str) -> dict:
        self.statements.append(statement)
        return answer_to(statement, lambda name: Entity(self._records, dict))


def record(number: int) -> dict:
    owner = {"type": "Invoice", "value": "1187"}
    return {
        "Id": str(number),
        "FileName": f"{number}.pdf",
        "Size": 7,
        "Tag": f"{MARK}k{number}",
        "AttachableRef": [{"EntityRef": owner}],
    }


def test_the_count_includes_what_others_attached():
    assert Attachables(Asked(3, foreign=2).query).count() == 5


@pytest.mark.parametrize(
    ("count", "asked"), [(0, 1), (1, 1), (PAGE - 1, 1), (PAGE, 2), (2 * PAGE + 1, 3)]
)
def test_a_listing_asks_once_per_thousand(count, asked):
    company = Asked(count)

    found = Attachables(company.query).list_all()

    assert len(found) == count
    assert len(company.statements) == asked


def test_a_listing_leaves_out_what_carries_no_mark_of_ours():
    assert list(Attachables(Asked(1, foreign=3).query).list_all()) == ["k0"]


def test_a_found_attachable_tells_id_size_name_and_owner():
    (found,) = Attachables(Asked(1).query).find(["k0"])["k0"]

    assert found[:5] == ("0", 7, "0.pdf", "Invoice", "1187")


@pytest.mark.parametrize("count", [0, 1, MARKS_PER_QUERY, MARKS_PER_QUERY + 1, 100])
def test_marks_are_looked_up_thirty_at_a_time(count):
    company = Asked(200)
    keys = [f"k{number}" for number in range(count)]

    found = Attachables(company.query).find(keys)

    assert sorted(found) == sorted(keys)
    assert len(company.statements) == -(-count // MARKS_PER_QUERY)


def test_a_look_up_compares_the_whole_mark_only():
    assert list(Attachables(Asked(200).query).find(["k1"])) == ["k1"]


def test_a_mark_that_is_there_twice_is_found_twice():
    company = Asked(1)
    company._records.append({**record(0), "Id": "77"})

    found = Attachables(company.query).find(["k0"])

    assert [one.remote_id for one in found["k0"]] == ["0", "77"]


@pytest.mark.parametrize("gap", ["Tag", "Size", "FileName", "AttachableRef"])
def test_a_record_that_lacks_a_field_breaks_no_listing(gap):
    company = Asked(1)
    del company._records[0][gap]

    found = Attachables(company.query).list_all()

    assert list(found) == ([] if gap == "Tag" else ["k0"])


def test_statements_stay_short_enough_for_a_url():
    company = Asked(0)

    Attachables(company.query).find(["k" + "0" * 32] * MARKS_PER_QUERY)

    assert max(map(len, company.statements)) < 4000


def test_pages_follow_each_other_without_a_gap():
    company = Asked(2500)

    found = [record["Id"] for record in pages(company.query, "Attachable")]

    assert found == [str(number) for number in range(2500)]
    starts = [re.search(r"startposition (\d+)", s)[1] for s in company.statements]
    assert starts == ["1", "1001", "2001"]


def test_everything_is_listed_with_its_mark_or_without():
    found = list(Attachables(Asked(2, foreign=1).query).everything())

    assert [(one.remote_id, one.key) for one in found] == [("0", "k0"), ("1", "k1"), ("f0", "")]


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({"CreateTime": "2026-03-01T10:00:00-08:00"}, "2026-03-01T18:00:00.000000+00:00"),
        ({"CreateTime": "2026-03-01T10:00:00Z"}, "2026-03-01T10:00:00.000000+00:00"),
        ({"CreateTime": "lately"}, ""),
        ({}, ""),
    ],
)
def test_the_time_of_creation_is_told_in_utc(told, read):
    company = Asked(1)
    company._records[0]["MetaData"] = told

    (found,) = Attachables(company.query).everything()

    assert found.created_at == read
