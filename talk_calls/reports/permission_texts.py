"""Permissions as text, and the level that sets them."""

from talk_calls import policies
from talk_calls.constants import Permission
from talk_calls.models import Attendee, Conversation

#: What each bit allows, in the order of the protocol; that of the chat is granted to nobody.
NAMES = {
    Permission.START_CALL: "start calls",
    Permission.JOIN_CALL: "join calls",
    Permission.IGNORE_LOBBY: "pass the lobby",
    Permission.PUBLISH_AUDIO: "audio",
    Permission.PUBLISH_VIDEO: "video",
    Permission.PUBLISH_SCREEN: "screen",
    Permission.REACT: "reactions",
}


def describe(permissions: int) -> str:
    """Return what bits of ``Permission`` allow, such as ``everything but: pass the lobby``."""
    allowed = [name for bit, name in NAMES.items() if permissions & bit]
    denied = [name for bit, name in NAMES.items() if not permissions & bit]
    if not denied:
        return "everything"
    if len(denied) <= len(allowed):
        return f"everything but: {', '.join(denied)}"
    return ", ".join(allowed) or "nothing"


def describe_effective(conversation: Conversation, attendee: Attendee) -> str:
    """Return what an attendee is allowed now."""
    return describe(policies.permissions_of(conversation, attendee))


def level(conversation: Conversation, attendee: Attendee) -> str:
    """Return what sets an attendee's permissions.

    It is ``role``, ``attendee``, ``this call``, ``conversation`` or ``site``; with a remark for a
    moderator whom the site's policy does not let moderate.
    """
    if policies.is_lowered(conversation, attendee):
        return f"{_level_below_role(conversation, attendee)}; the site's policy overrules the role"
    if attendee.is_moderator:
        return "role"
    return _level_below_role(conversation, attendee)


def _level_below_role(conversation: Conversation, attendee: Attendee) -> str:
    if attendee.permissions:
        return "attendee"
    return default_level(conversation)


def default_level(conversation: Conversation) -> str:
    """Return what sets the permissions of attendees who have none of their own."""
    if conversation.call_permissions:
        return "this call"
    return "conversation" if conversation.default_permissions else "site"
