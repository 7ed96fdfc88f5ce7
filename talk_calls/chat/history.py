"""Reads of the messages of a conversation; each is one query.

Messages are named by their ids alone, of which a client may make up any: what is asked for is
compared as a number, within the conversation, so an answer says nothing of other conversations.
"""

from talk_calls.models import Conversation, SystemMessage
from talk_calls.models.system_messages import SystemMessageQuerySet


def before(
    conversation: Conversation, message_id: int, *, most: int, inclusive: bool = False
) -> list[SystemMessage]:
    """Return up to ``most`` messages before one, or the newest for the id 0; newest first."""
    messages = _of(conversation)
    if message_id:
        messages = messages.filter(**{"pk__lte" if inclusive else "pk__lt": message_id})
    return list(messages.order_by("-pk")[:most])


def after(
    conversation: Conversation, message_id: int, *, most: int, inclusive: bool = False
) -> list[SystemMessage]:
    """Return up to ``most`` messages after one, oldest first."""
    newer = _of(conversation).filter(**{"pk__gte" if inclusive else "pk__gt": message_id})
    return list(newer.order_by("pk")[:most])


def around(conversation: Conversation, message_id: int, *, most: int) -> list[SystemMessage]:
    """Return a message between up to ``most`` before it and as many after it, oldest first.

    Two queries.
    """
    older = before(conversation, message_id, most=most + 1, inclusive=True)
    return older[::-1] + after(conversation, message_id, most=most)


def _of(conversation: Conversation) -> SystemMessageQuerySet:
    return SystemMessage.objects.filter(conversation=conversation)
