"""What happened in conversations and their calls, as the read-only chat of clients shows it."""

import json
from typing import Any

from django.db import models
from django.db.models import Func, OuterRef, Subquery
from django.db.models.functions import JSONObject

from talk_calls.constants import ActorType, SystemMessageKind
from talk_calls.db.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet
from talk_calls.models.conversations import Conversation

SystemMessageQuerySet = PrimaryQuerySet["SystemMessage"]

#: The fields of a message that ``newest_message`` loads as JSON; ``at`` keeps its own type.
_FIELDS = ("id", "kind", "actor_type", "actor_id", "display_name", "details")


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

    objects = SystemMessageQuerySet.as_manager()

    class Meta:
        """Messages in the order in which they were written."""

        indexes = [
            models.Index(fields=["conversation", "id"], name="talk_message_by_id"),
            models.Index(fields=["at"], name="talk_message_by_time"),
        ]
        ordering = ["pk"]

    def __str__(self) -> str:
        """Return the kind."""
        return self.kind


class _Object(JSONObject):
    """An object of JSON; SQLite is not asked whether it knows any.

    Django asks in a transaction, once for each connection. That is a lock for a read, and where
    somebody else holds it for too long, Django takes the error for a no until the thread ends.
    """

    def as_sqlite(self, *args: Any, **context: Any) -> Any:
        return Func.as_sql(self, *args, **context)


def newest_message(*, prefix: str = "") -> dict[str, Subquery]:
    """Return annotations that add a conversation's newest message to the query that loads it.

    ``prefix`` is the path from the queried model to the conversation, with its underscores.
    ``keep_newest_message`` makes a message of them.
    """
    messages = SystemMessage.objects.filter(conversation=OuterRef(f"{prefix}pk")).order_by("-pk")
    fields = _Object(**{name: name for name in _FIELDS})
    return {
        "newest_message_fields": Subquery(messages.values(fields=fields)[:1]),
        "newest_message_at": Subquery(messages.values("at")[:1]),
    }


def keep_newest_message(conversation: Conversation, annotated: Any) -> None:
    """Give a conversation the message that a query annotated on a row, or None."""
    fields = annotated.newest_message_fields
    if fields is None:
        conversation.newest_message = None
        return
    details = fields["details"]
    if isinstance(details, str):  # by SQLite, whose JSON is text
        fields = {**fields, "details": json.loads(details)}
    conversation.newest_message = SystemMessage(
        conversation=conversation, at=annotated.newest_message_at, **fields
    )
