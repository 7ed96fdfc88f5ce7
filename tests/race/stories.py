"""The history of a conversation, as the events that are stored for webhooks tell it."""

from collections.abc import Sequence
from typing import NamedTuple

from talk_calls.constants import EventType
from talk_calls.models import OutboxEvent


class Leg(NamedTuple):
    """A leg; the reason is empty while it is open."""

    call_id: int
    session_key: str
    reason: str


class Story:
    """Calls and legs in the order in which the events tell them.

    ``errors`` are events that do not follow from those before: a second start, a leg outside of the
    running call, somebody who leaves without being in it, an end with somebody in it.
    """

    def __init__(self, conversation_id: int, events: Sequence[OutboxEvent]) -> None:
        self.conversation_id = conversation_id
        self.calls: list[int] = []
        self.legs: list[Leg] = []
        self.errors: list[str] = []
        self._running: int | None = None
        self._open: dict[str, int] = {}
        for event in events:
            if not self._follows(event):
                self.errors.append(f"conversation {conversation_id}: {event} {event.payload}")

    def _follows(self, event: OutboxEvent) -> bool:
        facts = event.payload
        match event.type:
            case EventType.CALL_STARTED:
                return self._start(facts["call_id"])
            case EventType.CALL_JOINED:
                return self._join(facts["call_id"], facts["session_key"])
            case EventType.CALL_FLAGS_CHANGED:
                return facts["session_key"] in self._open
            case EventType.CALL_LEFT:
                return self._leave(facts["session_key"], facts["reason"])
            case EventType.CALL_ENDED:
                return self._end(facts["call_id"])
        return True

    def _start(self, call_id: int) -> bool:
        follows = self._running is None
        self._running = call_id
        self.calls.append(call_id)
        return follows

    def _join(self, call_id: int, session_key: str) -> bool:
        follows = call_id == self._running and session_key not in self._open
        self._open[session_key] = len(self.legs)
        self.legs.append(Leg(call_id, session_key, ""))
        return follows

    def _leave(self, session_key: str, reason: str) -> bool:
        place = self._open.pop(session_key, None)
        if place is None:
            return False
        self.legs[place] = self.legs[place]._replace(reason=reason)
        return True

    def _end(self, call_id: int) -> bool:
        follows = self._running == call_id and not self._open
        self._running = None
        return follows
