"""Sending events, with the guarantees that talk_calls/signals.py states.

What may not be lost is stored in the transaction of the change, in one statement: what endpoints of
webhooks get, and what receivers of signals get even if this process is killed. The other events are
sent to receivers after the commit.
"""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TypedDict

from asgiref.sync import async_to_sync, iscoroutinefunction
from django.db.models import F
from django.dispatch import Signal

from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.models import Attendee, AuditEntry, Conversation
from talk_calls.models.audit import AuditSource
from talk_calls.models.outbox import DURABLE, OVERDUE, OutboxEvent, PendingEvent
from talk_calls.services import audit_context, outbox
from talk_calls.signals import SIGNALS, Event

#: Where Django logs what receivers raise.
logger = logging.getLogger("django.dispatch")

#: Rows that one statement inserts at most.
_BATCH = 1000

#: Sent after the commit with ``events=``, all that happened, for who only counts them. They are not
#: stored for its receivers, as they are for those of ``call_started``, and so cost no statement.
committed = Signal()


class Identity(TypedDict):
    """An actor as clients know it, for history and events; all values are empty for nobody."""

    actor_type: str
    actor_id: str
    display_name: str


#: The identity in history and events of what nobody did, such as a timeout.
NOBODY = Identity(actor_type="", actor_id="", display_name="")


def identity(attendee: Attendee | None) -> Identity:
    """Return the attendee as clients know it now, or ``NOBODY`` for None."""
    if attendee is None:
        return NOBODY
    user = attendee.user
    return Identity(
        actor_type=attendee.actor_type,
        actor_id=conf.directory.user_id(user)[:255] if user else attendee.actor_id,
        display_name=attendee.display_name,
    )


def has_receivers(kind: type[Event]) -> bool:
    """Tell whether events of this kind have receivers."""
    return SIGNALS[kind].has_listeners(kind)


def emit(
    happened: Sequence[Event | AuditEntry],
    *,
    now: datetime,
    for_webhooks: bool,
    conversation: Conversation | None = None,
) -> None:
    """Send what happened after the commit of the open transaction; not at all after a rollback.

    It is stored in this order with one statement, if ``for_webhooks`` says that endpoints of
    webhooks want it, or if receivers must not miss it. ``conversation`` is that of all events, as
    it is now; None if they are of several, whose settings nobody changed. Events that nobody wants
    are dropped here: they are neither stored nor sent.
    """
    events = [each for each in happened if isinstance(each, Event)]
    if events and committed.has_listeners():
        _count_after_commit(events)
    received = [event for event in events if has_receivers(type(event))]
    _store(happened, conversation, for_webhooks=for_webhooks, created_at=now)
    if not received:
        return

    def send() -> None:  # a function, since Django logs its name if it fails; a partial has none
        _send_all(received)

    transactions.on_commit(send, robust=True)


def _store(
    happened: Sequence[Event | AuditEntry],
    conversation: Conversation | None,
    *,
    for_webhooks: bool,
    created_at: datetime,
) -> None:
    rows = [
        outbox.row(
            each,
            conversation,
            for_receivers=for_receivers,
            for_webhooks=for_webhooks,
            created_at=created_at,
        )
        for each in happened
        if (for_receivers := _is_for_receivers(each)) or for_webhooks
    ]
    if rows:
        OutboxEvent.objects.bulk_create(rows, batch_size=_BATCH)


def _is_for_receivers(happened: Event | AuditEntry) -> bool:
    """Tell whether receivers of a signal must get it, even if this process is killed."""
    if not isinstance(happened, Event):
        return False
    return type(happened) in DURABLE and has_receivers(type(happened))


def _count_after_commit(events: Sequence[Event]) -> None:
    def count() -> None:
        committed.send_robust(None, events=events)

    transactions.on_commit(count, robust=True)


@retried
def send_pending(conversation_id: int) -> int:
    """Send the stored events of a conversation in order, of all processes; return how many.

    They are sent and deleted in one transaction, but for those that endpoints of webhooks get as
    well. If the process is killed in between, the next caller sends them.
    """
    pending = OutboxEvent.objects.for_receivers().filter(conversation_id=conversation_id)
    with transactions.atomic():
        # A write first: others who would send the same events wait for it, on SQLite too.
        if not pending.update(type=F("type")):
            return 0
        rows = list(pending.with_needed())
        OutboxEvent.objects.received(rows)
        for row in rows:
            _send(row.event)
    return len(rows)


@retried
def adopt(now: datetime) -> None:
    """Move events to the outbox that processes of 0.1 stored and were killed before they sent.

    One statement if there are none.
    """
    left = PendingEvent.objects.filter(created_at__lt=now - OVERDUE)
    with transactions.atomic():
        # A write first, as in ``send_pending``: a process of 0.1 may be sending them after all.
        if left.update(kind=F("kind")):
            rows = list(left)
            OutboxEvent.objects.bulk_create(row.moved for row in rows)
            left.filter(pk__in=[row.pk for row in rows]).delete()


def overdue(now: datetime) -> list[int]:
    """Return the conversations with events whose process was killed before it sent them."""
    pending = OutboxEvent.objects.overdue(now).order_by("conversation_id")
    return list(pending.values_list("conversation_id", flat=True).distinct())


def _send_all(events: Sequence[Event]) -> None:
    for event in events:
        if type(event) in DURABLE:
            send_pending(event.conversation_id)
        else:
            _send(event)


def _send(event: Event) -> None:
    """Call every receiver of ``event``; if one raises, log that and roll back what it wrote.

    This is ``Signal.send_robust`` with a savepoint around each receiver, where a transaction is
    open: after an error PostgreSQL refuses all further statements of the transaction.
    """
    kind = type(event)
    signal = SIGNALS[kind]
    synchronous, asynchronous = signal._live_receivers(kind)  # noqa: SLF001 -- no public way
    for receiver in (*synchronous, *asynchronous):
        call = async_to_sync(receiver) if iscoroutinefunction(receiver) else receiver
        try:
            # What a receiver does is the site's doing, whatever it follows.
            with _savepoint(), audit_context.acting_from(AuditSource.HOST):
                call(signal=signal, sender=kind, event=event)
        except Exception:
            logger.exception("%s failed in %r", kind.__name__, receiver)


def _savepoint() -> AbstractContextManager[None]:
    """Return a savepoint of the open transaction, or nothing where none is open."""
    return transactions.atomic() if transactions.connection().in_atomic_block else nullcontext()
