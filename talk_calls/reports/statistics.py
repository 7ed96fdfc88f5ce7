"""What happened in calls over some days: how many, how long, how many people, and how they ended.

Minutes of a call that goes past midnight belong to both days. People count once a day, by their
account or, without one, by the name that clients know them by. Everything is computed by the
database, in seven statements however much there is.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
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
    """A conversation, or a group; ``conversation_pk`` is None for those that are gone.

    Groups have no calls of their own, and the minutes of their members.
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
    present = presence.people(scope)
    return Statistics(
        days=_days(scope, present),
        participants=present.people,
        calls_ended=_reasons(spans.calls(scope), scope, "end_reason", "ended_at"),
        legs_ended=_reasons(spans.legs(scope), scope, "reason", "left_at"),
        conversations=_conversations(scope),
        groups=_groups(present),
    )


def _days(scope: Scope, present: presence.Presence) -> list[Day]:
    calls = presence.calls_by_day(scope)
    found = []
    for number, day in scope.days.numbered():
        began, call_seconds = calls.get(number, (0, 0))
        participants, people_seconds = present.by_day.get(number, (0, 0))
        peak = present.peaks.get(number, 0)
        found.append(
            Day(day, began, call_seconds / 60, people_seconds / 60, participants, peak)
        )
    return found


def _reasons(
    found: QuerySet[Any], scope: Scope, reason: str, ended_at: str
) -> dict[str, int]:
    ended = found.filter(spans.ended_in(scope, ended_at))
    counts = ended.values_list(reason).annotate(n=Count("pk")).order_by("-n", reason)
    return {str(LegReason(key).label): n for key, n in counts}


#: What calls are told apart by: their conversation, or what it was called.
_GONE = Case(When(conversation=None, then=F("conversation_name")), default=Value(""))


def _conversations(scope: Scope) -> list[Place]:
    """Return where most minutes were spent, with how many people."""
    calls = spans.calls(scope).annotate(gone=_GONE).values("conversation", "gone")
    top = list(
        calls.annotate(n=Count("pk"), total=Sum("seconds")).order_by(
            "-total", "conversation", "gone"
        )[:MOST_ROWS]
    )
    people = _people_of(scope, top)
    rooms = Conversation.objects.in_bulk([row["conversation"] for row in top])
    return [
        Place(
            name=str(rooms.get(row["conversation"]) or row["gone"]),
            calls=row["n"],
            minutes=row["total"] / 60,
            participants=people.get((row["conversation"], row["gone"]), 0),
            conversation_pk=row["conversation"],
        )
        for row in top
    ]


def _people_of(scope: Scope, top: list[dict[str, Any]]) -> dict[tuple[int | None, str], int]:
    here = Q(call__conversation__in=[row["conversation"] for row in top if row["conversation"]])
    gone = [row["gone"] for row in top if row["conversation"] is None]
    here |= Q(call__conversation=None, call__conversation_name__in=gone)
    place = Case(
        When(call__conversation=None, then=F("call__conversation_name")), default=Value("")
    )
    named = Count("name", distinct=True, filter=Q(user=None))
    rows = (
        spans.legs(scope)
        .filter(here, last__gte=F("begun"))
        .annotate(gone=place)
        .values_list("call__conversation", "gone")
        .annotate(people=Count("user", distinct=True) + named)
    )
    return {(conversation, gone): people for conversation, gone, people in rows}


def _groups(present: presence.Presence) -> list[Place]:
    rows = sorted(present.by_group.items(), key=lambda row: (-row[1][1], row[0]))
    return [Place(name, 0, seconds / 60, count) for name, (count, seconds) in rows[:MOST_ROWS]]
