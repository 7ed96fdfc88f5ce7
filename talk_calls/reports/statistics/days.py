"""Days of the site's time zone, in whole seconds of Unix time.

Statements that count in seconds need no time zones in the database, and both databases count alike.
Where clocks change, days are 23 or 25 hours long; so the number of a day, which counts from
1970-01-01, is computed with the offset from UTC that applies at each second.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise

from django.db.models import BigIntegerField, Case, ExpressionWrapper, F, Func, Value, When
from django.utils import timezone

_DAY = 86400

#: The day with the number 0.
_EPOCH = date(1970, 1, 1)


class Seconds(Func):
    """A time in the database as whole seconds of Unix time, rounded down."""

    output_field = BigIntegerField()
    template = "CAST(floor(date_part('epoch', %(expressions)s)) AS bigint)"

    def as_sqlite(self, compiler, connection, **context):  # type: ignore[no-untyped-def]
        """Return the SQL for SQLite, which stores times as text in UTC."""
        template = "CAST(strftime('%%%%s', %(expressions)s) AS integer)"
        return self.as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True)
class Days:
    """The days from ``first`` to ``last``, both included; all are after 1970."""

    first: date
    last: date

    def __iter__(self) -> Iterator[date]:
        """Yield the days in order."""
        return (self.first + timedelta(days=number) for number in range(len(self)))

    def __len__(self) -> int:
        """Return the number of days."""
        return (self.last - self.first).days + 1

    @cached_property
    def start(self) -> int:
        """Return the first second of the first day."""
        return _first_second(self.first)

    @cached_property
    def stop(self) -> int:
        """Return the first second after the last day."""
        return _first_second(self.last + timedelta(days=1))

    @property
    def values_sql(self) -> str:
        """Return SQL for ``VALUES``: of each day its number, its first second, the next one's."""
        return ", ".join(f"({number}, {start}, {stop})" for number, start, stop in self.borders())

    def borders(self) -> Iterator[tuple[int, int, int]]:
        """Yield of each day its number, its first second, and that of the next day."""
        starts = [*(_first_second(day) for day in self), self.stop]
        numbers = (number for number, _ in self.numbered())
        return zip(numbers, starts, starts[1:], strict=False)

    def number_sql(self, seconds: str) -> str:
        """Return SQL for the number of the day of ``seconds``, an SQL expression of Unix time."""
        (offset, _), *changes = self._offsets
        whens = ""
        for after, moment in changes:
            whens += f" WHEN {seconds} < {moment} THEN {offset}"
            offset = after
        shift = f"CASE{whens} ELSE {offset} END" if whens else f"{offset}"
        return f"(({seconds} + {shift}) / {_DAY})"

    def number_expression(self, name: str) -> ExpressionWrapper:
        """Return the same as an expression, for the annotation ``name`` of a queryset."""
        (offset, _), *changes = self._offsets
        whens = []
        for after, moment in changes:
            whens.append(When(**{f"{name}__lt": moment}, then=Value(offset)))
            offset = after
        shift = Case(*whens, default=Value(offset), output_field=BigIntegerField())
        return ExpressionWrapper((F(name) + shift) / Value(_DAY), output_field=BigIntegerField())

    def numbered(self) -> Iterator[tuple[int, date]]:
        """Yield the days with their numbers."""
        return ((_number(day), day) for day in self)

    @cached_property
    def _offsets(self) -> list[tuple[int, int]]:
        """Return each offset from UTC in seconds, with the second from which it applies."""
        offsets = [(_offset(self.start), self.start)]
        moments = [*(_first_second(day) for day in self), self.stop]
        for before, after in pairwise(moments):
            if _offset(after) != _offset(before):
                change = _change(before, after)
                offsets.append((_offset(change), change))
        return offsets


def _first_second(day: date) -> int:
    midnight = timezone.make_aware(datetime.combine(day, time.min))
    return int(midnight.timestamp())


def day_of(number: int) -> date:
    """Return the day with a number."""
    return _EPOCH + timedelta(days=number)


def _number(day: date) -> int:
    return (day - _EPOCH).days


def _offset(seconds: int) -> int:
    moment = datetime.fromtimestamp(seconds, UTC)
    shift = timezone.localtime(moment).utcoffset()
    return int(shift.total_seconds()) if shift else 0


def _change(before: int, after: int) -> int:
    """Return the first second at which the offset of ``after`` applies, by bisection."""
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle) == _offset(before):
            before = middle
        else:
            after = middle
    return after
