"""What a site answers where no view is in charge: before it, and after it."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views import defaults

from talk_calls.ocs.failures import DATABASE_TROUBLE


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer 503 if the database is away, and else as Django does; for a site's ``handler500``.

    The session is saved by a middleware when the view is done, and that fails outside of it.
    """
    if isinstance(sys.exc_info()[1], DATABASE_TROUBLE):
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "1"})
    return defaults.server_error(request)
