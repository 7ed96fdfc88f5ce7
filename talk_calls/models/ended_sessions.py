"""Why sessions of named windows ended, for a while: their rows are gone, and their pages ask."""

from datetime import datetime
from typing import Self

from django.db import models

from talk_calls.constants import ENDED_SESSION_LIFE, WINDOW_LENGTH, SessionEnd
from talk_calls.db.primary import PrimaryMixin, PrimaryModel


class EndedSessionQuerySet(PrimaryMixin, models.QuerySet["EndedSession"]):
    """Reads of ended sessions by age."""

    def recent(self, now: datetime) -> Self:
        """Return those that are still told."""
        return self.filter(ended_at__gt=now - ENDED_SESSION_LIFE)

    def expired(self, now: datetime) -> Self:
        """Return those whose rows may be deleted."""
        return self.filter(ended_at__lte=now - ENDED_SESSION_LIFE)


class EndedSession(PrimaryModel):
    """The end of the last session that a window had in a conversation."""

    window = models.CharField(max_length=WINDOW_LENGTH, unique=True)
    reason = models.CharField(max_length=20, choices=SessionEnd.choices)
    ended_at = models.DateTimeField(db_index=True)

    objects = EndedSessionQuerySet.as_manager()

    def __str__(self) -> str:
        """Return the reason."""
        return self.get_reason_display()
