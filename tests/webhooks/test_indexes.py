"""What is looked for all the time does not walk through what was delivered."""

import pytest
from django.db import connection

from talk_calls.models import WebhookDelivery, WebhookStream
from talk_calls.models.webhooks import DeliveryState
from tests.webhooks.conftest import happen

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream(endpoint):
    """Return a stream of 500 deliveries of which the last one is pending."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite takes a partial index only for a constant.")
    (event,) = happen(1)
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            endpoint=endpoint,
            event=event,
            conversation_id=1,
            number=number,
            state=DeliveryState.DELIVERED if number < 500 else DeliveryState.PENDING,
        )
        for number in range(1, 501)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {WebhookDelivery._meta.db_table}")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    return WebhookStream.objects.create(endpoint=endpoint, conversation_id=1)


def test_the_first_of_a_stream(stream):
    plan = WebhookDelivery.objects.of_stream(stream).pending()[:1].explain()
    assert "talk_webhook_delivery_pending" in plan
    assert "Sort" not in plan


def test_the_oldest_that_is_pending(stream, endpoint):
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=DeliveryState.PENDING)
    plan = waiting.order_by("queued_at").values("queued_at")[:1].explain()
    assert "talk_webhook_delivery_open" in plan
    assert "Sort" not in plan
