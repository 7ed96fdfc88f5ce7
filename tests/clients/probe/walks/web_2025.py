"""Talk's web client of 2025."""

from tests.clients.probe.steps import OTHER, Step, Walk
from tests.clients.probe.walks.common import (
    ALONE,
    ANONYMOUS_CAPABILITIES,
    BANNED,
    EXTERNAL,
    MESSAGES,
    PULL,
    SHARE_TYPES,
    WEB,
    WRONG_TOKEN,
)

_SEARCH = {"search": "{other}", "itemType": "call"}
_HISTORY = {"setReadMarker": 0, "lookIntoFuture": 0, "limit": 100}
_NEWER = {"setReadMarker": 0, "lookIntoFuture": 1, "limit": 100, "includeLastKnown": 0}
_ALL_AT_ONCE = {
    "roomType": 2,
    "roomName": "Probe 2025",
    "description": "Of a probe",
    "listable": 0,
    "participants": {"users": ["{other}"]},
}
_JOIN = {"flags": 7, "silent": False, "recordingConsent": False, "silentFor": []}
_PASSWORD = "Sesame, open 25!"
_BAN = {"actorType": "users", "actorId": "{other}", "internalNote": "Of a probe"}
_MEDIA = {"attendeeId": "{peer_id}", "method": "remove", "permissions": 16}

_FIND = (
    Step("GET", "cloud/capabilities"),
    Step("GET", "cloud/users/{me}"),
    Step("GET", "cloud/users/{other}"),
    Step(
        "GET",
        "v4/room",
        {"noStatusUpdate": 0, "includeStatus": "true"},
        keep={"since": "X-Nextcloud-Talk-Modified-Before"},
    ),
    Step("GET", "core/autocomplete/get", _SEARCH | {"itemId": "new", **SHARE_TYPES}),
    Step("POST", "v4/room", json=_ALL_AT_ONCE, keep={"token": "token"}),
    Step("GET", "v4/room/nosuchroom", refused=WRONG_TOKEN),
    Step("GET", "v4/room/{token}"),
    Step(
        "GET",
        "v4/room",
        {"noStatusUpdate": 1, "includeStatus": "true", "modifiedSince": "{since}"},
    ),
)
_OPEN = (
    Step("POST", "v4/room/{token}/participants/active", json={"force": False}, by=OTHER),
    Step(
        "POST",
        "v4/room/{token}/participants/active",
        json={"force": False},
        keep={"session": "sessionId"},
    ),
    Step("GET", "v3/signaling/settings", {"token": "{token}"}),
    Step(
        "GET",
        "v4/room/{token}/participants",
        {"includeStatus": "true"},
        keep={"peer": "actorId={other}/sessionIds/0", "peer_id": "actorId={other}/attendeeId"},
    ),
    Step("GET", "v1/ban/{token}"),
    Step("GET", "collaboration/resources/room/{token}"),
    Step("GET", "apps/files/api/v1/templates"),
    Step("GET", "v1/room/{token}/avatar"),
    Step("GET", "v1/room/{token}/avatar/dark"),
    Step("GET", "/index.php/avatar/{other}/64"),
    Step("GET", "/index.php/avatar/{other}/64/dark"),
    Step("PUT", "v4/room/{token}/participants/state", json={"state": 1}),
    Step("GET", "v1/chat/{token}", _HISTORY, keep={"last": "0/id"}),
    Step("GET", "v1/chat/{token}/{last}/context", {"limit": 50}),
    Step("GET", "v1/chat/{token}", _NEWER | {"lastKnownMessageId": "{last}"}, waits=True),
    Step("GET", "v3/signaling/{token}", refused=PULL, waits=True),
)
_CALL = (
    Step("POST", "v4/call/{token}", json=_JOIN),
    Step("GET", "v4/call/{token}"),
    Step("GET", "v4/call/{token}/notification-state", by=OTHER),
    Step("PUT", "v4/call/{token}", json={"flags": 3}),
    Step("POST", "v3/signaling/{token}", json={"messages": MESSAGES}, refused=EXTERNAL),
    Step("GET", "v4/room/{token}", by=OTHER),
    Step("POST", "v4/call/{token}", json=_JOIN | {"flags": 3}, by=OTHER),
    Step("DELETE", "v4/call/{token}", json={"all": False}, by=OTHER),
    Step("DELETE", "v4/call/{token}", json={"all": True}),
)
_MANAGE = (
    Step("POST", "v1/chat/{token}/read"),
    Step("PUT", "v4/room/{token}", json={"roomName": "Probe of 2025"}),
    Step("PUT", "v4/room/{token}/description", json={"description": "x" * 2000}),
    Step("POST", "v4/room/{token}/favorite"),
    Step("DELETE", "v4/room/{token}/favorite"),
    Step("POST", "v4/room/{token}/notify", json={"level": 1}),
    Step("POST", "v4/room/{token}/notify-calls", json={"level": 1}),
    Step("PUT", "v4/room/{token}/webinar/lobby", json={"state": 1}),
    Step("PUT", "v4/room/{token}/webinar/lobby", json={"state": 0}),
    Step("PUT", "v4/room/{token}/attendees/permissions", json=_MEDIA),
    Step("POST", "v4/room/{token}/moderators", json={"attendeeId": "{peer_id}"}),
    Step("DELETE", "v4/room/{token}/moderators", json={"attendeeId": "{peer_id}"}),
    Step("DELETE", "v4/room/{token}/participants/self", refused=ALONE),
    Step("DELETE", "v4/room/{token}/attendees", json={"attendeeId": "{peer_id}"}),
    Step("POST", "v4/room/{token}/public", json={"password": _PASSWORD}),
    Step("POST", "v1/ban/{token}", json=_BAN, keep={"ban": "id"}),
    Step("GET", "v1/ban/{token}"),
    Step(
        "POST",
        "v4/room/{token}/participants/active",
        json={"force": False, "password": _PASSWORD},
        by=OTHER,
        refused=BANNED,
    ),
    Step("DELETE", "v1/ban/{token}/{ban}"),
    Step("DELETE", "v4/room/{token}/public"),
    Step("DELETE", "v4/room/{token}/participants/active"),
    Step("DELETE", "v4/room/{token}"),
)

WEB_2025 = Walk(
    "web 2025", "cookie", WEB, (ANONYMOUS_CAPABILITIES,), _FIND + _OPEN + _CALL + _MANAGE
)
