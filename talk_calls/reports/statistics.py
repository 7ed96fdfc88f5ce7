"""What happened in calls over some days: how many, how long, how many people, and how they ended.

Minutes of a call that goes past midnight belong to both days. People count once a day, by their
account or, without one, by the name that clients know them by; their minutes and how many were in
at a time are counted by device. The database computes all of it, in as many statements for a year
as for a day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from talk_calls.constants import LegReason
from talk_calls.models import Call, Conversation
from talk_calls.reports import presence, spans
from talk_calls.reports.days import Days
from talk_calls.reports.spans import Scope

#: Rows of the tables of conversations and of groups.
MOST_ROWS = 20

#: Days that are looked at unless somebody says otherwise.
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Day:
    """One day: calls that began, minutes of calls and of people, people, and most at a time."""

    day: date
    calls: int = 0
    call_minutes: float = 0.0
    people_minutes: float = 0.0
    participants: int = 0
    peak: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation, or a group.

    ``minutes`` are those of its calls, or of the group's members, which has no calls of its own.
    ``conversation_pk`` is None for groups, and for all that was deleted.
    """

    name: str
    calls: int
    minutes: float
    participants: int
    conversation_pk: int | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """All figures of some days; reasons map labels to how many ended so, most frequent first."""

    days: list[Day]
    participants: int
    calls_ended: dict[str, int]
    legs_ended: dict[str, int]
    conversations: list[Place]
    groups: list[Place]

    @property
    def calls(self) -> int:
        """Return how many calls began."""
        return sum(day.calls for day in self.days)

    @property
    def call_minutes(self) -> float:
        """Return how many minutes of calls there were."""
        return sum(day.call_minutes for day in self.days)

    @property
    def people_minutes(self) -> float:
        """Return how many minutes people spent in them."""
        return sum(day.people_minutes for day in self.days)

    @property
    def peak(self) -> Day | None:
        """Return the first day with the most people at a time; None if nobody was there."""
        busiest = max(self.days, key=lambda day: day.peak)
        return busiest if busiest.peak else None


def last_days(count: int, *, now: datetime) -> Days:
    """Return the last days in the site's time zone, today included."""
    today = timezone.localdate(now)
    return Days(today - timedelta(days=count - 1), today)


def first_day(now: datetime) -> date:
    """Return the day of the first call, today if there was none; one statement."""
    first = Call.objects.order_by("started_at").values_list("started_at", flat=True).first()
    return timezone.localdate(first or now)


def statistics(scope: Scope) -> Statistics:
    """Return the figures of the days and of what else ``scope`` says."""
    calls = presence.calls(scope)
    people = presence.people(scope, calls.past_midnight)
    return Statistics(
        days=_days(scope, calls, people),
        participants=people.total,
        calls_ended=_reasons(spans.calls_ended(scope), "end_reason"),
        legs_ended=_reasons(spans.legs_ended(scope), "reason"),
        conversations=_conversations(scope, calls),
        groups=_groups(people),
    )


def _days(scope: Scope, calls: presence.Calls, people: presence.People) -> list[Day]:
    peaks = presence.peaks(scope)
    found = []
    for number, day in scope.days.numbered():
        began, call_seconds = calls.by_day.get(number, (0, 0))
        participants, people_seconds = people.by_day.get(number, (0, 0))
        # Who came and went between two full minutes was there at least.
        peak = max(peaks.get(number, 0), min(participants, 1))
        found.append(Day(day, began, call_seconds / 60, people_seconds / 60, participants, peak))
    return found


def _reasons(ended: QuerySet[Any], reason: str) -> dict[str, int]:
    counts = ended.values_list(reason).annotate(n=Count("pk")).order_by("-n", reason)
    return {str(LegReason(key).label): n for key, n in counts}


def _conversations(scope: Scope, calls: presence.Calls) -> list[Place]:
    """Return where most minutes were spent, with how many people; those that are gone are one."""
    rows = sorted(
        calls.by_conversation.items(), key=lambda row: (-row[1][1], row[0] is None, row[0])
    )[:MOST_ROWS]
    people = _people_of(scope, [pk for pk, _ in rows])
    rooms = Conversation.objects.in_bulk([pk for pk, _ in rows if pk])
    return [
        Place(_name(rooms.get(pk or 0)), count, seconds / 60, people.get(pk, 0), pk)
        for pk, (count, seconds) in rows
    ]


def _people_of(scope: Scope, top: list[int | None]) -> dict[int | None, int]:
    here = Q(call__conversation__in=[pk for pk in top if pk])
    if None in top:
        here |= Q(call__conversation=None)
    guests = Count("name", distinct=True, filter=Q(user=None))
    legs = spans.legs(scope).filter(here).values_list("call__conversation")
    return dict(legs.annotate(people=Count("user", distinct=True) + guests))


def _name(room: Conversation | None) -> str:
    return str(room) if room else "Deleted conversations"


def _groups(people: presence.People) -> list[Place]:
    rows = sorted(people.by_group.items(), key=lambda row: (-row[1][1], row[0]))
    return [Place(name, 0, seconds / 60, count) for name, (count, seconds) in rows[:MOST_ROWS]]
