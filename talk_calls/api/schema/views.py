"""The documents, and a page to read them."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.generic import TemplateView

from talk_calls.api.schema.documents import document
from talk_calls.api.versioning import VERSIONS


def openapi(request: HttpRequest, version: str) -> JsonResponse:
    """Return the OpenAPI document of a version, with the address below which the API is here."""
    return JsonResponse({**document(version), "servers": [{"url": _server()}]})


class OpenAPIPage(TemplateView):
    """Swagger UI, which the site serves itself: no other host is asked for anything."""

    template_name = "talk_calls/openapi.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add which document to show, and which others there are."""
        where = reverse("talk_calls_schema:document", args=[kwargs["version"]])
        return super().get_context_data(document=where, versions=VERSIONS, **kwargs)


def _server() -> str:
    """Return the path of the site, to which the paths of the documents are added."""
    api = reverse("talk_calls:unknown-route", kwargs={"ocs_version": 2})
    return api.removesuffix("ocs/v2.php/").removesuffix("/") or "/"
