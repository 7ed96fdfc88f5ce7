"""Show one call in detail."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from talk_calls.constants import ActorType
from talk_calls.host import clock
from talk_calls.management.base import OperatorCommand, failure
from talk_calls.management.limits import Limited, add_limit_argument
from talk_calls.management.lookups import get_conversation
from talk_calls.management.tables import Key, Sentence, cell, pairs, table
from talk_calls.management.texts import lazy as _
from talk_calls.models import Call, Conversation
from talk_calls.reports.exports import call_facts
from talk_calls.reports.formatting import datetime_text, media_text
from talk_calls.reports.timeline import Timeline, TimelineLeg, build_timeline

#: Characters of a bar that is as long as the call.
_BAR = 30

_WHEN = _("when")


class Command(OperatorCommand):
    """``manage.py talk_call TOKEN``."""

    help = _(
        "Show one call: who was in, from when to when, and why they left. For a conversation it is "
        "the running call, or else the last one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("call", help=_("the token of a conversation, or the number of a call"))
        add_limit_argument(parser, _("how many rows the table has at most; JSON has all"))
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        timeline = build_timeline(_call(options["call"]), clock.now())
        self.answer(call_facts(timeline), _lines(timeline, options["limit"]))


def _call(token_or_number: str) -> Call:
    """Return the call. Digits are a token if there is such a conversation, else a number."""
    calls = Call.objects.select_related("conversation")
    conversation = Conversation.objects.filter(token=token_or_number).first()
    if conversation is None and token_or_number.isdecimal():
        call = calls.filter(pk=int(token_or_number)).first()
        if call is None:
            message = _("There is no call {number}.").format(number=token_or_number)
            raise failure(message, _("talk_history shows the latest calls."))
        return call
    last = calls.filter(conversation=conversation or get_conversation(token_or_number)).first()
    if last is None:
        raise failure(_("There was no call in {token!r} yet.").format(token=token_or_number))
    return last


def _lines(timeline: Timeline, limit: int) -> list[str]:
    legs = Limited(timeline.legs[:limit], max(0, len(timeline.legs) - limit))
    headings = [
        *(_("who"), _("as"), _("device"), _("joined"), _("left"), _("for"), _("why")),
        *(_("media"), _WHEN),
    ]
    rows = [_row(each, timeline) for each in legs.rows]
    expendable = (_WHEN, _("as"), _("media"), _("device"))
    return [
        *pairs(_facts(timeline)),
        "",
        *table(headings, rows, expendable=expendable),
        *legs.lines,
    ]


def _facts(timeline: Timeline) -> dict[str, object]:
    call = timeline.call
    people = _("{count}, at most {peak} at the same time")
    facts: dict[str, object] = {
        _("Call"): Key(call.pk),
        _("Conversation"): Sentence(f"{cell(timeline.name)} ({timeline.token or _('deleted')})"),
        _("Started"): _at_and_by(call.started_at, timeline.started_by),
        _("Ended"): timeline.ended_at and _at_and_by(timeline.ended_at, timeline.ended_by),
        _("Why"): timeline.reason_text,
        _("Duration"): timeline.duration,
        _("People"): people.format(count=timeline.people, peak=timeline.peak),
        _("Media"): media_text(call.flags),
        _("Resumes"): call.resumes_id and _("call {number}").format(number=call.resumes_id),
    }
    if call.signaling_server:
        facts[_("Signaling")] = call.signaling_server
    return facts


def _at_and_by(at: datetime, who: str) -> Sentence:
    return Sentence(_("{time}, by {name}").format(time=datetime_text(at), name=cell(who)))


def _row(leg: TimelineLeg, timeline: Timeline) -> list[object]:
    return [
        leg.who,
        ActorType(leg.actor_type).label,
        leg.device,
        leg.joined_at,
        leg.left_at,
        leg.duration(timeline.now),
        leg.reason_text,
        media_text(leg.flags),
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
