"""Days that are over and were counted already: finding them, and counting them.

Summaries agree with counting to the unit. They are used for statistics of the whole site; those of
a conversation or a group are always counted. Days that are final, as their calls are deleted
(``final_days``), are never counted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.models import Call, CallLeg, DaySummary, PersonDay
from talk_calls.reports.statistics import aggregates, intervals
from talk_calls.reports.statistics.days import Days, Seconds
from talk_calls.reports.statistics.final_days import final_days
from talk_calls.reports.statistics.scope import Scope

#: How long after its end a day is summarised, since clocks of servers differ.
SETTLED_AFTER = timedelta(hours=1)

#: Days that one transaction counts at most; on SQLite nobody else writes meanwhile.
_BATCH = 7

#: Days that one sweep summarises at most.
SWEPT_DAYS = 70

#: Called with how many days are summarised, and of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Known:
    """What is known of the days of a scope.

    ``summaries`` are those of the first days, by number of the day, and ``people`` the rows of
    their people; ``rest`` has the days after them, which have to be counted, or is None without
    any. ``kept`` has the days that are not final, whose calls can be read; None if all are final.
    ``kept_since`` is the first day that is not final, if any of the scope is.
    """

    summaries: dict[int, DaySummary]
    people: QuerySet[PersonDay]
    rest: Scope | None
    kept: Scope | None
    kept_since: date | None


def known_of(scope: Scope) -> Known:
    """Return what is known of a scope; up to three statements.

    The last day is always counted, and so are all days after one that has no summary. Days before
    the first call need none, and final days are never counted.
    """
    final = final_days()
    kept = final.without(scope)
    summaries: dict[int, DaySummary] = {}
    if scope.conversation is None and not scope.group:
        summaries = valid(scope.days)
    rest = _unknown_of(kept, summaries) if kept else None
    before = {
        number: summaries[number]
        for number, day in scope.days.numbered()
        if number in summaries and (rest is None or day < rest.days.first)
    }
    people = PersonDay.objects.filter(
        day__gte=min(before, default=0), day__lte=max(before, default=-1)
    )
    has_final = kept is None or kept.days.first != scope.days.first
    return Known(before, people, rest, kept, final.next if has_final else None)


def _unknown_of(kept: Scope, summaries: dict[int, DaySummary]) -> Scope:
    """Return the days from the first one without a summary on, or else the last day."""
    first = _first_call(kept.now)
    unknown = kept.days.last
    for number, day in kept.days.numbered():
        if first <= day and number not in summaries:
            unknown = min(day, unknown)
            break
    return replace(kept, days=Days(unknown, kept.days.last))


def first_day(now: datetime) -> date:
    """Return the day of the first call, deleted or not, or today if there was none.

    Two statements.
    """
    final = final_days()
    return min(final.first or date.max, _first_call(now))


def first_kept_day(now: datetime) -> date:
    """Return the day of the first call, or the first day that is not final if that is later.

    Two statements.
    """
    return max(_first_call(now), final_days().next or date.min)


def _first_call(now: datetime) -> date:
    """Return the day of the first call that is there, or today if there is none; one statement."""
    first = Call.objects.order_by("started_at").values_list("started_at", flat=True).first()
    return timezone.localdate(first or now)


def due(now: datetime) -> list[date]:
    """Return the days that are over and have no summary, the newest first.

    A day is over when nobody who joined on it or before is in a call any more.
    """
    days = countable(now)
    if days is None:
        return []
    summaries = valid(days)
    return [day for number, day in days.numbered() if number not in summaries][::-1]


def countable(now: datetime) -> Days | None:
    """Return the days that are over and can be counted, summarised or not; None without any."""
    open_since = [
        CallLeg.objects.filter(left_at=None).aggregate(first=Min("joined_at"))["first"],
        Call.objects.filter(ended_at=None).aggregate(first=Min("started_at"))["first"],
    ]
    until = min([now - SETTLED_AFTER, *(each for each in open_since if each)])
    days = Days(first_kept_day(now), timezone.localdate(until) - timedelta(days=1))
    return days if days.first <= days.last else None


def catch_up(
    *,
    now: datetime,
    limit: int | None = SWEPT_DAYS,
    progress: Progress = lambda done, total: None,
) -> int:
    """Summarise the newest days that are due, ``limit`` of them or with None all.

    Each batch is a transaction. Return how many days were summarised.
    """
    days = due(now)[:limit]
    done = summarised = 0
    for batch in _batches(days):
        with suppress(IntegrityError):  # somebody's account was deleted meanwhile; next time
            _summarise(batch, now)
            summarised += len(batch)
        done += len(batch)
        progress(done, len(days))
    return summarised


def _batches(days: list[date]) -> Iterator[Days]:
    """Yield days that follow each other together; ``days`` has the newest first."""
    last = 0
    for index, day in enumerate(days, 1):
        is_apart = index == len(days) or days[index] != day - timedelta(days=1)
        if is_apart or index - last == _BATCH:
            yield Days(day, days[last])
            last = index


def delete_all() -> int:
    """Delete all summaries but those of final days; return how many days they were of.

    Statistics are counted from calls and legs then, which takes longer, until days are summarised.
    """
    deleted = 0
    summaries = DaySummary.objects.not_final()
    while numbers := list(summaries.values_list("number", flat=True)[:_BATCH]):
        deleted += _delete(numbers)
    return deleted


@retried
@transactions.atomic()
def _delete(numbers: list[int]) -> int:
    days = DaySummary.objects.not_final().filter(number__in=numbers)
    locked = [day.number for day in days.order_by("number").select_for_update()]
    PersonDay.objects.filter(day__in=locked).delete()
    days.filter(number__in=locked).delete()
    return len(locked)


@retried
@transactions.atomic()
def _summarise(days: Days, now: datetime) -> None:
    """Count days and store what was counted, in place of what was stored of them before.

    Nothing is done if another sweeper made one of them final meanwhile.
    """
    rows = [DaySummary(number=n, start=start, stop=stop) for n, start, stop in days.borders()]
    DaySummary.objects.bulk_create(rows, ignore_conflicts=True)
    # Whoever changes what is counted here marks the day, and waits for this to be committed.
    stored = DaySummary.objects.filter(number__in=[row.number for row in rows])
    locked = list(stored.order_by("number").select_for_update())
    if any(row.is_final for row in locked):
        return
    people = PersonDay.objects.filter(day__in=[row.number for row in locked])
    people.delete()
    scope = Scope(days, now)
    calls = aggregates.calls(scope)
    aggregates.store_people(scope, calls.past_midnight)
    counted = figures_by_day(scope, calls, aggregates.people_by_day(people.all()))
    calls_ended = _ended_by_day(intervals.calls_ended(scope), scope, "ended_at", "end_reason")
    legs_ended = _ended_by_day(intervals.legs_ended(scope), scope, "left_at", "reason")
    for summary in counted.values():
        summary.calls_ended = calls_ended[summary.number]
        summary.legs_ended = legs_ended[summary.number]
    fields = [field.name for field in DaySummary._meta.concrete_fields if not field.primary_key]
    DaySummary.objects.bulk_update(counted.values(), fields)


@retried
def wait_for_counting(now: datetime) -> None:
    """Wait until everybody has committed who is summarising days at this moment.

    Whoever counts after that sees what was committed before. Days that are being summarised are due
    until then; their rows may be new, so that only another insert waits for them. It is undone.
    """
    rows = [
        DaySummary(number=number, start=start, stop=stop)
        for days in _batches(due(now))
        for number, start, stop in days.borders()
    ]
    rows.sort(key=lambda row: row.number)
    with transactions.atomic():
        DaySummary.objects.bulk_create(rows, ignore_conflicts=True)
        stored = DaySummary.objects.filter(number__in=[row.number for row in rows])
        list(stored.order_by("number").select_for_update())
        transaction.set_rollback(True, using=transactions.alias())


def figures_by_day(
    scope: Scope, calls: aggregates.Calls, people: dict[int, tuple[int, int]]
) -> dict[int, DaySummary]:
    """Return the figures of each day but for the reasons, unsaved, by number of the day.

    ``calls`` and ``people`` are those of the scope; the peaks are counted in one statement.
    """
    peaks = aggregates.peaks(scope)
    summaries = {}
    for number, start, stop in scope.days.borders():
        began, call_seconds = calls.by_day.get(number, (0, 0))
        participants, people_seconds = people.get(number, (0, 0))
        summaries[number] = DaySummary(
            number=number,
            start=start,
            stop=stop,
            calls=began,
            call_seconds=call_seconds,
            people_seconds=people_seconds,
            participants=participants,
            # Somebody who joined and left between two full minutes counts for at least one.
            peak=max(peaks.get(number, 0), min(participants, 1)),
        )
    return summaries


def _ended_by_day(
    ended: QuerySet[Call] | QuerySet[CallLeg], scope: Scope, at: str, reason: str
) -> defaultdict[int, dict[str, int]]:
    seconds = ended.annotate(second=Seconds(at))
    rows = seconds.values_list(scope.days.number_expression("second"), reason)
    counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for number, key, count in rows.annotate(n=Count("pk")):
        counts[number][key] = count
    return counts


def valid(days: Days) -> dict[int, DaySummary]:
    """Return the summaries of these days that can be used, by number of the day.

    These are not stale, and have the borders of the present time zone unless they are final.
    """
    borders = {number: (start, stop) for number, start, stop in days.borders()}
    stored = DaySummary.objects.filter(number__gte=min(borders), number__lte=max(borders))
    return {
        each.number: each
        for each in stored.filter(is_stale=False)
        if each.is_final or borders[each.number] == (each.start, each.stop)
    }
