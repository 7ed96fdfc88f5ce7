"""Items of the participant list (talk-api.md 7.1); they shape attendees with their session."""

from datetime import datetime
from typing import Any

from rest_framework.serializers import BaseSerializer

from talk_calls.constants import NO_SESSION_ID, InCallFlag
from talk_calls.models import Attendee


class ParticipantSerializerV1(BaseSerializer[Any]):
    """v1 and v2 know users only: ``userId`` is empty for everybody else."""

    def to_representation(self, instance: Attendee) -> dict[str, Any]:
        """Return the item of one attendee; the view passes ``now`` in the context."""
        return {"userId": instance.user_name or "", **_common(instance, self.context["now"])}


class ParticipantSerializerV3(BaseSerializer[Any]):
    """v3 knows actors."""

    def to_representation(self, instance: Attendee) -> dict[str, Any]:
        """Return the item of one attendee; the view passes ``now`` in the context."""
        return {
            "attendeeId": instance.pk,
            "actorType": instance.actor_type,
            "actorId": instance.user_name or instance.actor_id,
            "attendeePin": "",
            **_common(instance, self.context["now"]),
        }


def _common(attendee: Attendee, now: datetime) -> dict[str, Any]:
    session = attendee.acting
    return {
        "inCall": session.flags_at(now) if session else InCallFlag.DISCONNECTED,
        "lastPing": int(session.last_ping.timestamp()) if session else 0,
        "sessionId": session.session_id if session else NO_SESSION_ID,
        "participantType": attendee.participant_type,
        "displayName": attendee.display_name or attendee.user_name or "",
    }
