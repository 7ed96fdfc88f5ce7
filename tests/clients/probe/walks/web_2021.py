"""Talk's web client of early 2021, which speaks four versions at once."""

from tests.clients.probe.steps import OTHER, Step, Walk
from tests.clients.probe.walks.common import (
    ALONE,
    EXTERNAL,
    MESSAGES,
    PULL,
    READ_ONLY,
    SHARE_TYPES,
    WEB,
    WRONG_TOKEN,
)

_SEARCH = {"search": "{other}", "itemType": "call"}
_HISTORY = {"setReadMarker": 1, "lookIntoFuture": 0, "lastKnownMessageId": 0, "includeLastKnown": 0}
_NEWER = {"setReadMarker": 1, "lookIntoFuture": 1, "includeLastKnown": 0}
_POST = {"message": "Hello", "actorDisplayName": "", "referenceId": "0" * 64}

_FIND = (
    Step("GET", "cloud/capabilities"),
    Step("GET", "v3/room"),
    Step("GET", "core/autocomplete/get", _SEARCH | {"itemId": "new", **SHARE_TYPES}),
    Step(
        "POST", "v3/room", json={"roomType": 2, "roomName": "Probe 2021"}, keep={"token": "token"}
    ),
    Step("GET", "core/autocomplete/get", _SEARCH | {"itemId": "{token}", **SHARE_TYPES}),
    Step(
        "POST",
        "v3/room/{token}/participants",
        json={"newParticipant": "{other}", "source": "users"},
    ),
    Step("GET", "v3/room/nosuchroom", refused=WRONG_TOKEN),
    Step("GET", "v3/room/{token}"),
)
_OPEN = (
    Step("POST", "v3/room/{token}/participants/active", by=OTHER),
    Step(
        "POST",
        "v3/room/{token}/participants/active",
        json={"force": False},
        keep={"session": "sessionId"},
    ),
    Step("GET", "v2/signaling/settings", {"token": ""}),
    Step("GET", "v2/signaling/settings", {"token": "{token}"}),
    Step("POST", "v1/signaling/null", json={"messages": '[{"ev":"connect"}]'}, refused=EXTERNAL),
    Step(
        "GET",
        "v3/room/{token}/participants",
        {"includeStatus": "true"},
        keep={"peer": "actorId={other}/sessionId", "peer_id": "actorId={other}/attendeeId"},
    ),
    Step("GET", "collaboration/resources/room/{token}"),
    Step("GET", "/index.php/avatar/{other}/64"),
    Step("GET", "v1/chat/{token}", _HISTORY, keep={"last": "0/id"}),
    Step("GET", "v1/chat/{token}", _NEWER | {"lastKnownMessageId": "{last}"}, waits=True),
    Step("GET", "v2/signaling/{token}", refused=PULL, waits=True),
)
_CALL = (
    Step("GET", "v3/call/{token}"),
    Step("POST", "v1/call/{token}", json={"flags": 7}),
    Step("GET", "v3/call/{token}"),
    Step("POST", "v1/signaling/{token}", json={"messages": MESSAGES}, refused=EXTERNAL),
    Step("GET", "v3/room/{token}", by=OTHER),
    Step("POST", "v1/call/{token}", json={"flags": 3}, by=OTHER),
    Step("DELETE", "v1/call/{token}", by=OTHER),
    Step("DELETE", "v1/call/{token}"),
)
_MANAGE = (
    Step("POST", "v1/chat/{token}", json=_POST, refused=READ_ONLY),
    Step("POST", "v1/chat/{token}/read", json={"lastReadMessage": "{last}"}),
    Step("GET", "v1/chat/{token}/mentions", {"search": "{other}"}),
    Step("PUT", "v3/room/{token}", json={"roomName": "Probe of 2021"}),
    Step("PUT", "v3/room/{token}/description", json={"description": "Of a probe"}),
    Step("POST", "v3/room/{token}/favorite"),
    Step("DELETE", "v3/room/{token}/favorite"),
    Step("POST", "v3/room/{token}/notify", json={"level": 1}),
    Step("POST", "v3/room/{token}/public"),
    Step("DELETE", "v3/room/{token}/public"),
    Step("PUT", "v3/room/{token}/webinar/lobby", json={"state": 1, "timer": 0}),
    Step("PUT", "v3/room/{token}/webinar/lobby", json={"state": 0, "timer": 0}),
    Step("POST", "v3/room/{token}/moderators", json={"attendeeId": "{peer_id}"}),
    Step("DELETE", "v3/room/{token}/moderators", json={"attendeeId": "{peer_id}"}),
    Step("DELETE", "v3/room/{token}/participants/self", refused=ALONE),
    Step("DELETE", "v3/room/{token}/participants/active"),
    Step("DELETE", "v3/room/{token}"),
)

WEB_2021 = Walk("web 2021", "cookie", WEB, (), _FIND + _OPEN + _CALL + _MANAGE)
