"""Where metrics are off, or cannot be measured, there is nothing of them."""

import json
import os
import subprocess
import sys

import pytest

#: What a site does at its start and for a request, and which modules it has then.
SITE = """
import json, sys, django
from tests import settings
settings.TALK_CALLS = {values}
django.setup()
from django.core.checks import run_checks
from django.test import Client
Client().get("/ocs/v2.php/apps/spreed/api/v4/nonsense")
from talk_calls.ocs.observation import place
from talk_calls.services import events, sessions
from talk_calls.signaling import wakeup
signals = [events.committed, sessions.pinged, wakeup.hint_dropped, wakeup.hints_cut_off]
ours = ("prometheus_client", "talk_calls.metrics")
loaded = [name for name in sys.modules if name.startswith(ours)]
print(json.dumps({{
    "loaded": sorted(loaded),
    "observer": place.observer is not None,
    "receivers": sum(signal.has_listeners() for signal in signals),
    "checks": [each.id for each in run_checks() if each.id == "talk_calls.E031"],
}}))
"""


def started(values: dict, **environment: str) -> dict:
    """Return what a site with these settings has loaded and connected after a request."""
    ran = subprocess.run(
        [sys.executable, "-c", SITE.format(values=values)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **environment},
        capture_output=True,
        check=False,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("values", [{}, {"METRICS": False}])
def test_off(values):
    """Nothing is imported, nobody observes, nothing is connected."""
    assert started(values) == {"loaded": [], "observer": False, "receivers": 0, "checks": []}


def test_on():
    """The test above would see it."""
    found = started({"METRICS": True})
    assert "prometheus_client" in found["loaded"]
    assert (found["observer"], found["receivers"], found["checks"]) == (True, 4, [])


def test_on_with_a_directory_that_is_missing(tmp_path):
    """The site answers, measures nothing, and the check says why."""
    found = started({"METRICS": True}, PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "missing"))
    assert found == {
        "loaded": [],
        "observer": False,
        "receivers": 0,
        "checks": ["talk_calls.E031"],
    }
