"""The URLs of the stranger's site: three lines are all that talk_calls asks for."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("talk_calls.urls")),
    path("", include("talk_calls.accounts.urls")),
    path("", include("talk_calls.call_page.urls")),
]


def refuse_to_handle(exc, context):
    """The site's exception handler, which the app must not run into."""
    raise AssertionError("talk_calls used the site's exception handler") from exc
