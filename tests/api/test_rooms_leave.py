"""``DELETE /room/{token}/participants/active``: going out, which always works (behaviour 6.5)."""

import pytest
from django.utils import timezone

from talk_calls.constants import ConversationType, LegReason
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session
from talk_calls.services import calls
from tests.contract.expected import ok
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.ocs_client import OCSClient
from tests.people import PARTICIPANTS, arrive

pytestmark = pytest.mark.django_db

ACTIVE = "/participants/active"


@pytest.mark.parametrize("who", PARTICIPANTS)
def test_leave(version, who):
    """The session is closed; those who only passed by stop being attendees."""
    room = ConversationFactory()
    person = arrive(who, room, version=version)
    answer = person.room("delete", ACTIVE)
    assert answer.whole == ok(answer, [])
    assert not Session.objects.exists()
    stays = who in ("owner", "moderator", "member")
    assert Attendee.objects.filter(pk=person.attendee.pk).exists() is stays


@pytest.mark.parametrize("who", PARTICIPANTS)
@pytest.mark.parametrize(("read_only", "lobby"), [(1, 0), (0, 1), (1, 1)])
def test_leave_works_behind_lock_and_lobby(who, *, read_only, lobby):
    """This is the way out when the call's own is shut (behaviour 12/2)."""
    room = ConversationFactory()
    person = arrive(who, room)
    calls.join(session=person.session, flags=7, now=timezone.now())
    Conversation.objects.update(read_only=read_only, lobby_state=lobby)
    answer = person.room("delete", ACTIVE)
    assert answer.whole == ok(answer, [])
    assert not Session.objects.exists()
    assert CallLeg.objects.get().reason == LegReason.ROOM_LEFT
    assert Call.objects.get().end_reason == LegReason.ROOM_LEFT


def test_leave_during_a_call_that_goes_on():
    """Leaving the conversation leaves its call, and the others stay in it."""
    room = ConversationFactory()
    person, other = arrive("member", room), arrive("member", room)
    for each in (person, other):
        calls.join(session=each.session, flags=7, now=timezone.now())
    person.room("delete", ACTIVE)
    legs = dict(CallLeg.objects.values_list("session_key", "reason"))
    assert legs == {person.session.key: LegReason.ROOM_LEFT, other.session.key: ""}
    assert Call.objects.get().ended_at is None
    assert list(Session.objects.all()) == [other.session]


@pytest.mark.parametrize("who", ["stranger", "nobody", "member"])
@pytest.mark.parametrize("kind", [*ConversationType, None])
def test_nothing_to_leave(device, *, who, kind):
    """Also who was never there, and where nothing is, is 200."""
    room = ConversationFactory(type=kind) if kind else None
    other = SessionFactory(attendee__conversation=room) if room else SessionFactory()
    user = None if who == "nobody" else UserFactory()
    if who == "member" and room:
        AttendeeFactory(conversation=room, user=user)
    client = device(user)
    answer = client.delete(f"room/{room.token if room else 'unknown'}{ACTIVE}")
    assert answer.whole == ok(answer, [])
    assert list(Session.objects.all()) == [other]


def test_leave_twice(device, version):
    """Leaving what one left is 200 too."""
    alice = AttendeeFactory()
    path = f"room/{alice.conversation.token}{ACTIVE}"
    client = device(alice.user, version=version)
    client.post(path)
    assert [client.delete(path).http for _ in range(2)] == [200, 200]
    assert client.get(f"call/{alice.conversation.token}").http == 200


def test_leave_closes_the_remembered_session_only(device):
    """Other devices of the user stay online."""
    alice = AttendeeFactory()
    path = f"room/{alice.conversation.token}{ACTIVE}"
    client = device(alice.user)
    client.post(path)
    other = SessionFactory(attendee=alice)
    client.delete(path)
    assert list(Session.objects.all()) == [other]


def test_self_joined_user_stays_while_another_device_is_online(device):
    """Membership of those who pass by ends with their last session."""
    room = ConversationFactory()
    client = device(UserFactory())
    client.post(f"room/{room.token}{ACTIVE}")
    attendee = Attendee.objects.get()
    SessionFactory(attendee=attendee)
    client.delete(f"room/{room.token}{ACTIVE}")
    assert Attendee.objects.filter(pk=attendee.pk).exists()
    device(attendee.user).delete(f"room/{room.token}{ACTIVE}")
    assert not Attendee.objects.exists()


def test_guest_who_left_is_anonymous():
    """After leaving, the browser has no guest, and joining again makes a new one."""
    room = ConversationFactory()
    client = OCSClient()
    client.post(f"room/{room.token}{ACTIVE}")
    first = Attendee.objects.get().actor_id
    client.delete(f"room/{room.token}{ACTIVE}")
    assert client.get(f"call/{room.token}").http == 404
    client.post(f"room/{room.token}{ACTIVE}")
    assert Attendee.objects.get().actor_id != first


def test_nobody_leaves_for_another(version):
    """A session id in the request closes nobody's session (CVE-2022-41960)."""
    session = SessionFactory()
    client = OCSClient(version=version)
    client.delete(f"room/{session.conversation.token}{ACTIVE}", {"sessionId": session.session_id})
    assert list(Session.objects.all()) == [session]
