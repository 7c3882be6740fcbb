"""Clients that speak XML: Ruby's gem always, Intuit's SDKs for PHP and .NET if told to."""

from __future__ import annotations

from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from tests.contracts.company import REALM
from tests.contracts.test_other_clients import CONTENT, ruby

V3 = "http://schema.intuit.com/finance/v3"
NAMES = {"v": V3}
XML = {"Content-Type": "application/xml", "Accept": "application/xml"}


@pytest.fixture
def ask(raw):
    """Return a function that sends XML and returns the status and the parsed answer."""

    def asked(method, path, body=""):
        headers = {**XML, **raw.bearer}
        whole = f"/v3/company/{REALM}/{path}"
        answer = raw.send(method, whole, body.encode(), headers)
        assert answer.headers["content-type"].startswith("application/xml")
        return answer.status, ElementTree.fromstring(answer.body)

    return asked


def customer(fields: str, attributes: str = "") -> str:
    return f'<Customer xmlns="{V3}"{attributes}>{fields}</Customer>'


def test_a_customer_is_made_and_changed_in_xml(ask):
    status, made = ask(
        "POST",
        "customer",
        customer("<DisplayName>Aline</DisplayName><Notes>1</Notes><Active>true</Active>"),
    )
    found = made.findtext("v:Customer/v:Id", namespaces=NAMES)
    sparse = f"<Id>{found}</Id><SyncToken>0</SyncToken><Notes>2 &amp; 3</Notes>"

    _, changed = ask("POST", "customer?operation=update", customer(sparse, ' sparse="true"'))

    assert (status, made.tag) == (200, f"{{{V3}}}IntuitResponse")
    assert made.get("time")
    [shown] = changed
    assert shown.attrib == {"domain": "QBO", "sparse": "false"}
    assert shown.findtext("v:SyncToken", namespaces=NAMES) == "1"
    assert shown.findtext("v:DisplayName", namespaces=NAMES) == "Aline"
    assert shown.findtext("v:Notes", namespaces=NAMES) == "2 & 3"
    currency = shown.find("v:CurrencyRef", NAMES)
    assert (currency.text, currency.get("name")) == ("USD", "United States Dollar")


def test_a_query_in_xml_has_its_sizes_as_attributes(ask):
    ask("POST", "customer", customer("<DisplayName>Aline</DisplayName>"))

    _, found = ask("GET", "query?query=" + quote("select * from Customer"))
    _, counted = ask("GET", "query?query=" + quote("select count(*) from Customer"))

    assert found[0].get("startPosition") == found[0].get("maxResults") == "1"
    assert len(found.findall("v:QueryResponse/v:Customer", NAMES)) == 1
    assert counted[0].get("totalCount") == "1"


def test_an_error_in_xml_has_its_code_as_an_attribute(ask):
    ask("POST", "customer", customer("<DisplayName>Aline</DisplayName>"))

    status, told = ask("POST", "customer", customer("<DisplayName>Aline</DisplayName>"))

    error = told.find("v:Fault/v:Error", NAMES)
    assert (status, error.get("code")) == (400, "6240")
    assert told.find("v:Fault", NAMES).get("type") == "ValidationFault"


def test_an_unknown_token_is_told_in_xml(raw, ask):
    raw.bearer = {"Authorization": "Bearer nobody"}

    status, told = ask("GET", "customer/1")

    fault = told.find("v:Fault", NAMES)
    assert (status, fault.get("type"), fault[0].get("code")) == (401, "AUTHENTICATION", "3200")


def test_a_body_that_is_no_xml_is_refused(ask):
    status, told = ask("POST", "customer", "<Customer>")

    assert (status, told.find("v:Fault/v:Error", NAMES).get("code")) == (400, "2010")


def test_a_batch_in_xml_is_answered_by_bid(ask):
    items = [
        f'<BatchItemRequest bId="{number}" operation="create"><Customer><DisplayName>Aline'
        "</DisplayName></Customer></BatchItemRequest>"
        for number in (1, 2)
    ]
    items.append('<BatchItemRequest bId="3"><Query>select * from Customer</Query></BatchItemRequest>')
    body = f'<IntuitBatchRequest xmlns="{V3}">{"".join(items)}</IntuitBatchRequest>'

    _, told = ask("POST", "batch", body)

    assert [one.get("bId") for one in told] == ["1", "2", "3"]
    kinds = [one[0].tag.partition("}")[2] for one in told]
    assert kinds == ["Customer", "Fault", "QueryResponse"]


def test_an_upload_is_answered_in_xml_to_who_asks_for_it(raw):
    raw.bearer["Accept"] = "application/xml"
    headers = {"Content-Type": "multipart/form-data; boundary=b", **raw.bearer}

    answer = raw.send("POST", f"/v3/company/{REALM}/upload", ruby(), headers)

    made = ElementTree.fromstring(answer.body).find("v:AttachableResponse/v:Attachable", NAMES)
    assert made.findtext("v:Size", namespaces=NAMES) == str(len(CONTENT))
    owner = made.find("v:AttachableRef/v:EntityRef", NAMES)
    assert (owner.get("type"), owner.text) == ("Invoice", "1187")
