"""What attendees set for themselves alone: favourites, and what notifies them."""

from datetime import datetime

from talk_calls.constants import NotificationLevel
from talk_calls.models import Attendee


def set_favorite(*, attendee: Attendee, favorite: bool, now: datetime) -> None:
    """Make the conversation a favourite of the attendee, or no favourite any more."""
    _set_own(attendee, "is_favorite", favorite, now=now)


def set_notification_level(*, attendee: Attendee, level: NotificationLevel, now: datetime) -> None:
    """Set which messages of the conversation notify the attendee."""
    _set_own(attendee, "notification_level", level, now=now)


def set_notification_calls(*, attendee: Attendee, announced: bool, now: datetime) -> None:
    """Set whether calls of the conversation are announced to the attendee."""
    _set_own(attendee, "notification_calls", announced, now=now)


def _set_own(attendee: Attendee, field: str, value: object, *, now: datetime) -> None:
    """Store a field that only the attendee sees."""
    # An update and not a save: the attendee may have been removed meanwhile, which is no error.
    Attendee.objects.filter(pk=attendee.pk).update(**{field: value}, modified_at=now)
    setattr(attendee, field, value)
