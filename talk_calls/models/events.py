"""Events that are kept until they were told."""

import dataclasses
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone

from talk_calls.db.querysets import PrimaryQuerySet
from talk_calls.signals import CallEnded, CallStarted, Event

#: Events that survive the death of a process.
DURABLE: dict[str, type[Event]] = {kind.__name__: kind for kind in (CallStarted, CallEnded)}


class PendingEvent(models.Model):
    """An event that was committed and not yet told. There are rows only while somebody listens.

    The conversation is a plain number: it may be gone by the time its last event is told.
    """

    conversation_id = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=40)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = PrimaryQuerySet["PendingEvent"].as_manager()

    class Meta:
        """In the order in which they happened."""

        ordering = ["pk"]

    def __str__(self) -> str:
        """Return what happened."""
        return self.kind

    @classmethod
    def of(cls, event: Event, now: datetime) -> "PendingEvent":
        """Return the row, not yet saved, that keeps ``event``."""
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
        """Return the event as it was."""
        kind = DURABLE[self.kind]
        moments = {field.name for field in dataclasses.fields(kind) if field.type is datetime}
        values: dict[str, Any] = {
            name: datetime.fromisoformat(value) if name in moments else _immutable(value)
            for name, value in self.payload.items()
        }
        return kind(**values)


def _immutable(value: Any) -> Any:
    """Return a tuple for what JSON made a list."""
    return tuple(value) if isinstance(value, list) else value
