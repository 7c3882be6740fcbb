"""Effects in a company that does not give marks back: told by what was not there before.

Before the first intent the ids of all attachables are written down. What is there later
under another id, with the owner, name and size of an open attempt, is that attempt's: a
person's own upload from before is never taken for ours.
"""

from pathlib import Path
from typing import NamedTuple

from src.adapters.qbo import Attachables
from src.config import normalize_sent_name
from src.kit import cells, reading, tables
from src.kit.answers import Found
from src.kit.errors import Refused
from src.kit.requests import Item
from src.kit.tables import GENERATED, Table


class Before(NamedTuple):
    """One attachable that was there before the first intent."""

    attachable_id: str


TABLE = Table("LOG_DIR", "qbo_attach_before.csv", Before, GENERATED, "make attach")


class Unmarked:
    """The look-ups of exactly-once delivery, without marks."""

    def __init__(self, looks: Attachables, before: Path) -> None:
        self._looks, self._path = looks, before

    def list_all(self, had_history: bool) -> dict[str, list[Found]]:
        """Return what came since the ids were written down, by label.

        Raises Refused where there were runs before, and their ids are gone.
        """
        if not self._path.exists() and not had_history:
            return {}
        if not self._path.exists():
            raise Refused(
                f"{TABLE.place}: not found; marks do not come back from this company, so "
                "nothing tells what the last run sent from what was there before: look "
                'there yourself, then run "make reconcile"'
            )
        before = {row.attachable_id for row in reading.table(self._path, TABLE)}
        found: dict[str, list[Found]] = {}
        for one in self._looks.everything():
            if one.remote_id not in before:
                place = _label(one.entity_type, one.entity_id, one.name, one.size)
                found.setdefault(place, []).append(one)
        return found

    def begin(self) -> None:
        """Write down what is there now; nothing is on its way and nothing in doubt."""
        rows = (Before(one.remote_id) for one in self._looks.everything())
        tables.write(self._path, Before, rows)


def label(item: Item) -> str:
    """Return what tells an item's effect, empty where its file is gone."""
    file = item.cargo
    if file is None:
        return ""
    name = normalize_sent_name(file.name)
    return _label(file.entity_type, file.entity_id, name, file.size)


def _label(entity_type: str, entity_id: str, name: str, size: int) -> str:
    return cells.SEPARATOR.join((entity_type.casefold(), entity_id, name, str(size)))
