"""The responses to exceptions. The text of an unexpected exception never reaches a client."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from talk_calls.ocs import csrf
from talk_calls.ocs.envelope import OCS_SERVER_ERROR, OCS_UNAUTHORISED, OCS_UNKNOWN_ROUTE, Failure

# Sites know this logger by its name (docs/deployment.md).
logger = logging.getLogger("talk_calls.ocs.views")


class OCSError(Exception):
    """Raised by a view to answer with a failure of its own."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class UnknownRoute(Exception):
    """Raised when no route matches: the path, the version or the form of the token is wrong."""


NOT_LOGGED_IN = Failure(
    HTTPStatus.UNAUTHORIZED, "Current user is not logged in", code=OCS_UNAUTHORISED
)
WRONG_CREDENTIALS = Failure(
    HTTPStatus.UNAUTHORIZED,
    "Unauthorised",
    code=OCS_UNAUTHORISED,
    headers={"WWW-Authenticate": 'Basic realm="Talk", charset="UTF-8"'},
)
SERVER_ERROR = Failure(
    HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error", code=OCS_SERVER_ERROR
)
UNAVAILABLE = Failure(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Service Unavailable",
    code=OCS_SERVER_ERROR,
)
UNKNOWN_ROUTE = Failure(
    HTTPStatus.NOT_FOUND,
    "Invalid query, please check the syntax: there is no such route.",
    code=OCS_UNKNOWN_ROUTE,
)

#: Errors of a database that is unreachable or overloaded. Nothing changed; a client may retry.
DATABASE_TROUBLE = (OperationalError, InterfaceError)

#: Exceptions whose answer is always the same; the first that fits counts.
_FIXED: tuple[tuple[type[Exception], Failure], ...] = (
    (UnknownRoute, UNKNOWN_ROUTE),
    (exceptions.NotAuthenticated, NOT_LOGGED_IN),
    (exceptions.AuthenticationFailed, WRONG_CREDENTIALS),
    (Http404, Failure(HTTPStatus.NOT_FOUND)),
    (PermissionDenied, Failure(HTTPStatus.FORBIDDEN)),
    (
        RequestDataTooBig,
        Failure(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large."),
    ),
    (SuspiciousOperation, Failure(HTTPStatus.BAD_REQUEST, "The request cannot be read.")),
)


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """Answer any exception: DRF's exception handler for ``OCSView``.

    Two answers have no envelope: to a failed CSRF check and to an unknown method.
    """
    match exc:
        case csrf.CSRFCheckFailed():
            return csrf.refusal()
        case exceptions.MethodNotAllowed():
            allowed = {"Allow": ", ".join(context["view"].allowed_methods)}
            return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers=allowed)
    return respond(_expected(exc) or _unexpected(exc, context))


def respond(failure: Failure) -> Response:
    """Return the response that reports a failure, still without its envelope."""
    response = Response(failure, failure.status, headers=failure.headers)
    if failure.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        response.setdefault("Retry-After", "1")  # in seconds
    return response


def _expected(exc: Exception) -> Failure | None:
    if isinstance(exc, OCSError):
        return exc.failure
    for kind, failure in _FIXED:
        if isinstance(exc, kind):
            return failure
    if isinstance(exc, exceptions.APIException):
        wait = getattr(exc, "wait", None)  # in seconds, of DRF's Throttled
        headers = {"Retry-After": str(wait)} if wait else {}
        return Failure(exc.status_code, first_message(exc.detail), headers=headers)
    return None


def _unexpected(exc: Exception, context: dict[str, Any]) -> Failure:
    """Report the exception to the site's log and error reporting."""
    view = type(context["view"])
    logger.error("Unexpected error in %s", view.__name__, exc_info=exc)
    got_request_exception.send(sender=view, request=context["request"]._request)
    return UNAVAILABLE if isinstance(exc, DATABASE_TROUBLE) else SERVER_ERROR


def first_message(detail: object, name: str = "") -> str:
    """Return the first of DRF's nested messages, after the name of its parameter if it has one."""
    if isinstance(detail, dict):
        key, value = next(iter(detail.items()))
        return first_message(value, "" if key == api_settings.NON_FIELD_ERRORS_KEY else str(key))
    if isinstance(detail, list):
        return first_message(detail[0], name)
    return f"{name}: {detail}" if name else str(detail)
