"""What goes on now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from talk_calls.conf import conf
from talk_calls.models import Session
from talk_calls.reports.words import counted


@dataclass(frozen=True, slots=True)
class Live:
    """How many calls go on, how many attendees are in them, and on how many devices."""

    calls: int
    people: int
    devices: int

    @property
    def sentence(self) -> str:
        """Return it as Talk's own command says it (behaviour 11.1), in good English for one."""
        if not self.calls:
            return "No calls in progress"
        verb = "is" if self.calls == 1 else "are"
        people = counted(self.people, "participant")
        return f"There {verb} currently {counted(self.calls, 'call')} in progress with {people}"


def live(now: datetime) -> Live:
    """Return the totals of all calls that go on at ``now``; one query.

    Whoever is live in a call has an open one, so nobody needs to look for it.
    """
    totals = Session.objects.live_in_call(now).aggregate(
        calls=Count("conversation", distinct=True),
        people=Count("attendee", distinct=True),
        devices=Count("pk"),
    )
    return Live(**totals)


def calls_sending(calls: QuerySet[Any], flag: int, now: datetime) -> QuerySet[Any]:
    """Keep calls in which somebody live has this in-call flag."""
    sessions = Session.objects.live_in_call(now).alias(sent=F("in_call").bitand(flag))
    here = sessions.filter(sent__gt=0, conversation=OuterRef("conversation"))
    return calls.filter(Exists(here))


def calls_about(calls: QuerySet[Any], words: str, now: datetime) -> QuerySet[Any]:
    """Keep calls with these words in name or token of the conversation, or in a name of who is in.

    That is the name that is shown, or the one by which clients know a user.
    """
    known_as = f"attendee__user__{conf.directory.user_id_path()}__icontains"
    named = Q(attendee__display_name__icontains=words) | Q(**{known_as: words})
    here = Session.objects.live_in_call(now).filter(named, conversation=OuterRef("conversation"))
    where = Q(conversation__name__icontains=words) | Q(conversation__token__icontains=words)
    return calls.filter(where | Exists(here))
