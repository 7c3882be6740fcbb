"""What clients in other languages send, byte by byte as their SDKs send it."""

from __future__ import annotations

import base64
import json
from urllib.parse import urlencode

import pytest

from tests.contracts.company import BASIC, FORM, JSON, TOKENS, Raw

CONTENT = bytes(range(256)) * 9 + b"\r\n--not-the-boundary\r\n\n--\r\n"
REVOKE = "/v2/oauth2/tokens/revoke"
METADATA = {
    "AttachableRef": [{"EntityRef": {"type": "invoice", "value": "1187"}}],
    "FileName": "scan é.pdf",
    "ContentType": "application/pdf",
    "Tag": "legacy:1A2B-1409571840",
}
XML = """<?xml version="1.0" encoding="UTF-8"?>
<ns0:Attachable xmlns:ns0="http://schema.intuit.com/finance/v3"><ns0:FileName>scan é.pdf\
</ns0:FileName><ns0:ContentType>application/pdf</ns0:ContentType><ns0:AttachableRef>\
<ns0:EntityRef type="Invoice">1187</ns0:EntityRef></ns0:AttachableRef>\
<ns0:Tag>legacy:1A2B-1409571840</ns0:Tag></ns0:Attachable>"""


def part(name: str, headers: str, content: bytes) -> bytes:
    """Return a part of a form with CRLF, without its boundary."""
    told = f'Content-Disposition: form-data; name="{name}"{headers}\r\n\r\n'
    return told.encode() + content


def file_part(name: str, content: bytes = CONTENT, encoding: str = "") -> bytes:
    more = f"\r\nContent-Transfer-Encoding: {encoding}" if encoding else ""
    headers = f'; filename="scan.pdf"\r\nContent-Type: application/pdf{more}'
    return part(name, headers, content)


def json_part(name: str, metadata=METADATA) -> bytes:
    headers = "\r\nContent-Type: application/json; charset=UTF-8"
    return part(name, headers, json.dumps(metadata).encode())


def joined(boundary: str, *parts: bytes, end: str = "\r\n--{}--\r\n") -> bytes:
    """Return a form of parts; `end` is how a client writes the last boundary."""
    border = f"--{boundary}\r\n".encode()
    body = b"\r\n".join(border + one for one in parts)
    return body + end.format(boundary).encode()


def dot_net() -> bytes:
    parts = json_part("file_metadata_0"), file_part("file_content_0", encoding="binary")
    return joined("b", *parts, end="\r\n--{}")


def php() -> bytes:
    metadata = part(
        "file_metadata_0",
        "\r\nContent-Type: application/xml; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit",
        XML.encode(),
    )
    lines = base64.encodebytes(CONTENT).replace(b"\n", b"\r\n")
    content = file_part("file_content_0", lines, "base64")
    return b"--b\r\n" + metadata + b"--b\r\n" + content + b"--b--\r\n\r\n"


def php_with_a_line_end() -> bytes:
    return php().replace(b"</ns0:Attachable>", b"</ns0:Attachable>\n")


def ruby() -> bytes:
    headers = "\r\nContent-Type: application/xml"
    metadata = part("file_metadata_0", headers, XML.encode())
    return joined("b", metadata, file_part("file_content_0"))


def java() -> bytes:
    parts = json_part("file_metadata_3fa9c_0"), file_part("file_content_3fa9c_0")
    return b"\r\n" + joined("b", *parts)


def python() -> bytes:
    metadata = json.dumps({**METADATA, "Note": "", "SyncToken": 0, "sparse": False}, indent=4)
    content = base64.b64encode(CONTENT).decode()
    return (
        '\n--b\nContent-Disposition: form-data; name="file_metadata_01"\n'
        f"Content-Type: application/json\n\n{metadata}\n\n--b\n"
        'Content-Disposition: form-data; name="file_content_01"\nContent-Type: '
        f"application/pdf\nContent-Transfer-Encoding: base64\n\n{content}\n\n--b--\n"
    ).encode()


DIALECTS = (dot_net, php, php_with_a_line_end, ruby, java, python)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.__name__)
def test_a_file_arrives_whole_from_every_sdk(raw, dialect):
    [answer] = raw.upload("b", dialect())

    made = answer["Attachable"]
    assert (made["FileName"], made["Size"]) == ("scan é.pdf", len(CONTENT))
    assert made["AttachableRef"][0]["EntityRef"] == {"type": "Invoice", "value": "1187"}
    assert made["Tag"] == "legacy:1A2B-1409571840"
    assert raw.content(made) == CONTENT


def test_a_client_that_closes_its_connection_is_read_to_the_end(raw):
    raw.bearer["Connection"] = "close"

    [answer] = raw.upload("b", python())

    assert answer["Attachable"]["Size"] == len(CONTENT)


def test_javas_files_of_one_request_are_paired_and_answered_in_order(raw):
    parts = []
    for number in range(3):
        name = {**METADATA, "FileName": f"{number}.pdf"}
        parts.append(json_part(f"file_metadata_3fa9c_{number}", name))
        parts.append(file_part(f"file_content_3fa9c_{number}", b"%d" % number * 9))

    answers = raw.upload("b", b"\r\n" + joined("b", *parts))

    made = [answer["Attachable"] for answer in answers]
    assert [one["FileName"] for one in made] == ["0.pdf", "1.pdf", "2.pdf"]
    assert [raw.content(one) for one in made] == [b"0" * 9, b"1" * 9, b"2" * 9]


def test_a_refused_file_leaves_the_others_of_its_request_alone(raw):
    transfer = {"AttachableRef": [{"EntityRef": {"type": "Transfer", "value": "7"}}]}
    parts = [json_part("file_metadata_a_0", transfer), file_part("file_content_a_0")]
    parts += [json_part("file_metadata_a_1"), file_part("file_content_a_1")]

    refused, made = raw.upload("b", joined("b", *parts))

    assert refused["Fault"]["Error"][0]["code"] == "6050"
    assert made["Attachable"]["Size"] == len(CONTENT)


def test_node_uploads_first_and_attaches_afterwards(raw):
    [answer] = raw.upload(
        "b", joined("b", file_part("file_content_01")), "upload?format=json&minorversion=75"
    )
    made = answer["Attachable"]
    assert made["FileName"] == "scan.pdf" and "AttachableRef" not in made
    linked = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    linked["AttachableRef"] = [{"EntityRef": {"type": "Invoice", "value": "1187"}}]

    updated = raw.post("attachable?operation=update&format=json", linked).json["Attachable"]

    assert (updated["Id"], updated["SyncToken"]) == (made["Id"], "1")
    assert updated["Size"] == len(CONTENT)
    assert raw.content(updated) == CONTENT


def test_node_asks_in_lower_case(raw):
    raw.upload("b", ruby())

    found = raw.query(
        "select * from attachable where AttachableRef.EntityRef.type = 'invoice' "
        "and AttachableRef.EntityRef.value = '1187'"
    )

    assert [one["FileName"] for one in found["Attachable"]] == ["scan é.pdf"]
    assert raw.query("select count(*) from attachable") == {"totalCount": 1}


def test_a_query_may_be_posted_as_text(raw):
    raw.post("customer", {"DisplayName": "Aline O'Neil"})
    text = {"Content-Type": "application/text", **raw.bearer}
    statement = rb"select * from customer where DisplayName = 'Aline O\'Neil'"

    answer = raw.send("POST", "/v3/company/9130359990042/query", statement, text)

    assert [one["Id"] for one in answer.json["QueryResponse"]["Customer"]] == ["1"]


def test_a_batch_answers_each_item_by_its_bid(raw):
    items = [
        {"bId": "b1", "operation": "create", "Customer": {"DisplayName": "Aline"}},
        {"bId": "b2", "operation": "create", "Vendor": {"DisplayName": "ALINE"}},
        {"bId": "b3", "operation": "create", "Attachable": {"Note": "seen"}},
        {"bId": "b4", "Query": "select * from Customer maxresults 5"},
    ]

    answer = raw.post("batch", {"BatchItemRequest": items})

    found = {one["bId"]: one for one in answer.json["BatchItemResponse"]}
    assert found["b1"]["Customer"]["SyncToken"] == "0"
    assert found["b2"]["Fault"]["Error"][0]["code"] == "6240"
    assert found["b3"]["Attachable"]["Note"] == "seen"
    assert found["b4"]["QueryResponse"]["Customer"][0]["DisplayName"] == "Aline"


def test_a_batch_shows_the_links_of_the_files_it_finds(raw):
    raw.upload("b", ruby())
    items = [{"bId": "q", "Query": "select * from attachable"}]

    [answer] = raw.post("batch", {"BatchItemRequest": items}).json["BatchItemResponse"]

    assert answer["QueryResponse"]["Attachable"][0]["TempDownloadUri"].startswith("http")


def test_an_upload_without_a_length_is_refused(raw):
    headers = {"Transfer-Encoding": "chunked", **raw.bearer}
    headers["Content-Type"] = "multipart/form-data; boundary=b"

    answer = raw.send("POST", "/v3/company/9130359990042/upload", b"0\r\n\r\n", headers)

    assert answer.status == 400
    assert answer.json["Fault"]["Error"][0]["code"] == "6020"


@pytest.mark.parametrize(
    ("form", "headers"),
    [({}, BASIC), ({"client_id": "cid", "client_secret": "secret"}, {})],
    ids=["basic", "form"],
)
def test_a_code_is_exchanged_whichever_way_the_client_names_itself(company, form, headers):
    tokens = Raw(company).exchange(form, headers).json

    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == 3600
    assert tokens["x_refresh_token_expires_in"] > 8_000_000
    assert tokens["access_token"] and tokens["refresh_token"]


def test_a_code_works_once_and_only_for_a_client_that_names_itself(company):
    client = Raw(company)
    once = {"code": client.code()}

    assert client.exchange({}, {}).status == 401
    assert client.exchange(once, BASIC).status == 200
    assert client.exchange(once, BASIC).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("encoded", "headers"),
    [
        (lambda token: urlencode({"token": token}), {**FORM, **BASIC}),
        (lambda token: json.dumps({"token": token}), {**JSON, **BASIC}),
        (
            lambda token: urlencode(
                {"token": token, "client_id": "cid", "client_secret": "secret"}
            ),
            FORM,
        ),
    ],
    ids=["form", "json", "form-with-the-client"],
)
def test_a_revoked_connection_is_over(raw, encoded, headers):
    token = raw.tokens["refresh_token"]

    assert raw.send("POST", REVOKE, encoded(token).encode(), headers).status == 200

    refreshed = urlencode({"grant_type": "refresh_token", "refresh_token": token}).encode()
    answer = raw.send("POST", TOKENS, refreshed, {**FORM, **BASIC})
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")
    assert raw.get("companyinfo/9130359990042").status == 401


def test_every_answer_carries_a_trace_id(raw):
    good, bad = raw.get("preferences"), raw.get("customer/77")

    assert (good.status, bad.status) == (200, 400)
    assert good.headers["intuit_tid"] != bad.headers["intuit_tid"]
