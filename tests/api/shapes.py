"""Whole objects as each version shows them (behaviour 6.3, 7.1), written down once.

Written by hand from the reference, and not with the code under test.
"""

from typing import Any

#: Fields that a version does not have; everything else stands in all of them.
_V1_ONLY = {"participantInCall", "count", "numGuests", "participants"}
_NOT_V1 = {"callFlag", "canLeaveConversation", "canDeleteConversation"}
_FROM_V3 = {
    *("description", "listable", "attendeeId", "actorType", "actorId", "attendeePin"),
    *("sipEnabled", "canEnableSIP", "lastCommonReadMessage"),
}
_V4_ONLY = {
    *("callStartTime", "callRecording", "recordingConsent", "notificationCalls", "permissions"),
    *("attendeePermissions", "callPermissions", "defaultPermissions", "unreadMentionDirect"),
    *("messageExpiration", "avatarVersion", "isCustomAvatar", "breakoutRoomMode"),
    *("breakoutRoomStatus", "mentionPermissions", "isArchived"),
}
_MISSING = {
    "v1": _V4_ONLY | _FROM_V3 | _NOT_V1,
    "v2": _V4_ONLY | _FROM_V3 | _V1_ONLY,
    "v3": _V4_ONLY | _V1_ONLY,
    "v4": _V1_ONLY | {"guestList"},
}

#: What somebody sees who is no participant (column "D").
_OUTSIDE = {
    "name": "",
    "displayName": "",
    "description": "",
    "objectType": "",
    "objectId": "",
    "participantType": 4,
    "participantInCall": False,
    "participantFlags": 0,
    "count": 0,
    "numGuests": 0,
    "participants": [],
    "guestList": "",
    "readOnly": 0,
    "listable": 0,
    "hasPassword": False,
    "hasCall": False,
    "callFlag": 0,
    "canStartCall": False,
    "canLeaveConversation": False,
    "canDeleteConversation": False,
    "lastActivity": 0,
    "isFavorite": False,
    "notificationLevel": 3,
    "lobbyState": 0,
    "lobbyTimer": 0,
    "lastPing": 0,
    "sessionId": "0",
    "attendeeId": 0,
    "actorType": "",
    "actorId": "",
    "attendeePin": "",
    "sipEnabled": 0,
    "canEnableSIP": False,
    "unreadMessages": 0,
    "unreadMention": False,
    "lastReadMessage": 0,
    "lastCommonReadMessage": 0,
    "lastMessage": [],
    "callStartTime": 0,
    "callRecording": 0,
    "recordingConsent": 0,
    "notificationCalls": 0,
    "permissions": 1,
    "attendeePermissions": 1,
    "callPermissions": 1,
    "defaultPermissions": 1,
    "unreadMentionDirect": False,
    "messageExpiration": 0,
    "avatarVersion": "",
    "isCustomAvatar": False,
    "breakoutRoomMode": 0,
    "breakoutRoomStatus": 0,
    "mentionPermissions": 0,
    "isArchived": False,
}


def outside(version: str, conversation, **values: Any) -> dict[str, Any]:
    """Return the room object of somebody who is no participant."""
    known = {"id": conversation.pk, "token": conversation.token, "type": int(conversation.type)}
    room = {**known, **_OUTSIDE, **values}
    missing = _MISSING[version] | ({"callFlag"} if version == "v2" else set())
    return {name: value for name, value in room.items() if name not in missing}


def inside(version: str, attendee, session=None, **values: Any) -> dict[str, Any]:
    """Return the room object of a participant who may do what an ordinary member may."""
    conversation = attendee.conversation
    known = {
        "id": conversation.pk,
        "token": conversation.token,
        "type": int(conversation.type),
        "name": conversation.name,
        "displayName": conversation.name,
        "participantType": int(attendee.participant_type),
        "canStartCall": True,
        "canLeaveConversation": attendee.user is not None,
        "notificationLevel": 3 if attendee.user is None else 2,
        "lastActivity": int(conversation.last_activity_at.timestamp()),
        "attendeeId": attendee.pk,
        "actorType": "guests" if attendee.user is None else "users",
        "actorId": attendee.actor_id if attendee.user is None else attendee.user.username,
        "notificationCalls": 1,
        "permissions": _permissions(attendee),
        "attendeePermissions": 0,
        "callPermissions": 0,
        "defaultPermissions": 0,
    }
    if session is not None:
        known["sessionId"] = session.session_id
        known["lastPing"] = int(session.last_ping.timestamp())
    room = {**_OUTSIDE, **known, **values}
    return {name: value for name, value in room.items() if name not in _MISSING[version]}


def message(row, text: str, **parameters: dict[str, str]) -> dict[str, Any]:
    """Return a message of the chat, with what is in the places of its text."""
    return {
        "id": row.pk,
        "token": row.conversation.token,
        "actorType": row.actor_type,
        "actorId": row.actor_id,
        "actorDisplayName": row.display_name,
        "timestamp": int(row.at.timestamp()),
        "message": text,
        "messageParameters": parameters,
        "systemMessage": row.kind,
        "messageType": "system",
        "isReplyable": False,
        "referenceId": "",
        "reactions": {},
        "expirationTimestamp": 0,
        "markdown": False,
    }


def newest(row, text: str, **parameters: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a room object that are about its newest message."""
    shown = message(row, text, **parameters)
    return {"lastMessage": shown, "lastReadMessage": row.pk, "lastCommonReadMessage": row.pk}


def newest_by(attendee, text: str) -> dict[str, Any]:
    """Return the same for the newest message of a user's conversation, which is about the user."""
    row = attendee.conversation.system_messages.latest("pk")
    who = {"type": "user", "id": attendee.user.username, "name": attendee.display_name}
    return newest(row, text, actor=who)


def _permissions(attendee) -> int:
    """Return the permissions of a role unless something else is set; nobody may write (2.7)."""
    return 382 if attendee.participant_type in {1, 2, 6} else 374


def in_map(attendee, session=None, call: int = 0) -> dict[str, dict[str, Any]]:
    """Return a user's entry in v1's map of participants."""
    return {
        attendee.user.username: {
            "name": attendee.display_name,
            "type": int(attendee.participant_type),
            "call": call,
            "sessionId": session.session_id if session else "0",
        }
    }


def participant(version: str, attendee, session=None, flags: int = 0) -> dict[str, Any]:
    """Return an item of the participant list."""
    is_guest = attendee.user is None
    name = "" if is_guest else attendee.user.username
    if version == "v4":
        return {
            "roomToken": attendee.conversation.token,
            "attendeeId": attendee.pk,
            "actorType": "guests" if is_guest else "users",
            "actorId": attendee.actor_id if is_guest else name,
            "attendeePin": "",
            "inCall": flags,
            "lastPing": int(session.last_ping.timestamp()) if session else 0,
            "sessionIds": [session.session_id] if session else [],
            "participantType": int(attendee.participant_type),
            "displayName": attendee.display_name,
            "permissions": _permissions(attendee),
            "attendeePermissions": 0,
        }
    who: dict[str, Any] = {"userId": name}
    if version == "v3":
        who = {
            "attendeeId": attendee.pk,
            "actorType": "guests" if is_guest else "users",
            "actorId": attendee.actor_id if is_guest else name,
            "attendeePin": "",
        }
    return {
        **who,
        "inCall": flags,
        "lastPing": int(session.last_ping.timestamp()) if session else 0,
        "sessionId": session.session_id if session else "0",
        "participantType": int(attendee.participant_type),
        "displayName": attendee.display_name,
    }
