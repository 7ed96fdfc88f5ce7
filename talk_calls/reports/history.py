"""Calls of a period, of a conversation, of somebody."""

from datetime import datetime
from typing import Any

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When

from talk_calls.conf import conf
from talk_calls.constants import ActorType, LegReason
from talk_calls.models import Call, CallLeg, Conversation, Session


def history(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    conversation: Conversation | None = None,
    user_id: str | None = None,
) -> QuerySet[Any]:
    """Return calls with their ``people``, the newest first; ``end_of`` tells when they ended.

    They overlap the time from ``since`` to ``until``. ``user_id`` is somebody who was in: an active
    user, whatever their name was then, else whoever had that name.
    """
    calls = Call.objects.with_people().select_related("conversation")
    calls = calls.annotate(last_ping=Case(When(ended_at=None, then=Subquery(_last_ping()))))
    if since:
        calls = calls.filter(Q(ended_at=None) | Q(ended_at__gte=since))
    if until:
        calls = calls.filter(started_at__lt=until)
    if conversation:
        calls = calls.filter(conversation=conversation)
    if user_id:
        calls = calls.filter(pk__in=_legs_of(user_id).order_by().values("call"))
    return calls


def end_of(call: Any, now: datetime) -> tuple[datetime | None, str]:
    """Return when and why one of these calls ended, or None and an empty reason.

    A call that everybody vanished from ended when the last one's time was up, settled or not.
    """
    if call.ended_at or call.last_ping is None:
        return call.ended_at, call.end_reason
    up = max(call.started_at, call.last_ping + conf.session_timeout)
    return (up, LegReason.TIMEOUT) if up < now else (None, "")


def _last_ping() -> QuerySet[Any, Any]:
    here = Session.objects.in_call().filter(conversation=OuterRef("conversation"))
    return here.order_by("-last_ping").values("last_ping")[:1]


def _legs_of(user_id: str) -> QuerySet[CallLeg]:
    user = conf.directory.find_user(user_id)
    if user is None:
        return CallLeg.objects.filter(actor_type=ActorType.USERS, actor_id=user_id)
    return CallLeg.objects.filter(user=user.pk)
