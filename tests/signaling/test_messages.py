"""Sending messages: who reaches whom, in which form, and which senders are accepted."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from talk_calls.constants import (
    MESSAGE_LIFE,
    MESSAGE_MAX_LENGTH,
    MOST_MESSAGES,
)
from talk_calls.models import Attendee, Conversation, Session, SignalingMessage
from talk_calls.signaling import wakeup
from tests.factories import ConversationFactory, SessionFactory
from tests.people import PARTICIPANTS, arrive
from tests.signaling.conftest import messages, offer, pull, send

pytestmark = pytest.mark.django_db

KINDS = [
    {"type": "offer", "sid": "1", "roomType": "video", "payload": {"type": "offer", "sdp": "v=0"}},
    {"type": "answer", "sid": "1", "roomType": "screen", "payload": {"sdp": "ü \u0000 \ud800"}},
    {"type": "candidate", "payload": {"candidate": {"candidate": "c", "sdpMLineIndex": 0}}},
    {"type": "raiseHand", "payload": {"state": True, "timestamp": 1700000000000}},
    {"type": "unshareScreen", "roomType": "screen"},
    {"type": "requestoffer", "roomType": "video"},
    {"type": "mute", "payload": {"name": "audio"}},
    {"type": "something-newer", "deep": [[[{"a": None}]]]},
    {},
]


def to_session(who, **fields):
    return {"to": who.session.session_id, **fields}


@pytest.mark.contract("8.3", "8.4")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.get("type", "none"))
def test_a_message_arrives(old_version, kind):
    """Whatever a message holds arrives as it is, with the sender's session in it."""
    room = ConversationFactory()
    ada, bob = (arrive(who, room, version=old_version) for who in ("owner", "member"))
    answer = send(ada, to_session(bob, **kind))
    assert (answer.http, answer.data) == (200, [])
    expected = {**to_session(bob, **kind), "from": ada.session.session_id}
    assert messages(pull(bob)) == [expected]
    assert messages(pull(bob)) == []
    assert messages(pull(ada)) == []


def test_messages_come_in_order():
    """Candidates must not overtake their offer, whether in one request or in several."""
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    send(ada, *(offer(bob, sid=str(number)) for number in range(3)))
    send(ada, offer(bob, sid="3"))
    assert [message["sid"] for message in messages(pull(bob))] == ["0", "1", "2", "3"]


def test_nobody_is_woken_before_the_commit(monkeypatch, django_capture_on_commit_callbacks):
    """With ATOMIC_REQUESTS, a poll that checks earlier would find nothing and be woken no more."""
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    woken = []
    monkeypatch.setattr(wakeup, "notify", lambda *args: woken.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        send(ada, offer(bob))
        assert woken == []
    assert woken == [(room.pk, {bob.session.pk})]


@pytest.mark.contract("8.3")
@pytest.mark.parametrize("who", PARTICIPANTS)
@pytest.mark.parametrize("to", PARTICIPANTS)
def test_who_may_send_to_whom(who, to):
    """Everybody who is online in a conversation reaches everybody else there, guests too."""
    room = ConversationFactory()
    sender, recipient = arrive(who, room), arrive(to, room)
    assert send(sender, offer(recipient)).data == []
    assert len(messages(pull(recipient))) == 1


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_outsiders_reach_nobody(who):
    """A sender who is not online in the conversation reaches nobody, and gets no error."""
    room = ConversationFactory()
    outsider, bob = arrive(who, room), arrive("member", room)
    bobs = bob.session.session_id
    for sender in (None, bobs):
        answer = send(outsider, offer(bob), sender=sender)
        assert (answer.http, answer.data) == (200, [])
    assert not SignalingMessage.objects.exists()


def test_no_message_leaves_its_conversation():
    """A session of another conversation is out of reach, though its id is known."""
    ada = arrive("owner", ConversationFactory())
    bob = arrive("member", ConversationFactory())
    assert send(ada, offer(bob)).data == []
    assert not SignalingMessage.objects.exists()


@pytest.mark.parametrize("claim", ["bob", "from", "nobody", None])
def test_the_sender_is_the_acting_session(claim):
    """An item of another sender is dropped, and ``from`` is set by the server."""
    room = ConversationFactory()
    ada, bob, carl = (arrive(who, room) for who in ("owner", "member", "member"))
    message = offer(carl, **{"from": bob.session.session_id})
    sender = {"bob": bob.session.session_id, "nobody": "0", "from": None}.get(claim)
    items = [{"ev": "message", "fn": json.dumps(message), "sessionId": sender}]
    if claim == "from":
        items[0]["sessionId"] = ada.session.session_id
    if claim is None:
        del items[0]["sessionId"]
    ada.device.request("post", f"signaling/{room.token}", {"messages": json.dumps(items)})
    expected = [ada.session.session_id] if claim == "from" else []
    assert [each["from"] for each in messages(pull(carl))] == expected


@pytest.mark.contract("8.3")
@pytest.mark.parametrize("who", PARTICIPANTS)
def test_control_takes_a_moderator(who):
    """Only owner and moderator make others mute themselves (CVE-2026-45266)."""
    room = ConversationFactory()
    sender, bob = arrive(who, room), arrive("member", room)
    control = {"action": "forceMute", "peerId": bob.session.session_id}
    send(sender, to_session(bob, type="control", payload=control), to_session(bob, type="mute"))
    kinds = [message["type"] for message in messages(pull(bob))]
    assert kinds == (["control", "mute"] if who in {"owner", "moderator"} else ["mute"])


@pytest.mark.parametrize(
    ("who", "permissions", "may_react"),
    [
        ("owner", 0, True),
        ("guest moderator", 255, True),
        ("member", 0, True),
        ("guest", 257, True),
        ("member", 255, False),
        ("guest", 1, False),
    ],
)
def test_reactions_take_the_permission(who, permissions, may_react):
    """What the permissions forbid reaches nobody, whatever client sends it."""
    room = ConversationFactory()
    sender, bob = arrive(who, room), arrive("member", room)
    Attendee.objects.filter(pk=sender.attendee.pk).update(permissions=permissions)
    reaction = to_session(bob, type="reaction", roomType="video", payload={"reaction": "👍"})
    send(sender, reaction, to_session(bob, type="mute"))
    kinds = [message["type"] for message in messages(pull(bob))]
    assert kinds == (["reaction", "mute"] if may_react else ["mute"])


@pytest.mark.parametrize(
    ("change", "reaches"),
    [({"lobby_state": 1}, {("owner", "moderator")}), ({"read_only": 1}, set())],
    ids=["lobby", "locked"],
)
def test_lobby_and_lock(change, reaches):
    """People in the lobby neither send nor receive, and nobody does in a locked conversation."""
    room = ConversationFactory()
    people = {who: arrive(who, room) for who in ("owner", "moderator", "member", "guest")}
    Conversation.objects.filter(pk=room.pk).update(**change)
    got = set()
    for sender in ("owner", "member", "guest"):
        for recipient in {"moderator", "member", "guest"} - {sender}:
            send(people[sender], offer(people[recipient]))
            if messages(pull(people[recipient])):
                got.add((sender, recipient))
    assert got == reaches


def test_messages_for_somebody_behind_the_lobby_are_not_for_later():
    """What was on its way when the lobby went up is forgotten."""
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    send(ada, offer(bob))
    Conversation.objects.filter(pk=room.pk).update(lobby_state=1)
    assert messages(pull(bob)) == []
    Conversation.objects.filter(pk=room.pk).update(lobby_state=0)
    assert messages(pull(bob)) == []


def test_expired_sessions_get_nothing():
    """No message is stored for an expired session."""
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    long_ago = timezone.now() - timedelta(seconds=100)
    Session.objects.filter(pk=bob.session.pk).update(last_ping=long_ago)
    send(ada, offer(bob))
    assert not SignalingMessage.objects.exists()


@pytest.mark.contract("8.3")
@pytest.mark.parametrize("form", ["form", "json text", "json list", "json objects"])
def test_forms_of_clients(form):
    """``messages`` is text with JSON in it, or the list itself; ``fn`` as well."""
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    items = [{"ev": "message", "fn": json.dumps(offer(bob)), "sessionId": ada.session.session_id}]
    if form == "json objects":
        items[0]["fn"] = offer(bob)
    whole = {"messages": json.dumps(items) if form in {"form", "json text"} else items}
    path = f"signaling/{room.token}"
    if form == "form":
        answer = ada.device.request("post", path, whole)
    else:
        answer = ada.device.request("post", path, json=json.dumps(whole))
    assert (answer.http, answer.data) == (200, [])
    assert len(messages(pull(bob))) == 1


@pytest.mark.parametrize("who", ["owner", "nobody"])
@pytest.mark.parametrize("ev", ["connect", "stopped", None])
def test_signaling_null(who, ev):
    """The 2021 web client sends a message to a conversation "null" (clients 1)."""
    person = arrive(who, ConversationFactory())
    data = {"messages": json.dumps([{"ev": ev}])}
    answer = person.device.request("post", "signaling/null", data)
    assert (answer.http, answer.data) == (200, [])


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "garbage",
        "{}",
        "7",
        "[7]",
        '["text"]',
        '[{"ev": "message"}]',
        '[{"ev": "message", "fn": "garbage"}]',
        '[{"ev": "message", "fn": "[]"}]',
        '[{"ev": "message", "fn": "{\\"a\\": NaN}"}]',
        "[" * 50_000,
        json.dumps([{"ev": "message", "fn": {"a": "x" * MESSAGE_MAX_LENGTH}}]),
        json.dumps([{"ev": "connect"}] * (MOST_MESSAGES + 1)),
    ],
    ids=lambda value: str(value)[:30],
)
def test_garbage_is_refused(value):
    """What is no list of messages is 400, and nothing of it is sent."""
    person = arrive("owner", ConversationFactory())
    data = {} if value is None else {"messages": value}
    answer = person.device.request("post", f"signaling/{person.conversation.token}", data)
    assert (answer.http, answer.data) == (400, [])
    assert answer.ocs["meta"]["message"].startswith("messages: ")
    assert not SignalingMessage.objects.exists()


def test_messages_expire():
    """Nobody gets what was sent too long ago, and sending clears it away now and then."""
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    send(ada, offer(bob))
    SignalingMessage.objects.update(sent_at=timezone.now() - MESSAGE_LIFE)
    assert messages(pull(bob)) == []
    for _ in range(100):
        send(ada, offer(arrive("guest", room)))
    assert not SignalingMessage.objects.expired(timezone.now()).exists()


def test_any_device_of_a_user():
    """Messages are for one device and not for all of its user's."""
    room = ConversationFactory()
    ada, bob = (arrive(who, room) for who in ("owner", "member"))
    phone = SessionFactory(attendee=Attendee.objects.get(pk=bob.attendee.pk))
    send(ada, {**offer(bob), "to": phone.session_id})
    assert list(SignalingMessage.objects.values_list("recipient", flat=True)) == [phone.pk]
