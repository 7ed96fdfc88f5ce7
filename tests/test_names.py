"""What stays of a name, what of it can be seen, and how it stands in a sentence."""

import pytest
from django.utils.translation import override

from talk_calls import names
from talk_calls.exceptions import InvalidValue

PERSIAN = "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
HINDI = "\u0915\u094d\u200d\u0937"
BENGALI = "\u09b0\u200d\u09cd\u09af"
ASTRONAUT = "\U0001f469\U0001f3fd\u200d\U0001f680"
HEART = "\u2764\ufe0f\u200d\U0001f525"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
HEBREW = "\u05d3\u05d5\u05d3"

DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

#: What nobody sees, in any font.
INVISIBLE = [
    "",
    " \t\u00a0\u3000",
    *DIRECTIONS,
    "\u200b",
    "\u200d\u200c",
    "\u00ad",
    "\u2060\ufeff",
    "\u3164",
    "\uffa0",
    "\u115f\u1160",
    "\u2800",
    "\ufe0f",
    "\u0301",
    "\U000e0061",
    "\x1b\x7f\x85",
    "\ufff9\u180e\u034f",
]


@pytest.mark.parametrize("name", INVISIBLE, ids=ascii)
def test_nothing_to_see(name):
    """Nothing is left of a name of which nothing can be seen, and nobody can choose it."""
    assert names.cleaned(name) == ""
    with pytest.raises(InvalidValue):
        names.checked(name)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("  Zoë \u0160 ", "Zoë \u0160"),
        ("Tea\ttime\n\u2028today", "Tea time today"),
        ("Two  spaces", "Two  spaces"),
        ("\u202eecila", "ecila"),
        ("a\u2067b\u2069", "ab"),
        ("Zoë\x1b[31m\x07", "Zoë[31m"),
        ("al\u200bi\u00adc\u2060e\ufeff", "alice"),
        ("al\u200di\u200cce", "alice"),
        ("alice\U000e0062\u3164", "alice"),
        ("e\u0301\u200dv", "e\u0301v"),
        ("half\ud800", "half"),
        *((word, word) for word in (PERSIAN, HINDI, BENGALI, ASTRONAUT, HEART, ENGLAND, HEBREW)),
        (f"{PERSIAN}\u200c", PERSIAN),
        ("\u06dd1", "\u06dd1"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("\u2803\u2800\u2803", "\u2803\u2800\u2803"),
    ],
    ids=ascii,
)
def test_what_stays(name, stored):
    """What changes direction, or shows nothing, goes; what joins letters and emoji stays."""
    assert names.cleaned(name) == names.checked(name) == stored
    assert names.cleaned(stored) == stored


def test_length():
    """Characters are counted, and bytes where that is asked for."""
    assert names.checked("ü" * 255) == "ü" * 255
    assert names.checked("\u202e" + "ü" * 255 + " ") == "ü" * 255
    assert names.checked("ü" * 100, most_bytes=200) == "ü" * 100
    for args in ({}, {"most_bytes": 200}, {"most": 100}):
        with pytest.raises(InvalidValue):
            names.checked("ü" * 256 if not args else "ü" * 101, **args)
    assert names.cut(f"{'x' * 254}{ASTRONAUT}") == "x" * 254 + ASTRONAUT[0]
    assert names.cut("\u202e") == ""


@pytest.mark.parametrize(
    ("name", "in_english", "in_arabic"),
    [
        ("Zoë", "Zoë", "\u2068Zoë\u2069"),
        ("C++", "C++", "\u2068C++\u2069"),
        (HEBREW, f"\u2068{HEBREW}\u2069", f"\u2068{HEBREW}\u2069"),
        (f"\u202e{HEBREW}\u2069", f"\u2068{HEBREW}\u2069", f"\u2068{HEBREW}\u2069"),
    ],
    ids=["latin", "signs", "hebrew", "stored before"],
)
def test_isolated(name, in_english, in_arabic):
    """Isolates stand where directions may meet, and the name cannot close them."""
    with override("en"):
        assert names.isolated(name) == in_english
    with override("ar"):
        assert names.isolated(name) == in_arabic


def test_shown():
    """Guests without a name are "Guest" in the reader's language; nobody is nothing."""
    guest = names.shown("", "guests", "0" * 40)
    with override("de"):
        assert (guest, names.shown("", "guests", "0" * 40)) == ("Guest", "Gast")
    assert names.shown("Zoë", "guests", "0" * 40) == "Zoë"
    assert names.shown("", "users", "alice") == "alice"
    assert names.shown("", "", "") == ""
