"""Charts: well-formed, true to the figures, nothing over another, readable without colour."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from src.kit import charts
from src.kit.charts import DANGER, INFO, SECONDARY, SUCCESS, WARNING, Bar, Chart, Part
from tests.kit import hostile

SVG = "{http://www.w3.org/2000/svg}"
TWO = [
    Bar("Bill", [Part("mapped", 30, SUCCESS), Part("missing", 10, DANGER)]),
    Bar("Invoice", [Part("mapped", 20, SUCCESS), Part("missing", 0, DANGER)]),
]
KINDS = (charts.lying, charts.standing)
TONES = (SUCCESS, SECONDARY, INFO, WARNING, DANGER)


def chart(bars=TWO, **more) -> Chart:
    return Chart("c1", "By type", "files", bars, **more)


def drawn(made: str) -> ElementTree.Element:
    """Return the drawing of a figure, which is well-formed as a whole."""
    found = ElementTree.fromstring(made).find(f"{SVG}svg")
    assert found is not None
    return found


def rectangles(made: str) -> list[dict[str, float]]:
    """Return the rectangles that stand for parts, without the patterns over them."""
    found = [one for one in drawn(made).iter(f"{SVG}rect") if "class" in one.attrib]
    names = ("x", "y", "width", "height")
    return [{name: float(one.attrib[name]) for name in names} for one in found]


def texts(made: str) -> list[ElementTree.Element]:
    return list(drawn(made).iter(f"{SVG}text"))


def many(count: int, label: str = "category {}") -> list[Bar]:
    parts = [[Part("a", n + 1), Part("b", 2 * n, DANGER)] for n in range(count)]
    return [Bar(label.format(n), found) for n, found in enumerate(parts)]


# --- figures --------------------------------------------------------------------------


def test_lying_bars_are_as_long_as_what_they_count():
    widths = [one["width"] for one in rectangles(charts.lying(chart()))]

    assert widths == pytest.approx([405, 135, 270])


def test_shares_are_all_of_one_length():
    first, second, third = rectangles(charts.lying(chart(is_share=True)))

    assert first["width"] + second["width"] == pytest.approx(charts.WIDTH)
    assert third["width"] == pytest.approx(charts.WIDTH)


def test_columns_are_as_high_as_what_they_count():
    heights = [one["height"] for one in rectangles(charts.standing(chart()))]

    assert heights[0] == pytest.approx(3 * heights[1])
    assert heights[2] == pytest.approx(2 * heights[1])


def test_parts_of_a_column_stand_on_one_another():
    lower, upper, _ = rectangles(charts.standing(chart()))

    assert upper["y"] + upper["height"] == pytest.approx(lower["y"], abs=0.02)


def test_a_part_of_nothing_is_not_drawn():
    assert len(rectangles(charts.lying(chart()))) == 3


@pytest.mark.parametrize("draw", KINDS)
def test_the_same_figures_are_a_table(draw):
    cells = [
        [cell.text for cell in row] for row in ElementTree.fromstring(draw(chart())).iter("tr")
    ]

    assert cells == [
        [None, "mapped", "missing", "all"],
        ["Bill", "30", "10", "40"],
        ["Invoice", "20", "0", "20"],
    ]


@pytest.mark.parametrize("most", [0, 1, 3, 7, 40, 99, 1000, 12_345, 4_500_000])
def test_the_scale_has_round_numbers_and_room_for_the_highest(most):
    made = charts.standing(chart([Bar("a", [Part("x", most)])]))

    top = min(float(one.attrib["y"]) for one in texts(made)[1:])
    assert all(one["y"] >= top - charts.SIZE for one in rectangles(made))
    assert texts(made)[1].text == "0"


# --- without colour, and for those who do not see it -------------------------------------


@pytest.mark.parametrize("draw", KINDS)
def test_a_drawing_has_a_role_a_title_and_a_description(draw):
    found = drawn(draw(chart()))
    title, told = found.find(f"{SVG}title"), found.find(f"{SVG}desc")

    assert found.attrib["role"] == "img"
    assert found.attrib["aria-labelledby"].split() == [title.get("id"), told.get("id")]
    assert (title.text, "60 files" in told.text) == ("By type", True)


def test_every_part_says_what_it_is():
    found = drawn(charts.lying(chart())).iter(f"{SVG}rect")

    told = [one.findtext(f"{SVG}title") for one in found if "class" in one.attrib]
    assert told == ["Bill: 30 mapped", "Bill: 10 missing", "Invoice: 20 mapped"]


@pytest.mark.parametrize("draw", KINDS)
def test_all_tones_but_one_have_patterns_that_differ(draw):
    bars = [Bar("a", [Part(tone, 1, tone) for tone in TONES])]
    patterns = list(drawn(draw(chart(bars))).iter(f"{SVG}pattern"))

    strokes = {one[0].attrib["d"] for one in patterns}
    assert len(strokes) == len(patterns) == len(TONES) - 1
    names = {f"url(#{one.attrib['id']})" for one in patterns}
    rects = drawn(draw(chart(bars))).iter(f"{SVG}rect")
    assert names == {r.attrib["fill"] for r in rects if "class" not in r.attrib}


def test_where_there_is_nothing_to_tell_apart_there_is_no_legend():
    one = charts.lying(chart([Bar("a", [Part("rows", 3, DANGER)])]))

    assert "legend" not in one
    assert "legend" in charts.lying(chart())


def test_two_charts_of_a_page_share_no_id():
    both = charts.lying(chart()) + charts.lying(chart()._replace(name="c2"))

    ids = [one.get("id") for one in ElementTree.fromstring(f"<a>{both}</a>").iter()]
    known = [one for one in ids if one]
    assert len(known) == len({*known}) > 0


# --- room -----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 7, 40])
@pytest.mark.parametrize("draw", KINDS)
def test_everything_is_within_the_drawing(draw, count):
    made = draw(chart(many(count)))
    _, _, width, height = map(float, drawn(made).attrib["viewBox"].split())

    for one in rectangles(made):
        assert -0.01 <= one["x"] <= one["x"] + one["width"] <= width + 0.02
        assert -0.01 <= one["y"] <= one["y"] + one["height"] <= height + 0.02


def span(text: ElementTree.Element) -> tuple[float, float]:
    """Return where a text begins and ends, as wide as it may be."""
    wide, x = charts.wide(text.text or "") * charts.LETTER, float(text.attrib["x"])
    left = x - {"start": 0, "middle": 0.5, "end": 1}[text.attrib["text-anchor"]] * wide
    return left, left + wide


LABELS = ["{}", "2026-11-2{}", "number {} " + "of a name as errors have it " * 4, "{}" + "東京" * 40]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("count", [1, 12, 48])
@pytest.mark.parametrize("draw", KINDS)
def test_no_text_lies_over_another(draw, count, label):
    if draw is charts.standing and len(label) > 20:
        return  # columns have names of times
    lines: dict[str, list[tuple[float, float]]] = {}
    for one in texts(draw(chart(many(count, label)))):
        lines.setdefault(one.attrib["y"], []).append(span(one))

    for spans in map(sorted, lines.values()):
        assert spans[0][0] >= -1 and spans[-1][1] <= charts.WIDTH + 1
        assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:]))


def test_some_labels_are_left_out_where_columns_are_narrow():
    labels = [t.text for t in texts(charts.standing(chart(many(48, "11-20 {:02}h"))))]

    assert "11-20 00h" in labels
    assert 4 < sum("h" in label for label in labels if label) < 20


# --- hostile names --------------------------------------------------------------------


@pytest.mark.parametrize("draw", KINDS)
def test_hostile_names_are_text(draw):
    names = [*hostile.MEASURED, *hostile.ODD, "</text></svg><script>alert(1)</script>"]
    bars = [Bar(name, [Part(name, 1), Part("]]>", 2, DANGER)]) for name in names]

    found = ElementTree.fromstring(draw(Chart("c", names[-1], names[-1], bars)))

    assert not [one for one in found.iter() if "script" in one.tag]
