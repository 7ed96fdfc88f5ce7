"""How drf-spectacular reads our views: from ``operations``, and not by guessing."""

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.fields import empty
from rest_framework.permissions import BasePermission
from rest_framework.serializers import Field

from talk_calls.api.operations import Form, Operation
from talk_calls.api.schema.answers import successes
from talk_calls.api.schema.refusals import RULES, failures
from talk_calls.api.serializers.fields import EnumField, MessagesField, PeopleField
from talk_calls.api.serializers.json_types import TEXT, Schema, list_of, one_of
from talk_calls.constants import TOKEN_PATTERN
from talk_calls.ocs.parsers import PARSERS
from talk_calls.services.permissions import LEVELS

_NUMBER: Schema = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}

#: The parts of paths.
_PATH: dict[str, tuple[Schema, str]] = {
    "token": ({"type": "string", "pattern": f"^{TOKEN_PATTERN}$"}, "Token of the conversation."),
    "attendee_id": (_NUMBER, "Number of the attendee."),
    "message_id": (_NUMBER, "Number of a message."),
    "poll_id": (_NUMBER, "Number of a poll."),
    "bot_id": (_NUMBER, "Number of a bot."),
    "level": (one_of(*LEVELS), "Of this call, or of the conversation by default."),
}

#: How a request says who it is from, in the words of OpenAPI.
SECURITY_SCHEMES = {
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "User id and app password; account passwords where the site takes them.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "An app password."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "The session of a user who logged in to the site, or of a guest.",
    },
    "header": {
        "type": "apiKey",
        "in": "header",
        "name": "OCS-APIRequest",
        "description": "Must be `true`: no page of another site can make a browser send it.",
    },
}


class TalkSchema(AutoSchema):
    """What is said about one action in one version."""

    view: Any  # the viewset, as DRF's own annotation does not know it

    def __init__(self, version: str, name: str) -> None:
        super().__init__()
        self.version = version
        self.name = name

    @property
    def operation(self) -> Operation:
        """Return what is declared on the action."""
        found: Operation = self.view.operation
        return found

    @property
    def form(self) -> Form | None:
        """Return what the action reads."""
        return self.operation.form_of(self.version)

    def get_operation_id(self) -> str:
        """Return the name of the route and the action's: no two are the same.

        What goes without saying is left out: that one conversation is meant, or its call.
        """
        route = re.sub(r"^(room|call)-(?!list$)", "", self.name.removesuffix("-detail"))
        return re.sub(r"\W", "_", f"{route}_{self.view.action}")

    def get_summary(self) -> str:
        """Return what the action does, as it is declared."""
        return self.operation.summary

    def get_description(self) -> str:  # type: ignore[override] # as in the parent
        """Return what else is said of the action, and its rules in the order of their checks."""
        asked = [f"{number}. {RULES[rule].text}" for number, rule in enumerate(self._rules, 1)]
        parts = [self.operation.description, "It is asked, in this order:", "\n".join(asked)]
        return "\n\n".join(part for part in parts if part)

    def get_tags(self) -> list[str]:
        """Return the one noun that the viewset is about."""
        return [self.view.tag]

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return the ways to say who asks; a guest has no more than a cookie, or not even that."""
        header: dict[str, list[str]] = {"header": []} if self.view.needs_header else {}
        ways: list[dict[str, list[str]]] = [
            {"basic": [], **header},
            {"bearer": []},
            {"session": [], **header},
        ]
        return ways if self.operation.users_only else [*ways, header]

    def get_override_parameters(self) -> list[Any]:
        """Return the parts of the path, the format, and the form where there is no body."""
        found: list[Any] = [
            OpenApiParameter(
                name, dict(schema), OpenApiParameter.PATH, required=True, description=text
            )
            for name, (schema, text) in _PATH.items()
            if f"{{{name}}}" in self.path
        ]
        form = self.form if self.method in {"GET", "DELETE"} else None
        if form is None or "format" not in form().fields:
            found.append(_FORMAT)
        return found if form is None else [*found, form]

    def get_request_serializer(self) -> Form | None:
        """Return the form."""
        return self.form

    def map_parsers(self) -> list[str]:
        """Return the types of bodies that can be read."""
        return [parser.media_type for parser in PARSERS]

    def _is_list_view(self, serializer: object = None) -> bool:
        return False  # nothing here is paged or wrapped

    def _get_format_parameters(self) -> list[dict[str, Any]]:
        return []

    def _get_request_body(self, direction: str = "request") -> Any:
        return super()._get_request_body(direction) if self.form is not None else None

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Schema]:
        has_path = "{" in self.path
        refused = failures(self.operation, self._rules, self.version, has_path=has_path)
        return {**successes(self.operation, self.version), **refused}

    def _map_serializer_field(
        self, field: Field, direction: Any, bypass_extensions: bool = False
    ) -> Any:
        if isinstance(field, MessagesField):
            return {"type": "string", "description": field.help_text}
        if isinstance(field, PeopleField):
            lists = {source: list_of(TEXT) for source in field.sources}
            return {"type": "object", "properties": lists, "description": field.help_text}
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        return _number(field) if isinstance(field, EnumField) else schema

    def _map_serializer(
        self, serializer: Any, direction: Any, bypass_extensions: bool = False
    ) -> Any:
        schema = super()._map_serializer(serializer, direction, bypass_extensions)
        return {**schema, "description": serializer.summary}

    @property
    def _rules(self) -> list[type[BasePermission]]:
        return [type(permission) for permission in self.view.get_permissions()]


def _number(field: EnumField) -> Schema:
    """Return the schema of a number that DRF takes for text, as forms send it."""
    default: Any = field.default
    schema: Schema = {**one_of(*map(int, field.choices)), "description": str(field.help_text or "")}
    return schema if default is empty else {**schema, "default": int(default)}


_FORMAT = OpenApiParameter(
    "format",
    dict(one_of("json", "xml")),
    OpenApiParameter.QUERY,
    description="Form of the answer; else the first of the `Accept` header, else XML.",
)
