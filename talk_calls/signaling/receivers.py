"""Polls hear of what changes who is in a conversation, or what they may see of it."""

from typing import Any

from talk_calls import signals
from talk_calls.signaling import wakeup

_NEWS = (
    signals.call_joined,
    signals.call_flags_changed,
    signals.call_left,
    signals.session_opened,
    signals.session_closed,
    signals.conversation_changed,
)


def connect() -> None:
    """Bind the receiver; called once when the app is ready."""
    for signal in _NEWS:
        signal.connect(tell, dispatch_uid="talk_calls.signaling")


def tell(event: signals.Event, **kwargs: Any) -> None:
    """Wake the polls of the conversation, in all processes."""
    wakeup.tell(event.conversation_id)
