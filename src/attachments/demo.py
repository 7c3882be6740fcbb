"""A seeded legacy tree with every problem that real ones have, and its company.

The smallest tree has each problem once; a large one has them now and then.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from random import Random
from typing import NamedTuple

from src.attachments import records
from src.attachments.demo_tree import ONCE, PROBLEMS, Tree
from src.kit import cells, files, tables
from src.kit.errors import Refused

MARKER = ".carryover-demo"  # tells a demo tree from a real one, and lists its files
NOTE = "made by make_demo_data, which replaces these files, and no others:\n"
LEFT_BY_SYSTEMS = frozenset({".ds_store", "desktop.ini", "thumbs.db"})
SMALL = 60  # files
CLIENTS = ("Blue River Supply", "Harbor Electric", "Granite & Sons", "Cedar Dental")
UNUSED_SHARE = 0.3  # mapping rows without a file, per file
TROUBLED_EVERY = 100  # files between two sets: each problem meets about 1 % of them

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
    problems: Mapping[str, int]  # how often each was planted, by its label


def strangers(files_dir: Path) -> Iterator[str]:
    """Yield the files below a folder that no demo made; its README and dot files pass.

    A demo that was killed has no list yet: then all of Attach is taken for its own.
    """
    known = _listed(files_dir)
    is_unfinished = not known and (files_dir / MARKER).exists()
    for path in _paths(files_dir) if files_dir.is_dir() else ():
        ours = path in known if known else is_unfinished and path.startswith("Attach/")
        if not ours and not _may_stay(path):
            yield path


def _may_stay(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    at_top = not folder and (name == "README.md" or name.startswith("."))
    return at_top or name.lower() in LEFT_BY_SYSTEMS


def _listed(files_dir: Path) -> frozenset[str]:
    """Return the files of the finished demo in a folder."""
    if not (files_dir / MARKER).exists():
        return frozenset()
    _, *lines = (files_dir / MARKER).read_text("utf-8").split("\n")
    return frozenset(map(cells.unescape, filter(None, lines)))


def _paths(folder: str | Path, above: str = "") -> Iterator[str]:
    """Yield every file below a folder in order, links not followed, with `/`."""
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        if entry.is_dir(follow_symlinks=False):
            yield from _paths(entry.path, f"{above}{entry.name}/")
        else:
            yield above + entry.name


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
    return deque(making(files_dir, company_dir, seed, count), maxlen=1).pop()


def making(
    files_dir: Path, company_dir: Path, seed: str, count: int = SMALL
) -> Iterator[Made]:
    """Do what `make` does; yield what there is after each record, at last the whole."""
    _clear(files_dir)
    tree = Tree(files_dir, Random(seed))
    for _ in _grow(tree, count):
        yield Made(tree.files, len(tree.mapping), tree.problems)
    rows = [*tree.mapping, *_unused(tree)]
    company_dir.mkdir(parents=True, exist_ok=True)
    tables.write(company_dir / "mapping.csv", records.Mapping, rows)
    lines = ["call,match,answer", *map(",".join, SCENARIO)]
    (company_dir / "scenario.csv").write_text("\n".join(lines) + "\n")
    with files.replacing(files_dir / MARKER) as marker:
        marker.write(NOTE.encode())
        for path in _paths(files_dir / "Attach", "Attach/"):
            marker.write(f"{cells.escape(path)}\n".encode())
    yield Made(tree.files, len(rows), tree.problems)


def _clear(files_dir: Path) -> None:
    """Take an earlier demo away and mark the folder as one, unless it has more in it."""
    if stranger := next(strangers(files_dir), ""):
        raise Refused(
            f"{files_dir}: holds files that are of no demo, such as {stranger}; set "
            "FILES_DIR to an empty folder, or leave the demo out"
        )
    files_dir.mkdir(parents=True, exist_ok=True)
    (files_dir / MARKER).write_text(NOTE, "utf-8", newline="\n")
    if (files_dir / "Attach").exists():
        shutil.rmtree(files_dir / "Attach")


def _grow(tree: Tree, count: int) -> Iterator[None]:
    """Write problems and ordinary records; yield after each of these."""
    clients = [*CLIENTS, *(f"Client {number:03}" for number in range(count // 1000))]
    _trouble(tree, "Troubled Ltd", frozenset())
    turn, troubled = 0, tree.files
    while tree.files < count:
        turn += 1
        client = clients[turn % len(clients)]
        tree.ordinary(client)
        if tree.files - troubled > TROUBLED_EVERY:
            troubled = tree.files
            _trouble(tree, client, ONCE)
        yield


def _trouble(tree: Tree, client: str, left_out: Set[object]) -> None:
    for problem in PROBLEMS:
        if problem not in left_out:
            problem(tree, client)
            tree.problems[problem.__name__.replace("_", " ")] += 1


def _unused(tree: Tree) -> Iterator[records.Mapping]:
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
