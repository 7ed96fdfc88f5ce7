"""How many people are in calls, as far as a viewer may know."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, FilteredRelation, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from talk_calls import policies
from talk_calls.host.actors import Actor
from talk_calls.models import Attendee, Conversation, Session


@dataclass(frozen=True, slots=True)
class Presence:
    """A conversation that the viewer may see.

    ``people`` is how many different people are in its call; 0 for a viewer whom the lobby or a
    password keeps out, who does not learn of the call in the API either (behaviour 6.3).
    """

    conversation: Conversation
    people: int


def visible(conversations: QuerySet[Conversation], viewer: Actor, now: datetime) -> list[Presence]:
    """Return those conversations that the viewer may see; one query, however many there are.

    That is the rule by which the API shows a conversation. The others are left out, as if they did
    not exist, and those from which a user is banned.
    """
    here = Session.objects.live_in_call(now).filter(conversation=OuterRef("pk")).order_by()
    total = here.values("conversation").annotate(n=Count("attendee", distinct=True)).values("n")
    rows = conversations.annotate(people=Coalesce(Subquery(total, output_field=IntegerField()), 0))
    if viewer.user is not None:
        own = FilteredRelation("attendees", condition=Q(attendees__user=viewer.user))
        rows = rows.annotate(own=own).select_related("own")  # type: ignore[misc] # annotated
        rows = rows.exclude(bans__user=viewer.user)
    found = [(row, _own_attendee(row, viewer)) for row in rows]
    return [
        Presence(row, _people(row, attendee, now))
        for row, attendee in found
        if policies.is_visible(row, attendee, is_user=viewer.is_user)
    ]


def _own_attendee(row: Conversation, viewer: Actor) -> Attendee | None:
    # Django sets no attribute for a joined relation without a row.
    attendee: Attendee | None = getattr(row, "own", None)
    if attendee is not None:
        attendee.user = viewer.user  # loaded already
    return attendee


def _people(row: Conversation, attendee: Attendee | None, now: datetime) -> int:
    people: int = row.people  # type: ignore[attr-defined] # annotated
    if attendee is None and policies.needs_password(row, None) and not policies.is_listed(row):
        return 0
    situation = policies.Situation(row, attendee, None, has_call=bool(people), now=now)
    return 0 if policies.is_past_lobby(situation) else people
