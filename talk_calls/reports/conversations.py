"""Who belongs to a conversation, who is online in it, and its calls."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone

from talk_calls.models import Attendee, Conversation, Session
from talk_calls.models.calls import call_annotations
from talk_calls.reports import permissions

#: Calls that a conversation's history shows.
LAST_CALLS = 20


def listed(conversations: QuerySet[Conversation], now: datetime) -> QuerySet[Conversation]:
    """Add ``attendee_total``, what ``call_annotations`` tells, and ``open_call`` where one is."""
    attendees = Attendee.objects.filter(conversation=OuterRef("pk")).order_by()
    total = attendees.values("conversation").annotate(n=Count("pk")).values("n")
    found: QuerySet[Any] = conversations.annotate(
        attendee_total=Coalesce(Subquery(total, output_field=IntegerField()), 0),
        **call_annotations(now),
    )
    return found.select_related("open_call")


def lobby_in_words(conversation: Conversation, now: datetime) -> str:
    """Return whether the lobby is up, and until when."""
    timer = conversation.lobby_timer
    until = f"{timezone.localtime(timer):%Y-%m-%d %H:%M}" if timer else ""
    if conversation.has_lobby(now):
        return f"up until {until}" if until else "up"
    return f"down since {until}" if conversation.lobby_state and until else "down"


def permissions_in_words(conversation: Conversation) -> str:
    """Return what attendees may do of whom nothing else is said, and who says so."""
    somebody = Attendee(conversation=conversation)
    allowed = permissions.effective(conversation, somebody)
    return f"{allowed} (from: {permissions.level_of_all(conversation)})"


def with_presence(attendees: QuerySet[Attendee], now: datetime) -> QuerySet[Attendee]:
    """Add ``device_total``, how many devices are online, and ``in_call_now``."""
    present = Session.objects.present(now).filter(attendee=OuterRef("pk"))
    total = present.order_by().values("attendee").annotate(n=Count("pk")).values("n")
    live = Session.objects.live_in_call(now).filter(attendee=OuterRef("pk"))
    return attendees.annotate(
        device_total=Coalesce(Subquery(total, output_field=IntegerField()), 0),
        in_call_now=Exists(live),
    )


def attendees_of(conversation: Conversation, now: datetime) -> QuerySet[Attendee]:
    """Return attendees with users and presence, by role and then by name."""
    attendees = conversation.attendees.select_related("user", "conversation")
    return with_presence(attendees, now).order_by("participant_type", "display_name", "pk")


def sessions_of(conversation: Conversation, now: datetime) -> QuerySet[Session]:
    """Return the devices that are online, with attendee and user, the newest ping first."""
    present = Session.objects.present(now).filter(conversation=conversation)
    return present.select_related("attendee__user", "conversation").order_by("-last_ping", "pk")


def calls_of(conversation: Conversation) -> QuerySet[Any]:
    """Return the last calls, newest first, with ``people``: how many different ones were in."""
    person = Concat("legs__actor_type", Value("/"), "legs__actor_id")
    calls = conversation.calls.annotate(people=Count(person, distinct=True))
    return calls.order_by("-started_at", "-pk")[:LAST_CALLS]
