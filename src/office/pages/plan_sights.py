"""Which plans there are to read, and how each is read: as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from src.attachments import records as attachments
from src.customers import records as customers
from src.kit.tables import Table, header
from src.mis import records as mis
from src.salespro import records as salespro
from src.wms import records as wms

_LEAVE = {"skip": "leave it out", "hold": "keep it for later"}
_AS_PROPOSED = {"empty": "as proposed; what is held waits"}


class Sight(NamedTuple):
    """How a plan is looked at."""

    table: Table
    about: str  # what it plans
    apply: str  # the command that carries it out
    record: tuple[str, ...]  # columns that say which record a row is about
    action: str  # the column that says what is proposed
    type: str = ""  # the column that says of which type it is
    waits: frozenset[str] = frozenset()  # actions that a person has to decide
    goes: frozenset[str] = frozenset()  # or, instead: all others wait
    words: Mapping[str, str] = {}  # that people may put into `decision`
    lost: str = ""  # a column that is filled where one of two changes is lost
    hidden: tuple[str, ...] = ()  # columns that nobody is shown

    @property
    def name(self) -> str:
        """Return what the plan is called in addresses."""
        return self.table.name.removesuffix(".csv")

    @property
    def columns(self) -> list[str]:
        """Return its columns."""
        return header(self.table.row)

    @property
    def takes_decisions(self) -> bool:
        """Return whether people decide in it."""
        return "decision" in self.columns

    def is_waiting(self, action: str) -> bool:
        """Return whether what is proposed waits for a person."""
        return action in self.waits or bool(self.goes and action not in self.goes)


PLANS = {
    sight.name: sight
    for sight in (
        Sight(
            attachments.PLAN,
            "Which files are attached, and to what",
            "make attach",
            ("row",),
            "status",
            "qbo_entity_type",
            goes=attachments.SENT_WITHOUT_DECISION,
            words={
                "empty": "as proposed: ok and large_warning are sent, all others wait",
                "send": "send it although the status says otherwise",
                "link:<type>:<id>": "attach it to this record instead",
                "adopt:<id>": "it is there already, as this attachable",
                **_LEAVE,
            },
        ),
        Sight(
            customers.PLAN,
            "What becomes of the customers of an export",
            "make customers-import",
            ("row",),
            "action",
            "rung",
            waits=frozenset({customers.HOLD}),
            words={
                "empty, approve": "as proposed; on a held rename, that it is right",
                "create": "it is a new customer",
                "link:<customer id>": "it is this one",
                **_LEAVE,
            },
        ),
        Sight(
            salespro.PLAN,
            "What an import of appointments would change: a preview, nothing is decided",
            "make salespro FILE=export.csv",
            ("line", "id"),
            "action",
            waits=frozenset({"held"}),
        ),
        Sight(
            wms.PLAN,
            "What is written to the warehouse and to QuickBooks Desktop, a row per field",
            wms.APPLY,
            ("kind", "wms_id", "id"),
            "action",
            "type",
            waits=frozenset({wms.HOLD}),
            words={
                "empty, approve": "as proposed",
                "wms, qbd": "this side wins",
                "link:<id>, create": "it is this one; it is a new one",
                **_LEAVE,
            },
            lost="discarded",
        ),
        Sight(
            mis.PLAN,
            "Which customers are created, changed or linked in QuickBooks Online",
            mis.PUSH,
            ("row",),
            "action",
            "type",
            waits=frozenset({mis.HOLD}),
            words={
                **_AS_PROPOSED,
                "approve": "of a held row: do what its payload says",
                "link:<id>": "the person is this customer; then make mis-plan again",
                **_LEAVE,
            },
            # They hold what people are known by, national ids among it.
            hidden=("payload", "before"),
        ),
    )
}
