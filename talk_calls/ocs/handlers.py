"""Error handlers for a site's URL configuration: they answer errors outside of views."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views import defaults

from talk_calls.ocs.failures import DATABASE_TROUBLE


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer 503 if the database is unreachable, else as Django; for a site's ``handler500``.

    Django's middleware saves the session after the view has returned, so views cannot handle that
    error.
    """
    if isinstance(sys.exc_info()[1], DATABASE_TROUBLE):
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "1"})
    return defaults.server_error(request)
