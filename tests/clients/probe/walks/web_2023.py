"""Talk's web client of 2023, the first years of v4."""

from tests.clients.probe.steps import OTHER, Step, Walk
from tests.clients.probe.walks.common import (
    ALONE,
    ANONYMOUS_CAPABILITIES,
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

_FIND = (
    Step("GET", "cloud/capabilities"),
    Step(
        "GET",
        "v4/room",
        {"noStatusUpdate": 0, "includeStatus": "true"},
        keep={"since": "X-Nextcloud-Talk-Modified-Before"},
    ),
    Step("GET", "v4/listed-room", {"searchTerm": ""}),
    Step("GET", "core/autocomplete/get", _SEARCH | {"itemId": "new", **SHARE_TYPES}),
    Step(
        "POST", "v4/room", json={"roomType": 3, "roomName": "Probe 2023"}, keep={"token": "token"}
    ),
    Step("PUT", "v4/room/{token}/password", json={"password": "Sesame, open 23!"}),
    Step("GET", "core/autocomplete/get", _SEARCH | {"itemId": "{token}", **SHARE_TYPES}),
    Step(
        "POST",
        "v4/room/{token}/participants",
        json={"newParticipant": "{other}", "source": "users"},
    ),
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
    Step("GET", "collaboration/resources/room/{token}"),
    Step("GET", "v1/room/{token}/avatar"),
    Step("GET", "/index.php/avatar/{other}/64"),
    Step("PUT", "v4/room/{token}/participants/state", json={"state": 1}),
    Step("GET", "v1/chat/{token}", _HISTORY, keep={"last": "0/id"}),
    Step("GET", "v1/chat/{token}", _NEWER | {"lastKnownMessageId": "{last}"}, waits=True),
    Step("GET", "v3/signaling/{token}", refused=PULL, waits=True),
)
_CALL = (
    Step(
        "POST",
        "v4/call/{token}",
        json={"flags": 7, "silent": False, "recordingConsent": False},
    ),
    Step("GET", "v4/call/{token}"),
    Step("PUT", "v4/call/{token}", json={"flags": 3}),
    Step("POST", "v3/signaling/{token}", json={"messages": MESSAGES}, refused=EXTERNAL),
    Step("GET", "v4/room/{token}", by=OTHER),
    Step("POST", "v4/call/{token}/ring/{peer_id}"),
    Step("POST", "v4/call/{token}", json={"flags": 3, "silent": False}, by=OTHER),
    Step("DELETE", "v4/call/{token}", json={"all": False}, by=OTHER),
    Step("DELETE", "v4/call/{token}", json={"all": False}),
)
_MANAGE = (
    Step("POST", "v1/chat/{token}/read", json={"lastReadMessage": "{last}"}),
    Step("DELETE", "v1/chat/{token}/read"),
    Step("PUT", "v4/room/{token}", json={"roomName": "Probe of 2023"}),
    Step("PUT", "v4/room/{token}/description", json={"description": "Of a probe"}),
    Step("PUT", "v4/room/{token}/listable", json={"scope": 1}),
    Step("POST", "v4/room/{token}/favorite"),
    Step("DELETE", "v4/room/{token}/favorite"),
    Step("POST", "v4/room/{token}/notify", json={"level": 1}),
    Step("POST", "v4/room/{token}/notify-calls", json={"level": 0}),
    Step("PUT", "v4/room/{token}/webinar/lobby", json={"state": 1, "timer": 0}),
    Step("PUT", "v4/room/{token}/webinar/lobby", json={"state": 0, "timer": 0}),
    Step("PUT", "v4/room/{token}/read-only", json={"state": 1}),
    Step("PUT", "v4/room/{token}/read-only", json={"state": 0}),
    Step("POST", "v4/room/{token}/moderators", json={"attendeeId": "{peer_id}"}),
    Step("DELETE", "v4/room/{token}/moderators", json={"attendeeId": "{peer_id}"}),
    Step("DELETE", "v4/room/{token}/participants/self", refused=ALONE),
    Step("DELETE", "v4/room/{token}/participants/active"),
    Step("DELETE", "v4/room/{token}"),
)

WEB_2023 = Walk(
    "web 2023", "cookie", WEB, (ANONYMOUS_CAPABILITIES,), _FIND + _OPEN + _CALL + _MANAGE
)
