"""Who is connected to a call (behaviour 4.2)."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from talk_calls.api.serializers.tables import FROM_V3, TO_V2, Field, Table, serializers_of
from talk_calls.api.serializers.types import (
    ACTOR_ID,
    ACTOR_TYPE,
    PERSON_NAME,
    SESSION_ID,
    TOKEN,
    UNIX_TIME,
    unix_time,
)
from talk_calls.constants import ActorType

#: A row of ``models.sessions.call_peers``.
Row = Mapping[str, Any]


def _user_id(row: Row) -> str:
    """Return the name of a user as text: a directory may name users by numbers or UUIDs."""
    name = row["user_name"]
    return "" if name is None else str(name)


def _actor_id(row: Row) -> str:
    return _user_id(row) if row["actor_type"] == ActorType.USERS else str(row["actor_id"])


def _display_name(row: Row) -> str:
    return row["display_name"] or _user_id(row)


def _last_ping(row: Row) -> int:
    return unix_time(row["last_ping"])


#: Somebody who is connected to a call.
PEER: Table[Row] = (
    Field("userId", _user_id, ACTOR_ID, "Name of the user; empty for everybody else.", TO_V2),
    Field("actorType", itemgetter("actor_type"), ACTOR_TYPE, "What the person is.", FROM_V3),
    Field("actorId", _actor_id, ACTOR_ID, "Name of the user, or id of the guest.", FROM_V3),
    Field(
        "displayName", _display_name, PERSON_NAME, "Name to show; guests may have none.", FROM_V3
    ),
    Field("token", itemgetter("token"), TOKEN, "Token of the conversation."),
    Field("lastPing", _last_ping, UNIX_TIME, "When the device was last heard of."),
    Field("sessionId", itemgetter("session_id"), SESSION_ID, "Id of the device's session."),
)

#: The serializers of a peer by version.
PEER_SERIALIZERS = serializers_of(PEER)
