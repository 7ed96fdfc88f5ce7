"""The call of a conversation: who is connected, joining, leaving (talk-api.md 4)."""

from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls.api.permissions import (
    CallsAreEnabled,
    ConversationIsWritable,
    HasSession,
    IsParticipant,
    LobbyIsOpenOrModerator,
)
from talk_calls.api.serializers.calls import CallPeerSerializerV1, CallPeerSerializerV3
from talk_calls.api.serializers.parameters import JoinCallParameters
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.models.sessions import call_peers
from talk_calls.services import calls, conversations


class CallViewSet(ConversationViewSet):
    """``/call/{token}`` of v1, v2 and v3."""

    permissions = {
        "list": (CallsAreEnabled, IsParticipant, ConversationIsWritable, LobbyIsOpenOrModerator),
        "join": (CallsAreEnabled, IsParticipant, ConversationIsWritable, LobbyIsOpenOrModerator),
        "leave": (IsParticipant, ConversationIsWritable, LobbyIsOpenOrModerator, HasSession),
    }
    shapes = {
        "v1": CallPeerSerializerV1,
        "v2": CallPeerSerializerV1,
        "v3": CallPeerSerializerV3,
    }

    def list(self, request: Request, token: str) -> Response:
        """List who is connected, newest ping first; being a participant is enough."""
        peers = call_peers(self.context.conversation, self.now)
        return self.done(self.shaped(self.shapes, peers, many=True))

    def join(self, request: Request, token: str) -> Response:
        """Join the call, or change the flags of who is in it.

        A one-to-one gets its missing half back even if the caller turns out to have no session.
        """
        flags = self.parameters(JoinCallParameters)["flags"]
        conversations.refill(conversation=self.context.conversation)
        calls.join(session=self.context.own_session(), flags=flags, now=self.now)
        return self.done()

    def leave(self, request: Request, token: str) -> Response:
        """Leave the call and stay in the conversation."""
        calls.leave(session=self.context.own_session(), now=self.now)
        return self.done()
