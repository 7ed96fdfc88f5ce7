"""If the database is away, the answer is 503, so that clients try again."""

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.test import RequestFactory
from django.utils.module_loading import import_string

from project.urls import handler500
from talk_calls.ocs.views import OCSView


@pytest.mark.parametrize(
    ("error", "status", "again"),
    [
        (OperationalError("server closed the connection"), 503, "1"),
        (InterfaceError("connection already closed"), 503, "1"),
        (ProgrammingError("no such table"), 500, None),
    ],
)
def test_database_errors(error, status, again, caplog):
    """The client learns when to try again and nothing else; the site's log has the error."""

    class Broken(OCSView):
        def get(self, request):
            raise error

    request = RequestFactory().get("/", {"format": "json"}, headers={"OCS-APIRequest": "true"})
    response = Broken.as_view()(request, ocs_version="2")
    response.render()
    assert (response.status_code, response.get("Retry-After")) == (status, again)
    assert str(error) not in response.content.decode()
    assert str(error) in caplog.text


@pytest.mark.parametrize(
    ("error", "status", "again"),
    [(OperationalError("gone"), 503, "1"), (ProgrammingError("no such table"), 500, None)],
)
def test_database_errors_outside_of_views(error, status, again):
    """The site's error handler answers errors of a middleware likewise."""
    try:
        raise error
    except type(error):
        response = import_string(handler500)(RequestFactory().get("/"))
    assert (response.status_code, response.get("Retry-After")) == (status, again)
