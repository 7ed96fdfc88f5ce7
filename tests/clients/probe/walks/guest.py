"""A guest in a web client: nobody's account, and a link."""

from tests.clients.probe.steps import OTHER, Step, Walk
from tests.clients.probe.walks.common import ANONYMOUS_CAPABILITIES, PULL, WEB

_NEWER = {"lookIntoFuture": 1, "lastKnownMessageId": "{last}", "setReadMarker": 0, "timeout": 30}

_STEPS = (
    Step(
        "POST",
        "v4/room",
        json={"roomType": 3, "roomName": "Probe of a guest"},
        keep={"token": "token"},
        by=OTHER,
    ),
    Step("POST", "v4/room/{token}/participants/active", by=OTHER),
    Step("GET", "/call/{token}", headers={"Accept": "text/html"}),
    Step("GET", "cloud/capabilities"),
    Step("GET", "v4/room/{token}"),
    Step(
        "POST",
        "v4/room/{token}/participants/active",
        json={"force": False, "password": ""},
        keep={"session": "sessionId"},
    ),
    Step("POST", "v1/guest/{token}/name", json={"displayName": "Gina"}),
    Step("GET", "v3/signaling/settings", {"token": "{token}"}),
    Step("GET", "v1/chat/{token}", {"lookIntoFuture": 0}, keep={"last": "0/id"}),
    Step("GET", "v1/chat/{token}", _NEWER, waits=True),
    Step("GET", "v3/signaling/{token}", refused=PULL, waits=True),
    Step("POST", "v4/call/{token}", json={"flags": 7}, by=OTHER),
    Step("GET", "v4/call/{token}"),
    Step("POST", "v4/call/{token}", json={"flags": 3}),
    Step("PUT", "v4/call/{token}", json={"flags": 1}),
    Step("DELETE", "v4/call/{token}"),
    Step("DELETE", "v4/room/{token}/participants/active"),
    Step("DELETE", "v4/room/{token}", by=OTHER),
)

GUEST = Walk("guest", "guest", WEB, (ANONYMOUS_CAPABILITIES,), _STEPS)
