"""Events that are stored in the transaction of the change, until all who want them have them."""

import dataclasses
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from talk_calls import signals
from talk_calls.constants import EventType
from talk_calls.db.primary import PrimaryMixin, PrimaryModel, PrimaryQuerySet
from talk_calls.signals import Event

#: The events of signals by the type that they have here; ``type_of`` knows one more.
_TYPES: Mapping[type[Event], EventType] = {
    signals.CallStarted: EventType.CALL_STARTED,
    signals.CallEnded: EventType.CALL_ENDED,
    signals.CallMissed: EventType.CALL_MISSED,
    signals.CallRang: EventType.CALL_RANG,
    signals.CallJoined: EventType.CALL_JOINED,
    signals.CallLeft: EventType.CALL_LEFT,
    signals.CallFlagsChanged: EventType.CALL_FLAGS_CHANGED,
    signals.SessionOpened: EventType.SESSION_OPENED,
    signals.SessionClosed: EventType.SESSION_CLOSED,
    signals.ConversationCreated: EventType.CONVERSATION_CREATED,
    signals.ConversationChanged: EventType.CONVERSATION_CHANGED,
}

#: Events that receivers of signals get even if the process is killed after the commit.
DURABLE = frozenset({signals.CallStarted, signals.CallEnded, signals.CallMissed})

_DURABLE_BY_TYPE: Mapping[str, type[Event]] = {_TYPES[kind]: kind for kind in DURABLE}

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

    def with_needed(self) -> "OutboxQuerySet":
        """Add ``is_needed``: whether endpoints of webhooks get or got the event."""
        delivered = OutboxEvent.objects.filter(pk=OuterRef("pk"), deliveries__isnull=False)
        return self.annotate(is_needed=Q(for_webhooks=True) | Exists(delivered))

    def received(self, rows: Iterable["OutboxEvent"]) -> None:
        """Store that receivers of signals got these events, and delete what nobody else needs.

        The rows are from ``with_needed``; one statement, or two for rows of both kinds.
        """
        needed: list[int] = []
        done: list[int] = []
        for row in rows:
            (needed if row.is_needed else done).append(row.pk)
        if needed:
            self.filter(pk__in=needed).update(for_receivers=False)
        if done:
            # Django would read the rows again, and look for deliveries, of which there are none.
            self.filter(pk__in=done)._raw_delete(self.db)  # noqa: SLF001


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
    payload = models.JSONField()
    #: Still to be sent to receivers of signals.
    for_receivers = models.BooleanField(default=False)
    #: Still to be distributed to the endpoints of webhooks.
    for_webhooks = models.BooleanField(default=False)

    objects = OutboxQuerySet.as_manager()

    #: Filled by ``with_needed``.
    is_needed: bool

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
    def of(cls, event: Event, **fields: Any) -> "OutboxEvent":
        """Return the row, not yet saved, of an event of a signal; ``fields`` are further ones."""
        return cls(
            conversation_id=event.conversation_id,
            conversation_token=event.token,
            type=type_of(event),
            at=event.at,
            payload={
                name: in_json(value)
                for name, value in dataclasses.asdict(event).items()
                if name not in _COLUMNS
            },
            **fields,
        )

    @property
    def event(self) -> Event:
        """Return the event of a row for receivers of signals, as it was."""
        kind = _DURABLE_BY_TYPE[self.type]
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


class PendingEvent(PrimaryModel):
    """An event as processes of 0.1 store it; ``talk_sweep`` moves what they leave to the outbox.

    It goes with the release after the next, when no process of 0.1 can be running any more.
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

    @property
    def moved(self) -> OutboxEvent:
        """Return the row of the outbox, not yet saved, that takes its place."""
        facts = dict(self.payload)
        del facts["conversation_id"]
        return OutboxEvent(
            conversation_id=self.conversation_id,
            conversation_token=facts.pop("token"),
            at=datetime.fromisoformat(facts.pop("at")),
            type=next(
                type_ for type_, kind in _DURABLE_BY_TYPE.items() if kind.__name__ == self.kind
            ),
            created_at=self.created_at,
            payload=facts,
            for_receivers=True,
        )


def in_json(value: Any) -> Any:
    """Return a time in ISO 8601, UTC, and any other value as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def type_of(event: Event) -> EventType:
    """Return the type of an event of a signal; a deletion has one of its own here."""
    if isinstance(event, signals.ConversationChanged) and event.is_deletion:
        return EventType.CONVERSATION_DELETED
    return _TYPES[type(event)]


def _immutable(value: object) -> object:
    """Return a tuple for a list, which JSON has instead."""
    return tuple(value) if isinstance(value, list) else value
