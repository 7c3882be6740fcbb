"""The demo tree: every problem of real ones, the same for a seed, never over foreign files."""

from __future__ import annotations

import os
import re
import struct
import zlib
from collections import Counter
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from src.attachments import demo, demo_files, limits
from src.attachments.demo_tree import ODD_NAMES
from src.attachments.records import MAPPING, Mapping
from src.config import normalize_legacy_id
from src.kit import reading
from src.kit.errors import Refused


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo")
    demo.make(root / "files", root / "company", "1")
    return root


def digest_of(root: Path) -> dict[str, tuple[str, int]]:
    """Return content and time of every file, the large ones by their size."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.name != "receipts.csv":
            stat = path.stat()
            head = path.read_bytes() if stat.st_size < 10**6 else str(stat.st_size).encode()
            in_tree = "Attach" in path.parts
            name = str(path.relative_to(root))
            found[name] = sha256(head).hexdigest(), in_tree and stat.st_mtime_ns
    return found


LABELS = {
    "missing mapping.pdf": "missing_mapping",
    "ambiguous mapping.pdf": "ambiguous_mapping",
    "repeated mapping row.pdf": "ok",
    "merged records.pdf": "ok",
    "same name.pdf": "ok",
    "Same Name.PDF": "ok",
    "same content.pdf": "same_content",
    "refused type.msg": "unsupported_type",
    "refused type.zip": "unsupported_type",
    "wrong magic bytes.pdf": "ok",
    "empty.pdf": "empty_file",
    "too large.pdf": "too_large",
    "large warning.pdf": "large_warning",
    "blank id.pdf": "blank_id",
    "on a transfer.pdf": "unsupported_type",
    "on a customer.pdf": "ok",
    "00123.pdf": "ok",
    "two spellings A.pdf": "ok",
    "busy at first.pdf": "ok",
}


def test_the_verifier_finds_every_labelled_problem(desk):
    demo.make(desk.root / "files", desk.company, "1")

    assert desk.prepare() == 0

    statuses = desk.statuses()
    assert {name: statuses[name] for name in LABELS} == LABELS
    assert desk.skips()["Thumbs.db"] == "junk_file"
    assert desk.skips()["no client.pdf"].startswith("no_owner: ")


def test_the_demo_is_uploaded_but_for_what_its_scenario_refuses(desk):
    demo.make(desk.root / "files", desk.company, "1")
    desk.prepare()

    assert (desk.upload(), desk.upload()) == (1, 1)

    received = desk.received()
    assert len(received) == len(set(map(str.casefold, received))) > 30
    assert "refused by QuickBooks.pdf" not in received
    assert {row.file_name for row in desk.errors() if row.now == "open"} == {
        "refused by QuickBooks.pdf"
    }


def test_the_same_seed_makes_the_same_tree(made, tmp_path):
    demo.make(tmp_path / "files", tmp_path / "company", "1")

    assert digest_of(tmp_path) == digest_of(made)


def test_another_seed_makes_another_tree(made, tmp_path):
    demo.make(tmp_path / "files", tmp_path / "company", "2")

    assert digest_of(tmp_path) != digest_of(made)


def test_a_new_demo_replaces_the_last_one(tmp_path):
    demo.make(tmp_path / "files", tmp_path / "company", "1", 300)
    demo.make(tmp_path / "files", tmp_path / "company", "1")

    files = [path for path in (tmp_path / "files/Attach").rglob("*") if path.is_file()]
    assert demo.SMALL <= len(files) < 100


@pytest.mark.parametrize("count", [60, 450, 1000])
def test_a_tree_has_about_as_many_files_as_wanted(tmp_path, count):
    made = demo.make(tmp_path / "files", tmp_path / "company", "1", count)

    assert count <= made.files < count + 50


def test_a_folder_with_files_of_no_demo_is_refused_and_left_alone(tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files/mine.pdf").write_bytes(b"mine")

    with pytest.raises(Refused, match="holds files that are of no demo"):
        demo.make(tmp_path / "files", tmp_path / "company", "1")

    assert [path.name for path in (tmp_path / "files").iterdir()] == ["mine.pdf"]
    assert demo.make_if_missing(tmp_path / "files", tmp_path / "company") == []


@pytest.mark.parametrize("names", [[], ["README.md"], ["README.md", ".gitignore"]])
def test_a_folder_that_holds_only_its_readme_gets_the_demo(tmp_path, names):
    (tmp_path / "files").mkdir()
    for name in names:
        (tmp_path / "files" / name).write_text("x")

    (said,) = demo.make_if_missing(tmp_path / "files", tmp_path / "company")

    assert said.startswith("FILES_DIR was empty: made the demo tree of ")
    assert demo.make_if_missing(tmp_path / "files", tmp_path / "company") == []


# --- its files open in their programs -------------------------------------------------


@pytest.mark.parametrize("pages", [1, 2, 8])
def test_a_pdf_has_cross_references_that_point_to_its_objects(pages):
    content = demo_files.pdf("A (title) \\ with traps", Random(1), pages)

    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n\Z", content)[1])
    assert content[start:].startswith(b"xref\n0 %d\n" % (4 + 2 * pages))
    offsets = re.findall(rb"(\d{10}) 00000 n \n", content[start:])
    for number, offset in enumerate(offsets, 1):
        assert content[int(offset) :].startswith(b"%d 0 obj" % number)


@pytest.mark.parametrize("pages", [1, 2, 8])
def test_a_pdf_has_a_stream_per_page_and_each_is_as_long_as_it_says(pages):
    content = demo_files.pdf("title", Random(1), pages)

    streams = re.findall(
        rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", content, re.DOTALL
    )
    assert [len(stream) for _, stream in streams] == [int(said) for said, _ in streams]
    assert len(streams) == pages == len(re.findall(rb"/Type /Page ", content))


def test_a_pngs_chunks_have_right_checks_and_its_pixels_fill_it():
    content = demo_files.png("title", Random(1))

    pixels, at = b"", 8
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        check = content[at + 8 + length : at + 12 + length]
        assert struct.unpack(">I", check)[0] == zlib.crc32(kind + body)
        pixels += body if kind == b"IDAT" else b""
        at += 12 + length
    assert len(zlib.decompress(pixels)) == 48 * (1 + 3 * 64)


def test_every_ordinary_file_of_the_tree_begins_as_its_extension_says(made):
    starts = {".pdf": b"%PDF-1.4", ".png": b"\x89PNG"}
    odd = {"wrong magic bytes.pdf", "empty.pdf"}

    for path in (made / "files/Attach").rglob("*"):
        if path.is_file() and path.name not in odd and path.stat().st_size < 10**6:
            assert path.read_bytes().startswith(starts.get(path.suffix, b"")), path


def test_sizes_of_ordinary_files_vary_about_two_kilobytes(tmp_path):
    demo.make(tmp_path / "files", tmp_path / "company", "1", 1000)

    sizes = [path.stat().st_size for path in tmp_path.rglob("scan *")]

    assert 1500 < sum(sizes) / len(sizes) < 3000
    assert max(sizes) > 8000
    assert max(sizes) < 25_000


# --- each problem lies there as its label says ----------------------------------------


def place_of(made: Path, name: str) -> Path:
    (found,) = (made / "files/Attach").rglob(name)
    return found


def mapped(made: Path, name: str) -> list[Mapping]:
    """Return the mapping rows that fit the folder of a labelled file."""
    wanted = normalize_legacy_id(place_of(made, name).parent.name)
    rows = reading.table(made / "company/mapping.csv", MAPPING)
    return [row for row in rows if normalize_legacy_id(row.legacy_txnid_norm) == wanted]


def test_the_mapping_lacks_repeats_and_contradicts_where_a_label_says_so(made):
    missing = mapped(made, "missing mapping.pdf")
    repeated = mapped(made, "repeated mapping row.pdf")
    ambiguous = mapped(made, "ambiguous mapping.pdf")

    assert missing == []
    assert len(repeated) == 2 and len(set(repeated)) == 1
    assert len({row.qbo_entity_id for row in ambiguous}) == 2


def test_two_folders_of_a_merged_record_lead_to_one_entity(made):
    rows = list(reading.table(made / "company/mapping.csv", MAPPING))
    folders = [path.parent.name for path in made.rglob("merged records.pdf")]
    ids = set(map(normalize_legacy_id, folders))

    entities = [row.qbo_entity_id for row in rows if row.legacy_txnid_norm in ids]

    assert len(ids) == len(entities) == 2 and len(set(entities)) == 1


def test_the_mapping_has_rows_for_records_without_a_file(made):
    rows = list(reading.table(made / "company/mapping.csv", MAPPING))
    folders = {normalize_legacy_id(path.name) for path in made.rglob("80*")}

    ids = [normalize_legacy_id(row.legacy_txnid_norm) for row in rows]

    without = [one for one in ids if one not in folders]
    assert len(without) >= demo.SMALL * demo.UNUSED_SHARE


def test_contents_are_alike_only_where_a_label_says_so(made):
    digests = digest_of(made / "files/Attach")

    alike = Counter(digest for digest, _ in digests.values())

    names = {Path(place).name for place, (d, _) in digests.items() if alike[d] > 1}
    meant = {"same content.pdf", "same content (copy).pdf"}
    assert {name for name in names if not limits.is_junk(name)} == meant


@pytest.mark.parametrize(
    ("name", "size"), [("too large.pdf", 120_000_000), ("large warning.pdf", 25_000_000)]
)
@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell the blocks of a file")
def test_a_large_file_begins_as_a_pdf_and_takes_no_room(made, name, size):
    stat = place_of(made, name).stat()

    assert stat.st_size == size
    assert stat.st_blocks * 512 < 1_000_000
    with open(place_of(made, name), "rb") as file:
        assert file.read(5) == b"%PDF-"


def test_one_id_lies_in_two_folders_that_differ_in_case(made):
    folders = {path.parent.name for path in made.rglob("two spellings *.pdf")}

    ignores_case = (made / "FILES").exists()
    assert len(folders) == (1 if ignores_case else 2)
    assert len(set(map(str.casefold, folders))) == 1


def test_names_are_odd_in_every_way_that_the_file_system_allows(made):
    names = {path.name for path in (made / "files/Attach").rglob("*")}

    assert {name for name in ODD_NAMES if name not in names} <= UNWRITABLE
    assert max(len(os.fsencode(name)) for name in names) >= 190


UNWRITABLE = {name for name in ODD_NAMES if os.name == "nt" and set(name) & set('"\n')}


# --- whose files they are -------------------------------------------------------------


def test_a_fresh_demo_has_no_strangers_and_an_added_file_is_one(tmp_path):
    demo.make(tmp_path / "files", tmp_path / "company", "1")
    assert list(demo.strangers(tmp_path / "files")) == []

    (tmp_path / "files/Attach/mine\nis odd.pdf").write_bytes(b"mine")

    assert list(demo.strangers(tmp_path / "files")) == ["Attach/mine\nis odd.pdf"]


def test_progress_of_a_demo_never_falls_and_ends_with_the_whole(tmp_path):
    counts = list(demo.making(tmp_path / "files", tmp_path / "company", "1", 200))

    files = [made.files for made in counts]
    assert files == sorted(files)
    assert files[-1] >= 200
