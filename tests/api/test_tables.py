"""The tables of fields from which serializers and documents are made."""

import pytest
from jsonschema import Draft202012Validator

from talk_calls.api.schema.shapes import TABLES
from talk_calls.api.serializers.json_types import one_of
from talk_calls.api.serializers.rooms import ROOM
from talk_calls.api.serializers.tables import (
    FROM_V3,
    TO_V2,
    V1,
    Constant,
    Field,
    Type,
    example_of,
    fields_of,
    serializers_of,
)

NUMBER = Type(one_of(1, 2), 1)
TABLE = (
    Field("new", lambda source: source + 1, NUMBER, "In new versions.", FROM_V3),
    Field("both", lambda source: source, NUMBER, "Differs.", TO_V2),
    Field("both", lambda source: -source, NUMBER.showing(2), "Differs.", FROM_V3),
)


def test_each_version_has_its_fields():
    """A version has the rows that name it, in the order of the table, and the values of those."""
    serializers = serializers_of(TABLE)
    assert serializers["v1"](5) == serializers["v2"](5) == {"both": 5}
    assert list(serializers["v4"](5).items()) == [("new", 6), ("both", -5)]
    assert example_of(TABLE, "v1") == {"both": 1}
    assert example_of(TABLE, "v3") == {"new": 1, "both": 2}


def test_version_that_does_not_know_the_object():
    """A version of which no row is has no serializer."""
    assert set(serializers_of(TABLE[:1])) == FROM_V3


def test_constants_are_not_shared():
    """Changing the empty list of one object changes no other."""
    serialize = serializers_of([Field("all", Constant([]), NUMBER, "", V1)])["v1"]
    serialize(None)["all"].append(1)
    assert serialize(None) == {"all": []}


@pytest.mark.parametrize("name", TABLES)
def test_no_field_stands_twice(name, version):
    """Two rows of one name would hide each other."""
    names = [field.name for field in fields_of(TABLES[name], version)]
    assert len(set(names)) == len(names)


def test_what_outsiders_see_is_of_the_type():
    """A value that stands for a hidden one is one that the document allows."""
    checked = [
        (field, get.value)
        for field in ROOM
        for get in (field.listed, field.unlisted)
        if isinstance(get, Constant)
    ]
    assert checked
    for field, value in checked:
        schema = {**field.type.schema, "components": {"schemas": {"Member": {}, "Message": {}}}}
        assert Draft202012Validator(schema).is_valid(value), field.name
