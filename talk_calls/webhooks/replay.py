"""Sending again what was delivered or given up: the same event, with the same id and number."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet

from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.host import clock
from talk_calls.models import WebhookDelivery, WebhookStream
from talk_calls.models.webhooks import DeliveryState

#: Deliveries that one transaction touches at most.
BATCH = 500


def replay(deliveries: QuerySet[WebhookDelivery]) -> int:
    """Send deliveries again; return how many there are.

    Select them as you like: single ones, all of an endpoint that are ``dead()``, or those whose
    ``event__at`` is in a range of time. Each is sent with its number before what is pending with a
    higher one, so the receiver gets it once more and out of turn. A pending one is sent now.
    """
    return sum(_replay(primary_keys) for primary_keys in _batches(deliveries))


def _batches(deliveries: QuerySet[WebhookDelivery]) -> Iterator[list[int]]:
    """Yield primary keys in ascending order; each is read once, whatever changes meanwhile."""
    last = 0
    while batch := list(
        deliveries.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        yield batch
        last = batch[-1]


@retried
@transactions.atomic()
def _replay(primary_keys: list[int]) -> int:
    now = clock.now()
    chosen = WebhookDelivery.objects.filter(pk__in=primary_keys)
    of_stream = chosen.filter(
        endpoint=OuterRef("endpoint"), conversation_id=OuterRef("conversation_id")
    )
    # First, as it waits for whoever is storing an attempt, and then looks for what is pending.
    WebhookStream.objects.filter(Exists(of_stream)).update(due_at=now)
    return chosen.update(
        state=DeliveryState.PENDING,
        queued_at=now,
        attempts=0,
        next_attempt_at=now,
        delivered_at=None,
    )
