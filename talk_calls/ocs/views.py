"""The base of every OCS endpoint: gate, negotiation, parameters, envelope."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from talk_calls.ocs import csrf, envelope, parameters
from talk_calls.ocs.failures import (
    DATABASE_TROUBLE,
    SERVER_ERROR,
    UNAVAILABLE,
    UnknownRoute,
    failure_of,
)
from talk_calls.ocs.negotiation import OCSContentNegotiation, ParameterNegotiation
from talk_calls.ocs.parsers import PARSERS
from talk_calls.ocs.renderers import OCSJSONRenderer, OCSXMLRenderer, UnknownRouteXMLRenderer

logger = logging.getLogger(__name__)


class OCSView(APIView):
    """An endpoint below ``/ocs/v1.php`` or ``/ocs/v2.php``.

    All of DRF's policies are set here, so that a site's ``REST_FRAMEWORK`` does not reach in. The
    URL pattern must hand over ``ocs_version``, "1" or "2".
    """

    http_method_names = ["get", "post", "put", "delete", "head"]
    renderer_classes = [OCSXMLRenderer, OCSJSONRenderer]
    parser_classes = PARSERS
    content_negotiation_class = OCSContentNegotiation
    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    metadata_class = None
    schema = None  # no part of what a site says of its own API
    format_kwarg = None  # DRF sets it only after the first checks, which may refuse before
    #: False for what a plain link may lead to, because it changes nothing.
    needs_header = True
    ocs_version: int

    def dispatch(
        self, request: HttpRequest, *args: Any, ocs_version: str, **kwargs: Any
    ) -> HttpResponseBase:
        """Note the entry point, and let the rest be DRF's usual way."""
        self.ocs_version = int(ocs_version)
        # The protocol is UTF-8 whatever a header claims; a codec such as base64 is no charset.
        request.encoding = "utf-8"
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check method and gate before anybody is asked who they are (talk-api.md 4.1/1, 2)."""
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        read_body(request._request)
        if self.needs_header:
            csrf.require(request._request)
        super().initial(request, *args, **kwargs)

    def read(self, form: type[Serializer[Any]]) -> dict[str, Any]:
        """Return the request's parameters, read and validated by ``form``."""
        values = form(data=parameters.merged(self.request, self.kwargs))
        values.is_valid(raise_exception=True)
        return dict(values.validated_data)

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        """Answer an error in the envelope, but for the two that have none."""
        match exc:
            case csrf.CSRFCheckFailed():
                return csrf.refusal()
            case MethodNotAllowed():
                allowed = {"Allow": ", ".join(self.allowed_methods)}
                return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers=allowed)
        failure = failure_of(exc)
        if failure is None:
            self._report(exc)
            failure = UNAVAILABLE if isinstance(exc, DATABASE_TROUBLE) else SERVER_ERROR
        response = Response(exception=True)
        response.failure = failure  # type: ignore[attr-defined]
        if failure is UNAVAILABLE:
            response["Retry-After"] = "1"
        if failure.status == HTTPStatus.TOO_MANY_REQUESTS:
            response["Retry-After"] = str(getattr(exc, "wait", None) or 1)  # in seconds
        if isinstance(exc, AuthenticationFailed):
            response["WWW-Authenticate"] = 'Basic realm="Talk", charset="UTF-8"'
        return response

    def finalize_response(  # type: ignore[override] # the stubs forget plain Django responses
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Put the answer into the envelope of the entry point."""
        if isinstance(response, Response):
            failure = getattr(response, "failure", None)
            if failure is None:
                wrap = envelope.SUCCESS[self.ocs_version]
                response.status_code, response.data = wrap(response.status_code, response.data)
            else:
                wrap_failure = envelope.FAILURE[self.ocs_version]
                response.status_code, response.data = wrap_failure(failure)
            response["Cache-Control"] = "no-store"
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]

    def _report(self, exc: Exception) -> None:
        """Tell the site's log and error reporting what the client must not hear."""
        logger.error("Unexpected error in %s", type(self).__name__, exc_info=exc)
        got_request_exception.send(sender=type(self), request=self.request._request)


class UnknownRouteView(OCSView):
    """Answers every path below an entry point that no other route matches."""

    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options", "trace"]
    renderer_classes = [UnknownRouteXMLRenderer, OCSJSONRenderer]
    content_negotiation_class = ParameterNegotiation

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse before anything is looked at but the format, which may stand in a form."""
        read_body(request._request)
        raise UnknownRoute


def read_body(request: HttpRequest) -> None:
    """Read the body whole: Django holds it to DATA_UPLOAD_MAX_MEMORY_SIZE, DRF would not.

    Raises ``ParseError`` for a length that is none, and Django's ``RequestDataTooBig``.
    """
    try:
        body = request.body
    except ValueError as error:
        raise ParseError("The length of the body is no number.") from error
    # A chunked body comes without its length, and DRF would take it for none.
    request.META["CONTENT_LENGTH"] = str(len(body))
