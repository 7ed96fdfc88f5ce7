"""The URLs of most sites."""

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def home(request: HttpRequest) -> HttpResponse:
    """Return a page of the host's own."""
    return HttpResponse("home")


urlpatterns = [
    path("", home),
    path("admin/", admin.site.urls),
    path("accounts/login/", LoginView.as_view(template_name="admin/login.html"), name="login"),
    path("", include("talk_calls.urls")),
    path("", include("talk_calls.accounts.urls")),
    path("", include("talk_calls.call_page.urls")),
]
