"""What people say for themselves alone, about a conversation or their name in it."""

from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api.operations import Operation
from talk_calls.api.serializers.parameters import (
    GuestNameParameters,
    NotifyCallsParameters,
    NotifyParameters,
)
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.exceptions import InvalidValue, NotGuest
from talk_calls.services import guests, own_settings


class OwnViewSet(ConversationViewSet):
    """What a user says about a conversation for themselves alone."""

    tag = "conversations"

    @action(["post"], detail=True)
    @Operation("Make the conversation a favourite", rules=policies.TAKE_PART, users_only=True)
    def favorite(self, request: Request, token: str) -> Response:
        own_settings.set_favorite(favorite=True, **self._own)
        return self.done()

    @favorite.mapping.delete
    @Operation("Make it an ordinary one again", rules=policies.TAKE_PART, users_only=True)
    def unfavorite(self, request: Request, token: str) -> Response:
        own_settings.set_favorite(favorite=False, **self._own)
        return self.done()

    @action(["post"], detail=True)
    @Operation(
        "Set the notification level",
        rules=policies.TAKE_PART,
        users_only=True,
        form=NotifyParameters,
    )
    def notify(self, request: Request, token: str) -> Response:
        level = self.parameters["level"]
        own_settings.set_notification_level(level=level, **self._own)
        return self.done()

    @property
    def _own(self) -> dict[str, Any]:
        return {"attendee": self.situation.require_attendee(), "now": self.now}


class OwnViewSetV4(OwnViewSet):
    """The same in v4, where calls are announced or not."""

    @action(["post"], detail=True, url_path="notify-calls")
    @Operation(
        "Say whether calls are announced",
        rules=policies.TAKE_PART,
        users_only=True,
        form=NotifyCallsParameters,
    )
    def notify_calls(self, request: Request, token: str) -> Response:
        announced = self.parameters["level"] == "1"
        own_settings.set_notification_calls(announced=announced, **self._own)
        return self.done()


class GuestViewSet(ConversationViewSet):
    """``/guest/{token}/name``, which only v1 has."""

    tag = "participants"

    @action(["post"], detail=True, url_path="name", url_name="name")
    @Operation(
        "Give the guest a name",
        rules=policies.TAKE_PART,
        form=GuestNameParameters,
        refusals=(NotGuest, InvalidValue),
    )
    def rename(self, request: Request, token: str) -> Response:
        name = self.parameters["displayName"]
        guests.rename(attendee=self.situation.require_attendee(), display_name=name, now=self.now)
        return self.done()
