"""Receivers that write down what they are told, in the database of the site."""

from typing import Any

from race.models import CallRecord, EventRecord
from talk_calls.signals import SIGNALS, CallEnded, CallStarted, Event


def connect() -> None:
    """Listen to everything."""
    for kind, signal in SIGNALS.items():
        signal.connect(_record_call if kind in (CallStarted, CallEnded) else _record_other)


def _record_call(event: CallStarted | CallEnded, **kwargs: Any) -> None:
    CallRecord.objects.create(
        kind=type(event).__name__, call_id=event.call_id, conversation_id=event.conversation_id
    )


def _record_other(event: Event, **kwargs: Any) -> None:
    EventRecord.objects.create(
        kind=type(event).__name__,
        conversation_id=event.conversation_id,
        call_id=getattr(event, "call_id", None),
        session_key=getattr(event, "session_key", ""),
    )
