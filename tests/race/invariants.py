"""What must be true whatever happened: each returns what contradicts it.

Those of ``ALWAYS`` hold in every snapshot of the database, those of ``IN_THE_END`` once everybody
is gone and a sweeper has run, those of ``PROMISED`` compare with what clients were told.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Max, Min, Q

from talk_calls import clock
from talk_calls.conf import conf
from talk_calls.constants import LegReason
from talk_calls.models import Call, CallLeg, PendingEvent, Session
from tests.race.apps import PING_INTERVAL
from tests.race.clients import Witness
from tests.race.models import CallRecord, EventRecord
from tests.race.spans import Span, overlaps

#: How far our clock and the site's may be apart.
_CLOCKS = timedelta(seconds=0.2)


def one_open_call_per_conversation() -> list[str]:
    """A constraint, and still worth a look."""
    open_calls = Call.objects.filter(ended_at=None).order_by().values("conversation")
    doubled = open_calls.annotate(n=Count("pk")).filter(n__gt=1)
    return [f"{row['n']} open calls in conversation {row['conversation']}" for row in doubled]


def sessions_in_call_and_open_legs_agree() -> list[str]:
    """Whoever is in a call has one open leg, in the open call of its conversation; nobody else."""
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
    """No non-moderator is in behind a lobby, nobody in a locked conversation."""
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


def open_calls_have_somebody_in() -> list[str]:
    """A call without an open leg has ended."""
    deserted = Call.objects.filter(ended_at=None).exclude(legs__left_at=None)
    return [f"call {call.pk} is open without an open leg" for call in deserted]


def every_call_is_told_once() -> list[str]:
    """Each has one start and one end among the records."""
    records: Counter[Any] = Counter(CallRecord.objects.values_list("call_id", "kind"))
    return [
        f"call {pk} of {name}: {records[pk, kind]} × {kind}"
        for pk, name in Call.objects.values_list("pk", "conversation_name")
        for kind in ("CallStarted", "CallEnded")
        if records[pk, kind] != 1
    ]


def nothing_is_told_of_no_call() -> list[str]:
    """What was rolled back was not told."""
    known = Call.objects.values("pk")
    unknown = CallRecord.objects.exclude(call_id__in=known)
    return [str(record) for record in unknown]


def calls_are_told_in_order() -> list[str]:
    """In each conversation: start, end, start, end, of one call after the other."""
    told: dict[int, list[tuple[int, int]]] = defaultdict(list)
    order = {"CallStarted": 0, "CallEnded": 1}
    for record in CallRecord.objects.order_by("pk"):
        told[record.conversation_id].append((record.call_id, order[record.kind]))
    return [
        f"in conversation {conversation}: {events}"
        for conversation, events in told.items()
        if events != sorted(events)
    ]


def other_events_are_told_at_most_once() -> list[str]:
    """Nobody joins or leaves more often than there are legs."""
    legs = Counter(CallLeg.objects.values_list("call_id", "session_key"))
    rows = EventRecord.objects.filter(kind__in=("CallJoined", "CallLeft"))
    told = Counter(rows.values_list("kind", "call_id", "session_key"))
    return [
        f"{count} × {kind} of session {key} in call {call}, with {legs[call, key]} legs"
        for (kind, call, key), count in told.items()
        if call is not None and count > legs[call, key]
    ]


def no_event_waits() -> list[str]:
    """All that was kept was told."""
    return [f"{event} {event.payload}" for event in PendingEvent.objects.all()]


def legs_of_a_session_do_not_overlap() -> list[str]:
    """A device is in once at a time, and for no negative time."""
    legs: dict[str, list[Span]] = defaultdict(list)
    for leg in CallLeg.objects.all():
        legs[leg.session_key].append(Span(leg.joined_at, leg.left_at, f"leg {leg.pk}"))
    return [
        *(f"{span} is negative" for spans in legs.values() for span in spans if span.is_backward),
        *(f"{one} and {other}" for spans in legs.values() for one, other in overlaps(spans)),
    ]


def legs_lie_within_their_call() -> list[str]:
    """Nobody is in before a call begins, or after it ended."""
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


def every_end_has_a_reason() -> list[str]:
    """A constraint too; and nothing is open."""
    legs = CallLeg.objects.filter(Q(reason="") | Q(left_at=None))
    calls = Call.objects.filter(Q(end_reason="") | Q(ended_at=None))
    return [f"{thing._meta.model_name} {thing.pk}" for thing in (*legs, *calls)]


def no_session_outlives_its_time() -> list[str]:
    """The sweeper deletes what is dead."""
    dead = Session.objects.dead(clock.now())
    return [f"session {session.pk}, last ping {session.last_ping}" for session in dead]


def acknowledged_joins_have_a_leg(witness: Witness) -> list[str]:
    """Whoever was told to be in was in at some moment between question and answer."""
    legs: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for leg in CallLeg.objects.select_related("call"):
        span = Span(leg.joined_at, leg.left_at)
        name = leg.call.conversation_name
        legs[name, leg.session_key].append(span)
        legs[name, leg.actor_id].append(span)
    return [
        str(join)
        for join in witness.joins
        if not any(
            span.covers(join.sent - _CLOCKS, join.answered + _CLOCKS)
            for who in ([join.who] if join.who else join.keys)
            for span in legs[join.conversation, who]
        )
    ]


def acknowledged_pings_count(witness: Witness) -> list[str]:
    """Nobody times out earlier than the last ping allows that came in time."""
    timed_out: dict[str, list[CallLeg]] = defaultdict(list)
    for leg in CallLeg.objects.filter(reason=LegReason.TIMEOUT):
        timed_out[leg.session_key].append(leg)
    least = conf.session_timeout - PING_INTERVAL
    return [
        f"{ping}, and leg {leg.pk} timed out at {leg.left_at}"
        for ping in witness.pings
        for leg in timed_out[ping.key]
        if leg.left_at
        and leg.joined_at <= ping.at
        and ping.stored + _CLOCKS <= leg.left_at < ping.at + least
    ]


ALWAYS: tuple[Callable[[], list[str]], ...] = (
    one_open_call_per_conversation,
    sessions_in_call_and_open_legs_agree,
    open_calls_have_somebody_in,
    everybody_in_call_may_be_there,
)
IN_THE_END: tuple[Callable[[], list[str]], ...] = (
    every_call_is_told_once,
    nothing_is_told_of_no_call,
    calls_are_told_in_order,
    other_events_are_told_at_most_once,
    no_event_waits,
    legs_of_a_session_do_not_overlap,
    legs_lie_within_their_call,
    calls_begin_and_end_with_their_legs,
    calls_of_a_conversation_do_not_overlap,
    every_end_has_a_reason,
    no_session_outlives_its_time,
)
PROMISED: tuple[Callable[[Witness], list[str]], ...] = (
    acknowledged_joins_have_a_leg,
    acknowledged_pings_count,
)

#: Violations by the name of the invariant.
Violations = dict[str, list[str]]


def check_snapshot() -> Violations:
    """Check what always holds, all on the same snapshot."""
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return {check.__name__: check() for check in ALWAYS}
    finally:
        connection.close()  # it may be the last thing that this thread does


def check_in_the_end(witness: Witness) -> Violations:
    """Check everything."""
    return {
        **{check.__name__: check() for check in (*ALWAYS, *IN_THE_END)},
        **{check.__name__: check(witness) for check in PROMISED},
    }
