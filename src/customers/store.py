"""The database's side of the customers: what the ladder finds, states, and how they are
written. Values travel in staging tables; the statements are the same everywhere.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from src.config import normalize_customer_name
from src.customers import states
from src.customers.ladder import Hit, Incoming
from src.customers.states import State
from src.kit.database import Database, Staging

INCOMING = Staging(
    "incoming",
    (
        ("line", "integer PRIMARY KEY"),
        ("quickbooks_id", "varchar(64)"),
        ("name", "varchar(255)"),
        ("normalized_name", "text"),
        ("new_id", "varchar(64)"),
        ("digest", "varchar(32)"),
        ("judged", "varchar(64)"),
    ),
)
FOUND = Staging(
    "found",
    (
        ("line", "integer PRIMARY KEY"),
        ("rung", "integer"),
        ("hits", "integer"),
        ("customer_id", "varchar(64)"),
    ),
)
LINES = Staging("lines", (("line", "integer PRIMARY KEY"),))
NAMED = Staging(
    "named",
    (
        ("customer_id", "varchar(64) PRIMARY KEY"),
        ("quickbooks_id", "varchar(64)"),
        ("normalized_name", "text"),
    ),
)
TARGET = Staging("target", (("id", "varchar(64) PRIMARY KEY"),))

_UNFOUND = "NOT EXISTS (SELECT 1 FROM found f WHERE f.line = i.line)"
# A name joins two records only where at most one of them has a QuickBooks id.
_MAY_JOIN = "(i.quickbooks_id IS NULL OR c.quickbooks_id IS NULL)"
_BY_NAME = f"c.name = i.name AND i.normalized_name <> '' AND {_MAY_JOIN}"
_BY_NORMALIZED = (
    f"c.normalized_name = i.normalized_name AND i.normalized_name <> '' AND {_MAY_JOIN}"
)
_CLIMB = (
    """
    INSERT INTO found SELECT i.line, 0, 1, c.id
    FROM incoming i JOIN customers c ON c.id = i.judged
    """,
    f"""
    INSERT INTO found SELECT i.line, 1, 1, c.id
    FROM incoming i JOIN customers c ON c.quickbooks_id = i.quickbooks_id
    WHERE {_UNFOUND}
    """,
    f"""
    INSERT INTO found SELECT i.line, 2, COUNT(*), MIN(c.id)
    FROM incoming i JOIN customers c ON {_BY_NAME}
    WHERE i.judged IS NULL AND {_UNFOUND} GROUP BY i.line
    """,
    f"""
    INSERT INTO found SELECT i.line, 3, COUNT(*), MIN(c.id)
    FROM incoming i JOIN customers c ON {_BY_NORMALIZED}
    WHERE i.judged IS NULL AND {_UNFOUND} GROUP BY i.line
    """,
)
# `IN` and not a join: SQLite would look at all rows for each of the shared.
_SHARED_ID = """
    SELECT line, quickbooks_id, name, digest FROM incoming
    WHERE quickbooks_id IN (
        SELECT quickbooks_id FROM incoming WHERE quickbooks_id IS NOT NULL
        GROUP BY quickbooks_id HAVING COUNT(*) > 1
    )
    ORDER BY quickbooks_id, line
"""
_SHARED_NAME = """
    SELECT normalized_name, line, quickbooks_id, name, digest FROM incoming
    WHERE judged IS NULL AND normalized_name IN (
        SELECT normalized_name FROM incoming
        WHERE normalized_name <> '' AND judged IS NULL
        GROUP BY normalized_name
        HAVING COUNT(*) > 1 AND COUNT(quickbooks_id) < COUNT(*)
    )
    ORDER BY normalized_name, line
"""
_CLAIMED = """
    SELECT f.line, f.rung, f.hits, f.customer_id, COALESCE(i.quickbooks_id, '')
    FROM found f JOIN incoming i ON i.line = f.line
    WHERE f.hits = 1 AND f.customer_id IN (
        SELECT customer_id FROM found WHERE hits = 1
        GROUP BY customer_id HAVING COUNT(*) > 1
    )
    ORDER BY f.customer_id, f.line
"""
_TAKEN = f"""
    SELECT i.line, c.name FROM incoming i JOIN customers c ON c.id = i.new_id
    WHERE {_UNFOUND}
"""
# SQLite begins with the left table of a CROSS JOIN, here with the few rows asked for;
# left to itself it may begin with the large one.
_HITS = """
    SELECT f.line, f.rung, f.hits, f.customer_id
    FROM lines CROSS JOIN found f WHERE f.line = lines.line
"""
_CANDIDATES = """
    SELECT line, id, name FROM (
        SELECT i.line, c.id, c.name,
            ROW_NUMBER() OVER (PARTITION BY i.line ORDER BY c.id) AS place
        FROM lines CROSS JOIN found f CROSS JOIN incoming i
        JOIN customers c ON {condition}
        WHERE f.line = lines.line AND f.hits > 1 AND f.rung = {rung}
        AND i.line = f.line
    ) numbered WHERE place <= 5 ORDER BY line, place
"""


class Candidate(NamedTuple):
    """One of several stored customers that a row may mean."""

    customer_id: str
    name: str

    @property
    def shown(self) -> str:
        """Return it as a plan names it."""
        return f"{self.customer_id} {self.name}"


class Climb:
    """The rows of a file beside what is stored: one climb of the ladder for all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, rows: Iterable[Sequence[str | int | None]]) -> None:
        """Take the rows of a file (see INCOMING) and look on every rung."""
        database = self._database
        database.stage(INCOMING)
        database.load(INCOMING, rows)
        database.settle(INCOMING)
        database.stage(FOUND)
        for statement in _CLIMB:
            database.run(statement)
        database.settle(FOUND)

    def shared_ids(self) -> Iterator[Incoming]:
        """Yield the rows that share their QuickBooks id with another."""
        for line, quickbooks_id, name, digest in self._database.rows(_SHARED_ID, "ittt"):
            yield Incoming(line, quickbooks_id, name, digest)

    def shared_names(self) -> Iterator[tuple[str, Incoming]]:
        """Yield (normalized name, row) where one of several rows has no id."""
        for name, line, known, raw, digest in self._database.rows(_SHARED_NAME, "tittt"):
            yield name, Incoming(line, known or "", raw, digest)

    def claimed(self) -> Iterator[Hit]:
        """Yield the hits on records that several rows mean."""
        yield from (Hit(*row) for row in self._database.rows(_CLAIMED, "iiitt"))

    def taken(self) -> dict[int, str]:
        """Return the rows whose new id a stored customer has: line → its name."""
        return dict(self._database.rows(_TAKEN, "it"))  # type: ignore[arg-type]

    def hits(self, lines: Iterable[int]) -> dict[int, Hit]:
        """Return what was found for some lines."""
        self._database.stage(LINES)
        self._database.load(LINES, ((line,) for line in lines))
        found = (Hit(*row) for row in self._database.rows(_HITS, "iiit"))
        return {hit.line: hit for hit in found}

    def candidates(self) -> dict[int, list[Candidate]]:
        """Return up to five candidates for each ambiguous line of the last `hits`."""
        found: dict[int, list[Candidate]] = defaultdict(list)
        for rung, condition in ((2, _BY_NAME), (3, _BY_NORMALIZED)):
            query = _CANDIDATES.format(condition=condition, rung=rung)
            for line, customer_id, name in self._database.rows(query, "itt"):
                found[line].append(Candidate(customer_id, name))
        return found


_NAMESAKES = f"""
    SELECT i.customer_id, c.id, c.name
    FROM named i JOIN customers c ON {_BY_NORMALIZED}
    WHERE c.id <> i.customer_id ORDER BY i.customer_id, c.id DESC
"""


def namesakes(
    database: Database, asked: Iterable[tuple[str, str, str]]
) -> list[tuple[str, Candidate]]:
    """Return who has the name of new customers (id, QuickBooks id, name) already."""
    rows = [(key, known or None, normalize_customer_name(n)) for key, known, n in asked]
    if not rows:
        return []
    database.stage(NAMED)
    database.load(NAMED, rows)
    found = database.rows(_NAMESAKES, "ttt")
    return [(key, Candidate(other, name)) for key, other, name in found]


# --- states ---------------------------------------------------------------------------

_STORED = """
    SELECT c.id, c.quickbooks_id, c.name, c.company_domain, c.company_name, c.first_name,
        c.middle_name, c.last_name, c.status, c.account_number, c.customer_type, c.terms,
        c.tax_code, c.tax_item, c.resale_number, c.credit_limit, c.quickbooks_created_on,
        c.quickbooks_modified_on, c.source_data,
        b.line1, b.line2, b.line3, b.city, b.state, b.postal_code, b.country,
        s.line1, s.line2, s.line3, s.city, s.state, s.postal_code, s.country
    FROM target JOIN customers c ON c.id = target.id
    LEFT JOIN addresses b ON b.id = c.billing_address_id
    LEFT JOIN addresses s ON s.id = c.shipping_address_id
"""
_KINDS = "t" + "t" * 14 + "m" + "tt" + "j" + "t" * 14
_CONTACTS = """
    SELECT x.customer_id, x.{value}, x.type, x.is_primary
    FROM target CROSS JOIN customer_{table} x WHERE x.customer_id = target.id
    ORDER BY x.customer_id, x.{value}
"""


def read(database: Database, ids: Iterable[str]) -> dict[str, State]:
    """Return the states of the customers with these ids, those that there are."""
    database.stage(TARGET)
    database.load(TARGET, [(customer_id,) for customer_id in dict.fromkeys(ids)])
    found = {row[0]: _state(row[1:]) for row in database.rows(_STORED, _KINDS)}
    for field, value in (("emails", "email"), ("phones", "phone")):
        query = _CONTACTS.format(value=value, table=field)
        kinds: dict[str, dict[str, str]] = defaultdict(dict)
        first: dict[str, str] = {}
        for customer_id, text, kind, is_primary in database.rows(query, "tttb"):
            kinds[customer_id][text] = kind
            if is_primary or customer_id not in first:
                first[customer_id] = text
        for customer_id, contacts in kinds.items():
            found[customer_id][field] = states.listed(contacts, first[customer_id])
    return found


def _state(cells: Sequence) -> State:
    texts, source, address = cells[:17], cells[17], cells[18:]
    state: State = {**states.BLANK}
    for field, value in zip(states.TEXTS, texts):
        state[field] = "" if value is None else str(value)
    state["source_data"] = json.loads(source)
    for field, fields in zip(states.ADDRESSES, (address[:7], address[7:])):
        state[field] = [] if fields[0] is None else list(fields)
    return state
