"""Parameter types that take what clients send: forms know only text (behaviour 2.6)."""

import re
from typing import Any

from rest_framework import serializers

_DIGITS = re.compile(r"\s*[+-]?[0-9]+\s*")


class IntegerField(serializers.IntegerField):
    """An integer, also as text; no fractions, no booleans, no garbage."""

    def to_internal_value(self, data: Any) -> int:
        """Return the integer; DRF alone would take ``True``, ``7.0`` and ``1_5``."""
        if isinstance(data, bool | float) or not _DIGITS.fullmatch(str(data)):
            self.fail("invalid")
        return super().to_internal_value(data)


class BooleanField(serializers.BooleanField):
    """A switch: false, 0, "none" and empty text are off, any other scalar is on."""

    def to_internal_value(self, data: Any) -> bool:
        """Return the switch's position."""
        if isinstance(data, list | dict):
            self.fail("invalid", input=data)
        return str(data).strip().lower() not in {"", "0", "false", "none"}


class TextField(serializers.CharField):
    """Text; without NUL and lone surrogates, which no database keeps."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("allow_blank", True)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the text; refuses what cannot be written as UTF-8."""
        text = super().to_internal_value(data)
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            self.fail("invalid")
        return text
