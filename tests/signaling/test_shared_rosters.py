"""Where many polls wait, the roster is built once for all of them, and nobody gets a wrong one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from talk_calls import policies
from talk_calls.api.serializers.signaling import ROSTER_VIEWS
from talk_calls.models import Conversation, Session
from talk_calls.signaling import hub, roster
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Session]]:
    """Return the sessions of a conversation in which everybody waits."""
    monkeypatch.setattr(roster, "SHARED_FOR", 60)
    monkeypatch.setattr(roster, "_shared", {})
    room = ConversationFactory()
    sessions = [
        SessionFactory(attendee=AttendeeFactory(conversation=room))
        for _ in range(roster.SHARED_FROM)
    ]
    waiters = [hub.Waiter(room.pk, session.pk, room.roster) for session in sessions]
    for waiter in waiters:
        hub.add(waiter)
    yield sessions
    for waiter in waiters:
        hub.remove(waiter)


def seen_by(session: Session, *, version: str = "v3") -> set[str]:
    situation = policies.Situation(
        conversation=Conversation.objects.get(pk=session.conversation_id),
        attendee=session.attendee,
        session=session,
        has_call=False,
        now=timezone.now(),
    )
    users = roster.users_in_room(situation, ROSTER_VIEWS[version])
    assert all(("participantPermissions" in user) is (version == "v3") for user in users)
    return {user["sessionId"] for user in users}


def test_one_query_for_all(crowd, django_assert_num_queries):
    """Each gets the whole list; one query builds it, the others read their conversation."""
    everybody = {session.session_id for session in crowd}
    with django_assert_num_queries(len(crowd) + 1):
        assert [seen_by(session) for session in crowd] == [everybody] * len(crowd)


def test_few_have_their_own(crowd, django_assert_num_queries):
    """A list is shared only where it is worth it."""
    waiter = next(each for each in hub.waiting() if each.conversation == crowd[0].conversation_id)
    hub.remove(waiter)
    with django_assert_num_queries(2 * len(crowd)):
        for session in crowd:
            seen_by(session)


def test_each_version_has_its_own(crowd):
    """v3 tells permissions, v1 and v2 do not."""
    for version in ("v3", "v1", "v2", "v3"):
        seen_by(crowd[0], version=version)


def test_a_change_makes_a_new_one(crowd):
    """A list is that of one roster, and whoever comes changes the roster."""
    seen_by(crowd[0])
    room = crowd[0].conversation
    new = SessionFactory(attendee=AttendeeFactory(conversation=room))
    Conversation.objects.filter(pk=room.pk).update(roster=room.roster + 1)
    assert new.session_id in seen_by(crowd[1])


def test_a_list_is_not_kept(crowd, monkeypatch):
    """It shows pings, which are no change."""
    seen_by(crowd[0])
    silent = timezone.now() - timedelta(seconds=41)
    Session.objects.filter(pk=crowd[1].pk).update(last_ping=silent)
    assert crowd[1].session_id in seen_by(crowd[0])
    monkeypatch.setattr(roster, "SHARED_FOR", 0)
    assert crowd[1].session_id not in seen_by(crowd[0])
    assert len(roster._shared) == 1


def test_everybody_finds_themselves(crowd):
    """Who was silent for long and asks again is not in the list that others got just before."""
    silent = timezone.now() - timedelta(seconds=41)
    Session.objects.filter(pk=crowd[1].pk).update(last_ping=silent)
    assert crowd[1].session_id not in seen_by(crowd[0])
    Session.objects.filter(pk=crowd[1].pk).update(last_ping=timezone.now())
    assert crowd[1].session_id in seen_by(crowd[1])


def test_who_waits_in_the_lobby_sees_nobody(crowd):
    """Nor do the others get a list with one name in it."""
    Conversation.objects.filter(pk=crowd[0].conversation_id).update(lobby_state=1)
    for session in crowd:
        assert seen_by(session) == {session.session_id}
