"""Answers of success: the data in its envelope, with an example."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from talk_calls.api.operations import Data, Operation
from talk_calls.api.schema.shapes import (
    CONFLICT,
    MEMBER,
    NEWS,
    NOTHING,
    PARTICIPANT,
    PEER,
    PUBLISHED,
    ROOM,
    SIGNALING,
    TEXT,
    USER_IN_ROOM,
    Schema,
    Shape,
    described,
    example,
    list_of,
    object_of,
    one_of,
)
from talk_calls.ocs import envelope

JSON, XML, CSV = "application/json", "application/xml", "text/csv"
SVG = "image/svg+xml"

_SHAPES: dict[str, Shape] = {
    "Conflict": CONFLICT,
    "Member": MEMBER,
    "News": NEWS,
    "Participant": PARTICIPANT,
    "Peer": PEER,
    "Published": PUBLISHED,
    "Room": ROOM,
    "Signaling": SIGNALING,
    "UserInRoom": USER_IN_ROOM,
}
_ONLY_SIGNALING = ("News", "Signaling", "UserInRoom")
#: Answers that are one component, or a list of it.
_COMPONENTS = {
    Data.PEERS: ("Peer", True),
    Data.PARTICIPANTS: ("Participant", True),
    Data.NEWS: ("News", True),
    Data.SIGNALING: ("Signaling", False),
}
#: Everything that ``statuscode`` can be: of successes, and of failures.
_GOOD_CODES = (200, 201)
_BAD_CODES = (400, 403, 404, 409, 412, 413, 415, 429, 503, envelope.OCS_UNAUTHORISED)

_HEADERS = {
    "Content-Disposition": "The name of the file.",
    "Retry-After": "Seconds after which to try again.",
    "WWW-Authenticate": "How to log in.",
    "X-Nextcloud-Talk-Hash": "Changes when the capabilities are to be read anew.",
    "X-Nextcloud-Talk-Modified-Before": "What to ask for next as `modifiedSince`.",
}


def reference(name: str) -> Schema:
    """Return the schema that stands for a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def components(version: str) -> dict[str, Schema]:
    """Return the objects of a version by name."""
    found = {name: described(shape, version) for name, shape in _SHAPES.items()}
    if version == "v1":
        found["RoomOfV2"] = described(ROOM, "v2")
    else:
        del found["Member"]
    if version == "v4":  # which has no signaling
        found = {name: schema for name, schema in found.items() if name not in _ONLY_SIGNALING}
    found |= {f"Meta{code}": _meta(code) for code in (*_GOOD_CODES, *_BAD_CODES)}
    return {**found, "XML": {"type": "object", "xml": {"name": "ocs"}, "description": _XML}}


_XML = (
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


def media(schema: Schema, value: Any, *types: str) -> dict[str, Any]:
    """Return the content of an answer in JSON, and in XML and the like."""
    return {
        JSON: {"schema": schema, "example": value},
        **{kind: {"schema": reference("XML")} for kind in (XML, *types)},
    }


def headers(*names: str) -> dict[str, Any]:
    """Return the description of headers; empty if there are none."""
    described = {name: {"description": _HEADERS[name], "schema": TEXT} for name in names}
    return {"headers": described} if described else {}


def successes(operation: Operation, version: str) -> dict[str, Any]:
    """Return the answers of success by status."""
    return {
        str(int(status)): {
            "description": answer.value,
            **headers(*operation.headers),
            "content": _content(answer, status, _room_of(operation, version)),
        }
        for status, answer in sorted(operation.answers.items())
    }


def _room_of(operation: Operation, version: str) -> tuple[Schema, Mapping[str, Any], str]:
    """Return schema and example of the room that an operation returns, and the version."""
    other = operation.v1_as_v2 and version == "v1"
    name = "RoomOfV2" if other else "Room"
    return reference(name), example(ROOM, "v2" if other else version), version


def _content(
    answer: Data, status: HTTPStatus, room: tuple[Schema, Mapping[str, Any], str]
) -> dict[str, Any]:
    if answer is Data.FILE:
        value = "name,email,type,identifier\r\nAlice,alice@example.org,users,alice\r\n"
        return {CSV: {"schema": TEXT, "example": value}}
    if answer is Data.PICTURE:
        return {SVG: {"schema": TEXT, "example": "<svg/>"}}
    schema, value = _data(answer, *room)
    _, body = envelope.success_v2(int(status), value)
    return media(enveloped(schema, status), body)


def _data(
    answer: Data, room: Schema, room_example: Mapping[str, Any], version: str
) -> tuple[Schema, Any]:
    """Return schema and example of the data."""
    if answer in _COMPONENTS:
        name, is_list = _COMPONENTS[answer]
        one = example(_SHAPES[name], version)
        return (list_of(reference(name)), [one]) if is_list else (reference(name), one)
    match answer:
        case Data.ROOM:
            return room, room_example
        case Data.ROOMS:
            return list_of(room), [room_example]
        case Data.INVITED:
            return {"anyOf": [NOTHING, reference("Published")]}, []
        case _:
            return NOTHING, []
