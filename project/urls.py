"""URLs of the demo site."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.generic import TemplateView

from talk_calls.accounts.forms import LoginForm

# Returns 503 when the database is unavailable, also for errors in middleware.
handler500 = "talk_calls.ocs.handlers.server_error"

urlpatterns = [
    path("", TemplateView.as_view(template_name="project/index.html"), name="index"),
    path("admin/", admin.site.urls),
    path("accounts/login/", LoginView.as_view(authentication_form=LoginForm), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("schema/", include("talk_calls.api.schema.urls")),
    path("", include("talk_calls.urls")),
    path("", include("talk_calls.accounts.urls")),
    path("", include("talk_calls.call_page.urls")),
]
