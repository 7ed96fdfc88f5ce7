"""Conversations whose members are online, each with an app password as most clients have."""

import base64
from itertools import count

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.utils import timezone

from talk_calls.constants import ConversationType
from talk_calls.host.actors import Actor
from talk_calls.services import app_passwords, calls, creation, participants, sessions

_NUMBERS = count()


def make_conversation(token: str, *, online: int, in_call: int, flags: int) -> list[str]:
    """Make a conversation with ``online`` new members.

    The first ``in_call`` of them are in its call, with these flags. Returns the credentials of
    each, as they follow ``Authorization: Basic``.
    """
    now = timezone.now()
    conversation = creation.create(kind=ConversationType.GROUP, name=token, token=token)
    credentials = []
    for number in range(online):
        user, basic = _user()
        session = sessions.enter(
            conversation=conversation,
            actor=Actor(user),
            attendee=participants.add_user(conversation=conversation, user=user),
            password="",
            force=True,
            now=now,
        ).session
        if number < in_call:
            calls.join(session=session, flags=flags, now=now)
        credentials.append(basic)
    return credentials


def _user() -> tuple[User, str]:
    user = get_user_model().objects.create_user(f"person{next(_NUMBERS):03}")
    _, secret = app_passwords.create(user=user, name="benchmark")
    return user, base64.b64encode(f"{user.get_username()}:{secret}".encode()).decode()
