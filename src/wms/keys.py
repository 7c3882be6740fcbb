"""By what a record is known before and after both sides have it."""

from __future__ import annotations

import uuid

from src.kit.memory import key_of
from src.kit.requests import NAMESPACE, request_id_of
from src.wms.fields import Kind


def create_key(kind: Kind, wms_id: str, earlier_id: str = "") -> str:
    """Return the key of the effect that QuickBooks has a record of the warehouse.

    `earlier_id` is QuickBooks' id of the one that it takes the place of, if any.
    """
    return key_of(("wms", kind.name, wms_id, earlier_id))


def external_id(key: str) -> str:
    """Return the externalId that marks what a create made: its first request id."""
    return request_id_of([(key, 0)])


def wms_id_of(kind: Kind, quickbooks_id: str) -> str:
    """Return the warehouse's id of a record that was born in QuickBooks.

    The same record gets the same id, however often it is fetched.
    """
    return str(uuid.uuid5(NAMESPACE, f"wms {kind.name} {quickbooks_id}"))
