"""Tables of text for a terminal."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from talk_calls import names
from talk_calls.reports.formatting import EMPTY_VALUE, datetime_cell, duration_text


class Key(int):
    """A primary key: shown without separators between thousands, so that it can be copied."""

    def __format__(self, format_spec: str) -> str:
        """Return the digits, for any ``format_spec``."""
        return str(int(self))


class Sentence(str):
    """Text in which names are isolated already, one by one."""

    __slots__ = ()


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table, in which numbers and durations are aligned to the right.

    ``cell`` formats the values. Without rows there are no lines at all.
    """
    values = [list(row) for row in rows]
    if not values:
        return []
    texts = [[cell(value) for value in row] for row in values]
    widths = [max(map(names.width, column)) for column in zip(headings, *texts, strict=True)]
    rights = [_is_number(value) for value in values[0]]
    lines = [_line(headings, widths, rights), "  ".join("-" * width for width in widths)]
    return [*lines, *(_line(row, widths, rights) for row in texts)]


def cell(value: object) -> str:
    """Return a value as a table shows it: local times to the second, thousands grouped."""
    match value:
        case None | "":
            return EMPTY_VALUE
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case datetime():
            return datetime_cell(value)
        case timedelta():
            return duration_text(value)
        case _:
            text = printable(str(value))
            return text if isinstance(value, Sentence) else names.isolated(text)


def printable(text: str) -> str:
    """Return text without control characters, so that names cannot move a terminal's cursor."""
    return "".join(c if names.is_drawn(c) else "?" for c in text)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | timedelta) and not isinstance(value, bool)


def _line(texts: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> str:
    columns = zip(texts, widths, rights, strict=True)
    return "  ".join(_padded(*column) for column in columns).rstrip()


def _padded(text: str, width: int, is_right: bool) -> str:
    spaces = " " * (width - names.width(text))
    return spaces + text if is_right else text + spaces
