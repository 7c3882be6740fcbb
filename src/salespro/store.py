"""A file's staged rows and the database: compared, stored batch by batch, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from src.kit.database import ConnectionLost, Database, Value
from src.kit.errors import Refused
from src.kit.importing import Changes, Span, Work
from src.salespro import source, statements
from src.salespro.history import History
from src.salespro.shapes import HOMELESS, Field, Shape
from src.salespro.statements import ACTING, ACTS, BLENDS, ORDER, VERDICTS

_TOGETHER = 5000  # rows whose columns without a home are merged in memory


class Odd(NamedTuple):
    """A row that is left as it is, and why."""

    line: int
    key: str
    word: str
    other_line: int | None  # of the row that counts, where it is in the file


class Difference(NamedTuple):
    """A row of the file beside what is stored: its fields by name, before and after."""

    odd: Odd
    fields: list[tuple[str, object, object]]


class Sums(NamedTuple):
    """What storing changed so far."""

    won: int = 0  # appointments that became sales
    lost: int = 0  # those that are sales no longer
    cents: int = 0  # of all amounts, sales or not
    sold: int = 0  # cents of sales
    flagged: int = 0  # sales without an amount


class Store:
    """One file's rows in the database's staging tables, and what becomes of them."""

    def __init__(
        self,
        database: Database,
        shape: Shape,
        present: tuple[Field, ...],
        homeless: Collection[str],
    ) -> None:
        self.words: Counter[str] = Counter()  # what was found out about the rows
        self.sums = Sums()
        self.flag: Callable[[int, str], None] = lambda line, key: None
        self._database, self._shape = database, shape
        self._homeless = frozenset(homeless)
        self._fields = [*present, HOMELESS] if homeless else present
        self._written = partial(statements.written, shape, self._fields)
        self._sql = self._written(ACTS)
        self._lines: dict[int, str] = {}  # of the ends of the newest batch

    # --- comparing --------------------------------------------------------------------

    def load(self, rows: Iterable[Sequence[Value]]) -> int:
        """Stage the rows of the file; return their number."""
        staging = self._shape.staging()
        self._database.stage(staging)
        count = self._database.load(staging, rows)
        self._database.settle(staging)
        return count

    def compare(self) -> None:
        """Give every staged row its word, and count them."""
        database, sql = self._database, self._sql.comparing
        with database.transaction():
            for staging in statements.STAGINGS:
                database.stage(staging)
            count = database.run(sql.order)
            database.settle(ORDER)
            if database.run(sql.twins):
                database.settle(statements.TWINS)
                for statement in (sql.firsts, sql.odd, sql.odd_firsts):
                    database.run(statement)
            if self._homeless:
                self._blend(count)
            for statement in sql.verdicts:
                database.run(statement)
        database.settle(VERDICTS)
        self.words.update(dict(database.rows(self._sql.words, "ti")))
        self._number()

    def _blend(self, count: int) -> None:
        """Merge columns without a home into what is stored of them."""
        database, sql = self._database, self._sql.comparing.blending
        found = 0
        for first in range(1, count + 1, _TOGETHER):
            query = sql.differing.format(first, first + _TOGETHER - 1)
            blends = [
                (position, *source.blended(stored, read, self._homeless))
                for position, stored, read in database.rows(query, "itt")
            ]
            found += database.load(BLENDS, blends) if blends else 0
        if found:
            database.settle(BLENDS)
            database.run(sql.merge)

    def _number(self) -> None:
        """Number the rows to be stored, where they are not all rows."""
        if not self.words.keys() - set(ACTING):
            self._sql = self._written(VERDICTS)
            return
        with self._database.transaction():
            self._database.run(self._sql.comparing.acts)
        self._database.settle(ACTS)

    def held(self) -> Iterator[Odd]:
        """Yield the rows about which a person has to decide."""
        return self._odd(self._sql.held)

    def repeats(self) -> Iterator[Odd]:
        """Yield the rows whose id the file has in another row that counts."""
        return self._odd(self._sql.repeats)

    def left(self) -> Iterator[Odd]:
        """Yield the rows that are left as they are, though they say something else."""
        return self._odd(self._sql.left)

    def changes(self) -> Iterator[Difference]:
        """Yield the rows that are to be created or updated."""
        names = [field.name for field in self._fields]
        kinds = "itti" + "".join(field.letter * 2 for field in self._fields)
        for row in self._database.rows(self._sql.changes, kinds):
            fields = zip(names, row[4::2], row[5::2])
            yield Difference(Odd(*row[:4]), list(fields))

    def total_cents(self) -> int:
        """Return the sum of all stored amounts."""
        if not self._shape.has_sales:
            return 0
        [(cents,)] = list(self._database.rows(self._sql.total, "i"))
        return cents

    def _odd(self, query: str) -> Iterator[Odd]:
        for row in self._database.rows(query, "itti"):
            yield Odd(*row)

    # --- storing ----------------------------------------------------------------------

    def work(self, history: History) -> Work:
        """Return the rows to be created or updated as work for batches."""

        def store(span: Span) -> Changes:
            changes = self._store(span)
            history.beat(changes.created, changes.updated)
            return changes

        total = sum(self.words[word] for word in ACTING)
        return Work(total, store, self._line_and_key)

    def make_indexes(self) -> str:
        """Make the indexes that are not there; return what was in the way, or ''."""
        table = self._shape.table
        for column in self._shape.indexes:
            name = f"{table}_{column}"
            statement = f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({column})"
            try:
                self._database.run(statement)
            except ConnectionLost:
                raise
            except Refused as refusal:  # PostgreSQL lets only a table's owner ask
                return str(refusal)
        return ""

    def _store(self, span: Span) -> Changes:
        words, sql, run = self.words, self._sql, self._database.run
        has_updates = words.keys() & {statements.UPDATED, statements.COMPLETED}
        updated = run(sql.update.format(*span)) if has_updates else 0
        created = run(sql.create.format(*span)) if words[statements.CREATED] else 0
        [(first, last, *found)] = list(
            self._database.rows(sql.sums.format(*span), "i" * 7)
        )
        self._lines = {span.first: str(first), span.last: str(last)}
        sums = Sums(*found)
        self.sums = Sums(*map(sum, zip(self.sums, sums)))
        if sums.flagged:
            for line, key in list(self._database.rows(sql.flagged.format(*span), "it")):
                self.flag(line, key)
        return Changes(created, updated)

    def _line_and_key(self, position: int) -> tuple[str, str]:
        if position in self._lines:
            return self._lines[position], ""
        query = self._sql.place.format(position, position)
        [(line, key)] = list(self._database.rows(query, "it"))
        return str(line), key
