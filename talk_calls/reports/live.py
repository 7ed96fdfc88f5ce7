"""Calls that are running now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from talk_calls.constants import LegReason
from talk_calls.host import accounts
from talk_calls.models import Call, CallLeg, Session
from talk_calls.models.calls import PERSON
from talk_calls.reports.formatting import number_text

#: How far ``day_totals`` looks back.
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayTotals:
    """Of the calls that began within a day: how many, of how many people, and who vanished.

    ``timeouts`` is how many times a device stopped pinging, as far as that is stored.
    """

    calls: int
    people: int
    timeouts: int


@dataclass(frozen=True, slots=True)
class LiveTotals:
    """How many calls are running, how many attendees are in them, and on how many devices."""

    calls: int
    people: int
    devices: int

    @property
    def sentence(self) -> str:
        """Return the text of Talk's command (behaviour 11.1), with a correct singular."""
        if not self.calls:
            return _("No calls in progress")
        people = ngettext("{number} participant", "{number} participants", self.people)
        text = ngettext(
            "There is currently {calls} call in progress with {people}",
            "There are currently {calls} calls in progress with {people}",
            self.calls,
        )
        return text.format(
            calls=number_text(self.calls), people=people.format(number=number_text(self.people))
        )


def live_totals(now: datetime) -> LiveTotals:
    """Return the totals of all calls that are running at ``now``; one query.

    Sessions that are live in a call always have an open one, so only sessions are counted.
    """
    totals = Session.objects.live_in_call(now).aggregate(
        calls=Count("conversation", distinct=True),
        people=Count("attendee", distinct=True),
        devices=Count("pk"),
    )
    return LiveTotals(**totals)


def day_totals(now: datetime) -> DayTotals:
    """Return the totals of the day before ``now``; two queries."""
    begun = Call.objects.filter(started_at__gte=now - DAY)
    legs = CallLeg.objects.filter(call__in=begun.order_by().values("pk")).order_by()
    totals = legs.aggregate(
        people=Count(PERSON, distinct=True),
        timeouts=Count("pk", filter=Q(reason=LegReason.TIMEOUT)),
    )
    return DayTotals(calls=begun.count(), **totals)


def calls_with_flag(calls: QuerySet[Call], flag: int, now: datetime) -> QuerySet[Call]:
    """Keep calls in which a live session has this in-call flag."""
    sessions = Session.objects.live_in_call(now).alias(sent=F("in_call").bitand(flag))
    here = sessions.filter(sent__gt=0, conversation=OuterRef("conversation"))
    return calls.filter(Exists(here))


def search_live_calls(calls: QuerySet[Call], text: str, now: datetime) -> QuerySet[Call]:
    """Keep calls with ``text`` in the conversation's name or token, or in a participant's name.

    Participants are those who are in now, by display name, user name, e-mail address or user id.
    """
    named = Q(attendee__display_name__icontains=text)
    for field in accounts.search_fields("attendee__user__"):
        named |= Q(**{f"{field}__icontains": text})
    here = Session.objects.live_in_call(now).filter(named, conversation=OuterRef("conversation"))
    where = Q(conversation__name__icontains=text) | Q(conversation__token__icontains=text)
    return calls.filter(where | Exists(here))
