"""Tables that people can read on a terminal."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from talk_calls.reports.words import duration

#: What stands where there is nothing to tell.
NOTHING = "–"


class Key(int):
    """A number that names a row and is no amount: shown as it is typed in again."""

    def __format__(self, format_spec: str) -> str:
        """Return the digits, however numbers are formatted otherwise."""
        return str(int(self))


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Return the lines of a table; numbers and durations stand on the right of their column.

    Values are shown as ``cell`` says. Without rows there are no lines at all.
    """
    values = [list(row) for row in rows]
    if not values:
        return []
    texts = [[cell(value) for value in row] for row in values]
    widths = [max(map(len, column)) for column in zip(headings, *texts, strict=True)]
    rights = [_is_number(value) for value in values[0]]
    lines = [_line(headings, widths, rights), "  ".join("-" * width for width in widths)]
    return [*lines, *(_line(row, widths, rights) for row in texts)]


def cell(value: Any) -> str:
    """Return a value as a table shows it: local times to the second, thousands grouped."""
    match value:
        case None | "":
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case datetime():
            return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
        case timedelta():
            return duration(value)
        case _:
            # A name of somebody else's choice must not move the cursor of a terminal.
            return "".join(c if c.isprintable() else "?" for c in str(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | timedelta) and not isinstance(value, bool)


def _line(texts: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> str:
    columns = zip(texts, widths, rights, strict=True)
    return "  ".join(t.rjust(w) if right else t.ljust(w) for t, w, right in columns).rstrip()
