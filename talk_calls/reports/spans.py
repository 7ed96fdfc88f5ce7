"""From when to when calls and legs lasted, within some days, in whole seconds.

A span goes from its second ``begun`` to its second ``last``, both included, so that nothing lasts
less than a second; these are on the days with the numbers ``begun_day`` and ``last_day``. What is
still open lasts until now, or until its people stopped counting.
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

_NUMBER = BigIntegerField()


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
_NAME = Case(When(user=None, then=Concat("actor_type", Value("/"), "actor_id")), default=Value(""))


def calls(scope: Scope) -> QuerySet[Any]:
    """Return the calls of these days as spans; of a group, those that a member was in."""
    found = _calls(scope).filter(_touches(scope, "started_at", "ended_at"))
    spans = _clipped(found, scope, Seconds("started_at"), _end_of_call(scope.now))
    # An open call may have been deserted before these days; all others end within or after them.
    within: QuerySet[Any] = spans.filter(Q(ended_at__isnull=False) | Q(last__gte=F("begun")))
    return within


def legs(scope: Scope) -> QuerySet[Any]:
    """Return the legs of these days as spans, with ``name``: of whom without an account."""
    found = _legs(scope).filter(_touches(scope, "joined_at", "left_at"))
    ends = _vanished(scope.now)
    start, _ = _moments(scope)
    if before := [key for key, end in ends.items() if end <= start]:
        found = found.exclude(session_key__in=before, left_at=None)
    spans = _clipped(found, scope, Seconds("joined_at"), _end_of_leg(scope.now, ends))
    named: QuerySet[Any] = spans.annotate(name=_NAME)
    return named


def calls_ended(scope: Scope) -> QuerySet[Call]:
    """Return the calls that ended on these days."""
    return _calls(scope).filter(_within(scope, "ended_at"))


def legs_ended(scope: Scope) -> QuerySet[CallLeg]:
    """Return the legs that ended on these days."""
    return _legs(scope).filter(_within(scope, "left_at"))


def begun_in(scope: Scope, field: str) -> Case:
    """Return 1 for what began within the days by the time in ``field``, else 0."""
    start, _ = _moments(scope)
    return Case(When(**{f"{field}__gte": start}, then=Value(1)), default=Value(0))


def _calls(scope: Scope) -> QuerySet[Call]:
    found: QuerySet[Call] = Call.objects.order_by()
    if scope.conversation is not None:
        found = found.filter(conversation=scope.conversation)
    if scope.group:
        members = CallLeg.objects.filter(_of_group(scope), call=OuterRef("pk"))
        found = found.filter(Exists(members))
    return found


def _legs(scope: Scope) -> QuerySet[CallLeg]:
    found: QuerySet[CallLeg] = CallLeg.objects.order_by()
    if scope.conversation is not None:
        found = found.filter(call__conversation=scope.conversation)
    return found.filter(_of_group(scope)) if scope.group else found


def _of_group(scope: Scope) -> Q:
    return Q(**{f"user__{conf.directory.group_name_path()}": scope.group})


def _within(scope: Scope, field: str) -> Q:
    start, stop = _moments(scope)
    return Q(**{f"{field}__gte": start, f"{field}__lt": stop})


def _touches(scope: Scope, begun: str, ended: str) -> Q:
    start, stop = _moments(scope)
    over = Q(**{f"{ended}__gte": start}) | Q(**{ended: None})
    return over & Q(**{f"{begun}__lt": stop})


def _moments(scope: Scope) -> tuple[datetime, datetime]:
    days = scope.days
    return datetime.fromtimestamp(days.start, UTC), datetime.fromtimestamp(days.stop, UTC)


def _clipped(found: Any, scope: Scope, begun: Any, end: Any) -> Any:
    days = scope.days
    last = Greatest(end - _seconds(1), begun, output_field=_NUMBER)
    spans = found.annotate(
        begun=Greatest(begun, _seconds(days.start), output_field=_NUMBER),
        last=Least(last, _seconds(days.stop - 1), output_field=_NUMBER),
    )
    return spans.annotate(
        begun_day=days.of("begun"),
        last_day=days.of("last"),
    )


def _end_of_call(now: datetime) -> Any:
    here = Session.objects.in_call().filter(conversation=OuterRef("conversation"))
    live = Session.objects.live_in_call(now).filter(conversation=OuterRef("conversation"))
    newest = here.order_by().values("conversation").annotate(ping=Max("last_ping")).values("ping")
    vanished = Seconds(Subquery(newest)) + _seconds(conf.session_timeout.total_seconds())
    return Case(
        When(ended_at__isnull=False, then=Seconds("ended_at")),
        When(Exists(live), then=_seconds(now.timestamp())),
        default=Coalesce(vanished, _seconds(now.timestamp()), output_field=_NUMBER),
        output_field=_NUMBER,
    )


def _end_of_leg(now: datetime, ends: dict[str, datetime]) -> Any:
    ended = When(left_at__isnull=False, then=Seconds("left_at"))
    gone = [When(session_key=key, then=_seconds(end.timestamp())) for key, end in ends.items()]
    default = _seconds(now.timestamp())
    return Case(ended, *gone, default=default, output_field=_NUMBER)


def _vanished(now: datetime) -> dict[str, datetime]:
    """Return when those stopped counting whose legs are open still, by the key of their session."""
    gone = Session.objects.timed_out(now).only("session_id", "last_ping")
    return {session.key: session.times_out_at for session in gone}


def _seconds(moment: float) -> Value:
    return Value(int(moment), output_field=_NUMBER)
