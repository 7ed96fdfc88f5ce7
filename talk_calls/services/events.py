"""Telling others what happened, once it is committed (talk_calls/signals.py has the promises)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F

from talk_calls.db import transactions
from talk_calls.models.events import DURABLE, PendingEvent
from talk_calls.services.conflicts import retried
from talk_calls.signals import SIGNALS, Event

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
    SIGNALS[type(event)].send_robust(type(event), event=event)
