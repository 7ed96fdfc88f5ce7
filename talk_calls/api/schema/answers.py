"""Answers of success: the data in its envelope, with an example."""

from http import HTTPStatus

from talk_calls.api.operations import Data, Operation
from talk_calls.api.schema.shapes import TABLES, schema_of
from talk_calls.api.serializers.json_types import (
    EMPTY_LIST,
    TEXT,
    Schema,
    any_of,
    list_of,
    object_of,
    one_of,
    reference,
)
from talk_calls.api.serializers.rooms import ROOM
from talk_calls.api.serializers.tables import example_of, fields_of
from talk_calls.ocs import envelope
from talk_calls.ocs.json_types import JSON, JSONObject

MEDIA_JSON, _XML, _CSV = "application/json", "application/xml", "text/csv"
_SVG = "image/svg+xml"

_CSV_EXAMPLE = "name,email,type,identifier\r\nAlice,alice@example.org,users,alice\r\n"

#: Answers that are one component, or a list of it.
_COMPONENTS = {
    Data.PEERS: ("Peer", True),
    Data.PARTICIPANTS: ("Participant", True),
    Data.MESSAGES: ("Message", True),
    Data.NEWS: ("News", True),
    Data.SIGNALING: ("Signaling", False),
    Data.VISIT: ("Visit", False),
    Data.BAN: ("Ban", False),
    Data.BANS: ("Ban", True),
}
#: Everything that ``statuscode`` can be: of successes, and of failures.
_GOOD_CODES = (200, 201)
_BAD_CODES = (400, 403, 404, 409, 412, 413, 415, 429, 503, envelope.OCS_UNAUTHORISED)

_HEADERS = {
    "Content-Disposition": "The name of the file.",
    "Retry-After": "Seconds after which to try again.",
    "WWW-Authenticate": "How to log in.",
    "X-Chat-Last-Common-Read": "The newest message: everybody has read everything.",
    "X-Chat-Last-Given": "The message to name as known with the next request.",
    "X-Nextcloud-Talk-Hash": "Changes when the capabilities are to be read anew.",
    "X-Nextcloud-Talk-Modified-Before": "What to ask for next as `modifiedSince`.",
}


def components(version: str) -> dict[str, Schema]:
    """Return the objects of a version by name."""
    known = {name: table for name, table in TABLES.items() if fields_of(table, version)}
    found = {name: schema_of(table, version) for name, table in known.items()}
    if version == "v1":
        found |= {"RoomOfV2": schema_of(ROOM, "v2"), "RoomOfV4": schema_of(ROOM, "v4")}
    found |= {f"Meta{code}": _meta(code) for code in (*_GOOD_CODES, *_BAD_CODES)}
    return {**found, "XML": {"type": "object", "xml": {"name": "ocs"}, "description": _XML_TEXT}}


_XML_TEXT = (
    "The same envelope as XML: items of a list are called `element`, true is 1, and false, null,"
    " empty text and empty lists are empty elements."
)


def enveloped(data: Schema, code: int) -> Schema:
    """Return the schema of an answer under ``/ocs/v2.php``."""
    meta = reference(f"Meta{int(code)}")
    return object_of({"ocs": object_of({"meta": meta, "data": data})})


def _meta(code: int) -> Schema:
    """Return the schema of what an envelope says about its content."""
    status = "ok" if code in _GOOD_CODES else "failure"
    return object_of({"status": one_of(status), "statuscode": one_of(code), "message": TEXT})


def media(schema: Schema, value: JSON, *types: str) -> dict[str, Schema]:
    """Return the content of an answer in JSON, and in XML and the like."""
    return {
        MEDIA_JSON: {"schema": schema, "example": value},
        **{kind: {"schema": reference("XML")} for kind in (_XML, *types)},
    }


def headers(*names: str) -> dict[str, Schema]:
    """Return the description of headers; empty if there are none."""
    found: Schema = {name: {"description": _HEADERS[name], "schema": TEXT} for name in names}
    return {"headers": found} if found else {}


def successes(operation: Operation, version: str) -> dict[str, Schema]:
    """Return the answers of success by status; that nothing changed is one of them."""
    unchanged = {"304": {"description": operation.unchanged}} if operation.unchanged else {}
    return unchanged | {
        str(int(status)): {
            "description": answer.value,
            **headers(*operation.headers),
            "content": _content(answer, status, _room_of(operation, version)),
        }
        for status, answer in sorted(operation.answers.items())
    }


def _room_of(operation: Operation, version: str) -> tuple[Schema, JSONObject, str]:
    """Return schema and example of the room that an operation returns, and the version."""
    other = operation.v1_as_v2 and version == "v1"
    name = "RoomOfV2" if other else "Room"
    return reference(name), example_of(ROOM, "v2" if other else version), version


def _content(
    answer: Data, status: HTTPStatus, room: tuple[Schema, JSONObject, str]
) -> dict[str, Schema]:
    if answer is Data.FILE:
        return {_CSV: {"schema": TEXT, "example": _CSV_EXAMPLE}}
    if answer is Data.PICTURE:
        return {_SVG: {"schema": TEXT, "example": "<svg/>"}}
    schema, value = _data(answer, *room)
    _, body = envelope.success_v2(int(status), value)
    return media(enveloped(schema, status), body)


def _data(
    answer: Data, room: Schema, room_example: JSONObject, version: str
) -> tuple[Schema, JSON]:
    """Return schema and example of the data."""
    if answer in _COMPONENTS:
        name, is_list = _COMPONENTS[answer]
        one = example_of(TABLES[name], version)
        return (list_of(reference(name)), [one]) if is_list else (reference(name), one)
    match answer:
        case Data.ROOM:
            return room, room_example
        case Data.ROOMS:
            return list_of(room), [room_example]
        case _:
            return _OTHERS.get(answer, (EMPTY_LIST, []))


#: Schema and example of what is the same in all versions.
_OTHERS: dict[Data, tuple[Schema, JSON]] = {
    Data.ROOM_OF_V4: (reference("RoomOfV4"), example_of(ROOM, "v4")),
    Data.NO_FIELDS: ({"type": "object", "maxProperties": 0}, {}),
    Data.INVITED: (any_of(EMPTY_LIST, reference("Published")), []),
}
