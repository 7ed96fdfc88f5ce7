"""Endpoints of webhooks and deliveries as rows, for tests of what shows them."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from talk_calls.models import OutboxEvent, WebhookDelivery, WebhookEndpoint, WebhookStream


def make_endpoint(name: str = "Billing", **fields: Any) -> WebhookEndpoint:
    """Make an endpoint that nothing listens at."""
    given = {"url": f"https://{name.lower()}.example/talk", "secret": "whsec_c2VjcmV0"} | fields
    return WebhookEndpoint.objects.create(name=name, **given)


def make_deliveries(
    endpoint: WebhookEndpoint, count: int = 1, *, at: datetime | None = None, **fields: Any
) -> list[WebhookDelivery]:
    """Make deliveries of events of the conversation ``weekly``, after those that there are."""
    at = at or timezone.now()
    stream, _ = WebhookStream.objects.get_or_create(endpoint=endpoint, conversation_id=1)
    events = OutboxEvent.objects.bulk_create(
        OutboxEvent(
            conversation_id=1,
            conversation_token="weekly",
            type="call.started",
            at=at,
            created_at=at,
            payload={"call_id": number},
        )
        for number in range(count)
    )
    made = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            endpoint=endpoint,
            event=event,
            conversation_id=1,
            number=stream.last_number + place,
            **{"queued_at": at, "next_attempt_at": at, **fields},
        )
        for place, event in enumerate(events, start=1)
    )
    stream.last_number += count
    if fields.get("state", "pending") == "pending":
        stream.due_at = stream.due_at or at
    stream.save()
    return made
