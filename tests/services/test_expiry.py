"""Guests who are gone make room for the next one, without a sweeper."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import ParticipantType
from talk_calls.host.actors import GUEST, Actor
from talk_calls.models import Attendee, CallLeg, Conversation, Session
from talk_calls.services import calls, expiry, locking, sessions
from talk_calls.signals import session_closed
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.times import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def room() -> Conversation:
    return ConversationFactory()


def come(room: Conversation, seconds: float, actor: Actor = GUEST) -> Attendee:
    """Enter as somebody who is no attendee."""
    entered = sessions.enter(
        conversation=room, actor=actor, attendee=None, password="", force=False, now=at(seconds)
    )
    return entered.session.attendee


@pytest.mark.parametrize("is_user", [False, True])
def test_the_next_one_removes_who_is_gone(room, is_user):
    """From ``SESSION_KILL`` on, and not a second before."""
    first = come(room, 0)
    Attendee.objects.filter(pk=first.pk).update(display_name="Alice")
    second = come(room, 99, Actor(UserFactory()) if is_user else GUEST)
    assert set(room.attendees.all()) == {first, second}
    third = come(room, 100, Actor(UserFactory()) if is_user else GUEST)
    assert set(room.attendees.all()) == {second, third}
    assert Session.objects.count() == 2


@pytest.mark.parametrize(
    ("factory", "participant_type", "goes"),
    [
        (GuestFactory, ParticipantType.GUEST, True),
        (AttendeeFactory, ParticipantType.USER_SELF_JOINED, True),
        (GuestFactory, ParticipantType.GUEST_MODERATOR, False),
        (AttendeeFactory, ParticipantType.USER, False),
        (AttendeeFactory, ParticipantType.OWNER, False),
    ],
)
def test_who_goes(room, factory, participant_type, goes):
    """Those who belong only while they are online, unless somebody promoted them."""
    attendee = factory(conversation=room, participant_type=participant_type)
    SessionFactory(attendee=attendee, last_ping=at(0))
    come(room, 100)
    assert Attendee.objects.filter(pk=attendee.pk).exists() != goes
    assert attendee.sessions.exists() != goes


def test_another_device_keeps_them(room):
    """Only the session that expired goes."""
    guest = GuestFactory(conversation=room)
    SessionFactory(attendee=guest, last_ping=at(0))
    there = SessionFactory(attendee=guest, last_ping=at(50))
    come(room, 100)
    assert list(guest.sessions.all()) == [there]


def test_other_conversations_are_left_alone(room):
    """Their lock is not held."""
    elsewhere = SessionFactory(attendee=GuestFactory(), last_ping=at(0))
    come(room, 100)
    assert Session.objects.filter(pk=elsewhere.pk).exists()


def test_call_records_stay_right(room):
    """Whoever was in the call left it when they timed out."""
    guest = SessionFactory(attendee=GuestFactory(conversation=room), last_ping=at(0))
    calls.join(session=guest, flags=7, now=at(0))
    come(room, 200)
    assert list(CallLeg.objects.values_list("left_at", "reason")) == [(at(30), "timeout")]
    assert not Session.objects.filter(pk=guest.pk).exists()


def test_a_flood_stays_small(room):
    """Rows are bounded by those of the last 100 seconds, whatever came before."""
    for second in range(0, 600, 2):
        come(room, second)
    assert room.attendees.count() == room.sessions.count() == 50


def gone(room: Conversation, number: int) -> None:
    for guest in GuestFactory.create_batch(number, conversation=room):
        SessionFactory(attendee=guest, last_ping=at(0))


def test_a_hundred_at_a_time(room):
    """A newcomer does not pay for thousands."""
    gone(room, 120)
    come(room, 100)
    assert room.attendees.count() == 21
    come(room, 101)
    assert room.attendees.count() == 2


def test_a_full_conversation_of_those_who_are_gone(room, settings):
    """They take nobody's place."""
    settings.TALK_CALLS = {"MAX_PARTICIPANTS": 20}
    gone(room, 20)
    come(room, 100)
    assert room.attendees.count() == 1


def statements(action: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        action()
    return len(captured)


def test_cost(room):
    """One statement if nobody is gone; the same few for one and for a hundred."""
    come(room, 0)
    nobody = cost_of_removal(room, 50)
    gone(room, 1)
    one = cost_of_removal(room, 100)
    gone(room, 80)
    assert cost_of_removal(room, 100) == one <= 6
    assert nobody == 1


def cost_of_removal(room, seconds):
    with locking.locked(room.pk, now=at(seconds)) as locked:
        return statements(lambda: expiry.remove_passing(locked))


def test_events(room, django_capture_on_commit_callbacks):
    """Closed sessions are reported as those of a sweep."""
    guest = SessionFactory(attendee=GuestFactory(conversation=room), last_ping=at(0))
    received = []
    receive = lambda event, **_: received.append(event.session_key)  # noqa: E731
    session_closed.connect(receive)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            come(room, 100)
    finally:
        session_closed.disconnect(receive)
    assert received == [guest.key]
