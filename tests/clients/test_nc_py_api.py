"""nc-py-api: its conversations, capabilities and login, in both of its kinds."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from talk_calls.api.capabilities import FEATURES
from talk_calls.models import AppPassword, Attendee, Conversation, SystemMessage
from tests.clients.awaited import Awaited
from tests.clients.browser import grant
from tests.clients.libraries import library

nc_py_api = library("nc_py_api")
pytestmark = [
    pytest.mark.package("nc_py_api"),
    # It announces that its synchronous kind goes with 0.31, for every instance.
    pytest.mark.filterwarnings("ignore:Sync Nextcloud:DeprecationWarning"),
]

ONE_TO_ONE, GROUP, PUBLIC = 1, 2, 3
TALK = "/ocs/v2.php/apps/spreed/api/v4"


@pytest.fixture(params=["Nextcloud", "AsyncNextcloud"])
def connect(request, site, people, runner) -> Iterator[Callable[..., Any]]:
    """Return a function that makes a client; without a password it gets an app password."""
    with ExitStack() as open_clients:

        def make(name: str = "", password: str = "") -> Any:
            password = password or (people.app_password(name) if name else "")
            kind = getattr(nc_py_api, request.param)
            client = kind(nextcloud_url=site, nc_auth_user=name, nc_auth_pass=password)
            # It cannot be closed, and a login makes it forget the adapter it had: close both.
            open_clients.callback(lambda: Awaited(runner, client._session.adapter).close())
            open_clients.callback(Awaited(runner, client._session.adapter).close)
            return Awaited(runner, client, parts=("talk", "users", "loginflow_v2"))

        yield make


@pytest.fixture
def alice(connect) -> Any:
    """Return Alice's client."""
    return connect("alice")


@pytest.fixture
def team(alice) -> Any:
    """Return a group conversation of Alice's, with Bob and Carol by way of their group."""
    return alice.talk.create_conversation(_type(GROUP), invite="staff", source="groups")


def _type(number: int) -> Any:
    return nc_py_api.talk.ConversationType(number)


def _fields(thing: Any) -> dict[str, Any]:
    """Return all fields of an object of the library; most raise if the field is missing."""
    properties = inspect.getmembers(type(thing), lambda member: isinstance(member, property))
    return {name: getattr(thing, name) for name, _ in properties}


def _named(things: list[Any]) -> dict[str, Any]:
    return {thing.display_name: thing for thing in things}


def test_capabilities(alice):
    """What the site can do, and which version it claims."""
    assert alice.check_capabilities([f"spreed.features.{name}" for name in FEATURES]) == []
    assert alice.check_capabilities("spreed.config.call.enabled") == []
    assert alice.check_capabilities("spreed.features.bots-v1") == ["spreed.features.bots-v1"]
    assert alice.talk.available is True
    assert alice.talk.bots_available is False
    assert alice.theme is None
    assert alice.srv_version == {
        "major": 33,
        "minor": 0,
        "micro": 0,
        "string": "33.0.0",
        "extended_support": False,
    }


def test_capabilities_before_any_login(connect):
    """Of nobody it sends Basic with neither name nor password, which is no wrong password."""
    assert connect().talk.available is True


@pytest.mark.usefixtures("account_passwords")
def test_account_password(connect):
    """The password of the account works as an app password does."""
    alice = connect("alice", "alice")
    assert alice.perform_login() is True
    assert alice.user == "alice"
    me = alice.users.get_user()
    assert (me.user_id, me.display_name, me.email) == ("alice", "Alice", "alice@talk.example")
    assert me.groups == []


@pytest.mark.parametrize(
    ("kind", "terms", "name"),
    [
        (ONE_TO_ONE, {"invite": "bob"}, "Bob"),
        (GROUP, {"room_name": "Weekly"}, "Weekly"),
        (GROUP, {"invite": "staff", "source": "groups"}, "staff"),
        (GROUP, {"room_name": "On", "object_type": "event", "object_id": "e1"}, "On"),
        (PUBLIC, {"room_name": "Open"}, "Open"),
    ],
)
def test_create(alice, ours, kind, terms, name):
    """Each type, with every field that the library reads."""
    made = alice.talk.create_conversation(_type(kind), **terms)
    fields = _fields(made)
    assert (fields["conversation_type"], fields["display_name"]) == (kind, name)
    assert (fields["actor_id"], fields["participant_type"]) == ("alice", 1)
    seen = ours("alice").get(f"room/{made.token}").data
    assert (seen["id"], seen["type"], seen["displayName"]) == (made.conversation_id, kind, name)
    assert (seen["objectType"], seen["objectId"]) == (
        terms.get("object_type", ""),
        terms.get("object_id", ""),
    )


def test_list(alice, ours, team):
    """One's conversations, and each of them alone."""
    for name, other in (("bob", "alice"), ("alice", "bob")):
        pair = ours(name).post("room", {"roomType": ONE_TO_ONE, "invite": other})
    token = pair.data["token"]
    found = _named(alice.talk.get_user_conversations(include_status=True))
    assert {name: one.token for name, one in found.items()} == {"Bob": token, "staff": team.token}
    assert _fields(found["staff"]) == _fields(alice.talk.get_conversation_by_token(team))
    assert len(alice.talk.config_sha) == 40


def test_list_what_changed(alice, team):
    """``modified_since=True`` continues from the time in the header of the last list."""
    other = alice.talk.create_conversation(_type(GROUP), room_name="Other")
    hour_ago = timezone.now() - timedelta(hours=1)
    Conversation.objects.update(last_activity_at=hour_ago)
    Attendee.objects.update(modified_at=hour_ago)
    SystemMessage.objects.update(at=hour_ago)
    assert _named(alice.talk.get_user_conversations()).keys() == {"staff", "Other"}
    alice.talk.set_conversation_description(other, "Changed")
    [changed] = alice.talk.get_user_conversations(modified_since=True)
    assert (changed.display_name, changed.description) == ("Other", "Changed")


def test_participants(alice, ours, team):
    """Everybody who was invited, and who is in the call."""
    bob = ours("bob")
    bob.post(f"room/{team.token}/participants/active")
    bob.post(f"call/{team.token}", {"flags": 3})
    found = _named(alice.talk.list_participants(team, include_status=True))
    assert {name: _fields(one)["participant_type"] for name, one in found.items()} == {
        "Alice": 1,
        "Bob": 3,
        "Carol": 3,
        "staff": 3,
    }
    assert (found["Bob"].participant_flags, len(found["Bob"].session_ids)) == (3, 1)
    assert (found["Carol"].participant_flags, found["Carol"].session_ids) == (0, [])


CHANGES = (
    ("rename_conversation", "Fortnightly", "name", "Fortnightly"),
    ("set_conversation_description", "Bring cake", "description", "Bring cake"),
    ("set_conversation_fav", True, "isFavorite", True),
    ("set_conversation_fav", False, "isFavorite", False),
    ("set_conversation_readonly", True, "readOnly", 1),
    ("set_conversation_readonly", False, "readOnly", 0),
    ("set_conversation_public", True, "type", PUBLIC),
    ("set_conversation_public", False, "type", GROUP),
    ("set_conversation_notify_lvl", 3, "notificationLevel", 3),
)


def test_change(alice, ours, team):
    """Each change has its effect; most come as the query of a PUT without a body."""
    device = ours("alice")
    for method, value, field, seen in CHANGES:
        assert device.get(f"room/{team.token}").data[field] != seen, method
        assert getattr(alice.talk, method)(team, value) is None
        assert device.get(f"room/{team.token}").data[field] == seen, method


def test_password(alice, ours):
    """Without the password nobody can join, until it is removed."""
    room = alice.talk.create_conversation(_type(PUBLIC), room_name="Open")
    alice.talk.set_conversation_password(room, "Sesame, open")
    assert alice.talk.get_conversation_by_token(room).has_password is True
    bob, door = ours("bob"), f"room/{room.token}/participants/active"
    assert bob.post(door).http == 403
    assert bob.post(door, {"password": "Sesame, open"}).http == 200
    alice.talk.set_conversation_password(room, "")
    assert ours("carol").post(door).http == 200


def test_call(alice, connect, ours, team):
    """A call by the library's own requests, as the fields of its conversations show it."""
    bob = connect("bob")
    bob.ocs("POST", f"{TALK}/room/{team.token}/participants/active")
    assert bob.ocs("POST", f"{TALK}/call/{team.token}", json={"flags": 3}) == []
    room = alice.talk.get_conversation_by_token(team)
    assert (room.has_call, room.call_flag, room.participant_flags) == (True, 3, 0)
    assert room.call_start_time > 0
    assert bob.talk.get_conversation_by_token(team).participant_flags == 3
    [there] = alice.ocs("GET", f"{TALK}/call/{team.token}")
    assert (there["actorId"], there["displayName"]) == ("bob", "Bob")
    bob.ocs("PUT", f"{TALK}/call/{team.token}", params={"flags": 1})
    assert bob.talk.get_conversation_by_token(team).participant_flags == 1
    bob.ocs("DELETE", f"{TALK}/call/{team.token}")
    assert alice.talk.get_conversation_by_token(team).has_call is False
    bob.ocs("DELETE", f"{TALK}/room/{team.token}/participants/active")
    assert ours("bob").get(f"room/{team.token}").data["sessionId"] == "0"


def test_call_log(alice, connect, team):
    """What happened reads as messages, the newest first, with every field of the library."""
    bob = connect("bob")
    bob.ocs("POST", f"{TALK}/room/{team.token}/participants/active")
    bob.ocs("POST", f"{TALK}/call/{team.token}", json={"flags": 3})
    log = alice.talk.receive_messages(team)
    assert [one.system_message for one in log] == [
        "call_started",
        "group_added",
        "conversation_created",
    ]
    fields = _fields(log[0])
    assert fields.pop("message_id") > log[1].message_id
    assert fields.pop("timestamp") > 0
    assert fields == {
        "actor_display_name": "Bob",
        "actor_id": "bob",
        "actor_type": "users",
        "expiration_timestamp": 0,
        "is_replyable": False,
        "markdown": False,
        "message": "{actor} started a call",
        "message_parameters": {"actor": {"type": "user", "id": "bob", "name": "Bob"}},
        "message_type": "system",
        "parent": [],
        "reactions": {},
        "reactions_self": [],
        "reference_id": "",
        "system_message": "call_started",
        "token": team.token,
    }
    assert alice.talk.receive_messages(team, limit=1)[0].message_id == log[0].message_id
    last = alice.talk.get_conversation_by_token(team).last_message
    assert (last.system_message, last.message_id) == ("call_started", log[0].message_id)


def test_wait_for_the_call_log(alice, team):
    """Waiting gives what one does not know, the oldest first: all of it, as the library asks."""
    log = alice.talk.receive_messages(team)
    waited = alice.talk.receive_messages(team, look_in_future=True, timeout=5)
    assert [one.message_id for one in waited] == [one.message_id for one in reversed(log)]


def test_leave_and_delete(alice, connect, ours, team):
    """Members who left do not see it any more, and after its deletion nobody does."""
    bob = connect("bob")
    bob.talk.leave_conversation(team)
    assert bob.talk.get_user_conversations() == []
    assert ours("carol").get(f"room/{team.token}").http == 200
    alice.talk.delete_conversation(team)
    assert ours("carol").get(f"room/{team.token}").http == 404


def test_login(connect, people):
    """From an address and nothing else to an app password, by way of the browser."""
    client = connect()
    flow = client.loginflow_v2.init(user_agent="A client of the suite")
    grant(flow.login, "alice", "alice")
    got = client.loginflow_v2.poll(flow.token, timeout=10)
    assert got.login_name == client.user == "alice"
    assert flow.endpoint == f"{got.server}/index.php/login/v2/poll"
    [kept] = AppPassword.objects.filter(user=people["alice"])
    assert kept.name == "A client of the suite"
    assert client.talk.get_user_conversations() == []


def test_wrong_password(connect):
    """The library reports that it is not authorised."""
    stranger = connect("alice", "wrong")
    assert stranger.perform_login() is False
    with pytest.raises(nc_py_api.NextcloudException) as refused:
        stranger.talk.get_user_conversations()
    assert refused.value.status_code == 401


def test_refusals(alice, connect, team):
    """No such conversation, no moderator, and the last moderator who must not leave."""
    with pytest.raises(nc_py_api.NextcloudException) as missing:
        alice.talk.get_conversation_by_token("nosuchroom")
    assert missing.value.status_code == 404
    with pytest.raises(nc_py_api.NextcloudException) as forbidden:
        connect("bob").talk.rename_conversation(team, "Mine")
    assert forbidden.value.status_code == 403
    with pytest.raises(nc_py_api.NextcloudException) as bad:
        alice.talk.leave_conversation(team)
    assert bad.value.status_code == 400


def test_not_ours(alice, team):
    """Nobody writes, votes or reacts, and there is nothing to react to."""
    talk = alice.talk
    for ask in (
        lambda: talk.send_message("Hello", team),
        lambda: talk.delete_message("1", team),
        lambda: talk.react_to_message("1", "👍", team),
        lambda: talk.delete_reaction("1", "👍", team),
        lambda: talk.create_poll(team, "Who?", ["I"]),
        lambda: talk.vote_poll([0], 1, team),
        lambda: talk.close_poll(1, team),
    ):
        with pytest.raises(nc_py_api.NextcloudException) as refused:
            ask()
        assert refused.value.status_code == 403
    assert talk.get_message_reactions("1", conversation=team) == {}
    with pytest.raises(nc_py_api.NextcloudException) as missing:
        talk.get_poll(1, team)
    assert missing.value.status_code == 405


def test_not_claimed(alice, team):
    """The library does not even ask for what the capabilities do not claim."""
    talk = alice.talk
    for ask in (
        talk.list_bots,
        lambda: talk.conversation_list_bots(team),
        lambda: talk.enable_bot(team, 1),
        lambda: talk.disable_bot(team, 1),
        lambda: talk.set_conversation_avatar(team, ("👍", None)),
        lambda: talk.get_conversation_avatar(team),
        lambda: talk.delete_conversation_avatar(team),
        lambda: talk.send_file("note.md", team),
    ):
        with pytest.raises(nc_py_api.NextcloudMissingCapabilities):
            ask()
