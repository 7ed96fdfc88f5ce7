"""Parsers of request bodies: JSON objects and forms, no XML."""

import json
from collections.abc import Mapping
from typing import IO, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser

from talk_calls.ocs.json_types import JSONObject


class ObjectParser(BaseParser):
    """A JSON body, which must be an object; an empty body and ``null`` are an empty object."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, object] | None = None,
    ) -> JSONObject:
        """Return the object; raises ``ParseError`` for anything else."""
        body = stream.read()
        if not body.strip():
            return {}
        try:
            # RecursionError: too many nested brackets. ValueError: anything else that is no JSON.
            value = json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError("The body is not valid JSON.") from error
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise ParseError("The body is not a JSON object.")
        return dict(value)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


PARSERS = (ObjectParser, FormParser, MultiPartParser)
