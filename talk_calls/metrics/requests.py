"""Measuring requests to OCS endpoints: time, statements, responses, refusals."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from talk_calls.api.versioning import VERSIONS
from talk_calls.db import transactions
from talk_calls.exceptions import TalkError
from talk_calls.metrics import sampler
from talk_calls.metrics.instruments import (
    REFUSALS,
    REQUEST_SECONDS,
    REQUEST_STATEMENTS,
    RESPONSES,
)
from talk_calls.ocs.failures import OCSError

#: Methods that are named; anything that a client makes up is one more.
_METHODS = {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"}


class _Statements:
    """Counts the statements of a connection; a wrapper of Django's ``execute_wrapper``."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


@contextmanager
def measuring(request: HttpRequest) -> Iterator[None]:
    """Measure the handling of a request in the block."""
    sampler.start()
    statements = _Statements()
    started = time.perf_counter()
    try:
        with transactions.connection().execute_wrapper(statements):
            yield
    finally:
        labels = route_of(request)
        REQUEST_SECONDS.labels(*labels).observe(time.perf_counter() - started)
        REQUEST_STATEMENTS.labels(*labels).observe(statements.count)


def refused(request: HttpRequest, error: Exception, response: HttpResponseBase) -> None:
    """Count a refusal; an unexpected error is none, but a response with status 500 or 503."""
    is_expected = response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    if is_expected or isinstance(error, TalkError):
        REFUSALS.labels(*route_of(request), reason_of(error)).inc()


def answered(request: HttpRequest, response: HttpResponseBase) -> None:
    """Count a response; not the placeholder of one that comes later."""
    if getattr(response, "waiting", None) is None:
        RESPONSES.labels(*route_of(request), str(response.status_code)).inc()


def route_of(request: HttpRequest) -> tuple[str, str, str]:
    """Return the name of the route, the version of the API if it has one, and the method."""
    match = request.resolver_match
    names = match.namespaces if match else []
    version = names[-1] if names and names[-1] in VERSIONS else ""
    method = request.method if request.method in _METHODS else "other"
    return (match.url_name if match else None) or "", version, str(method)


def reason_of(error: Exception) -> str:
    """Return the name of an exception, and of one that only carries an answer that of its status.

    Codes of refusals are for clients, and several refusals share one.
    """
    if isinstance(error, OCSError):
        return HTTPStatus(error.failure.status).name.title().replace("_", "")
    return type(error).__name__
