"""Plans that people edit: one column is theirs, a check over the rest notices changes.

A plan row is a NamedTuple with the fields `row` (an id derived from its key), `decision`
and, last, `row_check`. The check covers every other cell and the id of the run that made
the plan, so a row that was sorted, filtered or re-saved is the same row, and one that was
changed elsewhere than in `decision`, or is from another plan, is not.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, TypeVar

from src.kit import cells, files, reading
from src.kit.errors import Refused
from src.kit.reading import Reading
from src.kit.tables import Table, escaped, header

KEPT = "plans"  # the folder, beside the plan, of those that were applied
_ASIDE = ".before_undo"  # in the name of the plan that a reverse plan stands in front of
Row = TypeVar("Row", bound=tuple)
_Named = NamedTuple("_Named", [("row", str)])  # what rows of any plan have


def row_id(key: str) -> str:
    """Return the id of a plan row: `r` and ten hexadecimal digits of its key's digest."""
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=5)
    return "r" + digest.hexdigest()


def undo_id(key: str) -> str:
    """Return the id of a row of a reverse plan: it begins with `u`."""
    return "u" + row_id(key)[1:]


def signed(row: Sequence[str], decision_at: int, run_id: str) -> list[str]:
    """Return the row, escaped, with its check as the last cell."""
    safe = list(escaped(row))
    safe[-1] = _check(safe, decision_at, run_id)
    return safe


def is_intact(row: Sequence[str], decision_at: int, run_id: str) -> bool:
    """Return whether a row is as the plan of that run wrote it, `decision` aside."""
    return row[-1] == _check(escaped(row), decision_at, run_id)


def _check(safe: Sequence[str], decision_at: int, run_id: str) -> str:
    basis = [*safe[:decision_at], *safe[decision_at + 1 : -1], run_id]
    return cells.row_check(cells.SEPARATOR.join(basis))


def read(path: Path, table: Table) -> Reading:
    """Return a plan, ready to be iterated; raises Refused where it cannot be read."""
    try:
        return reading.table(path, table)
    except Refused as refusal:  # making it again would be refused again
        problem = str(refusal).rpartition(";")[0]
        raise Refused(f"{problem}; put it right, or move it away with its decisions") from None


def keep(plan: Path, run_id: str) -> Path:
    """Keep a copy of the plan that is about to be applied; return where.

    Who may not read the plan may not read the copy.
    """
    folder = plan.parent / KEPT
    folder.mkdir(exist_ok=True)
    kept = of_run(plan.parent, run_id)
    is_private = not plan.stat().st_mode & stat.S_IROTH
    with open(plan, "rb") as source, files.replacing(kept, is_private) as copy:
        shutil.copyfileobj(source, copy)
    return kept


def set_aside(plan: Path, table: Table) -> Path:
    """Copy the plan that a reverse plan takes the place of; return where the copy is.

    Where a reverse plan stands there already, the plan before that one is kept.
    """
    aside = _aside(plan)
    if plan.exists() and not is_reverse(plan, table):
        is_private = not plan.stat().st_mode & stat.S_IROTH
        with open(plan, "rb") as source, files.replacing(aside, is_private) as copy:
            shutil.copyfileobj(source, copy)
    return aside


def _aside(plan: Path) -> Path:
    return plan.with_name(f"{plan.stem}{_ASIDE}{plan.suffix}")


def is_reverse(plan: Path, table: Table) -> bool:
    """Return whether a plan takes back what a run did; raises Refused as `read`."""
    rows = read(plan, table._replace(row=_Named)) if plan.exists() else ()
    return next((row.row.startswith("u") for row in rows), False)


def forward(plan: Path, table: Table) -> Path:
    """Return where the last plan that takes nothing back is."""
    return _aside(plan) if is_reverse(plan, table) else plan


def of_run(folder: Path, run_id: str) -> Path:
    """Return where the plan is kept that a run applied."""
    return folder / KEPT / f"{run_id}.csv"


def runs(folder: Path) -> list[str]:
    """Return the runs whose plans are kept."""
    return sorted(path.stem for path in (folder / KEPT).glob("*.csv"))


def applied(folder: Path, table: Table) -> Iterator[Reading]:
    """Yield the plans that were applied, to be iterated, the newest first.

    A kept one that is another pipeline's, or cannot be read, is passed over.
    """
    for path in sorted((folder / KEPT).glob("*.csv"), key=_modified, reverse=True):
        try:
            yield reading.table(path, table)
        except Refused:
            continue


def _modified(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name


def earlier(path: Path, table: Table, called: Sequence[str] = ("row",)) -> Decisions:
    """Return the decisions in the plan that a new one will replace, if there is one.

    `called` are the columns by which a person knows a row. A reverse plan is looked
    through: what counts is what was decided before. Raises Refused where the plan cannot
    be read.
    """
    path = forward(path, table)
    rows = read(path, table) if path.exists() else []
    return Decisions((row for row in rows if row.decision), table.row, called)


class Decisions:
    """What people decided in an earlier plan, for rows that still say the same."""

    def __init__(
        self, rows: Iterable[Row], row_type: type, called: Sequence[str] = ("row",)
    ) -> None:
        names = header(row_type)
        self._id_at, self._at = names.index("row"), names.index("decision")
        self._called = [names.index(name) for name in called]
        self._left: dict[str, tuple] = {
            row[self._id_at]: row for row in rows if row[self._at]
        }
        self.taken = 0

    def take_over(self, row: Row) -> Row:
        """Return the row with the earlier decision, if it says the same as before.

        A row that was planned by that decision has it already.
        """
        old = self._left.get(row[self._id_at]) if self._left else None
        if old is None:
            return row
        at = self._at
        is_same = [*old[:at], *old[at + 1 : -1]] == [*row[:at], *row[at + 1 : -1]]
        if not is_same and not row[at]:
            return row
        del self._left[row[self._id_at]]
        self.taken += 1
        decision = row[at] or old[at]
        return row._replace(decision=decision)  # type: ignore[attr-defined]

    def add(self, other: Decisions) -> None:
        """Take decisions of an older plan; those of this one come first."""
        self._left = {**other._left, **self._left}

    def put_by(self, is_other: Callable[[Row], bool]) -> list[Row]:
        """Return rows that no new plan was to say anything about; they are no news."""
        found = [row for row in self._left.values() if is_other(row)]
        self.forget(is_other)
        return found

    def forget(self, is_done: Callable[[Row], bool]) -> None:
        """Forget decisions that were carried out: that they are gone is no news."""
        self._left = {name: row for name, row in self._left.items() if not is_done(row)}

    @property
    def notes(self) -> list[str]:
        """Return what became of the decisions, in sentences."""
        return [*self.kept, *self.lost]

    @property
    def kept(self) -> list[str]:
        """Return how many decisions stand in the new plan, if any do."""
        return [f"took over {self.taken:,} decision(s)"] if self.taken else []

    @property
    def lost(self) -> list[str]:
        """Return which decisions do not, if there are any."""
        if not self._left:
            return []
        return [
            f"{len(self._left):,} decision(s) not taken over, because the row is gone or "
            f"says something else now: {'; '.join(self._names()[:5])}; decide again"
        ]

    def _names(self) -> list[str]:
        return sorted(
            " ".join(filter(None, (row[at] for at in self._called)))
            for row in self._left.values()
        )
