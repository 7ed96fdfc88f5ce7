"""Signals of this app are Django's own (tests/services/test_events.py has how they are sent)."""

from django.dispatch import Signal

from talk_calls import signals
from talk_calls.signals import SIGNALS, Event


def test_every_event_has_its_signal():
    """Each kind of event has a signal that sends it."""
    kinds = {
        kind
        for kind in vars(signals).values()
        if isinstance(kind, type) and issubclass(kind, Event)
    }
    assert kinds - {Event, signals.ActorEvent} == set(SIGNALS)
    assert len(set(SIGNALS.values())) == len(SIGNALS)
    assert {type(signal) for signal in SIGNALS.values()} == {Signal}
