"""Signaling settings: ticket, STUN and TURN servers."""

import base64
import hashlib
import hmac
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from talk_calls.host.actors import GUEST, Actor
from talk_calls.signaling import ice, tickets
from tests.factories import ConversationFactory, UserFactory
from tests.people import PARTICIPANTS, arrive

pytestmark = pytest.mark.django_db

STUN = ["stun.example.org:3478", "[2001:db8::1]:443"]
TURN = [
    {"ADDRESS": "a.example.org:3478", "SECRET": "s3cret"},
    {
        "ADDRESS": "b.example.org:443",
        "SECRET": "other",
        "SCHEMES": ["turn", "turns"],
        "PROTOCOLS": ["tcp"],
    },
]
A_URLS = ["turn:a.example.org:3478?transport=udp", "turn:a.example.org:3478?transport=tcp"]
B_URLS = ["turn:b.example.org:443?transport=tcp", "turns:b.example.org:443?transport=tcp"]


def ask(person):
    token = person.conversation.token
    answer = person.device.request("get", "signaling/settings", {"token": token})
    assert answer.http == 200, answer.whole
    return answer.data


@pytest.mark.contract("8.1")
@pytest.mark.parametrize("who", ["member", "guest"])
def test_without_servers(old_version, who):
    """The whole answer of a site that named no servers; lists are empty, never their entries."""
    person = arrive(who, ConversationFactory(), version=old_version)
    found = ask(person)
    name = person.device.username
    ticket = found["ticket"]
    assert found == {
        "signalingMode": "internal",
        "userId": name,
        "hideWarning": True,
        "server": "",
        "ticket": ticket,
        "stunservers": [],
        "turnservers": [],
        **({} if old_version == "v1" else {"sipDialinInfo": ""}),
        **(
            {"helloAuthParams": {"1.0": {"userid": name, "ticket": ticket}}}
            if old_version == "v3"
            else {}
        ),
    }


@pytest.mark.contract("8.1")
def test_servers_of_v3(settings):
    """One entry with all STUN servers, one for each TURN server with all its addresses."""
    settings.TALK_CALLS = {"STUN_SERVERS": STUN, "TURN_SERVERS": TURN}
    found = ask(arrive("guest", ConversationFactory()))
    assert found["stunservers"] == [{"urls": [f"stun:{address}" for address in STUN]}]
    assert [entry.pop("urls") for entry in found["turnservers"]] == [A_URLS, B_URLS]
    assert [sorted(entry) for entry in found["turnservers"]] == [["credential", "username"]] * 2


@pytest.mark.contract("8.1")
@pytest.mark.parametrize("old", ["v1", "v2"])
def test_servers_of_older_versions(settings, old):
    """One of each at random; one entry for each address of the TURN server."""
    settings.TALK_CALLS = {"STUN_SERVERS": STUN, "TURN_SERVERS": TURN}
    person = arrive("member", ConversationFactory(), version=old)
    seen_stun, seen_turn = set(), set()
    for _ in range(40):
        found = ask(person)
        (stun,) = found["stunservers"]
        seen_stun.add(stun["url"])
        entries = found["turnservers"]
        assert all(entry["urls"] == entry["url"] for entry in entries)  # both are lists
        assert len({entry["username"] for entry in entries}) == 1
        seen_turn.add(tuple(url for entry in entries for url in entry["urls"]))
    assert seen_stun == {f"stun:{address}" for address in STUN}
    assert seen_turn == {tuple(A_URLS), tuple(B_URLS)}


@pytest.mark.contract("8.2")
def test_turn_credentials(settings):
    """A TURN server with the secret accepts them, for a day."""
    settings.TALK_CALLS = {"TURN_SERVERS": TURN[:1]}
    now = timezone.now()
    (entry,) = ice.turn_servers(now)
    until, _, random = entry["username"].partition(":")
    assert int(until) == int((now + timedelta(days=1)).timestamp())
    assert len(random) == 16
    digest = hmac.new(b"s3cret", entry["username"].encode(), hashlib.sha1).digest()
    assert entry["credential"] == base64.b64encode(digest).decode()
    assert ice.turn_servers(now) != [entry], "each client has its own"


@pytest.mark.parametrize("who", [*PARTICIPANTS, "stranger", "nobody"])
@pytest.mark.parametrize("named", [True, False])
def test_who_may_relay(settings, who, named):
    """Relays are for users, and for guests where the named conversation admits them."""
    settings.TALK_CALLS = {"TURN_SERVERS": TURN, "STUN_SERVERS": STUN}
    person = arrive(who, ConversationFactory())
    data = {"token": person.conversation.token} if named else {}
    found = person.device.request("get", "signaling/settings", data).data
    is_let_in = who != "nobody" and (named or not who.startswith("guest"))
    assert bool(found["turnservers"]) == is_let_in
    assert found["stunservers"]


def test_a_conversation_that_nobody_may_see():
    """A conversation that the caller may not see is 404."""
    person = arrive("stranger", ConversationFactory(type=2))
    for token in (person.conversation.token, "unknown"):
        answer = person.device.request("get", "signaling/settings", {"token": token})
        assert (answer.http, answer.data) == (404, [])


@pytest.mark.contract("8.2")
def test_tickets():
    """``random:time:user:checksum``, another one each time, and of each user's own secret."""
    now = timezone.now()
    ada, bob = Actor(UserFactory(username="ada")), Actor(UserFactory(username="bob"))
    seen = {tickets.ticket(actor, now) for actor in (ada, ada, bob, GUEST)}
    assert len(seen) == 4
    for ticket in seen:
        random, moment, name, checksum = ticket.split(":")
        assert (len(random), len(checksum)) == (16, 64)
        assert abs(int(moment) - time.time()) < 60
        assert name in {"ada", "bob", ""}
