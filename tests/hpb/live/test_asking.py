"""What real signaling servers ask this site, in three versions (signaling-server 3)."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import jwt
import pytest
from django.contrib.auth import get_user_model
from django.test import override_settings
from django.utils import timezone
from websockets.exceptions import ConnectionClosed

from talk_calls.host.actors import GUEST, Actor
from talk_calls.hpb import keys
from talk_calls.signaling import tickets
from tests.hpb.live.site import PEOPLE, SECRET_KEY
from tests.patience import until_so
from tests.servers.hpb_client import connected

#: Seconds until the site has stored what a server tells in passing, on a busy machine.
SOON = 10


def wait_until(condition: Callable[[], bool], seconds: float = SOON) -> None:
    until_so(condition, seconds)


def hello(live, user_id: str, ticket: str) -> str:
    """Return the code with which a hello is refused."""
    with connected(live.hpb.websocket_url) as client:
        answer = client.hello_v1(live.url, user_id=user_id, ticket=ticket)
    return answer["error"]["code"]


def hello_v2(live, token: str) -> str:
    with connected(live.hpb.websocket_url) as client:
        answer = client.hello_v2(live.url, token=token)
    return answer["error"]["code"]


def ticket_of(user: str | None, age: timedelta) -> str:
    """Return a ticket as the site made it some time ago."""
    made = GUEST
    if user is not None:
        made = Actor(get_user_model()(pk=PEOPLE.index(user) + 1, username=user))
    with override_settings(SECRET_KEY=SECRET_KEY):
        return tickets.ticket(made, timezone.now() - age)


def joined_events(client) -> dict[str, dict]:
    """Return what a client heard of those who joined, by their sessions."""
    events = [each["event"] for each in client.received if each["type"] == "event"]
    joined = [each["join"] for each in events if (each["target"], each["type"]) == ("room", "join")]
    return {entry["sessionid"]: entry for entries in joined for entry in entries}


def has_tokens(live) -> bool:
    """Tell whether the server knows tokens: 0.4.1 does not."""
    return live.hpb.release != "bookworm"


@pytest.mark.parametrize("user", ["alice", None])
def test_hello(live, arrive, user):
    """The ticket of the settings is taken, of users and guests."""
    arrive(user)


@pytest.mark.parametrize("user", ["alice", None])
def test_hello_by_token(live, arrive, user):
    """The token of the settings is taken: the server has read our capabilities."""
    if has_tokens(live):
        arrive(user, version="2.0")


def test_wrong_tickets(live):
    """Wrong, too old, or somebody else's: the client reads our error."""
    now = timedelta(0)
    refused = [
        ("alice", "ticket"),
        ("alice", ticket_of("bob", now)),
        ("bob", ticket_of("alice", now)),
        ("", ticket_of("alice", now)),
        ("alice", ticket_of(None, now)),
        ("nobody", ticket_of("alice", now)),
        ("alice", ticket_of("alice", timedelta(days=1, seconds=10))),
        ("", ticket_of(None, timedelta(days=1, seconds=10))),
    ]
    assert [hello(live, *each) for each in refused] == ["invalid_ticket"] * len(refused)


def test_old_tickets(live):
    """Clients that keep their settings for most of a day get in."""
    with connected(live.hpb.websocket_url) as client:
        ticket = ticket_of("alice", timedelta(hours=23))
        answer = client.hello_v1(live.url, user_id="alice", ticket=ticket)
    assert answer["hello"]["userid"] == "alice"


def test_wrong_tokens(live):
    """Expired, or signed by nobody whom the site knows."""
    if not has_tokens(live):
        return
    key = live.database.manage("shell", "-v0", "-c", _PRINT_KEY).stdout
    own = keys.generate()
    now = int(time.time())
    times = {"iat": now, "exp": now + 60}
    expired = {"iat": now - 300, "exp": now - 240}
    assert hello_v2(live, jwt.encode({"sub": "alice", **times}, own, "ES256")) == "invalid_token"
    assert hello_v2(live, jwt.encode({"sub": "alice", **expired}, key, "ES256")) == "token_expired"


_PRINT_KEY = """
from cryptography.hazmat.primitives import serialization as s
from talk_calls.hpb import keys
pem = keys.load().private.private_bytes(
    s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()
)
print(pem.decode())
"""


def test_joining(live, arrive, token):
    """Each client hears what the conversation is, and of each other."""
    alice = arrive("alice", token)
    bob = arrive("bob", token)
    guest = arrive(None, token)
    alice.client.read(1)
    for person in (bob, guest):
        joined = joined_events(alice.client)[person.client.session_id]
        assert joined["roomsessionid"] == person.session_id
        assert joined.get("userid", "") == (person.device.user or "")
    [room] = [each["room"] for each in guest.client.received if each["type"] == "room"]
    assert room["properties"]["name"] == "Weekly"
    assert room["properties"]["lobby-state"] == 0


def test_who_is_not_let_in(live, arrive, token):
    """No conversation, no session, or somebody else's session: one error."""
    alice, bob, stranger = arrive("alice", token), arrive("bob", token), arrive("carol")
    refused = [
        stranger.client.join("nowhere", alice.session_id),
        stranger.client.join(token, alice.session_id),
        stranger.client.join(token, "x" * 512),
        stranger.client.join(token),
        arrive(None).client.join(token, bob.session_id),
    ]
    assert [each["error"]["code"] for each in refused] == ["no_such_room"] * len(refused)
    assert {each["error"]["message"] for each in refused} == {
        "The user is not invited to this room."
    }


def test_control(live, arrive, token):
    """Moderators may control others; what others send is dropped."""
    alice, bob = arrive("alice", token), arrive("bob", token)
    bob.client.control({"type": "mute"}, session=alice.client.session_id)
    bob.client.message({"said": "after"}, session=alice.client.session_id)
    alice.client.expect("message")
    assert [each for each in alice.client.received if each["type"] == "control"] == []
    alice.client.control({"type": "mute"}, session=bob.client.session_id)
    assert bob.client.expect("control")["data"] == {"type": "mute"}


def test_pings(live, arrive, token):
    """The server pings each session within ten seconds, and they are stored."""
    people = [arrive("alice", token), arrive(None, token)]
    ids = [each.session_id for each in people]
    joined_at = max(live.session(each)["last_ping"] for each in ids)
    wait_until(lambda: all(live.session(each)["last_ping"] > joined_at for each in ids), 10 + SOON)


@pytest.mark.parametrize("way", ["leave", "bye", "another"])
def test_leaving(live, arrive, token, way):
    """The session is closed at the site; a guest is gone from the conversation."""
    arrive("alice", token)
    guest = arrive(None, token)
    assert live.session(guest.session_id)
    if way == "leave":
        guest.client.leave()
    elif way == "bye":
        guest.client.bye()
    else:
        owner = live.device("alice")
        other = owner.create()
        owner.close()
        guest.client.join(other, guest.device.enter(other))
    wait_until(lambda: live.session(guest.session_id) is None)
    people = live.database.ask(
        "SELECT count(*) FROM talk_calls_attendee a JOIN talk_calls_conversation c"
        " ON c.id = a.conversation_id WHERE c.token = ? AND a.actor_type = 'guests'",
        token,
    )
    assert people == [(0,)]


def test_leaving_late(live, arrive, token):
    """A device that joined anew before the server told of the leave stays."""
    alice = arrive("alice", token)
    again = alice.device.enter(token)
    assert again != alice.session_id
    with suppress(ConnectionClosed):  # the site may have had it closed by now
        alice.client.leave()
    time.sleep(1)
    assert live.session(again)


def test_resuming(live, arrive, token):
    """Who loses the connection and comes back never left."""
    alice, bob = arrive("alice", token), arrive("bob", token)
    alice.client.drop()
    time.sleep(0.3)
    with connected(live.hpb.websocket_url) as client:
        answer = client.resume(alice.client.resume_id)
        assert answer["hello"]["sessionid"] == alice.client.session_id
        bob.client.message({"said": "again"}, session=alice.client.session_id)
        assert client.expect("message")["data"] == {"said": "again"}
        assert live.session(alice.session_id)
        client.bye()
    wait_until(lambda: live.session(alice.session_id) is None)


def test_the_same_session_twice(live, arrive, token):
    """The newer connection takes over, and the session stays open."""
    alice = arrive("alice", token)
    second = arrive("alice")
    assert second.client.join(token, alice.session_id)["room"]["roomid"] == token
    assert alice.client.expect("bye")["reason"] == "room_session_reconnected"
    alice.client.expect_close()
    time.sleep(1)
    assert live.session(alice.session_id)


def test_the_lobby(live, arrive, token):
    """Who waits is let in to hear when it opens, and may control nobody."""
    owner = live.device("alice")
    owner.ask("PUT", f"v4/room/{token}/webinar/lobby", state=1)
    owner.close()
    guest = arrive(None, token)
    [room] = [each["room"] for each in guest.client.received if each["type"] == "room"]
    assert room["properties"]["lobby-state"] == 1
