"""Conversations in many states, with members, that generated requests refer to."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone

from talk_calls.constants import ActorType, ConversationType, InCallFlag, ParticipantType
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import calls
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.people import Person, arrive

#: Fields of each conversation, by a description of its state.
CONVERSATIONS: dict[str, dict[str, Any]] = {
    "public": {},
    "group": {"type": ConversationType.GROUP, "listable": 1},
    "nameless": {"type": ConversationType.GROUP, "name": ""},
    "secret": {"password": make_password("sesame", hasher="md5")},
    "locked": {"read_only": 1},
    "lobby": {"lobby_state": 1},
    "calling": {},
}


@dataclass(frozen=True)
class Fixture:
    """Values that exist, by name of parameter, and the headers and cookies of a caller."""

    values: dict[str, list[Any]]
    headers: dict[str, str]
    cookies: dict[str, str]


def moderator() -> Fixture:
    """Return a fixture whose caller moderates all conversations."""
    rooms = [ConversationFactory(**fields) for fields in CONVERSATIONS.values()]
    person = arrive("owner", rooms[0])
    for room in rooms[1:]:
        attendee = AttendeeFactory(
            conversation=room,
            user=person.attendee.user,
            participant_type=ParticipantType.MODERATOR,
        )
        _online(attendee)
    return _fixture(rooms, person)


def guest() -> Fixture:
    """Return a fixture whose caller is a guest, and a moderator in one conversation."""
    rooms = [ConversationFactory(**fields) for fields in CONVERSATIONS.values()]
    person = arrive("guest moderator", rooms[0])
    for room in rooms[1:]:
        if room.is_public and not room.password:
            Person(person.device, room).room("post", "/participants/active")
    return _fixture(rooms, person)


#: By name of the caller.
FIXTURES: dict[str, Callable[[], Fixture]] = {"moderator": moderator, "guest": guest}


def _fixture(rooms: list[Conversation], person: Person) -> Fixture:
    """Add others to the conversations, one of them in a call, and collect all values."""
    others = [
        attendee
        for room in rooms
        for attendee in (
            AttendeeFactory(conversation=room),
            AttendeeFactory(conversation=room, participant_type=ParticipantType.MODERATOR),
        )
    ]
    sessions = [_online(attendee) for attendee in others]
    calls.join(session=sessions[-1], flags=InCallFlag.DEFAULT, now=timezone.now())
    group, _ = Group.objects.get_or_create(name="staff")
    group.user_set.add(UserFactory())
    AttendeeFactory(
        conversation=rooms[0], user=None, actor_type=ActorType.EMAILS, actor_id="eve@example.org"
    )
    members = list(Attendee.objects.filter(conversation__in=rooms))
    users = [member.user.username for member in members if member.user]
    ids = [member.pk for member in members]
    keys = [session.session_id for session in Session.objects.filter(conversation__in=rooms)]
    return Fixture(
        values={
            "token": [room.token for room in rooms],
            "attendee_id": ids,
            "attendeeId": ids,
            "sessionId": keys,
            "participant": [*users, *keys],
            "newParticipant": [*users, UserFactory().username, "staff", "a@example.org"],
            "invite": [*users, "staff"],
            "password": ["sesame"],
            "silentFor": [users],
            "messages": [_messages(person, keys)],
        },
        headers={**person.device._headers(None), "Accept": "application/json"},
        cookies={name: cookie.value for name, cookie in person.device.browser.cookies.items()},
    )


def _messages(person: Person, keys: list[str]) -> str:
    """Return signaling messages to all sessions, in the form that clients send."""
    own = person.session.session_id if person.session else "0"
    return json.dumps(
        [
            {"ev": "message", "fn": json.dumps({"to": key, "type": "offer"}), "sessionId": own}
            for key in keys
        ]
    )


def _online(attendee: Attendee) -> Session:
    return SessionFactory(attendee=attendee, session_id=secrets.token_urlsafe(384))
