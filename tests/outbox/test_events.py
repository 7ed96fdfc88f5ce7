"""Which events endpoints of webhooks get, and that each is what schema and page say."""

import json
import re
from pathlib import Path

import pytest

from talk_calls.constants import EventType
from tests.factories import WebhookEndpointFactory
from tests.outbox import bodies
from tests.outbox.bodies import Body
from tests.outbox.scenario import Scenario

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[2] / "docs" / "events.md"

#: What differs in every run, and what stands for it here, whatever holds it.
_VARYING = {
    "call_id": 0,
    "attendee_id": 0,
    "user_pk": "0",
    "user_pks": ["0"],
    "session_key": "0",
}


@pytest.fixture
def played(time_machine) -> list[Body]:
    """Return what an endpoint gets of a conversation in which everything happens."""
    WebhookEndpointFactory()
    conversation = Scenario(time_machine.move_to).play()
    return bodies.sent(conversation_id=conversation.pk)


def test_one_conversation(played):
    """All events, in the order in which things happened; what somebody did before what followed."""
    told = [body["type"] for body in played]
    assert told == [
        *("conversation.created", "moderation", "conversation.changed"),
        *("moderation", "conversation.changed"),
        *("session.opened", "call.started", "call.joined", "call.rang"),
        *("session.opened", "call.joined", "call.flags_changed", "call.left"),
        *("moderation", "conversation.changed"),
        *("call.left", "call.ended", "call.missed"),
        "session.closed",
        *("moderation", "session.closed", "conversation.deleted"),
    ]


def test_every_type_happens(played):
    """The scenario has all that there are."""
    assert {body["type"] for body in played} == set(EventType)


def test_schema(played):
    """Whole bodies are what the schema says."""
    bodies.check(played)


def test_page(played):
    """The examples of the page are what is sent, but for numbers that differ each time."""
    examples = page_examples()
    assert set(examples) == set(EventType)
    for example in examples.values():
        assert normalised(example) == normalised(played[example["number"] - 1])


def page_examples() -> dict[str, Body]:
    """Return the examples of the page, by type; they are valid themselves."""
    found = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.S)]
    bodies.check(found)
    return {body["type"]: body for body in found}


def normalised(body: Body) -> Body:
    """Return a body without what differs each time."""
    data = {**body["data"], **{name: _VARYING[name] for name in _VARYING.keys() & body["data"]}}
    if data.get("actor_type") == "guests":
        data["actor_id"] = ""
    return {**body, "id": "", "conversation": {"id": 0, "token": ""}, "data": data}
