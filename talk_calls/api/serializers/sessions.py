"""The device that is in the way of a join (behaviour 6.4), and why a session is gone."""

from talk_calls.api.serializers.json_types import one_of
from talk_calls.api.serializers.tables import Field, Table, Type, serializers_of
from talk_calls.api.serializers.types import (
    IN_CALL_FLAGS,
    IN_CALL_FLAGS_TEXT,
    SESSION_ID,
    UNIX_TIME,
)
from talk_calls.constants import SessionEnd
from talk_calls.exceptions import SessionConflict

#: A session that is in the call already.
CONFLICT: Table[SessionConflict] = (
    Field(
        "sessionId",
        lambda conflict: conflict.session_id,
        SESSION_ID,
        "Id of the session that is in the call.",
    ),
    Field("inCall", lambda conflict: conflict.in_call, IN_CALL_FLAGS, IN_CALL_FLAGS_TEXT),
    Field("lastPing", lambda conflict: conflict.last_ping, UNIX_TIME, "When it was last heard of."),
)

#: The same in all versions, though only v4 names what a refusal is about.
serialize_conflict = serializers_of(CONFLICT)["v4"]

#: What pages read as the data of an answer that ends their session.
END: Table[SessionEnd] = (
    Field(
        "reason",
        lambda end: end.value,
        Type(one_of(*(end for end in SessionEnd.values if end != SessionEnd.LEFT)), "replaced"),
        "Why the session of a window that names itself is gone.",
    ),
)

serialize_end = serializers_of(END)["v4"]
