"""When and why calls ended, also those of which nobody stored the end yet.

An open call in which nobody is live any more is over, and the next change or sweep stores that
(``LockedConversation.apply_timeouts``). Its end is that of its last leg: an open leg ended when its
session timed out, and ends now if its session is gone. The rule is here twice, for lists in SQL and
for one call whose legs are loaded.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext as _

from talk_calls.conf import conf
from talk_calls.constants import LegReason
from talk_calls.models import Call, CallLeg, Session

_TIME = DateTimeField()


def with_ends(calls: QuerySet[Call], now: datetime) -> QuerySet[Call]:
    """Add ``effective_end``, ``effective_reason`` and ``effective_duration`` as of ``now``.

    While somebody is in, the end is None, the reason is empty, and the duration is the one so far.
    """
    here = Session.objects.live_in_call(now).filter(conversation=OuterRef("conversation"))
    is_stored, is_live = Q(ended_at__isnull=False), Exists(here)
    ended: QuerySet[Any] = calls.annotate(  # type: ignore[no-redef] # declared
        effective_end=Case(
            When(is_stored, then=F("ended_at")),
            When(is_live, then=Value(None, _TIME)),
            default=_end_to_store(now),
            output_field=_TIME,
        ),
        effective_reason=Case(
            When(is_stored, then=F("end_reason")),
            When(is_live, then=Value("")),
            default=Value(LegReason.TIMEOUT.value),
        ),
    )
    lasting: QuerySet[Call] = ended.annotate(
        effective_duration=ExpressionWrapper(
            Coalesce("effective_end", Value(now, _TIME)) - F("started_at"), DurationField()
        )
    )
    return lasting


def end_of(
    call: Call, ends_of_legs: Iterable[datetime | None], now: datetime
) -> tuple[datetime | None, str]:
    """Return when and why a call ended, or None and an empty reason while somebody is in.

    ``ends_of_legs`` are those at ``now``; None is a leg that goes on.
    """
    ends = list(ends_of_legs)
    if call.ended_at or None in ends:
        return call.ended_at, call.end_reason
    return max((end for end in ends if end), default=now), LegReason.TIMEOUT


def reason_text(reason: str) -> str:
    """Return why a call ended, or that it did not."""
    return str(LegReason(reason).label) if reason else _("Goes on")


def _end_to_store(now: datetime) -> Case:
    """Return the end of an open call without anybody in it.

    The keys of sessions are not in the database, so legs and sessions are not joined: of those that
    belong together, the latest join and the latest timeout give the same as each pair would.
    """
    sessions = Session.objects.in_call().filter(conversation=OuterRef("conversation"))
    sessions_here = sessions.order_by().values("conversation")
    timeout = Subquery(sessions_here.annotate(n=Max("last_ping")).values("n"), output_field=_TIME)
    present = Subquery(sessions_here.annotate(n=Count("pk")).values("n"))
    legs = CallLeg.objects.filter(call=OuterRef("pk")).order_by().values("call")
    last = Subquery(legs.annotate(n=Max(Coalesce("left_at", "joined_at"))).values("n"))
    open_legs = Subquery(legs.filter(left_at=None).annotate(n=Count("pk")).values("n"))
    return Case(
        When(GreaterThan(Coalesce(open_legs, 0), Coalesce(present, 0)), then=Value(now, _TIME)),
        default=Greatest(
            Coalesce(last, Value(now, _TIME)),
            Coalesce(
                ExpressionWrapper(timeout + Value(conf.session_timeout, DurationField()), _TIME),
                F("started_at"),
            ),
        ),
        output_field=_TIME,
    )
