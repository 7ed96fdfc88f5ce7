"""Settings of the chat, which clients set and show.

This app has no chat: the values are kept as state, and nothing follows from them.
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from talk_calls.constants import MentionPermissions
from talk_calls.db.retries import retried
from talk_calls.exceptions import InvalidValue
from talk_calls.models import Attendee, Conversation
from talk_calls.services import locking


def set_message_expiration(
    *,
    conversation: Conversation,
    seconds: int,
    now: datetime | None = None,
    performed_by: Attendee | None = None,
) -> None:
    """Set after how many seconds messages are said to expire; 0 for never.

    Raises ``InvalidValue`` in a one-to-one conversation.
    """
    _set(conversation, "message_expiration", seconds, now=now, performed_by=performed_by)


def set_mention_permissions(
    *,
    conversation: Conversation,
    permissions: MentionPermissions,
    now: datetime | None = None,
    performed_by: Attendee | None = None,
) -> None:
    """Set who is said to be allowed to mention everybody; raises as ``set_message_expiration``."""
    _set(conversation, "mention_permissions", permissions, now=now, performed_by=performed_by)


@retried
def _set(
    conversation: Conversation,
    field: str,
    value: int,
    *,
    now: datetime | None,
    performed_by: Attendee | None,
) -> None:
    if conversation.is_one_to_one:
        raise InvalidValue(_("That cannot be done to a one-to-one conversation."))
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        setattr(locked.conversation, field, value)
        locked.save_changes(field)
    setattr(conversation, field, value)
