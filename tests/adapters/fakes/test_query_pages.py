"""Counts, pages and quoted texts of the query language, as QuickBooks answers them."""

from __future__ import annotations

import pytest

from src.adapters.fakes.query import Entity, answer_to
from src.adapters.fakes.refusal import Refusal
from src.adapters.qbo import quote

RECORDS = [
    {"Id": str(number), "Tag": f"carryover:k{number}", "Ref": {"Type": "Bill"}}
    for number in range(1, 2501)
]
NAMED = {"Id": "9001", "Tag": "O'Brien \\ and", "Ref": {"Type": "Invoice"}}


def ask(statement: str) -> dict:
    return answer_to(statement, lambda name: Entity([*RECORDS, NAMED], dict))


def ids(statement: str) -> list[str]:
    return [record["Id"] for record in ask(statement).get("Attachable", [])]


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        ("select count(*) from Attachable", 2501),
        ("SELECT COUNT(*) FROM Attachable WHERE Tag = 'carryover:k7'", 1),
        ("select count(*) from Attachable where tag = 'none'", 0),
        ("select count(*) from Attachable where Ref.Type = 'Bill'", 2500),
        ("select count(*) from Attachable where Id in ('1', '2', 'x')", 2),
        ("select count(*) from Attachable where Id in ('1', '2') and Tag = 'x'", 0),
    ],
)
def test_a_count_counts_what_fits(statement, count):
    assert ask(statement) == {"totalCount": count}


@pytest.mark.parametrize(
    ("rest", "first", "last", "count"),
    [
        ("", "1", "100", 100),
        ("maxresults 1000", "1", "1000", 1000),
        ("maxresults 5000", "1", "1000", 1000),
        ("startposition 2001 maxresults 1000", "2001", "9001", 501),
        ("orderby Id startposition 11 maxresults 10", "11", "20", 10),
        ("ORDER BY Id STARTPOSITION 1 MAXRESULTS 1", "1", "1", 1),
    ],
)
def test_pages_are_of_100_and_of_1000_at_most(rest, first, last, count):
    answer = ask(f"select * from Attachable {rest}")

    found = [record["Id"] for record in answer["Attachable"]]
    assert (found[0], found[-1], len(found)) == (first, last, count)
    assert answer["maxResults"] == count


def test_a_page_behind_the_last_is_empty():
    assert ids("select * from Attachable startposition 9999 maxresults 10") == []


@pytest.mark.parametrize("text", ["O'Brien \\ and", "a'b'c", "\\", "' or Id = '1"])
def test_a_quoted_text_is_one_value(text):
    found = ids(f"select * from Attachable where Tag = {quote(text)}")

    assert found == (["9001"] if text == NAMED["Tag"] else [])


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "delete from Attachable",
        "select * from Attachable where",
        "select * from Attachable where Tag = x",
        "select * from Attachable limit 5",
        "select * from Attachable; select * from Attachable",
    ],
)
def test_what_quickbooks_cannot_parse_is_refused(statement):
    with pytest.raises(Refusal, match=r"\(4000\)"):
        ask(statement)
