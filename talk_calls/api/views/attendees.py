"""What came with v3: attendees by their ids, and who was invited by mail (behaviour 7.2)."""

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api.operations import Operation
from talk_calls.api.serializers.parameters import ResendParameters, TargetParametersV4
from talk_calls.api.views.participants import PeopleViewSet
from talk_calls.exceptions import (
    InvalidValue,
    LastModerator,
    ManagedByHost,
    NoSuchTarget,
    NotOneself,
    OwnerStays,
)
from talk_calls.services import invitations

_NOT_REMOVED = (InvalidValue, NoSuchTarget, NotOneself, OwnerStays, ManagedByHost)


class InviteeViewSet(PeopleViewSet):
    """People who were invited by mail."""

    @action(
        ["post"],
        detail=True,
        url_path="participants/resend-invitations",
        url_name="resend-invitations",
    )
    @Operation(
        "Send an e-mail invitation again, or all of them",
        rules=policies.MODERATE,
        users_only=True,
        form=ResendParameters,
        refusals=(NoSuchTarget,),
    )
    def resend(self, request: Request, token: str) -> Response:
        which = {"conversation": self.situation.conversation, **self.parameters}
        self._count_mails(invitations.addresses_due(now=self.now, **which))
        invitations.resend(site=self._site, **which, **self._as_moderator)
        return self.done()


class AttendeeViewSet(PeopleViewSet):
    """Attendees by their ids in v3, which is for others only."""

    @action(["delete"], detail=True, url_path="attendees", url_name="attendees")
    @Operation(
        "Remove anybody",
        rules=policies.MODERATE,
        form=TargetParametersV4,
        refusals=_NOT_REMOVED,
    )
    def remove_attendee(self, request: Request, token: str) -> Response:
        invitations.expel(attendee=self._find(**self.parameters), **self._as_moderator)
        return self.done()


class AttendeeViewSetV4(PeopleViewSet):
    """Attendees by their ids in v4, where the own one means to leave for good (behaviour 7.2)."""

    @action(["delete"], detail=True, url_path="attendees", url_name="attendees")
    @Operation(
        "Remove anybody; a user with the own id gives up the membership",
        rules=policies.MODERATE,
        form=TargetParametersV4,
        refusals=(*_NOT_REMOVED, LastModerator),
    )
    def remove_attendee(self, request: Request, token: str) -> Response:
        attendee = self._find(**self.parameters)
        # Guests have no membership to give up, and are refused as in v3.
        if attendee.pk == self.situation.require_attendee().pk and not attendee.is_guest:
            policies.enforce(policies.REMOVE_ONESELF, self.situation)
            return self._resign()
        invitations.expel(attendee=attendee, **self._as_moderator)
        return self.done()
