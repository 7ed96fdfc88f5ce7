"""What sessions have to say to each other until it is delivered."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone

from talk_calls.constants import MESSAGE_LIFE
from talk_calls.db.querysets import PrimaryMixin


class SignalingMessageQuerySet(PrimaryMixin, models.QuerySet["SignalingMessage"]):
    """Reads of the mailboxes."""

    def waiting_for(self, recipient: int, now: datetime) -> Self:
        """Return what a session has not acknowledged yet, in the order in which it was sent."""
        return self.filter(recipient=recipient, sent_at__gt=now - MESSAGE_LIFE).order_by("pk")

    def expired(self, now: datetime) -> Self:
        """Return what nobody wants any more."""
        return self.filter(sent_at__lte=now - MESSAGE_LIFE)


class SignalingMessage(models.Model):
    """A message in the mailbox of one session.

    ``recipient`` is the session's primary key and no foreign key: sessions go often, and what lies
    in their mailbox expires anyway.
    """

    recipient = models.BigIntegerField(db_index=True)
    text = models.TextField(help_text="A JSON object, with the sender in it.")
    #: The number of the answer that carried it; null until one did.
    answer = models.PositiveIntegerField(null=True)
    sent_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = SignalingMessageQuerySet.as_manager()

    def __str__(self) -> str:
        """Return which mailbox it lies in."""
        return f"to session {self.recipient}"
