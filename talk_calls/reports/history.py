"""Calls of a period, of a conversation, of somebody."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from talk_calls.conf import conf
from talk_calls.constants import ActorType
from talk_calls.models import Call, CallLeg, Conversation


def history(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    conversation: Conversation | None = None,
    user_id: str | None = None,
) -> QuerySet[Any]:
    """Return calls with their ``people``, the newest first.

    They overlap the time from ``since`` to ``until``. ``user_id`` is somebody who was in: an active
    user, whatever their name was then, else whoever had that name.
    """
    calls = Call.objects.with_people().select_related("conversation")
    if since:
        calls = calls.filter(Q(ended_at=None) | Q(ended_at__gte=since))
    if until:
        calls = calls.filter(started_at__lt=until)
    if conversation:
        calls = calls.filter(conversation=conversation)
    if user_id:
        calls = calls.filter(pk__in=_legs_of(user_id).order_by().values("call"))
    return calls


def _legs_of(user_id: str) -> QuerySet[CallLeg]:
    user = conf.directory.find_user(user_id)
    if user is None:
        return CallLeg.objects.filter(actor_type=ActorType.USERS, actor_id=user_id)
    return CallLeg.objects.filter(user=user.pk)
