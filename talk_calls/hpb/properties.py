"""What the HPB knows of a conversation, and of what somebody may do in it (signaling-server 3.2)."""

from datetime import datetime
from typing import Any

from talk_calls import policies
from talk_calls.constants import Permission
from talk_calls.models import Attendee, Call, Conversation
from talk_calls.ocs.json_types import JSONObject

_MEDIA = {
    Permission.PUBLISH_AUDIO: "publish-audio",
    Permission.PUBLISH_VIDEO: "publish-video",
    Permission.PUBLISH_SCREEN: "publish-screen",
}


def properties_of(conversation: Conversation, call: Call | None) -> JSONObject:
    """Return the properties of a conversation, which the HPB passes on to clients.

    It compares them with the last ones, so they have nothing in them that changes by itself.
    ``call`` is the open call, if there is one.
    """
    return {
        "name": conversation.name,
        "description": conversation.description,
        "type": conversation.type,
        "lobby-state": conversation.lobby_state,
        "lobby-timer": _unix_time(conversation.lobby_timer),
        "read-only": conversation.read_only,
        "listable": conversation.listable,
        "active-since": _unix_time(call.started_at if call else None),
        "sip-enabled": 0,
    }


def permissions_of(conversation: Conversation, attendee: Attendee) -> list[str]:
    """Return what the HPB lets somebody do; an empty list is nothing."""
    held = policies.permissions_of(conversation, attendee)
    names = [name for permission, name in _MEDIA.items() if held & permission]
    return [*names, "control"] if policies.moderates(conversation, attendee) else names


def _unix_time(moment: datetime | None) -> Any:
    return int(moment.timestamp()) if moment else None
