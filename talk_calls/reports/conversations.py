"""Conversations with their attendees, sessions and calls."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from talk_calls import names
from talk_calls.constants import LobbyState
from talk_calls.models import Attendee, Call, Conversation, Session
from talk_calls.models.calls import call_annotations
from talk_calls.reports import permission_texts
from talk_calls.reports.call_ends import with_ends
from talk_calls.reports.formatting import minute_text

#: How many calls ``calls_of`` returns at most.
LAST_CALLS = 20


def with_overview(conversations: QuerySet[Conversation], now: datetime) -> QuerySet[Conversation]:
    """Add ``attendee_total``, the annotations of ``call_annotations``, and ``open_call``."""
    attendees = Attendee.objects.filter(conversation=OuterRef("pk")).order_by()
    total = attendees.values("conversation").annotate(n=Count("pk")).values("n")
    annotated: QuerySet[Any] = conversations.annotate(  # type: ignore[no-redef] # declared
        attendee_total=Coalesce(Subquery(total, output_field=IntegerField()), 0),
        **call_annotations(now),
    )
    return annotated.select_related("open_call")


def link_text(conversation: Conversation) -> str:
    """Return the object of the host that decides about it, by its model, or ``nothing``."""
    if not conversation.is_linked:
        return _("nothing")
    found = conversation.linked_object
    name = _("deleted") if found is None else names.isolated(found)
    return f"{conversation.linked_model} {conversation.linked_pk}: {name}"


def lobby_is_up(now: datetime) -> Q:
    """Return the condition of ``Conversation.has_lobby``."""
    goes_on = Q(lobby_timer=None) | Q(lobby_timer__gt=now)
    return goes_on & ~Q(lobby_state=LobbyState.NONE)


def lobby_text(conversation: Conversation, now: datetime) -> str:
    """Return ``up``, ``up until …``, ``down`` or ``down since …``."""
    timer = conversation.lobby_timer
    time = minute_text(timer) if timer else ""
    if conversation.has_lobby(now):
        return _("up until {time}").format(time=time) if time else _("up")
    if conversation.lobby_state and time:
        return _("down since {time}").format(time=time)
    return _("down")


def default_permissions_text(conversation: Conversation) -> str:
    """Return the permissions of attendees who have none of their own, and what sets them."""
    attendee = Attendee(conversation=conversation)
    allowed = permission_texts.describe_effective(conversation, attendee)
    level = permission_texts.default_level(conversation)
    return _("{allowed} (from: {level})").format(allowed=allowed, level=level)


def with_presence(attendees: QuerySet[Attendee], now: datetime) -> QuerySet[Attendee]:
    """Add ``device_total``, the number of devices online, and ``in_call_now``."""
    present = Session.objects.present(now).filter(attendee=OuterRef("pk"))
    total = present.order_by().values("attendee").annotate(n=Count("pk")).values("n")
    live = Session.objects.live_in_call(now).filter(attendee=OuterRef("pk"))
    return attendees.annotate(  # type: ignore[no-redef] # declared
        device_total=Coalesce(Subquery(total, output_field=IntegerField()), 0),
        in_call_now=Exists(live),
    )


def attendees_of(conversation: Conversation, now: datetime) -> QuerySet[Attendee]:
    """Return the attendees with users and ``with_presence``, by role and then by name."""
    attendees = conversation.attendees.select_related("user", "conversation")
    return with_presence(attendees, now).order_by("participant_type", "display_name", "pk")


def sessions_of(conversation: Conversation, now: datetime) -> QuerySet[Session]:
    """Return the sessions that are online, with attendee and user, the newest ping first."""
    present = Session.objects.present(now).filter(conversation=conversation)
    return present.select_related("attendee__user", "conversation").order_by("-last_ping", "pk")


def calls_of(conversation: Conversation, now: datetime) -> QuerySet[Call]:
    """Return the last calls, newest first, with ``people`` and their ends as of ``now``."""
    calls = with_ends(conversation.calls.with_people(), now)
    return calls.order_by("-started_at", "-pk")[:LAST_CALLS]
