"""Who belongs to a conversation (talk-api.md 7)."""

import hashlib
from http import HTTPStatus
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api.operations import Data, Operation
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
    ParticipantSerializerV1,
    ParticipantSerializerV3,
    ParticipantSerializerV4,
)
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.conf import conf
from talk_calls.constants import ActorType, ConversationType
from talk_calls.exceptions import (
    InvalidValue,
    LastModerator,
    NoSuchTarget,
    NotGuest,
    NotModerator,
    NotOneself,
    NotPromotable,
    OwnerStays,
)
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

    tag = "participants"
    targets = {
        "v1": TargetParametersV1,
        "v2": TargetParametersV1,
        "v3": TargetParametersV3,
        "v4": TargetParametersV4,
    }
    shapes = {
        "v1": ParticipantSerializerV1,
        "v2": ParticipantSerializerV1,
        "v3": ParticipantSerializerV3,
        "v4": ParticipantSerializerV4,
    }
    #: Kinds of attendees of which a version knows nothing; guests it knows while they are online.
    unknown = {
        "v1": {ActorType.EMAILS, ActorType.GROUPS},
        "v2": {ActorType.EMAILS, ActorType.GROUPS},
        "v3": {ActorType.GROUPS},
        "v4": set[ActorType](),
    }

    @Operation(
        "List everybody who was invited, and the guests who are online",
        rules=policies.LIST_PARTICIPANTS,
        answers={HTTPStatus.OK: Data.PARTICIPANTS},
    )
    def list(self, request: Request, token: str) -> Response:
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
        return self.done(self.shaped(self.shapes, shown, many=True))

    @Operation(
        "Add a user, a group or an e-mail address; the latter makes the conversation public",
        rules=policies.MODERATE,
        users_only=True,
        form=AddParticipantParameters,
        answers={HTTPStatus.OK: Data.INVITED},
        refusals=(InvalidValue, NoSuchTarget),
    )
    def add(self, request: Request, token: str) -> Response:
        values = self.parameters
        name = values["newParticipant"]
        to: dict[str, Any] = {"conversation": self.context.conversation, "now": self.now}
        match values["source"]:
            case "groups":
                groups.add(group_id=name, **to)
            case "emails":
                by = self.context.participant()
                if invitations.invite_email(address=name, site=self._site, by=by, **to):
                    return self.done({"type": ConversationType.PUBLIC.value})
            case _:
                invitations.invite_user(conversation=self.context.conversation, user_id=name)
        return self.done()

    @Operation(
        "Send an e-mail invitation again, or all of them",
        rules=policies.MODERATE,
        users_only=True,
        form=ResendParameters,
        refusals=(NoSuchTarget,),
    )
    def resend(self, request: Request, token: str) -> Response:
        named = self.parameters
        invitations.resend(
            conversation=self.context.conversation,
            site=self._site,
            **named,
            **self._as_moderator,
        )
        return self.done()

    @Operation(
        "Remove a user; whoever is no moderator may only remove themselves",
        rules=policies.TAKE_PART,
        form=RemoveUserParameters,
        refusals=(NotModerator, OwnerStays, LastModerator, InvalidValue, NoSuchTarget, NotOneself),
    )
    def remove_user(self, request: Request, token: str) -> Response:
        user_id = self.parameters["user_id"]
        if self.actor.user is not None and conf.directory.user_id(self.actor.user) == user_id:
            policies.enforce(policies.REMOVE_ONESELF, self.context.situation)
            return self.remove_self(request, token)
        policies.enforce(policies.MODERATE, self.context.situation)
        invitations.expel(attendee=self._find(user_id=user_id), **self._as_moderator)
        return self.done()

    @Operation(
        "Remove the guest whose session this is",
        rules=policies.MODERATE,
        form=RemoveGuestParameters,
        refusals=(InvalidValue, NoSuchTarget, NotOneself),
    )
    def remove_guest(self, request: Request, token: str) -> Response:
        named = self.parameters
        invitations.expel_guest(attendee=self._find(**named), **self._as_moderator)
        return self.done()

    @Operation(
        "Remove anybody",
        rules=policies.MODERATE,
        form=TargetParametersV4,
        refusals=(InvalidValue, NoSuchTarget, NotOneself, OwnerStays),
    )
    def remove_attendee(self, request: Request, token: str) -> Response:
        named = self.parameters
        invitations.expel(attendee=self._find(**named), **self._as_moderator)
        return self.done()

    @Operation(
        "Give up the own membership",
        rules=policies.TAKE_PART,
        users_only=True,
        refusals=(LastModerator,),
    )
    def remove_self(self, request: Request, token: str) -> Response:
        participants.resign(attendee=self.context.participant(), now=self.now)
        return self.done()

    @Operation(
        "Make a user a moderator, or a guest a guest moderator",
        rules=policies.MODERATE,
        form=targets,
        refusals=(NoSuchTarget, NotPromotable, NotOneself),
    )
    def promote(self, request: Request, token: str) -> Response:
        permissions.promote(attendee=self._target(), **self._as_moderator)
        return self.done()

    @Operation(
        "Take that back",
        rules=policies.MODERATE,
        form=targets,
        refusals=(NoSuchTarget, NotPromotable, NotOneself),
    )
    def demote(self, request: Request, token: str) -> Response:
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
        return self._find(**self.parameters)


class OwnViewSet(ConversationViewSet):
    """What a user says about a conversation for themselves alone."""

    tag = "conversations"

    @Operation("Make the conversation a favourite", rules=policies.TAKE_PART, users_only=True)
    def favorite(self, request: Request, token: str) -> Response:
        participants.set_favorite(favorite=True, **self._own)
        return self.done()

    @Operation("Make it an ordinary one again", rules=policies.TAKE_PART, users_only=True)
    def unfavorite(self, request: Request, token: str) -> Response:
        participants.set_favorite(favorite=False, **self._own)
        return self.done()

    @Operation(
        "Set the notification level",
        rules=policies.TAKE_PART,
        users_only=True,
        form=NotifyParameters,
    )
    def notify(self, request: Request, token: str) -> Response:
        level = self.parameters["level"]
        participants.set_notification_level(level=level, **self._own)
        return self.done()

    @Operation(
        "Say whether calls are announced",
        rules=policies.TAKE_PART,
        users_only=True,
        form=NotifyCallsParameters,
    )
    def notify_calls(self, request: Request, token: str) -> Response:
        announced = self.parameters["level"] == "1"
        participants.set_notification_calls(announced=announced, **self._own)
        return self.done()

    @property
    def _own(self) -> dict[str, Any]:
        return {"attendee": self.context.participant(), "now": self.now}


class GuestViewSet(ConversationViewSet):
    """``/guest/{token}/name``, which only v1 has."""

    tag = "participants"

    @Operation(
        "Give the guest a name",
        rules=policies.TAKE_PART,
        form=GuestNameParameters,
        refusals=(NotGuest,),
    )
    def rename(self, request: Request, token: str) -> Response:
        name = self.parameters["displayName"]
        guests.rename(attendee=self.context.participant(), display_name=name, now=self.now)
        return self.done()
