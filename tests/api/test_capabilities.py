"""The list of features, for clients: each feature has a test that proves it."""

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from talk_calls.api import capabilities
from talk_calls.api.versioning import VERSIONS
from talk_calls.host.directory import DjangoDirectory

TESTS = Path(__file__).resolve().parents[1]

#: The test that proves each feature.
PROOFS = {
    "conversation-v4": "architecture/test_routes.py::test_public_conversation",
    "conversation-v3": "contract/test_contract_differences.py::"
    "test_every_version_is_served_on_both_entries",
    "conversation-v2": "contract/test_contract_differences.py::"
    "test_every_version_is_served_on_both_entries",
    "signaling-v3": "architecture/test_routes.py::test_public_conversation",
    "audio": "signaling/test_messages.py::test_a_message_arrives",
    "video": "signaling/test_messages.py::test_a_message_arrives",
    "guest-signaling": "signaling/test_messages.py::test_who_may_send_to_whom",
    "multi-room-users": "signaling/test_polls.py::test_two_conversations_at_once",
    "raise-hand": "signaling/test_messages.py::test_a_message_arrives",
    "force-mute": "signaling/test_messages.py::test_control_takes_a_moderator",
    "no-ping": "ocs/test_routing.py::test_unknown_route_as_json",
    "in-call-flags": "contract/test_join.py::test_join_stores_the_flags_as_given",
    "conversation-call-flags": "contract/test_join.py::test_call_flag_is_what_anybody_joined_with",
    "start-call-flag": "api/test_rooms_retrieve.py::test_who_can_start_a_call",
    "read-only-rooms": "api/test_rooms_settings.py::test_lock",
    "webinary-lobby": "api/test_rooms_settings.py::test_lobby",
    "locked-one-to-one-rooms": "contract/test_order_of_checks.py::"
    "test_joining_a_one_to_one_brings_the_other_back",
    "listable-rooms": "api/test_rooms_listed.py::test_what_is_found",
    "room-description": "api/test_rooms_change.py::test_changes",
    "conversation-creation-password": "api/test_conversation_settings.py::"
    "test_opening_with_a_password_where_none_is_forced",
    "conversation-creation-all": "api/v4/test_rooms.py::test_everything_at_once",
    "empty-group-room": "api/test_rooms_create.py::test_create",
    "guest-display-names": "api/test_guests.py::test_rename",
    "favorites": "api/test_own_settings.py::test_favourite",
    "notification-levels": "api/test_own_settings.py::test_notification_level",
    "last-room-activity": "contract/test_join.py::test_join_counts_as_activity",
    "invite-groups-and-mails": "api/test_participants_invite.py::test_who_is_listed",
    "publishing-permissions": "api/v4/test_calls.py::test_flags_follow_the_permissions",
    "conversation-permissions": "api/v4/test_permissions.py::test_of_a_level",
    "notification-calls": "api/test_own_settings.py::test_notification_of_calls",
    "silent-call": "api/v4/test_calls.py::test_silent_start_is_reported",
    "send-call-notification": "api/v4/test_calls.py::test_ring",
    "session-state": "api/v4/test_devices.py::test_session_state",
    "recording-consent": "api/v4/test_calls.py::test_consent",
    "download-call-participants": "api/v4/test_download.py::test_download",
    "call-notification-state-api": "api/v4/test_calls.py::test_notification_state",
    "chat-v2": "api/test_chat.py::test_history",
    "chat-get-context": "api/test_chat.py::test_context",
    "chat-read-marker": "api/test_chat.py::test_read_marker",
    "chat-permission": "api/v4/test_permissions.py::test_nobody_may_write",
    "system-messages": "api/test_chat_sentences.py::test_sentences",
    "ban-v1": "api/test_bans.py::test_ban_and_list",
}

#: The feature by which clients know of each route, and None for those that were there always.
ROUTES = {
    "call-detail": None,
    "room-list": None,
    "room-detail": None,
    "room-avatar": None,
    "room-avatar-dark": None,
    "room-public": None,
    "room-moderators": None,
    "room-participants": None,
    "room-guests": None,
    "room-self": None,
    "room-active-session": None,
    "room-password": None,
    "room-attendees": "conversation-v3",
    "listed-room-list": "listable-rooms",
    "room-listable": "listable-rooms",
    "room-description": "room-description",
    "room-read-only": "read-only-rooms",
    "room-lobby": "webinary-lobby",
    "guest-name": "guest-display-names",
    "signaling-detail": "signaling-v3",
    "signaling-settings": "signaling-v3",
    "room-favorite": "favorites",
    "room-notify": "notification-levels",
    "room-notify-calls": "notification-calls",
    "call-ring": "send-call-notification",
    "call-notification-state": "call-notification-state-api",
    "ban-detail": "ban-v1",
    "ban-one": "ban-v1",
    "call-download": "download-call-participants",
    "room-session-state": "session-state",
    "room-permissions": "conversation-permissions",
    "room-attendee-permissions": "publishing-permissions",
    "room-all-permissions": "publishing-permissions",
    "room-recording-consent": "recording-consent",
    "room-message-expiration": None,
    "room-mention-permissions": None,
    "room-resend-invitations": "invite-groups-and-mails",
    "chat-detail": "chat-v2",
    "chat-context": "chat-get-context",
    "chat-read": "chat-read-marker",
    "chat-mentions": "chat-v2",
    **dict.fromkeys(
        # What clients ask, or would write, where the chat is one of people.
        (
            *("chat-message", "chat-share", "chat-overview", "chat-schedule"),
            *("reaction-message", "poll-detail", "poll-vote", "bot-detail", "bot-bot"),
        ),
        None,
    ),
    "visit-detail": None,
    "visit-others": None,
}

FEATURES = list(PROOFS)
VERSION = {
    "major": 33,
    "minor": 0,
    "micro": 0,
    "string": "33.0.0",
    "edition": "",
    "extendedSupport": False,
}
CORE = {"pollinterval": 60}


def spreed(
    *, enabled: bool = True, can_create: bool = True, default: int = 502, consent: int = 0
) -> dict:
    """Return the capabilities of Talk."""
    return {
        "features": FEATURES,
        "config": {
            "attachments": {"allowed": False},
            "call": {
                "enabled": enabled,
                "recording-consent": consent,
                "supported-reactions": ["👍", "❤️", "😂", "👏", "🎉", "😲"],
            },
            "conversations": {
                "can-create": can_create,
                "description-length": 2000,
                "force-passwords": False,
            },
            "permissions": {"max-default": 510, "max-custom": 511, "default": default},
        },
        "version": "23.0.2",
    }


class ClosedDirectory(DjangoDirectory):
    """A site that lets nobody use Talk but Alice."""

    def may_use_talk(self, user) -> bool:
        return user.username == "alice"


CLOSED = {"DIRECTORY": f"{__name__}.ClosedDirectory"}


def test_every_feature_is_proved():
    """A feature that no test proves is not advertised, and so is none that is not in the table."""
    assert list(capabilities.FEATURES) == FEATURES


@pytest.mark.parametrize("proof", sorted(set(PROOFS.values())))
def test_proofs_exist(proof):
    """The tests that prove the features are there."""
    path, name = proof.split("::")
    assert re.search(rf"^def {name}\(", (TESTS / path).read_text(), re.M)


def test_site_without_mails(settings):
    """Groups and e-mails are one feature, so it is left out where no e-mails are sent."""
    settings.TALK_CALLS = {"CALL_PAGE": ""}
    served = capabilities.document(None)["capabilities"]["spreed"]["features"]
    assert set(FEATURES) - set(served) == {"invite-groups-and-mails"}


def test_every_route_is_announced():
    """A route that clients look for by a feature is served together with that feature."""
    served = {
        pattern.name
        for version in VERSIONS
        for pattern in import_module(f"talk_calls.api.{version}").urlpatterns
    }
    assert served == set(ROUTES)
    assert {feature for feature in ROUTES.values() if feature} <= set(capabilities.FEATURES)


def test_newest_versions_stand_first():
    """Every version that is served is named, the newest first; v1 never had a name."""
    named = [name for name in capabilities.FEATURES if name.startswith("conversation-v")]
    assert named == [f"conversation-{version}" for version in reversed(VERSIONS[1:])]


@pytest.mark.parametrize("name", ["alice", None])
def test_document(name):
    """The whole document; guests cannot create conversations."""
    user = User(username=name) if name else None
    assert capabilities.document(user) == {
        "version": VERSION,
        "capabilities": {"core": CORE, "spreed": spreed(can_create=name is not None)},
    }


@pytest.mark.contract("2.7")
def test_user_whom_the_site_bars(settings):
    """Users who may not use Talk get no capabilities of it; guests are not affected."""
    settings.TALK_CALLS = CLOSED
    assert capabilities.document(User(username="bob"))["capabilities"] == {"core": CORE}
    assert capabilities.document(User(username="alice"))["capabilities"]["spreed"] == spreed()
    assert "spreed" in capabilities.document(None)["capabilities"]


@pytest.mark.parametrize(
    ("start_calls", "enabled"),
    [("everyone", True), ("users", True), ("moderators", True), ("no one", False)],
)
def test_calls_are_enabled(settings, start_calls, enabled):
    """Where no one may start a call there are none (constants 1.8)."""
    settings.TALK_CALLS = {"START_CALLS": start_calls, "DEFAULT_PERMISSIONS": 6}
    served = capabilities.document(User())["capabilities"]["spreed"]
    assert served == spreed(enabled=enabled, default=6)


@pytest.mark.parametrize(("rule", "consent"), [("no", 0), ("yes", 1), ("optional", 2)])
def test_consent(settings, rule, consent):
    """Clients ask their user before they join where consent is needed (constants 3.2)."""
    settings.TALK_CALLS = {"RECORDING_CONSENT": rule}
    served = capabilities.document(User())["capabilities"]["spreed"]
    assert served == spreed(consent=consent)


#: A name of the reference, or the version of Talk that brought the names before it.
NAME_OR_VERSION = re.compile(r"`([a-z0-9.-]+)`|\((\d+(?:\.\d+)*)\+?\)")
#: The version that brought the newest bit of the masks in ``config.permissions`` (constants 2.7).
NEWEST_BIT = (23, 0, 2)


def versions_of_features() -> dict[str, tuple[int, ...]]:
    """Return the version of Talk that brought each feature, as the reference has them (10)."""
    text = (TESTS.parent / "docs/reference/behaviour.md").read_text()
    section = text.split("## 10. Capabilities")[1].split("| `config` |")[0]
    first, later = section.split("| Later feature |")
    versions = dict.fromkeys(re.findall(r"`([a-z0-9-]+)`", first), (11,))
    waiting: list[str] = []
    for name, version in NAME_OR_VERSION.findall(later):
        if name:
            waiting.append(name)
        else:
            versions |= dict.fromkeys(waiting, tuple(map(int, version.split("."))))
            waiting = []
    return versions


def versions_of_config() -> dict[str, tuple[int, ...]]:
    """Return the version that brought each part of ``config``, as the reference has them (10)."""
    text = (TESTS.parent / "docs/reference/behaviour.md").read_text()
    section = text.split("| `config` |")[1].split("\n\n")[0]
    first = re.search(r"^\| Talk 11 \|(.*)$", section, re.M)[1]
    versions = {name.split(".")[0]: (11,) for name in re.findall(r"`([a-z.-]+)`", first)}
    later = re.findall(r"^\| `([a-z-]+)` \((\d+)\+\)", section, re.M)
    return versions | {name: (int(version),) for name, version in later}


def test_reference_has_the_version_of_everything():
    """What is advertised stands in the reference, with the version that brought it."""
    spreed = capabilities.document(None)["capabilities"]["spreed"]
    assert set(spreed["features"]) - set(versions_of_features()) == set()
    assert set(spreed["config"]) - set(versions_of_config()) == set()


def test_version_is_that_of_the_newest_thing():
    """``TALK_VERSION`` claims no less and no more than what is advertised (decision 47)."""
    spreed = capabilities.document(None)["capabilities"]["spreed"]
    features, config = versions_of_features(), versions_of_config()
    claimed = [
        *(features[name] for name in spreed["features"]),
        *(config[name] for name in spreed["config"]),
    ]
    assert spreed["config"]["permissions"]["max-custom"] == 511
    newest = max([*claimed, NEWEST_BIT])
    assert tuple(map(int, spreed["version"].split("."))) == newest


def test_server_fits_its_talk():
    """Talk 24 comes with Nextcloud 34, and each other one so (constants 2.7)."""
    served = capabilities.document(None)
    talk = served["capabilities"]["spreed"]["version"]
    assert served["version"]["major"] == int(talk.split(".")[0]) + 10


def test_versions_of_the_site(settings):
    """The versions are those of the settings."""
    settings.TALK_CALLS = {"SERVER_VERSION": "31.10.2", "TALK_VERSION": "21.0.3"}
    served = capabilities.document(None)
    assert served["version"] == VERSION | {
        "major": 31,
        "minor": 10,
        "micro": 2,
        "string": "31.10.2",
    }
    assert served["capabilities"]["spreed"]["version"] == "21.0.3"


@pytest.mark.parametrize("user", [None, User(username="bob")])
def test_every_capability_is_an_object(settings, user):
    """Signaling servers read each top-level capability as an object (clients 4)."""
    for values in ({}, CLOSED):
        settings.TALK_CALLS = values
        served = json.loads(json.dumps(capabilities.document(user)))["capabilities"]
        assert all(isinstance(capability, dict) for capability in served.values())
        assert all(served.values()), "an empty object would arrive as a list"


@pytest.mark.contract("2.8")
@pytest.mark.parametrize(
    "changed",
    [
        {"SERVER_VERSION": "30.0.0"},
        {"TALK_VERSION": "20.0.0"},
        {"START_CALLS": "no one"},
        {"DEFAULT_PERMISSIONS": 6},
        {"RECORDING_CONSENT": "yes"},
        CLOSED,
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_hash_changes_with_the_capabilities(settings, changed):
    """The hash changes if, and only if, the capabilities do."""
    bob = User(username="bob")
    before = capabilities.talk_hash(bob)
    assert re.fullmatch("[0-9a-f]{40}", before)
    assert before == capabilities.talk_hash(User(username="carol"))
    settings.TALK_CALLS = {"SESSION_TIMEOUT": 5}
    assert capabilities.talk_hash(bob) == before
    settings.TALK_CALLS = changed
    assert capabilities.talk_hash(bob) != before
