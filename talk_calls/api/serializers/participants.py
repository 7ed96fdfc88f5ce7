"""Items of the participant list (behaviour 7.1); they shape attendees with their session."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from rest_framework.serializers import BaseSerializer

from talk_calls import policies
from talk_calls.constants import NO_SESSION_ID, ActorType, InCallFlag
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


class ParticipantSerializerV4(BaseSerializer[Any]):
    """v4 knows several devices, groups and permissions."""

    def to_representation(self, instance: Attendee) -> dict[str, Any]:
        """Return the item of one attendee; the view passes ``now`` in the context."""
        conversation = instance.conversation
        flags = (session.flags_at(self.context["now"]) for session in instance.devices)
        is_group = instance.actor_type == ActorType.GROUPS
        name = instance.display_name if is_group else instance.actor_id
        return {
            "roomToken": conversation.token,
            "attendeeId": instance.pk,
            "actorType": instance.actor_type,
            "actorId": instance.user_name or name,
            "attendeePin": "",
            "inCall": reduce(or_, flags, InCallFlag.DISCONNECTED),
            "lastPing": _last_ping(instance),
            "sessionIds": [session.session_id for session in instance.devices],
            "participantType": instance.participant_type,
            "displayName": _display_name(instance),
            "permissions": policies.permissions_of(conversation, instance),
            "attendeePermissions": instance.permissions,
        }


def _common(attendee: Attendee, now: datetime) -> dict[str, Any]:
    session = attendee.acting
    return {
        "inCall": session.flags_at(now) if session else InCallFlag.DISCONNECTED,
        "lastPing": _last_ping(attendee),
        "sessionId": session.session_id if session else NO_SESSION_ID,
        "participantType": attendee.participant_type,
        "displayName": _display_name(attendee),
    }


def _last_ping(attendee: Attendee) -> int:
    return int(attendee.acting.last_ping.timestamp()) if attendee.acting else 0


def _display_name(attendee: Attendee) -> str:
    return attendee.display_name or attendee.user_name or ""
