"""Where many polls wait, the roster is built once for all, and everybody gets a right one."""

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
def sessions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Session]]:
    """Return the sessions of a conversation in which all poll."""
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


def test_one_query_for_all(sessions, django_assert_num_queries):
    """Each gets the whole list; one query builds it, the others read their conversation."""
    everybody = {session.session_id for session in sessions}
    with django_assert_num_queries(len(sessions) + 1):
        assert [seen_by(session) for session in sessions] == [everybody] * len(sessions)


def test_few_have_their_own(sessions, django_assert_num_queries):
    """With few polls each builds a roster of its own."""
    waiter = next(
        each for each in hub.waiting() if each.conversation == sessions[0].conversation_id
    )
    hub.remove(waiter)
    with django_assert_num_queries(2 * len(sessions)):
        for session in sessions:
            seen_by(session)


def test_each_version_has_its_own(sessions):
    """v3 has permissions, v1 and v2 have not."""
    for version in ("v3", "v1", "v2", "v3"):
        seen_by(sessions[0], version=version)


def test_a_change_makes_a_new_one(sessions):
    """A list belongs to one number of the roster, which every join raises."""
    seen_by(sessions[0])
    room = sessions[0].conversation
    new = SessionFactory(attendee=AttendeeFactory(conversation=room))
    Conversation.objects.filter(pk=room.pk).update(roster=room.roster + 1)
    assert new.session_id in seen_by(sessions[1])


def test_a_list_is_not_kept(sessions, monkeypatch):
    """A list is not kept, since it shows pings, which do not change the number."""
    seen_by(sessions[0])
    silent = timezone.now() - timedelta(seconds=41)
    Session.objects.filter(pk=sessions[1].pk).update(last_ping=silent)
    assert sessions[1].session_id in seen_by(sessions[0])
    monkeypatch.setattr(roster, "SHARED_FOR", 0)
    assert sessions[1].session_id not in seen_by(sessions[0])
    assert len(roster._shared) == 1


def test_everybody_finds_themselves(sessions):
    """A session that polls again after a silence is in its own list."""
    silent = timezone.now() - timedelta(seconds=41)
    Session.objects.filter(pk=sessions[1].pk).update(last_ping=silent)
    assert sessions[1].session_id not in seen_by(sessions[0])
    Session.objects.filter(pk=sessions[1].pk).update(last_ping=timezone.now())
    assert sessions[1].session_id in seen_by(sessions[1])


def test_in_the_lobby_lists_are_not_shared(sessions):
    """In the lobby each sees itself only, and that list is not shared."""
    Conversation.objects.filter(pk=sessions[0].conversation_id).update(lobby_state=1)
    for session in sessions:
        assert seen_by(session) == {session.session_id}
