"""Entering a conversation when the world moved between look-up and lock."""

import pytest
from django.utils import timezone

from talk_calls.constants import LegReason, ParticipantType
from talk_calls.exceptions import WrongPassword
from talk_calls.host.actors import GUEST, Actor
from talk_calls.models import Attendee, CallLeg, Conversation, Session
from talk_calls.services import calls, conversations, participants, sessions
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def enter(conversation, actor, attendee=None, password=""):
    """Enter by force, now, as an actor whom the request looked up as ``attendee``."""
    return sessions.enter(
        conversation=conversation,
        actor=actor,
        attendee=attendee,
        password=password,
        force=True,
        now=timezone.now(),
    ).session


def test_second_first_join_replaces_the_first():
    """Two requests that both saw a newcomer leave one session and one attendee."""
    conversation, user = ConversationFactory(), UserFactory()
    first = enter(conversation, Actor(user))
    calls.join(session=first, flags=7, now=timezone.now())
    second = enter(conversation, Actor(user))
    assert list(Session.objects.all()) == [second]
    assert Attendee.objects.get().user == user
    assert CallLeg.objects.get().reason == LegReason.REPLACED


def test_guest_who_left_meanwhile_joins_as_a_new_one():
    """A join works although the same page's leave was served first."""
    conversation = ConversationFactory()
    seen = GuestFactory(conversation=conversation)
    Attendee.objects.all().delete()
    session = enter(conversation, GUEST, attendee=seen)
    assert Attendee.objects.get() == session.attendee


def test_member_who_was_removed_meanwhile_needs_the_password():
    """A member who was removed between look-up and lock is a newcomer."""
    conversation, user = ConversationFactory(), UserFactory()
    conversations.set_password(conversation=conversation, password="secret", now=timezone.now())
    member = participants.add_user(conversation=conversation, user=user)
    Attendee.objects.all().delete()
    with pytest.raises(WrongPassword):
        enter(conversation, Actor(user), attendee=member)
    assert not Session.objects.exists()


def test_longest_name_of_an_account_is_cut():
    """Django's own users may have longer names than an attendee."""
    user = UserFactory(first_name="a" * 150, last_name="b" * 150)
    session = enter(ConversationFactory(), Actor(user))
    assert session.attendee.display_name == "a" * 150 + " " + "b" * 104


def close_others(session: Session) -> None:
    """End the other devices for a request that looked up ``session``."""
    sessions.close_others(attendee=session.attendee, session=session, now=timezone.now())


def test_two_devices_that_end_each_other():
    """The first request wins: who was ended meanwhile ends nobody."""
    attendee = AttendeeFactory(participant_type=ParticipantType.USER_SELF_JOINED)
    first, second = (SessionFactory(attendee=attendee) for _ in range(2))
    close_others(first)
    close_others(second)
    assert list(Session.objects.all()) == [first]
    assert Attendee.objects.get() == attendee


def test_who_was_made_a_member_meanwhile_stays():
    """Ending all devices removes only who is self-joined now."""
    seen = AttendeeFactory(participant_type=ParticipantType.USER_SELF_JOINED)
    SessionFactory(attendee=seen)
    Attendee.objects.update(participant_type=ParticipantType.USER)
    sessions.close_others(attendee=seen, session=None, now=timezone.now())
    assert not Session.objects.exists()
    assert Attendee.objects.get() == seen


@pytest.mark.parametrize("gone", [Conversation, Attendee, Session])
def test_ending_others_where_something_is_gone(gone):
    """Whatever was deleted meanwhile is no error."""
    session = SessionFactory()
    gone.objects.all().delete()
    close_others(session)
    assert not Session.objects.exists()
