"""Types of values that more than one object has, and what they are made of."""

from datetime import datetime
from typing import Any

from talk_calls.api.serializers.json_types import TEXT, Schema, one_of
from talk_calls.api.serializers.tables import ALL, Constant, Field, Type
from talk_calls.constants import NO_SESSION_ID, ActorType, InCallFlag, ParticipantType, Permission

_COUNT: Schema = {"type": "integer", "minimum": 0}

BOOLEAN = Type({"type": "boolean"}, True, hidden=False)
COUNT = Type(_COUNT, 0, hidden=0)
UNIX_TIME = Type(
    {**_COUNT, "format": "int64", "description": "Unix seconds."}, 1_700_000_000, hidden=0
)

CONVERSATION_ID = Type(_COUNT, 7)
TOKEN = Type(TEXT, "weekly7")
SESSION_ID = Type(TEXT, "aB3dE6gH9j…", hidden=NO_SESSION_ID)

ATTENDEE_ID = Type(_COUNT, 42, hidden=0)
ACTOR_TYPE = Type(one_of(*ActorType.values), "users")
ACTOR_ID = Type(TEXT, "alice", hidden="")
PERSON_NAME = Type(TEXT, "Alice")

#: The type of a participant; a caller who is none looks like a guest.
ROLE = Type(one_of(*ParticipantType.values), 1, hidden=ParticipantType.GUEST.value)
ROLE_TEXT = (
    "Role: 1 owner, 2 moderator, 3 user, 4 guest, 5 user who followed the link, 6 guest moderator."
)

IN_CALL_FLAGS = Type({**_COUNT, "maximum": InCallFlag.ALL}, 7, hidden=InCallFlag.DISCONNECTED)
IN_CALL_BITS = "Bit field: 1 in the call, 2 audio, 4 video, 8 by phone"
IN_CALL_FLAGS_TEXT = f"{IN_CALL_BITS}; 0 not in the call."

#: What somebody may do, whichever level says so.
PERMISSIONS = Type(
    {**_COUNT, "maximum": Permission.MAX_CUSTOM}, Permission.MAX_DEFAULT, hidden=Permission.CUSTOM
)
#: What one level says: the attendee's, the call's or the conversation's.
LEVEL_PERMISSIONS = PERMISSIONS.showing(Permission.DEFAULT)
PERMISSION_BITS = (
    "2 start calls, 4 join calls, 8 ignore the lobby, 16 audio, 32 video, 64 screen, 128 chat,"
    " 256 react; 0 takes the next level."
)
PERMISSIONS_TEXT = f"Bit field: 1 set on purpose, {PERMISSION_BITS}"


def type_of(value: str | int | bool) -> Type:
    """Return the type of a value that is always the same."""
    return Type(BOOLEAN.schema if isinstance(value, bool) else one_of(value), value)


def constant(
    name: str, value: str | int | bool, text: str, versions: frozenset[str] = ALL
) -> Field[Any]:
    """Return a field that has the same value in every object."""
    return Field(name, Constant(value), type_of(value), text, versions)


def unix_time(moment: datetime) -> int:
    """Return a time in whole Unix seconds."""
    return int(moment.timestamp())
