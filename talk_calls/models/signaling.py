"""Signaling messages between sessions, until they are delivered."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.utils import timezone

from talk_calls.constants import MESSAGE_LIFE
from talk_calls.db.primary import PrimaryMixin, PrimaryModel


class Octets(models.Func):
    """The number of bytes of a text, which is ASCII; PostgreSQL knows it without reading it."""

    function = "OCTET_LENGTH"
    output_field = models.IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Count characters: older versions of SQLite count no bytes."""
        return super().as_sql(compiler, connection, function="LENGTH", **extra)


class SignalingMessageQuerySet(PrimaryMixin, models.QuerySet["SignalingMessage"]):
    """Reads of the mailboxes."""

    def waiting_for(self, recipients: Collection[Any], now: datetime) -> Self:
        """Return the messages that sessions have not acknowledged, in the order of sending.

        ``recipients`` are primary keys.
        """
        return self.filter(recipient__in=recipients, sent_at__gt=now - MESSAGE_LIFE).order_by("pk")

    def expired(self, now: datetime) -> Self:
        """Return the messages that are too old to be delivered."""
        return self.filter(sent_at__lte=now - MESSAGE_LIFE)


class SignalingMessage(PrimaryModel):
    """A message in the mailbox of one session.

    ``recipient`` is the session's primary key and no foreign key: sessions are deleted often, and
    their messages expire anyway.
    """

    recipient = models.BigIntegerField(db_index=True)
    text = models.TextField(help_text="A JSON object, with the sender in it.")
    #: The number of the first answer that contained it; null before.
    answer = models.PositiveIntegerField(null=True)
    sent_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = SignalingMessageQuerySet.as_manager()

    def __str__(self) -> str:
        """Return the recipient."""
        return f"to session {self.recipient}"
