"""Generated avatars: an initial on a colour, of anybody's name."""

import colorsys
import xml.etree.ElementTree as ET
from urllib.parse import quote

import pytest
from django.test import Client

from talk_calls.api import avatars

SVG = "{http://www.w3.org/2000/svg}"


def drawn(user_id: str, size: object = 64, prefix: str = "") -> ET.Element:
    """Return the picture, which has to be well-formed."""
    answer = Client().get(f"{prefix}/avatar/{quote(user_id, safe='')}/{size}")
    assert answer.status_code == 200
    return ET.fromstring(answer.content)  # noqa: S314 -- our own answer


def test_whole_answer(prefix):
    """The picture and its headers are the same whether or not the user exists."""
    answer = Client().get(f"{prefix}/avatar/alice/64")
    assert answer.status_code == 200
    assert answer.content.decode() == (
        '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 64 64">'
        '<rect width="64" height="64" fill="hsl(64,50%,30%)"/>'
        '<text x="32" y="32" dy=".35em" text-anchor="middle" font-family="sans-serif"'
        ' font-size="32" fill="#fff">A</text></svg>'
    )
    assert {name: answer.get(name) for name in HEADERS} == HEADERS
    assert not answer.cookies


HEADERS = {
    "Content-Type": "image/svg+xml",
    "Cache-Control": "public, max-age=604800",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Vary": None,
}


@pytest.mark.parametrize(
    ("user_id", "initial"),
    [
        ("alice", "A"),
        ("ärztin", "Ä"),
        ("ßen", "S"),
        ("_bob", "B"),
        ("7of9", "7"),
        ("李", "李"),
        ("ann@example.org", "A"),
        ("<script>alert(1)", "S"),
        ('"&<>', "?"),
        ("\0\x1b\ufffe", "?"),
        ("a" * 5000, "A"),
        ("..", "?"),
    ],
    ids=ascii,
)
def test_initial(user_id, initial):
    """The first letter or digit as a capital; nothing of a name gets into the markup."""
    picture = drawn(user_id)
    assert [child.tag for child in picture] == [f"{SVG}rect", f"{SVG}text"]
    assert picture.find(f"{SVG}text").text == initial
    assert len(picture.find(f"{SVG}text")) == 0


@pytest.mark.parametrize(
    ("size", "side"),
    [(0, 16), (1, 16), (16, 16), (64, 64), (1024, 1024), (1025, 1024), ("9" * 99, 1024)],
)
def test_size(size, side, prefix):
    """Sizes that make no sense are brought to the nearest that does."""
    picture = drawn("alice", size, prefix)
    assert (picture.get("width"), picture.get("height")) == (str(side), str(side))


@pytest.mark.parametrize(
    "path", ["alice", "alice/", "alice/x", "alice/-1", "/64", "a/b/64", f"a/{'9' * 9999}"]
)
def test_what_is_no_avatar(prefix, path):
    """Anything else is a route that does not exist."""
    assert Client().get(f"{prefix}/avatar/{path}").status_code == 404


def test_same_name_same_colour():
    """A colour belongs to a name, and names differ."""
    hues = {avatars.hue_of(f"user{number}") for number in range(100)}
    assert len(hues) > 50
    assert avatars.hue_of("alice") == avatars.hue_of("alice")


@pytest.mark.parametrize("hue", range(0, 360, 10))
def test_letters_can_be_read(hue):
    """White on each colour has the contrast that WCAG 2.1 AA asks of small text."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, colorsys.hls_to_rgb(hue / 360, 0.30, 0.50))
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) > 4.5


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_only_read(method):
    """There is nothing to write."""
    assert getattr(Client(), method)("/avatar/alice/64").status_code == 405
