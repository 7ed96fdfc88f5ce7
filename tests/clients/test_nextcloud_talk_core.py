"""nextcloud-talk-core: its conversations, participants and permissions."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from django.core import mail

from tests.clients.libraries import library

core = library("nextcloud_talk_core")
pytestmark = pytest.mark.package("nextcloud_talk_core")


@pytest.fixture
def connect(site, people) -> Iterator[Callable[..., Any]]:
    """Return a function that makes a client; without a password it gets an app password."""
    with ExitStack() as open_clients:

        def make(name: str, password: str = "", kind: str = "TalkClient") -> Any:
            settings = core.Settings(site, name, password or people.app_password(name))
            return open_clients.enter_context(getattr(core, kind)(settings))

        yield make


@pytest.fixture
def alice(connect) -> Any:
    """Return Alice's client."""
    return connect("alice")


@pytest.fixture
def token(alice) -> str:
    """Return a group conversation of Alice's, with Bob and Carol by way of their group."""
    return alice.create_conversation(2, invite="staff", source="groups").token


def _participants(client: Any, token: str) -> dict[str, Any]:
    return {one.actor_id: one for one in client.list_participants(token)}


def test_settings_of_the_environment(site, people, monkeypatch):
    """The way its README shows: address, name and app password in the environment."""
    for name, value in {
        "NC_URL": f"{site}/",
        "NC_USER": "alice",
        "NC_APP_PASSWORD": people.app_password("alice"),
    }.items():
        monkeypatch.setenv(name, value)
    with core.TalkClient.from_env() as talk:
        assert talk.list_conversations() == []


@pytest.mark.parametrize(
    ("kind", "terms", "name"),
    [
        (1, {"invite": "bob"}, "Bob"),
        (2, {"room_name": "Weekly"}, "Weekly"),
        (2, {"invite": "staff", "source": "groups"}, "staff"),
        (3, {"room_name": "Open"}, "Open"),
    ],
)
def test_create_and_list(alice, ours, kind, terms, name):
    """Each type; nothing is ever unread, and the last message says what happened."""
    made = alice.create_conversation(kind, **terms)
    last = "You added the group {group}" if "source" in terms else "You created the conversation"
    assert made == core.Conversation(made.token, name, kind, unread=0, last_message=last)
    assert alice.list_conversations() == [made]
    assert ours("alice").get(f"room/{made.token}").data["type"] == kind


def test_change_and_delete(alice, ours, token):
    """What it changes is what others see."""
    alice.rename_conversation(token, "Fortnightly")
    alice.set_description(token, "Bring cake")
    seen = ours("bob").get(f"room/{token}").data
    assert (seen["displayName"], seen["description"]) == ("Fortnightly", "Bring cake")
    alice.delete_conversation(token)
    assert ours("bob").get(f"room/{token}").http == 404


def test_participants(alice, connect, ours):
    """People are added one by one, by group and by address, and removed by attendee."""
    token = alice.create_conversation(2, room_name="Weekly").token
    assert alice.add_participant(token, "bob") is None
    assert _participants(alice, token).keys() == {"alice", "bob"}
    assert alice.add_participant(token, "staff", "groups") is None
    assert alice.add_participant(token, "gina@talk.example", "emails") == 3
    assert mail.outbox[-1].to == ["gina@talk.example"]
    [bob] = [one for one in alice.list_participants(token) if one.actor_id == "bob"]
    assert bob == core.Participant(bob.attendee_id, "bob", "Bob", 3, 374)
    assert len(connect("carol").list_participants(token)) == 5
    alice.remove_participant(token, _participants(alice, token)["carol"].attendee_id)
    assert ours("carol").get("room").data == []


def test_permissions(alice, ours, token):
    """Permissions are set, added and removed by the library's own methods."""
    bob = _participants(alice, token)["bob"].attendee_id
    wanted = core.permissions_from_flags(can_start_call=True, can_join_call=True)
    alice.set_participant_permissions(token, bob, wanted)
    alice.set_participant_permissions(token, bob, 16, "add")
    alice.set_participant_permissions(token, bob, 2, "remove")
    assert _participants(alice, token)["bob"].permissions == 1 + 4 + 16
    assert ours("bob").get(f"room/{token}").data["permissions"] == 1 + 4 + 16


def test_call(connect, ours, token):
    """Its lower half joins a call, with forms, and leaves it again."""
    bob = connect("bob", kind="OCSClient")
    assert bob.post(f"/api/v4/room/{token}/participants/active")["sessionId"] != "0"
    assert bob.post(f"/api/v4/call/{token}", data={"flags": 3}) == []
    [there] = bob.get(f"/api/v4/call/{token}")
    assert (there["actorId"], there["token"]) == ("bob", token)
    assert ours("alice").get(f"room/{token}").data["callFlag"] == 3
    assert bob.delete(f"/api/v4/call/{token}", data={"all": "false"}) == []
    assert bob.get(f"/api/v4/call/{token}") == []


def test_wrong_password(connect):
    """The library raises its own exception."""
    with pytest.raises(core.NextcloudAuthError):
        connect("alice", "wrong").list_conversations()


def test_refusals(alice, connect, token):
    """Nothing there, nobody of that name, no moderator, no such type."""
    for ask in (
        lambda: alice.list_participants("nosuchroom"),
        lambda: alice.add_participant(token, "nobody"),
    ):
        with pytest.raises(core.NextcloudNotFoundError):
            ask()
    for ask, status in (
        (lambda: connect("bob").rename_conversation(token, "Mine"), 403),
        (lambda: alice.create_conversation(9, room_name="What?"), 400),
    ):
        with pytest.raises(core.NextcloudOCSError) as refused:
            ask()
        assert refused.value.statuscode == status


def test_call_log(alice, connect, token):
    """What happened reads as messages; a wait is over when somebody starts a call."""
    bob = connect("bob", kind="OCSClient")
    bob.post(f"/api/v4/room/{token}/participants/active")
    log = alice.read_messages(token)
    assert [(one.actor, one.message) for one in log] == [
        ("Alice", "You added the group {group}"),
        ("Alice", "You created the conversation"),
    ]
    with pytest.raises(core.NextcloudOCSError) as nothing:  # it expects a body, which 304 never has
        alice.wait_for_messages(token, log[0].id, timeout=1)
    assert nothing.value.statuscode == 304
    with ThreadPoolExecutor() as beside:
        waiting = beside.submit(alice.wait_for_messages, token, log[0].id)
        bob.post(f"/api/v4/call/{token}", data={"flags": 3})
        [started] = waiting.result()
    assert (started.actor, started.message) == ("Bob", "{actor} started a call")
    assert alice.read_messages(token, limit=1) == [started]
    assert alice.mark_as_read(token) is None
    assert alice.mark_as_unread(token) is None
    assert alice.list_mentions(token) == []


def test_nobody_writes(alice, token):
    """What would change the chat is refused."""
    for ask in (
        lambda: alice.send_message(token, "Hello"),
        lambda: alice.edit_message(token, 1, "Hello"),
        lambda: alice.delete_message(token, 1),
        lambda: alice.add_reaction(token, 1, "👍"),
        lambda: alice.remove_reaction(token, 1, "👍"),
    ):
        with pytest.raises(core.NextcloudOCSError) as refused:
            ask()
        assert refused.value.statuscode == 403


def test_not_ours(alice, token):
    """Reminders and files are routes that are not there, and no more than that."""
    for ask in (
        lambda: alice.set_reminder(token, 1, 1),
        lambda: alice.get_reminder(token, 1),
        lambda: alice.delete_reminder(token, 1),
        lambda: alice.share_file(token, "note.md"),
    ):
        with pytest.raises(core.NextcloudNotFoundError):
            ask()
