"""One call as it may have gone: who came when, on how many devices, and how it ended."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from talk_calls.conf import conf
from talk_calls.constants import ActorType, InCallFlag, LegReason
from talk_calls.models import Call, CallLeg
from talk_calls.simulation import marks
from talk_calls.simulation.people import Person, Room, guest

#: Medians of the length in seconds, and sigma of its logarithm: of two people, and of more.
_PAIR, _MEETING = (540, 1.0), (1700, 0.7)
_SHORTEST, _LONGEST = 20, 5 * 3600

#: Why people go before the end, or at an end that nobody forces; and how often of a hundred.
_GOING = {
    LegReason.LEFT: 55,
    LegReason.ROOM_LEFT: 36,
    LegReason.TIMEOUT: 7.5,
    LegReason.REMOVED: 1,
    LegReason.PERMISSION: 0.5,
}
#: What ends a call for everybody, and how often of a hundred; else the last one goes.
_FORCED = {LegReason.ENDED_FOR_ALL: 20, LegReason.READ_ONLY: 0.4}

#: Why a stretch is interrupted, if it is.
_BREAKS = {
    LegReason.ROOM_LEFT: 50,
    LegReason.LEFT: 20,
    LegReason.TIMEOUT: 20,
    LegReason.REPLACED: 10,
}
_BREAK, _SHORTEST_BROKEN = 0.25, 60
_SECOND_DEVICE = 0.03
_FLAGS = {
    InCallFlag.DEFAULT: 70,
    InCallFlag.IN_CALL | InCallFlag.WITH_AUDIO: 24,
    InCallFlag.IN_CALL: 6,
}


@dataclass(slots=True)
class Stretch:
    """A leg in the making; times are seconds since the call began."""

    person: Person
    session: int
    joined: float
    left: float
    reason: LegReason


def make_call(
    dice: random.Random, room: Room, start: float, most: float
) -> tuple[Call, list[CallLeg]]:
    """Return a finished call that began at ``start`` (Unix seconds) and its legs, unsaved.

    It takes ``most`` seconds at most.
    """
    whole = _length(dice, room, most)
    people = _people(dice, room)
    forced = _forced(dice, room, people)
    stretches = [
        stretch
        for index, person in enumerate(people)
        for stretch in _presence(dice, person, whole, host=index == 0, forced=forced)
    ]
    # A time-out at the end is noticed late, and the call goes on as long.
    end = max(stretch.left for stretch in stretches)
    last = max(stretches, key=lambda stretch: stretch.left)
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
    legs = [_leg(dice, call, start, stretch) for stretch in stretches]
    flags = InCallFlag.DISCONNECTED
    for leg in legs:
        flags |= leg.flags
    call.flags = flags
    return call, legs


def _length(dice: random.Random, room: Room, most: float) -> float:
    median, sigma = _PAIR if room.conversation.is_one_to_one else _MEETING
    length = median * dice.lognormvariate(0, sigma)
    timeout = conf.session_timeout.total_seconds()
    return max(_SHORTEST, min(length, _LONGEST, most - timeout))


def _people(dice: random.Random, room: Room) -> list[Person]:
    """Return who comes; the first stays throughout, so that the call has no gap."""
    attendance = dice.uniform(0.3, 0.95)
    people = [person for person in room.members if dice.random() < attendance]
    people = people or [dice.choice(room.members)]
    for known in room.guests:
        if dice.random() < 0.2:  # noqa: PLR2004
            people.append(known if dice.random() < 0.6 else guest(dice))  # noqa: PLR2004
    return people


def _forced(dice: random.Random, room: Room, people: list[Person]) -> LegReason | None:
    """Return what a moderator who is there ends the call by, if one does."""
    if people[0] != room.members[0] or len(people) == 1:
        return None
    point = dice.uniform(0, 100)
    for reason, share in _FORCED.items():
        point -= share
        if point < 0:
            return reason
    return None


def _presence(
    dice: random.Random, person: Person, whole: float, *, host: bool, forced: LegReason | None
) -> Iterator[Stretch]:
    """Tell when somebody was in; a host from the first moment to the last."""
    came, went, reason = _span(dice, whole, host=host, forced=forced)
    yield from _broken(dice, Stretch(person, dice.getrandbits(112), came, went, reason), host)
    if dice.random() < _SECOND_DEVICE:
        early, late = sorted(dice.uniform(came, went) for _ in range(2))
        yield Stretch(person, dice.getrandbits(112), early, late, LegReason.LEFT)


def _span(
    dice: random.Random, whole: float, *, host: bool, forced: LegReason | None
) -> tuple[float, float, LegReason]:
    timeout = conf.session_timeout.total_seconds()
    came = 0.0 if host else min(dice.expovariate(1 / max(20, whole * 0.05)), whole * 0.9)
    stays = host or dice.random() < 0.8  # noqa: PLR2004
    if stays and forced is not None:
        return came, whole, forced
    reason = _pick(dice, _GOING)
    if host:
        # Who is alone at the end is sent away by nobody.
        alone = {LegReason.LEFT, LegReason.ROOM_LEFT, LegReason.TIMEOUT}
        reason = reason if reason in alone else LegReason.LEFT
        return came, whole + (timeout if reason == LegReason.TIMEOUT else 0), reason
    went = whole - dice.expovariate(1 / 12) if stays else dice.uniform(came, whole)
    return came, min(whole, max(came + 1, went)), reason


def _broken(dice: random.Random, stretch: Stretch, host: bool) -> Iterator[Stretch]:
    """Break a stretch into several: reloaded pages, lost networks, other devices."""
    while dice.random() < _BREAK and stretch.left - stretch.joined > _SHORTEST_BROKEN and not host:
        reason = _pick(dice, _BREAKS)
        cut = dice.uniform(stretch.joined + 5, stretch.left - 50)
        again = cut if reason == LegReason.REPLACED else cut + dice.uniform(1, 15)
        timeout = conf.session_timeout.total_seconds() if reason == LegReason.TIMEOUT else 0
        gone = min(cut + timeout, stretch.left)
        yield replace(stretch, left=gone, reason=reason)
        session = stretch.session if reason == LegReason.LEFT else dice.getrandbits(112)
        stretch = replace(stretch, session=session, joined=again)
    yield stretch


def _pick(dice: random.Random, shares: Mapping[Any, float]) -> Any:
    [picked] = dice.choices(list(shares), list(shares.values()))
    return picked


def _leg(dice: random.Random, call: Call, start: float, stretch: Stretch) -> CallLeg:
    person = stretch.person
    return CallLeg(
        call=call,
        session_key=marks.session_key(stretch.session),
        actor_type=person.actor_type,
        actor_id=person.actor_id,
        user_id=person.user_pk,
        display_name=person.name,
        joined_at=_at(start + stretch.joined),
        left_at=_at(start + stretch.left),
        reason=stretch.reason,
        flags=_pick(dice, _FLAGS),
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
