"""A site with external signaling."""

from typing import Any

import pytest

from talk_calls.hpb import keys

URL = "https://hpb.example.org"
SECRET = "a secret of this server"

SERVER: dict[str, Any] = {"url": URL, "secret": SECRET}


@pytest.fixture(autouse=True)
def _no_key_yet() -> None:
    """Forget the key of the test before, whose row is gone."""
    keys.forget()


@pytest.fixture
def external(settings) -> dict[str, Any]:
    """Give the site one signaling server; the value is ``SIGNALING``, for tests that add to it."""
    signaling: dict[str, Any] = {"BACKEND": "external", "SERVERS": [SERVER]}
    settings.TALK_CALLS = {"SIGNALING": signaling}
    return signaling
