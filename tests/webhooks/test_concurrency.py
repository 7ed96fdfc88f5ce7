"""What several processes do to one endpoint at the same time."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection, connections

from talk_calls.host import clock
from talk_calls.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from talk_calls.webhooks import distribution, endpoints
from tests.webhooks.conftest import happen

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("is_known", [True, False], ids=["known stream", "new stream"])
def test_deleted_while_events_are_distributed(endpoint, is_known):
    """Deleting succeeds whenever deliveries are made, and so does distributing."""
    if is_known:
        happen(1)
        distribution.distribute(clock.now())
    happen(1)
    started = []

    def distribute() -> None:
        try:
            distribution.distribute(clock.now())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:

        def meanwhile(execute, sql, params, many, context):
            if sql.startswith('DELETE FROM "talk_calls_webhookendpoint"') and not started:
                started.append(pool.submit(distribute))
                with suppress(TimeoutError):  # it may wait until the endpoint is deleted
                    started[0].result(timeout=1)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(meanwhile):
            endpoints.delete(endpoint)
        started[0].result(timeout=30)
    assert not WebhookEndpoint.objects.exists()
    assert not WebhookDelivery.objects.exists()
    assert not OutboxEvent.objects.filter(for_webhooks=True).exists()
