"""Fields of parameters that also accept text, as forms send it (behaviour 2.6)."""

import re
from typing import Any

from rest_framework import serializers

_DIGITS = re.compile(r"\s*[+-]?[0-9]+\s*")


class IntegerField(serializers.IntegerField):
    """An integer, also as text; no fraction and no boolean."""

    def to_internal_value(self, data: Any) -> int:
        """Return the integer; DRF alone would take ``True``, ``7.0`` and ``1_5``."""
        is_number = isinstance(data, int) and not isinstance(data, bool)
        if not is_number and not (isinstance(data, str) and _DIGITS.fullmatch(data)):
            self.fail("invalid")
        return super().to_internal_value(data)


class BooleanField(serializers.BooleanField):
    """A boolean: false, 0, "none" and empty text are False, any other scalar is True."""

    def to_internal_value(self, data: object) -> bool:
        """Return the boolean; refuses lists and objects."""
        if isinstance(data, list | dict):
            self.fail("invalid", input=data)
        return str(data).strip().lower() not in {"", "0", "false", "none"}


class TextField(serializers.CharField):
    """Text without NUL and lone surrogates, which databases do not store."""

    def __init__(self, *, allow_blank: bool = True, **kwargs: Any) -> None:
        super().__init__(allow_blank=allow_blank, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the text; refuses what cannot be written as UTF-8."""
        text = super().to_internal_value(data)
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            self.fail("invalid")
        return text
