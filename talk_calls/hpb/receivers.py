"""Wakes the sender when something changed of which the HPB has to be told."""

from talk_calls.services import hpb_changes


def connect() -> None:
    """Connect the receiver; called once when the app is ready."""
    hpb_changes.committed.connect(wake, dispatch_uid="talk_calls.hpb")


def wake(conversation_id: int, **kwargs: object) -> None:
    """Tell the HPB about a conversation; only now the packages of external signaling are loaded."""
    from talk_calls.hpb import sender

    sender.wake(conversation_id)
