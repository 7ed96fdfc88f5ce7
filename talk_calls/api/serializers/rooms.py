"""The room object (behaviour 6.3): a conversation as one caller sees it.

The function that makes a row says who sees the value: ``_everybody``, outsiders of a conversation
that is ``_listed``, or only those who are ``_inside``. All others are sent the ``hidden`` value of
the type. Fields of features that live elsewhere (chat, SIP) are ``_constant``, since clients expect
them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from talk_calls import policies
from talk_calls.api.serializers import room_views as views
from talk_calls.api.serializers.json_types import (
    EMPTY_LIST,
    TEXT,
    any_of,
    map_of,
    one_of,
    reference,
)
from talk_calls.api.serializers.messages import MESSAGE
from talk_calls.api.serializers.participants import MEMBER
from talk_calls.api.serializers.room_views import InsideView, OutsideView, Room
from talk_calls.api.serializers.tables import (
    ALL,
    FROM_V2,
    FROM_V3,
    TO_V3,
    V1,
    V2,
    V3,
    V4,
    Constant,
    Field,
    ObjectSerializer,
    Type,
    example_of,
    serializer_of,
)
from talk_calls.api.serializers.types import (
    ACTOR_ID,
    ATTENDEE_ID,
    BOOLEAN,
    CONVERSATION_ID,
    COUNT,
    IN_CALL_FLAGS,
    IN_CALL_FLAGS_TEXT,
    LEVEL_PERMISSIONS,
    PERMISSIONS,
    PERMISSIONS_TEXT,
    ROLE,
    ROLE_TEXT,
    SESSION_ID,
    TOKEN,
    UNIX_TIME,
    type_of,
)
from talk_calls.api.versioning import VERSIONS
from talk_calls.constants import (
    CREATED_TYPES,
    ActorType,
    ConversationType,
    Listable,
    LobbyState,
    NotificationLevel,
    ReadOnly,
)
from talk_calls.ocs.json_types import JSON, JSONObject

_Inside: TypeAlias = Callable[[InsideView], JSON]
_Outside: TypeAlias = Callable[[OutsideView], JSON]


@dataclass(frozen=True, slots=True)
class RoomField(Field[InsideView]):
    """A field of the room object, whose ``get`` is for participants.

    ``listed`` returns the value for outsiders of a listed conversation, ``unlisted`` for those of
    any other. Where they are None, these outsiders are not sent the field.
    """

    listed: _Outside | None = None
    unlisted: _Outside | None = None


def _everybody(
    name: str,
    get: _Outside,
    type_: Type,
    text: str,
    versions: frozenset[str] = ALL,
) -> RoomField:
    """Return a field whose value does not depend on who asks."""
    return RoomField(name, get, type_, text, versions, listed=get, unlisted=get)


def _constant(
    name: str, value: str | int | bool, text: str, versions: frozenset[str] = ALL
) -> RoomField:
    """Return a field that has the same value in every object."""
    return _everybody(name, Constant(value), type_of(value), text, versions)


def _listed(
    name: str,
    get: _Outside,
    type_: Type,
    text: str,
    versions: frozenset[str] = ALL,
) -> RoomField:
    """Return a field that outsiders see if the conversation is listed."""
    return RoomField(name, get, type_, text, versions, listed=get, unlisted=Constant(type_.hidden))


def _inside(
    name: str,
    get: _Inside,
    type_: Type,
    text: str,
    versions: frozenset[str] = ALL,
) -> RoomField:
    """Return a field that only participants see."""
    hidden = Constant(type_.hidden)
    return RoomField(name, get, type_, text, versions, listed=hidden, unlisted=hidden)


_ROOM_NAME = Type(TEXT, "Weekly", hidden="")
_FREE_TEXT = Type(TEXT, "", hidden="")
_CONVERSATION_TYPE_BEFORE_V4 = Type(one_of(*CREATED_TYPES), 3)
_CONVERSATION_TYPE = Type(one_of(*ConversationType.values), 3)
_ACTOR_TYPE = Type(one_of("", *ActorType.values), "users", hidden="")
_READ_ONLY = Type(one_of(*ReadOnly.values), 0, hidden=0)
_LISTABLE = Type(one_of(*Listable.values), 0, hidden=0)
_LOBBY = Type(one_of(*LobbyState.values), 0, hidden=0)
_LEVEL = Type(one_of(*NotificationLevel.values), 2, hidden=NotificationLevel.NEVER.value)
_ZERO_OR_ONE = Type(one_of(0, 1), 0, hidden=0)
_MEMBERS = Type(
    any_of(map_of(reference("Member")), EMPTY_LIST),
    {"alice": example_of(MEMBER, "v1")},
    hidden=[],
)
_MESSAGE_ID = COUNT.showing(815)
_NEWEST_MESSAGE = Type(
    any_of(reference("Message"), EMPTY_LIST), example_of(MESSAGE, "v1"), hidden=[]
)
_READ_TEXT = "Number of the newest message: everybody has read everything."

_ALL_FLAGS_TEXT = f"Of all who are in the call. {IN_CALL_FLAGS_TEXT}"

#: A conversation as the caller sees it.
ROOM: Sequence[RoomField] = (
    _everybody("id", lambda v: v.conversation.pk, CONVERSATION_ID, "Number of the conversation."),
    _everybody(
        "token", lambda v: v.conversation.token, TOKEN, "What routes call the conversation by."
    ),
    _everybody(
        "type",
        views.type_before_v4,
        _CONVERSATION_TYPE_BEFORE_V4,
        "1 one-to-one, 2 group, 3 public.",
        TO_V3,
    ),
    _everybody(
        "type",
        lambda v: v.conversation.type,
        _CONVERSATION_TYPE,
        "1 one-to-one, 2 group, 3 public, 5 former one-to-one.",
        V4,
    ),
    _listed(
        "name", lambda v: v.name, _ROOM_NAME, "Raw name; in a one-to-one, that of the other user."
    ),
    _listed("displayName", lambda v: v.display_name, _ROOM_NAME, "Name to show."),
    _inside(
        "description",
        lambda v: v.conversation.description,
        _FREE_TEXT,
        "What it is about.",
        FROM_V3,
    ),
    _inside(
        "objectType",
        lambda v: v.conversation.object_type,
        _FREE_TEXT,
        "Kind of what it belongs to, or empty.",
    ),
    _inside(
        "objectId",
        lambda v: v.conversation.object_id,
        _FREE_TEXT,
        "Id of what it belongs to, or empty.",
    ),
    _inside(
        "participantType",
        lambda v: policies.role_of(v.conversation, v.attendee),
        ROLE,
        f"The caller's. {ROLE_TEXT}",
    ),
    _inside("participantInCall", views.is_in_call, BOOLEAN, "The caller is in the call.", V1),
    _inside(
        "participantFlags",
        views.in_call_flags,
        IN_CALL_FLAGS,
        f"The caller's. {IN_CALL_FLAGS_TEXT}",
    ),
    _constant("count", 0, "Always 0.", V1),
    _inside("numGuests", views.online_guests, COUNT, "Guests who are online.", V1),
    _inside(
        "participants",
        views.participants_by_name,
        _MEMBERS,
        "Users by name, newest ping first; an empty list if there is nobody to see.",
        V1,
    ),
    _constant("guestList", "", "Always empty.", TO_V3),
    _listed("readOnly", lambda v: v.conversation.read_only, _READ_ONLY, "1 if locked."),
    _listed(
        "listable",
        lambda v: v.conversation.listable,
        _LISTABLE,
        "Who finds it uninvited: 0 nobody, 1 users, 2 all.",
        FROM_V3,
    ),
    _everybody(
        "hasPassword", views.has_password, BOOLEAN.showing(False), "Newcomers need a password."
    ),
    _listed("hasCall", views.has_call, BOOLEAN, "A call is running.", TO_V3),
    _listed("hasCall", views.has_call_past_lobby, BOOLEAN, "A call is running.", V4),
    RoomField(
        "callFlag",
        views.call_flags,
        IN_CALL_FLAGS,
        f"{_ALL_FLAGS_TEXT} Only participants are sent it.",
        V2,
        sometimes=True,
    ),
    _listed("callFlag", views.call_flags, IN_CALL_FLAGS, _ALL_FLAGS_TEXT, V3),
    _listed("callFlag", views.call_flags_past_lobby, IN_CALL_FLAGS, _ALL_FLAGS_TEXT, V4),
    _inside("canStartCall", views.can_start_call, BOOLEAN, "The caller may start a call."),
    _inside(
        "canLeaveConversation",
        views.can_leave,
        BOOLEAN,
        "The caller can give up a membership.",
        FROM_V2,
    ),
    _inside(
        "canDeleteConversation", views.can_delete, BOOLEAN, "The caller may delete it.", FROM_V2
    ),
    _listed("lastActivity", views.last_activity, UNIX_TIME, "When something last happened here."),
    _inside(
        "isFavorite",
        lambda v: v.attendee.is_favorite,
        BOOLEAN.showing(False),
        "The caller has it among the favourites.",
    ),
    _inside(
        "notificationLevel", views.notification_level, _LEVEL, "1 always, 2 on mention, 3 never."
    ),
    _inside(
        "notificationCalls",
        views.notification_calls,
        _ZERO_OR_ONE.showing(1),
        "1 if calls are announced to the caller.",
        V4,
    ),
    _listed("lobbyState", views.lobby_state, _LOBBY, "1 if all but moderators have to wait."),
    _listed(
        "lobbyTimer",
        views.lobby_timer,
        UNIX_TIME.showing(0),
        "When the lobby falls by itself; 0 for never.",
    ),
    _inside("lastPing", views.last_ping, UNIX_TIME, "When the caller's device was last heard of."),
    _inside(
        "sessionId", views.session_id, SESSION_ID, "Id of the caller's session; 0 without one."
    ),
    _inside(
        "attendeeId",
        lambda v: v.attendee.pk,
        ATTENDEE_ID,
        "Number of the caller's membership; 0 outside.",
        FROM_V3,
    ),
    _inside(
        "actorType",
        lambda v: v.attendee.actor_type,
        _ACTOR_TYPE,
        "What the caller is; empty outside.",
        FROM_V3,
    ),
    _inside("actorId", views.actor_id, ACTOR_ID, "Name of the user or id of the guest.", FROM_V3),
    _constant("attendeePin", "", "Always empty: there is no dial-in.", FROM_V3),
    _constant("sipEnabled", 0, "Always 0: there is no dial-in.", FROM_V3),
    _constant("canEnableSIP", False, "Always false: there is no dial-in.", FROM_V3),
    _inside("permissions", views.permissions, PERMISSIONS, f"What counts. {PERMISSIONS_TEXT}", V4),
    _inside(
        "attendeePermissions",
        lambda v: v.attendee.permissions,
        LEVEL_PERMISSIONS,
        "Those of the caller alone.",
        V4,
    ),
    _inside(
        "callPermissions",
        lambda v: v.conversation.call_permissions,
        LEVEL_PERMISSIONS,
        "Those of the running call.",
        V4,
    ),
    _inside(
        "defaultPermissions",
        lambda v: v.conversation.default_permissions,
        LEVEL_PERMISSIONS,
        "Those of the conversation.",
        V4,
    ),
    _inside(
        "callStartTime", views.call_started_at, UNIX_TIME, "When the call began; 0 without one.", V4
    ),
    _constant("callRecording", 0, "Always 0: nothing records.", V4),
    _inside(
        "recordingConsent",
        views.recording_consent,
        _ZERO_OR_ONE,
        "1 if joining takes the consent.",
        V4,
    ),
    _constant("unreadMessages", 0, "Always 0: what happened counts as read."),
    _constant("unreadMention", False, "Always false: nobody writes."),
    _constant("unreadMentionDirect", False, "Always false: nobody writes.", V4),
    _inside("lastReadMessage", views.newest_message_id, _MESSAGE_ID, _READ_TEXT),
    _inside("lastCommonReadMessage", views.newest_message_id, _MESSAGE_ID, _READ_TEXT, FROM_V3),
    _inside(
        "lastMessage",
        views.newest_message,
        _NEWEST_MESSAGE,
        "The newest message; an empty list without one, and in the lobby.",
    ),
    _inside(
        "messageExpiration",
        lambda v: v.conversation.message_expiration,
        COUNT.showing(0),
        "Seconds after which messages expire, as it was set; those here do not.",
        V4,
    ),
    _constant("avatarVersion", "", "Always empty: there are no avatars.", V4),
    _constant("isCustomAvatar", False, "Always false: there are no avatars.", V4),
    _constant("breakoutRoomMode", 0, "Always 0: there are no breakout rooms.", V4),
    _constant("breakoutRoomStatus", 0, "Always 0: there are no breakout rooms.", V4),
    _inside(
        "mentionPermissions",
        lambda v: v.conversation.mention_permissions,
        _ZERO_OR_ONE,
        "Who may mention everybody, as it was set: 0 all, 1 moderators; there is no chat.",
        V4,
    ),
    _constant("isArchived", False, "Always false.", V4),
)


def _room_serializer(fields: Sequence[RoomField]) -> ObjectSerializer[Room]:
    """Return what makes the room objects of a version, for participants and outsiders."""
    inside = serializer_of((field.name, field.get) for field in fields)
    listed = serializer_of((field.name, field.listed) for field in fields if field.listed)
    unlisted = serializer_of((field.name, field.unlisted) for field in fields if field.unlisted)

    def serialize(room: Room) -> JSONObject:
        situation = room.situation
        if situation.attendee is not None:
            return inside(views.inside_view(room, situation.attendee))
        is_listed = policies.is_listed(situation.conversation)
        return (listed if is_listed else unlisted)(views.outside_view(situation))

    return serialize


#: The serializers of the room object by version.
ROOM_SERIALIZERS = {
    version: _room_serializer([row for row in ROOM if version in row.versions])
    for version in VERSIONS
}
