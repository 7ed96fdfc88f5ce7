"""Conversations in every state, with people in them, for requests to meet."""

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

#: What conversations are there, by the fields that make them so.
KINDS: dict[str, dict[str, Any]] = {
    "public": {},
    "group": {"type": ConversationType.GROUP, "listable": 1},
    "nameless": {"type": ConversationType.GROUP, "name": ""},
    "secret": {"password": make_password("sesame", hasher="md5")},
    "locked": {"read_only": 1},
    "lobby": {"lobby_state": 1},
    "calling": {},
}


@dataclass(frozen=True)
class World:
    """What requests may name: values for parameters by name, and who asks."""

    values: dict[str, list[Any]]
    headers: dict[str, str]
    cookies: dict[str, str]


def moderator() -> World:
    """Return a world whose conversations are all moderated by who asks."""
    rooms = [ConversationFactory(**fields) for fields in KINDS.values()]
    person = arrive("owner", rooms[0])
    for room in rooms[1:]:
        attendee = AttendeeFactory(
            conversation=room,
            user=person.attendee.user,
            participant_type=ParticipantType.MODERATOR,
        )
        _be_online(attendee)
    return _world(rooms, person)


def guest() -> World:
    """Return a world with a guest in what is open to guests, as a moderator in one of them."""
    rooms = [ConversationFactory(**fields) for fields in KINDS.values()]
    person = arrive("guest moderator", rooms[0])
    for room in rooms[1:]:
        if room.is_public and not room.password:
            Person(person.device, room).room("post", "/participants/active")
    return _world(rooms, person)


ASKING: dict[str, Callable[[], World]] = {"moderator": moderator, "guest": guest}


def _world(rooms: list[Conversation], person: Person) -> World:
    """Put others into the conversations, one of them into a call, and name all there is."""
    others = [
        attendee
        for room in rooms
        for attendee in (
            AttendeeFactory(conversation=room),
            AttendeeFactory(conversation=room, participant_type=ParticipantType.MODERATOR),
        )
    ]
    sessions = [_be_online(attendee) for attendee in others]
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
    return World(
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
    """Return messages to everybody that clients would write so."""
    own = person.session.session_id if person.session else "0"
    return json.dumps(
        [
            {"ev": "message", "fn": json.dumps({"to": key, "type": "offer"}), "sessionId": own}
            for key in keys
        ]
    )


def _be_online(attendee: Attendee) -> Session:
    return SessionFactory(attendee=attendee, session_id=secrets.token_urlsafe(384))
