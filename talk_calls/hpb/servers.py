"""The signaling server that a conversation is on."""

import secrets
from collections.abc import Sequence

from talk_calls.conf import conf
from talk_calls.hpb.circuits import circuit_of
from talk_calls.models import Call
from talk_calls.servers import SignalingServer


def server_for_client(token: str) -> SignalingServer:
    """Return the server that a client connects to; only for external signaling.

    It is that of the conversation, of which there need not be one. Without a token, and in a
    cluster, where all servers have all conversations, it is any that is up, as far as this process
    knows. One query at most.
    """
    signaling = conf.signaling
    if signaling.cluster or not token or len(signaling.servers) == 1:
        return secrets.choice(_up(signaling.servers) or signaling.servers)
    return server_of(token)


def server_of(token: str) -> SignalingServer:
    """Return the server of a conversation: that of its running call, or the one it is assigned to.

    One query. Only for external signaling.
    """
    running = Call.objects.filter(conversation__token=token, ended_at=None)
    kept = running.values_list("signaling_server", flat=True).first()
    return conf.signaling.server_for(token, kept=kept or "")


def _up(servers: Sequence[SignalingServer]) -> list[SignalingServer]:
    return [server for server in servers if not circuit_of(server.url).is_open]
