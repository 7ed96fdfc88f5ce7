"""The bodies of webhooks that the outbox holds, and the schema that describes them."""

import json
from collections import Counter
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from talk_calls.models import OutboxEvent, WebhookDelivery
from talk_calls.webhooks.bodies import body_of

Body = dict[str, Any]

_FORMATS = FormatChecker(["uuid"])


@_FORMATS.checks("date-time", ValueError)
def _is_time(text: object) -> bool:
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


def sent(**conditions: Any) -> list[Body]:
    """Return the bodies of all events, as an endpoint that wants all of them gets them."""
    numbers: Counter[int] = Counter()
    bodies = []
    for event in OutboxEvent.objects.filter(for_webhooks=True, **conditions):
        numbers[event.conversation_id] += 1
        delivery = WebhookDelivery(event=event, number=numbers[event.conversation_id])
        bodies.append(json.loads(body_of(delivery)))
    return bodies


@cache
def schema() -> dict[str, Any]:
    """Return the schema that is part of the package."""
    path = resources.files("talk_calls") / "webhooks" / "event.v1.schema.json"
    return json.loads(path.read_text())


def errors(body: Body) -> list[str]:
    """Return what is wrong with a body."""
    found = Draft202012Validator(schema(), format_checker=_FORMATS).iter_errors(body)
    return [f"{body['type']}: {error.json_path}: {error.message}" for error in found]


def check(bodies: list[Body]) -> None:
    """Fail if a body is not what the schema says."""
    found = [error for body in bodies for error in errors(body)]
    assert not found, "\n".join(found)
