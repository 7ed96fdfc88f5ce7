"""The conversations of a simulated year, with their members."""

import json
import random
from dataclasses import dataclass, field
from datetime import datetime

from talk_calls.constants import ConversationType, ParticipantType
from talk_calls.contrib.simulation import simulated
from talk_calls.contrib.simulation.users import Person, guest
from talk_calls.models import Attendee, Conversation

_BATCH = 1000
_TOPICS = "Weekly Standup Planning Review Support Sales Design Board Training Research"

#: Percentage of each type of conversation.
_TYPES = {
    ConversationType.ONE_TO_ONE: 25,
    ConversationType.GROUP: 50,
    ConversationType.PUBLIC: 25,
}
#: Number of members of a group: median, and sigma of its logarithm.
_MEMBERS, _SIGMA = 13, 0.8
_MOST_MEMBERS = 200

#: How many guests come to a public conversation regularly.
_REGULAR_GUESTS = 5


@dataclass(frozen=True, slots=True)
class SimulatedConversation:
    """A conversation with its members, the owner first.

    ``weight`` is how often they call, relative to others; ``guests`` are those who come regularly.
    """

    conversation: Conversation
    members: list[Person]
    weight: float
    guests: list[Person] = field(default_factory=list)


def make_conversations(
    rng: random.Random, people: list[Person], count: int, *, since: datetime
) -> list[SimulatedConversation]:
    """Store ``count`` conversations that were created at ``since``, and their attendees."""
    made = _conversations(rng, people, count, since)
    Conversation.objects.bulk_create([each.conversation for each in made], batch_size=_BATCH)
    attendees = [
        _attendee(each.conversation, index, person, since)
        for each in made
        for index, person in enumerate(each.members)
    ]
    Attendee.objects.bulk_create(attendees, batch_size=_BATCH)
    return made


def _conversations(
    rng: random.Random, people: list[Person], count: int, since: datetime
) -> list[SimulatedConversation]:
    pairs: set[str] = set()
    # Some people are in many conversations, and most in few.
    weights = [rng.lognormvariate(0, 0.7) for _ in people]
    made = []
    for number in range(1, count + 1):
        [kind] = rng.choices(list(_TYPES), list(_TYPES.values()))
        members = _members(rng, people, weights, kind)
        pair = json.dumps(sorted(str(member.user_pk) for member in members))
        if kind == ConversationType.ONE_TO_ONE and (pair in pairs or len(members) != 2):  # noqa: PLR2004
            kind = ConversationType.GROUP
        is_pair = kind == ConversationType.ONE_TO_ONE
        pairs.add(pair)
        conversation = Conversation(
            token=simulated.token(),
            type=kind,
            name="" if is_pair else f"{simulated.PREFIX}{rng.choice(_TOPICS.split())} {number}",
            object_type=simulated.OBJECT_TYPE,
            object_id="year",
            pair_key=pair if is_pair else None,
            created_at=since,
            last_activity_at=since,
        )
        is_public = kind == ConversationType.PUBLIC
        guests = [guest(rng) for _ in range(_REGULAR_GUESTS)] if is_public else []
        weight = rng.lognormvariate(0, 0.8)
        made.append(SimulatedConversation(conversation, members, weight, guests))
    return made


def _members(
    rng: random.Random, people: list[Person], weights: list[float], kind: ConversationType
) -> list[Person]:
    size = 2
    if kind != ConversationType.ONE_TO_ONE:
        size = 2 + int(rng.lognormvariate(0, _SIGMA) * (_MEMBERS - 2))
    size = min(size, _MOST_MEMBERS, len(people))
    found: dict[str, Person] = {}
    while len(found) < size:
        for person in rng.choices(people, weights, k=size - len(found)):
            found[person.actor_id] = person
    return list(found.values())


def _attendee(conversation: Conversation, index: int, person: Person, since: datetime) -> Attendee:
    is_owner = index == 0 or conversation.is_one_to_one
    return Attendee(
        conversation=conversation,
        user_id=person.user_pk,
        display_name=person.name[:255],
        participant_type=ParticipantType.OWNER if is_owner else ParticipantType.USER,
        created_at=since,
        modified_at=since,
    )
