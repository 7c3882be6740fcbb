"""Pages: none but those that there are, and the way from one to the next."""

import doctest

import pytest

from src.kit.web import Problem, Request
from src.office.pages import paging
from tests.office.pages.markup import read


def links(page, pages):
    html = paging.pager("Pages", page, pages, lambda n: f"/x?page={n}")
    return {a.attributes["rel"]: a.attributes["href"] for a in read(html).all("a")}


@pytest.mark.parametrize(
    ("page", "pages", "found"),
    [
        (1, 0, {}),
        (1, 1, {}),
        (1, 2, {"next": "/x?page=2"}),
        (2, 2, {"prev": "/x?page=1"}),
        (2, 3, {"prev": "/x?page=1", "next": "/x?page=3"}),
        (3, 2, {"prev": "/x?page=2"}),
        (9, 2, {}),
    ],
)
def test_only_pages_that_there_are_can_be_reached(page, pages, found):
    assert links(page, pages) == found


@pytest.mark.parametrize("text", ["0", "-1", "x", "1000001", "1.0", "", "²"])
def test_a_page_that_is_no_number_is_refused(text):
    with pytest.raises(Problem, match="^page: is not a whole number from 1"):
        paging.number(Request("GET", "/", {"page": text}))


def test_who_names_no_page_gets_the_first():
    assert paging.number(Request("GET", "/")) == 1


def test_the_examples_are_true():
    assert doctest.testmod(paging).failed == 0
