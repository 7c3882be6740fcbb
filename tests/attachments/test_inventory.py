"""The walk through the legacy tree: a row per file, an owner where the path names one."""

from __future__ import annotations

import os
import socket
from functools import partial

import pytest

from src.attachments import inventory
from src.config import normalize_legacy_id
from src.kit.errors import Refused

USUAL = "Attach/{client}/{scope}/{txnid}/{file}"
NOT_ON_WINDOWS = pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")


def walk(root, layout: str = USUAL) -> list:
    parsed = inventory.parse_layout(layout)
    return list(inventory.walk(str(root), parsed, normalize_legacy_id))


def put(root, path: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(b"x")


def owners(rows: list) -> list[tuple[str, str, str]]:
    return [(row.client, row.legacy_entity_type, row.legacy_txnid_norm) for row in rows]


# --- layouts --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layout", "path", "owner"),
    [
        (USUAL, "Attach/Acme/Txn/801a-14/f.pdf", ("Acme", "Txn", "1A-14")),
        (USUAL, "Attach/Acme/List/8080000001-14/f.pdf", ("Acme", "List", "000001-14")),
        (USUAL, "attach/Acme/Txn/1A-14/f.pdf", ("Acme", "Txn", "1A-14")),
        (USUAL, "Attach/Acme/Txn/1A-14/deep/deeper/f.pdf", ("Acme", "Txn", "1A-14")),
        ("{entity_type}/{txnid}/{file}", "Bill/80abc/f.txt", ("", "Bill", "ABC")),
        ("{txnid}/{client}/{scope}/{file}", "1-1/Acme/Txn/f.txt", ("Acme", "Txn", "1-1")),
        ("A/{scope}/B/{txnid}/{file}", "A/Txn/B/1-1/f.txt", ("", "Txn", "1-1")),
    ],
)
def test_a_files_owner_is_read_from_its_folders(tmp_path, layout, path, owner):
    put(tmp_path, path)

    rows = walk(tmp_path, layout)

    assert owners(rows) == [owner]
    assert (rows[0].file_path, rows[0].note) == (path, "")


@pytest.mark.parametrize(
    ("path", "note"),
    [
        ("f.pdf", "no folder for Attach"),
        ("Attach/f.pdf", "no folder for {client}"),
        ("Attach/Acme/f.pdf", "no folder for {scope}"),
        ("Attach/Acme/Txn/f.pdf", "no folder for {txnid}"),
        ("Elsewhere/Acme/Txn/1A-14/f.pdf", "not under Attach/"),
    ],
)
def test_a_file_outside_of_the_layout_keeps_its_row_and_says_why(tmp_path, path, note):
    put(tmp_path, path)

    (row,) = walk(tmp_path)

    assert (row.legacy_txnid_norm, row.raw_legacy_id, row.note) == ("", "", note)


def test_a_folder_name_that_is_all_prefix_gives_a_blank_id_and_not_a_note(tmp_path):
    put(tmp_path, "Attach/Acme/Txn/80/f.pdf")

    (row,) = walk(tmp_path)

    assert (row.legacy_txnid_norm, row.raw_legacy_id, row.note) == ("", "80", "")


@pytest.mark.parametrize(
    "layout",
    [
        "",
        "{file}",
        "Attach/{txnid}/{file}",
        "Attach/{scope}/{file}",
        "Attach/{scope}/{txnid}",
        "{scope}/{entity_type}/{txnid}/{file}",
        "{scope}/{txnid}/{txnid}/{file}",
        "{client}/{client}/{scope}/{txnid}/{file}",
        "{scope}/{txnid}/{customer}/{file}",
        "{scope}/{txnid}/{file}/more",
        "{scope}/x{txnid}/{file}",
    ],
)
def test_a_layout_that_cannot_tell_owners_is_refused_with_its_text(layout):
    with pytest.raises(Refused, match="ATTACH_LAYOUT=") as refusal:
        inventory.parse_layout(layout)

    assert layout in str(refusal.value)


# --- what lies there ------------------------------------------------------------------


def test_a_tree_that_is_not_there_is_refused_with_the_setting_to_change(tmp_path):
    with pytest.raises(Refused, match="set FILES_DIR"):
        walk(tmp_path / "nowhere")


@NOT_ON_WINDOWS
def test_links_and_special_files_are_listed_and_never_followed(tmp_path):
    put(tmp_path, "Attach/Acme/Txn/1-1/real.pdf")
    folder = tmp_path / "Attach/Acme/Txn/1-1"
    (folder / "to itself").symlink_to(folder, target_is_directory=True)
    (folder / "to a file").symlink_to(folder / "real.pdf")
    (folder / "to nothing").symlink_to(folder / "gone")
    (folder / "to a device").symlink_to("/dev/zero")
    os.mkfifo(folder / "fifo")

    notes = {row.file_name: row.note for row in walk(tmp_path)}

    assert notes.pop("real.pdf") == ""
    assert notes.pop("fifo") == "no regular file (FIFO, socket or device)"
    assert len(notes) == 4 and set(notes.values()) == {"symbolic link, not followed"}


@NOT_ON_WINDOWS
def test_a_socket_is_listed_without_an_owner(tmp_path, monkeypatch):
    put(tmp_path, "Attach/Acme/Txn/1-1/real.pdf")
    monkeypatch.chdir(tmp_path / "Attach/Acme/Txn/1-1")  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")

    row = walk(tmp_path)[1]

    assert (row.file_name, row.legacy_txnid_norm) == ("socket", "")
    assert row.note.startswith("no regular file")


def test_a_folder_that_goes_away_while_walking_is_a_row_with_the_reason(tmp_path):
    for name in ("a", "b", "c"):
        put(tmp_path, f"Attach/Acme/Txn/{name}/f.pdf")
    rows = inventory.walk(
        str(tmp_path), inventory.parse_layout(USUAL), normalize_legacy_id
    )
    found = [next(rows)]
    (tmp_path / "Attach/Acme/Txn/b/f.pdf").unlink()
    (tmp_path / "Attach/Acme/Txn/b").rmdir()

    found += rows

    assert [row.file_path[-7:] for row in found] == ["a/f.pdf", "e/Txn/b"[-7:], "c/f.pdf"]
    assert found[1].note.startswith("folder cannot be read: ")
    assert (found[1].legacy_txnid_norm, found[1].size_bytes) == ("", "")


def test_the_order_is_that_of_names_whatever_the_file_system_says(tmp_path):
    paths = [f"Attach/Acme/Txn/{n % 7}-1/{n:03}.pdf" for n in range(60)]
    for path in reversed(paths):
        put(tmp_path, path)

    assert [row.file_path for row in walk(tmp_path)] == sorted(paths)


def test_a_files_size_and_time_are_as_the_system_tells_them(tmp_path):
    put(tmp_path, "Attach/Acme/Txn/1-1/f.pdf")
    at = 1_409_571_840_123_456_789
    os.utime(tmp_path / "Attach/Acme/Txn/1-1/f.pdf", ns=(at, at))

    (row,) = walk(tmp_path)

    assert row.size_bytes == "1"
    assert row.modified_at == "2014-09-01T11:44:00.123456+00:00"


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000000+00:00"),
        (-1, "1969-12-31T23:59:59.999999+00:00"),
        (951_782_400 * 10**9, "2000-02-29T00:00:00.000000+00:00"),
        (10**30, "9999-12-31"),
        (-(10**30), "0001-01-01"),
    ],
)
def test_a_files_time_is_written_whatever_it_is(nanoseconds, text):
    assert inventory.timestamp(nanoseconds).startswith(text)


# --- names ----------------------------------------------------------------------------


def odd_names() -> list[str]:
    """Return names with every character that a file name may have, and classic traps."""
    names = [f"a{chr(code)}b.pdf" for code in range(1, 0x190) if chr(code) != "/"]
    names += [f"{chr(code)}" for code in range(0x21, 0x7F) if chr(code) not in "./"]
    names += [f" {n}.pdf " for n in range(50)] + [f"=cmd|{n}" for n in range(50)]
    names += ["-rf", "--help", "%00", "..pdf", "CON", "nul.txt", "a\u202egnp.pdf"]
    names += ["00123.pdf", "1E5", "'quoted'", "e\u0301.pdf", "😀" * 60, "x" * 255]
    return sorted(set(names))


@NOT_ON_WINDOWS
def test_six_hundred_odd_names_come_through_the_csv_unchanged(desk):
    names = odd_names()
    for name in names:
        desk.file(f"Acme/Txn/801A-14/{name}", b"x")

    assert desk.prepare() == 0

    assert len(names) > 590
    assert [row.file_name for row in desk.inventory()] == names


@NOT_ON_WINDOWS
def test_a_name_that_is_no_utf8_comes_through_the_csv_unchanged(desk):
    name = os.fsdecode(b"caf\xe9 \xff.pdf")
    desk.file(f"Acme/Txn/801A-14/{name}", b"x")

    assert desk.prepare() == 0

    assert [row.file_name for row in desk.inventory()] == [name]


def test_the_prefixes_are_a_setting_of_the_walk(tmp_path):
    put(tmp_path, "Attach/Acme/Txn/TXT-1A/f.pdf")
    normalize = partial(normalize_legacy_id, prefixes=("TX", "T-"))

    (row,) = inventory.walk(str(tmp_path), inventory.parse_layout(USUAL), normalize)

    assert (row.legacy_txnid_norm, row.raw_legacy_id) == ("1A", "TXT-1A")
