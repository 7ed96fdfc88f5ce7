"""Pings are cheap and batched, and never a way back into a call (design truth 1)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.models import Call, Session
from talk_calls.services import calls, locking, sessions
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory
from tests.times import START, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def pinged(session: Session) -> float:
    session.refresh_from_db()
    return (session.last_ping - START).total_seconds()


def ping(*devices: Session, now: float) -> int:
    return sessions.ping(Session.objects.filter(pk__in=[s.pk for s in devices]), now=at(now))


def test_two_hundred_in_one_statement():
    """However many, of however many conversations."""
    people = [SessionFactory(last_ping=at(0)) for _ in range(200)]
    loaded = list(Session.objects.all())
    with CaptureQueriesContext(connection) as asked:
        assert sessions.ping(loaded, now=at(20)) == 200
    assert len(asked) == 1
    assert set(Session.objects.values_list("last_ping", flat=True)) == {at(20)}
    assert len(people) == 200


@pytest.mark.parametrize(("seconds", "statements", "stored"), [(9.9, 0, 0), (10.1, 1, 10.1)])
def test_a_fresh_ping_is_not_stored_again(seconds, statements, stored):
    """Ten seconds are close enough, and save most of the writes."""
    session = SessionFactory(last_ping=at(0))
    with CaptureQueriesContext(connection) as asked:
        sessions.ping([session], now=at(seconds))
    assert len(asked) == statements
    assert pinged(session) == stored


def test_a_ping_never_goes_back():
    """A process that was stopped comes late with an old time."""
    session = SessionFactory(last_ping=at(0))
    stopped = Session.objects.get()
    ping(session, now=50)
    assert sessions.ping([stopped], now=at(20)) == 0
    assert pinged(session) == 50


@pytest.mark.parametrize("seconds", [100, 1000])
def test_expired_sessions_stay_expired(seconds):
    """A ping does not bring back an expired session that was not swept yet."""
    session = SessionFactory(last_ping=at(0))
    assert ping(session, now=seconds) == 0
    assert pinged(session) == 0


@pytest.mark.parametrize("looked", [False, True])
def test_a_late_ping_is_the_same_whether_or_not_anybody_looked(looked):
    """Its time in the call was up at 30 s; at 50 s it is online again, and not in the call."""
    room = ConversationFactory()
    session = SessionFactory(attendee=AttendeeFactory(conversation=room), last_ping=at(0))
    calls.join(session=session, flags=7, now=at(0))
    if looked:
        with locking.locked(room.pk, now=at(40)):
            pass
    assert ping(session, now=50) == 1
    assert (pinged(session), session.in_call) == (50, 0)
    (call,) = Call.objects.all()
    (leg,) = call.legs.all()
    assert (call.ended_at, leg.left_at, leg.reason) == (at(30), at(30), "timeout")


def test_a_ping_that_meets_a_timeout_does_not_resurrect():
    """Loaded when it was fresh, stored when it was not: the statement itself looks again."""
    session = SessionFactory(last_ping=at(0))
    calls.join(session=session, flags=7, now=at(0))
    assert Session.objects.filter(pk=session.pk).ping(at(31)) == 0
    assert pinged(session) == 0


def test_the_last_moment_counts():
    """At the very end of the timeout a ping still comes in time."""
    session = SessionFactory(last_ping=at(0))
    calls.join(session=session, flags=7, now=at(0))
    assert ping(session, now=30) == 1
    assert (pinged(session), session.in_call) == (30, 7)


def test_a_join_takes_back_no_ping(monkeypatch):
    """A ping takes no lock: one that comes while somebody joins is newer than what was read."""
    session = SessionFactory(last_ping=at(0))
    read = locking._read

    def pinged_meanwhile(*args, **kwargs):
        found = read(*args, **kwargs)
        ping(session, now=20)
        return found

    monkeypatch.setattr(locking, "_read", pinged_meanwhile)
    calls.join(session=session, flags=7, now=at(20))
    assert pinged(session) == 20
