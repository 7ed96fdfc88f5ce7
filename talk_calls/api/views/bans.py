"""Bans: ``/ban/{token}``, which only v1 has, for clients of all versions (behaviour 14)."""

from http import HTTPStatus

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api.operations import Data, Operation
from talk_calls.api.serializers.bans import BAN_SERIALIZERS, ShownBan
from talk_calls.api.serializers.parameters import BanParameters
from talk_calls.api.throttling import rates
from talk_calls.api.throttling.addresses import address_of
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.constants import BanKind
from talk_calls.exceptions import (
    BanNoteTooLong,
    ManagedByHost,
    ModeratorStays,
    NoBansHere,
    NoSuchTarget,
    NotBannable,
    NotBannableOneself,
    TooManyBans,
)
from talk_calls.models import Ban
from talk_calls.services import bans


class BanViewSet(ConversationViewSet):
    """Whom moderators keep out of a conversation."""

    tag = "bans"
    detail_methods = {"get": "list", "post": "create"}
    several_devices = True  # as in v4, with which clients that know bans come in

    @Operation(
        "List who is banned",
        rules=policies.MODERATE,
        answers={HTTPStatus.OK: Data.BANS},
        names_errors=True,
    )
    def list(self, request: Request, token: str) -> Response:
        found = bans.of(self.situation.conversation)
        return self.done([self._shaped(ban) for ban in found])

    @Operation(
        "Ban a user, a guest, an e-mail invitee or an address; whoever is there is removed",
        rules=policies.MODERATE,
        form=BanParameters,
        answers={HTTPStatus.OK: Data.BAN},
        refusals=(
            NotBannable,
            BanNoteTooLong,
            ModeratorStays,
            NoBansHere,
            NotBannableOneself,
            TooManyBans,
            ManagedByHost,
        ),
        names_errors=True,
    )
    def create(self, request: Request, token: str) -> Response:
        values = self.parameters
        if values["kind"] not in BanKind.values:
            raise NotBannable
        if values["kind"] == BanKind.USERS and self.actor.user is not None:
            rates.count_search(self.actor.user)  # the answer has the name of whoever it is
        ban = bans.ban(
            conversation=self.situation.conversation,
            kind=BanKind(values["kind"]),
            actor_id=values["actor_id"],
            notes=bans.Notes(internal=values["internal"], shown=values["shown"]),
            performed_by=self.situation.require_attendee(),
            now=self.now,
            own_network=address_of(request),
        )
        return self.done(self._shaped(ban))

    @action(["delete"], detail=True, url_path=r"(?P<ban_id>[0-9]{1,18})", url_name="one")
    @Operation(
        "Lift a ban",
        rules=policies.MODERATE,
        refusals=(NoSuchTarget,),
        names_errors=True,
    )
    def lift(self, request: Request, token: str, ban_id: str) -> Response:
        bans.lift(
            conversation=self.situation.conversation,
            ban_id=int(ban_id),
            performed_by=self.situation.require_attendee(),
            now=self.now,
        )
        return self.done()

    def _shaped(self, ban: Ban) -> object:
        situation = self.situation
        sees = policies.may_see_addresses(situation.conversation, situation.require_attendee())
        return self.shaped(BAN_SERIALIZERS, ShownBan(ban, sees))
