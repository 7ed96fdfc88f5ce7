"""All versions side by side, each in its own namespace."""

from django.urls import include, path, re_path

from talk_calls.api import v1, v2, v3, v4
from talk_calls.api.views.backend import BackendView

urlpatterns = [
    re_path(r"^v[123]/signaling/backend\Z", BackendView.as_view(), name="signaling-backend"),
    path("v1/", include((v1.urlpatterns, "v1"))),
    path("v2/", include((v2.urlpatterns, "v2"))),
    path("v3/", include((v3.urlpatterns, "v3"))),
    path("v4/", include((v4.urlpatterns, "v4"))),
]
