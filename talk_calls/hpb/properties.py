"""What a signaling server tells the people in a conversation about it (signaling-server 3.2)."""

from datetime import datetime

from talk_calls.models import Conversation
from talk_calls.ocs.json_types import JSONObject


def properties_of(conversation: Conversation, now: datetime) -> JSONObject:
    """Return name, type and state of a conversation that is loaded with its call; no query.

    Times are Unix times in seconds, or None. The server compares them with those that it knows and
    tells everybody who is in the conversation if one differs, so they are the same for all.
    """
    has_lobby = conversation.has_lobby(now)
    return {
        "name": conversation.name,
        "description": conversation.description,
        "type": conversation.type,
        "lobby-state": int(has_lobby),
        "lobby-timer": _unix(conversation.lobby_timer if has_lobby else None),
        "read-only": conversation.read_only,
        "listable": conversation.listable,
        "active-since": _unix(conversation.call_started_at if conversation.has_call else None),
        "sip-enabled": 0,
    }


def _unix(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
