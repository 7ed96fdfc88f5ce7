"""Sweeping: what is deleted, what is kept, and what each pass reports."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import MESSAGE_LIFE
from talk_calls.models import Attendee, Call, CallLeg, OutboxEvent, Session, SignalingMessage
from talk_calls.services import calls, sweeper
from talk_calls.services.sweeper import Swept
from talk_calls.signals import call_started, session_closed
from tests.factories import AttendeeFactory, ConversationFactory, GuestFactory, SessionFactory
from tests.times import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def sweep(seconds: float) -> Swept:
    """Run a pass, and check that its preview was right."""
    preview = sweeper.preview(now=at(seconds))
    swept = sweeper.sweep(now=at(seconds))
    assert preview == swept
    assert sweeper.sweep(now=at(seconds)) == Swept(), "a second pass finds nothing"
    return swept


def in_call(attendee, ping: float = 0) -> Session:
    session = SessionFactory(attendee=attendee, last_ping=at(0))
    calls.join(session=session, flags=7, now=at(0))
    Session.objects.filter(pk=session.pk).update(last_ping=at(ping))
    return session


@pytest.mark.parametrize(
    ("seconds", "swept", "left"),
    [
        (30, Swept(), 2),
        (31, Swept(calls_ended=1, legs_ended=2), 2),
        (99, Swept(calls_ended=1, legs_ended=2), 2),
        (100, Swept(calls_ended=1, legs_ended=2, sessions_closed=2, attendees_removed=1), 0),
        (9999, Swept(calls_ended=1, legs_ended=2, sessions_closed=2, attendees_removed=1), 0),
    ],
)
def test_a_call_that_timed_out(seconds, swept, left):
    """Sessions time out after 30 s and expire after 100 s; guests go with them, members stay."""
    room = ConversationFactory()
    member = AttendeeFactory(conversation=room)
    for attendee in (member, GuestFactory(conversation=room)):
        in_call(attendee)
    assert sweep(seconds) == swept
    assert Session.objects.count() == left
    assert Attendee.objects.filter(pk=member.pk).exists()
    if swept.calls_ended:
        assert set(CallLeg.objects.values_list("left_at", "reason")) == {(at(30), "timeout")}
        assert Call.objects.get().ended_at == at(30)


def test_those_who_ping_stay():
    """A call with one timed out and one pinging session continues."""
    room = ConversationFactory()
    gone = in_call(AttendeeFactory(conversation=room))
    here = in_call(AttendeeFactory(conversation=room), ping=50)
    assert sweep(60) == Swept(legs_ended=1)
    assert Call.objects.get().ended_at is None
    assert list(Session.objects.in_call()) == [here]
    assert Session.objects.filter(pk=gone.pk).exists()


def test_an_open_call_without_sessions_is_closed():
    """Rows that went in another way than through us leave no call open."""
    in_call(AttendeeFactory())
    Session.objects.all().delete()
    assert sweep(5) == Swept(calls_ended=1)


@pytest.mark.parametrize(
    ("factory", "participant_type", "removed"),
    [
        (AttendeeFactory, 3, 0),
        (AttendeeFactory, 1, 0),
        (AttendeeFactory, 5, 1),
        (GuestFactory, 4, 1),
        (GuestFactory, 6, 1),
    ],
)
def test_passing_attendees_go_with_their_last_session(factory, participant_type, removed):
    """As they do when they leave; not while another device is there."""
    attendee = factory(participant_type=participant_type)
    SessionFactory(attendee=attendee, last_ping=at(0))
    other = SessionFactory(attendee=attendee, last_ping=at(50))
    assert sweep(120) == Swept(sessions_closed=1)
    assert list(Session.objects.all()) == [other]
    assert sweep(200) == Swept(sessions_closed=1, attendees_removed=removed)
    assert Attendee.objects.count() == 1 - removed


def test_closed_sessions_are_reported(django_capture_on_commit_callbacks):
    """An event is sent for each closed session, with the time at which it expired."""
    session = SessionFactory(last_ping=at(0))
    received = []
    receive = lambda event, **_: received.append((event.session_key, event.at))  # noqa: E731
    session_closed.connect(receive)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            sweep(5000)
    finally:
        session_closed.disconnect(receive)
    assert received == [(session.key, at(100))]


def test_events_of_a_killed_process_are_sent():
    """Its stored events are sent by the sweeper."""
    received = []
    receive = lambda event, **_: received.append(event.call_id)  # noqa: E731
    call_started.connect(receive)
    try:
        in_call(AttendeeFactory(), ping=20)  # no commit hook runs inside this test
        assert sweep(11) == Swept(events_told=1)
    finally:
        call_started.disconnect(receive)
    assert received == [Call.objects.get().pk]
    assert not OutboxEvent.objects.exists()


def test_batches_are_short(monkeypatch):
    """A thousand expired sessions take a few statements for each batch, and each row once."""
    monkeypatch.setattr(sweeper, "BATCH", 100)
    room = ConversationFactory()
    attendee = AttendeeFactory(conversation=room)
    Session.objects.bulk_create(
        Session(session_id=f"s{number}", attendee=attendee, conversation=room, last_ping=at(0))
        for number in range(1000)
    )
    steps: list[tuple[int, int]] = []
    with CaptureQueriesContext(connection) as asked:
        swept = sweeper.sweep(now=at(100), progress=lambda *step: steps.append(step))
    assert swept == Swept(sessions_closed=1000)
    assert len(asked) < 10 * 12
    assert steps == [*((done, 1000) for done in range(100, 1001, 100)), (1000, 1000)]


def test_expired_messages_are_deleted():
    """Signaling messages that nobody fetched go, and no others."""
    expired = SignalingMessage.objects.create(recipient=1, text="{}", sent_at=at(0))
    kept = SignalingMessage.objects.create(recipient=1, text="{}", sent_at=at(1))
    seconds = MESSAGE_LIFE.total_seconds()
    assert expired.sent_at + MESSAGE_LIFE == at(seconds)
    assert sweep(seconds) == Swept(messages_deleted=1)
    assert list(SignalingMessage.objects.all()) == [kept]
