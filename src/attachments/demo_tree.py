"""A demo tree being written: legacy records, their files, and every problem of real ones.

Each problem is labelled in the name of its folder or file, so that it can be followed
through the CSVs.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

from src.attachments import demo_files
from src.attachments.records import Mapping

# Legacy type, QuickBooks type as QbdtEntityIdMapping spells it, share in hundredths.
TYPES = (
    ("INVOICE", "INVOICE", 45),
    ("BILL", "BILL", 25),
    ("CHECK", "CHECK", 12),
    ("GENERAL_JOURNAL", "GENERAL_JOURNAL", 6),
    ("ESTIMATE", "ESTIMATE", 5),
    ("CASHSALE", "CASH_SALE", 4),
    ("DEPOSIT", "DEPOSIT", 3),
)
LISTS = (("CUSTOMER", "CUSTOMER"), ("VENDOR", "VENDOR"))
FIRST_SECOND = 1_400_000_000  # 2014: the date of the oldest record
SECONDS_APART = 1979  # 160,000 records, production's size, then take ten years


class Spot(NamedTuple):
    """One legacy record: its folder, and what the mapping says about it."""

    folder: str
    norm: str
    entity_id: str


class Tree:
    """A demo tree being written below `root`; `mapping` and `problems` grow with it."""

    def __init__(self, root: Path, dice: Random) -> None:
        self.files = 0
        self.mapping: list[Mapping] = []
        self.problems: Counter[str] = Counter()
        self._root, self._dice = root, dice
        self._number = 0

    # --- records and files ------------------------------------------------------------

    def spot(self, client: str, mapped: bool = True, scope: str = "Txn") -> Spot:
        """Return a new legacy record; unless told otherwise the mapping knows it."""
        self._number += 1
        second = FIRST_SECOND + SECONDS_APART * self._number
        first = 0x1A2B + 7 * self._number + (0x80000000 if scope == "List" else 0)
        norm = f"{first:X}-{second}"
        raw = "80" + (norm.lower() if self._number % 3 else norm)
        folder = f"Attach/{client}/{scope}/{raw}"
        spot = Spot(folder, norm, str(1000 + self._number))
        if mapped:
            self.map(spot, self._dice.choice(LISTS) if scope == "List" else self._type())
        return spot

    def _type(self) -> tuple[str, str]:
        weights = [share for _, _, share in TYPES]
        return self._dice.choices(TYPES, weights)[0][:2]

    def map(self, spot: Spot, kinds: tuple[str, str], entity_id: str = "") -> None:
        """Add a mapping row for a record."""
        legacy_type, entity_type = kinds
        self.mapping.append(
            Mapping(spot.norm, legacy_type, entity_type, entity_id or spot.entity_id)
        )

    def put(self, folder: str, name: str, content: bytes | None = None) -> None:
        """Write a file; a name that this system cannot have is left out quietly."""
        if content is None:
            kind = name.rpartition(".")[2]
            kind = kind if kind in demo_files.BUILDERS else "txt"
            content = demo_files.build(kind, f"{name} {self.files}", self._dice)
        second = FIRST_SECOND + self._dice.randrange(300_000_000)
        path = os.path.join(self._root, folder, name)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "xb") as file:  # one that is there is not counted twice
                file.write(content)
        except (OSError, UnicodeEncodeError):
            return
        self.files += 1
        os.utime(path, (second, second))

    def put_sparse(self, folder: str, name: str, size: int) -> None:
        """Write a file that is large without taking the disk's room."""
        self.put(folder, name, b"%PDF-1.4\n")
        path = os.path.join(self._root, folder, name)
        os.truncate(path, size)
        os.utime(path, (FIRST_SECOND, FIRST_SECOND))

    def ordinary(self, client: str) -> None:
        """Write a record with one to three good files."""
        spot = self.spot(client)
        for number in range(self._dice.choice((1, 1, 1, 2, 3))):
            kind = self._dice.choice(demo_files.BUILDERS)
            self.put(spot.folder, f"scan {self._number:04} {number + 1}.{kind}")


# --- the problems ---------------------------------------------------------------------


def missing_mapping(tree: Tree, client: str) -> None:
    """A record that the converter left behind."""
    tree.put(tree.spot(client, mapped=False).folder, "missing mapping.pdf")


def ambiguous_mapping(tree: Tree, client: str) -> None:
    """One legacy id, two records online."""
    spot = tree.spot(client)
    tree.map(spot, ("BILL", "BILL"), spot.entity_id + "9")
    tree.put(spot.folder, "ambiguous mapping.pdf")


def repeated_mapping(tree: Tree, client: str) -> None:
    """The same mapping row twice, which is harmless."""
    spot = tree.spot(client)
    tree.mapping.append(tree.mapping[-1])
    tree.put(spot.folder, "repeated mapping row.pdf")


def merged_records(tree: Tree, client: str) -> None:
    """Two legacy ids that became one record, with a file of the same name each."""
    one, other = tree.spot(client), tree.spot(client, mapped=False)
    row = tree.mapping[-1]
    tree.mapping.append(row._replace(legacy_txnid_norm=other.norm))
    for spot in (one, other):
        tree.put(spot.folder, "merged records.pdf")


def same_name(tree: Tree, client: str) -> None:
    """Two files of one name and different content on one record."""
    spot = tree.spot(client)
    tree.put(spot.folder, "same name.pdf")
    tree.put(f"{spot.folder}/second page", "Same Name.PDF")


def same_content(tree: Tree, client: str) -> None:
    """One content twice on one record."""
    spot = tree.spot(client)
    content = demo_files.pdf(f"same content {spot.norm}", Random(spot.norm))
    tree.put(spot.folder, "same content.pdf", content)
    tree.put(spot.folder, "same content (copy).pdf", content)


def refused_types(tree: Tree, client: str) -> None:
    """What QuickBooks does not take."""
    spot = tree.spot(client)
    tree.put(spot.folder, "refused type.msg", b"\xd0\xcf\x11\xe0 a mail")
    tree.put(spot.folder, "refused type.zip", b"PK\x03\x04 an archive")


def odd_contents(tree: Tree, client: str) -> None:
    """A PDF that is none, and a file without content."""
    spot = tree.spot(client)
    tree.put(spot.folder, "wrong magic bytes.pdf", demo_files.txt("no PDF", Random(1)))
    tree.put(spot.folder, "empty.pdf", b"")


def large_files(tree: Tree, client: str) -> None:
    """Too large for QuickBooks, and too large for its screens."""
    spot = tree.spot(client)
    tree.put_sparse(spot.folder, "too large.pdf", 120_000_000)
    tree.put_sparse(spot.folder, "large warning.pdf", 25_000_000)


def junk(tree: Tree, client: str) -> None:
    """What systems and programs leave behind."""
    spot = tree.spot(client)
    for name in ("Thumbs.db", ".DS_Store", "desktop.ini", "~$junk.docx"):
        tree.put(spot.folder, name, b"junk")


def odd_names(tree: Tree, client: str) -> None:
    """Names that spreadsheets, headers and terminals stumble over."""
    folder = tree.spot(client).folder
    for name in ODD_NAMES:
        tree.put(folder, name)
    tree.put(folder, os.fsdecode(b"odd name \xff byte.pdf"))


ODD_NAMES = (
    unicodedata.normalize("NFD", "odd name café.pdf"),
    "odd name \N{PAPERCLIP} emoji.pdf",
    "odd name \u05e9\u05dc\u05d5\u05dd.pdf",
    " odd name leading blank.pdf",
    'odd name "quoted"; semicolon, comma.pdf',
    "=1+1 odd name.txt",
    "00123.pdf",
    "odd name\nline.pdf",
    "odd name trailing dot.",
    "odd name long " + "x" * 180 + ".pdf",
)


def lost_owners(tree: Tree, client: str) -> None:
    """Files in folders that tell no owner."""
    tree.put(f"Attach/{client}/Txn/80/set {tree.files}", "blank id.pdf")
    tree.put(f"Attach/{client}/Inbox/set {tree.files}", "unknown folder.pdf")
    tree.put("Attach", "no client.pdf")


def two_spellings(tree: Tree, client: str) -> None:
    """One legacy id in two folders that differ in case."""
    spot = tree.spot(client)
    while spot.norm == spot.norm.lower():  # digits have one spelling only
        spot = tree.spot(client)
    head, _, raw = spot.folder.rpartition("/")
    tree.put(f"{head}/{raw.upper()}", "two spellings A.pdf")
    tree.put(f"{head}/{raw.lower()}", "two spellings B.pdf")


def transfer(tree: Tree, client: str) -> None:
    """A record online that takes no attachments."""
    spot = tree.spot(client, mapped=False)
    tree.map(spot, ("TRANSFER", "TRANSFER"))
    tree.put(spot.folder, "on a transfer.pdf")


def list_record(tree: Tree, client: str) -> None:
    """A file on a customer, not on a transaction."""
    tree.put(tree.spot(client, scope="List").folder, "on a customer.pdf")


def unlucky_uploads(tree: Tree, client: str) -> None:
    """Good files whose upload goes wrong, as the scenario says."""
    for name in ("busy at first", "refused by QuickBooks", "answer lost", "server error"):
        tree.put(tree.spot(client).folder, f"{name}.pdf")


PROBLEMS: tuple[Callable[[Tree, str], None], ...] = (
    missing_mapping,
    ambiguous_mapping,
    repeated_mapping,
    merged_records,
    same_name,
    same_content,
    refused_types,
    odd_contents,
    large_files,
    junk,
    odd_names,
    lost_owners,
    two_spellings,
    transfer,
    list_record,
    unlucky_uploads,
)
ONCE = frozenset({large_files, unlucky_uploads, odd_names})
