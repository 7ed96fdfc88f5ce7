"""The figures that operators read, put together from the aggregates."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from talk_calls.constants import LegReason
from talk_calls.models import Call, CallLeg, Conversation, DaySummary
from talk_calls.reports.statistics import aggregates, intervals
from talk_calls.reports.statistics.days import Days
from talk_calls.reports.statistics.scope import Scope
from talk_calls.reports.statistics.summaries import Known, figures_by_day, known_of

#: Rows of the tables of conversations and of groups.
MAX_ROWS = 20

#: Days that are shown if none are chosen.
DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of one day; the JSON download has these names, and the CSV their order.

    ``calls`` began on the day, ``participants`` are different people, and ``peak`` is the highest
    number of devices in calls at the same time.
    """

    day: date
    calls: int = 0
    call_minutes: float = 0.0
    people_minutes: float = 0.0
    participants: int = 0
    peak: int = 0


@dataclass(frozen=True, slots=True)
class Total:
    """The figures of one conversation, of all deleted conversations, or of one group.

    ``minutes`` are those of the calls, or of the members of a group; a group has 0 ``calls``.
    ``conversation_pk`` is None for deleted conversations and for groups.
    """

    name: str
    calls: int
    minutes: float
    participants: int
    conversation_pk: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The figures of some days, which are not none, and how many different people there were.

    That number is None where nobody knows any more: who was there on a day is deleted with its
    calls (``HISTORY_DAYS``). ``kept_since`` is the first day whose calls are not deleted, if it is
    not before these days: people, conversations and groups are those since then.
    """

    days: list[DayFigures]
    participants: int | None
    kept_since: date | None = field(default=None, kw_only=True)

    @property
    def calls(self) -> int:
        """Return how many calls began."""
        return sum(day.calls for day in self.days)

    @property
    def call_minutes(self) -> float:
        """Return the minutes of all calls."""
        return sum(day.call_minutes for day in self.days)

    @property
    def people_minutes(self) -> float:
        """Return the minutes that all devices were in calls."""
        return sum(day.people_minutes for day in self.days)

    @property
    def peak(self) -> DayFigures | None:
        """Return the first day with the highest peak; None if nobody was in a call."""
        busiest = max(self.days, key=lambda day: day.peak)
        return busiest if busiest.peak else None


@dataclass(frozen=True, slots=True)
class Statistics(Period):
    """All figures of some days.

    ``calls_ended`` and ``legs_ended`` map the label of a reason to how many ended for it, the most
    frequent first. ``conversations`` and ``groups`` are those with the most minutes.
    """

    calls_ended: dict[str, int]
    legs_ended: dict[str, int]
    conversations: list[Total]
    groups: list[Total]


def last_days(count: int, *, now: datetime) -> Days:
    """Return the last ``count`` days in the site's time zone, today included."""
    today = timezone.localdate(now)
    return Days(today - timedelta(days=count - 1), today)


def compute_statistics(scope: Scope) -> Statistics:
    """Return the figures of a scope."""
    known = known_of(scope)
    period, people = _count(scope, known)
    stored = known.summaries.values()
    calls_ended = intervals.calls_ended(known.rest) if known.rest else Call.objects.none()
    legs_ended = intervals.legs_ended(known.rest) if known.rest else CallLeg.objects.none()
    return Statistics(
        days=period.days,
        participants=period.participants,
        kept_since=period.kept_since,
        calls_ended=_reasons([day.calls_ended for day in stored], calls_ended, "end_reason"),
        legs_ended=_reasons([day.legs_ended for day in stored], legs_ended, "reason"),
        conversations=_conversations(known.kept) if known.kept else [],
        groups=_groups(people),
    )


def compute_period(scope: Scope) -> Period:
    """Return only the figures of each day and the number of people."""
    period, _people = _count(scope, known_of(scope))
    return period


def _count(scope: Scope, known: Known) -> tuple[Period, aggregates.People]:
    """Return the figures of the days, and the people of those whose calls are kept."""
    people, counted = aggregates.People(), dict(known.summaries)
    if known.rest is not None:
        calls = aggregates.calls(known.rest)
        people = aggregates.people(known.rest, calls.past_midnight, known.people)
        counted |= figures_by_day(known.rest, calls, people.by_day)
    days = [_day(day, counted.get(number)) for number, day in scope.days.numbered()]
    return Period(days, _total(days, people, known), kept_since=known.kept_since), people


def _total(days: list[DayFigures], people: aggregates.People, known: Known) -> int | None:
    """Return how many different people there were; None if nobody knows any more."""
    if not any(day.is_final and day.participants for day in known.summaries.values()):
        return people.total
    with_people = [day.participants for day in days if day.participants]
    return with_people[0] if len(with_people) == 1 else None


def _day(day: date, counted: DaySummary | None) -> DayFigures:
    if counted is None:  # a day before the first call
        return DayFigures(day)
    minutes = counted.call_seconds / 60, counted.people_seconds / 60
    return DayFigures(day, counted.calls, *minutes, counted.participants, counted.peak)


def _reasons(known: list[dict[str, int]], ended: QuerySet[Any], reason: str) -> dict[str, int]:
    """Return the sums of what is known and of what is counted, by the label of the reason."""
    counts = Counter(dict(ended.values_list(reason).annotate(n=Count("pk"))))
    for each in known:
        counts.update(each)
    ordered = sorted(counts.items(), key=lambda count: (-count[1], count[0]))
    return {str(LegReason(key).label): n for key, n in ordered}


def _conversations(scope: Scope) -> list[Total]:
    """Return the conversations with the most minutes; all deleted ones are one row."""
    totals = aggregates.calls_by_conversation(scope)
    rows = sorted(totals.items(), key=lambda row: (-row[1][1], row[0] is None, row[0]))[:MAX_ROWS]
    people = _people_of(scope, [pk for pk, _ in rows])
    existing = Conversation.objects.in_bulk([pk for pk, _ in rows if pk])
    return [
        Total(_name(existing.get(pk or 0)), count, seconds / 60, people.get(pk, 0), pk)
        for pk, (count, seconds) in rows
    ]


def _people_of(scope: Scope, keys: list[int | None]) -> dict[int | None, int]:
    here = Q(call__conversation__in=[pk for pk in keys if pk])
    if None in keys:
        here |= Q(call__conversation=None)
    guests = Count("name", distinct=True, filter=Q(user=None))
    legs = intervals.legs(scope).filter(here).values_list("call__conversation")
    return dict(legs.annotate(people=Count("user", distinct=True) + guests))


def _name(conversation: Conversation | None) -> str:
    return conversation.title if conversation else _("Deleted conversations")


def _groups(people: aggregates.People) -> list[Total]:
    rows = sorted(people.by_group.items(), key=lambda row: (-row[1][1], row[0]))
    return [Total(name, 0, seconds / 60, count) for name, (count, seconds) in rows[:MAX_ROWS]]
