"""A seeded legacy tree with every problem that real ones have, and its company.

The smallest tree has each problem once; a large one has them now and then.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from src.attachments.demo_tree import ONCE, PROBLEMS, Tree
from src.attachments.records import Mapping
from src.kit import tables
from src.kit.errors import Refused

MARKER = ".carryover-demo"  # what tells a demo tree from a real one
SMALL = 60  # files
CLIENTS = ("Blue River Supply", "Harbor Electric", "Granite & Sons", "Cedar Dental")
UNUSED_SHARE = 0.3  # mapping rows without a file, per file
TROUBLED_EVERY = 400  # files between two sets of problems in a large tree

# The uploads that go wrong on purpose: call, file name, answer (adapters/fakes).
SCENARIO = (
    ("1-4", "busy at first*", "429"),
    ("", "refused by QuickBooks*", "200:6041"),
    ("1", "answer lost*", "drop_applied"),
    ("1", "server error*", "500"),
)


class Made(NamedTuple):
    """What was made."""

    files: int
    mapping_rows: int


def is_foreign(files_dir: Path) -> bool:
    """Return whether a folder holds files that are of no demo."""
    return not (files_dir / MARKER).exists() and not is_empty(files_dir)


def is_empty(files_dir: Path) -> bool:
    """Return whether a folder holds nothing but its README and dot files."""
    if not files_dir.is_dir():
        return True
    names = (entry.name for entry in files_dir.iterdir())
    return all(name == "README.md" or name.startswith(".") for name in names)


def make(files_dir: Path, company_dir: Path, seed: str, count: int = SMALL) -> Made:
    """Make the tree, the company's mapping and its scenario; an earlier demo goes.

    Raises Refused where the folder holds anything else.
    """
    if is_foreign(files_dir):
        raise Refused(
            f"{files_dir}: holds files that are of no demo; set FILES_DIR to an empty "
            "folder, or leave the demo out"
        )
    shutil.rmtree(files_dir / "Attach", ignore_errors=True)
    files_dir.mkdir(parents=True, exist_ok=True)
    (files_dir / MARKER).write_text("made by make_demo_data; replaced by the next one\n")
    tree = Tree(files_dir, Random(seed))
    _grow(tree, count)
    rows = [*tree.mapping, *_unused(tree)]
    company_dir.mkdir(parents=True, exist_ok=True)
    tables.write(company_dir / "mapping.csv", Mapping, rows)
    lines = ["call,match,answer", *map(",".join, SCENARIO)]
    (company_dir / "scenario.csv").write_text("\n".join(lines) + "\n")
    return Made(tree.files, len(rows))


def _grow(tree: Tree, count: int) -> None:
    clients = [*CLIENTS, *(f"Client {number:03}" for number in range(count // 1000))]
    for problem in PROBLEMS:
        problem(tree, "Troubled Ltd")
    turn, troubled = 0, tree.files
    while tree.files < count:
        turn += 1
        client = clients[turn % len(clients)]
        tree.ordinary(client)
        if tree.files - troubled > TROUBLED_EVERY:
            troubled = tree.files
            _trouble(tree, client)


def _trouble(tree: Tree, client: str) -> None:
    for problem in PROBLEMS:
        if problem not in ONCE:
            problem(tree, client)


def _unused(tree: Tree) -> Iterator[Mapping]:
    """Yield mapping rows of records that have no file."""
    before = len(tree.mapping)
    for _ in range(round(tree.files * UNUSED_SHARE)):
        tree.spot("")
    unused, tree.mapping = tree.mapping[before:], tree.mapping[:before]
    yield from unused


def make_if_missing(files_dir: Path, company_dir: Path) -> list[str]:
    """Make the small demo where there is nothing to migrate; return what to say."""
    if not is_empty(files_dir) or (files_dir / MARKER).exists():
        return []
    made = make(files_dir, company_dir, "1")
    return [f"FILES_DIR was empty: made the demo tree of {made.files} files first"]
