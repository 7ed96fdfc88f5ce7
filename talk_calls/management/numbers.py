"""Numbers on the command line."""

from argparse import ArgumentTypeError


def positive(text: str) -> int:
    """Return a number above 0, for ``type=`` of an argument; raises ``ArgumentTypeError``."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no number above 0.")
    return int(text)
