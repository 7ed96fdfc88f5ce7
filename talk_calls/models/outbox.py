"""Events that are stored in the transaction of the change, until all who want them have them."""

import dataclasses
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from talk_calls import signals
from talk_calls.constants import EventType
from talk_calls.db.primary import PrimaryMixin, PrimaryModel
from talk_calls.signals import Event

#: Events that receivers of signals get even if the process is killed after the commit.
DURABLE: Mapping[str, type[Event]] = {
    EventType.CALL_STARTED: signals.CallStarted,
    EventType.CALL_ENDED: signals.CallEnded,
    EventType.CALL_MISSED: signals.CallMissed,
}

#: Fields of events that are columns of the outbox, and so not in its payload.
_COLUMNS = frozenset({"conversation_id", "token", "at"})


#: Age from which other processes send an event to receivers; its own process needs milliseconds.
OVERDUE = timedelta(seconds=10)


class OutboxQuerySet(PrimaryMixin, models.QuerySet["OutboxEvent"]):
    """Says which events somebody still has to get."""

    def for_receivers(self) -> "OutboxQuerySet":
        """Return events that are still to be sent to receivers of signals."""
        return self.filter(for_receivers=True)

    def overdue(self, now: datetime) -> "OutboxQuerySet":
        """Return events whose process was killed before it sent them to receivers of signals."""
        return self.for_receivers().filter(created_at__lt=now - OVERDUE)


class OutboxEvent(PrimaryModel):
    """An event that was committed, and who still has to get it.

    The primary key ascends within a conversation in the order in which things happened. Rows of
    different conversations become visible in any order, so nobody may remember up to which key
    they have read; ``for_receivers`` and ``for_webhooks`` say what is left to do.

    ``conversation_id`` is no foreign key, since the conversation may be deleted before its last
    event is sent. ``uid`` is the id under which receivers of webhooks know the event. ``payload``
    is what webhooks send as ``data`` (docs/events.md).
    """

    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    conversation_id = models.BigIntegerField()
    conversation_token = models.CharField(max_length=30)
    type = models.CharField(max_length=40)
    at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    #: Still to be sent to receivers of signals.
    for_receivers = models.BooleanField(default=False)
    #: Still to be distributed to the endpoints of webhooks.
    for_webhooks = models.BooleanField(default=False)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        """What is left to do is in partial indexes, which are empty when all is done."""

        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["conversation_id", "id"],
                condition=Q(for_receivers=True),
                name="talk_outbox_receivers",
            ),
            models.Index(
                fields=["conversation_id", "id"],
                condition=Q(for_webhooks=True),
                name="talk_outbox_webhooks",
            ),
            # What is kept for a replay goes by its age.
            models.Index(fields=["created_at"], name="talk_outbox_by_age"),
        ]

    def __str__(self) -> str:
        """Return the type, as receivers of webhooks know it."""
        return self.type

    @classmethod
    def of(cls, event: Event, now: datetime) -> "OutboxEvent":
        """Return the row, not yet saved, that stores a durable ``event`` for its receivers."""
        facts = dataclasses.asdict(event)
        return cls(
            conversation_id=event.conversation_id,
            conversation_token=event.token,
            type=next(name for name, kind in DURABLE.items() if type(event) is kind),
            at=event.at,
            created_at=now,
            payload={name: facts[name] for name in facts.keys() - _COLUMNS},
            for_receivers=True,
        )

    @property
    def event(self) -> Event:
        """Return the event of a row for receivers of signals, as it was."""
        kind = DURABLE[self.type]
        moments = {field.name for field in dataclasses.fields(kind) if field.type is datetime}
        values: dict[str, Any] = {
            name: datetime.fromisoformat(value) if name in moments else _immutable(value)
            for name, value in self.payload.items()
        }
        return kind(
            conversation_id=self.conversation_id,
            token=self.conversation_token,
            at=self.at,
            **values,
        )


def _immutable(value: object) -> object:
    """Return a tuple for a list, which JSON has instead."""
    return tuple(value) if isinstance(value, list) else value
