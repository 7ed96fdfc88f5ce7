"""What has to be true of what the receiver wrote down."""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from talk_calls.models import OutboxEvent, WebhookEndpoint
from talk_calls.webhook_values import wants

_Sequence = tuple[str, int]


@dataclass
class Findings:
    """What arrived, and what is wrong with it."""

    events: int
    arrived: int
    duplicates: int
    wrong: list[str]


def verify(path: Path) -> Findings:
    """Compare what arrived with the outbox."""
    records = [json.loads(line) for line in path.read_text().splitlines()]
    wrong = [f"not signed: {each['id']}" for each in records if not each["is_signed"]]
    expected = _expected()
    firsts: dict[_Sequence, list[tuple[int, str]]] = defaultdict(list)
    bodies: dict[tuple[str, str], str] = {}
    duplicates = 0
    for record in records:
        body: dict[str, Any] = json.loads(record["body"])
        key = record["endpoint"], record["id"]
        if record["id"] != body["id"]:
            wrong.append(f"the header has another id than the body: {key}")
        if key in bodies:
            duplicates += 1
            if bodies[key] != record["body"]:
                wrong.append(f"a duplicate with another body: {key}")
            continue
        bodies[key] = record["body"]
        sequence = record["endpoint"], body["conversation"]["id"]
        firsts[sequence].append((body["number"], body["id"]))
    for sequence in expected.keys() | firsts.keys():
        wanted = list(enumerate(expected.get(sequence, []), start=1))
        if firsts.get(sequence, []) != wanted:
            wrong.append(f"{sequence}: {_difference(firsts.get(sequence, []), wanted)}")
    events = sum(len(each) for each in expected.values())
    return Findings(events, len(records), duplicates, wrong)


def _expected() -> dict[_Sequence, list[str]]:
    """Return the ids of the events that each endpoint has to get of each conversation, in order."""
    endpoints = list(WebhookEndpoint.objects.all())
    expected = defaultdict(list)
    for event in OutboxEvent.objects.order_by("pk"):
        for endpoint in endpoints:
            if wants(endpoint.event_types, event.type):
                expected[endpoint.name, event.conversation_id].append(str(event.uid))
    return expected


def _difference(got: list[tuple[int, str]], wanted: list[tuple[int, str]]) -> str:
    missing = [number for number, _ in wanted if number not in dict(got)]
    if missing:
        return f"{len(missing)} of {len(wanted)} are missing, the first is {missing[0]}"
    return f"out of order: {[number for number, _ in got]}"
