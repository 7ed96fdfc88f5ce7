"""What an exception looks like to a client. No text of an unexpected one ever leaves."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.settings import api_settings

from talk_calls.ocs.envelope import OCS_SERVER_ERROR, OCS_UNAUTHORISED, OCS_UNKNOWN_ROUTE, Failure


class OCSError(Exception):
    """A failure that a view has already put into words."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class UnknownRoute(Exception):
    """No route matches: a wrong path, version or token shape."""


NOT_LOGGED_IN = Failure(
    HTTPStatus.UNAUTHORIZED, "Current user is not logged in", code=OCS_UNAUTHORISED
)
WRONG_CREDENTIALS = Failure(HTTPStatus.UNAUTHORIZED, "Unauthorised", code=OCS_UNAUTHORISED)
SERVER_ERROR = Failure(
    HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error", code=OCS_SERVER_ERROR
)
UNAVAILABLE = Failure(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable", code=OCS_SERVER_ERROR)
UNKNOWN_ROUTE = Failure(
    HTTPStatus.NOT_FOUND,
    "Invalid query, please check the syntax: there is no such route.",
    code=OCS_UNKNOWN_ROUTE,
)

#: Errors of a database that is away or too busy: nothing was changed, and trying again may help.
DATABASE_TROUBLE = (OperationalError, InterfaceError)

#: Failures that are told the same way each time; the first kind that fits counts.
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


def failure_of(error: Exception) -> Failure | None:
    """Return what a client is told of ``error``, or None if nobody expected it."""
    if isinstance(error, OCSError):
        return error.failure
    for kind, failure in _FIXED:
        if isinstance(error, kind):
            return failure
    if isinstance(error, exceptions.APIException):
        return Failure(error.status_code, _first_message(error.detail))
    return None


def _first_message(detail: Any, name: str = "") -> str:
    """Return the first sentence of DRF's nested details, led by the parameter it is about."""
    if isinstance(detail, dict):
        key, value = next(iter(detail.items()))
        return _first_message(value, "" if key == api_settings.NON_FIELD_ERRORS_KEY else str(key))
    if isinstance(detail, list):
        return _first_message(detail[0], name)
    return f"{name}: {detail}" if name else str(detail)
