"""One call from its start to its end: who was in, from when to when, and why they left."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from talk_calls import names
from talk_calls.constants import LegReason
from talk_calls.models import Call, CallLeg, Session
from talk_calls.reports.call_ends import end_of, reason_text


@dataclass(frozen=True, slots=True)
class TimelineLeg:
    """One stay of one device in the call.

    ``device`` numbers the devices of a person from 1, in the order in which they joined.
    ``left_at`` is None, and ``reason`` empty, while the device is in. ``user_pk`` is the primary
    key of the user, or None for others and for users who were deleted.
    """

    name: str
    actor_type: str
    actor_id: str
    device: int
    joined_at: datetime
    left_at: datetime | None
    reason: str
    flags: int
    user_pk: Any = None

    @property
    def person(self) -> tuple[str, str]:
        """Return what identifies the person; names may be equal."""
        return self.actor_type, self.actor_id

    @property
    def who(self) -> str:
        """Return the name for operators."""
        return names.shown(self.name, self.actor_type, self.actor_id)

    @property
    def reason_text(self) -> str:
        """Return why it ended, or that it did not."""
        return str(LegReason(self.reason).label) if self.reason else _("Still in")

    def duration(self, now: datetime) -> timedelta:
        """Return how long it lasted, or has lasted so far."""
        return (self.left_at or now) - self.joined_at


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in the call: ``what`` is a text, ``who`` a name or empty."""

    at: datetime
    what: str
    who: str = ""
    device: int = 0


@dataclass(frozen=True)
class Timeline:
    """A call with its legs in the order of joining, as it is at ``now``.

    ``ended_at`` and ``reason`` are None and empty while it is running. Of an open call in which
    everybody timed out, they are those that the services will store.
    """

    call: Call
    now: datetime
    legs: list[TimelineLeg]
    ended_at: datetime | None
    reason: str

    @property
    def name(self) -> str:
        """Return the name of the conversation at the time, or a description if it had none."""
        return self.call.title

    @property
    def token(self) -> str:
        """Return the token of the conversation; empty if it was deleted."""
        return self.call.conversation.token if self.call.conversation else ""

    @property
    def duration(self) -> timedelta:
        """Return how long the call lasted, or has lasted so far."""
        return (self.ended_at or self.now) - self.call.started_at

    @property
    def started_by(self) -> str:
        """Return the name of the one who joined first."""
        return self.legs[0].who if self.legs else ""

    @property
    def ended_by(self) -> str:
        """Return who ended it or left last; empty if the last ones timed out."""
        return self.call.ended_by

    @property
    def reason_text(self) -> str:
        """Return why it ended, or that it did not."""
        return reason_text(self.reason)

    @property
    def people(self) -> int:
        """Return how many different people were in."""
        return len({leg.person for leg in self.legs})

    @cached_property
    def peak(self) -> int:
        """Return how many different people were in at the same time at most."""
        legs = [each for each in self.legs if each.left_at != each.joined_at]
        moves = [(each.joined_at, 1, each.person) for each in legs]
        # At the same time, leaves (-1) sort before joins (1): those people were not in together.
        moves += [(each.left_at, -1, each.person) for each in legs if each.left_at]
        devices: Counter[tuple[str, str]] = Counter()
        peak = 1
        for __, change, person in sorted(moves):
            devices[person] += change
            if not devices[person]:
                del devices[person]
            peak = max(peak, len(devices))
        return peak

    @property
    def events(self) -> list[Event]:
        """Return what happened, in order of time."""
        events = [Event(self.call.started_at, _("Call started"), self.started_by)]
        events += [Event(leg.joined_at, _("Joined"), leg.who, leg.device) for leg in self.legs]
        events += [
            Event(leg.left_at, leg.reason_text, leg.who, leg.device)
            for leg in self.legs
            if leg.left_at
        ]
        events.sort(key=lambda event: event.at)
        if self.ended_at:
            what = _("Call ended: {reason}").format(reason=self.reason_text)
            events.append(Event(self.ended_at, what, self.ended_by))
        return events


def build_timeline(call: Call, now: datetime) -> Timeline:
    """Return the timeline of a call at ``now``; one query, or two while the call is open.

    A session that timed out left at its timeout, also if its row does not say so yet.
    """
    rows = list(call.legs.all())
    sessions = {} if call.ended_at else _sessions_in_call(call)
    legs = list(_legs(rows, sessions, now))
    ended_at, reason = end_of(call, (leg.left_at for leg in legs), now)
    return Timeline(call, now, legs, ended_at, reason)


def _sessions_in_call(call: Call) -> dict[str, Session]:
    sessions = Session.objects.in_call().filter(conversation=call.conversation_id)
    return {session.key: session for session in sessions}


def _legs(
    rows: Iterable[CallLeg], sessions: dict[str, Session], now: datetime
) -> Iterator[TimelineLeg]:
    devices: dict[tuple[str, str], list[str]] = {}
    for leg in rows:
        keys = devices.setdefault((leg.actor_type, leg.actor_id), [])
        if leg.session_key not in keys:
            keys.append(leg.session_key)
        left_at, reason = _end(leg, sessions.get(leg.session_key), now)
        yield TimelineLeg(
            name=leg.display_name,
            actor_type=leg.actor_type,
            actor_id=leg.actor_id,
            device=keys.index(leg.session_key) + 1,
            joined_at=leg.joined_at,
            left_at=left_at,
            reason=reason,
            flags=leg.flags,
            user_pk=leg.user_id,
        )


def _end(leg: CallLeg, session: Session | None, now: datetime) -> tuple[datetime | None, str]:
    """Return when and why a leg ended, also if the services have yet to store it."""
    if leg.left_at:
        return leg.left_at, leg.reason
    if session is None:  # its row is gone
        return max(leg.joined_at, now), LegReason.REMOVED
    if session.has_timed_out(now):
        return max(leg.joined_at, session.times_out_at), LegReason.TIMEOUT
    return None, ""
