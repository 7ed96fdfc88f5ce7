"""Parameters from query, body and path, for every method (behaviour 2.6)."""

import pytest
from rest_framework.exceptions import ValidationError

from talk_calls.ocs.fields import BooleanField, IntegerField, TextField
from tests.ocs.test_negotiation import FORM, MULTIPART, multipart

ECHO = "echo/abc?format=json"


def echoed(answer) -> dict:
    """Return what the endpoint understood, without what the tests always send."""
    assert answer.status_code == 200, answer.content
    return {k: v for k, v in answer.json()["ocs"]["data"].items() if k not in ("format", "token")}


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        (FORM, "flags=7&silent=0", {"flags": "7", "silent": "0"}),
        (f"{FORM}; charset=utf-8", "name=Zo%C3%AB+B", {"name": "Zoë B"}),
        (FORM.upper(), "flags=7", {"flags": "7"}),
        (MULTIPART, multipart("flags", "7"), {"flags": "7"}),
        ("application/json", '{"flags": 7}', {"flags": 7}),
        ("application/json; charset=latin-1", '{"name": "Zoë"}', {"name": "Zoë"}),
        ("APPLICATION/JSON", '{"flags": null}', {"flags": None}),
        ("application/merge-patch+json", '{"flags": 7}', {"flags": 7}),
        ("application/json", "", {}),
        ("application/json", " \n", {}),
        ("application/json", "null", {}),
        ("application/json", "{}", {}),
        (FORM, "", {}),
        ("", "", {}),
        ("text/plain", "", {}),
    ],
)
def test_body(send, method, content_type, body, expected):
    """Every method takes JSON and forms, and nothing at all with or without a type."""
    assert echoed(send(method, ECHO, body, content_type)) == expected


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_query(send, method):
    """Every method takes the query."""
    assert echoed(send(method, f"{ECHO}&flags=7&name=Zo%C3%AB")) == {"flags": "7", "name": "Zoë"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, "a=body&token=zzz&ocs_version=9"),
        ("application/json", '{"a": "body", "token": "zzz", "ocs_version": "9"}'),
    ],
)
def test_path_wins_over_body_and_body_over_query(send, content_type, body):
    """Nobody reaches another conversation by naming it twice (behaviour 2.6)."""
    answer = send("post", "echo/abc?format=json&token=yyy&a=query&b=query", body, content_type)
    assert answer.json()["ocs"]["data"] == {
        "format": "json",
        "token": "abc",
        "ocs_version": "9",
        "a": "body",
        "b": "query",
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a=1&a=2", {"a": "2"}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[]=1", {"a": ["1"]}),
        ("a[0]=1&a[1]=2", {"a": ["1", "2"]}),
        ("a[7]=1&a[2]=2&a[]=3&a[7]=4", {"a": ["1", "4", "2", "3"]}),
        ("a=1&a[0]=2", {"a": ["2"]}),
        ("a[0]=2&a=1", {"a": "1"}),
        ("a[0][b]=1", {"a[0][b]": "1"}),
        ("a[12345]=1", {"a[12345]": "1"}),
        ("a=", {"a": ""}),
        ("a", {"a": ""}),
        ("a[b]=1", {"a[b]": "1"}),
    ],
)
def test_repeated_names(send, query, expected):
    """The last value counts; ``name[]`` is a list (behaviour 2.6)."""
    assert echoed(send("get", f"{ECHO}&{query}")) == expected
    assert echoed(send("put", ECHO, query, FORM)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7, 7), ("7", 7), (" 7 ", 7), ("-1", -1), (0, 0), (2**63 - 1, 2**63 - 1), ("0007", 7)],
    ids=repr,
)
def test_integer(value, expected):
    """Numeric text counts as the number."""
    assert IntegerField().run_validation(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        *("", "abc", "7.5", "7.9", "1e3", "0x7", "7 7", "9" * 5000, "\x00", "\ud800"),
        *(2**63, str(2**63), -(2**63) - 1, 10**30, " " * 100 + "7"),
        *(7.0, 7.5, float("inf"), float("nan"), True, False, [], [7], {}),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_integer_refuses(value):
    """Garbage, fractions, switches and containers are no integers."""
    with pytest.raises(ValidationError):
        IntegerField().run_validation(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        ("1", True),
        ("0", False),
        ("true", True),
        ("false", False),
        ("False", False),
        ("", False),
        (" ", False),
        ("no", True),
        ("00", True),
    ],
    ids=repr,
)
def test_switch(value, expected):
    """False, 0 and empty are off, and any other text is on."""
    assert BooleanField().run_validation(value) is expected


@pytest.mark.parametrize("value", [[], ["1"], {}, {"a": 1}, "1" * 101], ids=repr)
def test_switch_refuses(value):
    """Neither a container nor a long text is a switch."""
    with pytest.raises(ValidationError):
        BooleanField().run_validation(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", ""), ("  a ", "a"), (7, "7"), ("<b>&", "<b>&"), ("Zoë 🐿\n\x1b", "Zoë 🐿\n\x1b")],
    ids=repr,
)
def test_text(value, expected):
    """Text is kept as it is, but for white space around it."""
    assert TextField().run_validation(value) == expected


@pytest.mark.parametrize(
    "value", ["a\x00b", "\ud800", "a\udfff", [], ["a"], {}, True, None], ids=repr
)
def test_text_refuses(value):
    """What no database keeps is no text."""
    with pytest.raises(ValidationError):
        TextField().run_validation(value)
