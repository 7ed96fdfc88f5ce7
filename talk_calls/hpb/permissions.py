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
    """Return the names of what a session may do at a signaling server; always a list.

    Who waits in the lobby may do nothing, and nobody publishes in a locked conversation. Servers
    grant everything to a session of whom they are told nothing, so even an empty list is sent.
    """
    granted: list[str] = []
    if policies.first_refusal(policies.PUBLISH, situation) is None:
        granted = [name for name, bit in _MEDIA.items() if situation.may(bit)]
    if policies.first_refusal(policies.SIGNAL, situation) is None:
        granted += ["control"] if policies.may_send(situation, "control") else []
    return granted
