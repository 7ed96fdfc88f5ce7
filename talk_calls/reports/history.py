"""Past and running calls, by time, conversation and user."""

from datetime import datetime

from django.db.models import Q, QuerySet

from talk_calls.constants import ActorType
from talk_calls.host import lookups
from talk_calls.models import Call, CallLeg, Conversation
from talk_calls.reports.call_ends import with_ends


def history(
    now: datetime,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    conversation: Conversation | None = None,
    user_id: str | None = None,
) -> QuerySet[Call]:
    """Return calls with ``people`` and their ends as of ``now``, the newest first.

    They overlap the time from ``since`` to ``until``. ``user_id`` is of somebody who was in. An
    active user is found under earlier names too; any other id must be the one of that time.
    """
    calls = with_ends(Call.objects.with_people().select_related("conversation"), now)
    if since:
        is_open = Q(ended_at=None)
        goes_on = Q(effective_end=None) | Q(effective_end__gte=since)
        calls = calls.filter(Q(ended_at__gte=since) | is_open & goes_on)
    if until:
        calls = calls.filter(started_at__lt=until)
    if conversation:
        calls = calls.filter(conversation=conversation)
    if user_id:
        calls = calls.filter(pk__in=_legs_of(user_id).order_by().values("call"))
    return calls


def _legs_of(user_id: str) -> QuerySet[CallLeg]:
    user = lookups.find_user(user_id, viewer=None)
    if user is None:
        return CallLeg.objects.filter(actor_type=ActorType.USERS, actor_id=user_id)
    return CallLeg.objects.filter(user=user.pk)
