"""Liveness is computed from ``last_ping`` by the same querysets everywhere."""

from datetime import timedelta

import pytest
from django.utils import timezone

from talk_calls.models import Attendee, Session
from talk_calls.models.sessions import call_peers
from tests.factories import AttendeeFactory, ConversationFactory, GuestFactory, SessionFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)


def ago(seconds: float):
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("age", "in_call", "present", "live", "stale"),
    [
        (0, 7, True, True, False),
        (0, 0, True, False, False),
        (0, 2, True, True, False),
        (30, 7, True, True, False),
        (30.001, 7, True, False, True),
        (30.001, 0, True, False, False),
        (99.999, 7, True, False, True),
        (100, 7, False, False, True),
        (100, 0, False, False, False),
    ],
)
def test_age_of_the_last_ping_decides(age, in_call, present, live, stale):
    """30 s still counts in a call, 100 s no longer exists (constants 3.3)."""
    session = SessionFactory(in_call=in_call, last_ping=ago(age))
    found = {
        "present": Session.objects.present(NOW).exists(),
        "live": Session.objects.live_in_call(NOW).exists(),
    }
    assert found == {"present": present, "live": live}
    assert session.has_timed_out(NOW) is stale
    assert session.flags_at(NOW) == (in_call if live else 0)


def test_times_are_settings(settings):
    """A site may choose other times; querysets and rows follow at once."""
    settings.TALK_CALLS = {"SESSION_TIMEOUT": 5, "SESSION_KILL": 10}
    session = SessionFactory(in_call=7, last_ping=ago(6))
    assert not Session.objects.live_in_call(NOW).exists()
    assert session.flags_at(NOW) == 0
    assert Session.objects.present(NOW).exists()
    settings.TALK_CALLS = {"SESSION_TIMEOUT": 4, "SESSION_KILL": 6}
    assert not Session.objects.present(NOW).exists()


def test_peers_are_sorted_newest_ping_first_then_by_session_id():
    """Rows of the call list come as the wire shows them (behaviour 4.2)."""
    attendee = AttendeeFactory(display_name="Alice")
    pings = {"bbb": ago(5), "aaa": ago(5), "new": ago(1), "old": ago(30)}
    for session_id, last_ping in pings.items():
        SessionFactory(attendee=attendee, session_id=session_id, in_call=7, last_ping=last_ping)
    SessionFactory(attendee=attendee, session_id="gone", in_call=7, last_ping=ago(31))
    SessionFactory(attendee=attendee, session_id="idle", in_call=0, last_ping=ago(0))
    SessionFactory(session_id="elsewhere", in_call=7, last_ping=ago(0))
    peers = call_peers(attendee.conversation, NOW)
    assert list(peers) == [
        {
            "session_id": session_id,
            "last_ping": pings[session_id],
            "token": attendee.conversation.token,
            "actor_type": "users",
            "actor_id": "",
            "display_name": "Alice",
            "user_name": attendee.user.username,
        }
        for session_id in ["new", "aaa", "bbb", "old"]
    ]


def test_acting_session_is_the_one_that_pinged_last():
    """An attendee acts with the newest session that still exists (behaviour 3.3)."""
    attendee = AttendeeFactory()
    SessionFactory(attendee=attendee, last_ping=ago(50))
    newest = SessionFactory(attendee=attendee, last_ping=ago(10))
    older = SessionFactory(attendee=attendee, last_ping=ago(20))
    assert Attendee.objects.acting(NOW).first().acting == newest
    assert Attendee.objects.acting(NOW, session_pk=older.pk).get().acting == older


def test_attendee_without_a_session_that_exists_acts_with_none():
    """A killed session, or a remembered one that is gone, is no session."""
    attendee = AttendeeFactory()
    expired = SessionFactory(attendee=attendee, last_ping=ago(100))
    assert Attendee.objects.acting(NOW).get().acting is None
    assert Attendee.objects.acting(NOW, session_pk=expired.pk).get().acting is None
    SessionFactory(attendee=attendee, last_ping=ago(0))
    assert Attendee.objects.acting(NOW, session_pk=expired.pk).get().acting is None


def test_members_come_once_each_with_their_newest_session(django_assert_num_queries):
    """One query, one row per attendee, the newest ping first, guests without a user name."""
    alice = AttendeeFactory(user__username="alice")
    offline = AttendeeFactory(conversation=alice.conversation)
    guest = GuestFactory(conversation=alice.conversation)
    SessionFactory(attendee=alice, last_ping=ago(20))
    newest = SessionFactory(attendee=alice, last_ping=ago(10))
    online = SessionFactory(attendee=guest, last_ping=ago(5))
    with django_assert_num_queries(1):
        members = Attendee.objects.members([alice.conversation_id], NOW)
        found = [(member, member.acting, member.user_name) for member in members]
    assert found == [
        (guest, online, None),
        (alice, newest, "alice"),
        (offline, None, offline.user.username),
    ]


@pytest.mark.parametrize(
    ("state", "timer", "up"),
    [
        (0, None, False),
        (0, NOW + timedelta(seconds=1), False),
        (1, None, True),
        (1, NOW + timedelta(seconds=1), True),
        (1, NOW, False),
        (1, NOW - timedelta(seconds=1), False),
    ],
)
def test_lobby_falls_by_itself(state, timer, up):
    """An elapsed timer ends the lobby in the very second it names."""
    conversation = ConversationFactory(lobby_state=state, lobby_timer=timer)
    assert conversation.has_lobby(NOW) is up


def test_texts_for_people():
    """Rows name themselves without a secret, and without another query."""
    attendee = AttendeeFactory(display_name="Alice", conversation__name="")
    session = SessionFactory(attendee=attendee, session_id="secret12" + "x" * 504)
    guest = GuestFactory()
    texts = [str(row) for row in (attendee.conversation, attendee, guest, session)]
    assert texts == [attendee.conversation.token, "Alice", "Guest", f"{session.key[:8]}…"]


def test_session_key_does_not_lead_back():
    """Legs remember 32 hex digits that are the same each time and are not the session id."""
    first, second = SessionFactory(), SessionFactory()
    assert first.key == first.key != second.key
    assert len(first.key) == 32
    assert first.key not in first.session_id
