"""What people may do, in words, and where that is said."""

from talk_calls import policies
from talk_calls.constants import Permission
from talk_calls.models import Attendee, Conversation

#: What each bit allows, in the order of the protocol.
WORDS = {
    Permission.START_CALL: "start calls",
    Permission.JOIN_CALL: "join calls",
    Permission.IGNORE_LOBBY: "pass the lobby",
    Permission.PUBLISH_AUDIO: "audio",
    Permission.PUBLISH_VIDEO: "video",
    Permission.PUBLISH_SCREEN: "screen",
    Permission.CHAT: "chat",
}


def in_words(permissions: int) -> str:
    """Return what a bit field of ``Permission`` allows."""
    if permissions & Permission.MAX_DEFAULT == Permission.MAX_DEFAULT:
        return "everything"
    allowed = [word for bit, word in WORDS.items() if permissions & bit]
    denied = [word for bit, word in WORDS.items() if not permissions & bit]
    if len(denied) < len(allowed):
        return f"everything but: {', '.join(denied)}"
    return ", ".join(allowed) or "nothing"


def effective(conversation: Conversation, attendee: Attendee) -> str:
    """Return in words what counts for an attendee now."""
    return in_words(policies.permissions_of(conversation, attendee))


def level(conversation: Conversation, attendee: Attendee) -> str:
    """Return where that is said: the role, the attendee, the call, the conversation, the site."""
    if attendee.is_moderator:
        return "role"
    if attendee.permissions:
        return "attendee"
    return level_of_all(conversation)


def level_of_all(conversation: Conversation) -> str:
    """Return where it is said for everybody who has no own permissions."""
    if conversation.call_permissions:
        return "this call"
    return "conversation" if conversation.default_permissions else "site"
