"""Who belongs to a conversation (behaviour 7)."""

import hashlib
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
    GuestNameParameters,
    NotifyCallsParameters,
    NotifyParameters,
    RemoveGuestParameters,
    RemoveUserParameters,
    ResendParameters,
    TargetParametersV1,
    TargetParametersV3,
    TargetParametersV4,
)
from talk_calls.api.serializers.participants import (
    PARTICIPANT_SERIALIZERS,
    PUBLISHED_SERIALIZERS,
    Participant,
)
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.conf import conf
from talk_calls.constants import ActorType
from talk_calls.models import Attendee
from talk_calls.services import groups, guests, invitations, participants, permissions


def _without_address(member: Attendee) -> Attendee:
    """Keep an invitee's address from those who need not write to it; the row is only shown."""
    if member.actor_type == ActorType.EMAILS:
        member.actor_id = hashlib.sha256(member.actor_id.encode()).hexdigest()
        member.display_name = member.display_name.partition("@")[0]
    return member


class ParticipantViewSet(ConversationViewSet):
    """``/room/{token}/participants``."""

    permissions = {
        "list": (IsParticipant, MaySeeParticipants, LobbyIsOpenOrModerator),
        "add": (IsUser, IsParticipant, IsModerator),
        "remove_user": (IsParticipant,),
        "remove_guest": (IsParticipant, IsModerator),
        "remove_attendee": (IsParticipant, IsModerator),
        "remove_self": (IsUser, IsParticipant),
        "resend": (IsUser, IsParticipant, IsModerator),
        "promote": (IsParticipant, IsModerator),
        "demote": (IsParticipant, IsModerator),
    }
    targets = {
        "v1": TargetParametersV1,
        "v2": TargetParametersV1,
        "v3": TargetParametersV3,
        "v4": TargetParametersV4,
    }
    #: Kinds of attendees of which a version knows nothing; guests it knows while they are online.
    unknown = {
        "v1": {ActorType.EMAILS, ActorType.GROUPS},
        "v2": {ActorType.EMAILS, ActorType.GROUPS},
        "v3": {ActorType.GROUPS},
        "v4": set[ActorType](),
    }

    def list(self, request: Request, token: str) -> Response:
        """List everybody who was invited, and the guests who are online."""
        members = Attendee.objects.members([self.context.conversation.pk], self.now)
        unknown = self.unknown[self.version]
        shown = [
            member
            for member in members
            if member.actor_type not in unknown
            and (member.actor_type != ActorType.GUESTS or member.acting)
        ]
        if not self.context.participant().is_moderator:
            shown = [_without_address(member) for member in shown]
        people = [Participant(member, self.now) for member in shown]
        return self.done(self.shaped(PARTICIPANT_SERIALIZERS, people, many=True))

    def add(self, request: Request, token: str) -> Response:
        """Add a user, a group or an e-mail address; the latter makes the conversation public."""
        values = self.parameters(AddParticipantParameters)
        name = values["newParticipant"]
        to: dict[str, Any] = {"conversation": self.context.conversation, "now": self.now}
        match values["source"]:
            case "groups":
                groups.add(group_id=name, **to)
            case "emails":
                by = self.context.participant()
                if invitations.invite_email(address=name, site=self._site, performed_by=by, **to):
                    conversation = self.context.conversation
                    return self.done(self.shaped(PUBLISHED_SERIALIZERS, conversation))
            case _:
                invitations.invite_user(conversation=self.context.conversation, user_id=name)
        return self.done()

    def resend(self, request: Request, token: str) -> Response:
        """Send an e-mail invitation again, or all of them."""
        named = self.parameters(ResendParameters)
        invitations.resend(
            conversation=self.context.conversation,
            site=self._site,
            **named,
            **self._as_moderator,
        )
        return self.done()

    def remove_user(self, request: Request, token: str) -> Response:
        """Remove a user; whoever is no moderator may only remove themselves."""
        user_id = self.parameters(RemoveUserParameters)["user_id"]
        if self.actor.user is not None and conf.directory.user_id(self.actor.user) == user_id:
            policies.enforce((policies.is_no_one_to_one,), self.context.situation)
            return self.remove_self(request, token)
        policies.enforce((policies.is_moderator,), self.context.situation)
        invitations.expel(attendee=self._find(user_id=user_id), **self._as_moderator)
        return self.done()

    def remove_guest(self, request: Request, token: str) -> Response:
        """Remove the guest whose session this is."""
        named = self.parameters(RemoveGuestParameters)
        invitations.expel_guest(attendee=self._find(**named), **self._as_moderator)
        return self.done()

    def remove_attendee(self, request: Request, token: str) -> Response:
        """Remove anybody."""
        named = self.parameters(TargetParametersV4)
        invitations.expel(attendee=self._find(**named), **self._as_moderator)
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
    def _site(self) -> str:
        return self.request.build_absolute_uri("/")

    @property
    def _as_moderator(self) -> dict[str, Any]:
        return {"by": self.context.participant(), "now": self.now}

    def _find(self, **named: Any) -> Attendee:
        return participants.find(conversation=self.context.conversation, **named)

    def _target(self) -> Attendee:
        """Return whom the request is about, as its version names people."""
        return self._find(**self.parameters_of(self.targets))


class OwnViewSet(ConversationViewSet):
    """What a user says about a conversation for themselves alone."""

    permissions = {
        "favor": (IsUser, IsParticipant),
        "disfavor": (IsUser, IsParticipant),
        "notify": (IsUser, IsParticipant),
        "notify_calls": (IsUser, IsParticipant),
    }

    def favor(self, request: Request, token: str) -> Response:
        """Make the conversation a favourite."""
        participants.set_favorite(favorite=True, **self._own)
        return self.done()

    def disfavor(self, request: Request, token: str) -> Response:
        """Make it an ordinary one again."""
        participants.set_favorite(favorite=False, **self._own)
        return self.done()

    def notify(self, request: Request, token: str) -> Response:
        """Set the notification level."""
        level = self.parameters(NotifyParameters)["level"]
        participants.set_notification_level(level=level, **self._own)
        return self.done()

    def notify_calls(self, request: Request, token: str) -> Response:
        """Say whether calls are announced."""
        announced = self.parameters(NotifyCallsParameters)["level"] == "1"
        participants.set_notification_calls(announced=announced, **self._own)
        return self.done()

    @property
    def _own(self) -> dict[str, Any]:
        return {"attendee": self.context.participant(), "now": self.now}


class GuestViewSet(ConversationViewSet):
    """``/guest/{token}/name``, which only v1 has."""

    permissions = {"rename": (IsParticipant,)}

    def rename(self, request: Request, token: str) -> Response:
        """Give the guest a name."""
        name = self.parameters(GuestNameParameters)["displayName"]
        guests.rename(attendee=self.context.participant(), display_name=name, now=self.now)
        return self.done()
