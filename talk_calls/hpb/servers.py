"""The signaling server that a conversation is on."""

from talk_calls.conf import SignalingServer, conf
from talk_calls.models import Call


def server_of(token: str) -> SignalingServer:
    """Return the server of a conversation: that of its running call, or the one it is assigned to.

    One query. Only for external signaling; there need not be a conversation of that token.
    """
    running = Call.objects.filter(conversation__token=token, ended_at=None)
    kept = running.values_list("signaling_server", flat=True).first()
    return conf.signaling.server_for(token, kept=kept or "")
