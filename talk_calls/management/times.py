"""Times on the command line."""

import re
from argparse import ArgumentTypeError
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_time(text: str) -> datetime:
    """Return the time of a text such as ``7d``, ``24h``, ``2026-01-31`` or an ISO time.

    A duration is subtracted from now. A day, or a time without a zone, is in the site's time zone.
    It is for ``type=`` of an argument, and raises ``ArgumentTypeError``.
    """
    if duration := re.fullmatch(r"(\d{1,6})([mhdw])", text):
        return timezone.now() - timedelta(**{_UNITS[duration[2]]: int(duration[1])})
    try:
        if day := parse_date(text):
            return timezone.make_aware(datetime.combine(day, time.min))
        if at := parse_datetime(text):
            return at if timezone.is_aware(at) else timezone.make_aware(at)
    except ValueError:
        pass  # such as 2026-02-30
    message = _("{text!r} is no time; write 7d, 24h, 2026-01-31 or 2026-01-31T18:00.")
    raise ArgumentTypeError(message.format(text=text))
