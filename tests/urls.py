"""URLs of the smallest site."""

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("talk_calls.urls")),
    path("", include("talk_calls.accounts.urls")),
    path("", include("talk_calls.call_page.urls")),
    path("accounts/login/", LoginView.as_view(template_name="admin/login.html")),
]
