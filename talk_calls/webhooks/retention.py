"""Deleting events that webhooks had, once nobody may want them again."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.models import (
    Conversation,
    OutboxEvent,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookStream,
)
from talk_calls.models.webhooks import DeliveryState
from talk_calls.webhooks import endpoints

#: Rows that one transaction deletes at most, and batches of one call.
BATCH, BATCHES = 500, 200

#: What a delivery has as its error that waited too long for an endpoint that is disabled.
DISABLED = "The endpoint was disabled."


def delete_old(now: datetime) -> int:
    """Delete events that are done with, and their deliveries; return how many events.

    They go when they are ``WEBHOOK_DAYS`` old, if nothing of them is pending. What waits for longer
    than that for an endpoint that is disabled is dead. Events that nobody has distributed wait no
    longer than that, and not at all where no endpoint is enabled: no endpoint will get them.
    """
    endpoints.forget_old_secrets(now)
    _give_up(now)
    deleted = 0
    for _batch in range(BATCHES):
        found = list(due(now).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not found:
            break
        deleted += _delete_events(found, now)
    _delete_streams()
    return deleted


def due(now: datetime) -> QuerySet[OutboxEvent]:
    """Return the events that ``delete_old`` would delete now."""
    deliveries = WebhookDelivery.objects.filter(event=OuterRef("pk"))
    return OutboxEvent.objects.filter(
        ~Exists(deliveries.pending()),
        Q(created_at__lt=now - conf.webhook_days, for_webhooks=False) | _is_abandoned(now),
        for_receivers=False,
    )


def _is_abandoned(now: datetime) -> Q:
    """Return the condition of events that are not to be distributed any more."""
    is_old = Q(created_at__lt=now - conf.webhook_days)
    return Q(is_old | ~Exists(WebhookEndpoint.objects.enabled()), for_webhooks=True)


@retried
@transactions.atomic()
def _delete_events(primary_keys: list[int], now: datetime) -> int:
    """Delete events, but none of which something was replayed meanwhile, or that are wanted now."""
    deliveries = WebhookDelivery.objects.filter(event__in=primary_keys)
    deliveries.exclude(state=DeliveryState.PENDING).delete()
    deleted, _ = due(now).filter(pk__in=primary_keys).delete()
    return deleted


def _give_up(now: datetime) -> None:
    WebhookDelivery.objects.pending().filter(
        endpoint__is_enabled=False, queued_at__lt=now - conf.webhook_days
    ).update(state=DeliveryState.DEAD, next_attempt_at=None, error=DISABLED)


def _delete_streams() -> None:
    """Delete sequences of conversations that are gone, when nothing of them is left."""
    conversation = OuterRef("conversation_id")
    WebhookStream.objects.exclude(
        Exists(Conversation.objects.filter(pk=conversation))
        | Exists(OutboxEvent.objects.filter(conversation_id=conversation, for_webhooks=True))
        | Exists(WebhookDelivery.objects.filter(conversation_id=conversation))
    ).delete()
