"""Who belongs to a conversation (talk-api.md 7)."""

from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls.api.permissions import (
    IsModerator,
    IsParticipant,
    IsUser,
    LobbyIsOpenOrModerator,
    MaySeeParticipants,
)
from talk_calls.api.serializers.parameters import (
    AddParticipantParameters,
    GuestNameParameters,
    TargetParametersV1,
    TargetParametersV3,
)
from talk_calls.api.serializers.participants import (
    ParticipantSerializerV1,
    ParticipantSerializerV3,
)
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.models import Attendee
from talk_calls.services import guests, participants, permissions


class ParticipantViewSet(ConversationViewSet):
    """``/room/{token}/participants``."""

    permissions = {
        "list": (IsParticipant, MaySeeParticipants, LobbyIsOpenOrModerator),
        "add": (IsUser, IsParticipant, IsModerator),
        "promote": (IsParticipant, IsModerator),
        "demote": (IsParticipant, IsModerator),
    }
    targets = {
        "v1": TargetParametersV1,
        "v2": TargetParametersV1,
        "v3": TargetParametersV3,
    }
    shapes = {
        "v1": ParticipantSerializerV1,
        "v2": ParticipantSerializerV1,
        "v3": ParticipantSerializerV3,
    }

    def list(self, request: Request, token: str) -> Response:
        """List all users, and the guests who are online."""
        members = Attendee.objects.members([self.context.conversation.pk], self.now)
        shown = [member for member in members if not member.is_guest or member.acting]
        return self.done(self.shaped(self.shapes, shown, many=True))

    def add(self, request: Request, token: str) -> Response:
        """Add a user."""
        values = self.parameters(AddParticipantParameters)
        participants.invite(
            conversation=self.context.conversation, user_id=values["newParticipant"]
        )
        return self.done()

    def promote(self, request: Request, token: str) -> Response:
        """Make a user a moderator, or a guest a guest moderator."""
        permissions.promote(attendee=self.target(), by=self.context.attendee, now=self.now)
        return self.done()

    def demote(self, request: Request, token: str) -> Response:
        """Take that back."""
        permissions.demote(attendee=self.target(), by=self.context.attendee, now=self.now)
        return self.done()

    def target(self) -> Attendee:
        """Return whom the request is about."""
        named = self.parameters(self.targets[str(self.request.version)])
        return participants.find(conversation=self.context.conversation, **named)


class GuestViewSet(ConversationViewSet):
    """``/guest/{token}/name``, which only v1 has."""

    permissions = {"rename": (IsParticipant,)}

    def rename(self, request: Request, token: str) -> Response:
        """Give the guest a name."""
        name = self.parameters(GuestNameParameters)["displayName"]
        guests.rename(attendee=self.context.participant(), display_name=name)
        return self.done()
