"""A plan's rows about one record as a card: what is, what is proposed, who decides."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from src.kit.templates import Html, join, text
from src.mis import hiding
from src.office.pages import parts
from src.office.pages.plan_sights import Sight
from src.wms import offers
from src.wms.records import QBD, WMS, Planned

Row = Mapping[str, str]
HIDDEN = hiding.HIDDEN
LONGEST_NAME = 200  # characters of a card's title
_SIDES = {WMS: "warehouse", QBD: "QuickBooks"}
_ANY = ("approve", "skip", "hold")
NO_NAME = "(no name)"


def card(sight: Sight, rows: Sequence[Row], national_id: str = "") -> Html:
    """Return one record's card; `national_id` is the id of QuickBooks' field of it."""
    if sight.name == "mis_plan":
        return _of_mis(rows[0], national_id)
    return _CARDS[sight.name](rows)


def _card(name: str, badges: Sequence[Html], body: Sequence[Html]) -> Html:
    shown = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
    title = join([text(shown or NO_NAME), *badges], " ")
    return parts.card(title, join(body), level=3)


def _facts(**pairs: object) -> Html:
    """Return what is filled."""
    return parts.facts(
        {
            _spelled(name): value if isinstance(value, Html) else parts.cut(str(value))
            for name, value in pairs.items()
            if value
        }
    )


def _spelled(name: str) -> str:
    words = name.replace("_", " ").replace("quickbooks", "QuickBooks")
    return words[0].upper() + words[1:]


def _badges(word: str, decision: str) -> list[Html]:
    decided = [parts.badge(f"decided: {decision}", parts.INFO)] if decision else []
    return [parts.badge(word), *decided]


def _change(caption: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Html:
    return parts.table(caption, heads, rows) if rows else parts.NOTHING


# --- the warehouse --------------------------------------------------------------------


def _of_wms(rows: Sequence[Row]) -> Html:
    planned = [Planned(**row) for row in rows]
    first = planned[0]
    fields = [row for row in planned if row.field]
    actions = dict.fromkeys(row.action for row in planned)
    decisions = dict.fromkeys(row.decision for row in planned if row.decision)
    badges = [*map(parts.badge, actions), *_decided(decisions)]
    ids = " · ".join(filter(None, (first.type.replace("_", " "), first.id, first.wms_id)))
    body = [
        _facts(
            record=ids,
            changed_in_warehouse=_stamp(first.wms_updated_at),
            changed_in_quickbooks=_stamp(first.qbd_updated_at),
        ),
        *(_whole(row) for row in planned if not row.field),
        _change(
            "Fields",
            "Field|Agreed on|Warehouse|QuickBooks|Wins|Lost|Why|Decision takes".split("|"),
            [_field(row) for row in fields],
        ),
    ]
    return _card(first.name, badges, body)


def _decided(decisions: Mapping[str, object]) -> list[Html]:
    return [parts.badge(f"decided: {word}", parts.INFO) for word in decisions]


def _stamp(iso: str) -> Html | str:
    return parts.stamp(iso) if iso else ""


def _whole(row: Planned) -> Html:
    """Return what becomes of a record as a whole."""
    return _facts(
        proposed=_proposed(row),
        rule=parts.spelled(row.rule),
        reason=row.reason,
        decision=row.decision,
        decision_takes=_words(row),
        row=parts.command(row.row),
    )


def _proposed(row: Planned) -> str:
    where = _SIDES.get(row.target, "")
    return f"{parts.spelled(row.action)}{f' in the {where}' if where else ''}".replace(
        "in the QuickBooks", "in QuickBooks"
    )


def _words(row: Planned) -> str:
    try:
        own = offers.of(row).words
    except (KeyError, ValueError):  # a row that somebody changed
        own = ()
    return ", ".join(dict.fromkeys((*own, *_ANY)))


def _field(row: Planned) -> list[object]:
    values = [parts.cut(value) for value in (row.base, row.wms, row.qbd)]
    wins = _SIDES.get(row.winner, "nobody yet")
    why = f"{parts.spelled(row.rule)}: {row.reason}"
    lost = parts.cut(row.discarded)
    return [row.field, *values, wins, lost, parts.cut(why), row.decision or _words(row)]


# --- the MIS --------------------------------------------------------------------------


def _of_mis(row: Row, national_id: str) -> Html:
    after, before = _fields(row["payload"]), _fields(row["before"])
    secrets = {
        *hiding.secrets_in(after, national_id),
        *hiding.secrets_in(before, national_id),
    }
    said = {
        name: hiding.cleaned(row[name], secrets)
        for name in ("notes", "reason", "name", "display_name", "taken_by")
    }
    changes = [
        [name, _veiled(before.get(name)), _veiled(after.get(name))]
        for name in row["fields"].split()
    ]
    body = [
        _facts(
            person=f"{row['type']} {row['mis_id']}",
            identifier=row["identifier"] if row["identifier"] != row["mis_id"] else "",
            name=said["name"],
            rule=row["rule"],
            taken_by=said["taken_by"],
            customer=row["quickbooks_id"],
            notes=said["notes"],
            reason=said["reason"],
            row=parts.command(row["row"]),
        ),
        _change("Fields that are sent", ["Field", "In QuickBooks", "Sent"], changes),
    ]
    return _card(said["display_name"], _badges(row["action"], row["decision"]), body)


def _fields(cell: str) -> dict[str, Any]:
    try:
        found = json.loads(cell or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _veiled(value: object) -> Html:
    """Return that there is a value, never the value."""
    return text(HIDDEN) if value not in (None, "", [], {}) else text("empty")


# --- the others -----------------------------------------------------------------------


def _of_attachments(rows: Sequence[Row]) -> Html:
    row = rows[0]
    owner = f"{row['qbo_entity_type']} {row['qbo_entity_id']}".strip()
    body = _facts(
        goes_to=owner or "nobody knows",
        legacy_record=f"{row['legacy_entity_type']} {row['raw_legacy_id']}".strip(),
        client=row["client"],
        file=row["file_path"],
        size=_bytes(row["size_bytes"]),
        uploaded_as=row["upload_name"] if row["upload_name"] != row["file_name"] else "",
        reason=row["reason"],
        row=parts.command(row["row"]),
    )
    return _card(row["file_name"], _badges(row["status"], row["decision"]), [body])


def _bytes(cell: str) -> str:
    return f"{int(cell):,} bytes" if cell.isascii() and cell.isdigit() else cell


def _of_customers(rows: Sequence[Row]) -> Html:
    row = rows[0]
    before, after = _fields(row["before"]), _fields(row["after"])
    changes = [
        [name, parts.cut(_value(before.get(name))), parts.cut(_value(after.get(name)))]
        for name in row["fields"].split()
    ]
    body = [
        _facts(
            line_of_the_export=row["line"],
            quickbooks_id=row["quickbooks_id"],
            found_by=row["rung"],
            record=f"{row['matched_name']} {row['customer_id']}".strip(),
            candidates=row["candidates"],
            reason=row["reason"],
            row=parts.command(row["row"]),
        ),
        _change("Fields that change", ["Field", "Stored", "Export"], changes),
    ]
    return _card(row["name"], _badges(row["action"], row["decision"]), body)


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value if one)
    return "" if value is None else str(value)


def _of_salespro(rows: Sequence[Row]) -> Html:
    first = rows[0]
    changes = [
        [row["field"], parts.cut(row["before"]), parts.cut(row["after"]), row["reason"]]
        for row in rows
        if row["field"]
    ]
    reasons = dict.fromkeys(row["reason"] for row in rows if not row["field"])
    body = [
        _facts(line_of_the_export=first["line"], reason="; ".join(filter(None, reasons))),
        _change("Fields that change", ["Field", "Stored", "Export", "Note"], changes),
    ]
    return _card(first["id"], _badges(first["action"], ""), body)


_CARDS: Mapping[str, Callable[[Sequence[Row]], Html]] = {
    "mapping_verification_log": _of_attachments,
    "customers_plan": _of_customers,
    "salespro_plan": _of_salespro,
    "wms_plan": _of_wms,
}
