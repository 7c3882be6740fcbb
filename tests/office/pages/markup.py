"""Pages read as a browser reads them, and what no page of ours may do."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

VOID = "area br col hr img input link meta rect source".split()
EVIL = "</script><img src=x onerror=\"alert(1)\">'\x1b\u202e&amp;"


class Element:
    """One element: its tag, attributes, text and what is in it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes = tag, attributes
        self.children: list[Element] = []
        self.pieces: list[str] = []

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Return what is below with this tag and these attributes, in order."""
        return [
            one
            for one in self.walk()
            if (not tag or one.tag == tag)
            and all(one.attributes.get(n) == value for n, value in attributes.items())
        ]

    def one(self, tag: str = "", **attributes: str) -> Element:
        """Return the only such element."""
        [found] = self.all(tag, **attributes)
        return found

    def walk(self) -> Iterator[Element]:
        """Yield everything below, in order."""
        for child in self.children:
            yield child
            yield from child.walk()

    @property
    def text(self) -> str:
        """Return the text, its blanks as one."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for number, child in enumerate([*self.children, None]):
            yield self.pieces[number] if number < len(self.pieces) else ""
            if child:
                yield from child._texts()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]
        self.faults: list[str] = []
        self.root.pieces = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.faults += [f"<{tag}> {n} twice" for n in names if names.count(n) > 1]
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        self.open[-1].pieces.append("")
        element.pieces = [""]
        if tag not in VOID or tag == "rect":
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag == self.open[-1].tag:
            self.open.pop()
        else:
            self.faults.append(f"</{tag}> ends <{self.open[-1].tag}>")

    def handle_data(self, data: str) -> None:
        self.open[-1].pieces[-1] += data


def read(html: str) -> Element:
    """Return the root of a page or of a part of one; its markup is sound."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader.faults, reader.faults
    assert reader.open == [reader.root], f"<{reader.open[-1].tag}> does not end"
    return reader.root


def faults(html: str) -> list[str]:
    """Return what a page does that none may do, or leaves out."""
    root = read(html)
    elements = list(root.walk())
    found = [f for one in elements for f in _faults(one)]
    ids = [one.attributes["id"] for one in elements if "id" in one.attributes]
    found += [f"id {name} twice" for name in set(ids) if ids.count(name) > 1]
    levels = [int(one.tag[1]) for one in elements if one.tag in ("h1", "h2", "h3", "h4")]
    steps = zip([0, *levels], levels)
    found += [f"h{after} after h{before}" for before, after in steps if after > before + 1]
    return found


def _faults(element: Element) -> Iterator[str]:
    tag, attributes = element.tag, element.attributes
    for name in attributes:
        if name == "style" or name.startswith("on"):
            yield f"<{tag}> has {name}"
    if tag == "script" and (element.text or "src" not in attributes):
        yield "a script in the page"
    if tag == "th" and "scope" not in attributes:
        yield f"<th> {element.text} without scope"
    if tag == "table" and not element.all("caption"):
        yield "a table without caption"
    if tag == "svg" and not ({"aria-label", "aria-hidden"} & attributes.keys()):
        yield "an svg without a name"
    is_sent = attributes.get("method", "get") == "post"
    if tag == "form" and is_sent and not element.all("input", type="hidden", name="csrf"):
        yield "a form without its token"
    for name in {"href", "src", "action"} & attributes.keys():
        place = attributes[name]
        if not place.startswith(("/", "#")) or "//" in place:
            yield f"<{tag}> leads to {place}"
