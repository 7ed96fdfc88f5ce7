"""Passwords that do not end up in the history of a shell."""

import getpass
import sys

from talk_calls.management.base import failure


def password_given(given: str | None) -> str | None:
    """Return the password that ``--password`` means; ``-`` asks for it, or reads a line of stdin.

    None stays None. Raises ``CommandError`` if two tries on the terminal differ, or nothing came.
    """
    if given != "-":
        return given
    password = _asked() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise failure("The password is empty.", "Write --password '' to remove one.")
    return password


def _asked() -> str:
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Password (again): "):
        raise failure("The passwords differ.")
    return password
