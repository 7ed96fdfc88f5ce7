"""The room object, a class per version (behaviour 6.3).

Fields of features that live elsewhere (chat, SIP) are sent with their empty values, because clients
expect them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework.serializers import BaseSerializer

from talk_calls import policies
from talk_calls.api.context import Context
from talk_calls.conf import conf
from talk_calls.constants import (
    NO_SESSION_ID,
    ActorType,
    InCallFlag,
    LobbyState,
    NotificationLevel,
    ParticipantType,
    Permission,
)
from talk_calls.models import Attendee

_NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Room:
    """A conversation as one caller sees it; ``members`` where the shape needs them, else empty."""

    context: Context
    members: Sequence[Attendee] = ()


class RoomSerializer(BaseSerializer[Any]):
    """The fields that all versions share."""

    def to_representation(self, instance: Room) -> dict[str, Any]:
        """Return the object; outsiders see only what anybody may know."""
        context = instance.context
        if context.attendee is None:
            return self.outside(context)
        return self.inside(instance, context.attendee)

    def outside(self, context: Context) -> dict[str, Any]:
        """Return the values for somebody who is not a participant, column "D"."""
        data = {
            "id": context.conversation.pk,
            "token": context.conversation.token,
            "type": context.conversation.type,
            "name": "",
            "displayName": "",
            "objectType": "",
            "objectId": "",
            "participantType": ParticipantType.GUEST.value,
            "participantFlags": InCallFlag.DISCONNECTED,
            "guestList": "",
            "readOnly": 0,
            "hasPassword": bool(context.conversation.password),
            "hasCall": False,
            "canStartCall": False,
            "lastActivity": 0,
            "isFavorite": False,
            "notificationLevel": NotificationLevel.NEVER.value,
            "lobbyState": LobbyState.NONE.value,
            "lobbyTimer": 0,
            "lastPing": 0,
            "sessionId": NO_SESSION_ID,
            "unreadMessages": 0,
            "unreadMention": False,
            "lastReadMessage": 0,
            "lastMessage": [],
        }
        if policies.is_listed(context.conversation):
            name = context.conversation.name
            data |= {"name": name, "displayName": name, **_state(context)}
        return data

    def inside(self, room: Room, attendee: Attendee) -> dict[str, Any]:
        """Return the values for a participant."""
        context = room.context
        session = context.session
        waits = policies.is_past_lobby(context.situation) is not None
        name, display_name = _names(room, attendee)
        return {
            **self.outside(context),
            "name": name,
            "displayName": display_name,
            "objectType": context.conversation.object_type,
            "objectId": context.conversation.object_id,
            "participantType": attendee.participant_type,
            "participantFlags": session.flags_at(context.now) if session else 0,
            **_state(context),
            "canStartCall": not waits and policies.can_start_calls(context.conversation, attendee),
            "isFavorite": attendee.is_favorite,
            "notificationLevel": _notification_level(context, attendee),
            "lastPing": int(session.last_ping.timestamp()) if session else 0,
            "sessionId": session.session_id if session else NO_SESSION_ID,
        }


class RoomSerializerV1(RoomSerializer):
    """v1 has the participants inside."""

    def outside(self, context: Context) -> dict[str, Any]:
        """Add the fields of v1."""
        return {
            **super().outside(context),
            "participantInCall": False,
            "count": 0,
            "numGuests": 0,
            "participants": [],
        }

    def inside(self, room: Room, attendee: Attendee) -> dict[str, Any]:
        """Add the caller's own state and the participants, whom nobody sees from the lobby."""
        data = super().inside(room, attendee)
        waits = policies.is_past_lobby(room.context.situation) is not None
        guests = [member for member in room.members if member.is_guest and member.acting]
        return {
            **data,
            "participantInCall": bool(data["participantFlags"] & InCallFlag.IN_CALL),
            "numGuests": len(guests),
            "participants": [] if waits else _participant_map(room) or [],
        }


class RoomSerializerV2(RoomSerializer):
    """v2 says what the caller may do with the conversation as a whole."""

    def outside(self, context: Context) -> dict[str, Any]:
        """Add the fields of v2; outsiders get no ``callFlag``."""
        data = super().outside(context)
        return {**data, "canLeaveConversation": False, "canDeleteConversation": False}

    def inside(self, room: Room, attendee: Attendee) -> dict[str, Any]:
        """Add what a participant may do, and the combined flags of the call."""
        conversation = room.context.conversation
        return {
            **super().inside(room, attendee),
            "callFlag": _call_flag(room.context),
            "canLeaveConversation": policies.can_leave_conversation(attendee),
            "canDeleteConversation": policies.can_delete_conversation(conversation, attendee),
        }


class RoomSerializerV3(RoomSerializerV2):
    """v3 knows actors, descriptions and listing."""

    def outside(self, context: Context) -> dict[str, Any]:
        """Add the fields of v3."""
        listed = policies.is_listed(context.conversation)
        return {
            **super().outside(context),
            "description": "",
            "listable": context.conversation.listable if listed else 0,
            "callFlag": _call_flag(context) if listed else 0,
            "attendeeId": 0,
            "actorType": "",
            "actorId": "",
            "attendeePin": "",
            "sipEnabled": 0,
            "canEnableSIP": False,
            "lastCommonReadMessage": 0,
        }

    def inside(self, room: Room, attendee: Attendee) -> dict[str, Any]:
        """Add what v3 tells participants."""
        conversation = room.context.conversation
        return {
            **super().inside(room, attendee),
            "description": conversation.description,
            "listable": conversation.listable,
            "attendeeId": attendee.pk,
            "actorType": attendee.actor_type,
            "actorId": _own_actor_id(room.context, attendee),
        }


class RoomSerializerV4(RoomSerializerV3):
    """v4 knows permissions, and how long the call has been going on."""

    def outside(self, context: Context) -> dict[str, Any]:
        """Add the fields of v4; those of features that live elsewhere are empty."""
        data = super().outside(context)
        del data["guestList"]
        return {
            **data,
            "callStartTime": 0,
            "callRecording": 0,
            "recordingConsent": 0,
            "notificationCalls": 0,
            "permissions": Permission.CUSTOM,
            "attendeePermissions": Permission.CUSTOM,
            "callPermissions": Permission.CUSTOM,
            "defaultPermissions": Permission.CUSTOM,
            "unreadMentionDirect": False,
            "messageExpiration": 0,
            "avatarVersion": "",
            "isCustomAvatar": False,
            "breakoutRoomMode": 0,
            "breakoutRoomStatus": 0,
            "mentionPermissions": 0,
            "isArchived": False,
        }

    def inside(self, room: Room, attendee: Attendee) -> dict[str, Any]:
        """Add what v4 tells participants; people in the lobby hear of no call."""
        context = room.context
        conversation = context.conversation
        waits = policies.is_past_lobby(context.situation) is not None
        has_call = context.has_call and not waits
        started_at = context.call_started_at if has_call else None
        return {
            **super().inside(room, attendee),
            "hasCall": has_call,
            "callFlag": _call_flag(context) if has_call else 0,
            "callStartTime": int(started_at.timestamp()) if started_at else 0,
            "recordingConsent": int(policies.needs_consent(conversation)),
            "notificationCalls": int(attendee.notification_calls),
            "permissions": policies.permissions_of(conversation, attendee),
            "attendeePermissions": attendee.permissions,
            "callPermissions": conversation.call_permissions,
            "defaultPermissions": conversation.default_permissions,
        }


def _state(context: Context) -> dict[str, Any]:
    """Return what participants know, and outsiders of a listed conversation too."""
    conversation = context.conversation
    lobby = conversation.has_lobby(context.now)
    timer = conversation.lobby_timer if lobby else None
    return {
        "readOnly": conversation.read_only,
        "hasCall": context.has_call,
        "lastActivity": int(conversation.last_activity_at.timestamp()),
        "lobbyState": int(lobby),
        "lobbyTimer": int(timer.timestamp()) if timer else 0,
    }


def _call_flag(context: Context) -> int:
    return (context.call_flags or 0) if context.has_call else 0


def _names(room: Room, attendee: Attendee) -> tuple[str, str]:
    """Return raw name and the name to show, which for a one-to-one is the other's."""
    conversation = room.context.conversation
    people = [member for member in room.members if member.actor_type != ActorType.GROUPS]
    others = [member for member in people if member.pk != attendee.pk]
    if conversation.is_one_to_one:
        other = others[0] if others else None
        return (_user_name(other), _display_name(other)) if other else ("", "")
    if conversation.name:
        return conversation.name, conversation.name
    return "", ", ".join(sorted(map(_display_name, others)))[:_NAME_LENGTH]


def _user_name(member: Attendee) -> str:
    return member.user_name or ""


def _display_name(member: Attendee) -> str:
    return member.display_name or _user_name(member)


def _own_actor_id(context: Context, attendee: Attendee) -> str:
    user = context.actor.user
    return conf.directory.user_id(user) if user is not None else attendee.actor_id


def _notification_level(context: Context, attendee: Attendee) -> int:
    """Return what the attendee chose, or the usual level (constants 2.4)."""
    if attendee.notification_level is not None:
        return attendee.notification_level
    if attendee.is_guest:
        return NotificationLevel.NEVER.value
    if context.conversation.is_one_to_one:
        return NotificationLevel.ALWAYS.value
    return NotificationLevel.MENTION.value


def _participant_map(room: Room) -> dict[str, dict[str, Any]]:
    """Return users by id, newest ping first."""
    now = room.context.now
    users = [member for member in room.members if member.actor_type == ActorType.USERS]
    users.sort(key=lambda user: user.acting.last_ping.timestamp() if user.acting else 0)
    return {
        _user_name(user): {
            "name": _display_name(user),
            "type": user.participant_type,
            "call": user.acting.flags_at(now) if user.acting else InCallFlag.DISCONNECTED,
            "sessionId": user.acting.session_id if user.acting else NO_SESSION_ID,
        }
        for user in reversed(users)
    }
