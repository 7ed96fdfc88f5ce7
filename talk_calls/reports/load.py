"""How many calls and devices there were minute by minute, from joins and leaves."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count, F, Func, Max, Model, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest
from django.db.models.sql.compiler import SQLCompiler

from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.models import Call, CallLeg, Session

_MINUTE = timedelta(minutes=1)

#: Rows are pairs of a minute, as text, and by how much a number changed in it.
_Changes = QuerySet[Model, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Minute:
    """How many devices were in calls, and how many calls were running, at the end of a minute.

    ``at`` is the beginning of the minute. For the current minute, the numbers are those of now.
    """

    at: datetime
    calls: int
    devices: int


def load(since: datetime, now: datetime) -> list[Minute]:
    """Return each minute from that of ``since`` to that of ``now``; two queries.

    A session that timed out counts until its timeout, also if its row does not say so yet. So the
    last minute has the numbers of those who are live.
    """
    start = since.replace(second=0, microsecond=0)
    calls = _changes(_joined_calls(start), _ended_calls(start), _timed_out_calls(start, now))
    devices = _changes(_joined_legs(start), _left_legs(start), _timed_out_legs(start, now))
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
    """The minute of a time as text, in the time zone of the connection.

    It replaces ``TruncMinute``, which on SQLite calls a Python function for each row.
    """

    output_field = TextField()
    template = "SUBSTR(%(expressions)s, 1, 16)"

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Sequence[object]]:
        return self.as_sql(
            compiler, connection, template="TO_CHAR(%(expressions)s, 'YYYY-MM-DD HH24:MI')"
        )


def _changes(joins: _Changes, *leaves: _Changes) -> Counter[str]:
    """Return by how much a number changed in each minute; one query."""
    changes: Counter[str] = Counter()
    for minute, change in joins.union(*leaves, all=True).order_by():
        changes[minute] += change
    return changes


def _by_minute(rows: QuerySet[Model], at: Combinable, sign: int) -> _Changes:
    minutes = rows.order_by().values(minute=_MinuteOf(at)).annotate(change=Count("pk") * sign)
    changes: _Changes = minutes.values_list("minute", "change")
    return changes


def _not_before(start: datetime, at: Combinable) -> Greatest:
    """Return ``at``, or ``start`` if that is later: what began before joins in the first minute."""
    return Greatest(at, Value(start))


def _not_ended_before(start: datetime, end: str) -> Q:
    return Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": start})


def _joined_calls(start: datetime) -> _Changes:
    calls = Call.objects.filter(_not_ended_before(start, "ended_at"))
    return _by_minute(calls, _not_before(start, F("started_at")), 1)


def _ended_calls(start: datetime) -> _Changes:
    return _by_minute(Call.objects.filter(ended_at__gte=start), F("ended_at"), -1)


def _timed_out_calls(start: datetime, now: datetime) -> _Changes:
    """Return the ends of open calls in which everybody timed out, one row for each."""
    pings = Session.objects.in_call().values("conversation").annotate(last=Max("last_ping"))
    timed_out = pings.filter(last__lt=now - conf.session_timeout)
    end = _not_before(start, F("last") + conf.session_timeout)
    return timed_out.annotate(minute=_MinuteOf(end), change=Value(-1)).values_list(
        "minute", "change"
    )


def _joined_legs(start: datetime) -> _Changes:
    """Return joins. Calls have an index of their end and legs do not, so the filter names calls."""
    legs = CallLeg.objects.filter(
        _not_ended_before(start, "call__ended_at"), _not_ended_before(start, "left_at")
    )
    return _by_minute(legs, _not_before(start, F("joined_at")), 1)


def _left_legs(start: datetime) -> _Changes:
    legs = CallLeg.objects.filter(_not_ended_before(start, "call__ended_at"), left_at__gte=start)
    return _by_minute(legs, F("left_at"), -1)


def _timed_out_legs(start: datetime, now: datetime) -> _Changes:
    sessions = Session.objects.timed_out(now)
    return _by_minute(sessions, _not_before(start, F("last_ping") + conf.session_timeout), -1)
