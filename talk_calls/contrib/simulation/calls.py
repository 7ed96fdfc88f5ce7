"""One finished call: who was in it when, on how many devices, and how it ended."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from talk_calls.conf import conf
from talk_calls.constants import ActorType, InCallFlag, LegReason
from talk_calls.contrib.simulation import simulated
from talk_calls.contrib.simulation.conversations import SimulatedConversation
from talk_calls.contrib.simulation.users import Person, guest
from talk_calls.models import Call, CallLeg

T = TypeVar("T")

#: Duration of a call of two people, and of more: median in seconds, and sigma of its logarithm.
_PAIR, _MEETING = (540, 1.0), (1700, 0.7)
_SHORTEST, _LONGEST = 20, 5 * 3600

#: Percentage of each reason to leave, before the end or at an end that nobody forces.
_LEAVING = {
    LegReason.LEFT: 55,
    LegReason.ROOM_LEFT: 36,
    LegReason.TIMEOUT: 7.5,
    LegReason.REMOVED: 1,
    LegReason.PERMISSION: 0.5,
}
#: Percentage of each reason that ends a call for everybody; otherwise the last one leaves.
_FORCED = {LegReason.ENDED_FOR_ALL: 20, LegReason.READ_ONLY: 0.4}

#: Percentage of each reason that interrupts a presence.
_INTERRUPTIONS = {
    LegReason.ROOM_LEFT: 50,
    LegReason.LEFT: 20,
    LegReason.TIMEOUT: 20,
    LegReason.REPLACED: 10,
}

#: Probability of an interruption, and the shortest presence in seconds that has one.
_INTERRUPTION, _SHORTEST_INTERRUPTED = 0.25, 60

#: Probability that somebody joins with a second device too.
_SECOND_DEVICE = 0.03

#: Percentage of each combination of in-call flags.
_FLAGS = {
    InCallFlag.DEFAULT: 70,
    InCallFlag.IN_CALL | InCallFlag.WITH_AUDIO: 24,
    InCallFlag.IN_CALL: 6,
}


@dataclass(slots=True)
class Presence:
    """What becomes a leg; times are seconds since the call began."""

    person: Person
    session: int
    joined: float
    left: float
    reason: LegReason


def make_call(
    rng: random.Random, room: SimulatedConversation, start: float, most: float
) -> tuple[Call, list[CallLeg]]:
    """Return a finished call that began at ``start`` (Unix seconds) and its legs, unsaved.

    It lasts ``most`` seconds at most.
    """
    whole = _length(rng, room, most)
    people = _people(rng, room)
    forced = _forced(rng, room, people)
    presences = [
        presence
        for index, person in enumerate(people)
        for presence in _presences(rng, person, whole, host=index == 0, forced=forced)
    ]
    # A session times out a while after its last ping, and is in the call until then.
    end = max(presence.left for presence in presences)
    last = max(presences, key=lambda presence: presence.left)
    reason = last.reason
    by = None if reason == LegReason.TIMEOUT else last.person
    call = Call(
        conversation=room.conversation,
        conversation_name=room.conversation.name,
        started_at=_at(start),
        ended_at=_at(start + end),
        end_reason=reason,
        **_ended_by(room.members[0] if reason in _FORCED else by),
    )
    legs = [_leg(rng, call, start, presence) for presence in presences]
    flags = InCallFlag.DISCONNECTED
    for leg in legs:
        flags |= leg.flags
    call.flags = flags
    return call, legs


def _length(rng: random.Random, room: SimulatedConversation, most: float) -> float:
    median, sigma = _PAIR if room.conversation.is_one_to_one else _MEETING
    length = median * rng.lognormvariate(0, sigma)
    timeout = conf.session_timeout.total_seconds()
    return max(_SHORTEST, min(length, _LONGEST, most - timeout))


def _people(rng: random.Random, room: SimulatedConversation) -> list[Person]:
    """Return who takes part; the first stays throughout, so that the call has no gap."""
    attendance = rng.uniform(0.3, 0.95)
    people = [person for person in room.members if rng.random() < attendance]
    people = people or [rng.choice(room.members)]
    for known in room.guests:
        if rng.random() < 0.2:  # noqa: PLR2004
            people.append(known if rng.random() < 0.6 else guest(rng))  # noqa: PLR2004
    return people


def _forced(
    rng: random.Random, room: SimulatedConversation, people: list[Person]
) -> LegReason | None:
    """Return why a moderator in the call ends it for everybody, or None if nobody does."""
    if people[0] != room.members[0] or len(people) == 1:
        return None
    point = rng.uniform(0, 100)
    for reason, share in _FORCED.items():
        point -= share
        if point < 0:
            return reason
    return None


def _presences(
    rng: random.Random, person: Person, whole: float, *, host: bool, forced: LegReason | None
) -> Iterator[Presence]:
    """Yield when somebody was in the call; a host is from its start to its end."""
    came, went, reason = _span(rng, whole, host=host, forced=forced)
    yield from _interrupted(rng, Presence(person, rng.getrandbits(112), came, went, reason), host)
    if rng.random() < _SECOND_DEVICE:
        early, late = sorted(rng.uniform(came, went) for _ in range(2))
        yield Presence(person, rng.getrandbits(112), early, late, LegReason.LEFT)


def _span(
    rng: random.Random, whole: float, *, host: bool, forced: LegReason | None
) -> tuple[float, float, LegReason]:
    timeout = conf.session_timeout.total_seconds()
    came = 0.0 if host else min(rng.expovariate(1 / max(20, whole * 0.05)), whole * 0.9)
    stays = host or rng.random() < 0.8  # noqa: PLR2004
    if stays and forced is not None:
        return came, whole, forced
    reason = _pick(rng, _LEAVING)
    if host:
        # Nobody else is there to remove the last one.
        possible = {LegReason.LEFT, LegReason.ROOM_LEFT, LegReason.TIMEOUT}
        reason = reason if reason in possible else LegReason.LEFT
        return came, whole + (timeout if reason == LegReason.TIMEOUT else 0), reason
    went = whole - rng.expovariate(1 / 12) if stays else rng.uniform(came, whole)
    return came, min(whole, max(came + 1, went)), reason


def _interrupted(rng: random.Random, presence: Presence, host: bool) -> Iterator[Presence]:
    """Split a presence: pages are reloaded, networks lost, devices replaced."""
    while (
        rng.random() < _INTERRUPTION
        and presence.left - presence.joined > _SHORTEST_INTERRUPTED
        and not host
    ):
        reason = _pick(rng, _INTERRUPTIONS)
        cut = rng.uniform(presence.joined + 5, presence.left - 50)
        again = cut if reason == LegReason.REPLACED else cut + rng.uniform(1, 15)
        timeout = conf.session_timeout.total_seconds() if reason == LegReason.TIMEOUT else 0
        gone = min(cut + timeout, presence.left)
        yield replace(presence, left=gone, reason=reason)
        session = presence.session if reason == LegReason.LEFT else rng.getrandbits(112)
        presence = replace(presence, session=session, joined=again)
    yield presence


def _pick(rng: random.Random, shares: Mapping[T, float]) -> T:
    [picked] = rng.choices(list(shares), list(shares.values()))
    return picked


def _leg(rng: random.Random, call: Call, start: float, presence: Presence) -> CallLeg:
    person = presence.person
    return CallLeg(
        call=call,
        session_key=simulated.session_key(presence.session),
        actor_type=person.actor_type,
        actor_id=person.actor_id,
        user_id=person.user_pk,
        display_name=person.name,
        joined_at=_at(start + presence.joined),
        left_at=_at(start + presence.left),
        reason=presence.reason,
        flags=_pick(rng, _FLAGS),
    )


def _ended_by(person: Person | None) -> dict[str, str]:
    if person is None:
        return {}
    kind = str(ActorType(person.actor_type))
    return {
        "ended_by_type": kind,
        "ended_by_id": person.actor_id,
        "ended_by_name": person.name,
    }


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
