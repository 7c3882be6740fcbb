"""What a simulated company is given: its own name and settings, and the mapping."""

from typing import Any, NamedTuple

from src.kit.tables import GENERATED, Table

COMPANY_INFO = {
    "Id": "1",
    "SyncToken": "0",
    "CompanyName": "Carryover Sandbox Company",
    "LegalName": "Carryover Sandbox Company",
    "Country": "US",
    "FiscalYearStartMonth": "January",
}
PREFERENCES = {
    "Id": "1",
    "SyncToken": "0",
    "SalesFormsPrefs": {"CustomField": [], "AllowDeposit": True},
    "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
}


class MappingRow(NamedTuple):
    """One row of QbdtEntityIdMapping, under the names of the file that holds it."""

    legacy_txnid_norm: str
    legacy_entity_type: str
    qbo_entity_type: str
    qbo_entity_id: str


MAPPING = Table("DATA_DIR", "fake_qbo/mapping.csv", MappingRow, GENERATED, "make demo-data")


def mapping(row: MappingRow) -> dict[str, Any]:
    """Return a row as QuickBooks shows it."""
    return {
        "QboEntityId": row.qbo_entity_id,
        "QbdtExportableId": row.legacy_txnid_norm,
        "QboEntityType": row.qbo_entity_type,
        "QbdtEntityType": row.legacy_entity_type,
    }
