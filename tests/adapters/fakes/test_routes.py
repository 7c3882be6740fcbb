"""The simulated company over HTTP: what each address answers."""

from __future__ import annotations

import json
from datetime import timedelta
from http.client import IncompleteRead, RemoteDisconnected
from urllib.parse import quote, urlsplit

import pytest

from src.adapters.fakes.givens import MappingRow
from src.adapters.fakes.throttle import Allowance
from src.adapters.qbo_errors import faults_of
from src.kit import tables
from tests.adapters.fakes.town import BOUNDARY, CHARACTER, MULTIPART, REALM

PATHS = ["query?query=x", "upload", "customer", "batch", "cdc", "download/1", "preferences"]


# --- who may come in ------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("token", ["", "Bearer", "Bearer x", "Basic eDp5", "bearer \u00e9"])
def test_without_a_good_token_the_gateway_answers_in_lower_case(town, path, token):
    headers = {"Authorization": token} if token else {}
    said = town.raw("GET", f"/v3/company/{REALM}/{path}", **headers)

    assert (said.status, said.headers["WWW-Authenticate"]) == (401, "Bearer")
    (error,) = said.json["fault"]["error"]
    assert error["message"] == "message=AuthenticationFailed; errorCode=003200; statusCode=401"
    assert (error["code"], error["element"]) == ("3200", None)
    assert (said.json["fault"]["type"], said.json["queryResponse"]) == ("AUTHENTICATION", None)


def test_a_token_ends_after_an_hour(town):
    assert town.query("select * from Invoice").status == 200

    town.now += timedelta(hours=1)

    assert (
        town.query("select * from Invoice").json["fault"]["error"][0]["detail"]
        == "Token expired"
    )


def test_another_company_is_forbidden(town):
    town.log_in()
    path = "/v3/company/1/query?query=select"

    said = town.raw("GET", path, Authorization=f"Bearer {town.token}")

    assert (said.status, said.json["fault"]["type"]) == (403, "AUTHORIZATION")
    assert said.json["fault"]["error"][0]["code"] == "3100"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//",
        "/v3",
        "/v3/company",
        "/v3/company/1",
        "/v4/company/1/query",
        "/blob/1",
        "/x?y",
        "/%00",
    ],
)
def test_any_other_address_is_not_found(town, path):
    assert (town.raw("GET", path).status, town.raw("POST", path, b"x").status) == (404, 404)


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "BREW"])
def test_another_method_is_refused(town, method):
    said = town.call(method, "customer/1")

    assert (said.status, said.code) == (400, "500")


# --- questions ------------------------------------------------------------------------


def test_a_query_comes_as_address_or_as_body(town):
    town.create(DisplayName="A")
    statement = "select Id from customer"
    asked = town.query(statement).found
    posted = town.call("POST", "query", statement.encode(), Content_Type="application/text")

    assert asked == posted.found == {
        "Customer": [{"Id": "1", "sparse": True}], "startPosition": 1, "maxResults": 1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "code"),
    [("select", "4000"), ("select * from Unicorn", "4000"), ("", "4000"), ("\x00", "4000")],
)
def test_a_query_that_is_none_is_refused(town, statement, code):
    said = town.query(statement)

    assert (said.status, said.code, said.json["Fault"]["type"]) == (
        400,
        code,
        "ValidationFault",
    )
    assert said.json["time"].startswith("2026-11-20T09:00:00.000")


def test_an_empty_result_has_no_list(town):
    assert town.query("select * from Vendor").found == {}
    assert town.query("select count(*) from Vendor").found == {"totalCount": 0}


def test_the_company_tells_its_name_and_settings(town):
    info = town.call("GET", f"companyinfo/{REALM}").json["CompanyInfo"]

    assert info["CompanyName"] == "Carryover Sandbox Company"
    assert "SalesFormsPrefs" in town.call("GET", "preferences").json["Preferences"]
    assert town.query("select * from CompanyInfo").found["CompanyInfo"] == [info]


def test_the_mapping_is_an_entity_that_can_be_asked(town):
    rows = [
        MappingRow("1A2B-1", "INVOICE", "INVOICE", "1187"),
        MappingRow("8-1", "BILL", "BILL", "9"),
    ]
    tables.write(town.folder / "mapping.csv", MappingRow, rows)

    found = town.query(
        "select * from qbdtentityidmapping where qbdtEntityType = 'Invoice'"
    ).found
    assert found["QbdtEntityIdMapping"] == [
        {
            "QboEntityId": "1187",
            "QbdtExportableId": "1A2B-1",
            "QboEntityType": "INVOICE",
            "QbdtEntityType": "INVOICE",
        }
    ]


@pytest.mark.parametrize(
    "path", ["customer/1", "invoice/99", "attachable/7", "attachable/x", "download/7"]
)
def test_what_is_not_there_is_not_found(town, path):
    said = town.call("GET", path)

    assert (said.status, said.code) == (400, "610")


# --- writes ---------------------------------------------------------------------------


def test_a_customer_is_created_read_and_updated(town):
    made = town.create(DisplayName="A", Notes="x").named()
    change = {"Id": made["Id"], "SyncToken": 0, "sparse": True, "Notes": "y"}

    changed = town.call("POST", "customer?operation=update&minorversion=75", change).named()

    assert (changed["Notes"], changed["SyncToken"]) == ("y", "1")
    assert town.call("GET", "customer/1").named() == changed
    assert town.call("POST", "customer", change).code == "5010"


@pytest.mark.parametrize(
    ("rest", "is_kept"),
    [("", False), ("include=x", False), ("include=x,enhancedAllCustomFields", True)],
)
def test_custom_fields_are_dropped_unless_asked_for(open_town, rest, is_kept):
    town = open_town(definitions={"1": "Campus"})
    fields = [{"DefinitionId": "1", "Type": "StringType", "StringValue": "Kigali"}]

    made = town.create(rest=rest, DisplayName="A", CustomField=fields).named()

    assert made.get("CustomField") == ([{**fields[0], "Name": "Campus"}] if is_kept else None)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 60_000, b"7"])
@pytest.mark.parametrize("path", ["customer", "batch"])
def test_a_body_that_is_no_object_is_refused(town, path, body):
    assert town.call("POST", path, body).code == "2010"


@pytest.mark.parametrize(
    "rest", ["operation=void", "include=void", "operation=send", "operation=delete"]
)
def test_an_operation_that_there_is_not_is_refused(town, rest):
    made = town.create(DisplayName="A").named()

    assert town.create(rest=rest, **made).code == "500"


def test_a_repeated_request_is_answered_again(town):
    first = town.create(rest="requestid=r1", DisplayName="A").named()
    refused = town.create(rest="requestid=r2", DisplayName="A")
    town.restart()

    assert town.create(rest="requestid=r1", DisplayName="A").named() == first
    again = town.create(rest="requestid=r2", DisplayName="other")
    assert (again.status, again.code, again.json["Fault"]) == (
        400,
        "6240",
        refused.json["Fault"],
    )


def test_a_request_id_is_no_longer_than_fifty_letters(town):
    assert town.create(rest="requestid=" + 50 * "r", DisplayName="A").status == 200
    assert town.create(rest="requestid=" + 51 * "r", DisplayName="B").code == "2130"


# --- uploads --------------------------------------------------------------------------


def attached(said) -> list[dict]:
    assert said.status == 200, said.body
    return [
        one.get("Attachable") or one["Fault"]["Error"][0]
        for one in said.json["AttachableResponse"]
    ]


def test_a_file_comes_back_with_its_links(town):
    (record,) = attached(town.upload("a b.png", Tag="carryover:k"))

    assert (record["FileName"], record["Size"], record["Tag"]) == ("a b.png", 5, "carryover:k")
    assert record["FileAccessUri"] == f"/v3/company/{REALM}/download/{record['Id']}"
    assert "X-Amz-Expires=900" in record["TempDownloadUri"]
    assert {"ThumbnailFileAccessUri", "ThumbnailTempDownloadUri"} <= set(record)
    assert town.call("GET", f"attachable/{record['Id']}").named("Attachable") == record


def test_only_an_image_has_a_thumbnail(town):
    (record,) = attached(town.upload("a.pdf"))

    assert not [name for name in record if name.startswith("Thumbnail")]


@pytest.mark.parametrize("content", [b"x", bytes(range(256)) * 300])
def test_the_download_link_gives_the_very_bytes(town, content):
    (record,) = attached(town.upload("a/\u6f22 %41.bin", content=content))

    link = town.call("GET", f"download/{record['Id']}")
    assert (link.status, link.headers["Content-Type"]) == (200, "text/plain")
    where = urlsplit(link.body.decode())
    assert town.raw("GET", f"{where.path}?{where.query}").body == content
    assert town.raw("HEAD", where.path).headers["Content-Length"] == str(len(content))


def test_a_forged_link_is_forbidden(town):
    one, other = (urlsplit(a["TempDownloadUri"]).path for a in attached(town.upload("a", "b")))
    name, found, signature, _ = one.strip("/").split("/")

    assert town.raw("GET", f"/{name}/{other.split('/')[2]}/{signature}/a").status == 403
    assert town.raw("GET", f"/{name}/{found}/{'0' * 32}/a").status == 403
    assert town.raw("GET", f"/{name}/{found}/{signature}/other").status == 200


def test_a_refused_file_leaves_the_others_alone(town):
    said = town.call(
        "POST", "upload", many(("a", "Invoice"), ("b", "Transfer"), ("c", "Bill")), **MULTIPART
    )

    assert [one.get("code") or one["FileName"] for one in attached(said)] == ["a", "6050", "c"]
    assert town.count() == 2


def many(*owned: tuple[str, str]) -> bytes:
    parts = []
    for name, owner in owned:
        told = {
            "FileName": name,
            "AttachableRef": [{"EntityRef": {"type": owner, "value": "1"}}],
        }
        for kind, text in (("metadata", json.dumps(told)), ("content", "x")):
            head = f'Content-Disposition: form-data; name="file_{kind}_{name}"'
            parts.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n{text}\r\n")
    return "".join([*parts, f"--{BOUNDARY}--"]).encode()


@pytest.mark.parametrize(
    ("owner", "code"),
    [
        ("Unicorn", "6050"),
        ("Class", "6050"),
        ("Customer", "2500"),
        ("invoice", ""),
        ("VENDOR", "2500"),
    ],
)
def test_a_file_needs_something_to_hang_on(town, owner, code):
    (found,) = attached(town.call("POST", "upload", many(("a", owner)), **MULTIPART))

    assert found.get("code", "") == code


def test_a_file_hangs_on_a_customer_who_is_there(town):
    town.create(DisplayName="A")

    (found,) = attached(town.call("POST", "upload", many(("a", "customer")), **MULTIPART))
    assert found["AttachableRef"][0]["EntityRef"] == {"type": "Customer", "value": "1"}


def test_an_upload_that_is_none_is_refused_as_a_whole(town):
    assert town.call("POST", "upload", b"hello", Content_Type="text/plain").code == "6041"
    assert town.call("POST", "upload", b"hello", **MULTIPART).code == "6041"
    assert town.count() == 0


def test_a_file_without_metadata_is_linked_later(town):
    head = 'Content-Disposition: form-data; name="file_content_01"; filename="a.pdf"'
    body = f"--{BOUNDARY}\r\n{head}\r\n\r\nx\r\n--{BOUNDARY}--"
    (record,) = attached(town.call("POST", "upload", body.encode(), **MULTIPART))
    refs = [{"EntityRef": {"type": "Bill", "value": "58"}}]
    change = {"Id": record["Id"], "SyncToken": "0", "sparse": True, "AttachableRef": refs}

    linked = town.call("POST", "attachable?operation=update", change).named("Attachable")

    assert (linked["SyncToken"], linked["Size"], linked["FileName"]) == ("1", 1, "a.pdf")
    asked = "select * from Attachable where AttachableRef.EntityRef.value = '58'"
    assert town.query(asked).found["Attachable"] == [linked]


def test_a_deleted_file_is_gone(town):
    (record,) = attached(town.upload("a"))
    said = town.call("POST", "attachable?operation=delete", record).named("Attachable")

    assert (said["status"], said["Id"]) == ("Deleted", record["Id"])
    assert (town.count(), town.call("GET", f"download/{record['Id']}").code) == (0, "610")


@pytest.mark.parametrize("restarts", [False, True])
def test_a_repeated_upload_is_answered_again(town, restarts):
    first = attached(town.upload("a", "b", rest="requestid=r1"))
    if restarts:
        town.restart()

    again = attached(town.upload("a", "b", rest="requestid=r1"))

    assert [one["Id"] for one in again] == [one["Id"] for one in first]
    assert town.count() == 2


# --- batch ----------------------------------------------------------------------------


def batch(town, *items: object, rest: str = "") -> list:
    said = town.call("POST", f"batch?{rest}", {"BatchItemRequest": items})
    assert said.status == 200, said.body
    return said.json["BatchItemResponse"]


def made(number: int, name: str) -> dict:
    return {"bId": f"b{number}", "operation": "create", "Customer": {"DisplayName": name}}


def test_the_items_of_a_batch_fail_alone(town):
    answers = batch(
        town,
        made(1, "A"),
        made(2, "A"),
        made(3, "B"),
        {"bId": "q", "Query": "select count(*) from Customer"},
    )

    assert [one["bId"] for one in answers] == ["b1", "b2", "b3", "q"]
    assert answers[1]["Fault"]["Error"][0]["code"] == "6240"
    assert (answers[2]["Customer"]["DisplayName"], answers[3]["QueryResponse"]) == (
        "B",
        {"totalCount": 2},
    )


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({}, "2010"),
        ({"bId": "1", "operation": "create"}, "2010"),
        ({"operation": "create", "Customer": "A"}, "2010"),
        ({"operation": "create", "Customer": {}, "Vendor": {}}, "2010"),
        ({"operation": "explode", "Customer": {"DisplayName": "A"}}, "500"),
        ({"operation": "create", "Unicorn": {}}, "500"),
        ({"operation": "create", "CompanyInfo": {}}, "500"),
        ({"operation": "update", "Customer": {"Id": "9", "SyncToken": "0"}}, "610"),
        ({"Query": "select"}, "4000"),
        ({"Query": None}, "4000"),
    ],
)
def test_an_item_that_is_none_is_refused_alone(town, item, code):
    bad, good = batch(town, item, made(1, "A"))

    assert bad["Fault"]["Error"][0]["code"] == code
    assert good["Customer"]["DisplayName"] == "A"


@pytest.mark.parametrize(("count", "code"), [(30, ""), (31, "1040")])
def test_a_batch_holds_thirty_items(town, count, code):
    items = [made(number, f"N{number}") for number in range(count)]
    said = town.call("POST", "batch", {"BatchItemRequest": items})

    assert (said.code if code else "") == code
    assert town.count("Customer") == (0 if code else 30)


@pytest.mark.parametrize("items", [None, {}, "x", [1], [[]]])
def test_a_batch_without_items_is_refused(town, items):
    assert town.call("POST", "batch", {"BatchItemRequest": items}).code == "2020"


def test_a_repeated_batch_has_no_second_effect(town):
    first = batch(town, made(1, "A"), made(2, "A"), rest="requestid=r")

    assert batch(town, made(1, "A"), made(2, "A"), rest="requestid=r") == first
    assert town.count("Customer") == 1


# --- change data capture --------------------------------------------------------------


def changes(town, entities: str, since: object) -> list:
    said = town.call("GET", f"cdc?entities={entities}&changedSince={quote(str(since))}")
    assert said.headers["Content-Type"] == "text/plain"
    return said.json["CDCResponse"][0]["QueryResponse"]


def test_changes_are_told_by_entity(town):
    town.create(DisplayName="old")
    town.now += timedelta(minutes=1)
    since = town.now.isoformat()
    town.create(DisplayName="new")
    note = town.create("attachable", Note="x").named("Attachable")
    town.call("POST", "attachable?operation=delete", note)

    customers, vendors, notes = changes(town, "customer,Vendor,Attachable", since)

    assert [one["DisplayName"] for one in customers["Customer"]] == ["new"]
    assert (customers["totalCount"], vendors) == (1, {})
    assert [(one["Id"], one["status"]) for one in notes["Attachable"]] == [
        (note["Id"], "Deleted")
    ]


def test_a_change_shows_the_latest_version_once(town):
    made = town.create(DisplayName="A").named()
    latest = town.create(**{**made, "Notes": "x"})

    (customers,) = changes(town, "Customer", town.now.isoformat())
    assert customers["Customer"] == [latest.named()]


def test_attached_files_are_changes(town):
    before = town.now - timedelta(hours=1)
    (record,) = attached(town.upload("a"))

    assert changes(town, "Attachable", before.isoformat())[0]["Attachable"] == [record]
    assert changes(town, "Attachable", (town.now + timedelta(seconds=1)).isoformat()) == [{}]


@pytest.mark.parametrize(
    ("since", "code"),
    [
        ("2026-10-21T09:00:00Z", ""),
        ("2026-10-21T01:00:00-08:00", ""),
        ("2026-10-21T08:59:59Z", "4001"),
        ("2026-10-21T10:59:59+02:00", "4001"),
        ("yesterday", "4001"),
        ("", "4001"),
        ("0001-01-01T00:00:00+10:00", "4001"),
    ],
)
def test_changes_reach_back_thirty_days(town, since, code):
    said = town.call("GET", f"cdc?entities=Customer&changedSince={quote(since)}")

    assert (said.code if said.status == 400 else "") == code


@pytest.mark.parametrize("entities", ["", "Unicorn", "Customer,Unicorn"])
def test_changes_of_nothing_known_are_refused(town, entities):
    assert town.call("GET", f"cdc?entities={entities}&changedSince=2026-11-20").code == "500"


# --- throttling -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowance", "path"), [(Allowance(2, 0, 0), "preferences"), (Allowance(0, 0, 2), "batch")]
)
def test_too_many_calls_are_answered_in_xml(open_town, allowance, path):
    town = open_town(character=CHARACTER._replace(allowance=allowance))
    verb = "POST" if path == "batch" else "GET"
    said = [
        town.call(verb, path, {"BatchItemRequest": [made(1, "A")]}, Accept="application/json")
        for _ in "123"
    ]

    assert [one.status for one in said] == [200, 200, 429]
    assert said[2].headers["Content-Type"] == "application/xml"
    assert (faults_of(said[2].body)[0].code, "Retry-After" in said[2].headers) == (
        "3001",
        False,
    )
    town.tick += 60
    assert town.call(verb, path, {"BatchItemRequest": []}).status == 200


def test_the_items_of_a_batch_count_as_calls(open_town):
    town = open_town(character=CHARACTER._replace(allowance=Allowance(3, 0, 0)))

    batch(town, *(made(n, f"N{n}") for n in range(3)))

    assert town.query("select * from Customer").status == 429


# --- scenarios ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "status", "code", "is_there"),
    [
        ("429", 429, "3001", False),
        ("429:7", 429, "3001", False),
        ("401", 401, "3200", False),
        ("403", 403, "3100", False),
        ("500", 500, "10000", False),
        ("502", 502, "10000", False),
        ("500_applied", 500, "10000", True),
        ("400:6041", 400, "6041", False),
        ("200:5010", 200, "5010", False),
        ("200:9999", 200, "9999", False),
    ],
)
def test_a_scripted_answer_to_a_write(open_town, answer, status, code, is_there):
    town = open_town(f"1,create Customer,{answer}")
    said = town.create(DisplayName="A")

    assert (said.status, faults_of(said.body)[0].code) == (status, code)
    assert said.headers.get("Retry-After") == ("7" if ":7" in answer else None)
    assert town.count("Customer") == is_there
    assert town.create(DisplayName="B").status == 200


@pytest.mark.parametrize(
    ("answer", "status", "code", "is_there"),
    [
        ("429:7", 429, "3001", False),
        ("500_applied", 500, "10000", True),
        ("400:6030", 400, "6030", False),
        ("200:6041", 200, "", False),
        ("200:10000", 200, "", False),
        ("wrong_size", 200, "", True),
    ],
)
def test_a_scripted_answer_to_an_upload(open_town, answer, status, code, is_there):
    town = open_town(f"1,a.pdf,{answer}")
    said = town.upload("a.pdf")

    assert said.status == status
    assert [fault.code for fault in faults_of(said.body)] == ([code] if code else [])
    assert town.count() == is_there
    assert attached(town.upload("a.pdf"))[0]["FileName"] == "a.pdf"


def test_an_unavailable_company_answers_with_a_page(open_town):
    said = open_town(",query,503").query("select * from Customer")

    assert (said.status, said.headers["Content-Type"]) == (503, "text/html")
    assert said.body.startswith(b"<html>")


@pytest.mark.parametrize(("answer", "is_there"), [("drop", 0), ("drop_applied", 1)])
def test_a_dropped_call_has_no_answer(open_town, answer, is_there):
    town = open_town(f"1,a,{answer}", f"1,create Customer,{answer}")
    for act in (lambda: town.upload("a"), lambda: town.create(DisplayName="A")):
        with pytest.raises(RemoteDisconnected):
            act()

    assert (town.count(), town.count("Customer")) == (is_there, is_there)


def test_a_cut_answer_ends_in_its_middle(open_town):
    town = open_town("1,a,cut_applied")
    with pytest.raises(IncompleteRead) as cut:
        town.upload("a")

    assert len(cut.value.partial) > 10
    assert town.count() == 1


@pytest.mark.parametrize(
    ("answer", "is_empty"), [("empty_applied", True), ("garbage_applied", False)]
)
def test_an_answer_may_be_nonsense(open_town, answer, is_empty):
    town = open_town(f"1,a,{answer}")
    said = town.upload("a")

    assert (said.status, said.body == b"", town.count()) == (200, is_empty, 1)
    with pytest.raises(ValueError):
        json.loads(said.body)


def test_a_slow_answer_is_whole(open_town):
    town = open_town("1,a,slow:0.02")

    assert attached(town.upload("a"))[0]["FileName"] == "a"


@pytest.mark.parametrize(
    "path",
    [
        "cdc?entities=Customer&changedSince=2026-11-20",
        "customer/1",
        "preferences",
        f"companyinfo/{REALM}",
    ],
)
def test_a_scenario_covers_every_question(open_town, path):
    town = open_town(",*,500")

    assert (town.call("GET", path).status, town.query("select").status) == (500, 500)


# --- hostile --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"DisplayName": ["A"]},
        {"DisplayName": {"a": 1}},
        {"DisplayName": "A", "Active": "maybe"},
        {"DisplayName": "A", "PrimaryEmailAddr": {"Address": 7}},
        {"DisplayName": "A", "PrimaryEmailAddr": {"Address": None}},
        {"DisplayName": "A", "ParentRef": {"value": {}}},
        {"DisplayName": 7, "Notes": ["x"]},
        {"DisplayName": "A", "MetaData": "x", "Id": None},
        {"DisplayName": "\ud800"},
    ],
)
def test_any_record_is_answered(town, body):
    assert town.create(**body).status in (200, 400)
    assert (
        town.query(
            "select * from Customer where MetaData.x.y = '1' orderby DisplayName"
        ).status
        == 200
    )


@pytest.mark.parametrize(
    "path",
    [
        "attachable/\u0661",
        "customer/../x",
        "query?query=%ff",
        "cdc?entities=%00",
        "download/",
        "batch/7",
    ],
)
def test_any_address_is_answered(town, path):
    assert town.call("GET", quote(path, safe="/?=%&")).status == 400
