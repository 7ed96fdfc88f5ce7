"""Times that an operator names on the command line."""

import re
from argparse import ArgumentTypeError
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str) -> datetime:
    """Return the time that ``7d``, ``24h``, ``2026-01-31`` or an ISO time means.

    A span is counted back from now; a day or time without a zone is the site's. For ``type=`` of
    an argument; raises ``ArgumentTypeError``.
    """
    if span := re.fullmatch(r"(\d{1,6})([mhdw])", text):
        return timezone.now() - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        if day := parse_date(text):
            return timezone.make_aware(datetime.combine(day, time.min))
        if at := parse_datetime(text):
            return at if timezone.is_aware(at) else timezone.make_aware(at)
    except ValueError:
        pass  # well-formed, and no day of any calendar
    raise ArgumentTypeError(f"{text!r} is no time; write 7d, 24h, 2026-01-31 or 2026-01-31T18:00.")
