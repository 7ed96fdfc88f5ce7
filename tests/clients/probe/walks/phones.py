"""Talk's apps for Android and iOS, in the order in which they ask."""

from tests.clients.probe.steps import OTHER, Step, Walk
from tests.clients.probe.walks.common import EXTERNAL, MESSAGES, PULL

_ANDROID = {
    "Accept": "application/json",
    "OCS-APIRequest": "true",
    "User-Agent": "Mozilla/5.0 (Android) Nextcloud-Talk v20.1.0",
}
_IOS = {
    "Accept": "application/json",
    "OCS-APIRequest": "true",
    "User-Agent": "Mozilla/5.0 (iOS) Nextcloud-Talk v20.1.0",
}
_GROUP = {"roomType": 2, "roomName": "Probe of a phone"}
_INVITED = {"newParticipant": "{other}", "source": "users"}
_JSON = {"format": "json"}
_CHAT = {"lookIntoFuture": 0, "limit": 100, "setReadMarker": 1, "includeLastKnown": 0}
_NEWER = {"lookIntoFuture": 1, "limit": 100, "timeout": 30, "lastKnownMessageId": "{last}"}
_PEER = {"peer": "actorId={other}/sessionIds/0", "peer_id": "actorId={other}/attendeeId"}

_ANDROID_ADD = (
    Step("GET", "/status.php"),
    Step("GET", "cloud/capabilities"),
)
_ANDROID_FIND = (
    Step("GET", "cloud/capabilities"),
    Step("GET", "cloud/user"),
    Step("GET", "v3/signaling/settings"),
    Step("GET", "v4/room", {"includeStatus": "true"}),
    Step("GET", "/index.php/avatar/{other}/64"),
    Step(
        "GET",
        "core/autocomplete/get",
        {"search": "{other}", "itemType": "call", "shareTypes[]": ["0"], "limit": 50},
    ),
    Step("POST", "v4/room", _GROUP, keep={"token": "token"}),
    Step("POST", "v4/room/{token}/participants", _INVITED),
    Step("GET", "v1/room/{token}/avatar"),
)
_ANDROID_CALL = (
    Step("POST", "v4/room/{token}/participants/active", form={}, by=OTHER),
    Step("GET", "v4/room/{token}"),
    Step(
        "POST",
        "v4/room/{token}/participants/active",
        form={"password": "", "force": "true"},
        keep={"session": "sessionId"},
    ),
    Step("GET", "v1/chat/{token}", _CHAT, keep={"last": "0/id"}),
    Step("GET", "v1/chat/{token}", _NEWER, waits=True),
    Step("GET", "v4/room/{token}/participants", {"includeStatus": "true"}, keep=_PEER),
    Step("GET", "v3/signaling/settings", {"token": "{token}"}),
    Step("GET", "cloud/capabilities"),
    Step(
        "POST",
        "v4/call/{token}",
        form={"flags": 7, "silent": "false", "recordingConsent": "false"},
    ),
    Step("GET", "v4/room/{token}"),
    Step("GET", "v3/signaling/{token}", refused=PULL, waits=True),
    Step("POST", "v3/signaling/{token}", form={"messages": MESSAGES}, refused=EXTERNAL),
    Step("GET", "v4/call/{token}/notification-state", by=OTHER),
    Step("PUT", "v4/call/{token}", form={"flags": 3}),
    Step("POST", "v4/call/{token}", form={"flags": 7}, by=OTHER),
    Step("DELETE", "v4/call/{token}", {"all": "true"}, by=OTHER),
    Step("DELETE", "v4/call/{token}", {"all": "false"}),
)
_ANDROID_MANAGE = (
    Step("POST", "v1/chat/{token}/read", form={"lastReadMessage": "{last}"}),
    Step("POST", "v4/room/{token}/favorite"),
    Step("DELETE", "v4/room/{token}/favorite"),
    Step("POST", "v4/room/{token}/notify", form={"level": 2}),
    Step("POST", "v4/room/{token}/notify-calls", form={"level": 1}),
    Step("DELETE", "v4/room/{token}/participants/active"),
    Step("DELETE", "v4/room/{token}"),
)

ANDROID = Walk(
    "Android", "flow", _ANDROID, _ANDROID_ADD, _ANDROID_FIND + _ANDROID_CALL + _ANDROID_MANAGE
)

_IOS_ADD = (Step("GET", "/ocs/v1.php/cloud/capabilities", _JSON),)
_IOS_FIND = (
    Step("GET", "/ocs/v1.php/cloud/capabilities", _JSON),
    Step("GET", "/ocs/v1.php/cloud/user", _JSON),
    Step("GET", "v3/signaling/settings", _JSON),
    Step(
        "GET",
        "v4/room",
        {"noStatusUpdate": 0, "includeStatus": 1},
        keep={"since": "X-Nextcloud-Talk-Modified-Before"},
    ),
    Step("GET", "/index.php/avatar/{other}/64"),
    Step("POST", "v4/room", form=_GROUP | _JSON, keep={"token": "token"}),
    Step("POST", "v4/room/{token}/participants", form=_INVITED | _JSON),
    Step("GET", "v4/room", {"includeStatus": 1, "modifiedSince": "{since}"}),
    Step("GET", "v1/room/{token}/avatar"),
)
_IOS_CALL = (
    Step("POST", "v4/room/{token}/participants/active", form=_JSON, by=OTHER),
    Step(
        "POST",
        "v4/room/{token}/participants/active",
        form=_JSON,
        keep={"session": "sessionId"},
    ),
    Step("GET", "v1/chat/{token}", _CHAT, keep={"last": "0/id"}),
    Step("GET", "v1/chat/{token}", _NEWER, waits=True),
    Step("GET", "v3/signaling/settings", {"token": "{token}"}),
    Step(
        "POST",
        "v4/call/{token}",
        form={"flags": 7, "silent": 0, "recordingConsent": 0} | _JSON,
    ),
    Step("GET", "v4/call/{token}"),
    Step("GET", "v3/signaling/{token}", refused=PULL, waits=True),
    Step("GET", "v4/room/{token}/participants", keep=_PEER),
    Step("POST", "v3/signaling/{token}", form={"messages": MESSAGES} | _JSON, refused=EXTERNAL),
    Step("PUT", "v4/call/{token}", form={"flags": 3} | _JSON),
    Step("POST", "v4/call/{token}", form={"flags": 7, "silentFor[]": ["{me}"]}, by=OTHER),
    Step("DELETE", "v4/call/{token}", form={"all": 0} | _JSON, by=OTHER),
    Step("DELETE", "v4/call/{token}", {"all": 0}),
)
_IOS_MANAGE = (
    Step("POST", "v1/chat/{token}/read", form=_JSON),
    Step("POST", "v4/room/{token}/favorite", form=_JSON),
    Step("DELETE", "v4/room/{token}/favorite", form=_JSON),
    Step("POST", "v4/room/{token}/notify", form={"level": 3} | _JSON),
    Step("DELETE", "v4/room/{token}/participants/active", form=_JSON),
    Step("DELETE", "v4/room/{token}", form=_JSON),
)

IOS = Walk("iOS", "direct", _IOS, _IOS_ADD, _IOS_FIND + _IOS_CALL + _IOS_MANAGE)
