"""Telling others what happened, once it is committed (talk_calls/signals.py has the promises)."""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

from asgiref.sync import async_to_sync, iscoroutinefunction
from django.db.models import F

from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.models.events import DURABLE, PendingEvent
from talk_calls.signals import SIGNALS, Event

#: Where Django logs what receivers raise.
logger = logging.getLogger("django.dispatch")

#: How old a kept event is before others tell it; its own process needs milliseconds.
OVERDUE = timedelta(seconds=10)


def is_heard(kind: type[Event]) -> bool:
    """Tell whether anybody listens to events of this kind."""
    return SIGNALS[kind].has_listeners(kind)


def emit(events: Sequence[Event], *, now: datetime) -> None:
    """Tell ``events`` when the running transaction is committed, and never if it is not.

    What nobody listens to costs nothing.
    """
    heard = [event for event in events if is_heard(type(event))]
    if not heard:
        return
    kept = [PendingEvent.of(event, now) for event in heard if type(event).__name__ in DURABLE]
    if kept:
        PendingEvent.objects.bulk_create(kept)

    def tell() -> None:  # Django logs the name of what failed, which a partial has not
        _tell(heard)

    transactions.on_commit(tell, robust=True)


@retried
def tell_pending(conversation_id: int) -> int:
    """Tell the kept events of a conversation, in order, whoever made them; return how many.

    Told and forgotten in one transaction: whoever dies in between leaves them to the next.
    """
    pending = PendingEvent.objects.filter(conversation_id=conversation_id)
    with transactions.atomic():
        # A write first: it makes others who would tell the same wait, on SQLite too.
        if not pending.update(kind=F("kind")):
            return 0
        rows = list(pending)
        pending.filter(pk__in=[row.pk for row in rows]).delete()
        for row in rows:
            _send(row.event)
    return len(rows)


def overdue(now: datetime) -> list[int]:
    """Return the conversations with events whose process died before it told them."""
    pending = PendingEvent.objects.filter(created_at__lt=now - OVERDUE).order_by("conversation_id")
    return list(pending.values_list("conversation_id", flat=True).distinct())


def _tell(events: Sequence[Event]) -> None:
    for event in events:
        if type(event).__name__ in DURABLE:
            tell_pending(event.conversation_id)
        else:
            _send(event)


def _send(event: Event) -> None:
    """Call every receiver of ``event``; one that raises is logged, and what it wrote undone.

    This is ``Signal.send_robust`` with a savepoint around each receiver, where a transaction is
    open: after an error PostgreSQL refuses all further statements, those of others too.
    """
    kind = type(event)
    signal = SIGNALS[kind]
    synchronous, asynchronous = signal._live_receivers(kind)  # noqa: SLF001 -- no public way
    for receiver in (*synchronous, *asynchronous):
        call = async_to_sync(receiver) if iscoroutinefunction(receiver) else receiver
        try:
            with _savepoint():
                call(signal=signal, sender=kind, event=event)
        except Exception:
            logger.exception("%s failed in %r", kind.__name__, receiver)


def _savepoint() -> AbstractContextManager[None]:
    """Return a savepoint of the open transaction, or nothing where none is open."""
    return transactions.atomic() if transactions.connection().in_atomic_block else nullcontext()
