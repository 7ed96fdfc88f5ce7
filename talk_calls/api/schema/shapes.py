"""Objects as each version sends them, field by field (behaviour 4.2, 6.3, 6.4, 7.1).

The serializers are written by hand for speed, so this is written by hand too; the tests hold every
answer of the suite against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from talk_calls.api.versioning import VERSIONS
from talk_calls.constants import (
    ActorType,
    ConversationType,
    InCallFlag,
    Listable,
    LobbyState,
    NotificationLevel,
    ParticipantType,
    Permission,
    ReadOnly,
)

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
SWITCH: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
MOMENT: Schema = {**COUNT, "format": "int64", "description": "Unix seconds."}
FLAGS: Schema = {**COUNT, "maximum": InCallFlag.ALL}
PERMISSIONS: Schema = {**COUNT, "maximum": Permission.MAX_CUSTOM}
NOTHING: Schema = {"type": "array", "items": {}, "maxItems": 0}


def one_of(*values: int | str) -> Schema:
    """Return the schema of a value that is one of a few."""
    return {"type": "string" if isinstance(values[0], str) else "integer", "enum": list(values)}


def list_of(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def object_of(properties: Mapping[str, Schema], required: list[str] | None = None) -> Schema:
    """Return the schema of an object with these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


_ALL = frozenset(VERSIONS)
_V1 = frozenset({"v1"})
_V4 = frozenset({"v4"})
_TO_V2 = frozenset({"v1", "v2"})
_TO_V3 = _ALL - _V4
_FROM_V2 = _ALL - _V1
_FROM_V3 = _ALL - _TO_V2

_TOKEN, _SESSION = "weekly7", "aB3dE6gH9j…"
_FLAGS_TEXT = "Bit field: 1 in the call, 2 audio, 4 video, 8 by phone; 0 not in the call."
_PERMISSIONS_TEXT = (
    "Bit field: 1 set on purpose, 2 start calls, 4 join calls, 8 ignore the lobby, 16 audio,"
    " 32 video, 64 screen, 128 chat; 0 takes the next level."
)
_ROLE = one_of(*ParticipantType.values)
_ROLE_TEXT = (
    "Role: 1 owner, 2 moderator, 3 user, 4 guest, 5 user who followed the link, 6 guest moderator."
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object: its schema, what it means, an example, and which versions have it.

    ``sometimes`` names the versions that send it only to participants.
    """

    schema: Schema
    text: str
    example: Any
    versions: frozenset[str] = _ALL
    sometimes: frozenset[str] = frozenset()


Shape = Mapping[str, Field]

#: Whoever is connected to a call.
PEER: Shape = {
    "userId": Field(TEXT, "Name of the user; empty for everybody else.", "alice", _TO_V2),
    "actorType": Field(one_of(*ActorType.values), "What the person is.", "users", _FROM_V3),
    "actorId": Field(TEXT, "Name of the user, or id of the guest.", "alice", _FROM_V3),
    "displayName": Field(TEXT, "Name to show; guests may have none.", "Alice", _FROM_V3),
    "token": Field(TEXT, "Token of the conversation.", _TOKEN),
    "lastPing": Field(MOMENT, "When the device was last heard of.", 1_700_000_000),
    "sessionId": Field(TEXT, "Id of the device's session.", _SESSION),
}

#: A user in v1's map of participants.
MEMBER: Shape = {
    "name": Field(TEXT, "Name to show.", "Alice"),
    "type": Field(_ROLE, _ROLE_TEXT, 1),
    "call": Field(FLAGS, _FLAGS_TEXT, 0),
    "sessionId": Field(TEXT, "Id of the session; 0 without one.", _SESSION),
}

_MEMBER_EXAMPLE = {name: field.example for name, field in MEMBER.items()}

#: Whoever belongs to a conversation.
PARTICIPANT: Shape = {
    "roomToken": Field(TEXT, "Token of the conversation.", _TOKEN, _V4),
    "userId": Field(TEXT, "Name of the user; empty for everybody else.", "alice", _TO_V2),
    "attendeeId": Field(COUNT, "Number of the membership.", 42, _FROM_V3),
    "actorType": Field(one_of(*ActorType.values), "What the attendee is.", "users", _FROM_V3),
    "actorId": Field(
        TEXT, "Name of the user or group, id of the guest, e-mail address.", "alice", _FROM_V3
    ),
    "attendeePin": Field(TEXT, "Always empty: there is no dial-in.", "", _FROM_V3),
    "inCall": Field(FLAGS, _FLAGS_TEXT, 7),
    "lastPing": Field(MOMENT, "When a device was last heard of; 0 without one.", 1_700_000_000),
    "sessionId": Field(TEXT, "Id of the session; 0 without one.", _SESSION, _TO_V3),
    "sessionIds": Field(list_of(TEXT), "Ids of the sessions, one per device.", [_SESSION], _V4),
    "participantType": Field(_ROLE, _ROLE_TEXT, 1),
    "displayName": Field(TEXT, "Name to show; guests may have none.", "Alice"),
    "permissions": Field(PERMISSIONS, f"What counts. {_PERMISSIONS_TEXT}", 254, _V4),
    "attendeePermissions": Field(PERMISSIONS, "Those of the attendee alone.", 0, _V4),
}

#: A conversation as the caller sees it.
ROOM: Shape = {
    "id": Field(COUNT, "Number of the conversation.", 7),
    "token": Field(TEXT, "What routes call the conversation by.", _TOKEN),
    "type": Field(one_of(*ConversationType.values), "1 one-to-one, 2 group, 3 public.", 3),
    "name": Field(TEXT, "Raw name; in a one-to-one, that of the other user.", "Weekly"),
    "displayName": Field(TEXT, "Name to show.", "Weekly"),
    "description": Field(TEXT, "What it is about.", "", _FROM_V3),
    "objectType": Field(TEXT, "Kind of what it belongs to, or empty.", ""),
    "objectId": Field(TEXT, "Id of what it belongs to, or empty.", ""),
    "participantType": Field(_ROLE, f"The caller's. {_ROLE_TEXT}", 1),
    "participantInCall": Field(SWITCH, "The caller is in the call.", True, _V1),
    "participantFlags": Field(FLAGS, f"The caller's. {_FLAGS_TEXT}", 7),
    "count": Field(one_of(0), "Always 0.", 0, _V1),
    "numGuests": Field(COUNT, "Guests who are online.", 0, _V1),
    "participants": Field(
        {
            "anyOf": [
                {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Member"}},
                NOTHING,
            ]
        },
        "Users by name, newest ping first; an empty list if there is nobody to see.",
        {"alice": _MEMBER_EXAMPLE},
        _V1,
    ),
    "guestList": Field(one_of(""), "Always empty.", "", _TO_V3),
    "readOnly": Field(one_of(*ReadOnly.values), "1 if locked.", 0),
    "listable": Field(
        one_of(*Listable.values), "Who finds it uninvited: 0 nobody, 1 users, 2 all.", 0, _FROM_V3
    ),
    "hasPassword": Field(SWITCH, "Newcomers need a password.", False),
    "hasCall": Field(SWITCH, "A call is running.", True),
    "callFlag": Field(
        FLAGS,
        f"Of all who are in the call. {_FLAGS_TEXT} v2 tells only participants.",
        7,
        _FROM_V2,
        sometimes=frozenset({"v2"}),
    ),
    "canStartCall": Field(SWITCH, "The caller may start a call.", True),
    "canLeaveConversation": Field(SWITCH, "The caller can give up a membership.", True, _FROM_V2),
    "canDeleteConversation": Field(SWITCH, "The caller may delete it.", True, _FROM_V2),
    "lastActivity": Field(MOMENT, "When something last happened here.", 1_700_000_000),
    "isFavorite": Field(SWITCH, "The caller has it among the favourites.", False),
    "notificationLevel": Field(
        one_of(*NotificationLevel.values), "1 always, 2 on mention, 3 never.", 2
    ),
    "notificationCalls": Field(one_of(0, 1), "1 if calls are announced to the caller.", 1, _V4),
    "lobbyState": Field(one_of(*LobbyState.values), "1 if all but moderators have to wait.", 0),
    "lobbyTimer": Field(MOMENT, "When the lobby falls by itself; 0 for never.", 0),
    "lastPing": Field(MOMENT, "When the caller's device was last heard of.", 1_700_000_000),
    "sessionId": Field(TEXT, "Id of the caller's session; 0 without one.", _SESSION),
    "attendeeId": Field(COUNT, "Number of the caller's membership; 0 outside.", 42, _FROM_V3),
    "actorType": Field(
        one_of("", *ActorType.values), "What the caller is; empty outside.", "users", _FROM_V3
    ),
    "actorId": Field(TEXT, "Name of the user or id of the guest.", "alice", _FROM_V3),
    "attendeePin": Field(one_of(""), "Always empty: there is no dial-in.", "", _FROM_V3),
    "sipEnabled": Field(one_of(0), "Always 0: there is no dial-in.", 0, _FROM_V3),
    "canEnableSIP": Field(SWITCH, "Always false: there is no dial-in.", False, _FROM_V3),
    "permissions": Field(PERMISSIONS, f"What counts. {_PERMISSIONS_TEXT}", 254, _V4),
    "attendeePermissions": Field(PERMISSIONS, "Those of the caller alone.", 0, _V4),
    "callPermissions": Field(PERMISSIONS, "Those of the running call.", 0, _V4),
    "defaultPermissions": Field(PERMISSIONS, "Those of the conversation.", 0, _V4),
    "callStartTime": Field(MOMENT, "When the call began; 0 without one.", 1_700_000_000, _V4),
    "callRecording": Field(one_of(0), "Always 0: nothing records.", 0, _V4),
    "recordingConsent": Field(one_of(0, 1), "1 if joining takes the consent.", 0, _V4),
    "unreadMessages": Field(one_of(0), "Always 0: there is no chat.", 0),
    "unreadMention": Field(SWITCH, "Always false: there is no chat.", False),
    "unreadMentionDirect": Field(SWITCH, "Always false: there is no chat.", False, _V4),
    "lastReadMessage": Field(one_of(0), "Always 0: there is no chat.", 0),
    "lastCommonReadMessage": Field(one_of(0), "Always 0: there is no chat.", 0, _FROM_V3),
    "lastMessage": Field(NOTHING, "Always empty: there is no chat.", []),
    "messageExpiration": Field(one_of(0), "Always 0: there is no chat.", 0, _V4),
    "avatarVersion": Field(one_of(""), "Always empty: there are no avatars.", "", _V4),
    "isCustomAvatar": Field(SWITCH, "Always false: there are no avatars.", False, _V4),
    "breakoutRoomMode": Field(one_of(0), "Always 0: there are no breakout rooms.", 0, _V4),
    "breakoutRoomStatus": Field(one_of(0), "Always 0: there are no breakout rooms.", 0, _V4),
    "mentionPermissions": Field(one_of(0), "Always 0: there is no chat.", 0, _V4),
    "isArchived": Field(SWITCH, "Always false.", False, _V4),
}

#: The device that is in the way of a join.
CONFLICT: Shape = {
    "sessionId": Field(TEXT, "Id of the session that is in the call.", _SESSION),
    "inCall": Field(FLAGS, _FLAGS_TEXT, 7),
    "lastPing": Field(MOMENT, "When it was last heard of.", 1_700_000_000),
}

#: Whoever is online in a conversation, as a poll tells it.
USER_IN_ROOM: Shape = {
    "userId": Field(TEXT, "Name of the user; empty for everybody else.", "alice", _TO_V3),
    "roomId": Field(COUNT, "Number of the conversation.", 7, _TO_V3),
    "lastPing": Field(MOMENT, "When the device was last heard of.", 1_700_000_000, _TO_V3),
    "sessionId": Field(TEXT, "Id of the device's session.", _SESSION, _TO_V3),
    "inCall": Field(FLAGS, _FLAGS_TEXT, 7, _TO_V3),
    "participantPermissions": Field(
        PERMISSIONS, f"What counts. {_PERMISSIONS_TEXT}", 254, frozenset({"v3"})
    ),
}

#: What a poll tells.
NEWS: Shape = {
    "type": Field(one_of("message", "usersInRoom"), "What it is.", "usersInRoom", _TO_V3),
    "data": Field(
        {"anyOf": [TEXT, list_of({"$ref": "#/components/schemas/UserInRoom"})]},
        "A message as JSON text, or everybody who is online.",
        [],
        _TO_V3,
    ),
}

_SERVERS: Schema = list_of(
    {"type": "object", "additionalProperties": {"anyOf": [TEXT, list_of(TEXT)]}}
)

#: How to signal.
SIGNALING: Shape = {
    "signalingMode": Field(one_of("internal"), "By polling.", "internal", _TO_V3),
    "userId": Field(
        {"type": "string", "nullable": True}, "Name of the user; null for a guest.", "alice", _TO_V3
    ),
    "hideWarning": Field(SWITCH, "Nobody has to be warned of many people.", True, _TO_V3),
    "server": Field(one_of(""), "Empty: there is no other server.", "", _TO_V3),
    "ticket": Field(TEXT, "Tells a signaling server who asks.", "9f2c…:1700000000:alice:…", _TO_V3),
    "helloAuthParams": Field(
        {"type": "object", "additionalProperties": {"type": "object"}},
        "The same, by version of the server.",
        {"1.0": {"userid": "alice", "ticket": "9f2c…"}},
        frozenset({"v3"}),
    ),
    "stunservers": Field(_SERVERS, "STUN servers.", [], _TO_V3),
    "turnservers": Field(_SERVERS, "TURN servers, with credentials for a day.", [], _TO_V3),
    "sipDialinInfo": Field(one_of(""), "Empty: there is no dial-in.", "", frozenset({"v2", "v3"})),
}

#: What inviting an e-mail address made of the conversation.
PUBLISHED: Shape = {"type": Field(one_of(ConversationType.PUBLIC.value), "Now public.", 3)}


def described(shape: Shape, version: str) -> Schema:
    """Return the schema of an object in a version, with all its fields and no others."""
    fields = {name: field for name, field in shape.items() if version in field.versions}
    properties = {
        name: {**field.schema, "description": field.text} for name, field in fields.items()
    }
    always = [name for name, field in fields.items() if version not in field.sometimes]
    return object_of(properties, always)


def example(shape: Shape, version: str) -> dict[str, Any]:
    """Return an object as an answer might show it."""
    return {name: field.example for name, field in shape.items() if version in field.versions}
