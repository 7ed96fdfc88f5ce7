"""Parameter types that take what clients send: forms know only text (talk-api.md 2.6)."""

from typing import Any

from rest_framework import serializers


class IntegerField(serializers.IntegerField):
    """An integer, also as text; no fractions, no booleans, no garbage."""

    def to_internal_value(self, data: Any) -> int:
        """Return the integer; DRF alone would take ``True`` and ``7.0``."""
        if isinstance(data, bool | float):
            self.fail("invalid")
        return super().to_internal_value(data)


class BooleanField(serializers.BooleanField):
    """A switch: false, 0 and empty text are off, any other scalar is on."""

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
