"""Docstrings as text for those who read no code."""

import inspect
import re

#: Where the reference says so, such as "(behaviour 4.1/5)".
_REFERENCE = re.compile(r"\s*\((behaviour|constants|clients|contract|signaling-server) \d[^()]*\)")


def paragraphs(thing: object) -> list[str]:
    """Return the paragraphs of a docstring as Markdown, without references."""
    text = _REFERENCE.sub("", inspect.getdoc(thing) or "").replace("``", "`")
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def first_sentence(thing: object) -> str:
    """Return what a docstring begins with."""
    return paragraphs(thing)[0]
