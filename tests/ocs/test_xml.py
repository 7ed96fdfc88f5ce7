"""XML that any parser reads, whatever people call themselves (behaviour 2.4)."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talk_calls.ocs.renderers import OCSXMLRenderer


def render(value) -> str:
    return OCSXMLRenderer().render({"data": value}).decode()


def lines(value) -> list[str]:
    """Return the rendered lines without the declaration."""
    return render(value).splitlines()[1:]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "<data>1</data>"),
        (False, "<data/>"),
        (None, "<data/>"),
        ("", "<data/>"),
        ([], "<data/>"),
        ((), "<data/>"),
        ({}, "<data/>"),
        (0, "<data>0</data>"),
        (-7, "<data>-7</data>"),
        (10**20, "<data>100000000000000000000</data>"),
        ("false", "<data>false</data>"),
        (" ", "<data> </data>"),
        ("Zoë 🐿", "<data>Zoë 🐿</data>"),
        ("<script>alert('&')</script>", "<data>&lt;script&gt;alert('&amp;')&lt;/script&gt;</data>"),
        ("]]>", "<data>]]&gt;</data>"),
        ("&lt;", "<data>&amp;lt;</data>"),
        ("<!-- -->", "<data>&lt;!-- --&gt;</data>"),
        ("a\tb", "<data>a\tb</data>"),
        ("a\rb", "<data>a&#13;b</data>"),
        ("a\x00b", "<data>a\ufffdb</data>"),
        ("\x08\x0b\x0c\x0e\x1f", "<data>\ufffd\ufffd\ufffd\ufffd\ufffd</data>"),
        ("\ud800", "<data>\ufffd</data>"),
        ("\udfff\ud800", "<data>\ufffd\ufffd</data>"),
        ("\ufffe\uffff", "<data>\ufffd\ufffd</data>"),
        ("\U0010ffff", "<data>\U0010ffff</data>"),
    ],
)
def test_scalar(value, expected):
    """True is 1; false, null and everything empty is an empty element; text is escaped."""
    assert lines(value) == [expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, "a"], ["<data>", " <element>1</element>", " <element>a</element>", "</data>"]),
        ([[], [1]], ["<data>", " <element/>", *[" <element>", "  <element>1</element>"]]),
        (({"id": 1},), ["<data>", " <element>", "  <id>1</id>", " </element>", "</data>"]),
        ({"userId": "", "_a.b-1": 0}, ["<data>", " <userId/>", " <_a.b-1>0</_a.b-1>", "</data>"]),
    ],
)
def test_nested(value, expected):
    """List items are called ``element``, keys are names, and children are indented."""
    assert lines(value)[: len(expected)] == expected


@pytest.mark.parametrize(
    ("key", "start"),
    [
        ("1", '<element name="1">'),
        ("", '<element name="">'),
        ("-", '<element name="-">'),
        ("bob smith", '<element name="bob smith">'),
        ("bob@example.org", '<element name="bob@example.org">'),
        ("a\n", '<element name="a&#10;">'),
        ("a><b", '<element name="a&gt;&lt;b">'),
        ('"', "<element name='\"'>"),
        ("'\"", '<element name="\'&quot;">'),
        ("x:y", '<element name="x:y">'),
        ("Zoë", '<element name="Zoë">'),
        ("\x00", '<element name="\ufffd">'),
        (7, '<element name="7">'),
    ],
)
def test_key_that_is_no_name(key, start):
    """Users may be called anything; what is no XML name becomes an attribute."""
    assert lines({key: {"call": 0}}) == [
        "<data>",
        f" {start}",
        "  <call>0</call>",
        " </element>",
        "</data>",
    ]


def test_key_that_is_no_name_without_a_value():
    """The attribute belongs to the start tag only, and to the empty element."""
    assert lines({"1": "", "2": "x"})[1:-1] == [
        ' <element name="1"/>',
        ' <element name="2">x</element>',
    ]


_LETTERS = st.characters(exclude_categories=())  # lone surrogates and unassigned ones included
_TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(_LETTERS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(_LETTERS), inner),
    max_leaves=10,  # larger trees take long to make up, and hold nothing new
)


@given(_TREES)
@settings(derandomize=True, deadline=None)
def test_any_text_is_read_back(value):
    """With any text the answer is well-formed and contains that text.

    Only characters that XML cannot carry at all come back as U+FFFD.
    """
    root = ET.fromstring(render(value))  # noqa: S314 -- our own answer
    assert read(root) == expected(value)


def read(node: ET.Element):
    children = list(node)
    if not children:
        return node.text or ""
    return [(child.get("name", child.tag), read(child)) for child in children]


def expected(value):
    if isinstance(value, Mapping) and value:
        return [(legal(key), expected(item)) for key, item in value.items()]
    if isinstance(value, list) and value:
        return [("element", expected(item)) for item in value]
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None or value in ([], {}) else legal(str(value))


def legal(text: str) -> str:
    return "".join(letter if is_char(ord(letter)) else "\ufffd" for letter in text)


def is_char(code: int) -> bool:
    """Return whether XML 1.0 allows the character (its production 2)."""
    if code < 0x20:
        return code in (0x09, 0x0A, 0x0D)
    return not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)
