"""Content negotiation: the renderer of a response and the parser of a body (behaviour 2.1)."""

from collections.abc import Iterable
from typing import cast

from rest_framework.exceptions import APIException, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from talk_calls.ocs.json_types import JSONObject

DEFAULT_FORMAT = "xml"


class OCSContentNegotiation(BaseContentNegotiation):
    """``format`` parameter, else the ``Accept`` header, else XML."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """Return the parser whose media type is that of the body, or None."""
        media_type = (request.content_type or "").split(";")[0].strip().lower()
        if media_type.endswith("+json"):
            media_type = "application/json"
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return renderer and media type; raises ``ParseError`` for an unknown ``format``."""
        by_format = {str(renderer.format): renderer for renderer in renderers}
        wanted = _format_parameter(request) or self.accepted_format(request) or DEFAULT_FORMAT
        if wanted not in by_format:
            raise ParseError("The format is either json or xml.")
        renderer = by_format[wanted]
        return renderer, str(renderer.media_type)

    def accepted_format(self, request: Request) -> str | None:
        """Return the first entry that is exactly json or xml, without parameters such as q."""
        for entry in request.headers.get("Accept", "").lower().split(","):
            name = entry.strip().removeprefix("application/")
            if name in {"json", "xml"}:
                return name
        return None


class ParameterNegotiation(OCSContentNegotiation):
    """``format`` parameter, else XML: unknown routes ignore ``Accept`` (behaviour 2.1)."""

    def accepted_format(self, request: Request) -> str | None:
        """Return None."""
        return None


def _format_parameter(request: Request) -> str | None:
    if "format" in request.query_params:
        return request.query_params["format"]
    if not hasattr(request._request, "_body"):
        return None  # the body is too large, or the request was refused before it was read
    try:
        wanted = cast(JSONObject, request.data).get("format")
    except APIException as error:
        # `parameters.merged` raises it, after authentication and permissions. DRF raises it once.
        request.unreadable = error  # type: ignore[attr-defined]
        return None
    # What is no text is no format; the text of a list might be as long as the body.
    return wanted if wanted is None or isinstance(wanted, str) else type(wanted).__name__
