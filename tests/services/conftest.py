"""Time that only the tests move, and the events that are sent."""

import pytest

from talk_calls.signals import SIGNALS, Event
from tests.times import START


@pytest.fixture
def clock(time_machine):
    """Keep the real clock behind the times that a test passes in."""
    time_machine.move_to(START, tick=False)


@pytest.fixture
def sent():
    """Collect the events of all signals, in order."""
    received: list[Event] = []

    def hear(event, sender, **_):
        assert sender is type(event)
        received.append(event)

    for signal in SIGNALS.values():
        signal.connect(hear)
    yield received
    for signal in SIGNALS.values():
        signal.disconnect(hear)


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Return a context manager at whose end the hooks of a commit run."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
