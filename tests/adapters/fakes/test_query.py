"""The query language over records of every shape, as QuickBooks answers it."""

from __future__ import annotations

import pytest

from src.adapters.fakes.query import Entity, answer_to, parse
from src.adapters.fakes.refusal import Refusal


def customer(found: str, name: str, **more: object) -> dict:
    return {"Id": found, "DisplayName": name, "Active": True, **more}


def changed(moment: str) -> dict:
    return {"MetaData": {"LastUpdatedTime": moment}}


def owned(*owners: tuple[str, str]) -> dict:
    refs = [{"EntityRef": {"type": kind, "value": found}} for kind, found in owners]
    return {"AttachableRef": refs}


CUSTOMERS = [
    customer("1", "Aline Uwera", Balance=100.5, **changed("2026-11-01T08:00:00+00:00")),
    customer("2", "O'Brien", Balance=20, **changed("2026-11-02T00:00:00-08:00")),
    customer("3", "aline 100% (b)", Balance=3, **owned(("Invoice", "1187"), ("Bill", "58"))),
    customer("4", "Nan", Notes="back\\slash", Taxable=True, **owned(("Bill", "1187"))),
    customer("5", "Gone (deleted)", Active=False),
    customer("10", "Émile\nZola", Balance=-4),
]
LONG = [{"Id": str(5000000000000412000 + n)} for n in range(4)]


def entity(name: str) -> Entity:
    known = {
        "customer": Entity(CUSTOMERS, dict, "Customer", True),
        "invoice": Entity(CUSTOMERS, dict, "Invoice"),
        "attachable": Entity(LONG, dict, "Attachable"),
        "nothing": Entity([], dict, "Nothing"),
    }
    if name.casefold() not in known:
        raise Refusal("4000", f"{name} is no entity")
    return known[name.casefold()]


def ask(statement: str) -> dict:
    return answer_to(statement, entity)


def ids(rest: str, name: str = "Invoice") -> str:
    """Return the ids that a statement finds, in order, with spaces between."""
    found = ask(f"select * from {name} {rest}").get(name, [])
    return " ".join(record["Id"] for record in found)


# --- where ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("DisplayName like 'Aline%'", "1 3"),
        ("DisplayName like '%line%'", "1 3"),
        ("DisplayName like '%uwera'", "1"),
        ("DisplayName LIKE 'ALINE UWERA'", "1"),
        ("DisplayName like 'line'", ""),
        ("DisplayName like '%.%'", ""),
        ("DisplayName like '%(b)'", "3"),
        ("DisplayName like 'É%Zola'", "10"),
        ("DisplayName like '%'", "1 2 3 4 5 10"),
        ("Notes like '%'", "4"),
    ],
)
def test_a_percent_sign_stands_for_any_letters(condition, found):
    assert ids(f"where {condition}") == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("DisplayName != 'Nan'", "1 2 3 5 10"),
        ("Id in ('1', '4', '4', 'x')", "1 4"),
        ("Id IN ('10')", "10"),
        ("Id in (1, 2)", "1 2"),
        ("Balance = 100.5", "1"),
        ("Balance = 20", "2"),
        ("Balance = -4", "10"),
        ("Balance > 3", "1 2"),
        ("Balance >= '3'", "1 2 3"),
        ("Balance < 20", "3 10"),
        ("Balance <= 20 and Balance > 0", "2 3"),
        ("Balance > 'a'", ""),
        ("DisplayName < 'g'", "1 3"),
        ("Id > '4'", "5 10"),
        ("Notes = ' '", "1 2 3 5 10"),
        ("Notes != ' '", "4"),
        ("displayname = 'NAN'", "4"),
    ],
)
def test_values_are_compared_as_what_they_are(condition, found):
    assert ids(f"where {condition}") == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Active = true", "1 2 3 4 10"),
        ("Active = FALSE", "5"),
        ("Active in (true, false)", "1 2 3 4 5 10"),
        ("Taxable = true", "4"),
        ("Taxable = 'true'", "4"),
    ],
)
def test_booleans_are_written_without_quotes(condition, found):
    assert ids(f"where {condition}") == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("> '2026-11-01T00:00:00Z'", "1 2"),
        ("> '2026-11-01T00:00:00-08:00'", "2"),
        (">= '2026-11-01T00:00:00-08:00'", "1 2"),
        ("< '2026-11-02T07:59:59+00:00'", "1"),
        ("<= '2026-11-02T08:00:00+00:00'", "1 2"),
        ("> '2026-11-02'", "2"),
        ("< '2026-11-01'", ""),
    ],
)
def test_moments_are_compared_whatever_their_offset(condition, found):
    assert ids(f"where MetaData.LastUpdatedTime {condition}") == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("AttachableRef.EntityRef.Type = 'invoice'", "3"),
        ("AttachableRef.EntityRef.value = '1187'", "3 4"),
        ("AttachableRef.EntityRef.Value in ('58', '1187')", "3 4"),
        ("AttachableRef.EntityRef.Type like 'B%'", "3 4"),
        ("AttachableRef.EntityRef.Type = 'Bill' and Active = true", "3 4"),
        ("AttachableRef.EntityRef = 'Bill'", ""),
        ("DisplayName.EntityRef = 'Bill'", ""),
        ("AttachableRef.EntityRef.Type != 'Bill'", "1 2 5 10"),
    ],
)
def test_a_dotted_name_leads_through_lists(condition, found):
    assert ids(f"where {condition}") == found


@pytest.mark.parametrize(
    ("text", "found"), [("O\\'Brien", "2"), ("o\\'brien", "2"), ("Nan\\' or Id = \\'1", "")]
)
def test_an_apostrophe_is_escaped_by_a_backslash(text, found):
    assert ids(f"where DisplayName = '{text}'") == found


def test_a_backslash_is_escaped_by_another():
    assert ids("where Notes = 'back\\\\slash'") == "4"


def test_ids_too_long_for_a_floating_number_are_told_apart():
    after = LONG[1]["Id"]

    assert ids(f"where Id > '{after}'", "Attachable").split() == [LONG[2]["Id"], LONG[3]["Id"]]
    assert ids("orderby Id desc maxresults 1", "Attachable") == LONG[3]["Id"]


# --- lists of names -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("", "1 2 3 4 10"),
        ("where Id in ('4', '5')", "4"),
        ("where Id in ('4', '5') and Active in (true, false)", "4 5"),
        ("where active = false", "5"),
    ],
)
def test_a_list_of_names_shows_what_is_inactive_when_asked(rest, found):
    assert ids(rest, "Customer") == found


def test_a_count_leaves_out_what_is_inactive_too():
    assert ask("select count(*) from Customer") == {"totalCount": 5}
    assert ask("select count(*) from Customer where Active = false") == {"totalCount": 1}


# --- order, pages, properties ---------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("order by DisplayName", "3 1 5 4 2 10"),
        ("ORDERBY DisplayName DESC", "10 2 4 5 1 3"),
        ("orderby displayname asc maxresults 2", "3 1"),
        ("order by Active desc, DisplayName desc", "10 2 4 1 3 5"),
        ("orderby Balance", "10 3 2 1 4 5"),
        ("orderby Id desc", "10 5 4 3 2 1"),
        ("orderby Id", "1 2 3 4 5 10"),
        ("orderby id startposition 2 maxresults 2", "2 3"),
        ("where Balance > 0 order by Balance startposition 3", "1"),
    ],
)
def test_records_come_in_the_order_asked_for(rest, found):
    assert ids(rest) == found


@pytest.mark.parametrize("name", ["Nan", "inf", "-Infinity", "1_000", "1e999"])
def test_a_name_that_python_takes_for_a_number_is_a_name(name):
    records = [
        customer("1", "zoe"),
        customer("2", name),
        customer("3", "abe"),
        customer("4", "5"),
    ]
    found = answer_to(
        "select * from X where DisplayName > 'A' orderby DisplayName",
        lambda _: Entity(records, dict, "X"),
    )["X"]

    assert {"1", "3"} <= {record["Id"] for record in found}
    assert [r["Id"] for r in found if r["Id"] in "13"] == ["3", "1"]


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("Id", {"Id", "sparse"}),
        ("id, displayname", {"Id", "DisplayName", "sparse"}),
        ("Id, Sku", {"Id", "sparse"}),
        ("MetaData.LastUpdatedTime", {"MetaData", "sparse"}),
        ("*, Sku", {"Id", "DisplayName", "Active", "Balance", "MetaData"}),
    ],
)
def test_the_properties_asked_for_come_back(what, names):
    (record,) = ask(f"select {what} from Invoice maxresults 1")["Invoice"]

    assert set(record) == names


def test_a_page_tells_where_it_starts_and_how_long_it_is():
    answer = ask("select * from invoice startposition 5 maxresults 10")

    assert (answer["startPosition"], answer["maxResults"]) == (5, 2)
    assert list(answer)[0] == "Invoice"


@pytest.mark.parametrize(
    ("asked", "most"), [("", 100), ("maxresults 1000", 1000), ("maxresults 1001", 1000)]
)
def test_a_page_is_capped(asked, most):
    assert parse(f"select * from Invoice {asked}").most == most


@pytest.mark.parametrize(
    "statement",
    [
        "select * from Nothing",
        "select Id from Invoice where Id = 'x'",
        "select * from Invoice startposition 7",
        "select * from Invoice maxresults 0",
    ],
)
def test_nothing_found_is_an_empty_answer(statement):
    assert ask(statement) == {}


def test_a_statement_may_have_any_case_spaces_and_lines():
    assert ids("\n  WHERE\tId\n=\n'1'  \n") == "1"
    assert ask("SeLeCt COUNT ( * ) FrOm iNvOiCe") == {"totalCount": 6}


# --- refusals -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rest",
    [
        "where Id = '1' or Id = '2'",
        "where (Id = '1')",
        "group by Id",
        "where Id = '1",
        "where Id == '1'",
        "where Id = null",
        "where Id in '1'",
        "where Id in ()",
        "where Id in ('1',)",
        "where Id between '1' and '2'",
        "where and Id = '1'",
        "where Id",
        "where Id = '1' and",
        "order Id",
        "orderby",
        "orderby Id,",
        "maxresults",
        "maxresults 1.5",
        "maxresults ten",
        "startposition " + 5000 * "1",
        "maxresults 1 startposition 1",
        "maxresults 1 where Id = '1'",
        "§",
        ", Customer",
    ],
)
def test_what_is_no_query_is_refused(rest):
    with pytest.raises(Refusal, match=r"\(4000\)"):
        ask(f"select * from Invoice {rest}")


@pytest.mark.parametrize("what", ["count(Id)", "", "Id Name", "sum(*)", "'Id'", "1"])
def test_what_is_no_property_is_refused(what):
    with pytest.raises(Refusal, match=r"\(4000\)"):
        ask(f"select {what} from Invoice")


@pytest.mark.parametrize(
    "text", ["select * from Unicorn", "select * Invoice", "update Invoice"]
)
def test_an_unknown_entity_is_refused(text):
    with pytest.raises(Refusal, match=r"\(4000\)"):
        ask(text)


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("startposition 0", "value 0 is too small. Min allowed value is 1"),
        ("startposition -1", "value -1 is too small"),
        ("maxresults -1", "value -1 is too small"),
        ("where PrivateNote = 'x'", "property 'PrivateNote' is not queryable"),
        ("where customfield like 'x'", "is not queryable"),
    ],
)
def test_what_is_not_allowed_in_a_query_is_refused(rest, said):
    with pytest.raises(Refusal) as refused:
        ask(f"select * from Invoice {rest}")

    assert refused.value.fault.code == "4001"
    assert said in refused.value.fault.detail
