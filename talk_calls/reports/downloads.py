"""Responses that browsers store as files."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from io import StringIO

from django.http import HttpResponse
from django.utils import formats, timezone
from django.utils.http import content_disposition_header

from talk_calls import names
from talk_calls.reports.formatting import datetime_cell, duration_text

#: Without it, Excel reads UTF-8 as the encoding of its own country.
_BYTE_ORDER_MARK = "\ufeff"

#: Spreadsheets run cells that begin so as formulas, which could send other cells elsewhere; in
#: Japan the wide forms of the signs, too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

#: Spreadsheets read text of these alone as a number, a date or a time.
_NUMBER_LIKE = re.compile(r"[\d.,:/eE \-+]*\d[\d.,:/eE \-+]*")

#: Numbers of so few digits stay as they are.
_PLAIN_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")

_NAME_LENGTH = 100


def as_csv(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str | None = None
) -> str:
    """Return CSV for people: with a byte order mark, a header and CRLF, as spreadsheets read it.

    Times are local and to the second (``with_zone`` puts the zone into their heading), durations
    hours, minutes and seconds, and None is an empty cell. A quote keeps texts from being formulas,
    and from being numbers that lose digits. Without ``delimiter``, columns and decimals are
    separated as in the active language: a spreadsheet in German opens semicolons, and no commas.
    """
    decimal = str(formats.get_format("DECIMAL_SEPARATOR"))
    text = StringIO()
    text.write(_BYTE_ORDER_MARK)
    writer = csv.writer(text, delimiter=delimiter or (";" if decimal == "," else ","))
    writer.writerow(headings)
    writer.writerows([_cell(value, decimal) for value in row] for row in rows)
    return text.getvalue()


def attachment(content: str, content_type: str, *, name: str) -> HttpResponse:
    """Return a response that a browser stores as the file ``name``, and that is not cached."""
    return HttpResponse(
        content,
        content_type=f"{content_type}; charset=utf-8",
        headers={
            "Content-Disposition": str(content_disposition_header(True, name)),
            "Cache-Control": "no-store",
        },
    )


def file_name(title: str, at: datetime, ending: str) -> str:
    """Return ``title``, the local day of ``at`` and the ending, as a name for all file systems."""
    name = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]+', " ", names.cleaned(title))
    name = " ".join(name.split())[:_NAME_LENGTH].strip(" .")
    return f"{name} {timezone.localdate(at)}.{ending}".strip()


def _cell(value: object, decimal: str) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return datetime_cell(value)
        case timedelta():
            return duration_text(value)
        case float():
            return f"{value:.1f}".replace(".", decimal)
        case int() | date():
            return str(value)
        case _:
            return _as_text(str(value))


def _as_text(value: str) -> str:
    is_changed = _NUMBER_LIKE.fullmatch(value) and not _PLAIN_NUMBER.fullmatch(value)
    return f"'{value}" if is_changed or value.startswith(_FORMULA) else value
