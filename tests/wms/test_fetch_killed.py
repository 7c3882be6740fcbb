"""Killed at any point and run again: the files of one undisturbed fetch, never a mixture."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from src.kit import stage
from src.kit.errors import Refused
from src.wms import sides
from src.wms.fields import KINDS
from src.wms.sides import Folders
from tests.wms.listed import Fetching, Listed, record

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork (no Windows)")
STRIDE = int(os.environ.get("WMS_KILL_STRIDE", "7"))  # 1 = at every operation
FILE_OPERATIONS = ("open", "os.rename", "os.remove", "os.truncate", "sqlite3.connect")
WANTED = [KINDS[name] for name in ("customers", "sales_orders")]
TYPES = [kind.name for kind in WANTED]


class Counted(Listed):
    """A company file at one of whose questions or records the fetch is killed."""

    def __init__(self, company: Listed, count: Callable[[], None]) -> None:
        self.__dict__.update(company.__dict__)
        self._count = count

    def records(self, resource, query):
        for one in super().records(resource, query):
            self._count()
            yield one
        self._count()

    def deleted(self, resources, after):
        self._count()
        return super().deleted(resources, after)


def order(record_id: str, *line_ids: str, minute: int = 0, revision: int = 1) -> dict:
    lines = [{"id": line, "quantity": revision} for line in line_ids]
    return record(record_id, minute, revision, refNumber=record_id, lines=lines)


@pytest.fixture
def fetching(desk):
    """Return a desk with one fetch behind it, and changes that the next will bring."""
    found = Fetching(desk)
    found.minute = 5
    found.company.has("customers", record("c1"), record("c2"))
    found.company.has("sales-orders", order("o1", "l1"), order("o2", "l2"))
    assert found.fetch(*TYPES) == stage.OK
    found.minute = 40
    found.company.has("customers", record("c1"), record("c3", 30))
    found.company.lost("customers", "c2", 31)
    found.company.has("sales-orders", order("o1", "l3", minute=30, revision=2), order("o2", "l2"))
    shutil.copytree(desk.root, desk.root.with_name("before"))
    return found


def restored(fetching: Fetching) -> None:
    root = fetching.desk.root
    shutil.rmtree(root)
    shutil.copytree(root.with_name("before"), root)


def files(fetching: Fetching) -> dict[str, bytes]:
    data = fetching.desk.config.data_dir
    return {path.name: path.read_bytes() for path in sorted(data.glob("*.csv"))}


def killed_at(fetching: Fetching, at: int) -> bool:
    """Fetch in a process that is killed before an operation; return whether it was."""
    left, company = [at], fetching.company

    def count() -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, given: tuple) -> None:
        place = str(given[0]) if event in FILE_OPERATIONS and given else ""
        if place.startswith(str(fetching.desk.root)):
            count()

    def main(argv: list[str]) -> int:
        sys.addaudithook(hook)
        fetching.company = Counted(company, count)
        return fetching.door.main(argv)

    code = fetching.desk.fork(main, *TYPES)
    assert code in (stage.OK, -signal.SIGKILL), fetching.desk.err
    return code != stage.OK


def is_one_fetch(fetching: Fetching) -> bool:
    """Return whether a plan would be made of what there is."""
    config = fetching.desk.config
    try:
        for kind in WANTED:
            sides.Joined(Folders(config.data_dir, config.log_dir), kind)
        sides.check_runs(Folders(config.data_dir, config.log_dir), WANTED)
    except Refused:
        return False
    return True


def test_after_a_kill_the_next_fetch_ends_as_an_undisturbed_one(fetching):
    before = files(fetching)
    assert fetching.fetch(*TYPES) == stage.OK
    after, at, mixed = files(fetching), 1, 0

    restored(fetching)
    while killed_at(fetching, at):
        if is_one_fetch(fetching):
            assert files(fetching) in (before, after), at
        else:
            mixed += 1
        assert fetching.fetch(*TYPES) == stage.OK
        assert files(fetching) == after, at
        assert is_one_fetch(fetching)
        restored(fetching)
        at += STRIDE

    assert at > 60 and mixed > 3


def test_what_a_killed_fetch_left_in_passing_is_gone(fetching):
    data = Path(fetching.desk.config.data_dir)

    assert killed_at(fetching, 20)
    assert fetching.fetch(*TYPES) == stage.OK

    assert [path.name for path in data.iterdir() if "tmp" in path.name] == []
