"""What ``everywhere`` tests holds with each user model."""

import os
import subprocess
import sys

import pytest

from tests.reference_anchors import ROOT

OPTIONS = ["--no-migrations", "--ds=tests.user_models.settings", "-p", "no:cacheprovider"]


@pytest.mark.parametrize("model", ["EmailUser", "UuidUser", "NickUser"])
def test_user_model(model):
    """Run the tests in a process whose site has this user model."""
    tests = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pytest", "-q", *OPTIONS, "tests/user_models/everywhere.py"],
        cwd=ROOT,
        # What does not fit the model is skipped there, and missing in no run of ours.
        env={**os.environ, "USER_MODEL": model, "TALK_CALLS_REQUIRE_ALL": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout[-5000:] + tests.stderr[-2000:]
