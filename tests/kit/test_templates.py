"""Templates: whatever a value holds, it is text on the page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from string import Template

import pytest

from src import config
from src.kit import templates
from src.kit.templates import Html, join, load, render, text
from tests.kit import hostile

CELL = Template('<td title="$value">$value</td>')
PAYLOADS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)//",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "</td></table><img src=x onerror=alert(1)>",
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "$value ${value} $$",
    "{{7*7}}",
    "javascript:alert(1)",
]
FILES = sorted(config.ROOT.glob("src/**/*.html"))


class Reader(HTMLParser):
    """Tells the tags, attributes and texts of a page as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def clean(value: str) -> str:
    return re.sub(templates._INVISIBLE, templates._spelled, value)


# --- values ---------------------------------------------------------------------------


@pytest.mark.parametrize("value", PAYLOADS)
def test_a_value_is_one_text_and_one_attribute(value):
    read = Reader(render(CELL, value=value))

    assert read.tags == [("td", [("title", value)])]
    assert "".join(read.texts) == value


def test_every_text_there_is_is_one_text_and_one_attribute():
    for value in hostile.MEASURED + hostile.ODD + hostile.texts(2_000):
        read = Reader(render(CELL, value=value))

        assert read.tags == [("td", [("title", clean(value))])]
        assert "".join(read.texts) == clean(value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\x00b\x1b[2Jc", r"a\x00b\x1b[2Jc"),
        ("line\r\n\tnext", r"line\r\n\tnext"),
        ("exe.\u202efdp", r"exe.\u202efdp"),
        ("\udcff.pdf", r"\udcff.pdf"),
        ("C:\\new", "C:\\new"),
        ("Zo\u00eb \u6f22\u5b57 \U0001f600", "Zo\u00eb \u6f22\u5b57 \U0001f600"),
        (None, ""),
        (12, "12"),
        (0, "0"),
    ],
)
def test_what_cannot_be_seen_is_spelled(value, shown):
    assert text(value) == shown


def test_every_page_can_be_encoded():
    page = text("".join(map(chr, range(0x11000))))

    assert page.encode("utf-8").decode("utf-8") == page


# --- markup ---------------------------------------------------------------------------


def test_markup_is_not_escaped_again():
    cell = render(CELL, value="a&b")

    assert render(Template("<tr>$cells</tr>"), cells=cell) == f"<tr>{cell}</tr>"
    assert text(text("<")) == "&lt;"


def test_markup_that_was_added_to_by_hand_is_text_again():
    by_hand = text("a") + "<b>"

    assert text(by_hand) == "a&lt;b&gt;"
    assert not isinstance(by_hand, Html)


def test_pieces_are_joined_and_what_is_no_markup_is_escaped():
    joined = join([render(CELL, value=1), "<b>"], " < ")  # type: ignore[list-item]

    assert joined == '<td title="1">1</td> &lt; &lt;b&gt;'
    assert isinstance(joined, Html)


@pytest.mark.parametrize(
    "tag", ["<td $value>", "<td title=$value>", "<$value>", "</${value}>"]
)
def test_a_text_is_never_taken_where_a_blank_in_it_would_end_it(tag):
    with pytest.raises((TypeError, KeyError), match="value"):
        render(Template(tag), value="x onclick=alert(1)")


@pytest.mark.parametrize(
    "tag", ['<td title="a > $value">', "<b>a</b> $value", '<td a="$value" $b>']
)
def test_a_text_is_taken_between_tags_and_in_quotes(tag):
    assert "a&quot;b" in render(Template(tag), value='a"b', b=Html(""))


def test_a_name_without_a_value_is_told():
    with pytest.raises(KeyError, match="value"):
        render(CELL, other=1)


# --- files ----------------------------------------------------------------------------


def test_a_template_is_read_from_its_file_once(tmp_path):
    (tmp_path / "row.html").write_text("<b>$name</b>\n", "utf-8")
    first = load(tmp_path, "row")
    (tmp_path / "row.html").unlink()

    assert load(tmp_path, "row") is first
    assert render(first, name="<") == "<b>&lt;</b>\n"


def test_no_template_holds_script_or_style_which_the_pages_policy_forbids():
    for path in FILES:
        page = path.read_text("utf-8")
        for tag in re.findall(r"<[a-zA-Z!/][^>]*>", page):
            assert not re.search(r"\s(?:on[a-z]+|style|srcdoc)\s*=", tag), tag
        assert not re.search(r"<(?:script|style)[^>]*>\s*[^<\s]", page), path.name
