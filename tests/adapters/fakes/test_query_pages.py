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


# --- page after page ------------------------------------------------------------------


class Shelf:
    """Records that count how often they are looked at."""

    def __init__(self) -> None:
        self.looks, self.selected = 0, {}

    def unpack(self, record: dict) -> dict:
        self.looks += 1
        return record

    def ask(self, statement: str) -> dict:
        entity = Entity(RECORDS, self.unpack, "Attachable", selected=self.selected)
        return answer_to(statement, lambda name: entity)


WHERE = "where Ref.Type = 'Bill' orderby"


@pytest.mark.parametrize("order", ["Id", "Tag", "Tag desc", "Id desc"])
def test_a_list_is_looked_for_once_however_many_its_pages(order):
    shelf = Shelf()
    statement = f"select * from Attachable {WHERE} {order} startposition {{}} maxresults 1000"

    pages = [shelf.ask(statement.format(start))["Attachable"] for start in (1, 1001, 2001)]

    assert sorted(int(one["Id"]) for page in pages for one in page) == list(range(1, 2501))
    assert shelf.looks <= 3 * 2500


def test_a_count_and_a_list_are_looked_for_together():
    shelf = Shelf()
    shelf.ask("select count(*) from Attachable where Ref.Type = 'Bill'")

    shelf.ask("select * from Attachable where Ref.Type = 'Bill' maxresults 1")

    assert shelf.looks == 2500 + 1


def test_other_questions_get_other_answers():
    shelf = Shelf()
    found = [
        shelf.ask(f"select * from Attachable where {where} orderby Id {order}")["Attachable"]
        for where in ("Id = '1'", "Id in ('1', '2')", "Id != '1'", "Id < '3'")
        for order in ("", "desc")
    ]

    assert [(one[0]["Id"], len(one)) for one in found] == [
        *(("1", 1), ("1", 1), ("1", 2), ("2", 2)),
        *(("2", 100), ("2500", 100), ("1", 2), ("2", 2)),
    ]


def test_not_every_question_is_remembered_for_ever():
    shelf = Shelf()

    for number in range(100):
        shelf.ask(f"select * from Attachable where Tag = 'carryover:k{number}'")

    assert len(shelf.selected) <= 8
