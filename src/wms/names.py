"""Names that QuickBooks has already, so that nothing is sent under one of them."""

from __future__ import annotations

from collections.abc import Sequence

from src.kit import reading
from src.wms.cards import Card, title
from src.wms.fields import CUSTOMERS, ITEMS, KINDS, VENDORS, Kind
from src.wms.limits import NAME_TAKEN, folded
from src.wms.records import CREATE, MIRROR, QBD, MirrorHead
from src.wms.sides import Folders, Triple

_HEAD, _DELETED_AT = len(MirrorHead._fields), MirrorHead._fields.index("deleted_at")
# Customers and vendors share one space of names in QuickBooks; all items another.
_SPACES = {CUSTOMERS: (CUSTOMERS, VENDORS), VENDORS: (CUSTOMERS, VENDORS), ITEMS: (ITEMS,)}


class Names:
    """Who has which name in QuickBooks; read when it is asked for first."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._taken: dict[tuple[str, ...], dict[str, str]] = {}

    def checked(self, kind: Kind, cards: Sequence[Card], triple: Triple) -> list[Card]:
        """Return the cards of a record, those held that would take another's name."""
        return [self._checked(kind, card, triple) for card in cards]

    def _checked(self, kind: Kind, card: Card, triple: Triple) -> Card:
        is_new = card.action == CREATE and not card.field
        if card.target != QBD or not (is_new or card.field == "name"):
            return card
        if kind.type not in _SPACES or triple.stored is None:
            return card
        name = title(kind, triple.stored.cells) if is_new else card.sides.wms
        owner = self._owners(_SPACES[kind.type]).setdefault(folded(name), triple.wms_id)
        if owner in (triple.wms_id, triple.id):
            return card
        return card.held(NAME_TAKEN, f"{name!r} is the name of {owner}; rename one")

    def _owners(self, space: tuple[str, ...]) -> dict[str, str]:
        if space not in self._taken:
            self._taken[space] = self._read(space)
        return self._taken[space]

    def _read(self, space: tuple[str, ...]) -> dict[str, str]:
        """Return the id of each name's owner, of all mirrors that are there."""
        found: dict[str, str] = {}
        for kind in KINDS.values():
            path = self._folders.data / MIRROR[kind.name].name
            if kind.type in space and path.exists():
                rows = reading.table(path, MIRROR[kind.name])
                found.update(
                    (folded(title(kind, row[_HEAD:])), row[0])
                    for row in rows
                    if not row[_DELETED_AT]
                )
        return found
