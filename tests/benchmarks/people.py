"""Conversations of people who come with an app password, as most clients do."""

import base64
from itertools import count

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.utils import timezone

from talk_calls.actors import Actor
from talk_calls.constants import ConversationType
from talk_calls.services import app_passwords, calls, creation, participants, sessions

_NUMBERS = count()


def conversation(token: str, *, online: int, in_call: int, flags: int) -> list[str]:
    """Make a conversation of new people, and return the credentials of each."""
    now = timezone.now()
    made = creation.create(kind=ConversationType.GROUP, name=token, token=token)
    credentials = []
    for number in range(online):
        user, own = _person()
        session = sessions.enter(
            conversation=made,
            actor=Actor(user),
            attendee=participants.add_user(conversation=made, user=user),
            password="",
            force=True,
            now=now,
        ).session
        if number < in_call:
            calls.join(session=session, flags=flags, now=now)
        credentials.append(own)
    return credentials


def _person() -> tuple[User, str]:
    user = get_user_model().objects.create_user(f"person{next(_NUMBERS):03}")
    _, secret = app_passwords.create(user=user, name="bench")
    return user, base64.b64encode(f"{user.get_username()}:{secret}".encode()).decode()
