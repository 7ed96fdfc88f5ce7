"""What a health check is given, and what it returns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise


class Level(StrEnum):
    """How serious a result is; ``SKIPPED`` says nothing about health."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What every check gets.

    ``now`` is the current time, ``url`` the site's address, such as ``https://site.example``, or
    empty to send no HTTP requests. ``timeout`` is how many seconds another process or server may
    take for one answer.
    """

    now: datetime
    url: str = ""
    timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class Result:
    """One fact about the site's health in a sentence, and what to do about it, if anything.

    ``check`` is the name of the check in the registry; ``run_checks`` fills it in.
    """

    level: Level
    message: str
    hint: str = ""
    check: str = ""


#: A text in the language that is active when the result is made.
Text = str | Promise


def ok(message: Text) -> Result:
    """Return the result that something is as it should be."""
    return Result(Level.OK, str(message))


def skipped(message: Text, hint: Text = "") -> Result:
    """Return the result that something was not checked; the message says why."""
    return Result(Level.SKIPPED, str(message), str(hint))


def warning(message: Text, hint: Text) -> Result:
    """Return the result that something works, but not as well as it should."""
    return Result(Level.WARNING, str(message), str(hint))


def error(message: Text, hint: Text) -> Result:
    """Return the result that something does not work."""
    return Result(Level.ERROR, str(message), str(hint))
