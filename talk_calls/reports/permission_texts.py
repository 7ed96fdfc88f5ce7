"""Permissions as text, and the level that sets them."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from talk_calls import policies
from talk_calls.constants import Permission
from talk_calls.models import Attendee, Conversation

#: What each bit allows, in the order of the protocol; that of the chat is granted to nobody.
NAMES = {
    Permission.START_CALL: _("start calls"),
    Permission.JOIN_CALL: _("join calls"),
    Permission.IGNORE_LOBBY: _("pass the lobby"),
    Permission.PUBLISH_AUDIO: _("audio"),
    Permission.PUBLISH_VIDEO: _("video"),
    Permission.PUBLISH_SCREEN: _("screen"),
    Permission.REACT: _("reactions"),
}


def describe(permissions: int) -> str:
    """Return what bits of ``Permission`` allow, such as ``everything but: pass the lobby``."""
    allowed = [str(name) for bit, name in NAMES.items() if permissions & bit]
    denied = [str(name) for bit, name in NAMES.items() if not permissions & bit]
    if not denied:
        return gettext("everything")
    if len(denied) <= len(allowed):
        return gettext("everything but: {denied}").format(denied=", ".join(denied))
    return ", ".join(allowed) or gettext("nothing")


def describe_effective(conversation: Conversation, attendee: Attendee) -> str:
    """Return what an attendee is allowed now."""
    return describe(policies.permissions_of(conversation, attendee))


def level(conversation: Conversation, attendee: Attendee) -> str:
    """Return what sets an attendee's permissions.

    It is ``role``, ``attendee``, ``this call``, ``conversation`` or ``site`` in the language of the
    reader; with a remark for a moderator whom the site's policy does not let moderate.
    """
    if policies.is_lowered(conversation, attendee):
        text = gettext("{level}; the site's policy overrules the role")
        return text.format(level=_level_below_role(conversation, attendee))
    if attendee.is_moderator:
        return gettext("role")
    return _level_below_role(conversation, attendee)


def _level_below_role(conversation: Conversation, attendee: Attendee) -> str:
    if attendee.permissions:
        return gettext("attendee")
    return default_level(conversation)


def default_level(conversation: Conversation) -> str:
    """Return what sets the permissions of attendees who have none of their own."""
    if conversation.call_permissions:
        return gettext("this call")
    return gettext("conversation") if conversation.default_permissions else gettext("site")
