"""``/status.php``: the first thing that an app asks of a site."""

import pytest
from django.test import Client

STATUS = {
    "installed": True,
    "maintenance": False,
    "needsDbUpgrade": False,
    "version": "33.0.0.0",
    "versionstring": "33.0.0",
    "edition": "",
    "productname": "talk_calls",
    "extendedSupport": False,
}


def test_status(prefix):
    """The status needs no header and no database."""
    answer = Client().get(f"{prefix}/status.php")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == STATUS


def test_version_of_the_site(settings, prefix):
    """The version is that of the settings; apps require a dot in it."""
    settings.TALK_CALLS = {"SERVER_VERSION": "31.0.5"}
    assert Client().get(f"{prefix}/status.php").json() == STATUS | {
        "version": "31.0.5.0",
        "versionstring": "31.0.5",
    }


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_only_read(prefix, method):
    """There is nothing to write."""
    assert getattr(Client(), method)(f"{prefix}/status.php").status_code == 405
