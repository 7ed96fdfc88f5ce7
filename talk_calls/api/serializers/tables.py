"""Objects that go out are tables of fields: one row says all there is to know about a field.

Both the serializers and the OpenAPI documents are made from the rows, so they cannot disagree. The
column ``versions`` shows how versions differ. A field whose value differs as well has two rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeAlias, TypeVar

from talk_calls.api.serializers.json_types import Schema
from talk_calls.api.versioning import VERSIONS
from talk_calls.ocs.json_types import JSON, JSONObject

Source = TypeVar("Source")

ALL = frozenset(VERSIONS)
V1, V2, V3, V4 = (frozenset({version}) for version in VERSIONS)
TO_V2, TO_V3 = V1 | V2, V1 | V2 | V3
FROM_V2, FROM_V3 = V2 | V3 | V4, V3 | V4


@dataclass(frozen=True, slots=True)
class Type:
    """A type of values: its schema, and the value that examples show.

    ``hidden`` is sent in place of a value that the caller may not see.
    """

    schema: Schema
    example: JSON
    hidden: JSON = None

    def showing(self, example: JSON) -> "Type":
        """Return the same type with another example."""
        return replace(self, example=example)


@dataclass(frozen=True, slots=True)
class Constant:
    """A getter that returns the same whatever the object is made of: a number, text or ``[]``."""

    value: JSON

    def __call__(self, source: object) -> JSON:
        """Return the value."""
        return self.value


@dataclass(frozen=True, slots=True)
class Field(Generic[Source]):
    """A field of an object.

    ``get`` returns the value, given what the object is made of. ``text`` is what the document says
    about the field, ``versions`` are those that have it. ``sometimes`` is True if not every object
    has it.
    """

    name: str
    get: Callable[[Source], JSON]
    type: Type
    text: str
    versions: frozenset[str] = ALL
    sometimes: bool = False


#: The fields of an object in all versions, in the order in which answers and documents have them.
Table: TypeAlias = Sequence[Field[Source]]

#: What makes the objects of one version.
ObjectSerializer: TypeAlias = Callable[[Source], JSONObject]


def fields_of(table: Table[Source], version: str) -> list[Field[Source]]:
    """Return the fields that a version has; an empty list if it does not know the object."""
    return [field for field in table if version in field.versions]


def example_of(table: Table[Source], version: str) -> JSONObject:
    """Return an object as an answer of a version might show it."""
    return {field.name: field.type.example for field in fields_of(table, version)}


def serializer_of(
    getters: Iterable[tuple[str, Callable[[Source], JSON]]],
) -> ObjectSerializer[Source]:
    """Return a function that makes an object: by each name what its getter returns.

    The function is generated, as those of dataclasses are. A loop would take longer than most of
    the getters do.
    """
    items: list[str] = []
    functions: dict[str, Callable[[Source], JSON]] = {}
    for name, get in getters:
        if isinstance(get, Constant):
            items.append(f"{name!r}: {get.value!r}")
        else:
            functions[f"get_{name}"] = get
            items.append(f"{name!r}: get_{name}(source)")
    serialize: ObjectSerializer[Source] = eval(  # noqa: S307 -- of nothing but our own tables
        f"lambda source: {{{', '.join(items)}}}", functions
    )
    return serialize


def serializers_of(table: Table[Source]) -> Mapping[str, ObjectSerializer[Source]]:
    """Return the serializers of an object by version, for those versions that know it."""
    by_version = {version: fields_of(table, version) for version in VERSIONS}
    return {
        version: serializer_of((field.name, field.get) for field in fields)
        for version, fields in by_version.items()
        if fields
    }
