"""The suite's site with a page of the host, which says who is logged in, and logins by allauth."""

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from tests.urls import urlpatterns as site


def whoami(request: HttpRequest) -> HttpResponse:
    """Answer with the user name of who is logged in."""
    return HttpResponse(request.user.get_username())


urlpatterns = [path("whoami/", whoami), *site]
if apps.is_installed("allauth"):
    urlpatterns = [path("members/", include("allauth.urls")), *urlpatterns]
