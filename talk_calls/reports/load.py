"""How much went on, minute by minute, counted from joins and leaves."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Func, Max, Q, QuerySet, TextField, Value
from django.db.models.functions import Greatest

from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.models import Call, CallLeg, Session

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Minute:
    """How many devices were connected at the end of a minute, and how many calls went on.

    ``at`` is when the minute began; of the one that has not ended yet, it is how many are now.
    """

    at: datetime
    calls: int
    devices: int


def load(since: datetime, now: datetime) -> list[Minute]:
    """Return each minute from that of ``since`` to that of ``now``; two queries.

    Whoever vanished and is not settled yet left when their time was up, so that the last minute
    says how many are live.
    """
    start = since.replace(second=0, microsecond=0)
    calls = _changes(_joined_calls(start), _ended_calls(start), _deserted_calls(start, now))
    devices = _changes(_joined_legs(start), _left_legs(start), _vanished(start, now))
    return list(_running(start, now, calls, devices))


def _running(
    start: datetime, now: datetime, calls: Counter[str], devices: Counter[str]
) -> Iterator[Minute]:
    at, calls_now, devices_now = start, 0, 0
    zone = transactions.connection().timezone
    while at <= now:
        key = f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
        calls_now += calls[key]
        devices_now += devices[key]
        yield Minute(at, calls_now, devices_now)
        at += _MINUTE


class _MinuteOf(Func):
    """The minute of a time as text, in the zone of the connection.

    Django's own truncation calls back into Python for each row on SQLite.
    """

    output_field = TextField()
    template = "SUBSTR(%(expressions)s, 1, 16)"

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="TO_CHAR(%(expressions)s, 'YYYY-MM-DD HH24:MI')"
        )


def _changes(came: QuerySet[Any], *went: QuerySet[Any]) -> Counter[str]:
    """Return by how much a number changed in each minute; one query.

    Each row is a minute and by how much.
    """
    changes: Counter[str] = Counter()
    for minute, change in came.union(*went, all=True).order_by():
        changes[minute] += change
    return changes


def _by_minute(rows: QuerySet[Any], at: Any, sign: int) -> QuerySet[Any]:
    change = Count("pk") * sign
    found: QuerySet[Any] = rows.order_by().values(minute=_MinuteOf(at)).annotate(change=change)
    return found.values_list("minute", "change")


def _not_before(start: datetime, at: Any) -> Greatest:
    """Return ``at``, or the beginning: what was there before comes with the first minute."""
    return Greatest(at, Value(start))


def _not_over(start: datetime, end: str) -> Q:
    return Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": start})


def _joined_calls(start: datetime) -> QuerySet[Any]:
    calls = Call.objects.filter(_not_over(start, "ended_at"))
    return _by_minute(calls, _not_before(start, F("started_at")), 1)


def _ended_calls(start: datetime) -> QuerySet[Any]:
    return _by_minute(Call.objects.filter(ended_at__gte=start), F("ended_at"), -1)


def _deserted_calls(start: datetime, now: datetime) -> QuerySet[Any]:
    """Return calls that everybody vanished from, each by itself."""
    pings = Session.objects.in_call().values("conversation").annotate(last=Max("last_ping"))
    gone = pings.filter(last__lt=now - conf.session_timeout)
    end = _not_before(start, F("last") + conf.session_timeout)
    return gone.annotate(minute=_MinuteOf(end), change=Value(-1)).values_list("minute", "change")


def _joined_legs(start: datetime) -> QuerySet[Any]:
    """Return joins; legs are found by their call, which has an index of when it ended."""
    legs = CallLeg.objects.filter(_not_over(start, "call__ended_at"), _not_over(start, "left_at"))
    return _by_minute(legs, _not_before(start, F("joined_at")), 1)


def _left_legs(start: datetime) -> QuerySet[Any]:
    legs = CallLeg.objects.filter(_not_over(start, "call__ended_at"), left_at__gte=start)
    return _by_minute(legs, F("left_at"), -1)


def _vanished(start: datetime, now: datetime) -> QuerySet[Any]:
    gone = Session.objects.timed_out(now)
    return _by_minute(gone, _not_before(start, F("last_ping") + conf.session_timeout), -1)
