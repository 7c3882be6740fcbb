"""The body of an upload: byte-exact, its length known, and nothing can break out of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email import message_from_bytes
from random import Random
from typing import NamedTuple

import pytest

from src.adapters.multipart import TOGETHER, Upload
from src.config import normalize_sent_name
from src.kit.answers import Withdrawn

ID = "1b4e28ba-2fa1-5d3b-a3f5-ef19b5a7633b"
HOSTILE = [
    'a".pdf',
    'a"; name="file_metadata_02".pdf',
    f"a\r\n\r\n--carryover-{ID}\r\nContent-Disposition: form-data; name=x\r\n\r\n.pdf",
    "a\nX-Injected: 1.pdf",
    "a\x00b\x1b[2J.pdf",
    "\udcff\udc80.pdf",
    "é 📎 שלום.pdf",
    "back\\slash\\.pdf",
    "100%22.pdf",
    "",
]


class File(NamedTuple):
    name: str = "a.pdf"
    content: bytes = b"content"
    key: str = "k1"
    entity_type: str = "Invoice"
    entity_id: str = "1187"
    content_type: str = "application/pdf"
    promised: int = -1

    @property
    def size(self) -> int:
        return len(self.content) if self.promised < 0 else self.promised

    def blocks(self) -> Iterator[bytes]:
        for at in range(0, len(self.content), 1 << 20):
            yield self.content[at : at + (1 << 20)]


def parts(upload: Upload) -> list:
    head = f"Content-Type: {upload.content_type}\r\n\r\n".encode()
    return message_from_bytes(head + b"".join(upload.blocks())).get_payload()


def metadata(part) -> dict:
    return json.loads(part.get_payload(decode=True))


def test_each_file_has_its_metadata_and_its_content():
    first, second = File("a.pdf", b"\x00\r\n--x"), File("b.pdf", b"", "k2", "Bill", "7")

    found = parts(Upload([first, second], ID))

    names = [part.get_param("name", header="Content-Disposition") for part in found]
    assert names == ["file_metadata_01", "file_content_01", "file_metadata_02", "file_content_02"]
    assert [found[1].get_payload(decode=True), found[3].get_payload(decode=True)] == [
        first.content,
        second.content,
    ]
    assert metadata(found[2])["AttachableRef"][0]["EntityRef"] == {"type": "Bill", "value": "7"}
    assert metadata(found[0])["Tag"] == "carryover:k1"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_can_begin_no_part_and_end_no_header(name):
    upload = Upload([File(name)], ID)

    found = parts(upload)

    assert len(found) == 2
    assert [sorted(part.keys()) for part in found] == [["Content-Disposition", "Content-Type"]] * 2
    assert metadata(found[0])["FileName"] == normalize_sent_name(name)


def test_a_name_of_any_characters_stays_one_line_of_header():
    dice = Random(1)
    letters = [*map(chr, range(0x180)), "\u2028", "\ufeff", "\udc80", "📎", *'"\\%;=\r\n--']
    for _ in range(2000):
        name = "".join(dice.choices(letters, k=dice.randint(0, 12)))
        assert len(parts(Upload([File(name)], ID))) == 2, name


@pytest.mark.parametrize("sizes", [(), (0,), (1, 2, 3), (TOGETHER + 5,), (3_000_000,) * 4])
def test_the_length_is_known_before_the_body_is_made(sizes):
    files = [File(f"{n}.pdf", bytes(size), f"k{n}") for n, size in enumerate(sizes)]

    upload = Upload(files, ID)

    assert sum(map(len, upload.blocks())) == upload.length
    assert sum(map(len, upload.blocks())) == upload.length  # another attempt


def test_what_is_small_leaves_in_one_block_and_what_is_large_in_several():
    small, large = Upload([File()], ID), Upload([File(content=bytes(3 * TOGETHER))], ID)

    assert len(list(small.blocks())) == 1
    assert max(map(len, large.blocks())) <= TOGETHER + (2 << 20)


@pytest.mark.parametrize("promised", [3, 100])
def test_a_file_of_another_size_than_promised_is_withdrawn_before_the_end(promised):
    upload = Upload([File(), File(key="k2", promised=promised)], ID)

    with pytest.raises(Withdrawn) as withdrawn:
        list(upload.blocks())

    assert withdrawn.value.key == "k2"


def test_a_file_that_is_attached_to_nothing_names_no_owner():
    assert "AttachableRef" not in metadata(parts(Upload([File(entity_id="")], ID))[0])


def test_the_same_request_has_the_same_bytes_and_without_an_id_another_boundary():
    again = [b"".join(Upload([File()], ID).blocks()) for _ in range(2)]

    assert again[0] == again[1]
    assert Upload([File()], "").content_type != Upload([File()], "").content_type
