"""How events are stored: once, in the transaction of the change, for all who want them."""

from threading import Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from talk_calls import signals
from talk_calls.constants import EventType
from talk_calls.host.actors import Actor
from talk_calls.models import OutboxEvent, PendingEvent, WebhookDelivery
from talk_calls.services import calls, conversations, events, locking, sessions, sweeper
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    WebhookEndpointFactory,
)
from tests.times import START, at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to(START, tick=False)


@pytest.fixture
def alice():
    return AttendeeFactory(user__username="alice", display_name="Alice")


@pytest.fixture
def received():
    """Collect the starts and ends of calls that a receiver gets."""
    found = []

    def hear(event, **_):
        found.append(event)

    connected = (signals.call_started, signals.call_ended)
    for signal in connected:
        signal.connect(hear)
    yield found
    for signal in connected:
        signal.disconnect(hear)


def call_of(attendee):
    session = SessionFactory(attendee=attendee, last_ping=START)
    calls.join(session=session, flags=7, now=START)
    calls.leave(session=session, now=at(1))


def types(**conditions) -> list[str]:
    return list(OutboxEvent.objects.filter(**conditions).values_list("type", flat=True))


def test_nobody_wants_events(alice):
    """Nothing is stored."""
    call_of(alice)
    conversations.delete(conversation=alice.conversation)
    assert types() == []


def test_endpoints_of_the_settings(alice, settings):
    """They count before any row was made for them."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    receiver = {"name": "x", "url": "https://receiver.example/", "secret": secret}
    settings.TALK_CALLS = {"WEBHOOKS": [receiver]}
    call_of(alice)
    assert types(for_webhooks=True) == ["call.started", "call.joined", "call.left", "call.ended"]


def test_receivers_and_endpoints_share_a_row(alice, received):
    """Start and end are stored once; the receiver had them, and the endpoint still gets them."""
    WebhookEndpointFactory()
    call_of(alice)
    assert [type(event) for event in received] == [signals.CallStarted, signals.CallEnded]
    assert types() == ["call.started", "call.joined", "call.left", "call.ended"]
    assert types(for_receivers=True) == []
    assert len(set(OutboxEvent.objects.values_list("uid", flat=True))) == 4


def test_receivers_alone(alice, received):
    """What nobody else needs is deleted as soon as the receivers had it."""
    call_of(alice)
    assert len(received) == 2
    assert types() == []


def test_delivered_before_received(alice, received, monkeypatch):
    """An event that endpoints had first is sent to receivers later, and kept for a replay."""
    endpoint = WebhookEndpointFactory()
    with monkeypatch.context() as patched:  # the process is killed after its commit
        patched.setattr(events, "_send_all", lambda _: None)
        call_of(alice)
    started = OutboxEvent.objects.get(type=EventType.CALL_STARTED)
    WebhookDelivery.objects.create(
        endpoint=endpoint, event=started, conversation_id=started.conversation_id, number=1
    )
    OutboxEvent.objects.update(for_webhooks=False)
    assert events.overdue(at(20)) == [alice.conversation_id]
    assert events.send_pending(alice.conversation_id) == 2
    assert events.send_pending(alice.conversation_id) == 0
    assert [type(event) for event in received] == [signals.CallStarted, signals.CallEnded]
    # The end was for no endpoint in the end, and the others were never for receivers.
    assert types() == ["call.started", "call.joined", "call.left"]
    assert types(for_receivers=True) == []
    assert WebhookDelivery.objects.count() == 1


def test_one_statement_sends(alice, received):
    """Sending and forgetting costs what it did when there were no endpoints."""
    session = SessionFactory(attendee=alice, last_ping=START)
    with CaptureQueriesContext(connection) as captured:
        calls.join(session=session, flags=7, now=START)
    about = [each["sql"].split()[0] for each in captured if "outboxevent" in each["sql"]]
    assert about == ["INSERT", "UPDATE", "SELECT", "DELETE"]
    assert len(received) == 1


def test_a_rollback_leaves_nothing(alice):
    """Neither rows nor anything that is sent."""
    WebhookEndpointFactory()
    with transaction.atomic():
        call_of(alice)
        assert len(types()) == 4
        transaction.set_rollback(True)
    assert types() == []


def test_order(alice):
    """First what was over before, then what somebody did, then what followed from it."""
    WebhookEndpointFactory()
    room = alice.conversation
    alice.participant_type = 1
    alice.save()
    gone = SessionFactory(attendee=AttendeeFactory(conversation=room), last_ping=START)
    calls.join(session=gone, flags=7, now=START)
    own = SessionFactory(attendee=alice, last_ping=at(100))
    calls.join(session=own, flags=7, now=at(10))
    stored = len(types())
    conversations.set_read_only(conversation=room, state=1, performed_by=alice, now=at(101))
    assert types()[stored:] == [
        "call.left",  # it timed out
        "moderation",
        "conversation.changed",
        "call.left",
        "call.ended",
    ]


def test_what_a_newcomer_finds_expired(alice):
    """Guests who are gone are closed under the lock, and stored with the rest."""
    WebhookEndpointFactory()
    room = alice.conversation
    SessionFactory(attendee=GuestFactory(conversation=room), last_ping=START)
    with CaptureQueriesContext(connection) as captured:
        sessions.enter(
            conversation=room,
            actor=Actor(None),
            attendee=None,
            password="",
            force=False,
            now=at(100_000),
        )
    assert types() == ["session.closed", "session.opened"]
    inserts = [each for each in captured if 'INSERT INTO "talk_calls_outboxevent"' in each["sql"]]
    assert len(inserts) == 1


def test_many_conversations_in_a_sweep():
    """Each gets its own event; nothing is stored twice by another sweep."""
    WebhookEndpointFactory()
    rooms = [ConversationFactory() for _ in range(3)]
    for room in rooms:
        SessionFactory(attendee=AttendeeFactory(conversation=room), last_ping=START)
    for _ in range(2):
        sweeper.sweep(now=at(100_000))
    found = OutboxEvent.objects.values_list("conversation_id", "type")
    assert list(found) == [(room.pk, "session.closed") for room in rooms]


@pytest.mark.postgresql
def test_a_sweep_waits_for_no_lock():
    """It leaves sessions of a busy conversation to the next sweep: order is kept by the lock."""
    WebhookEndpointFactory()
    session = SessionFactory(last_ping=START)
    swept = []

    def sweep():
        swept.append(sweeper.sweep(now=at(100_000)))
        connection.close()

    with locking.locked(session.conversation_id, now=at(1)):
        other = Thread(target=sweep)
        other.start()
        other.join(30)
        assert types() == []
    assert swept[0].sessions_closed == 0
    assert sweeper.sweep(now=at(100_000)).sessions_closed == 1


def test_events_of_the_release_before(received):
    """What its processes stored and did not send is sent once, in order, with all fields."""
    facts = {
        "conversation_id": 7,
        "token": "abcd",
        "at": at(0.123456).isoformat(),
        **{"actor_type": "users", "actor_id": "alice", "display_name": "Alice", "call_id": 3},
    }
    start = {"resumes": None, "silent": False, "silent_for": ["bob"]}
    end = {"started_at": facts["at"], "reason": "left"}
    for kind, more in (("CallStarted", start), ("CallEnded", end)):
        PendingEvent.objects.create(
            conversation_id=7, kind=kind, payload=facts | more, created_at=START
        )
    sweeper.sweep(now=at(5))  # its own process may still send them
    assert (received, PendingEvent.objects.count()) == ([], 2)
    for _ in range(2):
        sweeper.sweep(now=at(11))
    common = {"conversation_id": 7, "token": "abcd", "at": at(0.123456), "call_id": 3}
    who = {"actor_type": "users", "actor_id": "alice", "display_name": "Alice"}
    assert received == [
        signals.CallStarted(**common, **who, resumes=None, silent_for=("bob",)),
        signals.CallEnded(**common, **who, started_at=at(0.123456), reason="left"),
    ]
    assert not PendingEvent.objects.exists()
    assert types() == []
