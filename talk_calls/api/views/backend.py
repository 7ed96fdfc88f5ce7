"""``/signaling/backend``: what signaling servers ask (behaviour 9.1).

It is no endpoint of clients: a request proves by its signature where it comes from, nobody is
logged in, and every answer is JSON of its own shape. Therefore it is no viewset of a version, and
the OpenAPI documents, which are for clients, leave it out.
"""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls.conf import conf
from talk_calls.host import clock
from talk_calls.hpb import backend
from talk_calls.ocs import failures
from talk_calls.ocs.negotiation import OCSContentNegotiation
from talk_calls.ocs.renderers import OCSJSONRenderer
from talk_calls.ocs.views import OCSView


def _exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """Answer an exception with an error that signaling servers understand.

    They read the body alone. The status of unexpected errors is for who watches the site.
    """
    response = failures.exception_handler(exc, context)
    if isinstance(exc, MethodNotAllowed):
        return response
    if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Response(backend.refusal("invalid_request", "The request cannot be read."))
    data = backend.refusal("internal_error", "The site cannot answer now.")
    return Response(data, response.status_code)


class _JSONNegotiation(OCSContentNegotiation):
    """JSON, whatever is asked for."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class BackendView(OCSView):
    """Answers signed requests, always with JSON, and with status 200 whatever the answer is."""

    http_method_names = ["post"]
    renderer_classes = [OCSJSONRenderer]
    content_negotiation_class = _JSONNegotiation
    exception_handler = staticmethod(_exception_handler)
    needs_header = False  # the signature says more

    @property
    def max_body(self) -> int:
        """Return how many bytes a request may have; a site may allow more."""
        return max(conf.max_body, backend.MAX_BODY)

    def post(self, request: Request) -> Response:
        """Answer a request."""
        body = request._request.body
        return Response(backend.answer(body, request.headers, now=clock.now()))
