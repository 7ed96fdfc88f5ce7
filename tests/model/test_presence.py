"""Any order of steps: the app does what the reference says (``make model STEPS=…`` does more)."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Presence

#: Steps of one run of the machine.
STEPS_EACH = 50

STEPS = int(os.environ.get("STEPS", "1000"))


@pytest.mark.django_db
def test_presence():
    """Every service, every clock, every refusal; all invariants after each step."""
    run_state_machine_as_test(
        Presence,
        settings=settings(
            max_examples=max(1, STEPS // STEPS_EACH),
            stateful_step_count=STEPS_EACH,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
