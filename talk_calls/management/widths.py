"""How many columns of a terminal text takes, and text that is cut to some of them.

The rules are those of most terminals. Some draw an emoji of several characters in more columns.
"""

import unicodedata
from collections.abc import Iterator

from talk_calls import names

_ELLIPSIS = "…"

#: Categories of Unicode: formatting characters, and accents above or around a letter.
_WITHOUT_WIDTH = frozenset({"Cf", "Mn", "Me"})

_ZERO_WIDTH_JOINER = "\u200d"

#: Asks for the coloured picture of the symbol before it, which takes two columns.
_EMOJI_SELECTOR = "\ufe0f"

_SKIN_TONES = range(0x1F3FB, 0x1F400)

#: Letters in pairs of which each is the flag of a country.
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)

#: Vowels and final consonants of Korean syllables, drawn within the square of the first consonant.
_KOREAN_PARTS = (range(0x1160, 0x1200), range(0xD7B0, 0xD800))


def display_width(text: str) -> int:
    """Return how many columns text takes: two for Chinese, Japanese, Korean and emoji."""
    if text.isascii():
        return len(text)
    return sum(width for _, width in _clusters(text))


def shortened(text: str, columns: int) -> str:
    """Return text that takes at most so many columns, with "…" for what was cut off.

    No character is parted from its accents, and isolates (``names.isolated``) stay in pairs.
    """
    if display_width(text) <= columns:
        return text
    kept, left = "", columns - 1
    for cluster, width in _clusters(text):
        if width > left:
            break
        kept, left = kept + cluster, left - width
    return f"{kept.rstrip()}{_ELLIPSIS}{names.closing_isolates(kept)}"


def _clusters(text: str) -> Iterator[tuple[str, int]]:
    """Yield what is drawn as one character, with its width in columns."""
    cluster, width = "", 0
    for letter in text:
        if cluster and _belongs_to(cluster, letter):
            cluster += letter
            width = max(width, _width_of_pictures(letter))
            continue
        if cluster:
            yield cluster, width
        cluster, width = letter, _width(letter)
    if cluster:
        yield cluster, width


def _belongs_to(cluster: str, letter: str) -> bool:
    """Tell whether a character is drawn together with what is before it."""
    code = ord(letter)
    if unicodedata.category(letter) in _WITHOUT_WIDTH or _is_korean_part(code):
        return True
    if code in _FLAG_LETTERS:
        return len(cluster) == 1 and ord(cluster) in _FLAG_LETTERS
    is_symbol = unicodedata.category(letter)[0] == "S"
    return code in _SKIN_TONES or (is_symbol and cluster.endswith(_ZERO_WIDTH_JOINER))


def _width_of_pictures(letter: str) -> int:
    """Return the columns of a cluster that has this character, if it makes a picture of it."""
    return 2 * (letter == _EMOJI_SELECTOR or ord(letter) in (*_FLAG_LETTERS, *_SKIN_TONES))


def _width(letter: str) -> int:
    if unicodedata.category(letter) in _WITHOUT_WIDTH or _is_korean_part(ord(letter)):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _is_korean_part(code: int) -> bool:
    return any(code in parts for parts in _KOREAN_PARTS)
