"""Who belongs to a conversation (talk-api.md 7)."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api.permissions import (
    IsModerator,
    IsParticipant,
    IsUser,
    LobbyIsOpenOrModerator,
    MaySeeParticipants,
)
from talk_calls.api.serializers.parameters import (
    AddParticipantParameters,
    AttendeeParameters,
    GuestNameParameters,
    NotifyParameters,
    RemoveGuestParameters,
    RemoveUserParameters,
    TargetParametersV1,
    TargetParametersV3,
)
from talk_calls.api.serializers.participants import (
    ParticipantSerializerV1,
    ParticipantSerializerV3,
)
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.conf import conf
from talk_calls.constants import NotificationLevel
from talk_calls.models import Attendee
from talk_calls.services import guests, participants, permissions


class ParticipantViewSet(ConversationViewSet):
    """``/room/{token}/participants``."""

    permissions = {
        "list": (IsParticipant, MaySeeParticipants, LobbyIsOpenOrModerator),
        "add": (IsUser, IsParticipant, IsModerator),
        "remove_user": (IsParticipant,),
        "remove_guest": (IsParticipant, IsModerator),
        "remove_attendee": (IsParticipant, IsModerator),
        "remove_self": (IsUser, IsParticipant),
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

    def remove_user(self, request: Request, token: str) -> Response:
        """Remove a user; whoever is no moderator may only remove themselves."""
        user_id = self.parameters(RemoveUserParameters)["user_id"]
        if self.actor.user is not None and conf.directory.user_id(self.actor.user) == user_id:
            policies.enforce((policies.is_no_one_to_one,), self.context.situation)
            return self.remove_self(request, token)
        policies.enforce((policies.is_moderator,), self.context.situation)
        participants.expel(attendee=self._find(user_id=user_id), **self._as_moderator)
        return self.done()

    def remove_guest(self, request: Request, token: str) -> Response:
        """Remove the guest whose session this is."""
        named = self.parameters(RemoveGuestParameters)
        participants.expel_guest(attendee=self._find(**named), **self._as_moderator)
        return self.done()

    def remove_attendee(self, request: Request, token: str) -> Response:
        """Remove anybody."""
        named = self.parameters(AttendeeParameters)
        participants.expel(attendee=self._find(**named), **self._as_moderator)
        return self.done()

    def remove_self(self, request: Request, token: str) -> Response:
        """Give up the own membership."""
        participants.resign(attendee=self.context.participant(), now=self.now)
        return self.done()

    def promote(self, request: Request, token: str) -> Response:
        """Make a user a moderator, or a guest a guest moderator."""
        permissions.promote(attendee=self._target(), **self._as_moderator)
        return self.done()

    def demote(self, request: Request, token: str) -> Response:
        """Take that back."""
        permissions.demote(attendee=self._target(), **self._as_moderator)
        return self.done()

    @property
    def _as_moderator(self) -> dict[str, Any]:
        return {"by": self.context.participant(), "now": self.now}

    def _find(self, **named: Any) -> Attendee:
        return participants.find(conversation=self.context.conversation, **named)

    def _target(self) -> Attendee:
        """Return whom the request is about, as its version names people."""
        return self._find(**self.parameters(self.targets[str(self.request.version)]))


class OwnViewSet(ConversationViewSet):
    """What a user says about a conversation for themselves alone."""

    permissions = {
        "favor": (IsUser, IsParticipant),
        "disfavor": (IsUser, IsParticipant),
        "notify": (IsUser, IsParticipant),
    }

    def favor(self, request: Request, token: str) -> Response:
        """Make the conversation a favourite."""
        participants.set_favorite(attendee=self.context.participant(), favorite=True)
        return self.done()

    def disfavor(self, request: Request, token: str) -> Response:
        """Make it an ordinary one again."""
        participants.set_favorite(attendee=self.context.participant(), favorite=False)
        return self.done()

    def notify(self, request: Request, token: str) -> Response:
        """Set the notification level."""
        level = NotificationLevel(int(self.parameters(NotifyParameters)["level"]))
        participants.set_notification_level(attendee=self.context.participant(), level=level)
        return self.done()


class GuestViewSet(ConversationViewSet):
    """``/guest/{token}/name``, which only v1 has."""

    permissions = {"rename": (IsParticipant,)}

    def rename(self, request: Request, token: str) -> Response:
        """Give the guest a name."""
        name = self.parameters(GuestNameParameters)["displayName"]
        guests.rename(attendee=self.context.participant(), display_name=name)
        return self.done()
