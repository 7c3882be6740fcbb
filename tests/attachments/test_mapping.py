"""The mapping, asked: one record, none, or several that a person has to choose from."""

from __future__ import annotations

import pytest

from src.attachments.mapping import Target, Targets, types_fit
from src.attachments.records import MAPPING, Mapping
from src.config import normalize_legacy_id
from src.kit import reading

INVOICE = Mapping("1A-14", "INVOICE", "INVOICE", "1001")


def targets(*rows: Mapping) -> Targets:
    return Targets(rows, normalize_legacy_id)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], []),
        ([INVOICE], ["1001"]),
        ([INVOICE, INVOICE], ["1001"]),
        ([INVOICE, INVOICE._replace(qbo_entity_id=" 1001 ")], ["1001"]),
        ([INVOICE, INVOICE._replace(qbo_entity_id="1002")], ["1001", "1002"]),
        ([INVOICE, Mapping("801a-14", "BILL", "BILL", "7")], ["1001", "7"]),
        ([INVOICE, Mapping("1A-14", "CUSTOMER", "CUSTOMER", "7")], ["1001"]),
        ([INVOICE._replace(qbo_entity_id="")], []),
        ([INVOICE._replace(legacy_txnid_norm="80")], []),
    ],
    ids=(
        "nothing,one,repeated,repeated with blanks,other id,other transaction,"
        "a list record,blank target,blank id"
    ).split(","),
)
def test_every_record_that_an_id_may_mean_is_a_candidate_once(rows, found):
    answer = targets(*rows).candidates("1A-14", "Txn")

    assert [target.entity_id for target in answer] == found


def test_the_order_of_the_mapping_changes_no_candidate():
    other = INVOICE._replace(qbo_entity_id="1002")

    one, two = targets(INVOICE, other), targets(other, INVOICE)

    assert set(one.candidates("1A-14", "Txn")) == set(two.candidates("1A-14", "Txn"))


def test_repeated_and_blank_rows_are_counted_apart():
    found = targets(
        INVOICE, INVOICE, INVOICE, Mapping("", "BILL", "BILL", "7"), INVOICE._replace(qbo_entity_id="")
    )

    assert (found.repeated, found.blank) == (2, 2)


@pytest.mark.parametrize(
    ("legacy", "online", "rest"),
    [
        ("CASHSALE", "CASH_SALE", "SalesReceipt"),
        ("CHECK", "CHECK", "Purchase"),
        ("APP_PAY", "RECEIVED_PAYMENT", "Payment"),
        ("BILL_REFUND", "BILL_CREDIT", "VendorCredit"),
        ("GENERAL_JOURNAL", "GENERAL_JOURNAL", "JournalEntry"),
        ("SOMETHING", "SOMETHING_NEW", "SOMETHING_NEW"),
    ],
)
def test_a_target_has_the_rest_name_of_its_type(legacy, online, rest):
    found = targets(Mapping("1A-14", legacy, online, "7")).candidates("1A-14", legacy)

    assert found == [Target(legacy, rest, "7")]


@pytest.mark.parametrize(
    ("one", "other", "fit"),
    [
        ("Txn", "INVOICE", True),
        ("TXN", "SALESORDER", True),
        ("Txn", "Txn", True),
        ("List", "CUSTOMER", True),
        ("list", "ITEM_SERVICE", True),
        ("Bill", "BILL", True),
        ("CASHSALE", "SalesReceipt", True),
        ("Txn", "CUSTOMER", False),
        ("List", "INVOICE", False),
        ("Txn", "List", False),
        ("INVOICE", "BILL", False),
    ],
)
def test_types_fit_where_they_are_equal_or_one_is_the_others_class(one, other, fit):
    assert types_fit(one, other) is fit
    assert types_fit(other, one) is fit


def test_two_ids_that_became_one_record_share_it():
    merged = INVOICE._replace(legacy_txnid_norm="2B-14")
    alone = Mapping("3C-14", "BILL", "BILL", "1001")

    found = targets(INVOICE, merged, alone)

    assert not found.is_shared("3C-14") and not found.is_shared("unknown")
    assert found.is_shared("2B-14")
    assert found.is_shared("1A-14")


def test_ids_without_a_file_are_counted_by_type():
    found = targets(INVOICE, Mapping("2B-14", "BILL", "BILL", "7"))

    assert found.notes({"1A-14"}) == ["mapping rows without a file: 1 BILL"]


def test_a_company_with_thousands_of_types_of_its_own_is_told_apart():
    rows = [Mapping(f"{n}-1", f"TYPE{n}", f"TYPE{n}", str(n)) for n in range(3000)]

    found = targets(*rows)

    assert found.candidates("2999-1", "TYPE2999") == [Target("TYPE2999", "TYPE2999", "2999")]


@pytest.mark.parametrize(
    "header",
    [
        "QbdtExportableId,QbdtEntityType,QboEntityType,QboEntityId",
        "TxnID,legacy_entity_type,qbo_entity_type,qbo_entity_id",
        "ListID,QbdtEntityType,QBO Entity Type,qbo entity id",
        "legacy_txnid,QBDTENTITYTYPE,qboEntityType,QboEntityId",
    ],
)
def test_a_given_mapping_may_use_intuits_names(tmp_path, header):
    (tmp_path / "m.csv").write_text(f"{header}\n1A-14,INVOICE,INVOICE,1001\n")

    assert list(reading.table(tmp_path / "m.csv", MAPPING)) == [INVOICE]
