"""Tables of text, which fit the terminal."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TextIO

from django.core.management.base import OutputWrapper
from django.utils import timezone
from django.utils.text import capfirst

from talk_calls import names
from talk_calls.management.texts import lazy as _
from talk_calls.management.widths import display_width, shortened
from talk_calls.reports.formatting import (
    EMPTY_VALUE,
    datetime_cell,
    datetime_text,
    duration_text,
    number_text,
    with_zone,
)

#: Columns of the terminal for which tables are made; None where output is no terminal, so that
#: files and other programs get whole values. ``TalkCommand`` sets it.
terminal_width: ContextVar[int | None] = ContextVar("terminal_width", default=None)

#: Text is not cut below that many columns, nor below its heading.
_LEAST = 10

_GAP = "  "


class Key(int):
    """A primary key: shown without separators between thousands, so that it can be copied."""

    __slots__ = ()


class TextKey(str):
    """A token or id that people copy: never cut."""

    __slots__ = ()


class Sentence(str):
    """Text in which names are isolated already, one by one."""

    __slots__ = ()


@dataclass(frozen=True)
class _Column:
    """A column of texts: its widest one, and how narrow it can be made by cutting them.

    The ``heading`` is its ``name``, which may be followed by the zone of its times.
    """

    name: str
    heading: str
    texts: list[str]
    width: int
    least: int
    is_right: bool


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    expendable: Sequence[str] = (),
) -> list[str]:
    """Return the lines of a table, in which numbers and durations are aligned to the right.

    ``cell`` formats the values, and headings get a capital letter. Without rows there are no lines
    at all.

    On a terminal that is too narrow (``terminal_width``) the widest texts are cut first, but no
    numbers, times and keys; then the zone of times moves from the heading below the table; then the
    columns named in ``expendable`` are left out, in that order, which a line says; and if that is
    not enough, each row is a list of its values, one to a line.
    """
    values = [list(row) for row in rows]
    if not values:
        return []
    headings, expendable = _capital(headings), _capital(expendable)
    columns = _columns(headings, list(zip(*values, strict=True)))
    width = terminal_width.get()
    if width is None:
        return _lines(columns, [column.width for column in columns])
    if widths := _fitting(columns, width):
        return _lines(columns, widths)
    narrow = _columns(headings, list(zip(*values, strict=True)), names_zone=False)
    for count in range(len(expendable) + 1):
        left_out = expendable[:count]
        shown = [column for column in narrow if column.name not in left_out]
        if widths := _fitting(shown, width):
            return [*_lines(shown, widths), *_notes(left_out, columns)]
    return _records(columns)


def _capital(headings: Sequence[str]) -> list[str]:
    """Return headings as they stand above a table; some are words that stand in sentences, too."""
    return [capfirst(str(heading)) for heading in headings]


def pairs(facts: Mapping[str, object]) -> list[str]:
    """Return a line for each fact: its name with a colon, and its value, one below the other."""
    width = max(map(display_width, map(str, facts))) + 1
    return [f"{_padded(f'{name}:', width)} {_alone(value)}" for name, value in facts.items()]


def _alone(value: object) -> str:
    """Return a value that is in no column, whose heading would name the zone of times."""
    return datetime_text(value) if isinstance(value, datetime) else cell(value)


def cell(value: object) -> str:
    """Return a value as a table shows it: local times, thousands grouped."""
    match value:
        case None | "":
            return EMPTY_VALUE
        case bool():
            return str(_("yes") if value else _("no"))
        case int():
            return str(value) if isinstance(value, Key) else number_text(value)
        case datetime():
            return datetime_cell(value)
        case timedelta():
            return duration_text(value)
        case _:
            text = printable(str(value))
            return text if isinstance(value, Sentence) else names.isolated(text)


def printable(text: str) -> str:
    """Return text without control characters, so that names cannot move a terminal's cursor.

    Lines of a text stand on one.
    """
    return "".join(c if names.is_drawn(c) else "?" for c in " ".join(text.splitlines()))


def width_of(stream: TextIO | OutputWrapper) -> int | None:
    """Return the columns of the terminal that a stream writes to, or None if it is none.

    The variable ``COLUMNS`` of the environment has precedence.
    """
    return shutil.get_terminal_size().columns if stream.isatty() else None


def _notes(left_out: Sequence[str], columns: Sequence[_Column]) -> list[str]:
    """Return lines below a table: which columns are missing, and the zone of its times."""
    notes = []
    if left_out:
        note = _("Left out, as the terminal is narrow: {columns}. --json has everything.")
        notes.append(note.format(columns=", ".join(left_out)))
    if any(column.heading != column.name for column in columns):
        zone = timezone.get_current_timezone()
        notes.append(_("Times are those of {zone}.").format(zone=zone))
    return ["", *notes] if notes else []


def _columns(
    headings: Sequence[str], columns: Sequence[Sequence[object]], *, names_zone: bool = True
) -> list[_Column]:
    """Return the columns; the first one with times names their zone, which all others share."""
    made: list[_Column] = []
    has_zone = not names_zone
    for name, values in zip(headings, columns, strict=True):
        needs_zone = not has_zone and any(isinstance(value, datetime) for value in values)
        made.append(_column(str(name), with_zone(name) if needs_zone else str(name), values))
        has_zone |= needs_zone
    return made


def _column(name: str, heading: str, values: Sequence[object]) -> _Column:
    texts = [cell(value) for value in values]
    widths = [display_width(heading), *map(display_width, texts)]
    kept = [
        width if _is_kept(value) else min(width, _LEAST)
        for width, value in zip(widths[1:], values, strict=True)
    ]
    numbers = [_is_number(value) for value in values if value is not None]
    return _Column(
        name,
        heading,
        texts,
        width=max(widths),
        least=max(widths[0], *kept),
        is_right=bool(numbers) and all(numbers),
    )


def _is_kept(value: object) -> bool:
    """Tell whether a value is shown as a whole, because half of it would mislead."""
    return value is None or isinstance(value, bool | int | float | datetime | timedelta | TextKey)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | timedelta) and not isinstance(value, bool)


def _fitting(columns: Sequence[_Column], width: int) -> list[int] | None:
    """Return the width of each column in a table so wide, or None if they do not fit into it."""
    room = width - len(_GAP) * (len(columns) - 1)
    if sum(column.least for column in columns) > room:
        return None
    most = max(column.width for column in columns)
    while sum(widths := [max(each.least, min(each.width, most)) for each in columns]) > room:
        most -= 1
    return widths


def _lines(columns: Sequence[_Column], widths: Sequence[int]) -> list[str]:
    rows = zip(*(column.texts for column in columns), strict=True)
    rights = [column.is_right for column in columns]
    return [
        _line([column.heading for column in columns], widths, rights),
        _GAP.join("-" * width for width in widths),
        *(_line(row, widths, rights) for row in rows),
    ]


def _line(texts: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> str:
    columns = zip(texts, widths, rights, strict=True)
    cut = ((shortened(text, width), width, is_right) for text, width, is_right in columns)
    return _GAP.join(_padded(*each) for each in cut).rstrip()


def _padded(text: str, width: int, is_right: bool = False) -> str:
    spaces = " " * (width - display_width(text))
    return spaces + text if is_right else text + spaces


def _records(columns: Sequence[_Column]) -> list[str]:
    """Return the lines of rows one below the other, with a line for each value."""
    headings = [column.heading for column in columns]
    lines: list[str] = []
    for row in zip(*(column.texts for column in columns), strict=True):
        facts = {name: Sentence(text) for name, text in zip(headings, row, strict=True)}
        lines += [*([""] if lines else []), *pairs(facts)]
    return lines
