"""The URLs of the site that tests the wheel."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("talk_calls.urls")),
    path("", include("talk_calls.accounts.urls")),
    path("", include("talk_calls.call_page.urls")),
]


def refuse_to_handle(exc, context):
    """Fail, since the app must not use the site's exception handler."""
    raise AssertionError("talk_calls used the site's exception handler") from exc
