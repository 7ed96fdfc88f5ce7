"""Time that only the tests move."""

import pytest

from tests.times import START


@pytest.fixture
def clock(time_machine):
    """Keep the real clock behind the times that a test passes in."""
    time_machine.move_to(START, tick=False)
