"""A site without calls: the OCS layer must work for any endpoint."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import include, path, re_path
from rest_framework.exceptions import NotAuthenticated, NotFound, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls.ocs import parameters
from talk_calls.ocs.envelope import Failure
from talk_calls.ocs.failures import OCSError
from talk_calls.ocs.views import OCSView, UnknownRouteView


class Echo(OCSView):
    """Answers with the parameters it understood."""

    def get(self, request: Request, **path: Any) -> Response:
        return Response(parameters.merged(request, self.kwargs))

    post = put = delete = get


class Say(OCSView):
    """Answers with a status of the client's choice."""

    def get(self, request: Request, status: int) -> Response:
        return Response([], status=status)


class Refuse(OCSView):
    """Raises an error of the client's choice."""

    errors = {
        "not-logged-in": NotAuthenticated(),
        "django-404": Http404("a secret path"),
        "django-403": PermissionDenied("a secret rule"),
        "drf-404": NotFound("Words for people."),
        "conflict": OCSError(Failure(409, data={"sessionId": "abc"})),
        "throttled": Throttled(),
        "throttled-for-9": Throttled(8.2),
        "unexpected": RuntimeError("a secret"),
        "unexpected-404": FileNotFoundError("a secret path"),
    }

    def get(self, request: Request, error: str) -> Response:
        raise self.errors[error]


class Nobody(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        raise RuntimeError("a secret rule")


class Broken(Echo):
    """Fails before its handler."""

    permission_classes = [Nobody]


endpoints = [
    path("echo/<slug:token>", Echo.as_view()),
    path("say/<int:status>", Say.as_view()),
    path("refuse/<slug:error>", Refuse.as_view()),
    path("broken/<slug:token>", Broken.as_view()),
    re_path(r"", UnknownRouteView.as_view()),
]

urlpatterns = [re_path(r"^ocs/v(?P<ocs_version>[12])\.php/", include(endpoints))]
