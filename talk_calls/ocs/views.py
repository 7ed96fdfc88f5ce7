"""The base of every OCS endpoint: CSRF check, negotiation, parameters, errors, envelope."""

from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed, ParseError, UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from talk_calls.ocs import csrf, envelope, observation, parameters
from talk_calls.ocs.failures import UnknownRoute, exception_handler
from talk_calls.ocs.negotiation import OCSContentNegotiation, ParameterNegotiation
from talk_calls.ocs.parsers import PARSERS
from talk_calls.ocs.renderers import OCSJSONRenderer, OCSXMLRenderer, UnknownRouteXMLRenderer
from talk_calls.ocs.unchanged_sessions import leave_unchanged

#: Bytes that the body of a request has at most, unless a view says something else.
MAX_BODY = 256 * 1024


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

    @property
    def max_body(self) -> int:
        """Return how many bytes the body of a request may have."""
        return MAX_BODY

    def dispatch(
        self, request: HttpRequest, *args: object, ocs_version: str, **kwargs: object
    ) -> HttpResponseBase:
        """Store the version of the entry point, then dispatch as DRF does."""
        self.ocs_version = int(ocs_version)
        # OCS is always UTF-8. A client could also name a codec that is no charset, such as base64.
        request.encoding = "utf-8"
        observer = observation.place.observer
        if observer is None:
            return super().dispatch(request, *args, **kwargs)
        with observer.measuring(request):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Check method, CSRF and type of the body before authentication (behaviour 4.1/1, 2)."""
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        read_body(request._request, self.max_body)
        if self.needs_header:
            csrf.require(request._request)
        self._require_known_type(request)
        super().initial(request, *args, **kwargs)

    def _require_known_type(self, request: Request) -> None:
        """Raise ``UnsupportedMediaType`` for a body of a type that no parser reads, or of none.

        That is so also where nothing would be read from the body: a client that sends one means
        something by it. An empty body may have any type.
        """
        negotiator, parsers = self.get_content_negotiator(), self.get_parsers()
        if request._request.body and negotiator.select_parser(request, parsers) is None:
            raise UnsupportedMediaType(request.content_type)

    def read(self, form: type[Serializer[Any]]) -> dict[str, Any]:
        """Return the request's parameters, read and validated by ``form``."""
        values = form(data=parameters.merged(self.request, self.kwargs))
        values.is_valid(raise_exception=True)
        return dict(values.validated_data)

    def handle_exception(  # type: ignore[override] # the stubs forget plain Django responses
        self, exc: Exception
    ) -> HttpResponseBase:
        """Answer an exception as DRF does, and tell the observer."""
        response: HttpResponseBase = super().handle_exception(exc)
        if observation.place.observer is not None:
            observation.place.observer.refused(self.request._request, exc, response)
        return response

    def get_exception_handler(self) -> Callable[..., HttpResponseBase]:
        """Return the handler of the class, not the one in the site's ``REST_FRAMEWORK``."""
        return self.exception_handler

    def finalize_response(  # type: ignore[override] # the stubs forget plain Django responses
        self, request: Request, response: HttpResponseBase, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        """Put the data of the response, or its failure, into the envelope of the entry point.

        A 304 has no body and so no envelope, except under ``/ocs/v1.php``, where it is a 200. The
        session is only saved if the view has changed it.
        """
        if observation.place.observer is not None:
            observation.place.observer.answered(request._request, response)
        if isinstance(response, Response):
            response.status_code, response.data = envelope.enclose(
                self.ocs_version, response.status_code, response.data
            )
            if response.status_code == HTTPStatus.NOT_MODIFIED:
                response = HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers=response.headers)
                del response["Content-Type"]
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
        read_body(request._request, self.max_body)
        raise UnknownRoute


def read_body(request: HttpRequest, most: int) -> None:
    """Read the whole body, which has at most ``most`` bytes, before anything parses it.

    Raises Django's ``RequestDataTooBig``, also beyond DATA_UPLOAD_MAX_MEMORY_SIZE, which DRF would
    not apply, and ``ParseError`` if Content-Length is no number.
    """
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > most:
            raise RequestDataTooBig
        _read_at_most(request, most + 1)
        body = request.body
    except ValueError as error:
        raise ParseError("The length of the body is no number.") from error
    if len(body) > most:
        raise RequestDataTooBig
    # A chunked body has no Content-Length, and DRF would not read it.
    request.META["CONTENT_LENGTH"] = str(len(body))


def _read_at_most(request: HttpRequest, size: int) -> None:
    """Let ``request.body`` end after so many bytes, if nobody has read anything yet.

    A chunked body may be of any length, and Django would read all of it.
    """
    if not getattr(request, "_read_started", False):
        request._stream = BytesIO(request.read(size))  # noqa: SLF001
        request._read_started = False  # type: ignore[attr-defined] # noqa: SLF001
