"""Who belongs to a conversation (behaviour 7)."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api.operations import Data, Operation
from talk_calls.api.serializers.parameters import (
    AddParticipantParameters,
    RemoveGuestParameters,
    RemoveUserParameters,
    TargetParametersV1,
    TargetParametersV3,
    TargetParametersV4,
)
from talk_calls.api.serializers.participants import (
    PARTICIPANT_SERIALIZERS,
    PUBLISHED_SERIALIZERS,
    Participant,
)
from talk_calls.api.throttling import rates
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.conf import conf
from talk_calls.constants import ActorType
from talk_calls.exceptions import (
    ConversationFull,
    InvalidValue,
    InviteeBanned,
    LastModerator,
    ManagedByHost,
    MayNotBeInvited,
    MayNotInvite,
    MayNotMakePublic,
    NoSuchTarget,
    NotModerator,
    NotOneself,
    NotPromotable,
    OwnerStays,
    PasswordNeeded,
)
from talk_calls.models import Attendee
from talk_calls.services import groups, invitations, participants, permissions


def _without_address(member: Attendee) -> Attendee:
    """Keep an invitee's address from those who need not write to it; the row is only shown.

    Nothing that is made of the address stands in for it: of a hash, whoever has a list of names and
    domains finds the address by trying them.
    """
    if member.actor_type == ActorType.EMAILS:
        member.actor_id = f"invitee-{member.pk}"
        member.display_name = member.display_name.partition("@")[0]
    return member


class PeopleViewSet(ConversationViewSet):
    """What endpoints about other attendees share."""

    tag = "participants"

    @property
    def _site(self) -> str:
        return self.request.build_absolute_uri("/")

    @property
    def _as_moderator(self) -> dict[str, Any]:
        return {"performed_by": self.situation.require_attendee(), "now": self.now}

    def _count_mails(self, to: Collection[str]) -> None:
        rates.count_mails(
            self.request._request,
            sender=self.user,
            conversation=self.situation.conversation,
            to=to,
        )

    def _find(self, **named: Any) -> Attendee:
        return participants.find(conversation=self.situation.conversation, **named)

    def _resign(self) -> Response:
        participants.resign(attendee=self.situation.require_attendee(), now=self.now)
        return self.done()


class ParticipantViewSet(PeopleViewSet):
    """``/room/{token}/participants`` and the roles of attendees, as all versions have them."""

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

    @action(["get"], detail=True, url_path="participants", url_name="participants")
    @Operation(
        "List everybody who was invited, and the guests who are online",
        rules=policies.LIST_PARTICIPANTS,
        answers={HTTPStatus.OK: Data.PARTICIPANTS},
    )
    def list(self, request: Request, token: str) -> Response:
        conversation = self.situation.conversation
        attendees = policies.with_users(Attendee.objects.all(), "user")
        members = attendees.members([conversation.pk], self.now)
        unknown = self.unknown[self.version]
        shown = [
            member
            for member in members
            if member.actor_type not in unknown
            and (member.actor_type != ActorType.GUESTS or member.acting)
        ]
        if not policies.may_see_addresses(conversation, self.situation.require_attendee()):
            shown = [_without_address(member) for member in shown]
        people = [Participant(member, self.now) for member in shown]
        return self.done(self.shaped(PARTICIPANT_SERIALIZERS, people, many=True))

    @list.mapping.post
    @Operation(
        "Add a user, a group or an e-mail address; the latter makes the conversation public",
        rules=policies.INVITE,
        users_only=True,
        form=AddParticipantParameters,
        answers={HTTPStatus.OK: Data.INVITED},
        refusals=(
            InvalidValue,
            InviteeBanned,
            NoSuchTarget,
            ConversationFull,
            ManagedByHost,
            MayNotInvite,
            MayNotBeInvited,
            MayNotMakePublic,
            PasswordNeeded,
        ),
    )
    def add(self, request: Request, token: str) -> Response:
        values = self.parameters
        name = values["newParticipant"]
        conversation, by = self.situation.conversation, self.situation.require_attendee()
        to: dict[str, Any] = {"conversation": conversation, "performed_by": by}
        match values["source"]:
            case "groups":
                groups.add(group_id=name, now=self.now, **to)
            case "emails":
                self._count_mails(invitations.new_addresses(conversation, name))
                if invitations.invite_email(address=name, site=self._site, now=self.now, **to):
                    return self.done(self.shaped(PUBLISHED_SERIALIZERS, conversation))
            case _:
                invitations.invite_user(user_id=name, **to)
        return self.done()

    @action(["delete"], detail=True, url_path="participants/self", url_name="self")
    @Operation(
        "Give up the own membership",
        rules=policies.RESIGN,
        users_only=True,
        refusals=(LastModerator,),
    )
    def remove_self(self, request: Request, token: str) -> Response:
        return self._resign()

    @action(["post"], detail=True, url_path="moderators", url_name="moderators")
    @Operation(
        "Make a user a moderator, or a guest a guest moderator",
        rules=policies.CHANGE_ROLE,
        form=targets,
        refusals=(NoSuchTarget, NotPromotable, NotOneself),
    )
    def promote(self, request: Request, token: str) -> Response:
        permissions.promote(attendee=self._target(), **self._as_moderator)
        return self.done()

    @promote.mapping.delete
    @Operation(
        "Take that back",
        rules=policies.CHANGE_ROLE,
        form=targets,
        refusals=(NoSuchTarget, NotPromotable, NotOneself),
    )
    def demote(self, request: Request, token: str) -> Response:
        permissions.demote(attendee=self._target(), **self._as_moderator)
        return self.done()

    def _target(self) -> Attendee:
        """Return whom the request is about, as its version names people."""
        return self._find(**self.parameters)


class ParticipantViewSetV1(ParticipantViewSet):
    """The same in v1 to v3, where users are also removed by name, and guests by session."""

    @action(["delete"], detail=True, url_path="participants", url_name="participants")
    @Operation(
        "Remove a user; whoever is no moderator may only remove themselves",
        rules=policies.TAKE_PART,
        form=RemoveUserParameters,
        refusals=(
            NotModerator,
            OwnerStays,
            LastModerator,
            InvalidValue,
            NoSuchTarget,
            NotOneself,
            ManagedByHost,
        ),
    )
    def remove_user(self, request: Request, token: str) -> Response:
        user_id = self.parameters["user_id"]
        if self.actor.user is not None and conf.directory.user_id(self.actor.user) == user_id:
            policies.enforce(policies.REMOVE_ONESELF, self.situation)
            return self._resign()
        policies.enforce(policies.MODERATE, self.situation)
        invitations.expel(attendee=self._find(user_id=user_id), **self._as_moderator)
        return self.done()

    @action(["delete"], detail=True, url_path="participants/guests", url_name="guests")
    @Operation(
        "Remove the guest whose session this is",
        rules=policies.MODERATE,
        form=RemoveGuestParameters,
        refusals=(InvalidValue, NoSuchTarget, NotOneself),
    )
    def remove_guest(self, request: Request, token: str) -> Response:
        invitations.expel_guest(attendee=self._find(**self.parameters), **self._as_moderator)
        return self.done()
