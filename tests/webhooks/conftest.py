"""A receiver, an endpoint for it, and events in the outbox."""

from datetime import UTC, datetime, timedelta

import pytest

from talk_calls.models import OutboxEvent
from talk_calls.webhooks import endpoints
from tests.webhooks.receivers import receiving

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _private_addresses(settings):
    """Let webhooks go to this machine."""
    settings.TALK_CALLS = {
        **getattr(settings, "TALK_CALLS", {}),
        "WEBHOOK_PRIVATE_ADDRESSES": ["127.0.0.0/8"],
        "WEBHOOK_TIMEOUT": 2,
    }


@pytest.fixture
def receiver():
    with receiving() as server:
        yield server


@pytest.fixture
def other_receiver():
    with receiving() as server:
        yield server


@pytest.fixture
def endpoint(db, receiver):
    return endpoints.create(name="Billing", url=receiver.url)


def happen(conversation: int, *kinds: str) -> list[OutboxEvent]:
    """Write events into the outbox, as services do."""
    return [
        OutboxEvent.objects.create(
            conversation_id=conversation,
            conversation_token=f"token{conversation}",
            type=kind,
            at=START + timedelta(seconds=place),
            payload={"place": place},
            for_webhooks=True,
        )
        for place, kind in enumerate(kinds or ["call.started"])
    ]
