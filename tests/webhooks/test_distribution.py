"""Distribution waits for nobody, and keeps the order of each conversation."""

import threading

import pytest
from django.db import connection, transaction

from talk_calls.host import clock
from talk_calls.models import OutboxEvent, WebhookDelivery
from talk_calls.webhooks import distribution, endpoints
from talk_calls.webhooks.distribution import Distributed
from tests.webhooks.conftest import happen


def distribute_elsewhere() -> Distributed:
    """Distribute in a connection of its own, which waits for no lock longer than a second."""
    done = []

    def run() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1s'")
            done.append(distribution.distribute(clock.now()))
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    (distributed,) = done
    return distributed


@pytest.mark.django_db(transaction=True)
def test_events_that_somebody_holds_stop_no_others(endpoint):
    """A receiver of signals that is slow holds its event, and those after it wait with it."""
    if not connection.features.has_select_for_update_skip_locked:
        pytest.skip("The database locks no rows.")
    first, held, _ = happen(1, "call.started", "call.missed", "call.ended")
    (other,) = happen(2)
    with transaction.atomic():
        OutboxEvent.objects.select_for_update().get(pk=held.pk)
        assert distribute_elsewhere() == Distributed(events=2, deliveries=2)
        distributed = WebhookDelivery.objects.order_by("event").values_list("event", flat=True)
        assert list(distributed) == [first.pk, other.pk]
    assert distribution.distribute(clock.now()) == Distributed(events=2, deliveries=2)
    of_first = WebhookDelivery.objects.filter(conversation_id=1).order_by("number")
    assert list(of_first.values_list("number", "event__type")) == [
        (1, "call.started"),
        (2, "call.missed"),
        (3, "call.ended"),
    ]


@pytest.mark.django_db(transaction=True)
def test_an_endpoint_is_deleted_meanwhile(endpoint, monkeypatch):
    """It was read before it was deleted; the events go to those that are left."""
    left = endpoints.create(name="Left", url=endpoint.url)
    read = [list(endpoints.active())]
    endpoints.delete(endpoint)
    active = endpoints.active
    monkeypatch.setattr(endpoints, "active", lambda: read.pop() if read else active())
    happen(1)
    assert distribution.distribute(clock.now()) == Distributed(events=1, deliveries=1)
    assert WebhookDelivery.objects.get().endpoint == left
