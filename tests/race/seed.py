"""The users and conversations of all histories, inserted into an empty database."""

import base64
from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from talk_calls.constants import ParticipantType
from talk_calls.models import Attendee, Conversation, WebhookEndpoint
from talk_calls.services import app_passwords
from tests.race.history import PEOPLE, History, username_of


def make_rows(histories: Sequence[History]) -> dict[int, str]:
    """Insert users and conversations; return the Basic credentials of each person by number.

    An endpoint of webhooks wants all events, which nobody delivers.
    """
    WebhookEndpoint.objects.create(name="race", url="https://receiver.invalid/")
    users = [get_user_model().objects.create_user(username_of(person)) for person in range(PEOPLE)]
    conversations = Conversation.objects.bulk_create(
        Conversation(token=history.token, name=history.token, type=history.kind)
        for history in histories
    )
    Attendee.objects.bulk_create(
        attendee
        for history, conversation in zip(histories, conversations, strict=True)
        for attendee in _members(history, conversation, users)
    )
    return {person: _credentials(user) for person, user in enumerate(users)}


def _members(history: History, conversation: Conversation, users: Sequence[User]) -> list[Attendee]:
    owner, *others = dict.fromkeys(
        client.person for client in history.clients if client.member and client.person is not None
    )
    roles = {owner: ParticipantType.OWNER, **dict.fromkeys(others, ParticipantType.USER)}
    return [
        Attendee(
            conversation=conversation,
            user=users[person],
            display_name=username_of(person),
            participant_type=role,
        )
        for person, role in roles.items()
    ]


def _credentials(user: User) -> str:
    _, secret = app_passwords.create(user=user, name="race")
    return base64.b64encode(f"{user.get_username()}:{secret}".encode()).decode()
