"""What an examination is given, and what it returns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """How ill something is; ``SKIPPED`` says nothing about health."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Visit:
    """What all examinations know: the time, where the site is served, how patient to be.

    ``url`` is the site's address, such as ``https://site.example``, or empty; ``timeout`` the
    seconds that anybody elsewhere may take for one answer.
    """

    now: datetime
    url: str = ""
    timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about the site's health in a sentence, and what to do about it, if anything."""

    level: Level
    says: str
    hint: str = ""


def well(says: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(Level.OK, says)


def skipped(says: str, hint: str = "") -> Finding:
    """Return that something was not looked at, and why."""
    return Finding(Level.SKIPPED, says, hint)


def warning(says: str, hint: str) -> Finding:
    """Return that something works, and not as well as it should."""
    return Finding(Level.WARNING, says, hint)


def error(says: str, hint: str) -> Finding:
    """Return that something does not work."""
    return Finding(Level.ERROR, says, hint)
