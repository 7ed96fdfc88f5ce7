"""Tidying up what nobody looked at.

Nothing has to be swept to be right: whoever reads sees the truth without it. Sweeping closes the
records of calls that everybody vanished from, deletes the rows of dead sessions and of guests who
went with them, tells events whose process died, and deletes signaling messages that expired. Each
batch is a short transaction; several sweepers at once, or one that is killed, do no harm.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from talk_calls.constants import InCallFlag
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.models import Attendee, Call, Conversation, PendingEvent, Session, SignalingMessage
from talk_calls.models.attendees import passing
from talk_calls.services import events, locking
from talk_calls.services.deletion import delete_closed
from talk_calls.signals import CallEnded, CallLeft, SessionClosed

#: Rows that one transaction touches at most.
BATCH = 500

#: Called with how many steps are done, and of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Swept:
    """What a pass did, or would do."""

    calls_ended: int = 0
    legs_ended: int = 0
    sessions_closed: int = 0
    attendees_removed: int = 0
    events_told: int = 0
    messages_deleted: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        """Return the sum of two."""
        mine, theirs = asdict(self), asdict(other)
        return Swept(**{name: mine[name] + theirs[name] for name in mine})


def sweep(*, now: datetime, progress: Progress = lambda done, total: None) -> Swept:
    """Tidy everything once; return what was done."""
    unsettled = _unsettled(now)
    dead = _dead(now).count()
    total = len(unsettled) + dead
    swept = Swept()
    for done, conversation_id in enumerate(unsettled):
        progress(done, total)
        swept += _settle(conversation_id, now)
    # Settling made some of the in-call sessions dead ones.
    for batch in _batches(_dead(now)):
        swept += _close(batch, now)
        progress(min(len(unsettled) + swept.sessions_closed, total), total)
    told = sum(events.tell_pending(conversation_id) for conversation_id in events.overdue(now))
    progress(total, total)
    return replace(swept, events_told=told, messages_deleted=delete_messages(now))


@retried
def delete_messages(now: datetime) -> int:
    """Delete expired signaling messages; return how many."""
    deleted, _ = SignalingMessage.objects.expired(now).delete()
    return deleted


def preview(*, now: datetime) -> Swept:
    """Return what ``sweep`` would do, and do nothing."""
    vanished = Session.objects.vanished_from_call(now)
    dead = Session.objects.dead(now)
    staying = Session.objects.present(now).filter(attendee=OuterRef("attendee"))
    guests = (
        dead.filter(passing("attendee__")).exclude(Exists(staying)).values("attendee").distinct()
    )
    overdue = PendingEvent.objects.filter(created_at__lt=now - events.OVERDUE)
    return Swept(
        calls_ended=_deserted(now).count(),
        legs_ended=vanished.count(),
        sessions_closed=dead.count(),
        attendees_removed=guests.count(),
        events_told=overdue.count(),
        messages_deleted=SignalingMessage.objects.expired(now).count(),
    )


def _deserted(now: datetime) -> QuerySet[Call]:
    """Return open calls that nobody is in."""
    live = Session.objects.live_in_call(now).filter(conversation=OuterRef("conversation"))
    return Call.objects.filter(~Exists(live), ended_at=None)


def _dead(now: datetime) -> QuerySet[Session]:
    return Session.objects.dead(now).filter(in_call=InCallFlag.DISCONNECTED)


def _unsettled(now: datetime) -> list[int]:
    """Return the conversations whose records are behind the truth."""
    vanished = Session.objects.vanished_from_call(now)
    with_vanished = vanished.values_list("conversation", flat=True).distinct()
    return sorted({*with_vanished, *_deserted(now).values_list("conversation", flat=True)})


def _settle(conversation_id: int, now: datetime) -> Swept:
    kinds = [type(event) for event in locking.settle(conversation_id, now=now)]
    return Swept(calls_ended=kinds.count(CallEnded), legs_ended=kinds.count(CallLeft))


def _batches(sessions: QuerySet[Session]) -> Iterator[list[int]]:
    """Walk along the primary key, so that each row is looked at once."""
    last = 0
    while batch := list(
        sessions.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        yield batch
        last = batch[-1]


@retried
@transactions.atomic()
def _close(primary_keys: list[int], now: datetime) -> Swept:
    """Delete dead sessions, and the attendees who were only passing.

    A session that somebody else holds, or whose conversation is busy, waits for the next pass.
    """
    doomed = _dead(now).filter(pk__in=primary_keys)
    guests = doomed.filter(passing("attendee__"))
    # A guest may be coming back this moment, and needs its attendee: only under the lock.
    free = _lock(Conversation.objects.filter(pk__in=guests.values("conversation")))
    busy = passing("attendee__") & ~Q(conversation__in=[conversation.pk for conversation in free])
    sessions = _lock(_with_names(doomed.exclude(busy)))
    Session.objects.filter(pk__in=[session.pk for session in sessions]).delete()
    left = Attendee.objects.filter(pk__in=[session.attendee_id for session in sessions])
    gone = left.filter(passing(), sessions=None)
    removed = list(gone.values_list("pk", flat=True))
    delete_closed(Attendee.objects.filter(pk__in=removed))
    if events.is_heard(SessionClosed):
        events.emit([_closed(session, now) for session in sessions], now=now)
    return Swept(sessions_closed=len(sessions), attendees_removed=len(removed))


def _with_names(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Load what a ``SessionClosed`` tells, if anybody listens."""
    if not events.is_heard(SessionClosed):
        return sessions.only("attendee_id")
    return sessions.select_related("attendee__user", "conversation")


def _closed(session: Session, now: datetime) -> SessionClosed:
    return SessionClosed(
        conversation_id=session.conversation_id,
        token=session.conversation.token,
        at=now,
        session_key=session.key,
        **locking.identity(session.attendee),
    )


def _lock(rows: QuerySet[Any]) -> list[Any]:
    """Return the rows that nobody else holds, held until the transaction ends."""
    if not transactions.connection().features.has_select_for_update_skip_locked:
        return list(rows)  # SQLite: a transaction holds everything
    return list(rows.order_by("pk").select_for_update(skip_locked=True, of=("self",)))
