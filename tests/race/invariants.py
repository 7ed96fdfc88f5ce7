"""What must be true whatever happened; each function returns descriptions of violations.

Those of ``ALWAYS`` hold in every snapshot of the database, those of ``IN_THE_END`` when all
sessions are expired and a sweeper has run, those of ``ACKNOWLEDGED`` compare with responses.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Max, Min, Q

from talk_calls.conf import conf
from talk_calls.constants import LegReason
from talk_calls.host import clock
from talk_calls.models import Call, CallLeg, OutboxEvent, Session
from tests import call_messages
from tests.race.apps import PING_INTERVAL
from tests.race.models import CallRecord, EventRecord
from tests.race.observer import Observer
from tests.race.spans import Span, overlaps
from tests.race.stories import Leg, Story

#: Greatest difference between the harness's clock and the site's.
_CLOCKS = timedelta(seconds=0.2)


def one_open_call_per_conversation() -> list[str]:
    """A constraint of the database makes sure of it, too."""
    open_calls = Call.objects.filter(ended_at=None).order_by().values("conversation")
    doubled = open_calls.annotate(n=Count("pk")).filter(n__gt=1)
    return [f"{row['n']} open calls in conversation {row['conversation']}" for row in doubled]


def sessions_in_call_and_open_legs_agree() -> list[str]:
    """Each session in a call has one open leg, in the open call; no other session has one."""
    sessions = {session.key: session for session in Session.objects.in_call()}
    legs = list(CallLeg.objects.filter(left_at=None).select_related("call"))
    found = Counter(leg.session_key for leg in legs)
    wrong = [f"{found[key]} open legs of session {key}" for key in sessions if found[key] != 1]
    for leg in legs:
        session = sessions.get(leg.session_key)
        if session is None:
            wrong.append(f"leg {leg.pk} is open, and its session {leg.session_key} is in no call")
        elif leg.call.conversation_id != session.conversation_id or leg.call.ended_at:
            wrong.append(f"leg {leg.pk} is open in call {leg.call_id}, which is not the open one")
    return wrong


def everybody_in_call_may_be_there() -> list[str]:
    """Only moderators are in a call behind a lobby, and nobody is in a locked conversation."""
    now = clock.now()
    sessions = Session.objects.in_call().select_related("attendee", "conversation")
    wrong = []
    for session in sessions:
        attendee, conversation = session.attendee, session.conversation
        who = f"session {session.pk} of {attendee} in {conversation}"
        if attendee.conversation_id != conversation.pk:
            wrong.append(f"{who}: its attendee belongs elsewhere")
        if conversation.is_read_only:
            wrong.append(f"{who}: locked")
        if conversation.has_lobby(now) and not attendee.is_moderator:
            wrong.append(f"{who}: lobby")
    return wrong


def open_calls_have_an_open_leg() -> list[str]:
    """A call without an open leg has ended."""
    empty = Call.objects.filter(ended_at=None).exclude(legs__left_at=None)
    return [f"call {call.pk} is open without an open leg" for call in empty]


def start_and_end_of_a_call_are_sent_once() -> list[str]:
    """Each call has one start and one end among the records."""
    records: Counter[Any] = Counter(CallRecord.objects.values_list("call_id", "kind"))
    return [
        f"call {pk} of {name}: {records[pk, kind]} × {kind}"
        for pk, name in Call.objects.values_list("pk", "conversation_name")
        for kind in ("CallStarted", "CallEnded")
        if records[pk, kind] != 1
    ]


def no_event_of_an_unknown_call_is_sent() -> list[str]:
    """Events of calls that were rolled back are not sent."""
    known = Call.objects.values("pk")
    unknown = CallRecord.objects.exclude(call_id__in=known)
    return [str(record) for record in unknown]


def call_events_are_sent_in_order() -> list[str]:
    """Each conversation has start and end of one call after the other."""
    sent: dict[int, list[tuple[int, int]]] = defaultdict(list)
    order = {"CallStarted": 0, "CallEnded": 1}
    for record in CallRecord.objects.order_by("pk"):
        sent[record.conversation_id].append((record.call_id, order[record.kind]))
    return [
        f"in conversation {conversation}: {events}"
        for conversation, events in sent.items()
        if events != sorted(events)
    ]


def other_events_are_sent_at_most_once() -> list[str]:
    """There are no more joins and leaves than legs."""
    legs = Counter(CallLeg.objects.values_list("call_id", "session_key"))
    rows = EventRecord.objects.filter(kind__in=("CallJoined", "CallLeft"))
    sent = Counter(rows.values_list("kind", "call_id", "session_key"))
    return [
        f"{count} × {kind} of session {key} in call {call}, with {legs[call, key]} legs"
        for (kind, call, key), count in sent.items()
        if call is not None and count > legs[call, key]
    ]


def no_event_is_pending() -> list[str]:
    """Receivers of signals got all events that were stored for them."""
    return [f"{event} {event.payload}" for event in OutboxEvent.objects.for_receivers()]


def stored_events_tell_all_calls_and_legs_in_order() -> list[str]:
    """What webhooks get is the history of each conversation: every call and leg, in order."""
    rows = OutboxEvent.objects.order_by("conversation_id", "pk")
    stories = [
        Story(conversation, list(events))
        for conversation, events in groupby(rows, key=attrgetter("conversation_id"))
    ]
    told = {call for story in stories for call in story.calls}
    untold = set(Call.objects.values_list("pk", flat=True)) ^ told
    legs: dict[int, list[Leg]] = defaultdict(list)
    for leg in CallLeg.objects.order_by("pk"):
        legs[leg.call_id].append(Leg(leg.call_id, leg.session_key, leg.reason))
    return [
        *(f"call {pk} is told or stored only" for pk in untold),
        *(error for story in stories for error in story.errors),
        *(
            f"conversation {story.conversation_id} is told as {story.legs}"
            for story in stories
            if story.legs != [leg for call in story.calls for leg in legs[call]]
        ),
    ]


def legs_of_a_session_do_not_overlap() -> list[str]:
    """A session is in a call once at a time, and no leg has a negative duration."""
    legs: dict[str, list[Span]] = defaultdict(list)
    for leg in CallLeg.objects.all():
        legs[leg.session_key].append(Span(leg.joined_at, leg.left_at, f"leg {leg.pk}"))
    return [
        *(f"{span} is negative" for spans in legs.values() for span in spans if span.is_negative),
        *(f"{one} and {other}" for spans in legs.values() for one, other in overlaps(spans)),
    ]


def legs_lie_within_their_call() -> list[str]:
    """No leg begins before its call, or ends after it."""
    return [
        f"leg {leg.pk}, {leg.joined_at} to {leg.left_at}, in call {leg.call.pk}, "
        f"{leg.call.started_at} to {leg.call.ended_at}"
        for leg in CallLeg.objects.select_related("call")
        if not Span(leg.joined_at, leg.left_at).is_within(
            Span(leg.call.started_at, leg.call.ended_at)
        )
    ]


def calls_begin_and_end_with_their_legs() -> list[str]:
    """A call lasts from the first join to the last leave."""
    calls = Call.objects.annotate(first=Min("legs__joined_at"), last=Max("legs__left_at"))
    off = calls.exclude(started_at=F("first"), ended_at=F("last"))
    return [
        f"call {call.pk}, {call.started_at} to {call.ended_at}, has legs from {call.first} "
        f"to {call.last}"
        for call in off.filter(ended_at__isnull=False)
    ]


def calls_of_a_conversation_do_not_overlap() -> list[str]:
    """One ends before the next begins."""
    calls: dict[str, list[Span]] = defaultdict(list)
    for call in Call.objects.all():
        span = Span(call.started_at, call.ended_at, f"call {call.pk}")
        calls[call.conversation_name].append(span)
    return [f"{one} and {other}" for spans in calls.values() for one, other in overlaps(spans)]


def messages_agree_with_calls() -> list[str]:
    """By their ids, the messages of a conversation tell of its calls one after the other."""
    return call_messages.disagreements()


def every_end_has_a_reason() -> list[str]:
    """Nothing is open; a constraint of the database makes sure of the reason, too."""
    legs = CallLeg.objects.filter(Q(reason="") | Q(left_at=None))
    calls = Call.objects.filter(Q(end_reason="") | Q(ended_at=None))
    return [f"{thing._meta.model_name} {thing.pk}" for thing in (*legs, *calls)]


def no_expired_session_is_left() -> list[str]:
    """The sweeper deletes expired sessions."""
    expired = Session.objects.expired(clock.now())
    return [f"session {session.pk}, last ping {session.last_ping}" for session in expired]


def acknowledged_joins_have_a_leg(observer: Observer) -> list[str]:
    """The session was in the call at some moment between request and response."""
    legs: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for leg in CallLeg.objects.select_related("call"):
        span = Span(leg.joined_at, leg.left_at)
        name = leg.call.conversation_name
        legs[name, leg.session_key].append(span)
        legs[name, leg.actor_id].append(span)
    return [
        str(join)
        for join in observer.joins
        if not any(
            span.covers(join.sent - _CLOCKS, join.answered + _CLOCKS)
            for who in ([join.username] if join.username else join.keys)
            for span in legs[join.conversation, who]
        )
    ]


def acknowledged_pings_prevent_timeouts(observer: Observer) -> list[str]:
    """No session times out earlier than its last acknowledged ping allows."""
    timed_out: dict[str, list[CallLeg]] = defaultdict(list)
    for leg in CallLeg.objects.filter(reason=LegReason.TIMEOUT):
        timed_out[leg.session_key].append(leg)
    least = conf.session_timeout - PING_INTERVAL
    return [
        f"{ping}, and leg {leg.pk} timed out at {leg.left_at}"
        for ping in observer.pings
        for leg in timed_out[ping.key]
        if leg.left_at
        and leg.joined_at <= ping.at
        and ping.stored + _CLOCKS <= leg.left_at < ping.at + least
    ]


ALWAYS: tuple[Callable[[], list[str]], ...] = (
    one_open_call_per_conversation,
    sessions_in_call_and_open_legs_agree,
    open_calls_have_an_open_leg,
    everybody_in_call_may_be_there,
)
IN_THE_END: tuple[Callable[[], list[str]], ...] = (
    start_and_end_of_a_call_are_sent_once,
    no_event_of_an_unknown_call_is_sent,
    call_events_are_sent_in_order,
    other_events_are_sent_at_most_once,
    no_event_is_pending,
    stored_events_tell_all_calls_and_legs_in_order,
    legs_of_a_session_do_not_overlap,
    legs_lie_within_their_call,
    calls_begin_and_end_with_their_legs,
    calls_of_a_conversation_do_not_overlap,
    messages_agree_with_calls,
    every_end_has_a_reason,
    no_expired_session_is_left,
)
ACKNOWLEDGED: tuple[Callable[[Observer], list[str]], ...] = (
    acknowledged_joins_have_a_leg,
    acknowledged_pings_prevent_timeouts,
)

#: Violations by the name of the invariant.
Violations = dict[str, list[str]]


def check_snapshot() -> Violations:
    """Check ``ALWAYS`` on one snapshot."""
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return {check.__name__: check() for check in ALWAYS}
    finally:
        connection.close()  # this thread may never run again


def check_everything(observer: Observer) -> Violations:
    """Check all invariants."""
    return {
        **{check.__name__: check() for check in (*ALWAYS, *IN_THE_END)},
        **{check.__name__: check(observer) for check in ACKNOWLEDGED},
    }
