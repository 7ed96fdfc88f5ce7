"""Wakes polls when something changes who is in a conversation, or what they may see of it."""

from talk_calls import signals
from talk_calls.signaling import wakeup
from talk_calls.signaling.hub import Topic

#: What happens so often, in large calls, that it wakes nobody who waits for the chat, which says
#: nothing of it.
_SILENT = (signals.CallFlagsChanged, signals.SessionOpened, signals.SessionClosed)

_CHANGES = (
    signals.call_joined,
    signals.call_flags_changed,
    signals.call_left,
    signals.session_opened,
    signals.session_closed,
    signals.conversation_changed,
)


def connect() -> None:
    """Connect the receiver; called once when the app is ready."""
    for signal in _CHANGES:
        signal.connect(notify, dispatch_uid="talk_calls.signaling")


def notify(event: signals.Event, **kwargs: object) -> None:
    """Wake what waits in the event's conversation, in all processes."""
    topic = Topic.SIGNALING if isinstance(event, _SILENT) else None
    wakeup.notify(event.conversation_id, topic=topic)
