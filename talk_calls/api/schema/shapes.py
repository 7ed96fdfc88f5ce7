"""The objects of the API in the words of OpenAPI, made from the tables of ``api/serializers``."""

from collections.abc import Mapping
from typing import Any

from talk_calls.api.serializers.bans import BAN
from talk_calls.api.serializers.calls import PEER
from talk_calls.api.serializers.json_types import Schema, object_of
from talk_calls.api.serializers.messages import MESSAGE
from talk_calls.api.serializers.participants import MEMBER, PARTICIPANT, PUBLISHED
from talk_calls.api.serializers.rooms import ROOM
from talk_calls.api.serializers.sessions import CONFLICT, END
from talk_calls.api.serializers.signaling import NEWS, SETTINGS, USER_IN_ROOM
from talk_calls.api.serializers.tables import Field, Table, fields_of
from talk_calls.api.serializers.visits import VISIT
from talk_calls.ocs.json_types import JSON

#: All objects by the names of their components.
TABLES: Mapping[str, Table[Any]] = {
    "Ban": BAN,
    "Conflict": CONFLICT,
    "End": END,
    "Member": MEMBER,
    "Message": MESSAGE,
    "News": NEWS,
    "Participant": PARTICIPANT,
    "Peer": PEER,
    "Published": PUBLISHED,
    "Room": ROOM,
    "Signaling": SETTINGS,
    "UserInRoom": USER_IN_ROOM,
    "Visit": VISIT,
}


def properties_of(table: Table[Any], version: str) -> dict[str, Schema]:
    """Return the types of an object's fields by name; none if the version does not know it."""
    return {field.name: _described(field) for field in fields_of(table, version)}


def schema_of(table: Table[Any], version: str) -> Schema:
    """Return the type of an object in a version, with all its fields and no others."""
    always = [field.name for field in fields_of(table, version) if not field.sometimes]
    return object_of(properties_of(table, version), always)


def _described(field: Field[Any]) -> dict[str, JSON]:
    return {**field.type.schema, "description": field.text}
