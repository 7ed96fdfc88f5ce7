"""What people may do in calls (constants 2.7)."""

from http import HTTPStatus

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api.operations import Data, Operation
from talk_calls.api.serializers.parameters import (
    AttendeePermissionsParameters,
    ChangePermissionsParameters,
    PermissionsParameters,
)
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.api.views.rooms import room_data
from talk_calls.constants import PermissionChange
from talk_calls.exceptions import InvalidValue, ModeratorMayEverything, NoSuchTarget
from talk_calls.services import participants, permissions


class PermissionViewSet(ConversationViewSet):
    """What attendees may do (constants 2.7)."""

    tag = "participants"

    @action(["put"], detail=True, url_path="attendees/permissions", url_name="attendee-permissions")
    @Operation(
        "Change the permissions of one attendee",
        rules=policies.MODERATE,
        form=AttendeePermissionsParameters,
        refusals=(InvalidValue, NoSuchTarget, ModeratorMayEverything),
    )
    def of_attendee(self, request: Request, token: str) -> Response:
        values = self.parameters
        permissions.of_attendee(
            attendee=participants.find(
                conversation=self.situation.conversation, attendee_id=values["attendee_id"]
            ),
            change=PermissionChange(values["method"]),
            permissions=values["permissions"],
            performed_by=self.situation.require_attendee(),
            now=self.now,
        )
        return self.done()

    @action(["put"], detail=True, url_path="attendees/permissions/all", url_name="all-permissions")
    @Operation(
        "Change the own permissions of everybody but moderators, and return the conversation",
        rules=policies.MODERATE,
        form=ChangePermissionsParameters,
        answers={HTTPStatus.OK: Data.ROOM},
        refusals=(InvalidValue,),
    )
    def of_everybody(self, request: Request, token: str) -> Response:
        values = self.parameters
        permissions.of_everybody(
            conversation=self.situation.conversation,
            change=PermissionChange(values["method"]),
            permissions=values["permissions"],
            performed_by=self.situation.require_attendee(),
            now=self.now,
        )
        return self.done(room_data(self, self.get_visible()))

    @action(
        ["put"],
        detail=True,
        url_path=r"permissions/(?P<level>call|default)",
        url_name="permissions",
    )
    @Operation(
        "Set the permissions of the call or the conversation, and return the conversation",
        rules=policies.MODERATE,
        form=PermissionsParameters,
        answers={HTTPStatus.OK: Data.ROOM},
        refusals=(InvalidValue,),
    )
    def of_level(self, request: Request, token: str, level: str) -> Response:
        permissions.of_conversation(
            conversation=self.situation.conversation,
            level=level,
            permissions=self.parameters["permissions"],
            performed_by=self.situation.require_attendee(),
            now=self.now,
        )
        return self.done(room_data(self, self.get_visible()))
