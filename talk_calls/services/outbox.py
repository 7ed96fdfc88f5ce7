"""What endpoints of webhooks get: whether any wants events, and the rows that hold them.

``docs/events.md`` has the fields of each type, ``talk_calls/webhooks/event.v1.schema.json`` their
types. Neither a session id nor a password is in any of them.
"""

from typing import Any, cast

from talk_calls.conf import conf
from talk_calls.constants import EventType
from talk_calls.models import AuditEntry, Conversation, OutboxEvent, WebhookEndpoint
from talk_calls.models.outbox import in_json
from talk_calls.signals import Event

#: Fields of a conversation that receivers get as they are. The description is a text of people that
#: goes with the conversation; of the password only is told whether there is one.
_SETTINGS = (
    "type",
    "read_only",
    "listable",
    "lobby_state",
    "lobby_timer",
    "default_permissions",
    "call_permissions",
    "recording_consent",
    "mention_permissions",
    "message_expiration",
    "object_type",
    "object_id",
)

#: Events that tell the settings of the conversation as they are after the transaction.
_WITH_SETTINGS = frozenset({EventType.CONVERSATION_CREATED, EventType.CONVERSATION_CHANGED})


#: Fields of ``CallRang`` by names that mean the same in all types.
_WHO_WAS_RUNG = {"target_id": "attendee_id", "target_user": "user_id"}


def wanted() -> bool:
    """Tell whether an endpoint of webhooks wants events; one query, or none with the settings.

    Only for what happens without a lock: ``LockedConversation.has_webhooks`` costs none. Endpoints
    of the settings count before ``talk_deliver`` has seen them.
    """
    return bool(conf.webhooks) or WebhookEndpoint.objects.enabled().exists()


def row(
    happened: Event | AuditEntry, conversation: Conversation | None, **fields: Any
) -> OutboxEvent:
    """Return the row, not yet saved, of an event or of an entry of the audit trail."""
    if isinstance(happened, AuditEntry):
        return _moderation(happened, **fields)
    made = OutboxEvent.of(happened, **fields)
    if made.type == EventType.CONVERSATION_DELETED:
        made.payload = {}  # the type says it
    elif made.type == EventType.CALL_RANG:
        for name, clearer in _WHO_WAS_RUNG.items():
            made.payload[clearer] = made.payload.pop(name)
    elif made.type in _WITH_SETTINGS and conversation is not None:
        made.payload["settings"] = _settings(conversation)
    return made


def _moderation(entry: AuditEntry, **fields: Any) -> OutboxEvent:
    return OutboxEvent(
        conversation_id=cast("int", entry.conversation_pk),  # only such come from under a lock
        conversation_token=entry.conversation_token,
        type=EventType.MODERATION,
        at=entry.at,
        payload={
            "action": entry.action,
            "source": entry.source,
            "actor_type": entry.actor_type,
            "actor_id": entry.actor_id,
            "display_name": entry.actor_name,
            "target_type": entry.target_type,
            "target_id": entry.target_id,
            "target_name": entry.target_name,
            "reason": entry.reason,
            "details": entry.details,
        },
        **fields,
    )


def _settings(conversation: Conversation) -> dict[str, Any]:
    """Return the settings; a one-to-one has no name, but that of an account."""
    values = {name: in_json(getattr(conversation, name)) for name in _SETTINGS}
    return {
        "name": "" if conversation.is_one_to_one else conversation.name,
        **values,
        "has_password": bool(conversation.password),
    }
