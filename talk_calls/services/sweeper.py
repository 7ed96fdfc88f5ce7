"""Storing what timed out and deleting what expired, where no request did it.

Reads are right without it. A sweep ends the records of calls whose sessions timed out, deletes the
rows of expired sessions and of their guests, sends events whose process was killed, and deletes
expired signaling messages, and why sessions ended. It also notices accounts that were renamed or
deactivated without a signal. Each batch is a short transaction; several sweepers may run at once,
and one that is killed loses nothing.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TypeVar

from django.db.models import Exists, Min, Model, OuterRef, Q, QuerySet

from talk_calls.conf import conf
from talk_calls.constants import ActorType
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.host import clock
from talk_calls.models import Attendee, Call, Conversation, OutboxEvent, Session, SignalingMessage
from talk_calls.models.attendees import passing
from talk_calls.models.outbox import OVERDUE
from talk_calls.services import ended_sessions, events, expiry, groups, locking, outbox, users
from talk_calls.signals import CallEnded, CallLeft, SessionClosed

Row = TypeVar("Row", bound=Model)

#: Rows that one transaction touches at most.
BATCH = 500

#: Attendees whose accounts one sweep compares at most.
ATTENDEES = 2000

#: Groups whose members one sweep reads at most.
GROUPS = 20

#: Called with the number of steps that are done, and of all steps.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Swept:
    """The counts of a sweep, done or previewed.

    The command adds the last ones: ``webhook_events_deleted`` are those that webhooks had
    (``webhooks.retention``), ``servers_told`` are conversations of which signaling servers were
    told (``hpb.sender``), ``days_summarised`` and ``days_finalized`` days of statistics
    (``reports.statistics``), and ``old_`` what is older than history is kept (``retention``).
    """

    calls_ended: int = 0
    legs_ended: int = 0
    sessions_closed: int = 0
    attendees_removed: int = 0
    events_told: int = 0
    messages_deleted: int = 0
    webhook_events_deleted: int = 0
    names_updated: int = 0
    members_added: int = 0
    servers_told: int = 0
    days_summarised: int = 0
    days_finalized: int = 0
    old_calls_deleted: int = 0
    old_legs_deleted: int = 0
    old_messages_deleted: int = 0
    old_entries_deleted: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        """Return the sum of two."""
        mine, theirs = asdict(self), asdict(other)
        return Swept(**{name: mine[name] + theirs[name] for name in mine})


def sweep(*, now: datetime | None = None, progress: Progress = lambda done, total: None) -> Swept:
    """Store and delete everything once; return what was done."""
    now = now or clock.now()
    behind = _behind(now)
    expired = expiry.expired(now).count()
    total = len(behind) + expired
    swept = Swept()
    for done, conversation_id in enumerate(behind):
        progress(done, total)
        swept += _apply_timeouts(conversation_id, now)
    # Some of those that timed out of a call are expired as well.
    for batch in _batches(expiry.expired(now)):
        swept += _close(batch, now)
        progress(min(len(behind) + swept.sessions_closed, total), total)
    events.adopt(now)
    sent = sum(events.send_pending(conversation_id) for conversation_id in events.overdue(now))
    progress(total, total)
    ended_sessions.delete_expired(now)
    swept += _follow_accounts(now)
    return replace(swept, events_told=sent, messages_deleted=delete_messages(now))


@retried
def delete_messages(now: datetime) -> int:
    """Delete expired signaling messages; return how many."""
    deleted, _ = SignalingMessage.objects.expired(now).delete()
    return deleted


def preview(*, now: datetime) -> Swept:
    """Return what ``sweep`` would do, without doing it."""
    timed_out = Session.objects.timed_out(now)
    expired = Session.objects.expired(now)
    staying = Session.objects.present(now).filter(attendee=OuterRef("attendee"))
    guests = (
        expired.filter(passing("attendee__")).exclude(Exists(staying)).values("attendee").distinct()
    )
    overdue = OutboxEvent.objects.overdue(now)
    return Swept(
        calls_ended=timed_out_calls(now).count(),
        legs_ended=timed_out.count(),
        sessions_closed=expired.count() + users.count_deactivated(),
        attendees_removed=guests.count(),
        events_told=overdue.count(),
        messages_deleted=SignalingMessage.objects.expired(now).count(),
        names_updated=len(users.stale_names(_in_turn())),
    )


def timed_out_calls(now: datetime) -> QuerySet[Call]:
    """Return open calls without a session that is live in the call."""
    live = Session.objects.live_in_call(now).filter(conversation=OuterRef("conversation"))
    return Call.objects.filter(~Exists(live), ended_at=None)


def due_since(now: datetime) -> datetime | None:
    """Return since when the oldest row waits for a sweep, None if none does; three queries.

    These are sessions that timed out of a call or expired, and events whose process was killed.
    """
    timed_out = Session.objects.timed_out(now).aggregate(oldest=Min("last_ping"))["oldest"]
    expired = Session.objects.expired(now).aggregate(oldest=Min("last_ping"))["oldest"]
    unsent = OutboxEvent.objects.for_receivers().aggregate(oldest=Min("created_at"))["oldest"]
    moments = [
        oldest + age
        for oldest, age in (
            (timed_out, conf.session_timeout),
            (expired, conf.session_kill),
            (unsent, OVERDUE),
        )
        if oldest is not None and oldest + age < now
    ]
    return min(moments, default=None)


def _follow_accounts(now: datetime) -> Swept:
    """Follow accounts that were changed without a signal, as by ``update()``.

    Deactivated ones all at once; names and groups of some attendees in each sweep.
    """
    attendees = _in_turn()
    return Swept(
        sessions_closed=users.close_deactivated(now=now),
        names_updated=users.update_names(users.stale_names(attendees), now=now),
        members_added=groups.catch_up(_few_groups(attendees), now=now),
    )


def _in_turn() -> list[Attendee]:
    """Return all users and groups if there are few, else ``ATTENDEES`` of them, others each time.

    They are counted and not found by ranges of keys: guests come and go, and leave wide gaps.
    """
    lasting = Attendee.objects.filter(Q(user__isnull=False) | Q(actor_type=ActorType.GROUPS))
    parts = -(-lasting.count() // ATTENDEES)
    first = ATTENDEES * secrets.randbelow(parts or 1)
    return list(lasting.select_related("user").order_by("pk")[first : first + ATTENDEES])


def _few_groups(attendees: list[Attendee]) -> list[Attendee]:
    """Return up to ``GROUPS`` groups of these attendees, others each time."""
    found = [attendee for attendee in attendees if attendee.actor_type == ActorType.GROUPS]
    return secrets.SystemRandom().sample(found, min(GROUPS, len(found)))


def _behind(now: datetime) -> list[int]:
    """Return the conversations with timeouts that are not stored."""
    sessions = Session.objects.timed_out(now)
    conversations = sessions.values_list("conversation", flat=True).distinct()
    return sorted({*conversations, *timed_out_calls(now).values_list("conversation", flat=True)})


def _apply_timeouts(conversation_id: int, now: datetime) -> Swept:
    kinds = [type(event) for event in locking.apply_timeouts(conversation_id, now=now)]
    return Swept(calls_ended=kinds.count(CallEnded), legs_ended=kinds.count(CallLeft))


def _batches(sessions: QuerySet[Session]) -> Iterator[list[int]]:
    """Yield primary keys in ascending order, so that each row is read once."""
    last = 0
    while batch := list(
        sessions.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        yield batch
        last = batch[-1]


@retried
@transactions.atomic()
def _close(primary_keys: list[int], now: datetime) -> Swept:
    """Delete expired sessions, and guests and self-joined users without another session.

    Sessions whose row is locked, or whose conversation is, are left to the next sweep.
    """
    for_webhooks = outbox.wanted()
    is_reported = for_webhooks or events.has_receivers(SessionClosed)
    expired = expiry.expired(now).filter(pk__in=primary_keys)
    # A guest may be joining again right now and needs its attendee, so only under the lock. What is
    # stored for webhooks is in order under the lock alone.
    locked = expired if for_webhooks else expired.filter(passing("attendee__"))
    free = _lock(Conversation.objects.filter(pk__in=locked.values("conversation")))
    busy = ~Q(conversation__in=[conversation.pk for conversation in free])
    busy = busy if for_webhooks else busy & passing("attendee__")
    sessions = _lock(expiry.with_names(expired.exclude(busy), is_reported))
    removed = expiry.delete(sessions, now=now)
    if is_reported:
        events.emit(expiry.closed(sessions), now=now, for_webhooks=for_webhooks)
    return Swept(sessions_closed=len(sessions), attendees_removed=removed)


def _lock(rows: QuerySet[Row]) -> list[Row]:
    """Lock the rows that no other transaction has locked; return them."""
    if not transactions.connection().features.has_select_for_update_skip_locked:
        return list(rows)  # SQLite: a transaction locks everything
    return list(rows.order_by("pk").select_for_update(skip_locked=True, of=("self",)))
