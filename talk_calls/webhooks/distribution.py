"""From the outbox to endpoints: which endpoint gets an event, and with which number.

Numbers are given here and not in the requests that write events, which so wait for no other
conversation. A row of the outbox is never looked for by its key: rows of different conversations
become visible in any order. Those of one conversation become visible in order, and whoever locks
the first of them distributes them, up to the first that somebody else has locked.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError
from django.db.models import Min

from talk_calls.db import locks, transactions
from talk_calls.db.retries import retried
from talk_calls.models import OutboxEvent, WebhookDelivery, WebhookEndpoint, WebhookStream
from talk_calls.webhook_values import wants
from talk_calls.webhooks import endpoints

#: Conversations and events that one transaction distributes at most.
CONVERSATIONS, EVENTS = 100, 500

_Sequence = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Distributed:
    """How many events were distributed, and how many deliveries were made of them."""

    events: int = 0
    deliveries: int = 0


def distribute(now: datetime) -> Distributed:
    """Distribute one batch of events; those that no endpoint wants are deleted.

    Several processes may do so at once. Conversations with which another one is busy are left out.
    """
    try:
        return _distribute(now)
    except IntegrityError:
        # An endpoint was deleted after it was read: the commit fails, and there is one less now.
        return _distribute(now)


@retried
def _distribute(now: datetime) -> Distributed:
    heads = _heads()
    if not heads:
        return Distributed()
    with transactions.atomic():
        events = _lock_events(_lock_heads(heads))
        if not events:
            return Distributed()
        deliveries = _make_deliveries(events, now)
        _finish(events, {delivery.event_id for delivery in deliveries})
    return Distributed(len(events), len(deliveries))


def _heads() -> list[int]:
    """Return the first event of each conversation that has any, the oldest conversations first."""
    waiting = OutboxEvent.objects.filter(for_webhooks=True)
    firsts = waiting.values("conversation_id").annotate(first=Min("pk")).order_by("first")
    return list(firsts.values_list("first", flat=True)[:CONVERSATIONS])


def _lock_heads(heads: Sequence[int]) -> list[int]:
    """Lock first events that nobody has distributed or locked; return their conversations."""
    rows = OutboxEvent.objects.filter(pk__in=heads, for_webhooks=True)
    return list(locks.free_first(rows, "for_webhooks").values_list("conversation_id", flat=True))


def _lock_events(conversations: Sequence[int]) -> list[OutboxEvent]:
    """Lock the first events of conversations; return those up to the first that is not free.

    Receivers of signals hold theirs for as long as the site's code runs, and an erasure those of a
    person. Waiting for them would stop the webhooks of all conversations.
    """
    waiting = OutboxEvent.objects.filter(for_webhooks=True)
    first = waiting.filter(conversation_id__in=conversations).order_by("pk")
    found = list(first.values_list("pk", "conversation_id")[:EVENTS])
    free = locks.free(waiting.filter(pk__in=[pk for pk, _ in found])).in_bulk()
    stopped = set()
    events = []
    for pk, conversation in found:
        if pk not in free:
            stopped.add(conversation)
        elif conversation not in stopped:
            events.append(free[pk])
    return events


def _finish(events: Iterable[OutboxEvent], wanted: Container[int]) -> None:
    """Store that events were distributed; delete those that nobody wants."""
    kept: list[int] = []
    unwanted: list[int] = []
    for event in events:
        is_kept = event.for_receivers or event.pk in wanted
        (kept if is_kept else unwanted).append(event.pk)
    OutboxEvent.objects.filter(pk__in=kept).update(for_webhooks=False)
    OutboxEvent.objects.filter(pk__in=unwanted).delete()


def _make_deliveries(events: Sequence[OutboxEvent], now: datetime) -> list[WebhookDelivery]:
    wanted = _by_sequence(events, list(endpoints.active()))
    streams = _locked_streams(wanted)
    made = []
    for stream in streams:
        for event in wanted[stream.endpoint_id, stream.conversation_id]:
            stream.last_number += 1
            made.append(_delivery(stream, event, now))
        stream.due_at = stream.due_at or now
    WebhookDelivery.objects.bulk_create(made, batch_size=EVENTS)
    WebhookStream.objects.bulk_update(streams, ["last_number", "due_at"], batch_size=EVENTS)
    return made


def _by_sequence(
    events: Iterable[OutboxEvent], active: Sequence[WebhookEndpoint]
) -> dict[_Sequence, list[OutboxEvent]]:
    wanted = defaultdict(list)
    for event in events:
        for endpoint in active:
            if wants(endpoint.event_types, event.type):
                wanted[endpoint.pk, event.conversation_id].append(event)
    return wanted


def _locked_streams(wanted: Iterable[_Sequence]) -> list[WebhookStream]:
    """Return the rows of sequences, which are made where they do not exist yet."""
    sequences = set(wanted)
    if not sequences:
        return []
    streams = WebhookStream.objects.filter(
        endpoint__in={endpoint for endpoint, _ in sequences},
        conversation_id__in={conversation for _, conversation in sequences},
    )
    known = set(streams.values_list("endpoint", "conversation_id"))
    WebhookStream.objects.bulk_create(
        [
            WebhookStream(endpoint_id=endpoint, conversation_id=conversation)
            for endpoint, conversation in sorted(sequences - known)
        ],
        ignore_conflicts=True,
    )
    # In one order, so that nobody waits for somebody who waits for them.
    locked = streams.order_by("pk").select_for_update()
    return [each for each in locked if (each.endpoint_id, each.conversation_id) in sequences]


def _delivery(stream: WebhookStream, event: OutboxEvent, now: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        endpoint_id=stream.endpoint_id,
        event=event,
        conversation_id=stream.conversation_id,
        number=stream.last_number,
        queued_at=now,
        next_attempt_at=now,
    )
