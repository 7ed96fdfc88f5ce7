"""``GET /room/{token}/participants``: who belongs here (behaviour 7.1)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from talk_calls.constants import ConversationType
from talk_calls.models import Conversation
from tests.api.shapes import participant
from tests.contract.expected import ok, refused
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)
from tests.people import MODERATORS, OUTSIDERS, PARTICIPANTS, arrive

pytestmark = pytest.mark.django_db

PATH = "/participants"


def ago(seconds: int):
    return timezone.now() - timedelta(seconds=seconds)


def test_list(version, wire):
    """All users and the guests who are online, the newest ping first."""
    room = ConversationFactory()
    me = arrive("owner", room, version=version, wire=wire)
    timed_out = SessionFactory(
        attendee__conversation=room,
        attendee__display_name="<b>&",
        last_ping=ago(40),
        in_call=7,
    )
    guest = SessionFactory(
        attendee=GuestFactory(conversation=room, display_name="Gast"), last_ping=ago(20), in_call=2
    )
    several = SessionFactory(attendee__conversation=room, last_ping=ago(10), in_call=3)
    other = SessionFactory(attendee=several.attendee, last_ping=ago(15), in_call=4)
    offline = AttendeeFactory(conversation=room, participant_type=5)
    SessionFactory(attendee=offline, last_ping=ago(100), in_call=7)
    SessionFactory(attendee=GuestFactory(conversation=room), last_ping=ago(100))
    GuestFactory(conversation=room)
    SessionFactory()
    answer = me.room("get", PATH)
    on_two = participant(version, several.attendee, several, flags=3)
    if version == "v4":
        on_two |= {"inCall": 7, "sessionIds": [several.session_id, other.session_id]}
    expected = [
        participant(version, me.attendee, me.session),
        on_two,
        participant(version, guest.attendee, guest, flags=2),
        participant(version, timed_out.attendee, timed_out),
        participant(version, offline),
    ]
    assert answer.whole == ok(answer, expected)


@pytest.mark.parametrize("who", [*PARTICIPANTS, *OUTSIDERS])
@pytest.mark.parametrize("read_only", [0, 1])
@pytest.mark.parametrize("lobby", [0, 1])
def test_who_may_see(version, who, *, read_only, lobby):
    """Plain guests and people in the lobby may not see the list; the lock does not matter."""
    room = ConversationFactory()
    person = arrive(who, room, version=version)
    Conversation.objects.update(read_only=read_only, lobby_state=lobby)
    answer = person.room("get", PATH)
    if who in OUTSIDERS:
        assert answer.whole == refused(answer, 404)
    elif who == "guest":
        assert answer.whole == refused(answer, 403)
    elif lobby and who not in MODERATORS:
        assert answer.whole == refused(answer, 412)
    else:
        expected = [participant(version, person.attendee, person.session)]
        assert answer.whole == ok(answer, expected)


@pytest.mark.parametrize("kind", ConversationType)
def test_private_conversation_does_not_exist(device, kind):
    """Outsiders get 404, for every type of conversation."""
    room = AttendeeFactory(conversation__type=kind, conversation__listable=2).conversation
    answer = device(UserFactory()).get(f"room/{room.token}{PATH}")
    assert answer.whole == refused(answer, 404)


def test_email_addresses_are_not_listed(device, version, wire):
    """The list has the name of an account and nothing else of it."""
    alice = AttendeeFactory(user__email="alice@secret.example")
    answer = device(alice.user, version=version, wire=wire).get(
        f"room/{alice.conversation.token}{PATH}"
    )
    assert answer.http == 200
    assert b"secret.example" not in answer.response.content
