"""nextcloud-async: its conversations, participants, permissions, chat, capabilities and login.

What it fails at by itself, whatever the site, is in ``test_broken_in_itself``.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from talk_calls.models import AppPassword
from tests.clients.awaited import Awaited
from tests.clients.browser import grant
from tests.clients.libraries import library

httpx = library("httpx")
nextcloud_async = library("nextcloud_async")
pytestmark = pytest.mark.package("nextcloud_async")

TALK = "/ocs/v2.php/apps/spreed/api/v4"
FEATURES = "capabilities.spreed.features"


@pytest.fixture
def connect(site, people, runner) -> Iterator[Callable[..., Any]]:
    """Return a function that makes a client; without a password it gets an app password."""
    with ExitStack() as open_clients:

        def make(name: str = "", password: str = "") -> Any:
            http = httpx.AsyncClient()
            open_clients.callback(Awaited(runner, http).aclose)
            password = password or (people.app_password(name) if name else "")
            client = nextcloud_async.NextCloudAsync(
                client=http, endpoint=site, user=name, password=password
            )
            return Awaited(runner, client)

        yield make


@pytest.fixture
def alice(connect) -> Any:
    """Return Alice's client."""
    return connect("alice")


@pytest.fixture
def token(alice) -> str:
    """Return a group conversation of Alice's, with Bob and Carol by way of their group."""
    return alice.create_conversation("group", invite="staff", source="groups")["token"]


@pytest.fixture
def attendee(alice, token) -> Callable[[str], dict[str, Any]]:
    """Return a function that finds somebody in the library's list of participants."""

    def find(name: str) -> dict[str, Any]:
        listed = alice.get_conversation_participants(token, include_status=True)
        [found] = [one for one in listed if one["actorId"] == name]
        return found

    return find


def _permissions(bits: int) -> Any:
    return nextcloud_async.api.ocs.talk.constants.Permissions(bits)


def test_capabilities(connect):
    """What the site can do, in slices; before any login, too."""
    for client in (connect("alice"), connect()):
        assert "conversation-v4" in client.get_capabilities(FEATURES)
        assert client.get_capabilities("capabilities.spreed.config.call.enabled") is True
        assert client.get_capabilities("version.major") == 33
    with pytest.raises(nextcloud_async.exceptions.NextCloudException) as missing:
        client.get_capabilities("capabilities.files")
    assert missing.value.status_code == 404


def test_call_log(alice, connect, token):
    """What happened reads as messages; the header names the one to continue from."""
    bob = connect("bob")
    bob.join_conversation(token, None)
    bob.ocs_query("POST", sub=f"{TALK}/call/{token}", data={"flags": 3})
    log, headers = alice.get_conversation_messages(token)
    assert [one["systemMessage"] for one in log] == [
        "call_started",
        "group_added",
        "conversation_created",
    ]
    assert headers["X-Chat-Last-Given"] == str(log[-1]["id"])
    assert headers["X-Chat-Last-Common-Read"] == str(log[0]["id"])
    newer, headers = alice.get_conversation_messages(
        token, look_into_future=True, last_known_message=log[1]["id"]
    )
    assert newer == log[:1]
    assert headers["X-Chat-Last-Given"] == str(log[0]["id"])


def test_nobody_writes(alice, token):
    """What would change the chat is refused, and lists of what is shared there are empty."""
    for ask in (
        lambda: alice.send_to_conversation(token, "Hello"),
        lambda: alice.clear_conversation_history(token),
        lambda: alice.remove_conversation_message(token, 1),
    ):
        with pytest.raises((nextcloud_async.exceptions.NextCloudForbidden, TypeError)):
            ask()
    assert alice.get_shared_items_overview(token) == {}
    assert alice.get_conversation_autocomplete_suggestions(token, "b") == []


@pytest.mark.parametrize(
    ("kind", "terms", "name"),
    [
        ("one_to_one", {"invite": "bob"}, "Bob"),
        ("group", {"room_name": "Weekly"}, "Weekly"),
        ("group", {"invite": "staff", "source": "groups"}, "staff"),
        ("public", {"room_name": "Open"}, "Open"),
    ],
)
def test_create(alice, ours, kind, terms, name):
    """Each type; what does not matter is sent as empty text."""
    made = alice.create_conversation(kind, **terms)
    assert (made["displayName"], made["participantType"]) == (name, 1)
    assert alice.get_conversation(made["token"]) == made
    [listed] = alice.get_conversations(status_update=True, include_status=True)
    assert listed == ours("alice").get(f"room/{made['token']}").data == made


def test_open_conversations(alice, connect, ours):
    """A listed conversation is found by users who are not in it."""
    token = alice.create_conversation("group", room_name="Open")["token"]
    bob = connect("bob")
    assert bob.get_open_conversation_list() == []
    assert alice.set_conversation_scope(token, "users") == []
    assert [one["token"] for one in bob.get_open_conversation_list()] == [token]
    assert ours("alice").get(f"room/{token}").data["listable"] == 1


CHANGES = (
    ("rename_conversation", ["Fortnightly"], "name", "Fortnightly"),
    ("set_conversation_description", ["Bring cake"], "description", "Bring cake"),
    ("conversation_allow_guests", [True], "type", 3),
    ("conversation_allow_guests", [False], "type", 2),
    ("add_conversation_to_favorites", [], "isFavorite", True),
    ("set_conversation_notification_level", ["never_notify"], "notificationLevel", 3),
    ("set_call_notification_level", ["default"], "notificationCalls", 0),
    ("set_call_notification_level", ["always_notify"], "notificationCalls", 1),
)


def test_change(alice, ours, token):
    """Each change has its effect."""
    device = ours("alice")
    for method, arguments, field, seen in CHANGES:
        assert device.get(f"room/{token}").data[field] != seen, method
        assert getattr(alice, method)(token, *arguments) == []
        assert device.get(f"room/{token}").data[field] == seen, method


def test_password(alice, connect):
    """Somebody else's client comes in with the password, and not without."""
    token = alice.create_conversation("public", room_name="Open")["token"]
    alice.set_conversation_password(token, "Sesame, open")
    bob = connect("bob")
    with pytest.raises(nextcloud_async.exceptions.NextCloudForbidden):
        bob.join_conversation(token, None)
    assert bob.join_conversation(token, "Sesame, open")["hasPassword"] is True


def test_moderation(alice, ours, token, attendee):
    """Somebody is promoted, somebody else is removed."""
    alice.promote_conversation_participant(token, attendee("bob")["attendeeId"])
    assert ours("bob").get(f"room/{token}").data["participantType"] == 2
    alice.remove_participant_from_conversation(token, attendee("carol")["attendeeId"])
    assert ours("carol").get(f"room/{token}").http == 404


def test_permissions(alice, token, attendee):
    """Of one, of all, of the conversation and of the call."""
    bob = attendee("bob")["attendeeId"]
    of_one, of_all = (
        alice.set_conversation_participant_permissions,
        alice.set_conversation_permissions_for_participants,
    )
    of_one(token, bob, _permissions(6), mode="set")
    of_one(token, bob, _permissions(16))
    of_one(token, bob, _permissions(2), mode="remove")
    assert attendee("bob")["permissions"] == 1 + 4 + 16
    of_all(token, _permissions(32))
    assert (attendee("bob")["permissions"], attendee("carol")["permissions"]) == (53, 33)
    of_all(token, _permissions(0), mode="set")
    changed = alice.set_participant_permissions(token, "default", _permissions(4))
    assert (changed["defaultPermissions"], attendee("bob")["permissions"]) == (5, 5)
    changed = alice.set_participant_permissions(token, "call", _permissions(6))
    assert (changed["callPermissions"], attendee("bob")["permissions"]) == (7, 7)


def test_call(alice, connect, token, attendee):
    """A call by the library's own requests, as its conversations and participants show it."""
    bob = connect("bob")
    assert len(bob.join_conversation(token, None, force=False)["sessionId"]) == 512
    assert bob.ocs_query("POST", sub=f"{TALK}/call/{token}", data={"flags": 3}) == []
    room = alice.get_conversation(token)
    assert (room["hasCall"], room["callFlag"], attendee("bob")["inCall"]) == (True, 3, 3)
    [there] = alice.ocs_query(sub=f"{TALK}/call/{token}")
    assert there["actorId"] == "bob"
    bob.ocs_query("DELETE", sub=f"{TALK}/call/{token}", data={"all": False})
    assert alice.get_conversation(token)["hasCall"] is False


def test_leave_and_delete(alice, connect, ours, token):
    """Members who left do not see it any more, and after its deletion nobody does."""
    bob = connect("bob")
    assert bob.leave_conversation(token) == []
    assert bob.get_conversations() == []
    assert ours("carol").get(f"room/{token}").http == 200
    assert alice.remove_conversations(token) == []
    assert ours("carol").get(f"room/{token}").http == 404


def test_login(connect, people):
    """From an address to an app password, and to its end."""
    client = connect()
    flow = client.login_flow_initiate(user_agent="A client of the suite")
    poll = flow["poll"]["token"]
    with pytest.raises(nextcloud_async.exceptions.NextCloudNotFound):
        client.login_flow_wait_confirm(poll)
    grant(flow["login"], "alice", "alice")
    got = client.login_flow_wait_confirm(poll)
    assert (got["loginName"], flow["poll"]["endpoint"]) == (
        "alice",
        f"{got['server']}/index.php/login/v2/poll",
    )
    alice = connect("alice", got["appPassword"])
    assert alice.get_conversations() == []
    assert AppPassword.objects.get(user=people["alice"]).name == "A client of the suite"
    assert alice.destroy_login_token() == []
    with pytest.raises(nextcloud_async.exceptions.NextCloudUnauthorized):
        alice.get_conversations()


def test_wrong_password(connect):
    """The library raises its own exception."""
    with pytest.raises(nextcloud_async.exceptions.NextCloudUnauthorized):
        connect("alice", "wrong").get_capabilities()


def test_refusals(alice, connect, token):
    """No such conversation, no moderator, and the last moderator who must not leave."""
    with pytest.raises(nextcloud_async.exceptions.NextCloudNotFound):
        alice.get_conversation("nosuchroom")
    with pytest.raises(nextcloud_async.exceptions.NextCloudForbidden):
        connect("bob").rename_conversation(token, "Mine")
    with pytest.raises(nextcloud_async.exceptions.NextCloudBadRequest):
        alice.leave_conversation(token)


def test_broken_in_itself(alice, token, attendee):
    """What the library gets wrong before or whatever a site answers; none of it is our doing."""
    with pytest.raises(AttributeError, match="get_capabilies"):
        alice.read_only(token, 1)
    with pytest.raises(AttributeError, match="room"):
        alice.demote_conversation_participant(token, attendee("bob")["attendeeId"])
    for ask in (  # at paths that Talk never had
        lambda: alice.remove_conversation_from_favorites(token),
        lambda: alice.set_conversation_guest_display_name(token, "Gina"),
    ):
        with pytest.raises(nextcloud_async.exceptions.NextCloudNotFound):
            ask()
    # It invites with a GET, and so lists who is there.
    assert attendee("alice") in alice.invite_to_conversation(token, "alice")


def test_people(alice):
    """Users are found by a part of their name; of others the library learns the name only."""
    found = [(one["id"], one["label"], one["source"]) for one in alice.user_autocomplete("b")]
    assert found == [("bob", "Bob", "users")]
    assert alice.get_user()["email"] == "alice@talk.example"
    assert alice.get_user("bob") == {"id": "bob", "display-name": "Bob", "displayname": "Bob"}


def test_not_ours(alice, token):
    """Files, statuses and the administration of users are not there, and crash nothing."""
    for ask in (
        lambda: alice.share_file_to_conversation(token, "note.md"),
        alice.get_status,
        alice.get_wipe_status,
        alice.get_activity,
    ):
        with pytest.raises(nextcloud_async.exceptions.NextCloudNotFound):
            ask()
    with pytest.raises(nextcloud_async.exceptions.NextCloudException) as missing:
        alice.get_users()  # by v1.php, where the status is 200
    assert missing.value.status_code == 998
