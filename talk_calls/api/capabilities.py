"""Capabilities: the list of what works, for clients (behaviour 10, clients 4).

Only what works stands here, each with a test that proves it (tests/api/test_capabilities.py).
"""

import hashlib
import json
from typing import Any

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import (
    DESCRIPTION_MAX_LENGTH,
    REACTIONS,
    ConsentRule,
    ConversationType,
    Permission,
    StartCalls,
)
from talk_calls.host.actors import Actor, HostUser
from talk_calls.hpb import keys
from talk_calls.hpb.backend import PING_LIMIT

#: Names that clients look for. Some take the first ``conversation-v…`` and the first
#: ``signaling-v…`` that they meet, so the newest of these stand first (clients 4).
FEATURES = (
    "conversation-v4",
    "conversation-v3",
    "conversation-v2",
    "signaling-v3",
    "audio",
    "video",
    "guest-signaling",
    "multi-room-users",
    "raise-hand",
    "force-mute",
    "no-ping",
    "in-call-flags",
    "conversation-call-flags",
    "start-call-flag",
    "read-only-rooms",
    "webinary-lobby",
    "locked-one-to-one-rooms",
    "listable-rooms",
    "room-description",
    "conversation-creation-password",
    "conversation-creation-all",
    "empty-group-room",
    "guest-display-names",
    "favorites",
    "notification-levels",
    "last-room-activity",
    "invite-groups-and-mails",
    "publishing-permissions",
    "conversation-permissions",
    "notification-calls",
    "silent-call",
    "send-call-notification",
    "session-state",
    "recording-consent",
    "download-call-participants",
    "call-notification-state-api",
    "chat-v2",
    "chat-get-context",
    "chat-read-marker",
    "chat-permission",
    "system-messages",
    "ban-v1",
)

#: The values of consent for clients (constants 3.2).
_CONSENT = {ConsentRule.NO: 0, ConsentRule.YES: 1, ConsentRule.OPTIONAL: 2}


def document(user: HostUser | None) -> dict[str, Any]:
    """Return the capabilities for ``user``, or for guests with None.

    No query; one a minute in each process where signaling is external, and one for the groups of
    ``user`` where the site says whose members create conversations.
    Each capability is an object, as signaling servers insist (clients 4). Somebody whom the site
    does not let use Talk does not hear of it (behaviour 2.7).
    """
    capabilities: dict[str, Any] = {"core": {"pollinterval": 60}}
    if user is None or conf.directory.may_use_talk(user):
        capabilities["spreed"] = _spreed(user)
    return {"version": version(), "capabilities": capabilities}


def version() -> dict[str, Any]:
    """Return ``SERVER_VERSION`` in the parts that clients read."""
    major, minor, micro = map(int, conf.server_version.split("."))
    return {
        "major": major,
        "minor": minor,
        "micro": micro,
        "string": conf.server_version,
        "edition": "",
        "extendedSupport": False,
    }


def talk_hash(user: HostUser | None) -> str:
    """Return what changes with anything above, so that clients read it anew (behaviour 2.8)."""
    text = json.dumps(document(user), sort_keys=True)
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _spreed(user: HostUser | None) -> dict[str, Any]:
    return {
        "features": _features(),
        "config": {
            "attachments": {"allowed": False},
            "call": {
                "enabled": conf.start_calls != StartCalls.NO_ONE,
                "recording-consent": _CONSENT[conf.recording_consent],
                "supported-reactions": list(REACTIONS),
            },
            "conversations": {
                "can-create": _can_create(user),
                "description-length": DESCRIPTION_MAX_LENGTH,
                "force-passwords": conf.force_passwords,
            },
            **({"signaling": _signaling()} if conf.signaling.external else {}),
            "permissions": {
                "max-default": Permission.MAX_DEFAULT,
                "max-custom": Permission.MAX_CUSTOM,
                "default": conf.default_permissions,
            },
        },
        "version": conf.talk_version,
    }


def _signaling() -> dict[str, Any]:
    """Return what signaling servers read; without a key they take tickets alone."""
    key = keys.current()
    token_key = {"hello-v2-token-key": key.public} if key else {}
    return {"session-ping-limit": PING_LIMIT, **token_key}


def _can_create(user: HostUser | None) -> bool:
    """Tell whether there is a type of conversation, besides one-to-ones, that ``user`` may create.

    Clients have one button for group and public conversations.
    """
    if user is None:
        return False
    kinds = (ConversationType.GROUP, ConversationType.PUBLIC)
    return any(policies.may_create(Actor(user), kind) is None for kind in kinds)


def _features() -> list[str]:
    """Return all features, but for the mails of a site that sends none."""
    missing = set() if conf.call_page else {"invite-groups-and-mails"}
    return [feature for feature in FEATURES if feature not in missing]
