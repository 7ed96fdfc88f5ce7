"""What a signaling server lets a session do (signaling-server 3.2)."""

from talk_calls import policies
from talk_calls.constants import Permission
from talk_calls.policies import Situation

_MEDIA = {
    "publish-audio": Permission.PUBLISH_AUDIO,
    "publish-video": Permission.PUBLISH_VIDEO,
    "publish-screen": Permission.PUBLISH_SCREEN,
}


def permissions_of(situation: Situation) -> list[str]:
    """Return the names of what a session may do at a signaling server; always a list."""
    conversation, attendee = situation.conversation, situation.attendee
    held = policies.permissions_of(conversation, attendee)
    granted = [name for name, bit in _MEDIA.items() if held & bit]
    return [*granted, "control"] if policies.moderates(conversation, attendee) else granted
