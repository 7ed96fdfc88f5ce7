"""Calls and legs as intervals of whole seconds, cut off at the first and the last day.

An interval goes from the second ``begun`` to the second ``last``, both included, so that none is
shorter than a second; ``begun_day`` and ``last_day`` are the numbers of their days. An open call or
leg goes on until now, or until its sessions timed out. What ended with the last second before the
first day is not of these days, so that the figures of a day do not depend on the other days.
"""

from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, Greatest, Least

from talk_calls.conf import conf
from talk_calls.models import Call, CallLeg, Session
from talk_calls.reports.statistics.days import Seconds
from talk_calls.reports.statistics.scope import Scope

#: Legs of up to so many days are found by their calls; those of more by reading all of them.
_FEW_DAYS = 62

_NUMBER = BigIntegerField()


#: Identifies people without an account, among them deleted users; empty for users.
_NAME = Case(When(user=None, then=Concat("actor_type", Value("/"), "actor_id")), default=Value(""))


def calls(scope: Scope) -> QuerySet[Any]:
    """Return the calls of these days as intervals; of a group, those that a member was in."""
    calls = _calls(scope).filter(_overlaps(scope, "started_at", "ended_at"))
    return _as_intervals(calls, scope, Seconds("started_at"), _end_of_call(scope.now))


def legs(scope: Scope) -> QuerySet[Any]:
    """Return the legs of these days as intervals.

    ``name`` identifies somebody without an account; it is empty for users. ``joined`` is the second
    of the join, or the last one before the first day.
    """
    legs = _legs(scope).filter(_overlaps(scope, "joined_at", "left_at"))
    ends = _timed_out(scope.now)
    if before := [key for key, end in ends.items() if end <= scope.start]:
        legs = legs.exclude(session_key__in=before, left_at=None)
    intervals = _as_intervals(legs, scope, Seconds("joined_at"), _end_of_leg(scope.now, ends))
    named: QuerySet[Any] = intervals.annotate(
        name=_NAME,
        joined=Greatest(Seconds("joined_at"), _seconds(scope.days.start - 1), output_field=_NUMBER),
    )
    return named


def calls_ended(scope: Scope) -> QuerySet[Call]:
    """Return the calls that ended on these days."""
    return _calls(scope).filter(_within(scope, "ended_at"))


def legs_ended(scope: Scope) -> QuerySet[CallLeg]:
    """Return the legs that ended on these days."""
    return _legs(scope).filter(_within(scope, "left_at"))


def begun_in(scope: Scope, field: str) -> Case:
    """Return 1 if the time in ``field`` is not before the first day, else 0."""
    return Case(When(**{f"{field}__gte": scope.start}, then=Value(1)), default=Value(0))


def _calls(scope: Scope) -> QuerySet[Call]:
    calls: QuerySet[Call] = Call.objects.order_by()
    if scope.conversation is not None:
        calls = calls.filter(conversation=scope.conversation)
    if scope.group:
        members = CallLeg.objects.filter(_of_group(scope), call=OuterRef("pk"))
        calls = calls.filter(Exists(members))
    return calls


def _legs(scope: Scope) -> QuerySet[CallLeg]:
    legs: QuerySet[CallLeg] = CallLeg.objects.order_by()
    if scope.conversation is not None:
        legs = legs.filter(call__conversation=scope.conversation)
    elif len(scope.days) <= _FEW_DAYS:
        calls = Call.objects.filter(_overlaps(scope, "started_at", "ended_at"))
        legs = legs.filter(call__in=calls.order_by().values("pk"))
    return legs.filter(_of_group(scope)) if scope.group else legs


def _of_group(scope: Scope) -> Q:
    return Q(**{f"user__{conf.directory.group_name_path()}": scope.group})


def _within(scope: Scope, field: str) -> Q:
    return Q(**{f"{field}__gte": scope.start, f"{field}__lt": scope.stop})


def _overlaps(scope: Scope, begun: str, ended: str) -> Q:
    ends_later = Q(**{f"{ended}__gte": scope.start}) | Q(**{ended: None})
    return ends_later & Q(**{f"{begun}__lt": scope.stop})


def _as_intervals(rows: QuerySet[Any], scope: Scope, begun: Seconds, end: Case) -> QuerySet[Any]:
    days = scope.days
    last = Greatest(end - _seconds(1), begun, output_field=_NUMBER)
    intervals = rows.annotate(
        begun=Greatest(begun, _seconds(days.start), output_field=_NUMBER),
        last=Least(last, _seconds(days.stop - 1), output_field=_NUMBER),
    )
    # Everybody in an open call may have timed out before these days; then it ended before them.
    numbered: QuerySet[Any] = intervals.filter(last__gte=F("begun")).annotate(
        begun_day=days.number_expression("begun"),
        last_day=days.number_expression("last"),
    )
    return numbered


def _end_of_call(now: datetime) -> Case:
    here = Session.objects.in_call().filter(conversation=OuterRef("conversation"))
    live = Session.objects.live_in_call(now).filter(conversation=OuterRef("conversation"))
    newest = here.order_by().values("conversation").annotate(ping=Max("last_ping")).values("ping")
    timed_out = Seconds(Subquery(newest)) + _seconds(conf.session_timeout.total_seconds())
    return Case(
        When(ended_at__isnull=False, then=Seconds("ended_at")),
        When(Exists(live), then=_seconds(now.timestamp())),
        default=Coalesce(timed_out, _seconds(now.timestamp()), output_field=_NUMBER),
        output_field=_NUMBER,
    )


def _end_of_leg(now: datetime, ends: dict[str, datetime]) -> Case:
    ended = When(left_at__isnull=False, then=Seconds("left_at"))
    timed_out = [When(session_key=key, then=_seconds(end.timestamp())) for key, end in ends.items()]
    default = _seconds(now.timestamp())
    return Case(ended, *timed_out, default=default, output_field=_NUMBER)


def _timed_out(now: datetime) -> dict[str, datetime]:
    """Return when the sessions timed out whose legs are still open, by session key."""
    sessions = Session.objects.timed_out(now).only("session_id", "last_ping")
    return {session.key: session.times_out_at for session in sessions}


def _seconds(moment: float) -> Value:
    return Value(int(moment), output_field=_NUMBER)
