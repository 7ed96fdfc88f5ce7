"""Parsers of request bodies: JSON objects and forms, no XML."""

from collections.abc import Mapping
from typing import IO

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser

from talk_calls.ocs import json_text
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
            value = json_text.loads(body)
        except ValueError as error:
            raise ParseError("The body is not valid JSON.") from error
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise ParseError("The body is not a JSON object.")
        return dict(value)


PARSERS = (ObjectParser, FormParser, MultiPartParser)
