"""What goes on now."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef

from talk_calls.models import Call, Session
from talk_calls.reports.words import counted


@dataclass(frozen=True, slots=True)
class Live:
    """How many calls go on, how many attendees are in them, and on how many devices."""

    calls: int
    people: int
    devices: int

    @property
    def sentence(self) -> str:
        """Return it as Talk's own command says it (talk-api.md 11.1), in good English for one."""
        if not self.calls:
            return "No calls in progress"
        verb = "is" if self.calls == 1 else "are"
        people = counted(self.people, "participant")
        return f"There {verb} currently {counted(self.calls, 'call')} in progress with {people}"


def live(now: datetime) -> Live:
    """Return the totals of all calls that go on at ``now``; one query."""
    open_call = Call.objects.filter(conversation=OuterRef("conversation"), ended_at=None)
    return Live(
        **Session.objects.live_in_call(now)
        .filter(Exists(open_call))
        .aggregate(
            calls=Count("conversation", distinct=True),
            people=Count("attendee", distinct=True),
            devices=Count("pk"),
        )
    )
