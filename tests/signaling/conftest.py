"""People who signal."""

import json
from datetime import timedelta
from typing import Any

import pytest

from talk_calls.signaling import poll
from tests.people import Person


@pytest.fixture(autouse=True)
def _short_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for nothing."""
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(seconds=0.2))


def send(person: Person, *messages: dict[str, Any], sender: str | None = None, **kwargs: Any):
    """Send messages as clients do: JSON within JSON within a form."""
    own = person.session.session_id if person.session else "0"
    items = [
        {"ev": "message", "fn": json.dumps(message), "sessionId": sender or own}
        for message in messages
    ]
    data = {"messages": json.dumps(items)}
    return person.device.request("post", f"signaling/{person.conversation.token}", data, **kwargs)


def pull(person: Person):
    """Poll once."""
    return person.device.request("get", f"signaling/{person.conversation.token}")


def messages(answer) -> list[dict[str, Any]]:
    """Return the messages of a poll's answer, read."""
    assert answer.http == 200, answer.whole
    *items, last = answer.data
    assert last["type"] == "usersInRoom"
    assert all(item["type"] == "message" for item in items)
    return [json.loads(item["data"]) for item in items]


def offer(to: Person, **fields: Any) -> dict[str, Any]:
    """Return an offer as web clients send it."""
    return {
        "to": to.session.session_id,
        "sid": "1700000000000",
        "roomType": "video",
        "type": "offer",
        "payload": {"type": "offer", "sdp": "v=0\r\n", "nick": "Ada"},
        **fields,
    }
