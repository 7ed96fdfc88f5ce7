"""Made-up people, their groups, and the conversations in which they meet."""

import json
import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from talk_calls.conf import conf
from talk_calls.constants import ActorType, ConversationType, ParticipantType
from talk_calls.host.actors import HostUser
from talk_calls.host.directory import has_django_groups
from talk_calls.models import Attendee, Conversation
from talk_calls.simulation import marks

_BATCH = 1000
_FIRST = "Ada Ben Cleo Dan Eva Finn Gita Hugo Ida Jon Kim Lea Max Nia Ole Pia Raj Sam Tess Yui"
_LAST = "Adler Berg Costa Diaz Eriksen Fuchs Garcia Haas Ito Jansen Kaya Lund Moreau Novak Okafor"
_TOPICS = "Weekly Standup Planning Review Support Sales Design Board Training Research"

#: How often a conversation is one of two, of a group, or open to guests.
_KINDS = {
    ConversationType.ONE_TO_ONE: 25,
    ConversationType.GROUP: 50,
    ConversationType.PUBLIC: 25,
}
#: Of the number of members of the larger ones: median, and sigma of its logarithm.
_MEMBERS, _SIGMA = 13, 0.8
_MOST_MEMBERS = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who takes part, as history keeps them; guests have no ``user_pk``."""

    name: str
    actor_id: str
    actor_type: str = ActorType.USERS
    user_pk: Any = None


@dataclass(frozen=True, slots=True)
class Room:
    """A conversation with its members, moderators first; ``weight`` is how often they call."""

    conversation: Conversation
    members: list[Person]
    weight: float
    #: Guests who come again and again.
    guests: list[Person] = field(default_factory=list)


def make_people(dice: random.Random, count: int) -> list[Person]:
    """Store ``count`` users who cannot log in; return them."""
    users = [_user(dice, number) for number in range(1, count + 1)]
    model = get_user_model()
    stored: list[HostUser] = model._default_manager.bulk_create(users, batch_size=_BATCH)
    directory = conf.directory
    return [
        Person(directory.display_name(user), directory.user_id(user), user_pk=user.pk)
        for user in stored
    ]


def make_groups(dice: random.Random, people: list[Person], count: int) -> int:
    """Store groups, few large and many small, and who is in them; return how many memberships."""
    if not has_django_groups() or not count:
        return 0
    groups = [Group(name=f"{marks.PREFIX}group-{number:02}") for number in range(1, count + 1)]
    Group.objects.bulk_create(groups)
    weights = [dice.lognormvariate(0, 1) for _ in groups]
    members = {
        (person.user_pk, group.pk)
        for person in people
        for group in dice.choices(groups, weights, k=dice.choice((1, 1, 1, 2)))
    }
    through = get_user_model().groups.through
    own = f"{get_user_model().groups.field.m2m_field_name()}_id"
    rows = [through(**{own: user, "group_id": group}) for user, group in sorted(members, key=str)]
    through._default_manager.bulk_create(rows, batch_size=_BATCH)
    return len(rows)


def make_rooms(
    dice: random.Random, people: list[Person], count: int, *, since: datetime
) -> list[Room]:
    """Store conversations with their attendees; return them."""
    rooms = _rooms(dice, people, count, since)
    Conversation.objects.bulk_create([room.conversation for room in rooms], batch_size=_BATCH)
    attendees = [
        _attendee(room, index, person, since)
        for room in rooms
        for index, person in enumerate(room.members)
    ]
    Attendee.objects.bulk_create(attendees, batch_size=_BATCH)
    return rooms


def guest(dice: random.Random) -> Person:
    """Return somebody without an account; half of them never said their name."""
    name = dice.choice(("", f"Guest {dice.choice(_FIRST.split())}"))
    return Person(name, f"{dice.getrandbits(160):040x}", ActorType.GUESTS)


def _user(dice: random.Random, number: int) -> HostUser:
    model = get_user_model()
    name = f"{marks.PREFIX}{number:05}"
    address = f"{name}@{marks.DOMAIN}"
    path, email = conf.directory.user_id_path(), conf.directory.email_path()
    values = {
        "first_name": dice.choice(_FIRST.split()),
        "last_name": dice.choice(_LAST.split()),
        **({email: address} if email else {}),
        path: address if path == email else name,
    }
    known = {each.name for each in model._meta.get_fields()}
    user = model(**{key: value for key, value in values.items() if key in known})
    user.set_unusable_password()
    return user


def _rooms(dice: random.Random, people: list[Person], count: int, since: datetime) -> list[Room]:
    pairs: set[str] = set()
    # Some people are in many conversations, and most in few.
    weights = [dice.lognormvariate(0, 0.7) for _ in people]
    rooms = []
    for number in range(1, count + 1):
        [kind] = dice.choices(list(_KINDS), list(_KINDS.values()))
        members = _members(dice, people, weights, kind)
        pair = json.dumps(sorted(str(member.user_pk) for member in members))
        if kind == ConversationType.ONE_TO_ONE and (pair in pairs or len(members) != 2):  # noqa: PLR2004
            kind = ConversationType.GROUP
        is_pair = kind == ConversationType.ONE_TO_ONE
        pairs.add(pair)
        conversation = Conversation(
            token=marks.token(),
            type=kind,
            name="" if is_pair else f"{marks.PREFIX}{dice.choice(_TOPICS.split())} {number}",
            object_type=marks.OBJECT_TYPE,
            object_id="year",
            pair_key=pair if is_pair else None,
            created_at=since,
            last_activity_at=since,
        )
        guests = [guest(dice) for _ in range(5)] if kind == ConversationType.PUBLIC else []
        rooms.append(Room(conversation, members, dice.lognormvariate(0, 0.8), guests))
    return rooms


def _members(
    dice: random.Random, people: list[Person], weights: list[float], kind: ConversationType
) -> list[Person]:
    size = 2
    if kind != ConversationType.ONE_TO_ONE:
        size = 2 + int(dice.lognormvariate(0, _SIGMA) * (_MEMBERS - 2))
    size = min(size, _MOST_MEMBERS, len(people))
    found: dict[str, Person] = {}
    while len(found) < size:
        for person in dice.choices(people, weights, k=size - len(found)):
            found[person.actor_id] = person
    return list(found.values())


def _attendee(room: Room, index: int, person: Person, since: datetime) -> Attendee:
    is_owner = index == 0 or room.conversation.is_one_to_one
    return Attendee(
        conversation=room.conversation,
        user_id=person.user_pk,
        display_name=person.name[:255],
        participant_type=ParticipantType.OWNER if is_owner else ParticipantType.USER,
        created_at=since,
        modified_at=since,
    )
