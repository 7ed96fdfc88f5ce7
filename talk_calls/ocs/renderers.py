"""Renderers of the envelope as JSON and XML (behaviour 2.4)."""

import json
import re
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from rest_framework.renderers import BaseRenderer

from talk_calls.ocs.json_types import JSON, JSONObject

#: Characters that XML 1.0 cannot carry in any notation, surrogates included.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")


class OCSJSONRenderer(BaseRenderer):
    """``application/json``: ASCII only, no whitespace."""

    media_type = "application/json"
    format = "json"
    charset = "utf-8"

    def render(
        self,
        data: JSON,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, object] | None = None,
    ) -> bytes:
        """Return the envelope as JSON."""
        return json.dumps(data, separators=(",", ":")).encode()


class OCSXMLRenderer(BaseRenderer):
    """``application/xml`` as Talk's clients expect it: lists of ``element``, no types."""

    media_type = "application/xml"
    format = "xml"
    charset = "utf-8"

    def render(
        self,
        data: JSONObject,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, object] | None = None,
    ) -> bytes:
        """Return the envelope as XML; its one key names the root element."""
        lines = ['<?xml version="1.0"?>']
        for name, value in data.items():
            _append(lines, name, value, depth=0)
        return ("\n".join(lines) + "\n").encode()


class CSVRenderer(BaseRenderer):
    """``text/csv`` of views that build the file themselves; a failure has an empty body."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: object,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, object] | None = None,
    ) -> bytes:
        """Return an empty body."""
        return b""


class UnknownRouteXMLRenderer(OCSXMLRenderer):
    """The XML of unknown routes, whose media type is ``text/xml`` (behaviour 2.1)."""

    media_type = "text/xml"


def _append(lines: list[str], name: str, value: JSON, depth: int) -> None:
    indent = " " * depth
    start, end = _tags(name)
    if isinstance(value, Mapping | list | tuple) and value:
        lines.append(f"{indent}<{start}>")
        for child, item in _children(value):
            _append(lines, child, item, depth + 1)
        lines.append(f"{indent}</{end}>")
        return
    text = _text(value)
    lines.append(f"{indent}<{start}>{text}</{end}>" if text else f"{indent}<{start}/>")


def _children(value: Mapping[str, JSON] | Sequence[JSON]) -> list[tuple[str, JSON]]:
    if isinstance(value, Mapping):
        return [(str(key), item) for key, item in value.items()]
    return [("element", item) for item in value]


def _tags(name: str) -> tuple[str, str]:
    """Return start and end tag; a key that is no XML name (a user id) becomes an attribute."""
    if _NAME.match(name):
        return name, name
    return f"element name={quoteattr(_legal(name))}", "element"


def _text(value: JSON) -> str:
    if value is True:
        return "1"
    if value is None or value is False or isinstance(value, Mapping | list | tuple):
        return ""
    # An XML parser reads a carriage return as a line feed unless it is written as a reference.
    return escape(_legal(str(value)), {"\r": "&#13;"})


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
