"""From when to when calls and legs lasted, within some days, in whole seconds.

A span goes from its second ``begun`` to its second ``last``, both included, so that nothing lasts
less than a second. What is still open lasts until now, or until its people stopped counting.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
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
from talk_calls.models import Call, CallLeg, Conversation, Session
from talk_calls.reports.days import Days, Seconds


@dataclass(frozen=True)
class Scope:
    """What is looked at: some days, at ``now``, and of one conversation or group only if given.

    ``group`` is a group's name, as ``DIRECTORY`` tells it.
    """

    days: Days
    now: datetime
    conversation: Conversation | None = None
    group: str = ""


#: Who somebody is who has no account (any more); empty for users.
_NAME = Case(
    When(user=None, then=Concat("actor_type", Value("/"), "actor_id")), default=Value("")
)


def calls(scope: Scope) -> QuerySet[Call]:
    """Return calls with ``begun``, ``last`` and ``seconds``; of a group, what a member was in."""
    found = Call.objects.order_by().filter(_touches(scope, "started_at", "ended_at"))
    if scope.conversation is not None:
        found = found.filter(conversation=scope.conversation)
    if scope.group:
        found = found.filter(Exists(_of_group(CallLeg.objects, scope).filter(call=OuterRef("pk"))))
    spans = _clipped(found, scope, Seconds("started_at"), _end_of_call(scope.now))
    # An open call may have been deserted before these days.
    within: QuerySet[Call] = spans.filter(last__gte=F("begun"))
    return within.annotate(seconds=F("last") - F("begun") + _seconds(1))


def legs(scope: Scope) -> QuerySet[CallLeg]:
    """Return legs with ``begun``, ``last``, and ``name``: of whom without an account.

    Those with an end before their beginning vanished before these days, and do not count.
    """
    found = CallLeg.objects.order_by().filter(_touches(scope, "joined_at", "left_at"))
    if scope.conversation is not None:
        found = found.filter(call__conversation=scope.conversation)
    if scope.group:
        found = _of_group(found, scope)
    spans = _clipped(found, scope, Seconds("joined_at"), _end_of_leg(scope.now))
    named: QuerySet[CallLeg] = spans.annotate(name=_NAME)
    return named


def ended_in(scope: Scope, field: str) -> Q:
    """Return the condition that the time in ``field`` is within the days."""
    start, stop = _moments(scope)
    return Q(**{f"{field}__gte": start, f"{field}__lt": stop})


def begun_in(scope: Scope, field: str) -> Case:
    """Return 1 for what began within the days by the time in ``field``, else 0."""
    start, _ = _moments(scope)
    return Case(When(**{f"{field}__gte": start}, then=Value(1)), default=Value(0))


def _touches(scope: Scope, begun: str, ended: str) -> Q:
    start, stop = _moments(scope)
    over = Q(**{f"{ended}__gte": start}) | Q(**{ended: None})
    return over & Q(**{f"{begun}__lt": stop})


def _moments(scope: Scope) -> tuple[datetime, datetime]:
    days = scope.days
    return datetime.fromtimestamp(days.start, UTC), datetime.fromtimestamp(days.stop, UTC)


def _of_group(legs: Any, scope: Scope) -> Any:
    return legs.filter(**{f"user__{conf.directory.group_name_path()}": scope.group})


def _clipped(found: Any, scope: Scope, begun: Any, end: Any) -> Any:
    number, days = BigIntegerField(), scope.days
    last = Greatest(end - _seconds(1), begun, output_field=number)
    return found.annotate(
        begun=Greatest(begun, _seconds(days.start), output_field=number),
        last=Least(last, _seconds(days.stop - 1), output_field=number),
    )


def _end_of_call(now: datetime) -> Any:
    here = Session.objects.in_call().filter(conversation=OuterRef("conversation"))
    live = Session.objects.live_in_call(now).filter(conversation=OuterRef("conversation"))
    newest = here.order_by().values("conversation").annotate(ping=Max("last_ping")).values("ping")
    timeout = _seconds(conf.session_timeout.total_seconds())
    return Case(
        When(ended_at__isnull=False, then=Seconds("ended_at")),
        When(Exists(live), then=_seconds(now.timestamp())),
        default=Coalesce(Seconds(Subquery(newest)) + timeout, _seconds(now.timestamp()), output_field=BigIntegerField()),
        output_field=BigIntegerField(),
    )


def _end_of_leg(now: datetime) -> Any:
    ended = When(left_at__isnull=False, then=Seconds("left_at"))
    gone = [
        When(session_key=session.key, then=_seconds(session.vanishes_at.timestamp()))
        for session in Session.objects.vanished_from_call(now).only("session_id", "last_ping")
    ]
    default = _seconds(now.timestamp())
    return Case(ended, *gone, default=default, output_field=BigIntegerField())


def _seconds(moment: float) -> Value:
    return Value(int(moment), output_field=BigIntegerField())
