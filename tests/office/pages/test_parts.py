"""What pages are built of: escaped, named, counted, linked."""

import doctest
from string import Template

import pytest

from src.kit.templates import Html, join, render, text
from src.office.pages import parts
from src.office.pages.parts import NUMBER, Column
from tests.office.pages.markup import EVIL, faults, read

# --- words and values -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "look"),
    [
        ("uploaded", "success"),
        ("created", "success"),
        ("running", "primary"),
        ("in_doubt", "info"),
        ("held", "warning"),
        ("failed", "danger"),
        ("skipped_already_uploaded", "secondary"),
        ("a word of tomorrow", "secondary"),
    ],
)
def test_a_word_has_the_colour_of_what_it_means(word, look):
    assert parts.tone(word) == look


def test_a_badge_says_the_word_and_not_only_its_colour():
    badge = read(parts.badge("in_doubt")).one("span")

    assert badge.text == "in doubt"
    assert "text-info-emphasis" in badge.attributes["class"]


def test_a_badge_may_have_another_colour_than_its_word():
    badge = read(parts.badge("waits", parts.WARNING)).one("span")

    assert "bg-warning-subtle" in badge.attributes["class"]


@pytest.mark.parametrize(
    ("iso", "shown"),
    [
        ("2026-11-21T23:18:30.158858+00:00", "2026-11-21 23:18 UTC"),
        ("2026-11-21T23:18:30+02:00", "2026-11-21 23:18"),
        ("2026-11-21T23:18:30", "2026-11-21 23:18"),
    ],
)
def test_a_time_is_shown_to_the_minute_and_can_be_read_by_programs(iso, shown):
    time = read(parts.stamp(iso)).one("time")

    assert time.text == shown
    assert time.attributes["datetime"] == iso


@pytest.mark.parametrize("iso", ["", "yesterday", EVIL])
def test_what_is_no_time_is_shown_as_it_stands(iso):
    assert parts.stamp(iso) == text(iso)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("0", "all done (exit 0)"),
        ("2", "nothing done (exit 2)"),
        ("3", "stopped early by a limit (exit 3)"),
        ("4", "left rows in doubt (exit 4)"),
        ("75", "locked by another run (exit 75)"),
        ("130", "stopped by a signal (exit 130)"),
        ("99", "ended (exit 99)"),
        ("", "not known"),
        ("-9", "-9"),
        ("٣", "٣"),
    ],
)
def test_an_exit_code_is_told_in_words(code, told):
    assert parts.ended(code) == told


def test_a_short_text_is_shown_whole():
    assert parts.cut("short") == "short"


def test_a_long_text_opens_and_loses_nothing():
    whole = "x" * 9_999 + EVIL

    found = read(parts.cut(whole)).one("details")
    assert found.one("summary").text == "x" * parts.LONGEST + "…"
    assert found.one("span").text.startswith("x" * 9_999 + "</script>")


def test_a_text_as_long_as_allowed_is_not_cut():
    assert "<details" not in parts.cut("x" * parts.LONGEST)


# --- links and forms ------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["a/b", "..", "a?b#c", "a b", "//evil.example", "javascript:alert(1)", "é"]
)
def test_a_name_stays_one_part_of_an_address(name):
    place = parts.address("logs", name)

    assert place.startswith("/logs/")
    assert place.count("/") == 2
    assert not set("?# :") & set(place)


def test_a_query_keeps_its_values_apart():
    place = parts.address("logs", "x", q="a&b=c", outcome="", page=2)

    assert place == "/logs/x?q=a%26b%3Dc&page=2"


def test_a_link_escapes_what_it_shows_and_where_it_leads():
    link = read(parts.link(parts.address("logs", EVIL), EVIL)).one("a")

    assert link.attributes["href"].startswith("/logs/%3C%2Fscript%3E")
    assert link.text.startswith("</script><img")


def test_a_form_is_sent_by_post_and_carries_its_token():
    form = read(parts.form("/sync/wms/start", 'to"ken', parts.button("Start"))).one("form")

    assert form.attributes == {"method": "post", "action": "/sync/wms/start"}
    assert form.one("input").attributes["value"] == 'to"ken'
    assert form.one("button").attributes["type"] == "submit"


# --- boxes ----------------------------------------------------------------------------


def test_a_card_has_a_heading_of_its_level():
    assert read(parts.card("Errors", Html(""))).one("h2").text == "Errors"
    assert read(parts.card("Errors", Html(""), level=3)).one("h3").text == "Errors"


def test_a_card_has_a_foot_only_where_there_is_one():
    assert "card-footer" not in parts.card("Errors", Html("body"))
    assert "card-footer" in parts.card("Errors", Html("body"), Html("foot"))


def test_facts_are_names_and_values():
    found = read(parts.facts({"Rows": parts.number(1200), "Name": EVIL})).one("dl")

    assert [one.text for one in found.all("dt")] == ["Rows", "Name"]
    assert found.all("dd")[0].text == "1,200"
    assert found.all("img") == []


@pytest.mark.parametrize(("look", "role"), [("danger", "alert"), ("warning", "status")])
def test_only_what_is_wrong_interrupts_who_listens(look, role):
    assert read(parts.notice("so it is", look)).one("div").attributes["role"] == role


# --- tables ---------------------------------------------------------------------------


def test_a_table_has_a_caption_and_heads_for_columns_and_rows():
    html = parts.table("Runs", ["Run", Column("Rows", NUMBER)], [["r1", 2050]])

    table = read(html).one("table")
    assert table.one("caption").text == "Runs"
    assert [th.attributes["scope"] for th in table.all("th")] == ["col", "col", "row"]
    assert faults(html) == []


def test_numbers_stand_to_the_right_and_have_separators():
    cell = read(parts.table("", ["Run", Column("Rows", NUMBER)], [["r1", 2050]])).one("td")

    assert cell.text == "2,050"
    assert cell.attributes["class"] == "number"


def test_a_table_scrolls_in_its_own_box_by_keyboard_too():
    box = read(parts.table('Rows "x"', ["Run"], [])).children[0]

    assert "table-responsive" in box.attributes["class"]
    names = ("tabindex", "role", "aria-label")
    assert [box.attributes[name] for name in names] == ["0", "group", 'Rows "x"']


def test_a_table_says_how_it_is_sorted():
    html = parts.table("", ["Run", Column("Rows", NUMBER, "descending")], [])

    heads = read(html).all("th")
    assert [head.attributes.get("aria-sort") for head in heads] == [None, "descending"]


@pytest.mark.parametrize("cell", [EVIL, "=1+1", None, ""])
def test_cells_are_text_unless_they_are_markup(cell):
    html = parts.table(EVIL, [EVIL, Column(EVIL)], [[cell, parts.badge("held")]])

    assert "<img" not in html
    assert read(html).one("td").one("span").text == "held"


def test_a_flag_is_no_number():
    assert read(parts.table("", ["a", "b"], [["x", True]])).one("td").text == "True"


# --- pagers ---------------------------------------------------------------------------


def test_one_page_needs_no_pager():
    assert parts.pager("Pages", 1, 1, {}) == ""


@pytest.mark.parametrize(
    ("page", "shown", "linked"),
    [
        (1, ["Previous", "Page 1 of 3", "Next"], ["/?page=2"]),
        (2, ["Previous", "Page 2 of 3", "Next"], ["/?page=1", "/?page=3"]),
        (3, ["Previous", "Page 3 of 3", "Next"], ["/?page=2"]),
    ],
)
def test_a_pager_leads_to_the_neighbours_and_says_where_one_is(page, shown, linked):
    places = {number: f"/?page={number}" for number in (1, 2, 3)}

    nav = read(parts.pager("Pages of the log", page, 3, places)).one("nav")

    assert [item.text for item in nav.all("li")] == shown
    assert [a.attributes["href"] for a in nav.all("a")] == linked
    assert nav.attributes["aria-label"] == "Pages of the log"


# --- nothing gets through -------------------------------------------------------------


@pytest.mark.parametrize(
    "built",
    [
        parts.badge(EVIL, parts.SUCCESS),
        parts.button(EVIL),
        parts.button_link(parts.address(EVIL), EVIL),
        parts.card(EVIL, text(EVIL), text(EVIL)),
        parts.command(EVIL),
        parts.cut(EVIL * 20),
        parts.facts({EVIL: EVIL}),
        parts.form(parts.address(EVIL), EVIL, text(EVIL)),
        parts.notice(EVIL),
        parts.pager(EVIL, 1, 2, {2: parts.address(EVIL)}),
        parts.table(EVIL, [EVIL], [[EVIL]]),
        join([render(Template("<i>$a</i>"), a=EVIL)]),
    ],
)
def test_nothing_that_is_built_lets_markup_through(built):
    assert "<img" not in built and "\x1b" not in built and "\u202e" not in built
    assert [f for f in faults(built) if "after h0" not in f] == []


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(parts).failed == 0
