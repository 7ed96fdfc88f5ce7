"""Rows that the admin shows, made within the site that shows them (see ``conftest.seed``)."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from talk_calls.constants import ActorType, ConversationType, ParticipantType
from talk_calls.models import AppPassword, Attendee, Call, Conversation, Session
from talk_calls.services import app_passwords, calls, creation, participants
from talk_calls.services.sessions import generate_session_id


def empty() -> None:
    """Forget all conversations and calls."""
    Call.objects.all().delete()  # first: an open one needs its conversation
    Conversation.objects.all().delete()
    AppPassword.objects.all().delete()


def meeting(people: int, name: str = "Weekly meeting") -> None:
    """Make a conversation whose call has this many users and one guest; an hour will not end it."""
    users = [_user(f"user{number:04}") for number in range(people)]
    room = creation.create(
        kind=ConversationType.PUBLIC, name=name, owner=users[0], token="weekly0meeting"
    )
    attendees = [participants.add_user(conversation=room, user=user) for user in users]
    attendees.append(
        Attendee.objects.create(
            conversation=room,
            actor_type=ActorType.GUESTS,
            actor_id="0" * 40,
            display_name="Gina Guest",
            participant_type=ParticipantType.GUEST,
        )
    )
    for attendee in attendees[-12:]:
        _join(attendee)
    app_passwords.create(user=users[0], name="Phone of user0000")


def _user(name: str) -> Any:
    return get_user_model().objects.get_or_create(username=name)[0]


def _join(attendee: Attendee) -> None:
    session = Session.objects.create(
        session_id=generate_session_id(),
        attendee=attendee,
        conversation=attendee.conversation,
        last_ping=timezone.now() + timedelta(hours=1),
    )
    calls.join(session=session, flags=7, now=timezone.now())
