"""How many were in calls, day by day and at a time.

This is SQL where it groups what was grouped. Counting each person once a day by grouping twice takes
a fraction of ``COUNT(DISTINCT)``. A span that goes past midnight is divided among its days; there
are few, so they are found by their calls. Both databases take the same text.
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet, Value

from talk_calls.conf import conf
from talk_calls.reports import spans
from talk_calls.reports.days import Days
from talk_calls.reports.spans import Scope

#: PostgreSQL's usual 4 MB would send a year through files, and compiling what runs once costs more
#: than it saves.
_SETTINGS = ("SET LOCAL work_mem = '128MB'", "SET LOCAL jit = off")

#: What of a span is on another day than its beginning; counted as the beginning's at first.
_REST = "CAST(CASE WHEN last < stop THEN last ELSE stop - 1 END - start + 1 AS integer)"
_LATER = "CROSS JOIN day WHERE begun < start AND start <= last"

_CALLS = """
WITH day (number, start, stop) AS (VALUES {days}),
beyond (begun, last, begun_day) AS {materialized} ({beyond}),
piece (day, seconds, fresh) AS (
  {calls}
  UNION ALL
  SELECT number, {rest}, 0 FROM beyond {later}
  UNION ALL
  SELECT begun_day, -{rest}, 0 FROM beyond {later}
)
SELECT day, SUM(fresh), SUM(seconds) FROM piece GROUP BY day
"""

_PEOPLE = """
WITH day (number, start, stop) AS (VALUES {days}),
beyond (who, begun, last, begun_day) AS {materialized} ({beyond}),
member_piece (who, day, seconds) AS (
  {members}
  UNION ALL
  SELECT who, number, {rest} FROM beyond {later}
  UNION ALL
  SELECT who, begun_day, -{rest} FROM beyond {later}
),
member (who, day, seconds) AS (SELECT who, day, SUM(seconds) FROM member_piece GROUP BY who, day),
beyond_guest (who, begun, last, begun_day) AS {materialized} ({beyond_guests}),
guest_piece (who, day, seconds) AS (
  {guests}
  UNION ALL
  SELECT who, number, {rest} FROM beyond_guest {later}
  UNION ALL
  SELECT who, begun_day, -{rest} FROM beyond_guest {later}
),
guest (who, day, seconds) AS (SELECT who, day, SUM(seconds) FROM guest_piece GROUP BY who, day),
own AS (SELECT who, SUM(seconds) AS seconds FROM member GROUP BY who)
SELECT 'day', day, NULL, COUNT(*), SUM(seconds) FROM member GROUP BY day
UNION ALL
SELECT 'day', day, NULL, COUNT(*), SUM(seconds) FROM guest GROUP BY day
UNION ALL
SELECT 'all', 0, NULL, COUNT(*), 0 FROM own
UNION ALL
SELECT 'all', 0, NULL, COUNT(DISTINCT who), 0 FROM guest
{groups}
"""

_GROUPS = """
UNION ALL
SELECT 'group', 0, belonging.name, COUNT(*), SUM(own.seconds)
FROM own JOIN ({members}) AS belonging ON belonging.who = own.who GROUP BY belonging.name
"""

#: Who is in at a full minute joined before it and did not leave before it.
_PEAKS = """
WITH day (number, start, stop) AS (VALUES {days}),
change (minute, people) AS (
  {joins}
  UNION ALL
  {leaves}
  UNION ALL
  SELECT start / 60, 0 FROM day
),
present AS (
  SELECT minute * 60 AS second,
    SUM(CAST(SUM(people) AS integer)) OVER (ORDER BY minute) AS people
  FROM change GROUP BY minute
)
SELECT {second_day}, MAX(people) FROM present WHERE second < {stop} GROUP BY {second_day}
"""


@dataclass
class Presence:
    """People and their seconds: in all, by number of the day, and by name of the group."""

    people: int = 0
    by_day: dict[int, tuple[int, int]] = field(default_factory=dict)
    by_group: dict[str, tuple[int, int]] = field(default_factory=dict)


def calls_by_day(scope: Scope) -> dict[int, tuple[int, int]]:
    """Return how many calls began on each day, and how many seconds of calls it had."""
    calls = spans.calls(scope)
    beyond = calls.exclude(begun_day=F("last_day"))
    # With the others, a call that came from an earlier day is not new.
    fresh = spans.begun_in(scope, "started_at")
    parts = {
        "beyond": beyond.values_list("begun", "last", "begun_day"),
        "calls": calls.values_list("begun_day", "seconds", fresh),
    }
    rows = _run(_CALLS, scope.days, parts)
    return {day: (int(calls), int(seconds)) for day, calls, seconds in rows}


def people(scope: Scope) -> Presence:
    """Return who was in, and how long; somebody on two devices at a time counts twice as long."""
    legs, beyond = spans.legs(scope), spans.past_midnight(scope)
    users, guests = Q(user__isnull=False), Q(user=None)
    # Apart, since accounts are numbers, which are grouped faster than names.
    parts = {
        "beyond": beyond.filter(users).values_list("user_id", "begun", "last", "begun_day"),
        "members": legs.filter(users).values_list("user_id", "begun_day", "seconds"),
        "beyond_guests": beyond.filter(guests).values_list("name", "begun", "last", "begun_day"),
        "guests": legs.filter(guests).values_list("name", "begun_day", "seconds"),
    }
    return _presence(_run(_PEOPLE, scope.days, parts, more=_groups()))


def peaks(scope: Scope) -> dict[int, int]:
    """Return how many devices were in at a time at most on each day, counted at full minutes."""
    legs = spans.legs(scope)
    parts = {
        "joins": legs.values_list("joins_at", Value(1)),
        "leaves": legs.values_list("leaves_at", Value(-1)),
    }
    return {day: int(people) for day, people in _run(_PEAKS, scope.days, parts)}


def _presence(rows: list[Any]) -> Presence:
    found = Presence()
    for kind, day, name, count, seconds in rows:
        match kind:
            case "day":
                people, before = found.by_day.get(day, (0, 0))
                found.by_day[day] = (people + int(count), before + int(seconds))
            case "group":
                found.by_group[name] = (int(count), int(seconds))
            case _:
                found.people += int(count)
    return found


def _run(
    sql: str, days: Days, parts: dict[str, QuerySet[Any, Any]], *, more: "_SQL" = ("", ())
) -> list[Any]:
    """Run ``sql`` with querysets in it, in the order in which it names them, and ``more`` last."""
    compiled = {name: _compiled(part) for name, part in parts.items()}
    groups, last = more
    text = sql.format(
        **{name: part for name, (part, _) in compiled.items()},
        groups=groups,
        days=days.rows,
        stop=days.stop,
        second_day=days.number_of("second"),
        rest=_REST,
        later=_LATER,
        # SQLite looks at one before the other as they are written, and knows the word since 3.35.
        materialized="MATERIALIZED" if connection.vendor == "postgresql" else "",
    )
    values = [value for _, some in compiled.values() for value in some]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for setting in _SETTINGS:
                cursor.execute(setting)
        cursor.execute(text, [*values, *last])
        return list(cursor.fetchall())


#: A part of a statement, and the values in it.
_SQL = tuple[str, tuple[Any, ...]]


def _groups() -> _SQL:
    """Return what adds a row for each group; nothing where users have none."""
    path = conf.directory.group_name_path()
    if not path:
        return "", ()
    users = get_user_model()._default_manager.filter(**{f"{path}__isnull": False})
    members, values = _compiled(users.order_by().values(who=F("pk"), name=F(path)))
    return _GROUPS.format(members=members), values


def _compiled(found: QuerySet[Any, Any]) -> _SQL:
    sql, values = found.query.get_compiler(connection.alias).as_sql()
    return sql, tuple(values)
