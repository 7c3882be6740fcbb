"""A file on its way: what was hashed is what leaves, or it does not leave whole."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from src.attachments.limits import REQUEST_BYTES
from src.attachments.outgoing import BLOCK, Outgoing, digest_of
from src.kit.answers import Withdrawn

NOT_ON_WINDOWS = pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")
LARGE = REQUEST_BYTES + 12345


def file_of(folder: Path, content: bytes, name: str = "a.pdf") -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> bytes:
    return os.urandom(1 << 16) * (LARGE // (1 << 16) + 1)


@pytest.mark.parametrize("size", [0, 1, 16, BLOCK, BLOCK + 1])
def test_a_small_file_is_read_once_and_leaves_as_it_was_hashed(tmp_path, size):
    path = file_of(tmp_path, b"x" * size)
    file = Outgoing(path)
    Path(path).write_bytes(b"changed since")

    assert b"".join(file.blocks()) == b"x" * size
    assert file.sha256 == sha256(b"x" * size).hexdigest()


def test_a_small_file_that_changed_is_not_sent_a_second_time(tmp_path):
    path = file_of(tmp_path, b"before")
    file = Outgoing(path)
    list(file.blocks())
    Path(path).write_bytes(b"after!")

    with pytest.raises(Withdrawn, match="changed while it was being sent"):
        list(file.blocks())


def test_a_large_file_leaves_whole_where_it_stayed_the_same(tmp_path, large):
    file = Outgoing(file_of(tmp_path, large))

    assert file.size == len(large)
    assert b"".join(file.blocks()) == large
    assert b"".join(file.blocks()) == large


@pytest.mark.parametrize(
    "change",
    [
        lambda content: bytes([content[0] ^ 1]) + content[1:],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: content[:-1],
        lambda content: content + b"more",
        lambda content: content[:BLOCK],
        lambda content: b"",
    ],
    ids=["first byte", "last byte", "shorter", "longer", "much shorter", "emptied"],
)
def test_a_large_file_that_changed_withholds_its_last_block(tmp_path, large, change):
    path = file_of(tmp_path, large)
    file = Outgoing(path)
    file.key = "k1"
    Path(path).write_bytes(change(large))
    left = []

    with pytest.raises(Withdrawn) as withdrawn:
        left.extend(file.blocks())

    assert withdrawn.value.key == "k1"
    assert sum(map(len, left)) < len(large)


def test_a_large_file_that_went_away_is_withdrawn(tmp_path, large):
    path = file_of(tmp_path, large)
    file = Outgoing(path)
    os.unlink(path)

    with pytest.raises(Withdrawn, match="cannot be read"):
        list(file.blocks())


@NOT_ON_WINDOWS
def test_a_fifo_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "fifo.pdf")

    with pytest.raises(OSError, match="is no regular file"):
        Outgoing(str(tmp_path / "fifo.pdf"))


@NOT_ON_WINDOWS
@pytest.mark.parametrize("target", ["/dev/zero", "a.pdf"])
def test_a_link_is_not_followed(tmp_path, target):
    file_of(tmp_path, b"x")
    (tmp_path / "link.pdf").symlink_to(target)

    with pytest.raises(OSError):
        Outgoing(str(tmp_path / "link.pdf"))


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(OSError):
        Outgoing(str(tmp_path))


def test_what_cannot_be_read_has_no_digest(tmp_path):
    assert digest_of(str(tmp_path / "gone.pdf")) == ""
    assert digest_of(file_of(tmp_path, b"x")) == sha256(b"x").hexdigest()


@pytest.mark.parametrize("size", [4, LARGE])
def test_wrong_first_bytes_are_noted_at_any_size(tmp_path, size):
    assert "does not begin as a .pdf" in Outgoing(file_of(tmp_path, b"x" * size)).note


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_what_is_refused_costs_no_descriptor(tmp_path):
    before = len(os.listdir("/proc/self/fd"))

    for _ in range(20):
        digest_of(str(tmp_path))

    assert len(os.listdir("/proc/self/fd")) == before
