"""Multipart bodies as each client sends them, byte for byte, and as nobody should."""

from __future__ import annotations

import base64
import json
import mmap

import pytest

from src.adapters.fakes import parts
from src.adapters.fakes.arriving import incoming, name_of
from src.adapters.fakes.refusal import Refusal

B = "qbo-7d1f0a"
EVERY_BYTE = bytes(range(256)) + b"\r\n--qbo-7d1f0\r\n\r\n--\n" + b"\r\n\r\n\n"
METADATA = {
    "AttachableRef": [{"EntityRef": {"type": "Invoice", "value": "1187"}}],
    "FileName": "a \u00e9.pdf",
    "ContentType": "application/pdf",
}
XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ns0:Attachable xmlns:ns0="http://schema.intuit.com/finance/v3"><ns0:AttachableRef>'
    '<ns0:EntityRef type="Invoice">1187</ns0:EntityRef></ns0:AttachableRef>'
    "<ns0:FileName>a \u00e9.pdf</ns0:FileName><ns0:ContentType>application/pdf"
    "</ns0:ContentType></ns0:Attachable>"
)


def part(name: str, content: bytes, *more: str, end: str = "\r\n") -> bytes:
    """Return a part, from its boundary to the end of its content."""
    told = [f"--{B}", f'Content-Disposition: form-data; name="{name}"{more[0]}', *more[1:]]
    return (end.join(told) + 2 * end).encode() + content


def python_quickbooks(content: bytes) -> bytes:
    data = json.dumps(METADATA, indent=4).encode()
    kind = "Content-Type: application/pdf"
    coded = "Content-Transfer-Encoding: base64"
    return b"\n%b\n\n%b\n\n--%b--\n" % (
        part("file_metadata_01", data, "", "Content-Type: application/json", end="\n"),
        part("file_content_01", base64.b64encode(content), "", kind, coded, end="\n"),
        B.encode(),
    )


def node_quickbooks(content: bytes) -> bytes:
    told = '; filename="a \u00e9.pdf"'
    body = part("file_content_01", content, told, "Content-Type: application/pdf")
    return body + f"\r\n--{B}--\r\n".encode()


def php(content: bytes) -> bytes:
    eight_bit = ("", "Content-Type: application/xml", "Content-Transfer-Encoding: 8bit")
    told = ('; filename="a.pdf"', "Content-Transfer-Encoding: base64")
    metadata = part("file_metadata_0", XML.encode(), *eight_bit)
    coded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return metadata + part("file_content_0", coded, *told) + f"\r\n--{B}--\n\n".encode()


def dot_net(content: bytes) -> bytes:
    told = ('; filename="a.pdf"', "Content-Transfer-Encoding: binary")
    metadata = part("file_metadata_0", json.dumps(METADATA).encode(), "")
    return b"%b\r\n%b\r\n--%b" % (metadata, part("file_content_0", content, *told), B.encode())


def java(content: bytes) -> bytes:
    metadata = part("file_metadata_0a1f3_1", json.dumps(METADATA).encode(), "")
    told = ('; filename="a.pdf"', "Content-Type: application/pdf")
    body = part("file_content_0a1f3_1", content, *told)
    return b"\r\n%b\r\n%b\r\n--%b--\r\n" % (metadata, body, B.encode())


def ruby(content: bytes) -> bytes:
    metadata = part("file_metadata_0", XML.encode(), "", "Content-Type: application/xml")
    body = part("file_content_0", content, '; filename="a.pdf"')
    return b"%b\r\n%b\r\n--%b--" % (metadata, body, B.encode())


CLIENTS = (python_quickbooks, node_quickbooks, php, dot_net, java, ruby)


def uploads(body: parts.Buffer, boundary: str = B) -> list[parts.Upload]:
    return parts.uploads_in(f"multipart/form-data; boundary={boundary}", body)


def content_of(upload: parts.Upload) -> bytes:
    return b"".join(upload.content.blocks())


# --- dialects -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [EVERY_BYTE, b"x", b"\n", b"\r\n\r\n", b"--", 300 * b"ab\0"]
)
@pytest.mark.parametrize("client", CLIENTS)
def test_the_content_arrives_byte_for_byte(client, content):
    (upload,) = uploads(client(content))

    assert content_of(upload) == content


@pytest.mark.parametrize("client", [one for one in CLIENTS if one is not node_quickbooks])
def test_the_metadata_arrives_whichever_way_it_is_written(client):
    (upload,) = uploads(client(b"x"))

    assert upload.metadata["FileName"] == "a \u00e9.pdf"
    (ref,) = upload.metadata["AttachableRef"]
    assert ref["EntityRef"] == {"type": "Invoice", "value": "1187"}


def test_without_metadata_the_part_tells_the_name():
    (upload,) = uploads(node_quickbooks(b"x"))

    assert (upload.metadata, name_of(upload)) == ({}, "a \u00e9.pdf")


@pytest.mark.parametrize("client", CLIENTS)
def test_a_file_of_each_client_is_taken(client):
    arrived = incoming(uploads(client(b"hello"))[0], "")

    owner = ("", "") if client is node_quickbooks else ("Invoice", "1187")
    assert (arrived.entity_type, arrived.entity_id, arrived.code) == (*owner, "")
    assert (b"".join(arrived.blocks()), arrived.name) == (b"hello", "a \u00e9.pdf")


def test_the_last_boundary_may_follow_the_metadata_at_once():
    body = part("file_metadata_0", XML.encode(), "") + part("file_content_0", b"x", "")

    (upload,) = uploads(body + b"\r\n--" + B.encode())
    assert (content_of(upload), upload.metadata["FileName"]) == (b"x", "a \u00e9.pdf")


def test_many_files_keep_their_order_and_their_partners():
    numbers = ["01", "0", "0a1f3_12", "100"]
    metadata = [
        part(f"file_metadata_{n}", b'{"FileName":"%b"}' % n.encode(), "") for n in numbers
    ]
    contents = [part(f"file_content_{n}", n.encode(), "") for n in reversed(numbers)]

    found = uploads(b"\r\n".join(metadata + contents) + f"\r\n--{B}--".encode())

    assert [one.metadata["FileName"] for one in found] == numbers
    assert [content_of(one).decode() for one in found] == numbers


# --- boundaries -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        f"\r\n--{B}x\r\n".encode(),
        f"--{B}-".encode(),
        f"\r\n--{B} and on".encode(),
        f"\r\n-{B}\r\n".encode(),
        f"\r\n--{B[:-1]}\r\n--".encode(),
        f"--{B.upper()}\r\n".encode(),
    ],
)
def test_what_only_looks_like_the_boundary_is_content(content):
    (upload,) = uploads(ruby(content))

    assert content_of(upload) == content


@pytest.mark.parametrize(
    "content_type",
    [
        f"multipart/form-data; boundary={B}",
        f'multipart/form-data; boundary="{B}"',
        f"multipart/form-data;BOUNDARY = {B};charset=utf-8",
        f"multipart/form-data; charset=utf-8; boundary={B}",
    ],
)
def test_the_boundary_is_found_in_the_header(content_type):
    assert len(parts.uploads_in(content_type, ruby(b"x"))) == 1


@pytest.mark.parametrize(
    "content_type",
    ["", "multipart/form-data", "multipart/form-data; boundary=", "application/json; bound=x"],
)
def test_without_a_boundary_nothing_is_taken(content_type):
    with pytest.raises(Refusal, match="6041"):
        parts.uploads_in(content_type, ruby(b"x"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"--other\r\n\r\n",
        f"--{B}--".encode(),
        f"--{B}\r\n\r\nx\r\n--{B}--".encode(),
    ],
)
def test_a_body_without_files_is_refused(body):
    with pytest.raises(Refusal, match="6041"):
        uploads(body)


def test_a_part_of_another_name_is_passed_over():
    body = part("comment", b"hello", "") + b"\r\n" + ruby(b"x")

    assert [content_of(one) for one in uploads(body)] == [b"x"]


# --- sizes ----------------------------------------------------------------------------


def test_sixteen_megabytes_are_read_where_they_lie(tmp_path):
    content = EVERY_BYTE * (16_000_000 // len(EVERY_BYTE))
    (tmp_path / "body").write_bytes(java(content))
    with open(tmp_path / "body", "rb") as file:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
            (upload,) = uploads(body)
            blocks = list(upload.content.blocks())

    assert b"".join(blocks) == content
    assert max(map(len, blocks)) == parts.BLOCK


@pytest.mark.parametrize("end", [f"\r\n\r\n--{B}--", f"\r\n--{B}--", f"\r\n--{B}"])
def test_an_empty_file_is_refused_alone(end):
    head = (
        f'--{B}\r\nContent-Disposition: form-data; name="file_content_0"; filename="a.pdf"\r\n'
    )
    (upload,) = uploads((head + end).encode())

    arrived = incoming(upload, "")
    assert (arrived.name, arrived.size, arrived.code) == ("a.pdf", 0, "6041")


def test_metadata_without_a_file_is_refused_alone():
    (upload,) = uploads(
        part("file_metadata_0", b'{"FileName":"a.pdf"}', "") + b"\r\n--" + B.encode()
    )

    assert (incoming(upload, "").code, incoming(upload, "").name) == ("6041", "a.pdf")


# --- hostile --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (r'filename="a\"b.pdf"', 'a"b.pdf'),
        (r'filename="a\\b.pdf"', "a\\b.pdf"),
        ('filename="../../etc/passwd"', "../../etc/passwd"),
        ('filename="a; name=file_metadata_0; b"', "a; name=file_metadata_0; b"),
        ('filename="\u6f22\u5b57 \U0001f600.pdf"', "\u6f22\u5b57 \U0001f600.pdf"),
        ("filename=plain.pdf", "plain.pdf"),
        ('filename=""', "untitled"),
        ('filename="%22quoted%22"', '"quoted"'),
    ],
)
def test_a_name_is_taken_as_it_is(told, name):
    (upload,) = uploads(part("file_content_0", b"x", "; " + told) + f"\r\n--{B}".encode())

    assert name_of(upload) == name


def test_a_filename_before_the_name_is_not_taken_for_it():
    head = 'Content-Disposition: form-data; filename="; name=comment"; name="file_content_0"'
    (upload,) = uploads(f"--{B}\r\n{head}\r\n\r\nx\r\n--{B}--".encode())

    assert (name_of(upload), content_of(upload)) == ("; name=comment", b"x")


@pytest.mark.parametrize("content", [b"abc", b"ab=c", b"a\xffbc", b"@@@@", b"="])
def test_damaged_base64_is_refused(content):
    coded = ("", "Content-Transfer-Encoding: BASE64")
    (upload,) = uploads(part("file_content_0", content, *coded) + f"\r\n--{B}--".encode())

    with pytest.raises(Refusal, match="6041"):
        content_of(upload)


BOMB = '<!DOCTYPE a [<!ENTITY b "ha">]><Attachable><FileName>&b;</FileName></Attachable>'


@pytest.mark.parametrize(
    "metadata",
    [
        BOMB.encode(),
        BOMB.encode("utf-16"),
        BOMB.encode("utf-16-le"),
        BOMB.replace("<!DOCTYPE a", '<!DOCTYPE a SYSTEM "file:///etc/passwd"').encode(),
        b"<Attachable>",
        b"<Invoice/>",
        b"<Attachable>" * 60_000 + b"</Attachable>" * 60_000,
        b"[" * 60_000,
        b"[]",
        b"null",
        b"{",
        b"",
        b"\xff\xfe",
        b'{"AttachableRef": [[]]}',
        b'{"AttachableRef": "Invoice"}',
        b'{"AttachableRef": [{"EntityRef": "Invoice"}]}',
        b'{"AttachableRef": 7}',
    ],
)
def test_metadata_that_is_no_attachable_is_refused(metadata):
    body = part("file_metadata_0", metadata, "") + b"\r\n" + part("file_content_0", b"x", "")
    with pytest.raises(Refusal, match="6040"):
        incoming(uploads(body + f"\r\n--{B}--".encode())[0], "")


def test_empty_metadata_is_no_fault():
    body = python_quickbooks(b"x")
    more = b'"Note": "", "CustomField": [], "SyncToken": 0, "sparse": false, "FileName"'

    arrived = incoming(uploads(body.replace(b'"FileName"', more))[0], "")

    assert {"Note", "CustomField", "SyncToken", "sparse"}.isdisjoint(json.loads(arrived.more))


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"ContentType": "image/jpg"}, "image/jpeg"),
        ({"FileName": "a.png"}, "image/png"),
        ({"FileName": "a.unknown"}, "application/octet-stream"),
    ],
)
def test_the_content_type_is_told_as_it_should_be(told, shown):
    body = part("file_metadata_0", json.dumps(told).encode(), "")
    body += b"\r\n" + part("file_content_0", b"x", "") + f"\r\n--{B}--".encode()

    assert json.loads(incoming(uploads(body)[0], "").more)["ContentType"] == shown


def test_several_owners_are_all_kept_as_quickbooks_spells_them():
    refs = [
        {"EntityRef": {"type": kind, "value": 7}} for kind in ("invoice", "BILL", "Unicorn")
    ]
    body = part("file_metadata_0", json.dumps({"AttachableRef": refs}).encode(), "")

    arrived = incoming(
        uploads(body + b"\r\n" + node_quickbooks(b"x").replace(b"_01", b"_0"))[0], ""
    )

    kept = [ref["EntityRef"] for ref in json.loads(arrived.more)["AttachableRef"]]
    assert [ref["type"] for ref in kept] == ["Invoice", "Bill", "Unicorn"]
    assert {ref["value"] for ref in kept} == {"7"}
