"""Files of one record that share a name or a content: distinct names, contents once."""

from __future__ import annotations

from hashlib import sha256
from itertools import permutations

import pytest

from src.attachments import names
from src.attachments.records import OK, SAME_CONTENT, TOO_LARGE, Verified

CONTENTS = {letter: sha256(letter.encode()).hexdigest() for letter in "abcxyz"}


def row(path: str, size: int = 1, status: str = OK) -> Verified:
    name = path.rpartition("/")[2]
    blank = Verified(*[""] * len(Verified._fields))
    return blank._replace(
        file_path=path, file_name=name, upload_name=name, size_bytes=str(size), status=status
    )


def settle(rows: list[Verified], contents: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return status and upload name by path, the contents given as letters."""
    found = names.settle(rows, lambda path: CONTENTS.get(contents.get(path, ""), ""))
    return {one.file_path: (one.status, one.upload_name) for one in found}


def apart(name: str, letter: str) -> str:
    stem, _, last = name.rpartition(".")
    return f"{stem} ({CONTENTS[letter][:6]}).{last}"


@pytest.mark.parametrize("other", ["scan.pdf", "SCAN.pdf", "Scan.PDF"])
def test_two_contents_under_one_name_are_both_told_apart(other):
    found = settle([row("1/scan.pdf"), row(f"2/{other}")], {"1/scan.pdf": "a", f"2/{other}": "b"})

    assert found == {
        "1/scan.pdf": (OK, apart("scan.pdf", "a")),
        f"2/{other}": (OK, apart(other, "b")),
    }


def test_names_that_differ_only_in_unicode_form_are_one_name():
    one, other = "1/caf\u00e9.pdf", "2/cafe\u0301.pdf"

    found = settle([row(one), row(other)], {one: "a", other: "b"})

    assert [name for _, name in found.values()] == [
        apart("caf\u00e9.pdf", "a"),
        apart("cafe\u0301.pdf", "b"),
    ]


def test_one_content_under_two_names_goes_once_and_names_the_first():
    rows = [row("1/a.pdf"), row("1/copy.pdf")]

    found = names.settle(rows, lambda path: CONTENTS["a"])

    assert [one.status for one in found] == [OK, SAME_CONTENT]
    assert found[1].reason == "the same content as 1/a.pdf"
    assert found[0].upload_name == "a.pdf"


def test_a_copy_of_the_same_name_changes_no_name():
    found = settle([row("1/a.pdf"), row("2/a.pdf")], {"1/a.pdf": "a", "2/a.pdf": "a"})

    assert found == {"1/a.pdf": (OK, "a.pdf"), "2/a.pdf": (SAME_CONTENT, "a.pdf")}


THREE = [
    ({"1/s.pdf": "a", "2/s.pdf": "b", "3/s.pdf": "c"}, 3),
    ({"1/s.pdf": "a", "2/s.pdf": "a", "3/s.pdf": "b"}, 2),
    ({"1/s.pdf": "a", "2/s.pdf": "a", "3/s.pdf": "a"}, 1),
]


@pytest.mark.parametrize(("contents", "sent"), THREE)
def test_three_files_of_one_name_are_sent_once_per_content(contents, sent):
    found = settle([row(path) for path in contents], contents)

    names_sent = [name for status, name in found.values() if status == OK]
    assert len(set(names_sent)) == len(names_sent) == sent


@pytest.mark.parametrize(("contents", "sent"), THREE)
def test_a_contents_name_is_the_same_whatever_the_order(contents, sent):
    by_content = set()
    for order in permutations(contents):
        found = settle([row(path) for path in order], contents)
        sending = {contents[p]: name for p, (s, name) in found.items() if s == OK}
        by_content.add(tuple(sorted(sending.items())))

    assert len(by_content) == 1


def test_a_newcomer_with_another_content_leaves_the_names_told_apart_as_they_are():
    before = {"1/s.pdf": "a", "2/s.pdf": "b"}
    after = {"0/s.pdf": "c", **before}

    old = settle([row(path) for path in before], before)
    new = settle([row(path) for path in after], after)

    assert {path: new[path] for path in before} == old


def test_an_unreadable_file_keeps_its_name_and_is_no_copy():
    found = settle([row("1/s.pdf"), row("2/s.pdf")], {"1/s.pdf": "a"})

    assert found == {"1/s.pdf": (OK, "s.pdf"), "2/s.pdf": (OK, "s.pdf")}


def test_a_file_that_does_not_proceed_is_no_reason_to_change_a_name():
    rows = [row("1/s.pdf"), row("2/s.pdf", status=TOO_LARGE)]

    found = settle(rows, {"1/s.pdf": "a", "2/s.pdf": "b"})

    assert found["1/s.pdf"] == (OK, "s.pdf")


def test_only_files_of_equal_size_or_equal_name_are_read():
    read = []
    rows = [row("1/a.pdf", 1), row("1/b.pdf", 2), row("2/A.pdf", 3), row("1/c.pdf", 2)]

    names.settle(rows, lambda path: read.append(path) or CONTENTS["a"])

    assert sorted(read) == ["1/a.pdf", "1/b.pdf", "1/c.pdf", "2/A.pdf"]

    read.clear()
    names.settle(rows[:2], lambda path: read.append(path) or CONTENTS["a"])

    assert read == []


@pytest.mark.parametrize(
    ("name", "told_apart"),
    [
        ("a.pdf", "a (123456).pdf"),
        ("a.tar.gz", "a.tar (123456).gz"),
        ("README", "README (123456)"),
        (".pdf", ".pdf (123456)"),
    ],
)
def test_the_digits_stand_before_the_extension(name, told_apart):
    assert names.apart(name, "1234567890") == told_apart
