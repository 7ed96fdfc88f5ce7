"""The bodies of webhooks, as ``event.v1.schema.json`` describes them."""

import json
from datetime import datetime
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from talk_calls.models import WebhookDelivery

#: The version of the format; it grows with changes that break receivers.
VERSION = 1

#: The type of a test, which no event of the outbox has.
TEST = "test"


def body_of(delivery: WebhookDelivery) -> bytes:
    """Return what a delivery sends, the same in each attempt."""
    event = delivery.event
    return _encoded(
        type=event.type,
        id=event.uid,
        number=delivery.number,
        timestamp=event.at,
        conversation={"id": event.conversation_id, "token": event.conversation_token},
        data=event.payload,
    )


def test_body(uid: UUID, at: datetime) -> bytes:
    """Return the body of a test, which belongs to no conversation and so has the number 0."""
    return _encoded(type=TEST, id=uid, number=0, timestamp=at, conversation=None, data={})


def _encoded(**fields: object) -> bytes:
    body = {"type": fields.pop("type"), "version": VERSION, **fields}
    return json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
