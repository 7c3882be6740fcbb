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

What the file has counts, blanks included, what it lacks stays: columns without a home
too, so their row is first merged into what is stored (`Blending`).

`r` is the row read, `a` what is stored, `w` the row of the file that counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
_SUMS = tuple((name, "bigint") for name in "won lost cents sold flagged".split())
_PLACES = (("n", _PLACE), ("position", "integer"), ("line", "integer"))
ORDER = Staging(
    "salespro_order",
    (
        *_PLACES,
        ("id", "text"),
        ("won", "bigint"),
        ("cents", "bigint"),
        ("sold", "bigint"),
        ("flagged", "bigint"),
    ),
)
TWINS = Staging("salespro_twins", (("id", _KEY), ("newest", "timestamptz")))
FIRSTS = Staging("salespro_firsts", (("id", _KEY), ("position", "integer")))
ODD = Staging("salespro_odd", (("n", _PLACE), ("word", "text"), ("other", "integer")))
_NUMBERED = (*_PLACES, ("word", "text"), *_SUMS, ("other", "integer"))
VERDICTS = Staging("salespro_verdicts", _NUMBERED)
ACTS = Staging("salespro_acts", _NUMBERED)
BLENDS = Staging(
    "salespro_blends",
    (("position", _PLACE), (SOURCE, "jsonb"), ("contradicts", "boolean")),
)
STAGINGS = (ORDER, TWINS, FIRSTS, ODD, BLENDS, VERDICTS, ACTS)
# Stands for a batch's first and last number, which are ours and no values: a planner
# that sees them knows how few rows it is about.
SPAN = "x.n BETWEEN {} AND {}"


class Blending(NamedTuple):
    """The statements for columns without a home that differ from what is stored."""

    differing: str  # of some rows: position, stored, read
    merge: str


class Comparing(NamedTuple):
    """The statements that give each row its word, in their order."""

    order: str
    twins: str
    firsts: str
    odd: str
    odd_firsts: str
    blending: Blending
    verdicts: tuple[str, str, str]
    acts: str


class Statements(NamedTuple):
    """The SQL of one import; those of a batch have its ends to be filled in."""

    comparing: Comparing
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


def written(
    shape: Shape, present: Sequence[Field], acts: Staging = ACTS
) -> Statements:
    """Return the statements for a file that has the fields `present`.

    `acts` is where the rows to be stored are numbered.
    """
    return _Writer(shape, present, acts.name).statements()


class _Writer:
    def __init__(self, shape: Shape, present: Sequence[Field], acts: str) -> None:
        self._shape, self._acts = shape, acts
        self._key, self._table = shape.key.name, shape.table
        self._names = [field.name for field in present]
        self._is_dated = UPDATED_AT in self._names
        self._compared = [n for n in self._names if n != UPDATED_AT]

    def statements(self) -> Statements:
        """Return all of them."""
        row = f"FROM {self._acts} x JOIN {READ} r ON r.position = x.position"
        return Statements(
            comparing=self._comparing(),
            words=f"SELECT word, count(*) FROM {VERDICTS.name} GROUP BY word",
            held=self._listing(HELD),
            repeats=self._listing((SUPERSEDED, REPEATED)),
            create=self._create(),
            update=self._update(),
            sums="SELECT min(x.line), max(x.line), sum(x.won), sum(x.lost), "
            f"sum(x.cents), sum(x.sold), sum(x.flagged) FROM {self._acts} x WHERE {SPAN}",
            flagged=f"SELECT x.line, r.{self._key} {row} "
            f"WHERE {SPAN} AND x.flagged = 1 ORDER BY x.n",
            place=f"SELECT x.line, r.{self._key} {row} WHERE {SPAN}",
            total=f"SELECT COALESCE(sum({_cents('sale_amount')}), 0) "
            f"FROM {self._table}",
            changes=self._differences(ACTING),
            left=self._listing((*STALE, *HELD)),
        )

    # --- rows of one id in the file ---------------------------------------------------

    def _comparing(self) -> Comparing:
        newest = f"max(r.{UPDATED_AT})" if self._is_dated else "NULL"
        moment = (
            f"r.{UPDATED_AT} IS NOT DISTINCT FROM t.newest"
            if self._is_dated
            else "1 = 1"
        )
        order, read = ORDER.name, f"{READ} r ON r.position = o.position"
        twins = f"FROM {order} o JOIN {TWINS.name} t ON t.id = o.id JOIN {read}"
        return Comparing(
            order=self._order(),
            twins=f"INSERT INTO {TWINS.name} SELECT o.id, {newest} FROM {order} o "
            f"JOIN {read} WHERE o.id IN (SELECT p.id FROM {order} p "
            f"JOIN {order} q ON q.n = p.n + 1 AND q.id = p.id) GROUP BY o.id",
            firsts=f"INSERT INTO {FIRSTS.name} SELECT o.id, min(o.position) {twins} "
            f"WHERE {moment} GROUP BY o.id",
            odd=self._odd(twins),
            odd_firsts=f"INSERT INTO {ODD.name} SELECT o.n, '{DISPUTED}', d.other "
            f"FROM {order} o JOIN {FIRSTS.name} f ON f.position = o.position "
            f"JOIN (SELECT m.id, min(m.line) AS other FROM {order} m "
            f"JOIN {ODD.name} w ON w.n = m.n WHERE w.word = '{DISPUTED}' "
            "GROUP BY m.id) d ON d.id = o.id",
            blending=self._blending(),
            verdicts=self._verdicts(),
            acts=f"INSERT INTO {ACTS.name} "
            "SELECT row_number() OVER (ORDER BY v.n), v.position, v.line, v.word, "
            f"v.won, v.lost, v.cents, v.sold, v.flagged, v.other FROM {VERDICTS.name} v "
            f"WHERE v.word IN ({_listed(ACTING)})",
        )

    def _order(self) -> str:
        """Number the rows by id: a batch then touches few pages of table and index."""
        won, cents, sold, flagged = "0", "0", "0", "0"
        if self._shape.has_sales:
            won = "CASE WHEN is_sale THEN 1 ELSE 0 END"
            cents = _cents("sale_amount")
            sold = f"CASE WHEN is_sale THEN {cents} ELSE 0 END"
            flagged = "CASE WHEN is_sale AND sale_amount IS NULL THEN 1 ELSE 0 END"
        return (
            f"INSERT INTO {ORDER.name} "
            f"SELECT row_number() OVER (ORDER BY {self._key}), position, line, "
            f"{self._key}, {won}, {cents}, {sold}, {flagged} FROM {READ}"
        )

    def _odd(self, twins: str) -> str:
        differs = _any(f"r.{n} IS DISTINCT FROM w.{n}" for n in self._compared)
        dated = (
            f"WHEN r.{UPDATED_AT} < t.newest THEN '{SUPERSEDED}' "
            f"WHEN r.{UPDATED_AT} IS NULL AND t.newest IS NOT NULL THEN '{UNDATED}' "
        )
        return (
            f"INSERT INTO {ODD.name} SELECT o.n, CASE {dated if self._is_dated else ''}"
            f"WHEN {differs} THEN '{DISPUTED}' ELSE '{REPEATED}' END, w.line {twins} "
            f"JOIN {FIRSTS.name} f ON f.id = o.id "
            f"JOIN {READ} w ON w.position = f.position WHERE o.position <> f.position"
        )

    # --- a row and what is stored -----------------------------------------------------

    def _blending(self) -> Blending:
        return Blending(
            f"SELECT x.position, CAST(a.{SOURCE} AS text), CAST(r.{SOURCE} AS text) "
            f"FROM {ORDER.name} x "
            f"JOIN {self._table} a ON a.{self._key} = x.id "
            f"JOIN {READ} r ON r.position = x.position "
            f"WHERE {SPAN} AND r.{SOURCE} IS DISTINCT FROM a.{SOURCE}",
            f"UPDATE {READ} SET {SOURCE} = b.{SOURCE} FROM {BLENDS.name} b "
            f"WHERE b.position = {READ}.position",
        )

    def _verdicts(self) -> tuple[str, str, str]:
        """Return one for rows that are odd, that are new, and that are known."""
        into = f"INSERT INTO {VERDICTS.name} SELECT n.n, n.position, n.line, "
        sums = ", ".join(self._changed_sums())
        known = f"{self._table} a ON a.{self._key} = n.id"
        is_odd = f"EXISTS (SELECT 1 FROM {ODD.name} o WHERE o.n = n.n)"
        return (
            f"{into} o.word, n.won, 0, n.cents, n.sold, n.flagged, o.other "
            f"FROM {ORDER.name} n JOIN {ODD.name} o ON o.n = n.n",
            f"{into} '{CREATED}', n.won, 0, n.cents, n.sold, n.flagged, NULL "
            f"FROM {ORDER.name} n LEFT JOIN {known} "
            f"WHERE a.{self._key} IS NULL AND NOT {is_odd}",
            f"{into} CASE {self._compare()} END, {sums}, NULL "
            f"FROM {ORDER.name} n JOIN {known} "
            f"JOIN {READ} r ON r.position = n.position WHERE NOT {is_odd}",
        )

    def _compare(self) -> str:
        differs = _any(f"r.{n} IS DISTINCT FROM a.{n}" for n in self._compared)
        if not self._is_dated:
            return (
                f"WHEN NOT {differs} THEN '{UNCHANGED}' "
                f"WHEN a.{UPDATED_AT} IS NULL THEN '{UPDATED}' ELSE '{UNDATED}'"
            )
        return (
            f"WHEN r.{UPDATED_AT} < a.{UPDATED_AT} THEN '{OLDER}' "
            f"WHEN r.{UPDATED_AT} > a.{UPDATED_AT} THEN '{UPDATED}' "
            f"WHEN r.{UPDATED_AT} IS NOT NULL AND a.{UPDATED_AT} IS NULL "
            f"THEN '{UPDATED}' "
            f"WHEN NOT {differs} THEN '{UNCHANGED}' "
            f"WHEN r.{UPDATED_AT} IS NULL THEN '{UNDATED}' "
            f"WHEN {_any(map(self._contradicts, self._compared))} THEN '{DISPUTED}' "
            f"ELSE '{COMPLETED}'"
        )

    def _contradicts(self, name: str) -> str:
        if name == SOURCE:
            return (
                f"EXISTS (SELECT 1 FROM {BLENDS.name} b "
                "WHERE b.position = r.position AND b.contradicts)"
            )
        return f"(a.{name} IS NOT NULL AND r.{name} IS DISTINCT FROM a.{name})"

    def _changed_sums(self) -> list[str]:
        """Return what storing a row changes: won, lost, cents, those of sales, flag."""
        if not self._shape.has_sales:
            return ["0", "0", "0", "0", "0"]
        sale, amount = self._after("is_sale"), self._after("sale_amount")
        is_sale, was_sale = f"COALESCE({sale}, false)", "COALESCE(a.is_sale, false)"
        cents, before = _cents(amount), _cents("a.sale_amount")
        return [
            f"CASE WHEN {is_sale} AND NOT {was_sale} THEN 1 ELSE 0 END",
            f"CASE WHEN {was_sale} AND NOT {is_sale} THEN 1 ELSE 0 END",
            f"{cents} - {before}",
            f"CASE WHEN {is_sale} THEN {cents} ELSE 0 END "
            f"- CASE WHEN {was_sale} THEN {before} ELSE 0 END",
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
            f"FROM {self._acts} x JOIN {READ} r ON r.position = x.position "
            f"JOIN {HISTORY} h ON h.id = {LATEST} WHERE {SPAN} AND x.word = '{CREATED}'"
        )

    def _update(self) -> str:
        sets = [f"{n} = r.{n}" for n in self._names]
        return (
            f"UPDATE {self._table} SET {', '.join(sets)}, imported_at = h.started_at "
            f"FROM {self._acts} x JOIN {READ} r ON r.position = x.position "
            f"JOIN {HISTORY} h ON h.id = {LATEST} "
            f"WHERE {SPAN} AND x.word <> '{CREATED}' "
            f"AND {self._table}.{self._key} = r.{self._key}"
        )

    # --- looking ----------------------------------------------------------------------

    def _listing(self, words: Iterable[str]) -> str:
        """Return the query of line, id, word and the other's line of some verdicts."""
        return (
            f"SELECT v.line, r.{self._key}, v.word, v.other FROM {VERDICTS.name} v "
            f"JOIN {READ} r ON r.position = v.position "
            f"WHERE v.word IN ({_listed(words)}) ORDER BY v.position"
        )

    def _differences(self, words: Iterable[str]) -> str:
        """Return the query of line, id, word, other's line, and each field twice."""
        pairs = [f"a.{n}, r.{n}" for n in self._names]
        return (
            f"SELECT v.line, r.{self._key}, v.word, v.other, {', '.join(pairs)} "
            f"FROM {VERDICTS.name} v JOIN {READ} r ON r.position = v.position "
            f"LEFT JOIN {self._table} a ON a.{self._key} = r.{self._key} "
            f"WHERE v.word IN ({_listed(words)}) ORDER BY v.position"
        )


def _cents(amount: str) -> str:
    return f"COALESCE(CAST(ROUND({amount} * 100) AS BIGINT), 0)"


def _any(conditions: Iterable[str]) -> str:
    return "({})".format(" OR ".join(conditions) or "1 = 0")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
