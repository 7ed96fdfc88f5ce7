"""Numbers, times and in-call flags as text."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from talk_calls.constants import InCallFlag

#: Shown where there is no value.
EMPTY_VALUE = "–"

_MEDIA = {
    InCallFlag.WITH_AUDIO: "audio",
    InCallFlag.WITH_VIDEO: "video",
    InCallFlag.WITH_PHONE: "phone",
}


def media_names(flags: int) -> list[str]:
    """Return the names of the media in ``InCallFlag`` bits: ``audio``, ``video``, ``phone``."""
    return [name for flag, name in _MEDIA.items() if flags & flag]


def media_text(flags: int) -> str:
    """Return the media in ``InCallFlag`` bits for readers, in their language."""
    return media_in_words(media_names(flags))


def media_in_words(media: Iterable[str]) -> str:
    """Return what ``media_names`` gives for readers, in their language."""
    labels = {"audio": _("audio"), "video": _("video"), "phone": _("phone")}
    return ", ".join(labels[name] for name in media)


def number_text(number: float) -> str:
    """Return a whole number with the separators of the reader's language, such as ``1,234``."""
    return number_format(number, 0, force_grouping=True)


def in_sentence(label: str | Promise) -> str:
    """Return the label of a choice as it stands within a sentence: ``guest`` for ``Guest``.

    It is in lower case, but in German, where nouns have capital letters.
    """
    text = str(label)
    return text if (get_language() or "").startswith("de") else text.lower()


def duration_text(duration: timedelta) -> str:
    """Return hours, minutes and seconds such as ``1:02:03``; a day is 24 hours."""
    seconds = int(duration.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def datetime_text(at: datetime) -> str:
    """Return a time to the second with its zone, such as ``2026-11-30 14:05:09 CET``.

    That is for a time that stands alone. It is in the current time zone, as are all of these texts.
    """
    return f"{datetime_cell(at)} {zone_text(at)}"


def minute_text(at: datetime) -> str:
    """Return a time to the minute with its zone, such as ``2026-11-30 14:05 CET``."""
    return f"{minute_cell(at)} {zone_text(at)}"


def time_text(at: datetime) -> str:
    """Return the time of a day that is known, with its zone, such as ``14:05:09 CET``."""
    return f"{timezone.localtime(at):%H:%M:%S} {zone_text(at)}"


def datetime_cell(at: datetime) -> str:
    """Return a time to the second for a table whose heading names the zone by ``with_zone``."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"


def minute_cell(at: datetime) -> str:
    """Return a time to the minute for a table whose heading names the zone by ``with_zone``."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def day_text(day: date) -> str:
    """Return a day of the year for the axis of a chart, such as ``Nov 30``."""
    return date_format(day, _("M j"))


def with_zone(heading: str) -> str:
    """Return the heading of a column of times, such as ``Joined (Europe/Berlin)``.

    The zone has one name in summer and winter, unlike that of a single time.
    """
    return f"{heading} ({timezone.get_current_timezone()})"


def zone_text(at: datetime) -> str:
    """Return the name of the zone at a time, such as ``CET``."""
    return timezone.localtime(at).tzname() or ""
