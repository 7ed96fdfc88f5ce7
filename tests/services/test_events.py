"""Which events are sent, to whom, and when (docs/events.md)."""

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from talk_calls import signals
from talk_calls.constants import LegReason
from talk_calls.host.actors import Actor
from talk_calls.models import Call, Conversation, OutboxEvent
from talk_calls.services import calls, conversations, events, lobby, locking, participants, sessions
from talk_calls.signals import (
    CallEnded,
    CallFlagsChanged,
    CallJoined,
    CallLeft,
    CallStarted,
    ConversationChanged,
    SessionClosed,
    SessionOpened,
)
from tests.factories import AttendeeFactory, ConversationFactory, GuestFactory, SessionFactory
from tests.times import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def alice():
    room = ConversationFactory(token="abcd")
    return AttendeeFactory(conversation=room, user__username="alice", display_name="Alice")


def who(attendee) -> dict:
    return events.identity(attendee)


def test_a_call_from_beginning_to_end(sent, committed, alice):
    """Every step is one event, in order, with all that a receiver needs."""
    room = alice.conversation
    where = {"conversation_id": room.pk, "token": "abcd"}
    guest = GuestFactory(conversation=room, display_name="Gast")
    one, other = SessionFactory(attendee=alice), SessionFactory(attendee=guest)
    steps = [
        lambda now: calls.join(session=one, flags=7, now=now),
        lambda now: calls.join(session=other, flags=1, now=now),
        lambda now: calls.join(session=other, flags=3, now=now),
        lambda now: calls.join(session=other, flags=3, now=now),
        lambda now: calls.leave(session=one, now=now),
        lambda now: calls.leave(session=other, now=now),
        lambda now: calls.leave(session=other, now=now),
    ]
    for second, step in enumerate(steps):
        with committed():
            step(at(second))
    call = Call.objects.get()
    facts = {"call_id": call.pk, **where}
    assert sent == [
        CallStarted(at=at(0), resumes=None, **facts, **who(alice)),
        CallJoined(at=at(0), session_key=one.key, flags=7, **facts, **who(alice)),
        CallJoined(at=at(1), session_key=other.key, flags=1, **facts, **who(guest)),
        CallFlagsChanged(at=at(2), session_key=other.key, flags=3, before=1, **facts, **who(guest)),
        CallLeft(at=at(4), session_key=one.key, reason="left", **facts, **who(alice)),
        CallLeft(at=at(5), session_key=other.key, reason="left", **facts, **who(guest)),
        CallEnded(at=at(5), started_at=at(0), reason="left", **facts, **who(guest)),
    ]
    assert who(alice) == {"actor_type": "users", "actor_id": "alice", "display_name": "Alice"}
    assert not OutboxEvent.objects.exists()


def test_a_timeout_has_its_own_time(sent, committed, alice):
    """A call that timed out was ended by nobody, at the last timeout."""
    session = SessionFactory(attendee=alice)
    with committed():
        calls.join(session=session, flags=7, now=at(0))
    sent.clear()
    with committed(), locking.locked(alice.conversation_id, now=at(500)):
        pass
    where = {"conversation_id": alice.conversation_id, "token": "abcd", "at": at(30)}
    call = Call.objects.get()
    assert sent == [
        CallLeft(call_id=call.pk, session_key=session.key, reason="timeout", **where, **who(alice)),
        CallEnded(call_id=call.pk, started_at=at(0), reason="timeout", **where, **events.NOBODY),
    ]
    assert (call.ended_by_type, call.ended_by_id, call.ended_by_name) == ("", "", "")


@pytest.mark.parametrize(("pause", "resumed"), [(0, True), (9.9, True), (10, False), (11, False)])
def test_a_reload_resumes(sent, committed, alice, pause, resumed):
    """A reload by the only participant ends a call and starts one, which names the first."""
    session = SessionFactory(attendee=alice)
    with committed():
        calls.join(session=session, flags=7, now=at(0))
        calls.leave(session=session, now=at(5))
        sessions.ping([session], now=at(5 + pause))
        calls.join(session=session, flags=7, now=at(5 + pause))
    first, second = Call.objects.order_by("started_at")
    expected = first if resumed else None
    assert second.resumes == expected
    started = [event for event in sent if isinstance(event, CallStarted)]
    assert [event.resumes for event in started] == [None, expected and expected.pk]


def test_a_call_that_timed_out_this_moment_is_resumed(sent, committed, alice):
    """A call whose timeout is stored by the join that resumes it is resumed, too."""
    session = SessionFactory(attendee=alice)
    with committed():
        calls.join(session=session, flags=7, now=at(0))
        calls.join(session=session, flags=7, now=at(35))
    first, second = Call.objects.order_by("started_at")
    assert (first.ended_at, second.resumes) == (at(30), first)


def test_who_ended_it(sent, committed, alice):
    """By locking, removing and deleting, the moderator ended the call, not the removed one."""
    room = alice.conversation
    boss = AttendeeFactory(conversation=room, user__username="boss", participant_type=1)
    endings = [
        lambda: conversations.set_read_only(
            conversation=room, state=1, now=at(50), performed_by=boss
        ),
        lambda: lobby.set_state(
            conversation=room, state=1, timer=None, now=at(50), performed_by=boss
        ),
        lambda: participants.remove(attendee=alice, now=at(50), performed_by=boss),
    ]
    for end in endings:
        room.refresh_from_db()
        room.read_only = room.lobby_state = 0
        room.save()
        session = SessionFactory(attendee=alice, last_ping=at(40))
        with committed():
            calls.join(session=session, flags=7, now=at(40))
            end()
    ended = [event for event in sent if isinstance(event, CallEnded)]
    assert [(event.reason, event.actor_id) for event in ended] == [
        ("read_only", "boss"),
        ("lobby", "boss"),
        ("removed", "boss"),
    ]
    assert set(Call.objects.values_list("ended_by_type", "ended_by_id")) == {("users", "boss")}


def test_sessions_and_conversation(sent, committed, alice):
    """Coming online, being replaced, leaving, a new password, and the end of everything."""
    room, now = alice.conversation, at(0)
    enter = {
        "conversation": room,
        "actor": Actor(alice.user),
        "attendee": alice,
        "password": "",
        "force": True,
    }
    with committed():
        first = sessions.enter(**enter, now=now).session
        second = sessions.enter(**enter, now=now).session
        sessions.leave(session=second, now=now)
        conversations.set_password(conversation=room, password="", now=now)
        participants.add_user(conversation=room, user=AttendeeFactory().user)
        third = sessions.enter(**enter, now=now).session
        conversations.delete(conversation=room, now=now)
    where = {"conversation_id": enter["attendee"].conversation_id, "token": "abcd", "at": now}
    alice.display_name = "alice"  # entering follows the account
    assert sent == [
        SessionOpened(session_key=first.key, **where, **who(alice)),
        SessionClosed(session_key=first.key, **where, **who(alice)),
        SessionOpened(session_key=second.key, **where, **who(alice)),
        SessionClosed(session_key=second.key, **where, **who(alice)),
        ConversationChanged(changed=("password",), **where),
        ConversationChanged(changed=("attendees",), **where),
        SessionOpened(session_key=third.key, **where, **who(alice)),
        SessionClosed(session_key=third.key, **where, **who(alice)),
        ConversationChanged(changed=("deleted",), **where),
    ]


def test_nothing_is_sent_after_a_rollback(sent, committed, alice):
    """A transaction that is rolled back sends no event."""
    session = SessionFactory(attendee=alice)
    with committed(), transaction.atomic():
        calls.join(session=session, flags=7, now=at(0))
        transaction.set_rollback(True)
    assert sent == []
    assert not OutboxEvent.objects.exists()


def test_without_listeners_it_costs_nothing(alice):
    """No statement more, and no row is kept."""
    session = SessionFactory(attendee=alice)
    with CaptureQueriesContext(connection) as asked:
        calls.join(session=session, flags=7, now=at(0))
    assert "pendingevent" not in str(asked.captured_queries)
    assert not OutboxEvent.objects.exists()


def test_a_receiver_that_raises_hurts_nobody(sent, committed, alice, caplog):
    """The error is logged; other receivers get the event, which is not sent again."""

    def fail(**_):
        raise ZeroDivisionError

    signals.call_started.connect(fail)
    try:
        with committed():
            calls.join(session=SessionFactory(attendee=alice), flags=7, now=at(0))
    finally:
        signals.call_started.disconnect(fail)
    assert [type(event) for event in sent] == [CallStarted, CallJoined]
    assert not OutboxEvent.objects.exists()
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_receiver_cannot_break_the_transaction(committed, alice, caplog, asynchronous):
    """What one wrote before it failed is undone, what another wrote stays."""
    room = alice.conversation

    def write_and_fail(**_):
        ConversationFactory(token="undone")
        Conversation.objects.create(type=2, token=room.token)

    async def write_and_fail_later(**kwargs):
        await sync_to_async(write_and_fail)(**kwargs)

    def work(**_):
        ConversationFactory(token="stays")

    failing = write_and_fail_later if asynchronous else write_and_fail
    for receiver in (failing, work):
        signals.call_started.connect(receiver)
    try:
        with committed():
            calls.join(session=SessionFactory(attendee=alice), flags=7, now=at(0))
    finally:
        for receiver in (failing, work):
            assert signals.call_started.disconnect(receiver)
    assert set(Conversation.objects.values_list("token", flat=True)) == {room.token, "stays"}
    assert "CallStarted failed in" in caplog.text
    assert "write_and_fail" in caplog.text


def test_events_of_a_killed_process_are_sent_by_the_next(sent, committed, alice):
    """If a process is killed after its commit, the next event sends its events, too."""
    session = SessionFactory(attendee=alice)
    calls.join(session=session, flags=7, now=at(0))  # its commit hooks never run
    assert sent == []
    assert OutboxEvent.objects.count() == 1
    with committed():
        calls.leave(session=session, now=at(5))
    assert [type(event) for event in sent] == [CallLeft, CallStarted, CallEnded]
    assert sent[1] == CallStarted(
        conversation_id=alice.conversation_id,
        token="abcd",
        at=at(0),
        call_id=Call.objects.get().pk,
        resumes=None,
        **who(alice),
    )


def test_overdue_events_are_found(sent, alice):
    """Only events that their own process had time enough to send are overdue."""
    calls.join(session=SessionFactory(attendee=alice), flags=7, now=at(0))
    assert events.overdue(at(10)) == []
    assert events.overdue(at(10.1)) == [alice.conversation_id]
    assert events.send_pending(alice.conversation_id) == 1
    assert events.send_pending(alice.conversation_id) == 0
    assert [type(event) for event in sent] == [CallStarted]


def test_every_reason_fits_the_record():
    """A reason that is longer than its column would be a 500 on the day it is used."""
    assert max(map(len, LegReason.values)) <= Call._meta.get_field("end_reason").max_length


@pytest.mark.django_db(transaction=True)
def test_a_database_failure_while_sending_fails_no_request(sent, alice, monkeypatch, caplog):
    """The call has started, and its stored events are sent later."""
    session = SessionFactory(attendee=alice)

    def lose_the_connection(conversation_id):
        raise OperationalError("terminating connection")

    monkeypatch.setattr(events, "send_pending", lose_the_connection)
    calls.join(session=session, flags=7, now=at(0))
    assert Call.objects.count() == OutboxEvent.objects.count() == 1
    assert "terminating connection" in caplog.text
