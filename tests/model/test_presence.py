"""Random orders of steps: the app behaves like the reference (``make model STEPS=…`` does more)."""

import os
import sys

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import DONE, Presence

#: Steps of one run of the machine.
STEPS_EACH = 50

STEPS = int(os.environ.get("STEPS", "1000"))

#: Number of test cases, which can run in parallel.
PARTS = 4

#: Whether to search for the shortest failing history, which may take minutes.
SHRINK = os.environ.get("SHRINK", "1") == "1"


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_presence(part):
    """Services, time and refusals in any order; all invariants hold after each step."""
    run_state_machine_as_test(
        Presence,
        settings=settings(
            max_examples=max(1, STEPS // STEPS_EACH // PARTS),
            stateful_step_count=STEPS_EACH,
            phases=[Phase.generate, *([Phase.shrink] if SHRINK else [])],
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    for what, count in sorted(DONE.items()):
        sys.stdout.write(f"{count:>9,}  {what or 'open'}\n")
