"""The text of names: what stays of one, what of it can be seen, how it stands in a sentence.

Names come from guests, moderators and accounts of the host. They are cleaned where they are stored,
and isolated where they stand beside other text.
"""

import unicodedata

from django.utils.translation import get_language_bidi, gettext
from django.utils.translation import gettext_lazy as _

from talk_calls.constants import ERASED_ID_PREFIX, NAME_MAX_LENGTH, ActorType
from talk_calls.exceptions import InvalidValue

#: First-strong isolate, and the character that ends it: text between them keeps its own direction.
_ISOLATE, _POP = "\u2068", "\u2069"

#: What may stand between the letters of a word, and changes how they are drawn.
_JOINERS = frozenset("\u200c\u200d")

#: Formatting characters that are drawn: signs before numbers and verses.
_DRAWN = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)

#: Letters, marks and symbols that show nothing.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

#: What makes the flag of a country's part of a black flag: "tags" (U+E0020 to U+E007F).
_BLACK_FLAG, _TAGS = "\U0001f3f4", range(0xE0020, 0xE0080)

#: Categories of Unicode whose characters show nothing on their own.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Mn", "Me", "Zl", "Zp", "Zs"})

#: Categories of letters without case and of symbols, whose drawing joiners change: Persian, Hindi,
#: emoji. Between Latin letters a joiner shows nothing.
_JOINED = frozenset({"Lo", "Lm", "So", "Sk"})

#: Where each character belongs to text from right to left, or to numbers of such text.
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def cleaned(name: str) -> str:
    """Return a name without what cannot be seen of it; empty if nothing can be seen.

    Removed are control and formatting characters, among them all that change the direction of text,
    and joiners that join nothing; people paste them without knowing. White space of any kind is a
    space, and none is at the ends.
    """
    if name.isascii() and name.isprintable():  # most names, at once
        return name.strip()
    kept: list[str] = []
    base = ""  # the last letter, digit or symbol
    for letter in name:
        if letter.isspace():
            base = ""
            if letter == " " or kept[-1:] != [" "]:  # a line break may be two characters
                kept.append(" ")
        elif _stays(letter, base, kept[-1] if kept else ""):
            kept.append(letter)
            base = letter if unicodedata.category(letter)[0] not in "MC" else base
    text = "".join(kept).strip(" \u200c\u200d\u2800")
    return text if any(map(_is_visible, text)) else ""


def checked(name: str, *, most: int = NAME_MAX_LENGTH, most_bytes: int | None = None) -> str:
    """Return a name that somebody chose, as it is to be stored: ``cleaned``.

    Raises ``InvalidValue`` if nothing can be seen of it, and if it is longer than ``most``
    characters, or than ``most_bytes`` in UTF-8.
    """
    text = cleaned(name)
    if not text:
        raise InvalidValue(_("A name needs something that can be seen."))
    if most_bytes is not None and len(text.encode()) > most_bytes:
        raise InvalidValue(_("The name is longer than {most} bytes."), most=most_bytes)
    if len(text) > most:
        raise InvalidValue(_("The name is longer than {most} characters."), most=most)
    return text


def cut(name: str) -> str:
    """Return a name that the site gave, cleaned and cut to what a row can hold; may be empty."""
    return cleaned(cleaned(name)[:NAME_MAX_LENGTH])


def isolated(name: object) -> str:
    """Return a name that stands in a sentence, or beside other text, whose order it cannot change.

    Isolates are characters of Unicode, for text that is no HTML; there ``<bdi>`` does the same.
    Names that have the direction of the page do without, as not every terminal knows isolates.
    """
    text = cleaned(str(name))
    return f"{_ISOLATE}{text}{_POP}" if text and _needs_isolates(text) else text


def is_drawn(letter: str) -> bool:
    """Tell whether a character is harmless where text is shown: drawn, a joiner, or an isolate."""
    return letter.isprintable() or letter in _JOINERS | _DRAWN or letter in {_ISOLATE, _POP}


def closing_isolates(text: str) -> str:
    """Return the characters that end the isolates of text of which the end was cut off."""
    return _POP * (text.count(_ISOLATE) - text.count(_POP))


def shown(name: str, actor_type: str, actor_id: str) -> str:
    """Return the name of an actor for operators; empty for nobody (an empty ``actor_type``).

    Without a name a guest is "Guest", as their id tells nobody anything, and a user who was erased
    is "Deleted user"; others are their id.
    """
    text = cleaned(name)
    if text or not actor_type:
        return text
    if is_erased(actor_type, actor_id):
        return erased()
    return guest() if actor_type == ActorType.GUESTS else actor_id


def is_erased(actor_type: str, actor_id: str) -> bool:
    """Tell whether an actor in history is a user who was erased, or whose account was deleted."""
    is_nobody = actor_type == ActorType.USERS and not actor_id
    return is_nobody or actor_id.startswith(ERASED_ID_PREFIX)


def erased() -> str:
    """Return what a user who was erased is called, in the language of the reader."""
    return gettext("Deleted user")


def guest() -> str:
    """Return what a guest without a name is called, in the language of the reader."""
    return gettext("Guest")


def _needs_isolates(text: str) -> bool:
    """Tell whether text from right to left may stand next to text from left to right."""
    if get_language_bidi():
        return True
    return not text.isascii() and any(
        unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text
    )


def _stays(letter: str, base: str, before: str) -> bool:
    """Tell whether a character stays after others; ``base`` is "" after a space."""
    if letter in _JOINERS:
        return before not in _JOINERS and bool(base) and unicodedata.category(base) in _JOINED
    if ord(letter) in _TAGS:
        return base == _BLACK_FLAG
    if letter in _BLANK:
        return letter in "\u115f\u1160\u2800"  # parts of old Korean syllables, and of Braille
    return letter in _DRAWN or unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}


def _is_visible(letter: str) -> bool:
    if letter in _BLANK:
        return False
    return letter in _DRAWN or unicodedata.category(letter) not in _INVISIBLE
