"""Days whose figures are final, because their calls are deleted or will be (``HISTORY_DAYS``)."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from django.db.models import Max, Min

from talk_calls.models import DaySummary
from talk_calls.reports.statistics.days import Days, day_of
from talk_calls.reports.statistics.scope import Scope


@dataclass(frozen=True, slots=True)
class FinalDays:
    """All days up to ``last``; ``first`` is the first of them with calls.

    ``end`` is when the last one ended, in the time zone in which it was counted: calls that ended
    before may be deleted. All three are None without any final day.
    """

    first: date | None = None
    last: date | None = None
    end: datetime | None = None

    @property
    def next(self) -> date | None:
        """Return the first day that is not final; None if no day is final."""
        return self.last + timedelta(days=1) if self.last else None

    def without(self, scope: Scope) -> Scope | None:
        """Return the part of a scope that is not final, or None if there is none."""
        days = Days(max(scope.days.first, self.next or date.min), scope.days.last)
        return replace(scope, days=days) if days.first <= days.last else None


def final_days() -> FinalDays:
    """Return which days are final; one statement."""
    ends = DaySummary.objects.final().aggregate(
        first=Min("number"), last=Max("number"), stop=Max("stop")
    )
    if ends["last"] is None:
        return FinalDays()
    end = datetime.fromtimestamp(ends["stop"], UTC)
    return FinalDays(day_of(ends["first"]), day_of(ends["last"]), end)
