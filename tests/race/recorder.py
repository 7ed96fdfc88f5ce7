"""Receivers that record events in the database of the site."""

import os
import time
from typing import Any

from talk_calls.signals import SIGNALS, CallEnded, CallStarted, Event
from tests.race.models import CallRecord, EventRecord

#: Seconds that a receiver takes, as real ones do, so that processes are killed meanwhile.
_DURATION = 0.02


def connect() -> None:
    """Connect to all signals; with RACE_RECORD=calls only to starts and ends of calls."""
    only_calls = os.environ.get("RACE_RECORD") == "calls"
    for kind, signal in SIGNALS.items():
        if kind in (CallStarted, CallEnded):
            signal.connect(_record_call)
        elif not only_calls:
            signal.connect(_record_other)


def _record_call(event: CallStarted | CallEnded, **kwargs: Any) -> None:
    time.sleep(_DURATION)
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
