"""What is deleted when: events that nobody may want again, and nothing that is pending."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from talk_calls.host import clock
from talk_calls.models import OutboxEvent, WebhookDelivery, WebhookEndpoint, WebhookStream
from talk_calls.webhooks import distribution, endpoints, retention
from talk_calls.webhooks.delivery import deliver_once
from talk_calls.webhooks.replay import replay
from tests.factories import ConversationFactory
from tests.webhooks.conftest import happen

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


def age(duration: timedelta) -> None:
    past = clock.now() - duration - timedelta(minutes=1)
    OutboxEvent.objects.update(created_at=past)
    WebhookDelivery.objects.update(queued_at=past)


def test_delivered_events_are_kept_for_a_week(endpoint):
    happen(1, "call.started", "call.ended")
    deliver_once()
    assert retention.delete_old(clock.now()) == 0
    age(WEEK)
    assert retention.due(clock.now()).count() == 2
    assert retention.delete_old(clock.now()) == 2
    assert not WebhookDelivery.objects.exists()


def test_the_setting_says_how_long(endpoint, settings):
    settings.TALK_CALLS["WEBHOOK_DAYS"] = 1
    happen(1)
    deliver_once()
    age(timedelta(days=1))
    assert retention.delete_old(clock.now()) == 1


def test_pending_events_stay(endpoint, receiver):
    """However old they are: they are delivered, or given up."""
    receiver.answer = lambda handler: 500
    happen(1)
    deliver_once()
    happen(2)
    distribution.distribute(clock.now())
    age(WEEK)
    assert retention.delete_old(clock.now()) == 0
    replay(WebhookDelivery.objects.all())
    assert retention.delete_old(clock.now()) == 0


def test_events_that_nobody_wants_go_at_once(receiver):
    """Those for receivers of signals stay until these have them."""
    endpoints.create(name="Calls", url=receiver.url, event_types=["call.*"])
    (wanted,) = happen(1, "call.started")
    happen(2, "session.opened")
    (for_receivers,) = happen(3, "session.opened")
    OutboxEvent.objects.filter(pk=for_receivers.pk).update(for_receivers=True)
    distribution.distribute(clock.now())
    assert {event.pk for event in OutboxEvent.objects.all()} == {wanted.pk, for_receivers.pk}
    assert not OutboxEvent.objects.filter(for_webhooks=True).exists()


def test_events_for_receivers_of_signals_stay(endpoint):
    happen(1)
    deliver_once()
    age(WEEK)
    OutboxEvent.objects.update(for_receivers=True)
    assert retention.delete_old(clock.now()) == 0


def test_what_waits_for_a_disabled_endpoint_is_given_up(endpoint):
    happen(1)
    distribution.distribute(clock.now())
    endpoints.disable(endpoint)
    assert retention.delete_old(clock.now()) == 0
    age(WEEK)
    assert retention.delete_old(clock.now()) == 1


def test_numbers_go_on_as_long_as_the_conversation_exists(endpoint):
    """Sequences of conversations that are gone are deleted with the last of their deliveries."""
    conversation = ConversationFactory()
    happen(conversation.pk)
    happen(conversation.pk + 1)
    deliver_once()
    age(WEEK)
    retention.delete_old(clock.now())
    assert [stream.conversation_id for stream in WebhookStream.objects.all()] == [conversation.pk]
    happen(conversation.pk)
    deliver_once()
    assert WebhookDelivery.objects.get().number == 2


def test_events_that_webhooks_do_not_get_keep_no_sequence(endpoint):
    """Those that are still to be distributed do. Only for these the outbox has an index."""
    WebhookStream.objects.create(endpoint=endpoint, conversation_id=1)
    (event,) = happen(1)
    retention.delete_old(clock.now())
    assert WebhookStream.objects.exists()
    OutboxEvent.objects.filter(pk=event.pk).update(for_webhooks=False, for_receivers=True)
    retention.delete_old(clock.now())
    assert not WebhookStream.objects.exists()


def test_batches(endpoint, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    happen(1, *["call.joined"] * 5)
    deliver_once()
    age(WEEK)
    assert retention.delete_old(clock.now()) == 5


def test_events_of_a_site_that_stopped_using_webhooks_go(endpoint):
    """Though no process distributes them; at once, for nobody will get them."""
    happen(1, "call.started", "call.ended")
    assert retention.delete_old(clock.now()) == 0
    endpoints.disable(endpoint)
    assert retention.due(clock.now()).count() == 2
    assert retention.delete_old(clock.now()) == 2


def test_events_that_nobody_distributes_go_in_the_end(endpoint):
    """Where ``talk_deliver`` does not run, the outbox does not grow for ever."""
    happen(1)
    age(WEEK)
    happen(2)
    assert retention.due(clock.now()).count() == 1
    assert retention.delete_old(clock.now()) == 1


def test_the_sweeper_follows_the_settings(settings, receiver):
    """Else the rows of ``WEBHOOKS`` would stay enabled where ``talk_deliver`` was removed too."""
    WebhookEndpoint.objects.create(name="Billing", url=receiver.url, is_from_settings=True)
    happen(1)
    call_command("talk_sweep", "--dry-run")
    assert WebhookEndpoint.objects.enabled().exists()
    call_command("talk_sweep")
    assert not WebhookEndpoint.objects.enabled().exists()
    assert not OutboxEvent.objects.exists()
