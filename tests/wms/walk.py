"""A walk at random: both sides are edited, things fail and die, and it is synchronized."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from src.adapters.conductor import CREATE, Change
from src.adapters.fakes.conductor.refusal import Refusal
from src.kit import reading
from src.kit.answers import APPLIED
from src.kit.errors import SOME_ROWS_FAILED
from src.kit.memory import FAILED
from src.wms.fields import KINDS, Kind
from src.wms.records import HOLD, PLAN, QBD, WMS, Planned
from src.wms.states import Lines, Stored
from tests.wms.both import CUSTOMER, ITEM, ITEMS, ORDER, STOCK, VENDOR, Both, value
from tests.wms.deadly import Deadly, Killed

ADJUSTMENT = KINDS["inventory_adjustments"]
TABLES = {CUSTOMER: "customers", VENDOR: "vendors", ITEMS: "items", ORDER: "sales_orders"}
EDITED = {CUSTOMER: "phone", VENDOR: "phone", ORDER: "memo"}
TOO_LONG = "1-999,list inventory-adjustments,504"
SYNCS = ("customers", "vendors", "items", "sales_orders", "inventory_adjustments")


class Edit(NamedTuple):
    """What somebody wrote last into a field, on one side."""

    side: str
    kind: str
    title: str
    field: str


class Walk:
    """Steps of both sides' people, chosen by a seed."""

    def __init__(self, both: Both, seed: int) -> None:
        self.both, self.dice = both, Random(seed)
        self.number = 0
        self.edits: dict[Edit, str] = {}
        self.done: Counter[str] = Counter()
        self.ended: set[str] = set()  # ids of what somebody deleted
        self.opened: set[str] = set()  # items that came with a level that nothing explains
        self._steps: list[tuple[int, Callable[[], object]]] = [
            (3, self._create_there),
            (3, self._create_here),
            (8, self._edit_there),
            (8, self._edit_here),
            (1, self._end_there),
            (1, self._end_here),
            (2, self._rename_there),
            (2, self._rename_here),
            (3, self._move_there),
            (3, self._move_here),
            (3, self._lines_there),
            (3, self._lines_here),
        ]

    def steps(self, count: int) -> None:
        """Take some steps."""
        weights = [weight for weight, _ in self._steps]
        for _ in range(count):
            (_, step), = self.dice.choices(self._steps, weights)
            try:
                step()
                self.done[step.__name__] += 1
            except (LookupError, Refusal):  # nothing there yet, or QuickBooks says no
                self.done["refused"] += 1

    def sync(self, fail_rate: float = 0.0, may_die: bool = False) -> int:
        """Synchronize, perhaps through failures and up to a sudden death."""
        both = self.both
        is_long = bool(fail_rate) and self.dice.random() < 0.3
        known = {item.head.id for item in both.records(ITEMS)}
        both.scenario(*[TOO_LONG] * is_long)
        both.opened(fail_rate, str(self.dice.random()))
        deadly = Deadly(both)
        if may_die:
            deadly.at = self.dice.randrange(1, 400)
        try:
            if both.fetch(*SYNCS) > SOME_ROWS_FAILED or both.plan("--force", *SYNCS):
                return 1
            return both.apply()
        except Killed:
            return 1
        finally:
            deadly.removed()
            both.scenario()
            if is_long:
                self.opened |= {item.head.id for item in both.records(ITEMS)} - known

    # --- steps ------------------------------------------------------------------------

    def _name(self) -> str:
        self.number += 1
        return f"N{self.number}"

    def _kind(self) -> Kind:
        return self.dice.choice((CUSTOMER, CUSTOMER, VENDOR, ITEMS, ORDER))

    def _theirs(self, kind: Kind) -> dict[str, Any]:
        found = self.both.there(kind)
        return found[self.dice.choice(sorted(found, key=str))]

    def _ours(self, kind: Kind) -> tuple[str, Stored]:
        found = self.both.stored(kind)
        title = self.dice.choice(sorted(found))
        return title, found[title]

    def _create_there(self) -> None:
        kind = self._kind()
        if kind == ORDER:
            body = {
                "refNumber": self._name(),
                "customerId": self._theirs(CUSTOMER)["id"],
                "transactionDate": "2026-11-20",
                "lines": [self._line_there() for _ in range(self.dice.randint(1, 3))],
            }
        else:
            body = {"name": self._name(), **(ITEM if kind == ITEMS else {})}
        self.both.passes(60)
        answer = self.both.desktop.write(Change(CREATE, kind.resource, "", body))
        assert answer.kind == APPLIED, answer

    def _line_there(self) -> dict[str, Any]:
        quantity = self.dice.randint(1, 9)
        return {"itemId": self._theirs(ITEMS)["id"], "quantity": quantity, "rate": "2.00"}

    def _create_here(self) -> None:
        kind, wms_id = self._kind(), f"w{self.number}"
        both = self.both
        if kind == ORDER:
            _, customer = self._ours(CUSTOMER)
            _, item = self._ours(ITEMS)
            both.insert("sales_orders", id=wms_id, ref_number=self._name(),
                        customer_id=customer.head.wms_id,
                        transaction_date="2026-11-21")  # fmt: skip
            self._line_here(wms_id, 1, item)
            return
        name = self._name()
        if kind == ITEMS:
            accounts = {
                "income_account_id": ITEM["incomeAccountId"],
                "cogs_account_id": ITEM["cogsAccountId"],
                "asset_account_id": ITEM["assetAccountId"],
            }
            both.insert("items", id=wms_id, kind="inventory_items", name=name)
            both.insert("inventory_items", item_id=wms_id, **accounts)
        else:
            both.insert(TABLES[kind], id=wms_id, name=name)

    def _line_here(self, order_id: str, position: int, item: Stored) -> None:
        self.both.insert(
            "sales_order_lines",
            sales_order_id=order_id,
            position=str(position),
            item_id=item.head.wms_id,
            quantity=str(self.dice.randint(1, 9)),
            unit_price="3.00",
        )

    def _edit_there(self) -> None:
        kind = self.dice.choice(list(EDITED))
        record, field = self._theirs(kind), EDITED[kind]
        text = f"q{self._name()}"
        self.both.edit(kind.resource, record["id"], **{field: text})
        title = record.get("name") or record["refNumber"]
        self.edits[Edit(QBD, kind.name, record["id"], field)] = text
        assert title

    def _edit_here(self) -> None:
        kind = self.dice.choice(list(EDITED))
        _, record = self._ours(kind)
        text = f"w{self._name()}"
        self.both.change(TABLES[kind], record.head.wms_id, **{EDITED[kind]: text})
        self.edits[Edit(WMS, kind.name, record.head.wms_id, EDITED[kind])] = text

    def _rename_there(self) -> None:
        kind = self.dice.choice((CUSTOMER, VENDOR, ITEMS))
        self.both.edit(kind.resource, self._theirs(kind)["id"], name=self._name())

    def _rename_here(self) -> None:
        kind = self.dice.choice((VENDOR, ITEMS))
        _, record = self._ours(kind)
        self.both.change(TABLES[kind], record.head.wms_id, name=self._name())

    def _end_there(self) -> None:
        kind = self._kind()
        self.both.passes(60)
        record_id = self._theirs(kind)["id"]
        self.both.company.remove(kind.resource, record_id)
        self.ended.add(record_id)

    def _end_here(self) -> None:
        kind = self.dice.choice((CUSTOMER, VENDOR, ORDER))
        _, record = self._ours(kind)
        self.both.delete(TABLES[kind], record.head.wms_id)
        self.ended.add(record.head.wms_id)

    def _move_there(self) -> None:
        quantity = self.dice.choice((-2, 3, 7))
        line = {"itemId": self._theirs(ITEMS)["id"]}
        line["adjustQuantity"] = {"quantityDifference": quantity}
        body = {"accountId": STOCK, "transactionDate": "2026-11-22", "lines": [line]}
        self.both.create("inventory-adjustments", refNumber=self._name(), **body)

    def _move_here(self) -> None:
        _, item = self._ours(ITEMS)
        wms_id = f"a{self.number}"
        self.both.insert(ADJUSTMENT.name, id=wms_id, ref_number=self._name(),
                         account_id=STOCK, transaction_date="2026-11-22")  # fmt: skip
        self.both.insert("inventory_adjustment_lines", inventory_adjustment_id=wms_id,
                         position="1", item_id=item.head.wms_id,
                         quantity_difference=str(self.dice.choice((-1, 4))))  # fmt: skip

    def _lines_there(self) -> None:
        order = self._theirs(ORDER)
        lines = [{"id": line["id"]} for line in order["lines"]]
        what = self.dice.choice(("more", "less", "quantity"))
        if what == "more":
            lines.append({"id": "-1", **self._line_there()})
        elif what == "less" and len(lines) > 1:
            lines.pop(self.dice.randrange(len(lines)))
        else:
            lines[0]["quantity"] = self.dice.randint(10, 99)
        self.both.update(ORDER.resource, order["id"], lines=lines)

    def _lines_here(self) -> None:
        _, order = self._ours(ORDER)
        wms_id, line = order.head.wms_id, self.dice.choice(order.lines)
        what = self.dice.choice(("more", "less", "quantity"))
        if what == "more":
            self.number += 1
            self._line_here(wms_id, 100 + self.number, self._ours(ITEMS)[1])
        elif what == "less" and line.id and len(order.lines) > 1:
            self.both.run(f"DELETE FROM sales_order_lines WHERE qb_line_id = '{line.id}'")
        elif line.id:
            quantity = self.dice.randint(10, 99)
            self.both.run(
                f"UPDATE sales_order_lines SET quantity = {quantity} "
                f"WHERE qb_line_id = '{line.id}'"
            )
        self.both.change("sales_orders", wms_id, due_date="2026-12-01")

    # --- what has to be true ----------------------------------------------------------

    def planned(self) -> Iterator[Planned]:
        """Yield every card of every plan that was applied, and of the last one."""
        for path in sorted((self.both.desk.config.data_dir / "plans").glob("*.csv")):
            yield from reading.table(path, PLAN)
        yield from self.both.cards

    def _refused(self) -> set[str]:
        """Return the ids of what QuickBooks does not take: it names what was deleted."""
        return {error.id for error in self.both.errors() if error.outcome == FAILED}

    def unfinished(self) -> list[Planned]:
        """Return what the plan would do, and QuickBooks has not refused."""
        refused = self._refused()
        return [
            card
            for card in self.both.cards
            if card.action != HOLD and not {card.id, card.wms_id} & refused
        ]

    def waiting(self) -> list[tuple[str, ...]]:
        """Return the cards of the plan, whichever run made it."""
        return [card[:-1] for card in self.both.cards]

    def created_twice(self) -> list[str]:
        """Return the marks under which QuickBooks has more than one record."""
        path = self.both.desk.config.fake_conductor_dir / "ledger.csv"
        found: dict[str, set[str]] = defaultdict(set)
        for row in reading.csv.DictReader(path.open(encoding="utf-8-sig")):
            if row["verb"] == "create" and row["external_id"]:
                found[row["external_id"]].add(row["id"])
        return [mark for mark, ids in found.items() if len(ids) > 1]

    def different(self) -> list[str]:
        """Return what both sides have and say differently, and that no card holds."""
        held = {(c.kind, c.wms_id, c.field) for c in self.both.cards if c.action == HOLD}
        refused = self._refused()
        found = []
        for kind in (*TABLES, ADJUSTMENT):
            theirs = self.both.mirrored(kind)
            for record in self.both.records(kind):
                about = (kind.name, record.head.wms_id)
                other = theirs.get(record.head.id)
                if other and (*about, "") not in held and record.head.id not in refused:
                    found += [
                        f"{about} {field.name}: {w!r}, {q!r}"
                        for field, w, q in zip(kind.fields, record.cells, other.cells)
                        if w != q
                        and not (field.is_local or field.names)  # a name follows its id
                        and (*about, field.name) not in held
                    ]
                    lines = _unnamed(kind, record.lines), _unnamed(kind, other.lines)
                    if lines[0] != lines[1] and not _is_held(held, about):
                        found.append(f"{about} {record.lines} {other.lines}")
        return found

    def lost(self) -> list[str]:
        """Return what somebody wrote, and that is nowhere and on no card."""
        on_cards = set()
        for card in self.planned():
            on_cards |= {card.base, card.wms, card.qbd, card.discarded}
        values = {cell for kind in EDITED for cell in self._cells(kind)}
        gone = self._gone()
        return [
            f"{edit} {text}"
            for edit, text in self.edits.items()
            if text not in values and text not in on_cards and edit.title not in gone
        ]

    def _cells(self, kind: Kind) -> Iterator[str]:
        for record in self.both.stored(kind).values():
            yield value(kind, record, EDITED[kind])
        for other in self.both.mirrored(kind).values():
            yield value(kind, other, EDITED[kind])

    def _gone(self) -> set[str]:
        """Return the ids of what a side has deleted, on both sides."""
        found = set(self.ended)
        for kind in EDITED:
            for wms_id, agreed in self.both.bases(kind).items():
                if {wms_id, agreed.head.id} & self.ended:
                    found |= {wms_id, agreed.head.id}
        return found

    def _unsure(self) -> set[str]:
        """Return the items of documents that wait for a person."""
        theirs = self.both.mirrored(ADJUSTMENT)
        held = [theirs[card.id] for card in self.both.cards if card.id in theirs]
        return {line.cells[0] for document in held for line in document.lines}

    def moved(self) -> dict[str, tuple[str, str]]:
        """Return items whose level is not the sum of the warehouse's movements."""
        sums: Counter[str] = Counter()
        for document in self.both.records(ADJUSTMENT):
            counts = value(ADJUSTMENT, document, "covers_to") or document.head.id
            is_covered = value(ADJUSTMENT, document, "covered_by")
            for line in document.lines if counts and not is_covered else ():
                sums[line.cells[0]] += int(line.cells[2])
        found, unsure = {}, self._unsure() | self.opened
        for name, item in self.both.stored(ITEMS).items():
            level = value(ITEMS, item, "quantity_on_hand") or "0"
            if level != str(sums[item.head.id]) and item.head.id not in {"", *unsure}:
                found[name] = (level, str(sums[item.head.id]))
        return found


def _unnamed(kind: Kind, lines: Lines) -> list[tuple[str, ...]]:
    """Return lines without what only puts a name to an id."""
    kept = [at for at, field in enumerate(kind.lines) if not field.names]
    return [(line.id, *(line.cells[at] for at in kept)) for line in lines]


def _is_held(held: set[tuple[str, str, str]], about: tuple[str, str]) -> bool:
    return any(one[:2] == about and one[2].startswith("lines") for one in held)


