"""Paths of URL modules that sites include and that have moved."""

import pytest
from django.urls import clear_url_caches, include, path, reverse

pytestmark = pytest.mark.django_db


class OldPaths:
    """A site that was set up before the URLs moved into their packages."""

    urlpatterns = [
        path("", include("talk_calls.urls")),
        path("", include("talk_calls.urls.accounts")),
        path("", include("talk_calls.urls.web")),
    ]


@pytest.fixture
def old_paths(settings):
    """Serve the site with the old paths."""
    settings.ROOT_URLCONF = OldPaths
    clear_url_caches()


@pytest.mark.usefixtures("old_paths")
def test_old_paths_stay_valid(client):
    """The old includes serve the same views under the same names."""
    assert reverse("talk_accounts:status") == "/status.php"
    assert reverse("talk_web:call", args=["abcd"]) == "/call/abcd"
    assert client.get("/status.php").status_code == 200
    assert client.get("/call/abcd").status_code == 200
