"""The demo site, and the routes of `tests.race.views`."""

from django.urls import include, path

from project import urls
from tests.race.views import RaceViewSet

handler500 = urls.handler500

urlpatterns = [
    *(
        path(
            f"race/<str:token>/{action}",
            RaceViewSet.as_view({"post": action}),
            {"ocs_version": "2"},
        )
        for action in ("ping", "kick", "remove")
    ),
    path("", include("project.urls")),
]
