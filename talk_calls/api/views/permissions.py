"""What people may do in calls (constants 2.7)."""

from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls.api.permissions import (
    IsModerator,
    IsParticipant,
)
from talk_calls.api.serializers.parameters import (
    AttendeePermissionsParameters,
    ChangePermissionsParameters,
    PermissionsParameters,
)
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.api.views.rooms import room_data
from talk_calls.constants import PermissionChange
from talk_calls.services import participants, permissions


class PermissionViewSet(ConversationViewSet):
    """What attendees may do (constants 2.7)."""

    permissions = {
        "of_attendee": (IsParticipant, IsModerator),
        "of_everybody": (IsParticipant, IsModerator),
        "of_level": (IsParticipant, IsModerator),
    }

    def of_attendee(self, request: Request, token: str) -> Response:
        """Change the permissions of one attendee."""
        values = self.parameters(AttendeePermissionsParameters)
        permissions.of_attendee(
            attendee=participants.find(
                conversation=self.context.conversation, attendee_id=values["attendee_id"]
            ),
            change=PermissionChange(values["method"]),
            permissions=values["permissions"],
            performed_by=self.context.participant(),
            now=self.now,
        )
        return self.done()

    def of_everybody(self, request: Request, token: str) -> Response:
        """Change the own permissions of everybody but moderators, and return the conversation."""
        values = self.parameters(ChangePermissionsParameters)
        permissions.of_everybody(
            conversation=self.context.conversation,
            change=PermissionChange(values["method"]),
            permissions=values["permissions"],
            performed_by=self.context.participant(),
            now=self.now,
        )
        return self.done(room_data(self, self.visible()))

    def of_level(self, request: Request, token: str, level: str) -> Response:
        """Set the permissions of the call or the conversation, and return the conversation."""
        permissions.of_conversation(
            conversation=self.context.conversation,
            level=level,
            permissions=self.parameters(PermissionsParameters)["permissions"],
            performed_by=self.context.participant(),
            now=self.now,
        )
        return self.done(room_data(self, self.visible()))
