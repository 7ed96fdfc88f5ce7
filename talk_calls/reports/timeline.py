"""One call from its start to its end: who was in, from when to when, and why they left."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from talk_calls.constants import LegReason
from talk_calls.models import Call, CallLeg, Session


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of one device inside the call.

    ``device`` counts the devices of one person from 1, in the order in which they came.
    ``left_at`` is None, and ``reason`` is empty, while the device is in.
    """

    name: str
    actor_type: str
    actor_id: str
    device: int
    joined_at: datetime
    left_at: datetime | None
    reason: str
    flags: int

    @property
    def person(self) -> tuple[str, str]:
        """Return what tells people apart, where names are alike."""
        return self.actor_type, self.actor_id

    @property
    def who(self) -> str:
        """Return the name, or the id of somebody without one."""
        return self.name or self.actor_id

    @property
    def why(self) -> str:
        """Return in words why it ended, or that it did not."""
        return str(LegReason(self.reason).label) if self.reason else "Still in"

    def lasted(self, now: datetime) -> timedelta:
        """Return how long it lasted, or has lasted so far."""
        return (self.left_at or now) - self.joined_at


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened during the call: ``what`` in words, and to whom if to anybody."""

    at: datetime
    what: str
    who: str = ""
    device: int = 0


@dataclass(frozen=True)
class Timeline:
    """A call with its stretches in the order of joining, as it is at ``now``.

    ``ended_at`` and ``reason`` are those of the call, or those it will be given once somebody looks
    after a call that everybody vanished from; None and empty while it goes on.
    """

    call: Call
    now: datetime
    stretches: list[Stretch]
    ended_at: datetime | None
    reason: str

    @property
    def name(self) -> str:
        """Return the name of the conversation, as far as it is known."""
        return self.call.conversation_name or str(self.call.conversation or "one-to-one")

    @property
    def token(self) -> str:
        """Return the conversation's token; empty once it is deleted."""
        return self.call.conversation.token if self.call.conversation else ""

    @property
    def duration(self) -> timedelta:
        """Return how long the call lasted, or has lasted so far."""
        return (self.ended_at or self.now) - self.call.started_at

    @property
    def started_by(self) -> str:
        """Return who joined first."""
        return self.stretches[0].who if self.stretches else ""

    @property
    def ended_by(self) -> str:
        """Return who ended it or left last; empty if people only vanished."""
        return self.call.ended_by_name or self.call.ended_by_id

    @property
    def why(self) -> str:
        """Return in words why it ended, or that it did not."""
        return str(LegReason(self.reason).label) if self.reason else "Goes on"

    @property
    def people(self) -> int:
        """Return how many different people were in."""
        return len({stretch.person for stretch in self.stretches})

    @cached_property
    def peak(self) -> int:
        """Return how many different people were in at the same time at most."""
        lasting = [each for each in self.stretches if each.left_at != each.joined_at]
        moves = [(each.joined_at, 1, each.person) for each in lasting]
        # Whoever leaves at the moment in which somebody joins did not meet them.
        moves += [(each.left_at, -1, each.person) for each in lasting if each.left_at]
        devices: Counter[tuple[str, str]] = Counter()
        most = 1
        for _, change, person in sorted(moves):
            devices[person] += change
            if not devices[person]:
                del devices[person]
            most = max(most, len(devices))
        return most

    @property
    def events(self) -> list[Event]:
        """Return all that happened, in order."""
        found = [Event(self.call.started_at, "Call started", self.started_by)]
        found += [Event(s.joined_at, "Joined", s.who, s.device) for s in self.stretches]
        found += [Event(s.left_at, s.why, s.who, s.device) for s in self.stretches if s.left_at]
        found.sort(key=lambda event: event.at)
        if self.ended_at:
            found.append(Event(self.ended_at, f"Call ended: {self.why}", self.ended_by))
        return found


def timeline(call: Call, now: datetime) -> Timeline:
    """Return the call as it is at ``now``; one query, or two while the call is open.

    Whoever vanished left when their time was up, also where that is not settled yet.
    """
    legs = list(call.legs.all())
    sessions = {} if call.ended_at else _in_call(call)
    stretches = list(_stretches(legs, sessions, now))
    if call.ended_at or any(stretch.left_at is None for stretch in stretches):
        return Timeline(call, now, stretches, call.ended_at, call.end_reason)
    last = max((s.left_at for s in stretches if s.left_at), default=now)
    return Timeline(call, now, stretches, last, LegReason.TIMEOUT)


def _in_call(call: Call) -> dict[str, Session]:
    sessions = Session.objects.in_call().filter(conversation=call.conversation_id)
    return {session.key: session for session in sessions}


def _stretches(
    legs: Iterable[CallLeg], sessions: dict[str, Session], now: datetime
) -> Iterator[Stretch]:
    devices: dict[tuple[str, str], list[str]] = {}
    for leg in legs:
        keys = devices.setdefault((leg.actor_type, leg.actor_id), [])
        if leg.session_key not in keys:
            keys.append(leg.session_key)
        left_at, reason = _end(leg, sessions.get(leg.session_key), now)
        yield Stretch(
            name=leg.display_name,
            actor_type=leg.actor_type,
            actor_id=leg.actor_id,
            device=keys.index(leg.session_key) + 1,
            joined_at=leg.joined_at,
            left_at=left_at,
            reason=reason,
            flags=leg.flags,
        )


def _end(leg: CallLeg, session: Session | None, now: datetime) -> tuple[datetime | None, str]:
    """Return when and why a leg ended, as the books will say it once they are settled."""
    if leg.left_at:
        return leg.left_at, leg.reason
    if session is None:  # its row is gone
        return max(leg.joined_at, now), LegReason.REMOVED
    if session.has_timed_out(now):
        return max(leg.joined_at, session.times_out_at), LegReason.TIMEOUT
    return None, ""
