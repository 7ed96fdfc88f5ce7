"""The OpenAPI document of a version."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern
from drf_spectacular.plumbing import ComponentRegistry, normalize_result_object
from drf_spectacular.settings import spectacular_settings

from talk_calls import __version__
from talk_calls.api import v1, v2, v3, v4
from talk_calls.api.schema.answers import components
from talk_calls.api.schema.inspection import SECURITY_SCHEMES, TalkSchema
from talk_calls.ocs.json_types import JSONObject

ROUTES = {
    "v1": v1.urlpatterns,
    "v2": v2.urlpatterns,
    "v3": v3.urlpatterns,
    "v4": v4.urlpatterns,
}

#: The tags of the viewsets, and what they are about.
TAGS = {
    "bans": "Whom moderators keep out of a conversation.",
    "calls": "The call of a conversation.",
    "chat": "What happened in a conversation, as a chat to which nobody writes.",
    "conversations": "Conversations, and what moderators or users say about them.",
    "participants": "Who belongs to a conversation, and what they may do.",
    "sessions": "Being online in a conversation.",
    "signaling": "What devices say to each other, and news of who is there.",
    "visits": "What the call page of this site asks beside the API of Talk.",
}

_BASE = "/ocs/v2.php/apps/spreed/api"

_DESCRIPTION = """\
The call API {version} of Nextcloud Talk as talk_calls serves it: conversations, being online in
them, and their calls.

Only paths below `/ocs/v2.php` are described. The same ones below `/ocs/v1.php` take the same and
answer HTTP 200 to nearly everything, with the status in the envelope and 100 in place of 200.

Answers come in the envelope of the Open Collaboration Services, as JSON or XML. Parameters come
from the query, a form or a JSON object, whatever the method; the body wins over the query. In a
form a list is called `name[]`. Unknown parameters are ignored.
"""


@cache  # neither routes nor tables change while a process lives
def document(version: str) -> JSONObject:
    """Return the document of a version."""
    registry = ComponentRegistry()
    paths: dict[str, JSONObject] = {}
    for path, method, route in operations(version):
        described = _operation(version, path, method, route, registry)
        paths.setdefault(path, {})[method] = described
    found = registry.build({})
    schemas = {**found.get("schemas", {}), **components(version)}
    root = {
        "openapi": spectacular_settings.OAS_VERSION,
        "info": {
            "title": f"Talk calls {version}",
            "version": __version__,
            "description": _DESCRIPTION.format(version=version),
            "license": {"name": "BSD-3-Clause"},
        },
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": SECURITY_SCHEMES,
        },
    }
    return dict(normalize_result_object(root))


def operations(version: str) -> Iterator[tuple[str, str, URLPattern]]:
    """Return path, method and route of all that a version serves; HEAD goes without saying."""
    for route in cast(list[URLPattern], ROUTES[version]):
        callback: Any = route.callback
        for method in callback.actions:
            if method != "head":
                yield _path(version, route), method, route


def _path(version: str, route: URLPattern) -> str:
    """Return a path as OpenAPI writes it; a letter that may be missing is missing."""
    regex = re.sub(r"[a-z]\?|\(\?!.*?\\Z\)", "", str(route.pattern))
    path = re.sub(r"<(\w+)>", r"{\1}", simplify_regex(regex))
    return f"{_BASE}/{version}{path}"


def _operation(
    version: str, path: str, method: str, route: URLPattern, registry: ComponentRegistry
) -> JSONObject:
    callback: Any = route.callback
    view = callback.cls(**callback.initkwargs)
    view.action = callback.actions[method]
    view.request = None
    schema = TalkSchema(version, str(route.name))
    schema.view = view
    return dict(schema.get_operation(path, str(route.pattern), _BASE, method, registry) or {})
