"""The check of webhooks: nobody delivers, receivers fail, events were given up."""

from datetime import timedelta

import pytest

from talk_calls.health import webhooks
from talk_calls.health.results import Level, ok, skipped
from tests.webhook_rows import make_deliveries, make_endpoint

pytestmark = pytest.mark.django_db


def texts(context) -> list[tuple[Level, str]]:
    return [(each.level, each.message) for each in webhooks.run(context)]


def test_without_endpoints(context):
    assert webhooks.run(context) == [skipped("There are no webhook endpoints.")]


def test_healthy(context):
    """Something waits for a moment, and somebody delivers."""
    make_deliveries(make_endpoint(last_success_at=context.now), 2, at=context.now)
    assert webhooks.run(context) == [ok("Webhook endpoints: 1. Events that wait: 2.")]


def test_nobody_delivers(context):
    """What should have been sent long ago says that talk_deliver does not run."""
    make_deliveries(make_endpoint(), at=context.now - timedelta(minutes=7))
    [result] = webhooks.run(context)
    assert (result.level, result.message) == (
        Level.ERROR,
        "A webhook should have been sent 7 minutes ago.",
    )
    assert "talk_deliver" in result.hint


def test_receivers_that_fail(context):
    """One that was disabled is an error, one that is tried again is a warning."""
    since = context.now - timedelta(hours=3)
    down = make_endpoint("Down", failing_since=since)
    make_deliveries(down, at=since)
    down.streams.update(due_at=context.now + timedelta(minutes=1))
    make_deliveries(down, 2, state="dead")
    make_endpoint("Off", is_enabled=False, disabled_reason="gone")
    make_endpoint("Removed", is_enabled=False, disabled_reason="not_in_settings")
    make_endpoint("Paused", is_enabled=False)
    (off, paused), (level, failing), *rest = texts(context)
    assert (off, paused) == (
        Level.ERROR,
        "The webhook endpoint Off is disabled: the receiver answered 410 Gone.",
    )
    assert (level, failing.partition(" since")[0]) == (
        Level.WARNING,
        "The webhook endpoint Down is failing",
    )
    assert rest == [
        (Level.WARNING, "Dead letters, webhooks that were given up: 2."),
        (Level.WARNING, "The oldest webhook waits for 3 h."),
    ]


def test_without_the_extra(context, monkeypatch):
    """Nothing can be sent, which is said before that nothing is."""
    monkeypatch.setattr(webhooks.signatures, "is_installed", lambda: False)
    make_deliveries(make_endpoint(), at=context.now - timedelta(hours=1))
    assert texts(context)[0] == (
        Level.ERROR,
        "The package that webhooks need is not installed.",
    )
