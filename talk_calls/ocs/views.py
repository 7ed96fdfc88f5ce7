"""The base of every OCS endpoint: CSRF check, negotiation, parameters, errors, envelope."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed, ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from talk_calls.ocs import csrf, envelope, parameters
from talk_calls.ocs.failures import UnknownRoute, exception_handler
from talk_calls.ocs.negotiation import OCSContentNegotiation, ParameterNegotiation
from talk_calls.ocs.parsers import PARSERS
from talk_calls.ocs.renderers import OCSJSONRenderer, OCSXMLRenderer, UnknownRouteXMLRenderer
from talk_calls.ocs.unchanged_sessions import leave_unchanged


class OCSView(APIView):
    """An endpoint below ``/ocs/v1.php`` or ``/ocs/v2.php``.

    All of DRF's policies are set here, so that a site's ``REST_FRAMEWORK`` has no influence. The
    URL pattern passes ``ocs_version``, "1" or "2". ``exception_handler`` takes the place of DRF's
    setting; a subclass that knows more exceptions leaves all others to ``ocs.failures``.
    """

    http_method_names = ["get", "post", "put", "delete", "head"]
    renderer_classes = [OCSXMLRenderer, OCSJSONRenderer]
    parser_classes = PARSERS
    content_negotiation_class = OCSContentNegotiation
    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    metadata_class = None
    exception_handler = staticmethod(exception_handler)
    schema = None  # no part of the OpenAPI document that a site makes of its own API
    format_kwarg = None  # DRF sets it only after the first checks, which may refuse before
    #: False for endpoints that change nothing and may be opened by a plain link.
    needs_header = True
    ocs_version: int

    def dispatch(
        self, request: HttpRequest, *args: object, ocs_version: str, **kwargs: object
    ) -> HttpResponseBase:
        """Store the version of the entry point, then dispatch as DRF does."""
        self.ocs_version = int(ocs_version)
        # OCS is always UTF-8. A client could also name a codec that is no charset, such as base64.
        request.encoding = "utf-8"
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Check method and CSRF before authentication (behaviour 4.1/1, 2)."""
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

    def get_exception_handler(self) -> Callable[..., HttpResponseBase]:
        """Return the handler of the class, not the one in the site's ``REST_FRAMEWORK``."""
        return self.exception_handler

    def finalize_response(  # type: ignore[override] # the stubs forget plain Django responses
        self, request: Request, response: HttpResponseBase, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        """Put the data of the response, or its failure, into the envelope of the entry point.

        The session is only saved if the view has changed it.
        """
        if isinstance(response, Response):
            response.status_code, response.data = envelope.enclose(
                self.ocs_version, response.status_code, response.data
            )
            response["Cache-Control"] = "no-store"
        final = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        leave_unchanged(request._request, final)
        return final


class UnknownRouteView(OCSView):
    """Answers every path below an entry point that no other route matches."""

    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options", "trace"]
    renderer_classes = [UnknownRouteXMLRenderer, OCSJSONRenderer]
    content_negotiation_class = ParameterNegotiation

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Refuse at once; only the format is read before, which may be a parameter of a form."""
        read_body(request._request)
        raise UnknownRoute


def read_body(request: HttpRequest) -> None:
    """Read the whole body, so that Django applies DATA_UPLOAD_MAX_MEMORY_SIZE; DRF would not.

    Raises ``ParseError`` if Content-Length is no number, and Django's ``RequestDataTooBig``.
    """
    try:
        body = request.body
    except ValueError as error:
        raise ParseError("The length of the body is no number.") from error
    # A chunked body has no Content-Length, and DRF would not read it.
    request.META["CONTENT_LENGTH"] = str(len(body))
