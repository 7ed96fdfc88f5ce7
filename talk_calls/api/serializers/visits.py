"""What the call page asks about a conversation: an extension of ours."""

from typing import Any

from talk_calls.api.serializers.json_types import TEXT, Schema, list_of
from talk_calls.api.serializers.tables import V1, Field, Table, Type, serializers_of
from talk_calls.api.serializers.types import BOOLEAN, COUNT
from talk_calls.constants import LegReason, SessionEnd
from talk_calls.reports.visits import Visit


def _nullable(schema: Schema) -> dict[str, Any]:
    return {**schema, "nullable": True}


#: What is told of sessions that ended; what a client did itself is not.
_TOLD_ENDS = [end for end in SessionEnd.values if end != SessionEnd.LEFT]

#: A conversation as a visitor of the call page sees it.
VISIT: Table[Visit] = (
    Field(
        "displayName",
        lambda visit: visit.name,
        Type(TEXT, "Weekly"),
        "Name; empty in front of a password.",
        V1,
    ),
    Field(
        "people",
        lambda visit: list(visit.people),
        Type(list_of(TEXT), ["Alice"]),
        "Names of people in the call, 20 at most; empty where they may not be seen.",
        V1,
    ),
    Field(
        "count",
        lambda visit: visit.count,
        Type(_nullable(COUNT.schema), 1),
        "How many people are in the call; null where that may not be seen.",
        V1,
    ),
    Field(
        "moderatorTold",
        lambda visit: visit.moderator_told,
        BOOLEAN.showing(False),
        "Whether a moderator is there and sees that the caller waits in the lobby.",
        V1,
    ),
    Field(
        "callEnd",
        lambda visit: visit.call_end,
        Type({"type": "string", "nullable": True, "enum": [*LegReason.values, None]}, "removed"),
        "Why the caller's session left the call last; null while it is in, or never was.",
        V1,
    ),
    Field(
        "sessionEnd",
        lambda visit: visit.session_end,
        Type({"type": "string", "nullable": True, "enum": [*_TOLD_ENDS, None]}, "removed"),
        "Why the window's session is gone; null while there is one, or if nobody knows.",
        V1,
    ),
    Field(
        "otherDevices",
        lambda visit: visit.other_devices,
        COUNT,
        "Other sessions of the caller's account in the call.",
        V1,
    ),
    Field(
        "ban",
        lambda visit: visit.ban,
        Type(_nullable(TEXT), "See you tomorrow."),
        "What a moderator wants the caller to read who is banned; null if the caller is not.",
        V1,
    ),
)

VISIT_SERIALIZERS = serializers_of(VISIT)
