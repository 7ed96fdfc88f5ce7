"""How many people were in calls, day by day: each counts once, on however many devices.

This is SQL, since each leg has to be compared with the earlier ones of the same person: what these
cover already is cut off, and what is left of all legs does not overlap. From then on people are
counted by adding. Both databases take the same text.
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import F, QuerySet

from talk_calls.conf import conf
from talk_calls.reports import spans
from talk_calls.reports.days import Days
from talk_calls.reports.spans import Scope

#: PostgreSQL's usual 4 MB would send a year through files, and compiling what runs once costs more
#: than it saves.
_SETTINGS = ("SET LOCAL work_mem = '128MB'", "SET LOCAL jit = off")

#: ``piece`` has a row for each day that a stretch touches; ``fresh`` is 1 on the first of them if
#: something begins with the stretch, and ``later`` what it is on the others. Few stretches go past
#: midnight; these are found first, and compared with the days then.
_PIECES = """
beyond AS {materialized} (SELECT begun, last, fresh FROM stretch WHERE begun_day <> last_day),
piece AS (
  SELECT begun_day AS day, CAST(last - begun + 1 AS integer) AS seconds, fresh
  FROM stretch WHERE begun_day = last_day
  UNION ALL
  SELECT number,
    CAST(CASE WHEN last < stop THEN last ELSE stop - 1 END
      - CASE WHEN begun > start THEN begun ELSE start END + 1 AS integer),
    CASE WHEN begun >= start THEN fresh ELSE {later} END
  FROM beyond CROSS JOIN day WHERE start <= last AND begun < stop
)"""

#: What the same person did before.
_EARLIER = "ORDER BY begun ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"

_CALLS = """
WITH day (number, start, stop) AS (VALUES {days}),
span (begun, last, fresh) AS ({spans}),
stretch AS (
  SELECT begun, last, fresh, {begun_day} AS begun_day, {last_day} AS last_day FROM span
),
{pieces}
SELECT day, SUM(fresh), SUM(seconds) FROM piece GROUP BY day
"""

_PEOPLE = """
WITH day (number, start, stop) AS (VALUES {days}),
member (person, begun, last) AS ({spans}),
guest (name, begun, last) AS ({guests}),
seen AS (
  SELECT person, begun, last, MAX(last) OVER (PARTITION BY person {earlier}) AS before
  FROM member WHERE begun <= last
  UNION ALL
  SELECT NULL, begun, last, MAX(last) OVER (PARTITION BY name {earlier})
  FROM guest WHERE begun <= last
),
cut AS (
  SELECT person, before, last, CASE WHEN before >= begun THEN before + 1 ELSE begun END AS begun
  FROM seen WHERE before IS NULL OR before < last
),
stretch AS (
  SELECT person, before, begun, last, {begun_day} AS begun_day, {last_day} AS last_day,
    CASE WHEN before IS NULL OR {before_day} < {begun_day} THEN 1 ELSE 0 END AS fresh
  FROM cut
),
{pieces},
change AS (
  SELECT CASE WHEN before / 60 >= begun / 60 THEN before / 60 + 1 ELSE begun / 60 END AS minute,
    1 AS people
  FROM stretch WHERE before IS NULL OR before / 60 < last / 60
  UNION ALL
  SELECT last / 60 + 1, -1 FROM stretch WHERE before IS NULL OR before / 60 < last / 60
  UNION ALL
  SELECT start / 60, 0 FROM day
),
present AS (
  SELECT minute * 60 AS second,
    SUM(CAST(SUM(people) AS integer)) OVER (ORDER BY minute) AS people
  FROM change GROUP BY minute
)
SELECT 'day', day, NULL, SUM(fresh), SUM(seconds) FROM piece GROUP BY day
UNION ALL
SELECT 'peak', {second_day}, NULL, MAX(people), 0 FROM present
WHERE second < {stop} GROUP BY {second_day}
UNION ALL
SELECT 'all', 0, NULL, COUNT(*), 0 FROM stretch WHERE before IS NULL
{groups}
"""

_GROUPS = """
UNION ALL
SELECT 'group', 0, belonging.name, COUNT(*), SUM(own.seconds)
FROM (SELECT person, SUM(CAST(last - begun + 1 AS integer)) AS seconds
  FROM stretch GROUP BY person) AS own
JOIN ({members}) AS belonging ON belonging.person = own.person GROUP BY belonging.name
"""


@dataclass
class Presence:
    """People and person-seconds: by number of the day, in all, and by name of the group.

    A peak is the most people who were in within one and the same minute.
    """

    people: int = 0
    by_day: dict[int, tuple[int, int]] = field(default_factory=dict)
    peaks: dict[int, int] = field(default_factory=dict)
    by_group: dict[str, tuple[int, int]] = field(default_factory=dict)


def calls_by_day(scope: Scope) -> dict[int, tuple[int, int]]:
    """Return how many calls began on each day, and how many seconds of calls it had."""
    # With the others, a call that came from an earlier day is not new.
    fresh = spans.begun_in(scope, "started_at")
    found, values = _compiled(spans.calls(scope).values_list("begun", "last", fresh))
    rows = _run(_CALLS, scope.days, values, later="0", spans=found)
    return {day: (int(calls), int(seconds)) for day, calls, seconds in rows}


def people(scope: Scope) -> Presence:
    """Return who was in; one statement."""
    legs = spans.legs(scope)
    # Apart, since accounts are numbers, which are sorted faster than names.
    members, values = _compiled(
        legs.filter(user__isnull=False).values_list("user_id", "begun", "last")
    )
    guests, more = _compiled(legs.filter(user=None).values_list("name", "begun", "last"))
    groups, most = _groups()
    rows = _run(
        _PEOPLE,
        scope.days,
        (*values, *more, *most),
        later="1",
        spans=members,
        guests=guests,
        groups=groups,
        earlier=_EARLIER,
    )
    return _presence(rows)


def _presence(rows: list[Any]) -> Presence:
    found = Presence()
    for kind, day, name, count, seconds in rows:
        match kind:
            case "day":
                found.by_day[day] = (int(count), int(seconds))
            case "peak":
                found.peaks[day] = int(count)
            case "group":
                found.by_group[name] = (int(count), int(seconds))
            case _:
                found.people = int(count)
    return found


def _run(sql: str, days: Days, values: tuple[Any, ...], **parts: str) -> list[Any]:
    names = {
        **parts,
        "days": days.rows,
        "stop": str(days.stop),
        **{f"{name}_day": days.number_of(name) for name in ("begun", "last", "before", "second")},
        # SQLite looks at one before the other as they are written, and knows the word since 3.35.
        "materialized": "MATERIALIZED" if connection.vendor == "postgresql" else "",
    }
    text = sql.format(pieces=_PIECES.format(**names), **names)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for setting in _SETTINGS:
                cursor.execute(setting)
        cursor.execute(text, values)
        return list(cursor.fetchall())


def _groups() -> tuple[str, tuple[Any, ...]]:
    """Return SQL and values that add a row for each group; nothing where users have none."""
    path = conf.directory.group_name_path()
    if not path:
        return "", ()
    users = get_user_model()._default_manager.filter(**{f"{path}__isnull": False})
    members, values = _compiled(users.order_by().values(person=F("pk"), name=F(path)))
    return _GROUPS.format(members=members), values


def _compiled(found: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    sql, values = found.query.get_compiler(connection.alias).as_sql()
    return sql, tuple(values)
