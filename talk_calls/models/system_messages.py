"""What happened in conversations and their calls, as the read-only chat of clients shows it."""

from django.db import models

from talk_calls.constants import ActorType, SystemMessageKind
from talk_calls.db.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet
from talk_calls.models.conversations import Conversation


class SystemMessage(PrimaryModel):
    """One thing that happened in a conversation; the primary key is the id of the message.

    Rows are written under the lock of the conversation and never in another order than the one in
    which things happened, so the ids of a conversation only grow. The actor is who did it, named as
    clients knew the actor at the time; all three fields are empty if nobody did it.
    """

    conversation = PrimaryForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        related_name="system_messages",
        db_index=False,  # talk_message_by_id
    )
    kind = models.CharField(max_length=40, choices=SystemMessageKind.choices)
    at = models.DateTimeField()
    actor_type = models.CharField(max_length=20, choices=ActorType.choices, blank=True)
    actor_id = models.CharField(max_length=255, blank=True)
    display_name = models.CharField(max_length=255, blank=True)
    details = models.JSONField(
        default=dict,
        blank=True,
        help_text="Whom it concerns, the new name, or how a call was.",
    )

    objects = PrimaryQuerySet["SystemMessage"].as_manager()

    class Meta:
        """Messages in the order in which they were written."""

        indexes = [models.Index(fields=["conversation", "id"], name="talk_message_by_id")]
        ordering = ["pk"]

    def __str__(self) -> str:
        """Return the kind."""
        return self.kind
