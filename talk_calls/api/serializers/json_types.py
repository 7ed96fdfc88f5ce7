"""Types of JSON values as OpenAPI writes them: plain data, which serializers and the schema use."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from talk_calls.ocs.json_types import JSON

#: A type, in the words of OpenAPI 3.0.
Schema: TypeAlias = Mapping[str, JSON]

TEXT: Schema = {"type": "string"}
EMPTY_LIST: Schema = {"type": "array", "items": {}, "maxItems": 0}


def one_of(*values: int | str) -> Schema:
    """Return the type of a value that is one of a few, all of them text or all numbers."""
    return {"type": "string" if isinstance(values[0], str) else "integer", "enum": list(values)}


def list_of(items: Schema) -> Schema:
    """Return the type of a list."""
    return {"type": "array", "items": items}


def map_of(values: Schema) -> Schema:
    """Return the type of an object with any names, whose values all have the type ``values``."""
    return {"type": "object", "additionalProperties": values}


def any_of(*types: Schema) -> Schema:
    """Return the type of a value that has one of several types."""
    return types[0] if len(types) == 1 else {"anyOf": list(types)}


def object_of(properties: Mapping[str, Schema], required: Sequence[str] | None = None) -> Schema:
    """Return the type of an object with these properties and no others.

    ``required`` names those that are always sent; all of them are if it is None.
    """
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


def reference(name: str) -> Schema:
    """Return the type that the component ``name`` of the document describes."""
    return {"$ref": f"#/components/schemas/{name}"}
