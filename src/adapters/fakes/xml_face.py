"""QuickBooks in XML, which Intuit's PHP and .NET SDKs and the Ruby gem may speak.

Both spellings come from one schema: what JSON writes with a small first letter is an
attribute (domain, sparse, bId, type …), `value` is the text, a list is a repetition.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

from src.adapters.fakes.faces import XMLNS
from src.kit.serving import Call, Reply

_ARRAYS = ("AttachableRef", "CustomField", "Line", "LinkedTxn", "BatchItemRequest")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def either(app: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    """Return an application that speaks XML to whoever does, and JSON to all others."""

    def answer(call: Call) -> Reply:
        if not call.path.startswith("/v3/"):
            return app(call)
        reply = app(_in_json(call))
        accepted = call.headers.get("accept", "").lower()
        wants_xml = "xml" in accepted and "json" not in accepted
        return _in_xml(reply) if wants_xml else reply

    return answer


def read(text: bytes) -> tuple[str, dict[str, Any]]:
    """Return the name and the fields of an XML document; raises ValueError."""
    # Entities can be bombs; in UTF-16 they would not be seen.
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text:
        raise ValueError("the XML holds a document type")
    try:
        root = ElementTree.fromstring(text)
        found = _value(root)
    except (ElementTree.ParseError, LookupError, RecursionError):
        raise ValueError("it is no XML") from None
    return _local(root.tag), found if isinstance(found, dict) else {}


def _in_json(call: Call) -> Call:
    """Return a call with its XML body as JSON; any other call as it is."""
    if "xml" not in call.headers.get("content-type", "").lower() or call.method != "POST":
        return call
    try:
        _, found = read(bytes(call.body))
    except ValueError:
        return call
    body = json.dumps(found).encode()
    return call._replace(body=body, length=len(body))


def _in_xml(reply: Reply) -> Reply:
    """Return a JSON answer as XML; any other answer as it is."""
    if not isinstance(reply.body, bytes) or reply.body[:1] != b"{":
        return reply
    try:
        told = json.loads(reply.body)
    except ValueError:
        return reply
    if "fault" in told:  # the gateway's spelling, in JSON only
        [error] = told["fault"]["error"]
        spelled = {"Message": error["message"], "Detail": error["detail"], "code": error["code"]}
        fault = {"type": told["fault"]["type"], "Error": [spelled]}
        told = {"Fault": fault, "time": str(told["time"])}
    root = ElementTree.Element("IntuitResponse", {"xmlns": XMLNS})
    _fill(root, told)
    body = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return reply._replace(body=body, content_type="application/xml")


def _value(element: ElementTree.Element) -> Any:
    """Return an element as JSON spells it."""
    children: dict[str, Any] = {}
    for child in element:
        name = _local(child.tag)
        if name in _ARRAYS:
            children.setdefault(name, []).append(_value(child))
        else:
            children[name] = _value(child)
    if children:
        return {**element.attrib, **children}
    text = (element.text or "").strip()
    if _local(element.tag).endswith("Ref") and text:
        return {**element.attrib, "value": text}
    return text == "true" if text in ("true", "false") else text


def _fill(element: ElementTree.Element, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name == "value":
            element.text = _text(value)
        elif name[:1].islower() and not isinstance(value, (dict, list)):
            element.set(name, _text(value))
        else:
            _add(element, name, value)


def _add(parent: ElementTree.Element, name: str, value: Any) -> None:
    for one in value if isinstance(value, list) else [value]:
        child = ElementTree.SubElement(parent, name)
        if isinstance(one, dict):
            _fill(child, one)
        else:
            child.text = _text(one)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else _NO_XML.sub("", str(value))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
