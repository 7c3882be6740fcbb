"""Customers and the like: names, lengths, levels, revisions, and who asks twice."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone

import pytest

from src.adapters.fakes.core import Core
from src.adapters.fakes.refusal import Refusal
from src.kit.clock import Clock

START = datetime(2026, 11, 20, 9, 0, tzinfo=timezone.utc)


class Company:
    """A company whose clock stands; `again` is the same after a restart."""

    def __init__(self, folder) -> None:
        self.folder, self.now = folder, START
        clock = Clock(lambda: self.now, lambda: 0.0, lambda seconds: None)
        self.core = Core(folder, clock)
        self.effects = list(self.core.remember(True))

    def again(self) -> Company:
        return Company(self.folder)

    def create(
        self, request_id: str = "", *, entity: str = "Customer", **body: object
    ) -> dict:
        return self.core.write("create", entity, body, request_id)

    def update(self, old: dict, **body: object) -> dict:
        """Change some properties of a record."""
        told = {"Id": old["Id"], "SyncToken": old["SyncToken"], "sparse": True, **body}
        return self.core.write("update", "Customer", told)

    def replace(self, old: dict, **body: object) -> dict:
        """Write a whole record anew."""
        told = {"Id": old["Id"], "SyncToken": old["SyncToken"], **body}
        return self.core.write("update", "Customer", told)

    def names(self, rest: str = "") -> list[str]:
        found = self.core.query(f"select * from Customer {rest}").get("Customer", [])
        return [record["DisplayName"] for record in found]


@pytest.fixture
def company(tmp_path):
    return Company(tmp_path / "company")


def refused(act, *args, **kwargs) -> str:
    """Return the code of the refusal."""
    with pytest.raises(Refusal) as found:
        act(*args, **kwargs)
    return found.value.fault.code


# --- creation -------------------------------------------------------------------------


def test_a_customer_comes_back_with_what_quickbooks_fills_in(company):
    record = company.create(GivenName="Aline", FamilyName="Uwera", Notes="", Line=[])

    assert {"Notes", "Line"}.isdisjoint(record)
    assert (record["Id"], record["SyncToken"], record["domain"]) == ("1", "0", "QBO")
    names = ("DisplayName", "FullyQualifiedName", "PrintOnCheckName")
    assert {record[name] for name in names} == {"Aline Uwera"}
    assert (record["sparse"], record["Active"], record["Job"]) == (False, True, False)
    assert record["MetaData"]["CreateTime"] == record["MetaData"]["LastUpdatedTime"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"DisplayName": ""},
        {"DisplayName": " "},
        {"Notes": "x"},
        {"CompanyName": "x"},
        {"GivenName": None},
    ],
)
def test_a_customer_has_a_name(company, body):
    assert refused(company.create, **body) == "6080"


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("DisplayName", 500),
        ("Title", 16),
        ("GivenName", 100),
        ("MiddleName", 100),
        ("FamilyName", 100),
        ("Suffix", 16),
        ("CompanyName", 100),
        ("PrintOnCheckName", 110),
        ("Notes", 2000),
    ],
)
def test_a_text_has_a_greatest_length(company, name, most):
    fits, too_long = most * "é", (most + 1) * "é"
    assert company.create(**{"DisplayName": "A", name: fits})[name] == fits

    with pytest.raises(Refusal, match=f"Max:{most} supplied:{most + 1}") as found:
        company.create(**{"DisplayName": "B", name: too_long})
    assert (found.value.fault.code, found.value.fault.element) == ("2050", name)


@pytest.mark.parametrize(
    ("name", "inner", "most"),
    [
        ("PrimaryPhone", "FreeFormNumber", 30),
        ("AlternatePhone", "FreeFormNumber", 30),
        ("Mobile", "FreeFormNumber", 30),
        ("Fax", "FreeFormNumber", 30),
        ("PrimaryEmailAddr", "Address", 100),
        ("WebAddr", "URI", 1000),
        ("BillAddr", "Line1", 500),
        ("BillAddr", "City", 255),
        ("ShipAddr", "PostalCode", 30),
    ],
)
def test_a_text_inside_another_value_has_a_greatest_length(company, name, inner, most):
    fits = ("a@b.c" + most * "x")[:most]
    made = company.create(DisplayName="A", **{name: {inner: fits}})
    assert made[name] == {inner: fits}

    with pytest.raises(Refusal, match=f"Max:{most} supplied:{most + 1}") as found:
        company.create(DisplayName="B", **{name: {inner: fits + "x"}})
    assert (found.value.fault.code, found.value.fault.element) == ("2050", inner)


@pytest.mark.parametrize("phone", ["0788", 7, ["0788"], {"FreeFormNumber": {"a": 1}}])
def test_a_phone_of_another_shape_is_answered(company, phone):
    assert company.create(DisplayName="A", PrimaryPhone=phone)["PrimaryPhone"] == phone


@pytest.mark.parametrize("letter", [":", "\t", "\n"])
@pytest.mark.parametrize("name", ["DisplayName", "GivenName", "Suffix", "PrintOnCheckName"])
def test_a_name_holds_no_colon(company, name, letter):
    body = {"DisplayName": "A", name: f"a{letter}b"}

    assert refused(company.create, **body) == "2040"
    assert company.create(DisplayName="B", Notes=f"a{letter}b")["Notes"] == f"a{letter}b"


@pytest.mark.parametrize(
    ("email", "code"),
    [
        ({"Address": "a@example.org"}, ""),
        ({"Address": "a at example.org"}, "2210"),
        ({"Address": "a@example"}, "2210"),
        ({"Address": ""}, ""),
        ("a@example.org", "2210"),
        ({}, ""),
        (None, ""),
    ],
)
def test_an_email_address_looks_like_one(company, email, code):
    body = {"DisplayName": "A", "PrimaryEmailAddr": email}

    assert (refused(company.create, **body) if code else company.create(**body) and "") == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([{"DefinitionId": "1", "StringValue": "x"}], ""),
        ([{"DefinitionId": str(n)} for n in range(12)], ""),
        ([{"DefinitionId": str(n)} for n in range(13)], "3000"),
        ([{"Name": "Campus", "StringValue": "x"}], "3000"),
        ([{"DefinitionId": "one"}], "3000"),
        (["1"], "3000"),
        ("1", "3000"),
        (7, "3000"),
    ],
)
def test_custom_fields_have_a_definition_and_are_twelve_at_most(company, fields, code):
    body = {"DisplayName": "A", "CustomField": fields}

    assert (refused(company.create, **body) if code else company.create(**body) and "") == code


@pytest.mark.parametrize("entity", ["Unicorn", "", "attachables"])
def test_an_unknown_entity_is_refused(company, entity):
    assert refused(company.create, entity=entity, DisplayName="A") == "500"


@pytest.mark.parametrize("entity", ["CompanyInfo", "preferences", "QbdtEntityIdMapping"])
def test_what_is_only_read_cannot_be_written(company, entity):
    assert refused(company.create, entity=entity, DisplayName="A") == "500"


def test_a_note_needs_a_text(company):
    assert refused(company.create, entity="Attachable", FileName="a.pdf") == "6000"
    assert company.create(entity="Attachable", Note="hello")["Note"] == "hello"


# --- one name for three lists ---------------------------------------------------------


@pytest.mark.parametrize("entity", ["Customer", "Vendor", "Employee", "vendor"])
@pytest.mark.parametrize(
    "name", ["Aline Uwera", "ALINE UWERA", " Aline Uwera ", "Aline   uwera"]
)
def test_a_name_is_taken_once_in_three_lists(company, entity, name):
    company.create(DisplayName="Aline Uwera")

    with pytest.raises(Refusal, match="Id=1") as found:
        company.create(entity=entity, DisplayName=name)
    assert found.value.fault.code == "6240"


@pytest.mark.parametrize("parts", [("Aline", "Uwera"), ("ALINE ", " uwera")])
def test_parts_of_a_name_make_a_name_that_may_be_taken(company, parts):
    company.create(DisplayName="Aline Uwera")

    assert refused(company.create, GivenName=parts[0], FamilyName=parts[1]) == "6240"


def test_a_name_is_the_same_however_its_letters_are_composed(company):
    company.create(DisplayName="Ren\u00e9")

    assert refused(company.create, entity="Vendor", DisplayName="RENE\u0301") == "6240"


def test_a_name_with_other_blanks_is_its_own_after_a_rename_as_well(company):
    old = company.create(DisplayName="Aline  Uwera")
    company.update(old, DisplayName="A")

    assert company.create(DisplayName="aline uwera")["Id"]


def test_an_inactive_record_keeps_its_new_name_for_itself(company):
    company.update(company.create(DisplayName="A"), Active=False)

    assert refused(company.create, DisplayName="A (deleted)") == "6240"
    assert refused(company.again().create, DisplayName="a (Deleted)") == "6240"


def test_a_record_cannot_come_back_to_a_name_that_is_taken(company):
    gone = company.update(company.create(DisplayName="A"), Active=False)
    company.create(entity="Vendor", DisplayName="A")

    assert refused(company.update, gone, Active=True) == "6240"


def test_a_rename_frees_the_old_name_and_takes_the_new(company):
    company.update(company.create(DisplayName="A"), DisplayName="B")

    assert refused(company.create, DisplayName="B") == "6240"
    assert company.create(DisplayName="A")["Id"]


def test_a_record_may_keep_its_own_name(company):
    old = company.create(DisplayName="A")

    assert company.update(old, DisplayName="a")["DisplayName"] == "a"


# --- levels ---------------------------------------------------------------------------


def line_of(company: Company, count: int) -> dict:
    """Return the last of customers that hang below each other."""
    last = company.create(DisplayName="L1")
    for number in range(2, count + 1):
        last = company.create(DisplayName=f"L{number}", ParentRef={"value": last["Id"]})
    return last


def test_a_customer_hangs_below_another(company):
    last = line_of(company, 3)

    assert (last["FullyQualifiedName"], last["Job"]) == ("L1:L2:L3", True)


def test_there_are_five_levels(company):
    fifth = line_of(company, 5)

    body = {"DisplayName": "L6", "ParentRef": {"value": fifth["Id"]}}
    assert refused(company.create, **body) == "6180"


@pytest.mark.parametrize("parent", [{"value": "99"}, {"value": None}, {"name": "A"}, "1", [1]])
def test_a_parent_that_is_not_there_is_refused(company, parent):
    assert refused(company.create, DisplayName="A", ParentRef=parent) == "2500"


def test_nobody_hangs_below_themselves(company):
    one, two = company.create(DisplayName="1"), company.create(DisplayName="2")
    company.update(two, ParentRef={"value": one["Id"]})

    assert refused(company.update, one, ParentRef={"value": one["Id"]}) == "6180"
    assert refused(company.update, one, ParentRef={"value": two["Id"]}) == "6180"


# --- updates --------------------------------------------------------------------------


def test_a_sparse_update_leaves_the_rest_alone(company):
    old = company.create(DisplayName="A", Notes="kept", CompanyName="C")

    new = company.update(old, CompanyName="D")

    assert (new["Notes"], new["CompanyName"], new["SyncToken"]) == ("kept", "D", "1")
    assert company.core.read("customer", old["Id"]) == new


def test_a_full_update_clears_what_it_leaves_out(company):
    old = company.create(DisplayName="A", Notes="lost", CompanyName="C")

    new = company.replace(old, DisplayName="A")

    assert {"Notes", "CompanyName"}.isdisjoint(new)
    assert refused(company.replace, new, Notes="but no name") == "6080"


@pytest.mark.parametrize("empty", ["", None, [], {}])
def test_an_empty_value_clears_a_field(company, empty):
    old = company.create(DisplayName="A", Notes="lost")

    assert "Notes" not in company.update(old, Notes=empty)


@pytest.mark.parametrize(
    ("name", "cleared"),
    [
        ("PrimaryPhone", {"FreeFormNumber": ""}),
        ("PrimaryEmailAddr", {"Address": ""}),
        ("PrimaryEmailAddr", {"Address": None}),
        ("BillAddr", {"Line1": "", "City": ""}),
        ("GivenName", ""),
    ],
)
def test_an_empty_value_inside_another_clears_it(company, name, cleared):
    old = company.create(
        DisplayName="A",
        GivenName="Aline",
        PrimaryPhone={"FreeFormNumber": "0788"},
        PrimaryEmailAddr={"Address": "a@example.org"},
        BillAddr={"Line1": "KN 5", "City": "Kigali"},
    )

    new = company.update(old, **{name: cleared})

    assert name not in new
    assert set(old) - set(new) == {name}
    assert name not in company.again().core.read("Customer", old["Id"])


def test_what_is_empty_inside_a_value_is_not_kept(company):
    address = {"Line1": "KN 5", "City": "", "Line2": None, "Lines": [{"a": ""}, "x"]}

    made = company.create(DisplayName="A", BillAddr=address, PrimaryPhone={"x": {}})

    assert made["BillAddr"] == {"Line1": "KN 5", "Lines": ["x"]}
    assert "PrimaryPhone" not in made


def test_a_value_nested_very_deep_is_answered(company):
    deep: dict = {}
    for _ in range(300):
        deep = {"a": [deep]}

    assert company.create(DisplayName="A", Other=deep)["Id"]


def test_an_update_changes_none_of_what_the_server_keeps(company):
    old = company.create(DisplayName="A")
    company.now += timedelta(hours=1)

    new = company.update(old, MetaData={"CreateTime": "x"}, domain="Q", status="Deleted")

    assert (new["domain"], new.get("status")) == ("QBO", None)
    assert new["MetaData"]["CreateTime"] == old["MetaData"]["CreateTime"]
    assert new["MetaData"]["LastUpdatedTime"] > old["MetaData"]["LastUpdatedTime"]


@pytest.mark.parametrize(
    ("token", "code"),
    [("0", "5010"), (0, "5010"), ("2", "5010"), ("x", "5010"), (None, "2020"), ("", "2020")],
)
def test_an_update_needs_the_latest_revision(company, token, code):
    new = company.update(company.create(DisplayName="A"), Notes="1")

    assert refused(company.update, new, SyncToken=token, Notes="2") == code


@pytest.mark.parametrize("token", ["1", 1])
def test_the_latest_revision_may_be_a_number_or_a_text(company, token):
    new = company.update(company.create(DisplayName="A"), Notes="1")

    assert company.update(new, SyncToken=token, Notes="2")["SyncToken"] == "2"


@pytest.mark.parametrize(("found", "code"), [("99", "610"), ("", "2020"), ({"a": 1}, "610")])
def test_an_update_needs_a_record(company, found, code):
    body = {"Id": found, "SyncToken": "0", "DisplayName": "A"}

    assert refused(company.core.write, "update", "Customer", body) == code


# --- the end of a record --------------------------------------------------------------


def test_what_is_made_inactive_is_renamed_and_hidden(company):
    gone = company.update(company.create(DisplayName="A"), Active=False)

    assert gone["DisplayName"] == "A (deleted)"
    assert company.names() == []
    assert company.names("where Active in (true, false)") == ["A (deleted)"]


def test_what_is_active_again_has_its_name_back(company):
    gone = company.update(company.create(DisplayName="A"), Active=False)
    still = company.update(gone, Notes="x")
    assert still["DisplayName"] == "A (deleted)"

    assert company.update(still, Active=True)["DisplayName"] == "A"


@pytest.mark.parametrize("entity", ["Customer", "Vendor", "Employee"])
def test_nobody_is_deleted_for_good(company, entity):
    old = company.create(entity=entity, DisplayName="A")

    assert refused(company.core.write, "delete", entity, old) == "500"
    assert company.core.read(entity, old["Id"]) == old


def test_a_note_is_deleted_once(company):
    old = company.create(entity="Attachable", Note="x")

    gone = company.core.write("delete", "Attachable", old)

    assert (gone["status"], gone["Id"], gone["domain"]) == ("Deleted", old["Id"], "QBO")
    assert company.core.query("select count(*) from Attachable") == {"totalCount": 0}
    assert refused(company.core.write, "delete", "Attachable", old) == "610"


# --- questions between changes --------------------------------------------------------


def test_a_list_shows_what_was_changed_since_it_was_asked_for_last(company):
    first = company.create(DisplayName="A")
    assert company.names("where Active in (true, false)") == ["A"]

    company.create(DisplayName="B")
    assert company.names("where Active in (true, false)") == ["A", "B"]

    company.update(first, Active=False)
    assert company.names("where Active in (true, false)") == ["A (deleted)", "B"]
    assert company.names() == ["B"]


def test_whoever_gets_a_list_may_change_it(company):
    company.create(DisplayName="A")
    company.core.query("select * from Customer")["Customer"].clear()

    assert company.names() == ["A"]


# --- what stands in the file ----------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_records_may_hold_national_ids_and_are_for_their_owner_alone(company):
    company.create(DisplayName="A", Notes="NationalID=1199080012345678")

    mode = (company.folder / "records.csv").stat().st_mode
    assert mode & 0o777 == 0o600


# --- restarts and repetitions ---------------------------------------------------------


def test_a_restart_keeps_every_version(company):
    a = company.update(company.create(DisplayName="A"), Notes="é\n'\"\\, \x00")
    company.update(company.create(DisplayName="B"), Active=False)

    again = company.again()

    assert again.core.read("Customer", a["Id"]) == a
    assert again.names("where Active in (true, false)") == ["A", "B (deleted)"]
    assert refused(again.create, entity="Vendor", DisplayName="a") == "6240"
    assert again.update(a, Notes="2")["SyncToken"] == "2"


def test_an_id_is_never_given_twice(company):
    company.create(DisplayName="A")
    refused(company.create, DisplayName="A")
    last = company.create(DisplayName="B")
    note = company.create(entity="Attachable", Note="x")
    company.core.write("delete", "Attachable", note)
    refused(company.create, DisplayName="B")

    again = company.again()

    assert int(again.create(DisplayName="C")["Id"]) > int(last["Id"])
    assert int(again.create(entity="Attachable", Note="y")["Id"]) > int(note["Id"])


@pytest.mark.parametrize("restarts", [False, True])
def test_a_repeated_request_gets_the_same_answer(company, restarts):
    first = company.create("r1", DisplayName="A")
    company = company.again() if restarts else company

    assert company.create("r1", DisplayName="A") == first
    assert company.create("r1", DisplayName="something else") == first
    assert company.names() == ["A"]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_repeated_request_is_refused_again(company, restarts):
    a = company.create(DisplayName="A")
    assert refused(company.create, "r1", DisplayName="A") == "6240"
    company.update(a, DisplayName="B")
    company = company.again() if restarts else company

    assert refused(company.create, "r1", DisplayName="A") == "6240"
    assert company.create("r2", DisplayName="A")["Id"]


def test_requests_without_an_id_are_different_requests(company):
    company.create(DisplayName="A")

    assert refused(company.create, DisplayName="A") == "6240"


def test_a_version_that_a_kill_cut_never_was(company):
    company.create(DisplayName="A")
    company.create(DisplayName="B")
    path = company.folder / "records.csv"
    path.write_bytes(path.read_bytes()[:-3])

    again = company.again()

    assert again.names() == ["A"]
    assert again.create(DisplayName="B")["DisplayName"] == "B"
    assert again.again().names() == ["A", "B"]


def test_a_letter_that_is_half_a_letter_is_stored(company):
    record = company.create(DisplayName="\ud83d half")

    assert company.again().core.read("Customer", record["Id"])["Id"] == record["Id"]
