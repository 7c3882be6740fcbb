"""What a request brings: JSON and forms that are exactly that, or are refused."""

from __future__ import annotations

import time

import pytest

from src.kit import bodies
from src.kit.bodies import BadBody, Content
from src.kit.serving import Call

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def call(body: bytes = b"", method: str = "POST", **more: object) -> Call:
    return Call(method, "/", {}, JSON, body, len(body))._replace(**more)


def refused(body: bytes, **more: object) -> BadBody:
    is_json = more.pop("is_json", True)
    with pytest.raises(BadBody) as found:
        bodies.read(call(body, **more), is_json)
    return found.value


# --- JSON -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b" {} ", {}),
        ('{"a": "Zo\u00eb \u6f22"}'.encode(), {"a": "Zo\u00eb \u6f22"}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (
            b'{"a": [1, 2.5, true, null, {"b": "x"}]}',
            {"a": [1, 2.5, True, None, {"b": "x"}]},
        ),
        (b'{"a": "[[[[[[[[[[[[ {{{{{{{{ \\" [["}', {"a": '[[[[[[[[[[[[ {{{{{{{{ " [['}),
        (b'{"a": 12345678901234567890}', {"a": 12345678901234567890}),
        (
            b'{"a": {"b": {"c": {"d": {"e": [[[0]]]}}}}}',
            {"a": {"b": {"c": {"d": {"e": [[[0]]]}}}}},
        ),
    ],
)
def test_an_object_is_read(body, value):
    assert bodies.read(call(body), True) == Content(json=value)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "line 1, column 2"),
        (b'{"a": 1,}', "line 1"),
        (b"x", "line 1, column 1"),
        (b" ", "line 1"),
        (b'{"a": 1} {"b": 2}', "line 1, column 10"),
        (b"[]", "is no object"),
        (b"[1, 2]", "is no object"),
        (b'"a"', "is no object"),
        (b"1", "is no object"),
        (b"null", "is no object"),
        (b'{"a": 1, "a": 2}', "a name comes twice"),
        (b'{"b": {"a": 1, "a": 1}}', "a name comes twice"),
        (b'{"a": NaN}', "NaN is no JSON"),
        (b'{"a": Infinity}', "Infinity is no JSON"),
        (b'{"a": -Infinity}', "-Infinity is no JSON"),
        (b'{"a": 1e999}', "a number is too large"),
        (b'{"a": 1' + 400 * b"0" + b".5}", "a number is too large, or too long"),
        (b'{"a": 123456789012345678901}', "more than 20 digits"),
        (b'{"a": ' + 5_000 * b"9" + b"}", "more than 20 digits"),
        (60_000 * b"[", "more than 8 deep"),
        (9 * b'{"a":' + b"1" + 9 * b"}", "more than 8 deep"),
        (b'{"a": "\xff"}', "it is not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "it is not UTF-8"),
        ('{"a": 1}'.encode("utf-16-le"), "line 1"),
        (b'\xef\xbb\xbf{"a": 1}', "line 1"),
        (b'{"a": "\\ud800"}', "it is not UTF-8"),
        (b'{"a": "\x00"}', "line 1"),
        (b'{"a": "\n"}', "line 1"),
    ],
)
def test_what_is_no_strict_object_is_refused(body, reason):
    found = refused(body)

    assert found.status == 400 and reason in found.message


def test_the_deepest_and_the_longest_are_refused_in_no_time():
    began = time.perf_counter()
    for body in (
        60_000 * b"[",
        30_000 * b'{"a":',
        60_000 * b"9",
        30_000 * b'\\"',
        60_000 * b'"',
    ):
        refused(body[: bodies.LARGEST])

    assert time.perf_counter() - began < 0.5


def test_a_reason_holds_nothing_of_what_was_sent():
    assert "4711" not in refused(b'{"secret": "4711" oops').message


# --- forms ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"a=1&b=", {"a": ["1"], "b": [""]}),
        (b"a=1&a=2", {"a": ["1", "2"]}),
        (b"a=Zo%C3%AB+x%3D%26", {"a": ["Zo\u00eb x=&"]}),
        (b"&&", {}),
    ],
)
def test_a_form_is_read(body, form):
    assert bodies.read(call(body, headers=FORM), False) == Content(form=form)


@pytest.mark.parametrize("body", [b"a=%ff", b"a=\xc3\xab", 2_000 * b"a=1&"])
def test_what_is_no_form_is_refused(body):
    assert refused(body, headers=FORM, is_json=False).status == 400


# --- types and lengths ----------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF-8"',
    ],
)
def test_json_may_say_that_it_is_utf_8(kind):
    assert bodies.read(call(b"{}", headers={"content-type": kind}), True).json == {}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        FORM,
        {"content-type": "text/plain"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json, text/plain"},
        {"content-type": "application/jsonp"},
        {**JSON, "content-encoding": "gzip"},
    ],
)
def test_a_body_of_another_type_is_refused(headers):
    assert refused(b"{}", headers=headers).status == 415


def test_where_forms_are_expected_json_is_refused():
    assert refused(b"{}", is_json=False).status == 415
    assert refused(b"", headers={"content-type": "text/plain"}, is_json=False).status == 415


def test_no_body_needs_no_type():
    assert bodies.read(call(headers={}), True) == Content()
    assert bodies.read(call(headers={}), False) == Content()


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"length": -1}, 411),
        ({"length": -1, "headers": {"content-length": "+3"}}, 400),
        ({"length": bodies.LARGEST + 1}, 413),
        ({"length": 100_000_000}, 413),
        ({"length": -1, "headers": {"transfer-encoding": "chunked"}}, 501),
    ],
)
def test_a_body_without_a_good_length_is_refused(more, status):
    assert refused(b"", **more).status == status


def test_what_is_only_looked_at_has_no_body_and_may_have_any_type():
    assert refused(b"{}", method="GET").status == 400
    assert (
        bodies.read(call(method="GET", headers={"content-type": "x"}), False) == Content()
    )


def test_the_largest_body_is_read():
    body = b'{"a": "' + (bodies.LARGEST - 9) * b"x" + b'"}'

    assert len(bodies.read(call(body), True).json["a"]) == bodies.LARGEST - 9


def test_a_name_comes_once_in_an_address():
    assert bodies.query(call(pairs=[("a", "1"), ("b", "")])) == {"a": "1", "b": ""}
    with pytest.raises(BadBody, match="a name twice"):
        bodies.query(call(pairs=[("a", "1"), ("a", "1")]))
