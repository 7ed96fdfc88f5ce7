"""Show one call in detail."""

from argparse import ArgumentParser
from typing import Any

from talk_calls.constants import ActorType
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand, failure
from talk_calls.management.lookups import get_conversation
from talk_calls.management.tables import Key, Sentence, cell, table
from talk_calls.models import Call, Conversation
from talk_calls.reports.exports import call_facts
from talk_calls.reports.formatting import media_names
from talk_calls.reports.timeline import Timeline, TimelineLeg, build_timeline

#: Characters of a bar that is as long as the call.
_BAR = 30


class Command(OperatorCommand):
    """``manage.py talk_call TOKEN``."""

    help = (
        "Show one call: who was in, from when to when, and why they left. For a conversation it is "
        "the running call, or else the last one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("call", help="the token of a conversation, or the number of a call")
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        timeline = build_timeline(_call(options["call"]), clock.now())
        self.answer(call_facts(timeline), _lines(timeline))


def _call(token_or_number: str) -> Call:
    """Return the call. Digits are a token if there is such a conversation, else a number."""
    calls = Call.objects.select_related("conversation")
    conversation = Conversation.objects.filter(token=token_or_number).first()
    if conversation is None and token_or_number.isdecimal():
        call = calls.filter(pk=int(token_or_number)).first()
        if call is None:
            raise failure(
                f"There is no call {token_or_number}.", "talk_history shows the latest calls."
            )
        return call
    last = calls.filter(conversation=conversation or get_conversation(token_or_number)).first()
    if last is None:
        raise failure(f"There was no call in {token_or_number!r} yet.")
    return last


def _lines(timeline: Timeline) -> list[str]:
    facts = {
        "Call": Key(timeline.call.pk),
        "Conversation": Sentence(f"{cell(timeline.name)} ({timeline.token or 'deleted'})"),
        "Started": Sentence(f"{cell(timeline.call.started_at)}, by {cell(timeline.started_by)}"),
        "Ended": Sentence(f"{cell(timeline.ended_at)}, by {cell(timeline.ended_by)}")
        if timeline.ended_at
        else None,
        "Why": timeline.reason_text,
        "Duration": timeline.duration,
        "People": f"{timeline.people}, at most {timeline.peak} at the same time",
        "Media": ", ".join(media_names(timeline.call.flags)),
        "Resumes": f"call {timeline.call.resumes_id}" if timeline.call.resumes_id else None,
    }
    if timeline.call.signaling_server:
        facts["Signaling"] = timeline.call.signaling_server
    lines = [f"{name + ':':<14}{cell(value)}" for name, value in facts.items()]
    headings = ("who", "as", "device", "joined", "left", "for", "why", "media", "when")
    return [*lines, "", *table(headings, [_row(each, timeline) for each in timeline.legs])]


def _row(leg: TimelineLeg, timeline: Timeline) -> list[object]:
    return [
        leg.who,
        ActorType(leg.actor_type).label,
        leg.device,
        leg.joined_at,
        leg.left_at,
        leg.duration(timeline.now),
        leg.reason_text,
        ", ".join(media_names(leg.flags)),
        _bar(leg, timeline),
    ]


def _bar(leg: TimelineLeg, timeline: Timeline) -> str:
    """Return a line as long as the call, with a bar while the device was in."""
    whole = timeline.duration.total_seconds() or 1
    before = (leg.joined_at - timeline.call.started_at).total_seconds()
    start = min(_BAR - 1, int(before / whole * _BAR))
    length = max(1, round(leg.duration(timeline.now).total_seconds() / whole * _BAR))
    bar = "." * start + "#" * min(length, _BAR - start)
    return f"|{bar:.<{_BAR}}|"
