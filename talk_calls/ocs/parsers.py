"""Parsers of request bodies: JSON objects and forms, no XML."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser

from talk_calls.ocs import json_text
from talk_calls.ocs.json_types import JSONObject

#: Parts of a form in ``multipart/form-data``.
MOST_PARTS = 100


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
            value = json_text.read(body)
        except ValueError as error:
            raise ParseError("The body is not valid JSON.") from error
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise ParseError("The body is not a JSON object.")
        return dict(value)


class FewPartsParser(MultiPartParser):
    """A body of type ``multipart/form-data`` with no more parts than a request has parameters.

    Each part costs a hundred times as much as a field of another form.
    """

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the form; raises ``ParseError`` if it cannot be read or has too many parts."""
        body = stream.read()
        _, options = parse_header_parameters(media_type or "")
        boundary = f"--{options.get('boundary', '')}".encode(errors="replace")
        if body.count(boundary) > MOST_PARTS + 1:  # one more ends the last part
            raise ParseError(f"The form has more than {MOST_PARTS} parts.")
        return super().parse(BytesIO(body), media_type, parser_context)


PARSERS = (ObjectParser, FormParser, FewPartsParser)
