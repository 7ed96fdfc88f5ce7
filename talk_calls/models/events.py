"""Events that are stored until they have been sent."""

import dataclasses
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone

from talk_calls.db.primary import PrimaryModel, PrimaryQuerySet
from talk_calls.signals import CallEnded, CallMissed, CallStarted, Event

#: Events that are sent even if the process is killed after the commit.
DURABLE: dict[str, type[Event]] = {
    kind.__name__: kind for kind in (CallStarted, CallEnded, CallMissed)
}


class PendingEvent(PrimaryModel):
    """An event that was committed and not sent yet; only events with receivers are stored.

    ``conversation_id`` is no foreign key, since the conversation may be deleted before its last
    event is sent.
    """

    conversation_id = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=40)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = PrimaryQuerySet["PendingEvent"].as_manager()

    class Meta:
        """Rows in the order in which the events happened."""

        ordering = ["pk"]

    def __str__(self) -> str:
        """Return the name of the event class."""
        return self.kind

    @classmethod
    def of(cls, event: Event, now: datetime) -> "PendingEvent":
        """Return the row, not yet saved, that stores ``event``."""
        return cls(
            conversation_id=event.conversation_id,
            kind=type(event).__name__,
            payload={
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in dataclasses.asdict(event).items()
            },
            created_at=now,
        )

    @property
    def event(self) -> Event:
        """Return the event, as it was stored."""
        kind = DURABLE[self.kind]
        moments = {field.name for field in dataclasses.fields(kind) if field.type is datetime}
        values: dict[str, Any] = {
            name: datetime.fromisoformat(value) if name in moments else _immutable(value)
            for name, value in self.payload.items()
        }
        return kind(**values)


def _immutable(value: object) -> object:
    """Return a tuple for a list, which JSON has instead."""
    return tuple(value) if isinstance(value, list) else value
