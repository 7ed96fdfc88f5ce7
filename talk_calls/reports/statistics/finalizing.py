"""Making the figures of days final, before their calls are deleted (``HISTORY_DAYS``).

What is by person goes with the calls: who was there on a day is what a site deletes history for.
The sums of the day say nothing about anybody, and stay.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime
from itertools import takewhile

from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.models import DaySummary, PersonDay
from talk_calls.reports.statistics import summaries
from talk_calls.reports.statistics.days import Days, day_of
from talk_calls.reports.statistics.final_days import final_days

#: Days that one transaction makes final at most, with the rows of their people.
_BATCH = 7


def finalize(before: date, *, now: datetime) -> int:
    """Make the days before ``before`` final, as far as they are summarised; return how many.

    They are made final in order, so a day that is not summarised yet keeps those after it from it:
    the calls of all days up to the last final one are deleted. Several processes may do so at once.
    """
    numbers = to_finalize(before, now=now)
    done = 0
    for start in range(0, len(numbers), _BATCH):
        batch = numbers[start : start + _BATCH]
        finalized = _finalize(batch)
        done += finalized
        if finalized < len(batch):
            break
    return done


def to_finalize(
    before: date, *, now: datetime, summarised: Collection[date] = frozenset()
) -> list[int]:
    """Return the numbers of the days that ``finalize`` would make final.

    ``summarised`` are days that will be summarised first.
    """
    days = summaries.countable(now)
    if days is None or before <= days.first:
        return []
    known = summaries.valid(Days(days.first, before))
    numbers = []
    for number, day in days.numbered():
        if day >= before or (number not in known and day not in summarised):
            break
        numbers.append(number)
    return numbers


def end_of(numbers: list[int]) -> datetime | None:
    """Return when the final days end once these days are final too; None if there are none."""
    if not numbers:
        return final_days().end
    last = day_of(numbers[-1])
    return datetime.fromtimestamp(Days(last, last).stop, UTC)


@retried
@transactions.atomic()
def _finalize(numbers: list[int]) -> int:
    """Make days final up to the first one that somebody marked as stale or deleted meanwhile.

    Return how many of them are final, those included that another process made final.
    """
    stored = DaySummary.objects.filter(number__in=numbers).select_for_update()
    usable = {day.number for day in stored.order_by("number") if not day.is_stale}
    fresh = list(takewhile(usable.__contains__, numbers))
    PersonDay.objects.filter(day__in=fresh).delete()
    DaySummary.objects.not_final().filter(number__in=fresh).update(is_final=True)
    return len(fresh)
