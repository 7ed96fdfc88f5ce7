"""``manage.py talk_call``: one call in detail."""

from argparse import ArgumentParser
from typing import Any

from talk_calls.constants import ActorType
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand, failure
from talk_calls.management.lookups import conversation_called
from talk_calls.management.tables import Key, cell, table
from talk_calls.models import Call, Conversation
from talk_calls.reports.exports import call_facts
from talk_calls.reports.timeline import Stretch, Timeline, timeline
from talk_calls.reports.words import media

#: Characters of a bar that is as long as the call.
_BAR = 30


class Command(OperatorCommand):
    """Facts, and a table of who was in, from when to when, and why they left."""

    help = (
        "Show one call: of a conversation the one that runs, else the last one; or a call of"
        " history by its number."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which call."""
        parser.add_argument("call", help="the token of a conversation, or the number of a call")
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Show it."""
        told = timeline(_call(options["call"]), clock.now())
        self.answer(call_facts(told), _lines(told), options)


def _call(named: str) -> Call:
    """Return the call that is meant; a token that looks like a number is a token."""
    calls = Call.objects.select_related("conversation")
    conversation = Conversation.objects.filter(token=named).first()
    if conversation is None and named.isdecimal():
        found = calls.filter(pk=int(named)).first()
        if found is None:
            raise failure(f"There is no call {named}.", "talk_history shows the latest calls.")
        return found
    last = calls.filter(conversation=conversation or conversation_called(named)).first()
    if last is None:
        raise failure(f"There was no call in {named!r} yet.")
    return last


def _lines(told: Timeline) -> list[str]:
    facts = {
        "Call": Key(told.call.pk),
        "Conversation": f"{told.name} ({told.token or 'deleted'})",
        "Started": f"{cell(told.call.started_at)}, by {cell(told.started_by)}",
        "Ended": f"{cell(told.ended_at)}, by {cell(told.ended_by)}" if told.ended_at else None,
        "Why": told.why,
        "Duration": told.duration,
        "People": f"{told.people}, at most {told.peak} at the same time",
        "Media": ", ".join(media(told.call.flags)),
        "Resumes": f"call {told.call.resumes_id}" if told.call.resumes_id else None,
    }
    lines = [f"{name + ':':<14}{cell(value)}" for name, value in facts.items()]
    headings = ("who", "as", "device", "joined", "left", "for", "why", "media", "when")
    return [*lines, "", *table(headings, [_row(each, told) for each in told.stretches])]


def _row(stretch: Stretch, told: Timeline) -> list[Any]:
    return [
        stretch.who,
        ActorType(stretch.actor_type).label,
        stretch.device,
        stretch.joined_at,
        stretch.left_at,
        stretch.lasted(told.now),
        stretch.why,
        ", ".join(media(stretch.flags)),
        _bar(stretch, told),
    ]


def _bar(stretch: Stretch, told: Timeline) -> str:
    """Return when in the call it was, as a bar in a line as long as the call."""
    whole = told.duration.total_seconds() or 1
    before = (stretch.joined_at - told.call.started_at).total_seconds()
    start = min(_BAR - 1, int(before / whole * _BAR))
    length = max(1, round(stretch.lasted(told.now).total_seconds() / whole * _BAR))
    bar = "." * start + "#" * min(length, _BAR - start)
    return f"|{bar:.<{_BAR}}|"
