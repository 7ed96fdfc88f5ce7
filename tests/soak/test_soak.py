"""The soak itself, for some seconds, and the slope that it computes."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.attacks.harness.state import State
from tests.soak.slope import slope

_STATE = State(cpu=0, database_cpu=0, rss=100_000, files=0, threads=0, connections=0)

#: A soak that is as short as can be.
_SHORT = (
    "--seconds",
    "12",
    "--rate",
    "100",
    "--warm-up",
    "1",
    "--aborted",
    "60",
    "--small",
    "200",
    "--rest",
    "1",
)


def _samples(count: int, kib: float):
    """Return samples every 250 requests: a warm-up that grows fast, then by KiB for each 1,000."""
    for number in range(count):
        sent = 250 * number
        grown = min(sent, 250 * count * 0.2) * 10 + kib * sent / 1000
        yield sent, replace(_STATE, rss=round(_STATE.rss + grown))


def test_slope_of_a_warm_server():
    """What a server takes while it gets warm is no growth."""
    assert slope([*_samples(120, 0)]) == pytest.approx(0, abs=0.1)
    assert slope([*_samples(120, 40)]) == pytest.approx(40, abs=1)


@pytest.mark.parametrize("count", [0, 1, 20])
def test_slope_of_few_samples(count):
    """Some seconds tell nothing about growth."""
    assert slope([*_samples(count, 40)]) is None


@pytest.mark.postgresql
@pytest.mark.redis
def test_short_soak():
    """All kinds of traffic reach a production site, no answer is a 5xx, and nothing stays open."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", *_SHORT, "--json"],
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    phases = {phase["name"]: phase for phase in json.loads(done.stdout)["phases"]}
    assert {name: phase["wrong"] for name, phase in phases.items()} == {
        "mixed traffic": [],
        "aborted polls": [],
        "small requests": [],
    }
    mixed, aborted, small = (phase["outcome"]["actions"] for phase in phases.values())
    assert {"room join", "call join", "call list", "send", "call page"} <= mixed.keys()
    assert aborted["poll, aborted"]["statuses"] == {"-": 60}
    assert sum(sum(each["statuses"].values()) for each in small.values()) >= 200
    assert all(phase["after"]["rss"] > 50_000 for phase in phases.values())
