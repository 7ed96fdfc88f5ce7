"""Responses that browsers store as files."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from talk_calls import names

#: Spreadsheets run cells that begin so as formulas, which could send other cells elsewhere.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NAME_LENGTH = 100


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return CSV with a header. None is an empty cell; a quote keeps cells from being formulas."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([_escape_formula("" if value is None else str(value)) for value in row])
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
    """Return ``title``, the day of ``at`` and the ending, as a name for all file systems."""
    name = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]+', " ", names.cleaned(title))
    name = " ".join(name.split())[:_NAME_LENGTH].strip(" .")
    return f"{name} {at:%Y-%m-%d}.{ending}".strip()


def _escape_formula(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
