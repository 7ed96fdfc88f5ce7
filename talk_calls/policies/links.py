"""What an object of the host keeps to itself in the conversation that is linked to it.

Name, members and roles come from the object; a bit of ``Allow`` gives one of them to the
moderators. Lobby, lock, permissions and everything about calls stay theirs.
"""

from talk_calls import exceptions
from talk_calls.constants import Allow
from talk_calls.models import Attendee, Conversation

Refusal = exceptions.ManagedByHost | None


def link_refuses(conversation: Conversation, allowance: Allow) -> Refusal:
    """Refuse what the link to an object of the host does not allow; nothing without a link."""
    is_fixed = conversation.is_linked and not conversation.linked_allows & allowance
    return exceptions.ManagedByHost() if is_fixed else None


def roles_are_fixed(conversation: Conversation) -> Refusal:
    """Refuse to change a role in a linked conversation: all of them come from the host."""
    return exceptions.ManagedByHost() if conversation.is_linked else None


def membership_is_fixed(conversation: Conversation, attendee: Attendee) -> Refusal:
    """Refuse to end a membership that comes from the host; that of outsiders can be ended."""
    is_fixed = conversation.is_linked and attendee.by_host
    return exceptions.ManagedByHost() if is_fixed else None
