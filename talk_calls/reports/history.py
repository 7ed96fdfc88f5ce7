"""Past and running calls, by time, conversation and user."""

from datetime import datetime

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When

from talk_calls.conf import conf
from talk_calls.constants import ActorType, LegReason
from talk_calls.host import lookups
from talk_calls.models import Call, CallLeg, Conversation, Session


def history(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    conversation: Conversation | None = None,
    user_id: str | None = None,
) -> QuerySet[Call]:
    """Return calls with ``people``, the newest first; ``end_of`` takes one of them.

    They overlap the time from ``since`` to ``until``. ``user_id`` is of somebody who was in. An
    active user is found under earlier names too; any other id must be the one of that time.
    """
    calls = Call.objects.with_people().select_related("conversation")
    newest_ping = Case(When(ended_at=None, then=Subquery(_newest_ping())))
    calls = calls.annotate(newest_ping=newest_ping)  # type: ignore[no-redef] # declared
    if since:
        calls = calls.filter(Q(ended_at=None) | Q(ended_at__gte=since))
    if until:
        calls = calls.filter(started_at__lt=until)
    if conversation:
        calls = calls.filter(conversation=conversation)
    if user_id:
        calls = calls.filter(pk__in=_legs_of(user_id).order_by().values("call"))
    return calls


def end_of(call: Call, now: datetime) -> tuple[datetime | None, str]:
    """Return when and why one of these calls ended, or None and an empty reason.

    An open call in which everybody timed out ended with the last timeout, also if its row does not
    say so yet.
    """
    if call.ended_at or call.newest_ping is None:
        return call.ended_at, call.end_reason
    timeout = max(call.started_at, call.newest_ping + conf.session_timeout)
    return (timeout, LegReason.TIMEOUT) if timeout < now else (None, "")


def _newest_ping() -> QuerySet[Session, object]:
    here = Session.objects.in_call().filter(conversation=OuterRef("conversation"))
    return here.order_by("-last_ping").values("last_ping")[:1]


def _legs_of(user_id: str) -> QuerySet[CallLeg]:
    user = lookups.find_user(user_id, viewer=None)
    if user is None:
        return CallLeg.objects.filter(actor_type=ActorType.USERS, actor_id=user_id)
    return CallLeg.objects.filter(user=user.pk)
