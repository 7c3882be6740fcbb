"""Requests that mean harm, or make no sense, and the status that each is answered with.

A row is a name, the statuses that will do (0 = closed without a word) and the raw request.
The addresses are those of the real site; @PORT@ is the port that is asked.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.raw import request

PAGE, FORM_PLACE, LOG = "/", "/sync/wms/start", "/logs/wms_runlog.csv"
API, LIST = "/api/v1/sync/customers/all", "/api/v1/sync/customers/preview/students"
JSON, FORM = (
    "Content-Type: application/json",
    "Content-Type: application/x-www-form-urlencoded",
)
OURS = "Origin: http://127.0.0.1:@PORT@"
LARGEST = 64 * 1024


class Attack(NamedTuple):
    """One request that is not to get what it asks for."""

    name: str
    statuses: tuple[int, ...]
    raw: bytes


def get(path: str, *headers: str, host: str = "127.0.0.1") -> bytes:
    """Return a look at a page."""
    return request("GET", path, *headers, host=host)


def api(body: bytes, *headers: str, kind: str = JSON) -> bytes:
    """Return a start of work by a program."""
    return request("POST", API, *([kind] if kind else []), *headers, body=body)


def form(body: bytes, *headers: str) -> bytes:
    """Return a start of work by a page's form."""
    return request("POST", FORM_PLACE, FORM, *headers, body=body)


def bare(*lines: str, body: bytes = b"") -> bytes:
    """Return lines as they stand."""
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


HOST = "Host: 127.0.0.1:@PORT@"
HOSTS = [
    Attack("evil host", (421,), bare("GET / HTTP/1.1", "Host: evil.example")),
    Attack("evil host, our port", (421,), get(PAGE, host="evil.example")),
    Attack("no host", (421,), get(PAGE, host="")),
    Attack("no host in 1.0", (421,), bare("GET / HTTP/1.0")),
    Attack("host twice", (421,), get(PAGE, HOST)),
    Attack("host twice, one evil", (421,), get(PAGE, "Host: evil.example")),
    Attack("wrong port", (421,), bare("GET / HTTP/1.1", "Host: 127.0.0.1:1")),
    Attack("no port", (421,), bare("GET / HTTP/1.1", "Host: 127.0.0.1")),
    Attack("absolute URI, evil", (400,), get("http://evil.example/")),
    Attack("absolute URI, our port, evil", (400,), get("http://evil.example:@PORT@/")),
    Attack(
        "absolute URI and host, evil", (421,), bare("GET http://e/ HTTP/1.1", "Host: e")
    ),
    Attack("user in URI", (400,), get("http://evil@127.0.0.1:@PORT@/")),
    Attack(
        "forwarded host", (421,), bare("GET / HTTP/1.1", "Host: e", f"X-Forwarded-{HOST}")
    ),
]
ORIGINS = [
    Attack("cross origin", (403,), form(b"", "Origin: http://evil.example")),
    Attack("cross origin, api", (403,), api(b"{}", "Origin: http://evil.example")),
    Attack("null origin", (403,), form(b"", "Origin: null")),
    Attack("another port's origin", (403,), api(b"{}", "Origin: http://127.0.0.1:1")),
    Attack("our origin, no token", (403,), form(b"a=1", OURS)),
    Attack("our origin, no token, api", (403,), api(b"{}", OURS)),
    Attack("our origin, wrong token", (403,), form(b"csrf=x", OURS)),
    Attack("our origin, wrong header", (403,), api(b"{}", OURS, "X-CSRF-Token: x")),
    Attack("a cookie, no token", (403,), form(b"a=1", "Cookie: a=b")),
    Attack("cross site", (403,), form(b"a=1", "Sec-Fetch-Site: cross-site")),
    Attack("same site, not ours", (403,), form(b"a=1", "Sec-Fetch-Site: same-site")),
    Attack("same origin, no token", (403,), form(b"a=1", "Sec-Fetch-Site: same-origin")),
    Attack("a script of another site", (403,), get(LOG, "Sec-Fetch-Site: cross-site")),
    Attack("a page reads from elsewhere", (403,), get(LIST, "Origin: http://evil.example")),
]
METHODS = [
    Attack("OPTIONS", (405,), request("OPTIONS", API)),
    Attack(
        "preflight",
        (403,),
        request("OPTIONS", API, "Origin: http://e", "Access-Control-Request-Method: POST"),
    ),
    Attack("TRACE", (501,), request("TRACE", PAGE)),
    Attack("PUT", (405,), request("PUT", API, JSON, body=b"{}")),
    Attack("DELETE", (405,), request("DELETE", PAGE)),
    Attack("CONNECT", (400,), request("CONNECT", "127.0.0.1:1")),
    Attack("unknown verb", (501,), request("BREW", PAGE)),
    Attack("small letters", (501,), request("get", PAGE)),
    Attack("a GET that starts", (405,), get(FORM_PLACE)),
    Attack("override", (405,), get(FORM_PLACE, "X-HTTP-Method-Override: POST")),
    Attack("a verb of 41 letters", (400,), request("X" * 41, PAGE)),
]


def sized(length: str, body: bytes = b"{}") -> bytes:
    """Return a start of work that announces that length."""
    return api(body, f"Content-Length: {length}")


LENGTHS = [
    *(
        Attack(f"length {text[:9]}", (400,), sized(text))
        for text in ("-1", "+3", "1_0", "0x2", "2.0", "", "9" * 20, "\u0662", "2, 2", "2 2")
    ),
    Attack("100 MB", (413,), sized("100000000")),
    Attack("one too many", (413,), sized(str(LARGEST + 1))),
    Attack("length twice", (400,), api(b"{}", "Content-Length: 2", "Content-Length: 2")),
    Attack("two lengths", (400,), api(b"{}", "Content-Length: 2", "Content-Length: 20")),
    Attack("chunked", (501,), api(b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked")),
    Attack(
        "chunked and length",
        (501,),
        api(
            b"0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
            "Transfer-Encoding: chunked",
            "Content-Length: 5",
        ),
    ),
    Attack(
        "chunked, hidden",
        (501,),
        api(b"{}", "Transfer-Encoding: x, chunked", "Content-Length: 2"),
    ),
    Attack("a blank before the colon", (400,), api(b"{}", "Content-Length : 2")),
    *(
        Attack(f"no length, {name}", (411,), bare(f"POST {API} HTTP/1.1", HOST, *lines, body=body))
        for name, lines, body in (
            ("a type and a body", (JSON,), b'{"batch_size": 0}'),
            ("a type and no body", (JSON,), b""),
            ("a body and no type", (), b'{"batch_size": 0}'),
        )
    ),
    Attack("gzip", (415,), api(b"{}", "Content-Encoding: gzip")),
    Attack("expects what nobody knows", (417,), api(b"{}", "Expect: tea")),
    Attack("a GET with a body", (400,), request("GET", PAGE, body=b"x")),
    Attack("no body where JSON is half", (400,), api(b"{")),
]
TYPES = [
    Attack("text as JSON", (415,), api(b"{}", kind="Content-Type: text/plain")),
    Attack("a form as JSON", (415,), api(b"a=1", kind=FORM)),
    Attack("no type", (415,), api(b"{}", kind="")),
    Attack(
        "multipart",
        (415,),
        api(b"{}", kind="Content-Type: multipart/form-data; boundary=x"),
    ),
    Attack("JSON as a form", (415,), request("POST", FORM_PLACE, JSON, body=b"{}")),
    Attack("a form in no ASCII", (400,), form(b"a=\xff")),
    Attack("type twice", (415,), api(b"{}", "Content-Type: text/plain")),
]
BODIES = [
    Attack(name, (400,), api(body))
    for name, body in {
        "60,000 deep": 60_000 * b"[",
        "NaN": b'{"batch_size": NaN}',
        "Infinity": b'{"batch_size": Infinity}',
        "name twice": b'{"batch_size": 1, "batch_size": 2}',
        "5,000 digits": b'{"batch_size": ' + 5_000 * b"9" + b"}",
        "1e999": b'{"batch_size": 1e999}',
        "bool": b'{"batch_size": true}',
        "string": b'{"batch_size": "10"}',
        "negative": b'{"batch_size": -1}',
        "zero": b'{"batch_size": 0}',
        "101": b'{"batch_size": 101}',
        "fraction": b'{"batch_size": 10.0}',
        "null": b'{"batch_size": null}',
        "list in it": b'{"batch_size": [10]}',
        "unknown name": b'{"batch_size": 10, "__proto__": 1}',
        "list": b"[]",
        "text": b'"x"',
        "blank": b" ",
        "bad UTF-8": b'{"batch_size": "\xff"}',
        "half a character": b'{"batch_size": "\\ud800"}',
        "UTF-16": '{"batch_size": 10}'.encode("utf-16"),
        "BOM": b'\xef\xbb\xbf{"batch_size": 10}',
        "NUL": b'{"batch_size": 10}\x00',
        "two": b'{"batch_size": 10}{"batch_size": 10}',
        "script": b"</script><script>alert(1)</script>",
    }.items()
]
QUERIES = [
    Attack(f"limit {text[:12]}", (400,), get(f"{LIST}?limit={text}"))
    for text in (
        "0",
        "101",
        "abc",
        "",
        "-1",
        "%D9%A3",
        "1;DROP",
        "1_0",
        "%2B3",
        "1.0",
        "9" * 5_000,
        "%201",
        "1&limit=2",
        "0x1",
        "1%00",
    )
] + [
    Attack("offset below", (400,), get(f"{LIST}?offset=-1")),
    Attack("unknown name", (400,), get(f"{LIST}?limit=1&x=1")),
]
PATHS = [
    Attack(path, (404,), get(path))
    for path in (
        *(
            "/../../etc/passwd",
            "/logs/../../etc/passwd",
            "/logs/%2e%2e",
            "/logs/%2e%2e%2fx.csv",
        ),
        *(
            "/logs/..%2f..%2fetc%2fpasswd",
            "/logs/%2fetc%2fpasswd.csv",
            "/logs/%00",
            "/logs/a%00.csv",
        ),
        *(
            "//evil.example/",
            "/%0d%0aX-Evil:%20yes",
            "/logs/%0d%0aX-Evil:%20yes",
            "/logs/%c0%ae%c0%ae",
        ),
        *(
            "/.env",
            "/.git/config",
            "/src/serve.py",
            "/data/mis_customers.csv",
            "/data/mis.db",
        ),
        *(
            "/logs/qbo_token.json",
            "/logs/mis_customers.csv",
            "/assets/../app.py",
            "/assets/layout.html",
        ),
        *(
            "/logs/..",
            "/logs/.",
            "/logs/C:%5cx",
            "/logs/wms_runlog.csv/",
            "/logs/con",
            "/%2e/",
            "/./",
        ),
        *(
            "/runs/%3Cscript%3E",
            "/runs/..%2f..",
            "/api/../",
            "/api/v1/runs/%2e%2e",
            "/api/v2/runs",
        ),
    )
]
LINES = [
    Attack("70 kB line", (414,), get("/" + 70_000 * "a")),
    Attack("70 kB query", (414,), get("/?q=" + 70_000 * "a")),
    Attack("101 headers", (431,), get(PAGE, *(f"X-{n}: 1" for n in range(99)))),
    Attack("70 kB header", (431,), get(PAGE, "X: " + 70_000 * "a")),
    Attack(
        "70 kB of headers", (431,), get(PAGE, *(f"X-{n}: {7_000 * 'a'}" for n in range(10)))
    ),
    Attack("70 kB of blanks", (431,), get(PAGE, "X:" + 70_000 * " ")),
    Attack("folded", (400,), get(PAGE, "X: 1", " 2")),
    Attack("no colon", (400,), get(PAGE, "X")),
    Attack("no name", (400,), get(PAGE, ": x")),
    Attack("NUL in a header", (400,), get(PAGE, "X: a\0b")),
    Attack("bare CR in a header", (400,), get(PAGE, "X: a\rb")),
    Attack("all bytes", (400,), bytes(range(256))),
    Attack(
        "all bytes in a line",
        (400,),
        b"GET /" + bytes(set(range(256)) - {10}) + b" HTTP/1.1\r\n\r\n",
    ),
    Attack(
        "TLS hello",
        (400,),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + 32 * b"\xab" + b"\n\n",
    ),
    Attack("HTTP/0.9", (400,), b"GET /\r\n"),
    Attack("HTTP/2 preface", (400,), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    Attack("HTTP/3.1", (400,), b"GET / HTTP/3.1\r\n\r\n"),
    Attack("HTTP/1.10", (400,), b"GET / HTTP/1.10\r\n\r\n"),
    Attack("two blanks", (400,), b"GET  / HTTP/1.1\r\n\r\n"),
    Attack("a tab", (400,), b"GET\t/ HTTP/1.1\r\n\r\n"),
    Attack("empty lines", (400,), b"\r\n\r\n\r\n"),
    Attack("a fragment", (400,), get("/#x")),
    Attack("asterisk", (400,), request("OPTIONS", "*")),
    Attack("no path", (400,), get("x")),
    Attack("file URI", (400,), get("file:///etc/passwd")),
]
ALL = [*HOSTS, *ORIGINS, *METHODS, *LENGTHS, *TYPES, *BODIES, *QUERIES, *PATHS, *LINES]
