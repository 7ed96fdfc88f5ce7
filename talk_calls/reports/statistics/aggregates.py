"""Sums over intervals: calls, people and their seconds by day, and how many were in at a time.

These are statements in SQL, because Django's ORM cannot group the result of a grouping. Grouping
twice counts each person once a day in a fraction of the time of ``COUNT(DISTINCT)``. An interval
that goes past midnight is divided among its days; since these are few, legs of that kind are found
by their calls. Both databases run the same text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, F, Model, Q, QuerySet, Sum

from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.models import PersonDay
from talk_calls.reports.statistics import intervals
from talk_calls.reports.statistics.days import Days
from talk_calls.reports.statistics.scope import Scope

#: With PostgreSQL's default of 4 MB it would sort a year in temporary files; compiling a statement
#: that runs once costs more than it saves; and several processes are worth their start.
_SETTINGS = (
    "SET LOCAL work_mem = '128MB'",
    "SET LOCAL jit = off",
    "SET LOCAL parallel_setup_cost = 0",
    "SET LOCAL parallel_tuple_cost = 0.001",
)

#: Seconds of an interval on a later day than its first. They are first counted on the first day, so
#: they are added to the later day and subtracted from the first.
_REST = "CAST(CASE WHEN last < stop THEN last ELSE stop - 1 END - start + 1 AS integer)"
_LATER = "CROSS JOIN day WHERE begun < start AND start <= last"

_CALLS = """
WITH day (number, start, stop) AS (VALUES {days}),
period AS {materialized} (
  SELECT id, begun, last, fresh, {begun_day} AS begun_day, {last_day} AS last_day
  FROM ({calls} {once}) AS call
),
beyond AS {materialized} (SELECT id, begun, last, begun_day FROM period WHERE begun_day < last_day),
piece (day, seconds, fresh) AS (
  SELECT begun_day, CAST(last - begun + 1 AS integer), fresh FROM period
  UNION ALL
  SELECT number, {rest}, 0 FROM beyond {later}
  UNION ALL
  SELECT begun_day, -{rest}, 0 FROM beyond {later}
)
SELECT 'day', day, SUM(fresh), SUM(seconds) FROM piece GROUP BY day
UNION ALL
SELECT 'past midnight', id, 0, 0 FROM beyond
"""

_CONVERSATIONS = """
SELECT conversation_id, COUNT(*), SUM(CAST(last - begun + 1 AS integer))
FROM ({calls} {once}) AS call GROUP BY conversation_id
"""

#: Most intervals are on one day. They are grouped first, by themselves, so that PostgreSQL can use
#: several processes for them.
_PEOPLE_OF_DAYS = """
WITH day (number, start, stop) AS (VALUES {days}),
beyond AS {materialized} (
  SELECT who, begun, last, {begun_day} AS begun_day FROM ({beyond} {once}) AS leg
),
most AS {materialized} (
  SELECT who, {begun_day} AS day, SUM(CAST(last - begun + 1 AS integer)) AS seconds
  FROM ({members} {once}) AS leg GROUP BY who, {begun_day}
),
member AS {materialized} (
  SELECT who, day, SUM(CAST(seconds AS integer)) AS seconds FROM (
    SELECT who, day, seconds FROM most
    UNION ALL
    SELECT who, number, {rest} FROM beyond {later}
    UNION ALL
    SELECT who, begun_day, -{rest} FROM beyond {later}
  ) AS piece GROUP BY who, day
),
beyond_guest AS {materialized} (
  SELECT who, begun, last, {begun_day} AS begun_day FROM ({beyond_guests} {once}) AS leg
),
guest AS {materialized} (
  SELECT who, day, SUM(seconds) AS seconds FROM (
    SELECT who, {begun_day} AS day, CAST(last - begun + 1 AS integer) AS seconds
    FROM ({guests} {once}) AS leg
    UNION ALL
    SELECT who, number, {rest} FROM beyond_guest {later}
    UNION ALL
    SELECT who, begun_day, -{rest} FROM beyond_guest {later}
  ) AS piece GROUP BY who, day
)
"""

_STORE_PEOPLE = f"""
INSERT INTO {{table}} (day_id, user_id, name, seconds)
{_PEOPLE_OF_DAYS}
SELECT day, who, '', seconds FROM member
UNION ALL
SELECT day, NULL, who, seconds FROM guest
"""  # noqa: S608 -- of constants

_PEOPLE = f"""
{_PEOPLE_OF_DAYS},
own AS (
  SELECT who, SUM(CAST(seconds AS integer)) AS seconds FROM (
    SELECT who, seconds FROM member
    UNION ALL
    SELECT who, seconds FROM ({{known_members}}) AS known
  ) AS piece GROUP BY who
)
SELECT 'day', day, NULL, COUNT(*), SUM(seconds) FROM member GROUP BY day
UNION ALL
SELECT 'day', day, NULL, COUNT(*), SUM(seconds) FROM guest GROUP BY day
UNION ALL
SELECT 'all', 0, NULL, COUNT(*), 0 FROM own
UNION ALL
SELECT 'all', 0, NULL, COUNT(DISTINCT who), 0 FROM (
  SELECT who FROM guest UNION ALL SELECT who FROM ({{known_guests}}) AS known
) AS guests
{{groups}}
"""  # noqa: S608 -- of constants

_GROUPS = """
UNION ALL
SELECT 'group', 0, belonging.name, COUNT(*), SUM(own.seconds)
FROM own JOIN ({members}) AS belonging ON belonging.who = own.who GROUP BY belonging.name
"""

#: At a full minute those are in who joined before it and did not leave before it. Joins and leaves
#: are grouped in one union, so that PostgreSQL can do both at the same time.
_PEAKS = """
WITH day (number, start, stop) AS (VALUES {days}),
change AS (
  SELECT CAST(joined / 60 + 1 AS integer) AS minute, CAST(COUNT(*) AS integer) AS people
  FROM ({joins}) AS joined_leg GROUP BY CAST(joined / 60 + 1 AS integer)
  UNION ALL
  SELECT CAST(last / 60 + 1 AS integer), -CAST(COUNT(*) AS integer)
  FROM ({leaves}) AS left_leg GROUP BY CAST(last / 60 + 1 AS integer)
  UNION ALL
  SELECT CAST(start / 60 AS integer), 0 FROM day
),
present AS (
  SELECT CAST(minute AS bigint) * 60 AS second, SUM(people) OVER (ORDER BY minute) AS people
  FROM change
)
SELECT {second_day}, MAX(people) FROM present WHERE second < {stop} GROUP BY {second_day}
"""


@dataclass
class Calls:
    """Numbers of calls with their seconds, by number of the day.

    A day counts the calls that began on it. ``past_midnight`` has the primary keys of calls on
    several days.
    """

    by_day: dict[int, tuple[int, int]] = field(default_factory=dict)
    past_midnight: list[int] = field(default_factory=list)


@dataclass
class People:
    """Numbers of people: in all, and with their seconds by number of the day and by group."""

    total: int = 0
    by_day: dict[int, tuple[int, int]] = field(default_factory=dict)
    by_group: dict[str, tuple[int, int]] = field(default_factory=dict)


def calls(scope: Scope) -> Calls:
    """Return the calls within the scope; one statement."""
    # A call that began before the first day is not new on the first day.
    fresh = intervals.begun_in(scope, "started_at")
    part = intervals.calls(scope).values("id", "begun", "last", fresh=fresh)
    totals = Calls()
    for kind, key, count, seconds in _run(_CALLS, scope.days, {"calls": part}):
        match kind:
            case "day":
                totals.by_day[key] = (int(count), int(seconds))
            case _:
                totals.past_midnight.append(key)
    return totals


def calls_by_conversation(scope: Scope) -> dict[int | None, tuple[int, int]]:
    """Return the calls with their seconds, by primary key of the conversation; one statement.

    The key is None for all conversations that are deleted.
    """
    calls = intervals.calls(scope).values("conversation_id", "begun", "last")
    rows = _run(_CONVERSATIONS, scope.days, {"calls": calls})
    return {key: (int(count), int(seconds)) for key, count, seconds in rows}


def people(scope: Scope, past_midnight: list[int], known: QuerySet[PersonDay]) -> People:
    """Return how many people were in calls, and how long, by device; one statement.

    ``past_midnight`` are the primary keys of calls on several days. ``known`` are people of other
    days, who count in all and by group.
    """
    parts = {
        **_people_of_days(scope, past_midnight),
        "known_members": known.filter(user__isnull=False).values("seconds", who=F("user")),
        "known_guests": known.filter(user=None).values(who=F("name")),
    }
    totals = People()
    for kind, day, name, count, seconds in _run(_PEOPLE, scope.days, parts, more=_groups()):
        match kind:
            case "day":
                people, before = totals.by_day.get(day, (0, 0))
                totals.by_day[day] = (people + int(count), before + int(seconds))
            case "group":
                totals.by_group[name] = (int(count), int(seconds))
            case _:
                totals.total += int(count)
    return totals


def people_by_day(people: QuerySet[PersonDay]) -> dict[int, tuple[int, int]]:
    """Return how many people these are, and how long, by number of the day; one statement."""
    rows = people.values_list("day").annotate(people=Count("pk"), seconds=Sum("seconds"))
    return {day: (count, seconds) for day, count, seconds in rows}


def store_people(scope: Scope, past_midnight: list[int]) -> None:
    """Write a ``PersonDay`` for each person of each day; ``past_midnight`` as in ``people``."""
    _run(_STORE_PEOPLE, scope.days, _people_of_days(scope, past_midnight))


def _people_of_days(scope: Scope, past_midnight: list[int]) -> dict[str, QuerySet[Any]]:
    """Return the parts of ``_PEOPLE_OF_DAYS``, in the order in which it names them."""
    legs = intervals.legs(scope)
    beyond = legs.filter(call__in=past_midnight or [0]).exclude(begun_day=F("last_day"))
    users, guests = Q(user__isnull=False), Q(user=None)
    interval = ("begun", "last")
    # Users by themselves: their keys are numbers, which are grouped faster than names.
    return {
        "beyond": beyond.filter(users).values(*interval, who=F("user")),
        "members": legs.filter(users).values(*interval, who=F("user")),
        "beyond_guests": beyond.filter(guests).values(*interval, who=F("name")),
        "guests": legs.filter(guests).values(*interval, who=F("name")),
    }


def peaks(scope: Scope) -> dict[int, int]:
    """Return how many devices were in at a time at most on each day, counted at full minutes."""
    legs = intervals.legs(scope)
    parts = {"joins": legs.values("joined"), "leaves": legs.values("last")}
    rows = _run(_PEAKS, scope.days, parts)
    return {day: int(people) for day, people in rows}


def _run(
    sql: str, days: Days, parts: Mapping[str, QuerySet[Any, Any]], *, more: "_SQL" = ("", ())
) -> list[Any]:
    """Run ``sql``, in which ``{name}`` stands for a queryset of ``parts``, and ``more`` comes last.

    ``parts`` must be in the order in which ``sql`` names them.
    """
    compiled = {name: _compiled(part) for name, part in parts.items()}
    groups, last = more
    connection = transactions.connection()
    is_postgresql = connection.vendor == "postgresql"
    text = sql.format(
        **{name: part for name, (part, _) in compiled.items()},
        groups=groups,
        table=connection.ops.quote_name(PersonDay._meta.db_table),
        days=days.values_sql,
        stop=days.stop,
        **{f"{name}_day": days.number_sql(name) for name in ("begun", "last", "second")},
        rest=_REST,
        later=_LATER,
        # With these words PostgreSQL computes an interval once, and not wherever it is named.
        # SQLite decides by itself, and knows MATERIALIZED since version 3.35 only.
        materialized="MATERIALIZED" if is_postgresql else "",
        once="OFFSET 0" if is_postgresql else "",
    )
    values = [value for _, some in compiled.values() for value in some]
    with transactions.atomic(), connection.cursor() as cursor:
        if is_postgresql:
            for setting in _SETTINGS:
                cursor.execute(setting)
        cursor.execute(text, [*values, *last])
        return list(cursor.fetchall()) if cursor.description else []


#: A part of a statement, and its parameters.
_SQL = tuple[str, tuple[Any, ...]]


def _groups() -> _SQL:
    """Return the part with a row for each group; an empty one if the site has no groups."""
    path = conf.directory.group_name_path()
    if not path:
        return "", ()
    users = get_user_model()._default_manager.filter(**{f"{path}__isnull": False})
    members, values = _compiled(users.order_by().values(who=F("pk"), name=F(path)))
    return _GROUPS.format(members=members), values


def _compiled(rows: QuerySet[Model, object]) -> _SQL:
    sql, values = rows.query.get_compiler(transactions.alias()).as_sql()
    return sql, tuple(values)
