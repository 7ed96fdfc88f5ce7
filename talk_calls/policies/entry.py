"""Who knows of a conversation, and in which role newcomers enter it."""

from talk_calls import exceptions
from talk_calls.conf import conf
from talk_calls.constants import ConversationType, Listable, ParticipantType
from talk_calls.models import Attendee, Conversation


def is_visible(conversation: Conversation, attendee: Attendee | None, *, is_user: bool) -> bool:
    """Tell whether the caller may know that the conversation exists (behaviour 3.3/1).

    A public one is visible to all, any other to its attendees, and a listable one to every user.
    """
    if attendee is not None or conversation.is_public:
        return True
    return is_user and is_listed(conversation)


def is_listed(conversation: Conversation) -> bool:
    """Tell whether users find the conversation without an invitation (constants 1.4)."""
    listed = conversation.listable != Listable.PARTICIPANTS
    return listed and conversation.type in {ConversationType.GROUP, ConversationType.PUBLIC}


def entry_type(conversation: Conversation, *, is_user: bool) -> ParticipantType | None:
    """Return the role in which a newcomer enters, or None if they may not enter.

    Users of a listable conversation become ordinary members; in a public one they are
    self-joined, and everybody else is a guest (behaviour 6.4/7).
    """
    if is_user and is_listed(conversation):
        return ParticipantType.USER
    if not conversation.is_public:
        return None
    return ParticipantType.USER_SELF_JOINED if is_user else ParticipantType.GUEST


def needs_password(conversation: Conversation, attendee: Attendee | None) -> bool:
    """Tell whether joining asks for the password: everybody who was not invited by name."""
    if not conversation.password or not conversation.is_public:
        return False
    if attendee is None:
        return True
    return attendee.is_guest or attendee.participant_type == ParticipantType.USER_SELF_JOINED


def has_room_for(people: int) -> exceptions.ConversationFull | None:
    """Refuse a newcomer with whom so many people came or were invited (``MAX_PARTICIPANTS``).

    Those whom the host brought do not count, nor do they need room.
    """
    most = conf.max_participants
    return exceptions.ConversationFull() if most and people > most else None
