"""When calls take place: in working hours, seldom at weekends, rarely in the holidays."""

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

#: How much is going on, from Monday to Sunday, and from January to December.
_WEEK = (1.0, 1.1, 1.1, 1.0, 0.7, 0.08, 0.05)
_MONTHS = (0.9, 1.0, 1.1, 1.0, 1.0, 1.0, 0.8, 0.6, 1.0, 1.1, 1.1, 0.7)

#: ... and in each hour of a day.
_HOURS = (
    *(0.03, 0.02, 0.01, 0.01, 0.02, 0.05, 0.2, 0.8, 2.5, 5, 6, 5),
    *(2.5, 4, 5.5, 5, 4, 2.5, 1.2, 0.9, 0.8, 0.5, 0.25, 0.1),
)

#: Of how many calls the beginning was agreed on, for a full or half hour; and seconds of delay.
_AGREED = 0.6
_DELAY = 150


def starts(dice: random.Random, count: int, *, days: int, now: datetime) -> list[float]:
    """Return when ``count`` calls begin within the last ``days`` days, as sorted Unix seconds.

    Days and hours are those of the site's time zone; the last call begins some time before now.
    """
    today = timezone.localdate(now)
    calendar = [today - timedelta(days=back) for back in range(days, -1, -1)]
    weights = [_WEEK[day.weekday()] * _MONTHS[day.month - 1] for day in calendar]
    earliest, latest = (now - timedelta(days=days)).timestamp(), now.timestamp() - 900
    found: list[float] = []
    while len(found) < count:
        for day in dice.choices(calendar, weights, k=count - len(found)):
            start = _moment(dice, day)
            if earliest <= start < latest:
                found.append(start)
    return sorted(found)


def _moment(dice: random.Random, day: date) -> float:
    [hour] = dice.choices(range(24), _HOURS)
    if dice.random() < _AGREED:
        agreed = datetime.combine(day, time(hour, dice.choice((0, 0, 30))))
        return timezone.make_aware(agreed).timestamp() + dice.expovariate(1 / _DELAY)
    moment = datetime.combine(day, time(hour, dice.randrange(60), dice.randrange(60)))
    return timezone.make_aware(moment).timestamp() + dice.random()


def spread(starts: list[float], *, apart: float, until: float) -> list[float]:
    """Return the sorted ``starts`` of one conversation, moved until they are so far ``apart``.

    All are in seconds; none is later than ``until``, to which there must be room for all.
    """
    moved: list[float] = []
    for start in starts:
        moved.append(max(start, moved[-1] + apart) if moved else start)
    for index in range(len(moved) - 1, -1, -1):
        moved[index] = min(moved[index], until - apart * (len(moved) - 1 - index))
    return moved
