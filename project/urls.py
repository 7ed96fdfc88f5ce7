"""What the demo site serves."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

# A database that is away is a 503 also where a middleware notices.
handler500 = "talk_calls.ocs.handlers.server_error"

urlpatterns = [
    path("", TemplateView.as_view(template_name="project/index.html"), name="index"),
    path("admin/", admin.site.urls),
    path("schema/", include("talk_calls.api.schema.urls")),
    path("", include("talk_calls.urls")),
]
