"""The SQL of an import, written from its shape: compare, number, store, add up.

A row of the file is compared with what is stored under its id, and each gets one word:

    created      nothing is stored under its id
    updated      it is newer than what is stored, or what is stored names no moment
    completed    as old as what is stored, and it knows what was unknown
    unchanged    it says what is stored
    older        what is stored is newer
    superseded   the file has a newer row of its id
    repeated     the file has the same row of its id further up
    undated      without a moment nobody knows whether it or the other is newer
    disputed     as old as the other of its id, and it says something else

`r` is the row read, `a` what is stored, `w` the row of the file that counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from src.kit.database import Staging
from src.salespro.shapes import READ, SOURCE, UPDATED_AT, Field, Shape

CREATED, UPDATED, COMPLETED, UNCHANGED = "created updated completed unchanged".split()
OLDER, SUPERSEDED, REPEATED = "older superseded repeated".split()
UNDATED, DISPUTED = "undated disputed".split()
ACTING = (CREATED, UPDATED, COMPLETED)
STALE = (OLDER, SUPERSEDED, REPEATED)
HELD = (UNDATED, DISPUTED)
HISTORY = "salespro_sync_history"
LATEST = f"(SELECT max(id) FROM {HISTORY})"  # ours: the lock keeps others away

_KEY = "text PRIMARY KEY"
_PLACE = "integer PRIMARY KEY"
ORDER = Staging(
    "salespro_order", (("n", _PLACE), ("position", "integer"), ("id", "text"))
)
TWINS = Staging("salespro_twins", (("id", _KEY), ("newest", "timestamptz")))
FIRSTS = Staging("salespro_firsts", (("id", _KEY), ("position", "integer")))
ODD = Staging(
    "salespro_odd", (("position", _PLACE), ("word", "text"), ("other", "integer"))
)
_SUMS = tuple((name, "bigint") for name in ("won", "lost", "cents", "flagged"))
_NUMBERED = (
    *(("n", _PLACE), ("position", "integer"), ("line", "integer"), ("word", "text")),
    *_SUMS,
)
VERDICTS = Staging("salespro_verdicts", (*_NUMBERED, ("other", "integer")))
ACTS = Staging("salespro_acts", _NUMBERED)
SPANS = Staging(
    "salespro_spans", (("turn", _PLACE), ("first", "integer"), ("last", "integer"))
)

STAGINGS = (ORDER, TWINS, FIRSTS, ODD, VERDICTS, ACTS, SPANS)


class Statements(NamedTuple):
    """The SQL of one import, in the order in which it is used."""

    order: str
    twins: str
    firsts: str
    odd: str
    odd_firsts: str
    verdicts: str
    acts: str
    words: str
    held: str
    repeats: str
    create: str
    update: str
    sums: str
    flagged: str
    place: str
    total: str
    changes: str
    left: str


def written(shape: Shape, present: tuple[Field, ...], has_source: bool) -> Statements:
    """Return the statements for a file that has the fields `present`."""
    return _Writer(shape, present, has_source).statements()


class _Writer:
    def __init__(self, shape: Shape, present: tuple[Field, ...], has_source: bool) -> None:
        self._shape, self._present = shape, present
        self._key, self._table = shape.key.name, shape.table
        self._names = [f.name for f in present] + [SOURCE] * has_source
        self._is_dated = UPDATED_AT in self._names
        # The moment is compared apart; what has no column of its own decides nothing.
        self._compared = [n for n in self._names if n not in (UPDATED_AT, SOURCE)]

    def statements(self) -> Statements:
        """Return all of them."""
        key, table, read = self._key, self._table, READ
        newest = f"max(r.{UPDATED_AT})" if self._is_dated else "NULL"
        moment = f"r.{UPDATED_AT} IS NOT DISTINCT FROM t.newest" if self._is_dated else "1 = 1"
        row = f"FROM {ACTS.name} x JOIN {read} r ON r.position = x.position"
        return Statements(
            # In the order of the ids a batch touches few pages of the table and its index.
            order=f"INSERT INTO {ORDER.name} "
            f"SELECT row_number() OVER (ORDER BY {key}), position, {key} FROM {read}",
            twins=f"INSERT INTO {TWINS.name} SELECT o.id, {newest} FROM {ORDER.name} o "
            f"JOIN {read} r ON r.position = o.position WHERE {_neighbour('o.n - 1')} "
            f"OR {_neighbour('o.n + 1')} GROUP BY o.id",
            firsts=f"INSERT INTO {FIRSTS.name} SELECT r.{key}, min(r.position) "
            f"FROM {read} r JOIN {TWINS.name} t ON t.id = r.{key} WHERE {moment} "
            f"GROUP BY r.{key}",
            odd=self._odd(),
            odd_firsts=f"INSERT INTO {ODD.name} SELECT f.position, '{DISPUTED}', "
            f"min(r.line) FROM {FIRSTS.name} f JOIN {read} r ON r.{key} = f.id "
            f"JOIN {ODD.name} o ON o.position = r.position "
            f"WHERE o.word = '{DISPUTED}' GROUP BY f.position",
            verdicts=self._verdicts(),
            acts=f"INSERT INTO {ACTS.name} "
            "SELECT row_number() OVER (ORDER BY v.n), v.position, v.line, v.word, "
            f"v.won, v.lost, v.cents, v.flagged FROM {VERDICTS.name} v "
            f"WHERE v.word IN ({_listed(ACTING)})",
            words=f"SELECT word, count(*), sum(flagged) FROM {VERDICTS.name} GROUP BY word",
            held=self._listing(HELD),
            repeats=self._listing((SUPERSEDED, REPEATED)),
            create=self._create(),
            update=self._update(),
            sums="SELECT min(x.line), max(x.line), sum(x.won), sum(x.lost), "
            f"sum(x.cents), sum(x.flagged) FROM {ACTS.name} x {_in_span()}",
            flagged=f"SELECT r.line, r.{key} {row} {_in_span()} AND x.flagged = 1 "
            "ORDER BY x.n",
            place=f"SELECT r.line, r.{key} {row} {_in_span()}",
            total=f"SELECT COALESCE(sum({_cents('sale_amount')}), 0) FROM {table}",
            changes=self._differences(f"v.word IN ({_listed(ACTING)})"),
            left=self._differences(f"v.word IN ({_listed((*STALE, *HELD))})"),
        )

    # --- rows of one id in the file ---------------------------------------------------

    def _odd(self) -> str:
        differs = _any(f"r.{n} IS DISTINCT FROM w.{n}" for n in [*self._compared, *self._rest()])
        dated = (
            f"WHEN r.{UPDATED_AT} < t.newest THEN '{SUPERSEDED}' "
            f"WHEN r.{UPDATED_AT} IS NULL AND t.newest IS NOT NULL THEN '{UNDATED}' "
        )
        return (
            f"INSERT INTO {ODD.name} SELECT r.position, "
            f"CASE {dated if self._is_dated else ''}"
            f"WHEN {differs} THEN '{DISPUTED}' ELSE '{REPEATED}' END, w.line "
            f"FROM {READ} r JOIN {TWINS.name} t ON t.id = r.{self._key} "
            f"JOIN {FIRSTS.name} f ON f.id = r.{self._key} "
            f"JOIN {READ} w ON w.position = f.position WHERE r.position <> f.position"
        )

    def _rest(self) -> list[str]:
        return [n for n in self._names if n == SOURCE]

    # --- a row and what is stored -----------------------------------------------------

    def _verdicts(self) -> str:
        return (
            f"INSERT INTO {VERDICTS.name} SELECT n.n, r.position, r.line, "
            f"COALESCE(o.word, CASE WHEN a.{self._key} IS NULL THEN '{CREATED}' "
            f"{self._compare()} END), {', '.join(self._changed_sums())}, o.other "
            f"FROM {ORDER.name} n JOIN {READ} r ON r.position = n.position LEFT JOIN {self._table} a ON a.{self._key} = r.{self._key} "
            f"LEFT JOIN {ODD.name} o ON o.position = r.position"
        )

    def _compare(self) -> str:
        differs = _any(f"r.{n} IS DISTINCT FROM a.{n}" for n in self._compared)
        if not self._is_dated:
            differs = _any([differs, *(f"r.{n} IS DISTINCT FROM a.{n}" for n in self._rest())])
            return f"WHEN {differs} THEN '{UPDATED}' ELSE '{UNCHANGED}'"
        conflicts = _any(
            f"(a.{n} IS NOT NULL AND r.{n} IS DISTINCT FROM a.{n})" for n in self._compared
        )
        other_source = _any(f"r.{n} IS DISTINCT FROM a.{n}" for n in self._rest())
        return (
            f"WHEN r.{UPDATED_AT} < a.{UPDATED_AT} THEN '{OLDER}' "
            f"WHEN r.{UPDATED_AT} > a.{UPDATED_AT} THEN '{UPDATED}' "
            f"WHEN r.{UPDATED_AT} IS NOT NULL AND a.{UPDATED_AT} IS NULL THEN '{UPDATED}' "
            f"WHEN r.{UPDATED_AT} IS NULL AND {differs} THEN '{UNDATED}' "
            f"WHEN r.{UPDATED_AT} IS NULL THEN '{UNCHANGED}' "
            f"WHEN {conflicts} THEN '{DISPUTED}' "
            f"WHEN {_any([differs, other_source])} THEN '{COMPLETED}' "
            f"ELSE '{UNCHANGED}'"
        )

    def _changed_sums(self) -> list[str]:
        """Return what storing a row changes: sales won, lost, cents, and its flag."""
        if not self._shape.has_sales:
            return ["0", "0", "0", "0"]
        sale, amount = self._after("is_sale"), self._after("sale_amount")
        is_sale, was_sale = f"COALESCE({sale}, false)", "COALESCE(a.is_sale, false)"
        return [
            f"CASE WHEN {is_sale} AND NOT {was_sale} THEN 1 ELSE 0 END",
            f"CASE WHEN {was_sale} AND NOT {is_sale} THEN 1 ELSE 0 END",
            f"{_cents(amount)} - {_cents('a.sale_amount')}",
            f"CASE WHEN {is_sale} AND {amount} IS NULL THEN 1 ELSE 0 END",
        ]

    def _after(self, name: str) -> str:
        return f"{'r' if name in self._names else 'a'}.{name}"

    # --- storing ----------------------------------------------------------------------

    def _create(self) -> str:
        names = [self._key, *(f.name for f in self._shape.fields), SOURCE]
        return (
            f"INSERT INTO {self._table} ({', '.join(names)}, imported_at) "
            f"SELECT {', '.join(f'r.{n}' for n in names)}, h.started_at "
            f"FROM {ACTS.name} x JOIN {READ} r ON r.position = x.position "
            f"JOIN {HISTORY} h ON h.id = {LATEST} {_in_span()} AND x.word = '{CREATED}'"
        )

    def _update(self) -> str:
        sets = [f"{n} = r.{n}" for n in self._names]
        return (
            f"UPDATE {self._table} SET {', '.join(sets)}, imported_at = h.started_at "
            f"FROM {ACTS.name} x JOIN {READ} r ON r.position = x.position "
            f"JOIN {HISTORY} h ON h.id = {LATEST} {_in_span()} AND x.word <> '{CREATED}' "
            f"AND {self._table}.{self._key} = r.{self._key}"
        )

    # --- looking ----------------------------------------------------------------------

    def _listing(self, words: Iterable[str]) -> str:
        """Return the query of line, id, word and the other's line of some verdicts."""
        return (
            f"SELECT r.line, r.{self._key}, v.word, v.other FROM {VERDICTS.name} v "
            f"JOIN {READ} r ON r.position = v.position "
            f"WHERE v.word IN ({_listed(words)}) ORDER BY v.position"
        )

    def _differences(self, which: str) -> str:
        """Return the query of line, id, word, other's line, and each field twice."""
        pairs = [f"a.{n}, r.{n}" for n in self._names]
        return (
            f"SELECT r.line, r.{self._key}, v.word, v.other, {', '.join(pairs)} "
            f"FROM {VERDICTS.name} v JOIN {READ} r ON r.position = v.position "
            f"LEFT JOIN {self._table} a ON a.{self._key} = r.{self._key} "
            f"WHERE {which} ORDER BY v.position"
        )


_TURN = f"(SELECT max(turn) FROM {SPANS.name})"


def _in_span() -> str:
    ends = (
        f"(SELECT s.{end} FROM {SPANS.name} s WHERE s.turn = {_TURN})"
        for end in ("first", "last")
    )
    return "WHERE x.n BETWEEN {} AND {}".format(*ends)


def _neighbour(n: str) -> str:
    return f"EXISTS (SELECT 1 FROM {ORDER.name} p WHERE p.n = {n} AND p.id = o.id)"


def _cents(amount: str) -> str:
    return f"COALESCE(CAST(ROUND({amount} * 100) AS BIGINT), 0)"


def _any(conditions: Iterable[str]) -> str:
    return "({})".format(" OR ".join(conditions) or "1 = 0")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
