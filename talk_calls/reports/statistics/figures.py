"""The figures that operators read, put together from the aggregates."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Model, Q, QuerySet
from django.utils import timezone

from talk_calls.constants import LegReason
from talk_calls.models import Call, Conversation
from talk_calls.reports.statistics import aggregates, intervals
from talk_calls.reports.statistics.days import Days
from talk_calls.reports.statistics.scope import Scope

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
class Statistics:
    """All figures of some days, which are not none.

    ``calls_ended`` and ``legs_ended`` map the label of a reason to how many ended for it, the most
    frequent first. ``conversations`` and ``groups`` are those with the most minutes.
    """

    days: list[DayFigures]
    participants: int
    calls_ended: dict[str, int]
    legs_ended: dict[str, int]
    conversations: list[Total]
    groups: list[Total]

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


def last_days(count: int, *, now: datetime) -> Days:
    """Return the last ``count`` days in the site's time zone, today included."""
    today = timezone.localdate(now)
    return Days(today - timedelta(days=count - 1), today)


def first_day(now: datetime) -> date:
    """Return the day of the first call, or today if there was none; one statement."""
    first = Call.objects.order_by("started_at").values_list("started_at", flat=True).first()
    return timezone.localdate(first or now)


def compute_statistics(scope: Scope) -> Statistics:
    """Return the figures of a scope."""
    calls = aggregates.calls(scope)
    people = aggregates.people(scope, calls.past_midnight)
    return Statistics(
        days=_days(scope, calls, people),
        participants=people.total,
        calls_ended=_reasons(intervals.calls_ended(scope), "end_reason"),
        legs_ended=_reasons(intervals.legs_ended(scope), "reason"),
        conversations=_conversations(scope, calls),
        groups=_groups(people),
    )


def _days(scope: Scope, calls: aggregates.Calls, people: aggregates.People) -> list[DayFigures]:
    peaks = aggregates.peaks(scope)
    figures = []
    for number, day in scope.days.numbered():
        began, call_seconds = calls.by_day.get(number, (0, 0))
        participants, people_seconds = people.by_day.get(number, (0, 0))
        # Somebody who joined and left between two full minutes counts for at least one.
        peak = max(peaks.get(number, 0), min(participants, 1))
        minutes = call_seconds / 60, people_seconds / 60
        figures.append(DayFigures(day, began, *minutes, participants, peak))
    return figures


def _reasons(ended: QuerySet[Model], reason: str) -> dict[str, int]:
    counts = ended.values_list(reason).annotate(n=Count("pk")).order_by("-n", reason)
    return {str(LegReason(key).label): n for key, n in counts}


def _conversations(scope: Scope, calls: aggregates.Calls) -> list[Total]:
    """Return the conversations with the most minutes; all deleted ones are one row."""
    rows = sorted(
        calls.by_conversation.items(), key=lambda row: (-row[1][1], row[0] is None, row[0])
    )[:MAX_ROWS]
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
    return conversation.title if conversation else "Deleted conversations"


def _groups(people: aggregates.People) -> list[Total]:
    rows = sorted(people.by_group.items(), key=lambda row: (-row[1][1], row[0]))
    return [Total(name, 0, seconds / 60, count) for name, (count, seconds) in rows[:MAX_ROWS]]
