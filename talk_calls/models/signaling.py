"""Signaling messages between sessions, until they are delivered."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone

from talk_calls.constants import MESSAGE_LIFE
from talk_calls.db.primary import PrimaryMixin, PrimaryModel


class SignalingMessageQuerySet(PrimaryMixin, models.QuerySet["SignalingMessage"]):
    """Reads of the mailboxes."""

    def waiting_for(self, recipient: int, now: datetime) -> Self:
        """Return the messages that a session has not acknowledged, in the order of sending."""
        return self.filter(recipient=recipient, sent_at__gt=now - MESSAGE_LIFE).order_by("pk")

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
