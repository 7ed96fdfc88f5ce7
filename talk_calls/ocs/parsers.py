"""Readers of request bodies: JSON objects and forms. There is no XML parser at all."""

import json
from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser


class ObjectParser(BaseParser):
    """A JSON body, which must be an object; nothing and ``null`` are an empty one."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> dict[str, Any]:
        """Return the object; raises ``ParseError`` for anything else."""
        body = stream.read()
        if not body.strip():
            return {}
        try:
            # RecursionError: a body of nothing but brackets. ValueError: all other nonsense.
            value = json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError("The body is not valid JSON.") from error
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise ParseError("The body is not a JSON object.")
        return dict(value)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


PARSERS = (ObjectParser, FormParser, MultiPartParser)
