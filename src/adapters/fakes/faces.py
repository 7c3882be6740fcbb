"""How a simulated company's answers look: JSON, and errors in three dialects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from src.adapters.fakes.refusal import Refusal
from src.adapters.qbo_errors import Fault
from src.kit.serving import Reply

XMLNS = "http://schema.intuit.com/finance/v3"
GATEWAY = {
    "warnings": None,
    "intuitObject": None,
    "report": None,
    "queryResponse": None,
    "batchItemResponse": [],
    "attachableResponse": [],
    "syncErrorResponse": None,
    "requestId": None,
    "status": None,
    "cdcresponse": [],
}


def json_reply(content: Mapping[str, Any], now: datetime, status: int = 200) -> Reply:
    """Return an answer with `time`, as every JSON answer has it."""
    stamped = {**content, "time": now.isoformat(timespec="milliseconds")}
    return Reply(status, json.dumps(stamped).encode())


def fault(found: Fault) -> dict[str, Any]:
    """Return an error as it stands in a JSON answer, or in a part of one."""
    error = {
        "Message": found.message,
        "Detail": found.detail,
        "code": found.code,
        "element": found.element,
    }
    return {"Fault": {"Error": [error], "type": found.kind}}


def refused(refusal: Refusal, now: datetime) -> Reply:
    """Return the answer to a request that is refused as a whole."""
    return json_reply(fault(refusal.fault), now, refusal.status)


def system_fault(now: datetime, status: int = 500) -> Reply:
    """Return what QuickBooks answers when it breaks down."""
    text = "An application error has occurred while processing your request"
    return json_reply(
        fault(Fault("10000", text, "System Failure Error", kind="SystemFault")), now, status
    )


def unauthorized(now: datetime, status: int, code: str, name: str, detail: str) -> Reply:
    """Return the gateway's answer, in lower case, to who may not come in."""
    error = {
        "message": f"message={name}; errorCode={code:0>6}; statusCode={status}",
        "detail": detail,
        "code": code,
        "element": None,
    }
    kind = "AUTHENTICATION" if status == 401 else "AUTHORIZATION"
    told = {"fault": {"error": [error], "type": kind}, "time": int(1000 * now.timestamp())}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return Reply(status, json.dumps({**GATEWAY, **told}).encode(), headers=headers)


def throttled(now: datetime, wait: str = "") -> Reply:
    """Return the gateway's answer, in XML whatever was asked for, to too many calls."""
    text = "message=ThrottleExceeded; errorCode=003001; statusCode=429"
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<IntuitResponse time='
        f'"{now.isoformat(timespec="milliseconds")}" xmlns="{XMLNS}"><Fault type="SERVICE">'
        f'<Error code="3001"><Message>{escape(text)}</Message><Detail>The request limit '
        "was reached.  Try again later</Detail></Error></Fault></IntuitResponse>"
    )
    headers = {"Retry-After": wait} if wait else {}
    return Reply(429, body.encode(), "application/xml", headers)


def unavailable() -> Reply:
    """Return what a load balancer answers while a company cannot be reached."""
    body = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
    return Reply(503, body, "text/html")
