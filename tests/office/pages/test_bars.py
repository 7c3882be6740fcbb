"""Bars: every part is seen, and the legend says the same without any colour."""

import pytest

from src.office.pages import bars
from src.office.pages.bars import Part
from tests.office.pages.markup import EVIL, Element, faults, read

LOG = {"failed": 29, "uploaded": 37, "in_doubt": 6, "skipped_same_content": 2, "held": 3}


def rectangles(html: str) -> list[Element]:
    return read(html).one("svg", role="img").all("rect")


def extents(html: str) -> list[tuple[float, float]]:
    """Return start and width of each part, in percent."""
    return [
        tuple(float(one.attributes[name].rstrip("%")) for name in ("x", "width"))
        for one in rectangles(html)
    ]


def test_the_legend_has_every_part_with_its_count():
    items = read(bars.outcomes("Log", {"uploaded": 1200, "failed": 3})).all("li")

    assert [item.text for item in items] == ["1,200 uploaded", "3 failed"]


def test_what_went_well_comes_first_and_what_failed_last():
    items = read(bars.outcomes("Log", LOG)).all("li")

    words = [item.text.partition(" ")[2] for item in items]
    assert words == ["uploaded", "skipped same content", "in doubt", "held", "failed"]


def test_parts_of_one_colour_are_ordered_by_size():
    items = read(bars.outcomes("Log", {"linked": 2, "updated": 9, "created": 5})).all("li")

    assert [item.text for item in items] == ["9 updated", "5 created", "2 linked"]


def test_the_parts_fill_the_bar_without_gap_or_overlap():
    found = extents(bars.outcomes("Log", LOG))

    for (start, width), (after, _) in zip(found, [*found[1:], (100.0, 0.0)]):
        assert start + width == pytest.approx(after, abs=0.01)


def test_parts_are_as_wide_as_their_share():
    [first, second] = extents(bars.outcomes("Log", {"created": 75, "failed": 25}))

    assert first == (0, 75)
    assert second == (75, 25)


def test_two_in_doubt_of_a_million_are_seen():
    [_, doubt] = extents(bars.outcomes("Log", {"uploaded": 1_000_000, "in_doubt": 2}))

    assert doubt[1] > bars.NARROWEST / 2


@pytest.mark.parametrize("count", [1, 40])
def test_any_number_of_parts_fits(count):
    found = extents(bars.bar("Log", [Part(f"w{n}", n * n + 1) for n in range(count)]))

    assert len(found) == count
    assert sum(width for _, width in found) == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("parts", [[], [Part("created", 0)], [Part("created", -1)]])
def test_a_bar_of_nothing_is_empty(parts):
    html = bars.bar("Log", parts)

    assert rectangles(html) == [] and read(html).all("li") == []


def test_a_bar_has_a_name_and_each_part_says_what_it_is():
    html = bars.outcomes("Rows of the log", {"in_doubt": 6})

    assert read(html).one("svg", role="img").attributes["aria-label"] == "Rows of the log"
    assert [one.one("title").text for one in rectangles(html)] == ["6 in doubt"]


def test_a_part_may_have_a_colour_of_its_own():
    html = bars.bar("Log", [Part("mapped", 3, "success")])

    assert rectangles(html)[0].attributes["class"] == "fill-success"


def test_a_word_leads_to_its_rows_where_there_are_any():
    html = bars.outcomes("Log", {"held": 2, "created": 5}, {"held": "/logs/x"}.get)

    links = read(html).all("a")
    assert [(a.text, a.attributes["href"]) for a in links] == [("held", "/logs/x")]


def test_hostile_words_are_text():
    html = bars.outcomes(EVIL, {EVIL: 3}, lambda word: "/logs/x?outcome=%3C")

    assert faults(html) == []
    assert "<img" not in html


# --- how far something is -------------------------------------------------------------


def test_progress_says_in_words_what_the_bar_shows():
    label = read(bars.progress("Customers: 50 of 100", 50, 100)).one("label")

    bar = label.one("progress")
    assert bar.attributes == {"max": "100", "value": "50"}
    assert label.text.startswith("Customers: 50 of 100")


def test_without_a_total_it_only_moves():
    bar = read(bars.progress("reading", 0, 0)).one("progress")

    assert bar.attributes == {}


def test_progress_never_exceeds_its_total():
    bar = read(bars.progress("Customers", 120, 100)).one("progress")

    assert bar.attributes["value"] == "100"


# --- how far a session is -------------------------------------------------------------


def reached(*counts: int) -> Element:
    return read(bars.reached("Items: 1/4", *counts)).one("div", role="progressbar")


def test_how_far_a_session_is_is_told_in_words_and_numbers():
    found = reached(1, 2, 4)

    assert found.text == found.attributes["aria-label"] == "Items: 1/4"
    names = ("aria-valuemin", "aria-valuenow", "aria-valuemax")
    assert [found.attributes[name] for name in names] == ["0", "3", "4"]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((0, 0, 4), []),
        ((1, 0, 4), [("fill-success", "0.000%", "25.000%")]),
        ((0, 4, 4), [("fill-warning", "0.000%", "100.000%")]),
        (
            (1, 2, 4),
            [
                ("fill-success", "0.000%", "25.000%"),
                ("fill-warning", "25.000%", "50.000%"),
            ],
        ),
    ],
)
def test_what_failed_comes_after_what_is_synchronized(counts, shown):
    found = reached(*counts).all("rect")

    names = ("class", "x", "width")
    assert [tuple(one.attributes[name] for name in names) for one in found] == shown


def test_more_than_was_planned_is_no_more_than_all():
    found = reached(9, 0, 4)

    assert found.attributes["aria-valuenow"] == "4"
    assert found.one("rect").attributes["width"] == "100.000%"


def test_a_label_with_markup_is_text():
    assert faults(bars.reached(EVIL, 1, 0, 2)) == []
