"""From the outbox to endpoints: which endpoint gets an event, and with which number.

Numbers are given here and not in the requests that write events, which so wait for no other
conversation. A row of the outbox is never looked for by its key: rows of different conversations
become visible in any order. Those of one conversation become visible in order, and whoever locks
the first of them distributes all of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from talk_calls.db import transactions
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


@retried
def distribute(now: datetime) -> Distributed:
    """Distribute one batch of events; those that no endpoint wants only lose their flag.

    Several processes may do so at once. Conversations with which another one is busy are left out.
    """
    heads = _heads()
    if not heads:
        return Distributed()
    with transactions.atomic():
        waiting = OutboxEvent.objects.filter(for_webhooks=True)
        locked = _lock(heads)
        events = list(waiting.filter(conversation_id__in=locked).order_by("pk")[:EVENTS])
        if not events:
            return Distributed()
        deliveries = _make_deliveries(events, now)
        primary_keys = [event.pk for event in events]
        OutboxEvent.objects.filter(pk__in=primary_keys).update(for_webhooks=False)
    return Distributed(len(events), deliveries)


def _heads() -> list[int]:
    """Return the first event of each conversation that has any, the oldest conversations first."""
    waiting = OutboxEvent.objects.filter(for_webhooks=True)
    firsts = waiting.values("conversation_id").annotate(first=Min("pk")).order_by("first")
    return list(firsts.values_list("first", flat=True)[:CONVERSATIONS])


def _lock(heads: Sequence[int]) -> list[int]:
    """Lock first events that nobody has distributed or locked; return their conversations."""
    rows = OutboxEvent.objects.filter(pk__in=heads, for_webhooks=True)
    if transactions.connection().features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    else:
        rows.update(for_webhooks=True)  # a write locks them, or everything
    return list(rows.values_list("conversation_id", flat=True))


def _make_deliveries(events: Sequence[OutboxEvent], now: datetime) -> int:
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
    return len(made)


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
