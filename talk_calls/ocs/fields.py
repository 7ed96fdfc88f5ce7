"""Fields of parameters that also accept text, as forms send it (behaviour 2.6).

Each has bounds. They are checked before anything walks or copies the value, so that a request costs
no more than reading its body.
"""

import re
from typing import Any

from rest_framework import serializers

#: Characters of any text; most parameters allow fewer.
TEXT_MAX_LENGTH = 10_000

#: What 64 bits hold, as the columns of databases do.
INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1

#: Characters of a number or of a choice that is sent as text, white space included.
_SCALAR_MAX_LENGTH = 100

_DIGITS = re.compile(r"\s*[+-]?[0-9]+\s*")
_SURROGATE = re.compile("[\ud800-\udfff]")


class IntegerField(serializers.IntegerField):
    """An integer of 64 bits or less, also as text; no fraction and no boolean."""

    def __init__(
        self,
        *,
        min_value: int | None = INTEGER_MIN,
        max_value: int | None = INTEGER_MAX,
        **kwargs: Any,
    ) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        """Return the integer; DRF alone would take ``True``, ``7.0`` and ``1_5``."""
        if not _is_short_scalar(data) or isinstance(data, bool | float):
            self.fail("invalid")
        if not _DIGITS.fullmatch(str(data)):
            self.fail("invalid")
        return super().to_internal_value(data)


class BooleanField(serializers.BooleanField):
    """A boolean: false, 0, "none" and empty text are False, any other scalar is True."""

    def to_internal_value(self, data: object) -> bool:
        """Return the boolean; refuses lists, objects and long text."""
        if not _is_short_scalar(data):
            self.fail("invalid")
        return str(data).strip().lower() not in {"", "0", "false", "none"}


class ChoiceField(serializers.ChoiceField):
    """One of a few values; DRF alone would write a list as text and repeat that to the client."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the value; refuses lists, objects and long text."""
        if not _is_short_scalar(data):
            self.fail("invalid_choice", input=type(data).__name__)
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """Text without NUL and lone surrogates, which databases do not store."""

    def __init__(
        self, *, allow_blank: bool = True, max_length: int = TEXT_MAX_LENGTH, **kwargs: Any
    ) -> None:
        super().__init__(allow_blank=allow_blank, max_length=max_length, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the text; refuses lists and objects before DRF writes them as text."""
        if isinstance(data, list | dict):
            self.fail("invalid")
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        """Return the text; refuses what cannot be written as UTF-8."""
        text = super().to_internal_value(data)
        # DRF looks at each character before it counts them.
        if self.max_length is not None and len(text) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        if _SURROGATE.search(text):
            self.fail("invalid")
        return text


def _is_short_scalar(data: object) -> bool:
    """Tell whether a value is no list and no object, and no longer than a number is."""
    if isinstance(data, str):
        return len(data) <= _SCALAR_MAX_LENGTH
    if isinstance(data, int):
        return INTEGER_MIN <= data <= INTEGER_MAX
    return not isinstance(data, list | dict)
