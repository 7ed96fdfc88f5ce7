"""A year of calls, written in batches of which each is whole."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise

from talk_calls.db import transactions
from talk_calls.models import Call, CallLeg
from talk_calls.simulation import calendar, people
from talk_calls.simulation.calls import make_call
from talk_calls.simulation.people import Room

#: Calls that are written in one transaction.
BATCH = 500

#: Rows of one INSERT; PostgreSQL takes 65,535 values at most, and a leg has ten.
_ROWS = 2000

#: Seconds between the beginnings of two calls of one conversation, at least.
_APART = 180.0

#: Called with how many calls are written, and of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is to be made."""

    days: int = 365
    calls: int = 5_000
    people: int = 200
    conversations: int = 50
    groups: int = 20

    @property
    def is_too_dense(self) -> bool:
        """Tell whether conversations could not have so many calls one after the other."""
        return self.calls * _APART > self.days * self.conversations * 86400 / 20


@dataclass(slots=True)
class Made:
    """How many rows of each kind there are now, and seconds that took."""

    users: int = 0
    memberships: int = 0
    conversations: int = 0
    attendees: int = 0
    calls: int = 0
    legs: int = 0
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """Return how many rows there are of all kinds."""
        users = self.users + self.memberships
        return users + self.conversations + self.attendees + self.calls + self.legs

    @property
    def rows_per_second(self) -> int:
        """Return how fast they were made."""
        return round(self.rows / self.seconds) if self.seconds else 0


def make(size: Size, *, seed: int | None, now: datetime, made: Made, progress: Progress) -> None:
    """Write people and conversations, then their calls, the oldest first.

    ``made`` counts what is committed, also for whoever stops this half-way. Equal seeds at an equal
    ``now`` make equal years, but for the tokens of conversations.
    """
    began = time.monotonic()
    dice = random.Random(seed)  # noqa: S311 -- keeps no secret
    rooms = _foundation(dice, size, now, made)
    made.seconds = time.monotonic() - began
    planned = _plan(dice, rooms, size, now)
    while batch := list(islice(planned, BATCH)):
        calls, legs = zip(*(make_call(dice, *each) for each in batch), strict=True)
        written = _write(list(calls), [leg for some in legs for leg in some])
        made.calls += len(calls)
        made.legs += written
        made.seconds = time.monotonic() - began
        progress(made.calls, size.calls)


@transactions.atomic()
def _foundation(dice: random.Random, size: Size, now: datetime, made: Made) -> list[Room]:
    persons = people.make_people(dice, size.people)
    memberships = people.make_groups(dice, persons, size.groups)
    since = now - timedelta(days=size.days)
    rooms = people.make_rooms(dice, persons, size.conversations, since=since)
    made.users, made.memberships, made.conversations = len(persons), memberships, len(rooms)
    made.attendees = sum(len(room.members) for room in rooms)
    return rooms


def _plan(
    dice: random.Random, rooms: list[Room], size: Size, now: datetime
) -> Iterator[tuple[Room, float, float]]:
    """Yield where calls take place, when they begin, and how long they may take."""
    starts = calendar.starts(dice, size.calls, days=size.days, now=now)
    where = dice.choices(range(len(rooms)), [room.weight for room in rooms], k=size.calls)
    by_room: dict[int, list[float]] = {}
    for index, start in zip(where, starts, strict=True):
        by_room.setdefault(index, []).append(start)
    until = now.timestamp() - 2 * _APART
    planned: list[tuple[float, int, float]] = []
    for index, own in by_room.items():
        apart = calendar.spread(own, apart=_APART, until=until)
        ends = [*apart, now.timestamp()]
        planned += [(start, index, end - start - 60) for start, end in pairwise(ends)]
    for start, index, most in sorted(planned):
        yield rooms[index], start, most


@transactions.atomic()
def _write(calls: list[Call], legs: list[CallLeg]) -> int:
    Call.objects.bulk_create(calls, batch_size=_ROWS)
    for leg in legs:
        leg.call = leg.call  # takes the key that the call has now
    CallLeg.objects.bulk_create(legs, batch_size=_ROWS)
    return len(legs)
