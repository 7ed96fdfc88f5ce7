"""A year of calls, written in batches; each batch is one transaction."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise

from talk_calls.contrib.simulation import calendar, conversations, users
from talk_calls.contrib.simulation.calls import make_call
from talk_calls.contrib.simulation.conversations import SimulatedConversation
from talk_calls.db import transactions
from talk_calls.models import Call, CallLeg, DaySummary

#: Calls that are written in one transaction.
BATCH = 500

#: Rows of one INSERT; PostgreSQL takes at most 65,535 values, and a leg has ten.
_ROWS = 2000

#: Least seconds between the starts of two calls of one conversation.
_APART = 180.0

#: Called with how many calls are written, and of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How much to make."""

    days: int = 365
    calls: int = 5_000
    people: int = 200
    conversations: int = 50
    groups: int = 20

    @property
    def is_too_dense(self) -> bool:
        """Tell whether there are too many calls for conversations that have one at a time."""
        return self.calls * _APART > self.days * self.conversations * 86400 / 20


@dataclass(slots=True)
class Made:
    """How many rows of each kind were made, and in how many seconds."""

    users: int = 0
    memberships: int = 0
    conversations: int = 0
    attendees: int = 0
    calls: int = 0
    legs: int = 0
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """Return how many rows of all kinds were made."""
        people = self.users + self.memberships
        return people + self.conversations + self.attendees + self.calls + self.legs

    @property
    def rows_per_second(self) -> int:
        """Return the rate."""
        return round(self.rows / self.seconds) if self.seconds else 0


def make(size: Size, *, seed: int | None, now: datetime, made: Made, progress: Progress) -> None:
    """Write people and conversations, then their calls, the oldest first.

    ``made`` is updated after each transaction, so that it is right after an interruption too. Equal
    seeds and an equal ``now`` make equal rows, except for the tokens of conversations.
    """
    start = time.monotonic()
    rng = random.Random(seed)  # noqa: S311 -- keeps no secret
    rooms = _make_people_and_rooms(rng, size, now, made)
    made.seconds = time.monotonic() - start
    planned = _plan(rng, rooms, size, now)
    while batch := list(islice(planned, BATCH)):
        calls, legs = zip(*(make_call(rng, *each) for each in batch), strict=True)
        written = _write(list(calls), [leg for some in legs for leg in some])
        made.calls += len(calls)
        made.legs += written
        made.seconds = time.monotonic() - start
        progress(made.calls, size.calls)


@transactions.atomic()
def _make_people_and_rooms(
    rng: random.Random, size: Size, now: datetime, made: Made
) -> list[SimulatedConversation]:
    people = users.make_users(rng, size.people)
    memberships = users.make_groups(rng, people, size.groups)
    since = now - timedelta(days=size.days)
    rooms = conversations.make_conversations(rng, people, size.conversations, since=since)
    made.users, made.memberships, made.conversations = len(people), memberships, len(rooms)
    made.attendees = sum(len(room.members) for room in rooms)
    return rooms


def _plan(
    rng: random.Random, rooms: list[SimulatedConversation], size: Size, now: datetime
) -> Iterator[tuple[SimulatedConversation, float, float]]:
    """Yield the conversation, start (Unix seconds) and longest duration (seconds) of each call."""
    starts = calendar.starts(rng, size.calls, days=size.days, now=now)
    indexes = rng.choices(range(len(rooms)), [room.weight for room in rooms], k=size.calls)
    by_room: dict[int, list[float]] = {}
    for index, start in zip(indexes, starts, strict=True):
        by_room.setdefault(index, []).append(start)
    until = now.timestamp() - 2 * _APART
    planned: list[tuple[float, int, float]] = []
    for index, times in by_room.items():
        apart = calendar.spread(times, apart=_APART, until=until)
        ends = [*apart, now.timestamp()]
        planned += [(start, index, end - start - 60) for start, end in pairwise(ends)]
    for start, index, most in sorted(planned):
        yield rooms[index], start, most


@transactions.atomic()
def _write(calls: list[Call], legs: list[CallLeg]) -> int:
    Call.objects.bulk_create(calls, batch_size=_ROWS)
    for leg in legs:
        leg.call = leg.call  # copies the key that the call has since it is stored
    CallLeg.objects.bulk_create(legs, batch_size=_ROWS)
    ends = [call.ended_at for call in calls if call.ended_at]
    DaySummary.objects.between(calls[0].started_at, max(ends)).mark_stale()
    return len(legs)
