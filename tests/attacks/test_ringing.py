"""A call reaches nobody who could not come into it (behaviour 5)."""

from datetime import timedelta

import pytest

from talk_calls import rooms
from talk_calls.constants import LobbyState, ParticipantType
from talk_calls.exceptions import ConversationReadOnly
from talk_calls.host.directory import DjangoDirectory
from talk_calls.models import Call, Conversation
from talk_calls.services import calls
from talk_calls.signals import CallStarted, call_rang
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.people import Person
from tests.times import START

pytestmark = pytest.mark.django_db


class FewerPeople(DjangoDirectory):
    """A directory that lets one user not use Talk."""

    def may_use_talk(self, user):
        return user.get_username() != "bob"


def in_lobby(bob, settings) -> None:
    Conversation.objects.update(lobby_state=LobbyState.NON_MODERATORS)


def deactivated(bob, settings) -> None:
    type(bob).objects.filter(pk=bob.pk).update(is_active=False)


def may_not_use_talk(bob, settings) -> None:
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.FewerPeople"}


def nothing(bob, settings) -> None:
    """Leave everything as it is, so that bob can come."""


def lobby_is_over(bob, settings) -> None:
    timer = START - timedelta(seconds=1)
    Conversation.objects.update(lobby_state=LobbyState.NON_MODERATORS, lobby_timer=timer)


CASES = [
    (in_lobby, False),
    (deactivated, False),
    (may_not_use_talk, False),
    (lobby_is_over, True),
    (nothing, True),
]


@pytest.fixture(autouse=True)
def _clock(time_machine) -> None:
    time_machine.move_to(START, tick=False)


@pytest.fixture
def bob():
    return UserFactory(username="bob")


@pytest.fixture
def caller(device) -> Person:
    """Return a moderator who is in the call, so that no lobby takes them out."""
    user, room = UserFactory(username="ann"), ConversationFactory()
    attendee = AttendeeFactory(
        conversation=room, user=user, participant_type=ParticipantType.MODERATOR
    )
    session = SessionFactory(attendee=attendee, last_ping=START)
    calls.join(session=session, flags=7, now=START)
    return Person(device(user, version="v4"), room, attendee, session)


@pytest.fixture
def rung(django_capture_on_commit_callbacks):
    """Collect the names of the users who are rung."""
    heard = []

    def hear(event, **_):
        heard.append(event.target_user)

    call_rang.connect(hear)
    yield heard
    call_rang.disconnect(hear)


@pytest.mark.parametrize(("prepare", "comes"), CASES)
@pytest.mark.parametrize("who", [ParticipantType.USER, ParticipantType.MODERATOR])
def test_who_is_rung(  # noqa: PLR0917
    prepare, comes, who, bob, caller, rung, settings, django_capture_on_commit_callbacks
):
    """The endpoint, the site's own code and the announcement of a call agree."""
    target = AttendeeFactory(conversation=caller.conversation, user=bob, participant_type=who)
    prepare(bob, settings)
    comes = comes or (who == ParticipantType.MODERATOR and prepare is in_lobby)
    with django_capture_on_commit_callbacks(execute=True):
        answer = caller.call("post", path=f"/ring/{target.pk}")
    expected = (200, []) if comes else (400, {"error": "target"})
    assert (answer.http, answer.data) == expected
    assert rung == (["bob"] if comes else [])
    carol = UserFactory()
    room = caller.conversation
    assert rooms.ring(room, [bob], by=carol) == ([bob] if comes else [])
    call = Call.objects.get()
    started = CallStarted(
        conversation_id=room.pk,
        token=room.token,
        at=call.started_at,
        call_id=call.pk,
        resumes=None,
        actor_type="users",
        actor_id="ann",
        display_name="ann",
    )
    assert rooms.announced_to(started) == ([bob] if comes else [])


def test_nobody_rings_into_a_locked_conversation(bob, caller, rung):
    """The lock ended the call, so that there is nothing to ring for."""
    target = AttendeeFactory(conversation=caller.conversation, user=bob)
    caller.room("put", "/read-only", {"state": 1})
    answer = caller.call("post", path=f"/ring/{target.pk}")
    assert (answer.http, answer.data) == (400, {"error": "in-call"})
    with pytest.raises(ConversationReadOnly):
        rooms.ring(caller.conversation, [bob], by=caller.attendee.user)
    assert rung == []
