"""Every parameter has bounds, which are checked before its value is walked."""

import inspect
import time
from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import Field

from talk_calls.api.serializers import parameters, room_parameters
from talk_calls.api.serializers.fields import MessagesField, MomentField, PeopleField
from talk_calls.ocs.fields import (
    TEXT_MAX_LENGTH,
    BooleanField,
    ChoiceField,
    IntegerField,
    TextField,
)
from tests.attacks.cpu import allowed

FORMS = [
    form
    for module in (parameters, room_parameters)
    for _, form in inspect.getmembers(module, inspect.isclass)
    if issubclass(form, parameters.Parameters) and form.__module__ == module.__name__
]


def fields() -> Iterator[tuple[str, Field]]:
    for form in FORMS:
        for name, field in form().fields.items():
            yield f"{form.__name__}.{name}", field
            if isinstance(field, serializers.ListField):
                yield f"{form.__name__}.{name}[]", field.child


FIELDS = [pytest.param(field, id=name) for name, field in fields()]

HUGE = {
    "numbers": [1] * 100_000,
    "lists": [[]] * 100_000,
    "texts": ["a"] * 100_000,
    "object": dict.fromkeys(map(str, range(100_000))),
    "text": "a" * 250_000,
    "blank": " " * 250_000,
    "digits": "9" * 250_000,
    "number": 10**4000,
    "negative": -(10**4000),
}


def is_bounded(field: Field) -> bool:
    """Tell whether a field is of a kind that has bounds, and has them."""
    match field:
        case BooleanField() | ChoiceField() | MessagesField() | MomentField() | PeopleField():
            return True
        case IntegerField():
            return None not in (field.min_value, field.max_value)
        case TextField() | serializers.ListField():
            return field.max_length is not None
    return False


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_has_bounds(field):
    """A field without a bound fails here, and so does one of DRF's own, which have none."""
    assert is_bounded(field)


@pytest.mark.parametrize("bare", [serializers.CharField(), serializers.ListField(), Field()])
def test_fields_without_bounds_are_noticed(bare):
    """The check above would find them."""
    assert not is_bounded(bare)


@pytest.mark.parametrize("field", FIELDS)
def test_huge_values_are_refused_at_once(field):
    """Refusing a huge value costs nearly nothing, and its message is short."""
    for kind, value in HUGE.items():
        assert min(_cost(field, value) for _ in range(3)) < allowed(0.01), kind
        assert len(_answer(field, value)) <= TEXT_MAX_LENGTH, kind


def _cost(field: Field, value: object) -> float:
    start = time.process_time()
    _answer(field, value)
    return time.process_time() - start


def _answer(field: Field, value: object) -> str:
    """Return what is made of a value: the message if it is refused."""
    try:
        return str(field.run_validation(value))
    except (ValidationError, DjangoValidationError) as error:
        return f"refused: {error}"
