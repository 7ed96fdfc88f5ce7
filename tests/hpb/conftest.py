"""A site with external signaling."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from talk_calls.hpb import keys, sender

if TYPE_CHECKING:
    from tests.hpb.recording import RecordingServer

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


@pytest.fixture
def hpb(settings) -> Iterator["RecordingServer"]:
    """Return a server that writes down what it is told, which is the site's only one."""
    from tests.hpb.recording import recording

    with recording() as server:
        settings.TALK_CALLS = {"SIGNALING": {"BACKEND": "external", "SERVERS": [server.entry]}}
        yield server
        sender.stop()
