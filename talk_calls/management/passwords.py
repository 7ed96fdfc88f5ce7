"""Passwords that do not appear in the history of a shell."""

import getpass
import sys

from talk_calls.management.base import failure
from talk_calls.management.texts import lazy as _


def resolve_password(option: str | None) -> str | None:
    """Return the password for a value of ``--password``, or None without the option.

    For ``-`` it is asked for on a terminal, or read as a line from standard input. Raises
    ``CommandError`` if it is empty, or was typed differently the second time.
    """
    if option != "-":
        return option
    password = _prompt() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise failure(_("The password is empty."), _("Write --password '' to remove one."))
    return password


def _prompt() -> str:
    password = getpass.getpass(str(_("Password: ")))
    if password != getpass.getpass(str(_("Password (again): "))):
        raise failure(_("The passwords differ."))
    return password
