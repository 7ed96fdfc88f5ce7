"""The CSRF check, which every request passes before authentication (behaviour 2.7).

A page of another site can make a browser send cookies and forms, but not headers of its choice. A
client proves that it is not such a page by ``OCS-APIRequest: true``, a Bearer token, or a request
token.
"""

import copy

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware


class CSRFCheckFailed(Exception):
    """Raised when the request may come from a page of another site."""


def require(request: HttpRequest) -> None:
    """Raise ``CSRFCheckFailed`` unless the request has one of the three proofs."""
    if request.headers.get("OCS-APIRequest") == "true":
        return
    if request.headers.get("Authorization", "").lower().startswith("bearer "):
        return
    if not _has_request_token(request):
        raise CSRFCheckFailed


def refusal() -> HttpResponse:
    """Return the response to a request that failed the check: raw JSON without envelope."""
    return JsonResponse({"message": "CSRF check failed"}, status=412)


class _RequestTokenCheck(CsrfViewMiddleware):
    """Django's own check; it returns the reason of a failure instead of a response."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def _view(request: HttpRequest) -> HttpResponse:
    """Return an empty response; the check needs a view, but never calls it."""
    return HttpResponse()


def _has_request_token(request: HttpRequest) -> bool:
    token = request.headers.get("requesttoken") or request.META.get(settings.CSRF_HEADER_NAME)
    if not token:
        return False
    # Django checks only methods that write, and only its own header, so it gets a copy that has
    # both. The copy is not a POST, since Django would read its body as a form.
    probe = copy.copy(request)
    probe.method = "PUT"
    probe.META = {**request.META, settings.CSRF_HEADER_NAME: token}
    probe.csrf_processing_done = False  # type: ignore[attr-defined]
    check = _RequestTokenCheck(_view)
    check.process_request(probe)
    return check.process_view(probe, _view, (), {}) is None
