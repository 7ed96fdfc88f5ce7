"""How wide text is on a terminal, and text that is cut there."""

import pytest

from talk_calls.management.widths import display_width, shortened

#: A base with an accent of its own; words of Chinese, Korean (also in parts) and Hindi.
ACCENTED = "e\u0301"
CHINESE, KOREAN, KOREAN_PARTS = "会議室", "회의", "\u1112\u116c\u110b\u1174"
HEBREW = "\u05e9\u05dc\u05d5\u05dd"
HINDI = "\u0915\u094d\u200d\u0937"
FAMILY, HEART = "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2764\ufe0f"
WAVE, FLAG = "\U0001f44b\U0001f3fd", "\U0001f1e9\U0001f1ea"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("abc", 3),
        ("Zoë – 3 €", 9),
        ("\u2068a\u2069", 1),
        (ACCENTED, 1),
        (HINDI, 2),
        (CHINESE, 6),
        ("\uff21\uff22", 4),
        (KOREAN, 4),
        (KOREAN_PARTS, 4),
        ("\U0001f600", 2),
        (FAMILY, 2),
        (HEART, 2),
        (WAVE, 2),
        (FLAG, 2),
        (FLAG + FLAG, 4),
        (f"a{FAMILY}b", 4),
    ],
    ids=ascii,
)
def test_display_width(text, columns):
    """Wide characters and emoji take two columns; accents, joiners and isolates take none."""
    assert display_width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "cut"),
    [
        ("Weekly", 6, "Weekly"),
        ("Weekly", 5, "Week…"),
        ("Weekly meeting", 8, "Weekly…"),
        (CHINESE, 6, CHINESE),
        (CHINESE, 5, "会議…"),
        (CHINESE, 4, "会…"),
        (ACCENTED * 3, 2, f"{ACCENTED}…"),
        (f"a{FAMILY}bc", 4, f"a{FAMILY}…"),
        (f"a{FAMILY}bc", 3, "a…"),
        (FLAG * 3, 5, f"{FLAG}{FLAG}…"),
        (f"\u2068{HEBREW} {HEBREW}\u2069", 5, f"\u2068{HEBREW}…\u2069"),
    ],
    ids=ascii,
)
def test_shortened(text, columns, cut):
    """No character is halved, and what isolates the text stays closed."""
    assert shortened(text, columns) == cut
    assert display_width(cut) <= columns
