"""When calls begin: mostly in working hours, seldom at weekends and in holiday months."""

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

#: Relative number of calls on each weekday (Monday first), in each month and in each hour.
_WEEKDAYS = (1.0, 1.1, 1.1, 1.0, 0.7, 0.08, 0.05)
_MONTHS = (0.9, 1.0, 1.1, 1.0, 1.0, 1.0, 0.8, 0.6, 1.0, 1.1, 1.1, 0.7)
_HOURS = (
    *(0.03, 0.02, 0.01, 0.01, 0.02, 0.05, 0.2, 0.8, 2.5, 5, 6, 5),
    *(2.5, 4, 5.5, 5, 4, 2.5, 1.2, 0.9, 0.8, 0.5, 0.25, 0.1),
)

#: Share of calls that are scheduled for a full or half hour, and their mean delay in seconds.
_SCHEDULED = 0.6
_DELAY = 150

#: Seconds before now by which the last call has begun.
_LAST_START = 900


def starts(rng: random.Random, count: int, *, days: int, now: datetime) -> list[float]:
    """Return when ``count`` calls begin within the last ``days`` days, as sorted Unix seconds.

    Days and hours are those of the site's time zone.
    """
    today = timezone.localdate(now)
    calendar = [today - timedelta(days=back) for back in range(days, -1, -1)]
    weights = [_WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1] for day in calendar]
    earliest, latest = (now - timedelta(days=days)).timestamp(), now.timestamp() - _LAST_START
    found: list[float] = []
    while len(found) < count:
        for day in rng.choices(calendar, weights, k=count - len(found)):
            start = _start_on(rng, day)
            if earliest <= start < latest:
                found.append(start)
    return sorted(found)


def _start_on(rng: random.Random, day: date) -> float:
    [hour] = rng.choices(range(24), _HOURS)
    if rng.random() < _SCHEDULED:
        scheduled = datetime.combine(day, time(hour, rng.choice((0, 0, 30))))
        return timezone.make_aware(scheduled).timestamp() + rng.expovariate(1 / _DELAY)
    moment = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)))
    return timezone.make_aware(moment).timestamp() + rng.random()


def spread(starts: list[float], *, apart: float, until: float) -> list[float]:
    """Return the sorted ``starts`` of one conversation, moved to be at least ``apart`` seconds.

    None is later than ``until`` (Unix seconds); the caller makes sure that there is room.
    """
    moved: list[float] = []
    for start in starts:
        moved.append(max(start, moved[-1] + apart) if moved else start)
    for index in range(len(moved) - 1, -1, -1):
        moved[index] = min(moved[index], until - apart * (len(moved) - 1 - index))
    return moved
